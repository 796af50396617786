import Consensus
import Cryptography
import Gossip
import Execution
import Ledger
import Logging
import Networking
import Primitives
import Storage
import WorldState

/// What the replica wants done.
extension Core {
    func perform(_ effect: Effect) {
        switch effect {
        case .persist(let record, let sequence): persist(record, sequence)
        case .send(let message, let destination): send(message, to: destination)
        case .serveBlocks(_, let peer):
            // A word about this node's height, upon which the peer asks for what it lacks.
            send(.status(status), to: [Link(peer.rawValue)])
        case .requestBlocks(let heights, let peer): give(.requestBlocks(heights, of: Link(peer.rawValue)))
        case .check(let question): check(question)
        case .build(let request): behind(Height(request.height.rawValue - 1)) { $0.build(request) }
        case .execute(let request): behind(Height(request.proposal.draft.height.rawValue - 1)) { $0.execute(request) }
        case .shareTransactions: give(.shareTransactions)
        case .prioritise(let hashes): give(.prioritise(hashes.map { EnvelopeHash(payload: $0) }))
        case .deliver(let block, _): deliver(block)
        case .submitEvidence(let evidence): report(evidence)
        case .alarm(let alarm): raise(alarm)
        }
    }

    private func send(_ message: ConsensusMessage, to destination: Destination) {
        switch destination {
        case .validators: give(.sendConsensus(message.bcs, to: nil))
        case .peer(let peer):
            // Consensus goes to validators alone; others follow by blocks.
            if let key = links[Link(peer.rawValue)]?.validator { give(.sendConsensus(message.bcs, to: key)) }
        }
    }

    // ── Proposals ──

    private func check(_ question: ProposalCheck) {
        let draft = question.proposal.draft
        if let known = knownBodies(of: question.proposal, question.draftDigest) { return judge(question, known) }
        checks[question.draftDigest] = question
        give(.fetchBodies(request(for: question.proposal, question.draftDigest, proposer: draft.proposer)))
    }

    private func request(for proposal: Proposal, _ digest: Digest, proposer: ValidatorIndex) -> BodiesRequest {
        let set = replica.position.epoch.validators
        let own = environment.keys.consensus?.publicKey
        let first = set[proposer].map { [$0.consensusKey] } ?? []
        let others = set.validators.map(\.consensusKey).filter { $0 != own && !first.contains($0) }
        return BodiesRequest(
            draftDigest: digest, height: proposal.draft.height, hashes: proposal.payload.map { EnvelopeHash(payload: $0) }, holders: first + others)
    }

    func bodiesCame(_ digest: Digest, _ transactions: [Verified<SignedTransaction>]) {
        guard let question = checks.removeValue(forKey: digest) else { return }
        let values = transactions.map(\.value)
        bodies[digest] = Bodies(height: question.proposal.draft.height, transactions: values)
        judge(question, values)
    }

    func bodiesAreInvalid(_ digest: Digest) {
        guard checks.removeValue(forKey: digest) != nil else { return }
        give(.proposalChecked(draftDigest: digest, .invalid(reason: "a signature does not hold, or the bodies are too large")))
    }

    private func judge(_ question: ProposalCheck, _ transactions: [SignedTransaction]) {
        behind(Height(question.proposal.draft.height.rawValue - 1)) { core in
            let owner = core.owner!
            core.environment.keeper.post { keeper in
                guard let verdict = keeper.check(question, transactions) else { return }
                owner.post { $0.give(.proposalChecked(draftDigest: question.draftDigest, verdict)) }
            }
        }
    }

    /// The bodies of a proposal, wherever they are: gathered before, of this node's own making, or in the pool.
    func knownBodies(of proposal: Proposal, _ digest: Digest) -> [SignedTransaction]? {
        if let known = bodies[digest] { return known.transactions }
        var found: [SignedTransaction]?
        if proposal.payload.isEmpty {
            found = []
        } else if built.count == proposal.payload.count, zip(built, proposal.payload).allSatisfy({ $0.value.envelopeHash.digest == $1 }) {
            found = built.map(\.value)
        }
        guard let found else { return nil }
        bodies[digest] = Bodies(height: proposal.draft.height, transactions: found)
        // Gossip keeps them for others until the height is final, whatever becomes of the pool.
        if !found.isEmpty { give(.fetchBodies(request(for: proposal, digest, proposer: proposal.draft.proposer))) }
        return found
    }

    private func build(_ request: ProposalRequest) {
        guard let key = environment.keys.vrf, delivered.successor == request.height, request.view >= replica.view else { return }
        let newest = environment.published.newest, now = Timestamp.now
        let rules = TransactionRules(chainID: environment.chainID, height: request.height, parameters: newest.parameters)
        let owner = owner!
        let selected = mustWait ? [] : gossip.select(rules: rules, account: { [log = environment.log] in newest.account($0, log) }).transactions
        built = selected
        environment.keeper.post { keeper in
            let proposal = keeper.chain.build(request, selected.map(\.value), with: key, now: now)
            let mustWait = keeper.chain.mustWait
            owner.post { core in
                core.mustWait = mustWait
                core.give(.proposalBuilt(proposal))
            }
        }
    }

    private func execute(_ request: ExecutionRequest) {
        guard let transactions = knownBodies(of: request.proposal, request.draftDigest) else {
            return environment.log.critical("no bodies for a proposal that was judged", metadata: ["height": "\(request.proposal.draft.height)"])
        }
        let owner = owner!
        environment.keeper.post { keeper in
            guard let executed = keeper.execute(request, transactions) else { return }
            owner.post { $0.give(.executed(executed)) }
        }
    }

    // ── Final blocks ──

    private func deliver(_ block: CertifiedBlock) {
        guard let transactions = knownBodies(of: block.proposal, block.header.draft.digest) else {
            return environment.log.critical("no bodies for a block that was decided", metadata: ["height": "\(block.height)"])
        }
        let owner = owner!
        environment.keeper.post { keeper in
            guard let delivered = keeper.deliver(block, transactions) else { return }
            let touched = delivered.accounts.map { TouchedAccount(address: $0.address, state: $0.state) }
            let parameters = delivered.parameters
            owner.post { $0.delivered(block, transactions, touched, parameters) }
        }
    }

    private func delivered(_ block: CertifiedBlock, _ transactions: [SignedTransaction], _ touched: [TouchedAccount], _ parameters: NetworkParameters) {
        let height = block.height
        delivered = height
        let proposer = proposerKey(of: block.header.draft)
        for digest in bodies.keys.filter({ bodies[$0].map { $0.height < height } ?? false }) { bodies[digest] = nil }
        checks = checks.filter { $0.value.proposal.draft.height > height }
        built = []
        environment.transport.setHeight(height)
        tellValidators()
        give(.serves(status))
        give(.committed(CommittedBlock(height: height, proposer: proposer, transactions: transactions, touched: touched, parameters: parameters)))
        submissions.committed(transactions, at: height)
        admission.delivered(transactions.count, waiting: waitingCount, now: .now)
        judging.reached(height) { give(.blockJudged($0, accepted: true)) }
        retireJournal()
        runDeferred()
        judgeNext()
    }

    private func proposerKey(of draft: HeaderDraft) -> PublicKey? {
        replica.position.validatorSets.first { $0.epoch == draft.epoch }?[draft.proposer]?.consensusKey
    }

    // ── What an operator must hear of ──

    /// Alarms that are remembered; a node that is well has none.
    private static let alarmsMax = 64

    private func raise(_ alarm: Alarm) {
        alarms = Array(alarms.suffix(Self.alarmsMax - 1)) + [alarm]
        alarmCount += 1
        environment.log.critical("\(alarm.text)", metadata: ["code": "\(alarm.code)"])
    }
}

extension Published.Newest {
    /// The account at this state; nil when there is none, and when the store fails, which is logged: a transaction is then refused.
    func account(_ address: Address, _ log: Logger) -> AccountState? {
        do { return try AccountRecords.account(address, in: view) } catch {
            log.error("reading account \(address): \(error)")
            return nil
        }
    }
}
