import Consensus
import Primitives

/// What corrupt validators do with the words of the replicas that they run, and what they say beside them. They conspire: all
/// they see, they know together. They sign with their own keys alone.
final class Adversary {
    let plan: RunPlan
    let signers: [Int: SimulatedSigner]
    var chance: SeededGenerator
    /// What was seen, for sending again later.
    private var memory: [ConsensusMessage] = []
    private var votedFor: Set<PrepareStatement> = []
    private var committedTo: Set<CommitStatement> = []

    init(plan: RunPlan, seed: UInt64) {
        self.plan = plan
        signers = Dictionary(uniqueKeysWithValues: plan.corrupt.keys.map { ($0, SimulatedSigner(Keys.consensus($0))) })
        chance = SeededGenerator(seed: seed)
    }

    private func does(_ behaviour: Behaviour, _ node: SimulatedNode) -> Bool { plan.corrupt[node.key]?.contains(behaviour) ?? false }
    private func coin(_ numerator: UInt64 = 1, in denominator: UInt64 = 2) -> Bool { chance.chance(numerator, in: denominator) }
    private func some(of receivers: [Int]) -> [Int] { receivers.filter { _ in coin() } }

    /// The corrupt node's place among the voters, and what it may sign with.
    func identity(_ node: SimulatedNode) -> (index: ValidatorIndex, signer: SimulatedSigner)? {
        guard let signer = signers[node.key], let index = node.replica.position.epoch.validators.index(of: signer.key) else { return nil }
        return (index, signer)
    }

    /// What leaves the machine instead of `message`.
    func transform(_ message: ConsensusMessage, of node: SimulatedNode, to receivers: [Int], in simulation: Simulation) -> [(ConsensusMessage, [Int])] {
        var out: [(ConsensusMessage, [Int])] = []
        switch message {
        case .prePrepare(let own) where own.vote.statement.view == own.proposal.draft.originView:
            out = propose(own, of: node, to: receivers)
        case .viewChange(let own) where does(.forget, node): out = [(forgetful(own, of: node) ?? message, receivers)]
        case .newView(let own) where does(.distortNewView, node): out = distort(own, of: node, to: receivers)
        case .commit(let own) where does(.lieAboutRoots, node) && coin(): out = [(wrongRoot(own, of: node) ?? message, receivers)]
        case .status(let own):
            out = [(does(.lieAboutHeight, node) ? exaggerate(own, of: node) ?? message : message, receivers)]
            if does(.flood, node) { out += flood(node, to: receivers) }
            if does(.usurp, node), coin(1, in: 3), let view = usurpable(node) {
                out += proposal(of: node, view: view, payload: Array(node.open.prefix(2)), time: simulation.reading(node)).map { [($0, receivers)] } ?? []
            }
            if does(.replay, node), let old = memory.isEmpty ? nil : memory[chance.below(memory.count)] { out.append((old, receivers)) }
        default: out = [(message, receivers)]
        }
        if does(.withhold, node), message.vote != nil, coin() { out.removeAll() }
        if does(.sendPartially, node), message.vote != nil { out = out.map { ($0.0, some(of: $0.1)) } }
        return out
    }

    /// Listens, and answers with votes that nobody should give.
    func observe(_ message: ConsensusMessage, at node: SimulatedNode, in simulation: Simulation) {
        if memory.count < 256 { memory.append(message) } else { memory[chance.below(256)] = message }
        guard does(.voteForAll, node), let (index, signer) = identity(node), let vote = message.vote,
              message.epoch == node.replica.position.epoch.epoch else { return }
        let others = simulation.nodes.indices.filter { $0 != node.number }
        let digest: Digest
        switch vote {
        case .prePrepare(let vote): digest = vote.statement.draftDigest
        case .prepare(let vote): digest = vote.statement.draftDigest
        case .commit(let vote):
            digest = vote.statement.draftDigest
            if case .commit(let commit) = message, committedTo.insert(vote.statement).inserted {
                simulation.broadcast(
                    .commit(Commit(vote: signer.vote(vote.statement, as: index), result: commit.result)), from: node, to: some(of: others))
            }
        case .viewChange, .newView: return
        }
        let prepare = PrepareStatement(epoch: vote.place.epoch, height: vote.place.height, view: vote.place.view, draftDigest: digest)
        if votedFor.insert(prepare).inserted {
            simulation.broadcast(.prepare(signer.vote(prepare, as: index)), from: node, to: coin() ? others : some(of: others))
        }
    }

    /// A block as this node hands it to somebody who is behind.
    func distort(_ block: CertifiedBlock, of node: SimulatedNode) -> CertifiedBlock {
        guard does(.serveWrongBlocks, node) else { return block }
        switch chance.below(3) {
        case 0: return CertifiedBlock(header: block.header, certificate: block.certificate, payload: block.payload.reversed().dropLast())
        case 1:
            let result = with(block.header.result, root: node.signer.hash(.header, block.payload.flatMap(\.bytes)))
            return CertifiedBlock(header: Header(draft: block.header.draft, result: result), certificate: block.certificate, payload: block.payload)
        default:
            let fewer = CommitCertificate(statement: block.certificate.statement, signatures: Array(block.certificate.signatures.dropLast()))
            return CertifiedBlock(header: block.header, certificate: fewer ?? block.certificate, payload: block.payload)
        }
    }

    // MARK: Proposals

    private func propose(_ own: PrePrepare, of node: SimulatedNode, to receivers: [Int]) -> [(ConsensusMessage, [Int])] {
        let (view, draft) = (own.vote.statement.view, own.proposal.draft)
        var payload = own.proposal.payload
        var time = draft.time
        if does(.lieAboutTime, node) {
            let off = 600 + chance.below(UInt64(200_000))
            time = Timestamp(coin() ? time.rawValue + off : max(time.rawValue, off) - off)
        }
        if does(.censor, node) {
            switch chance.below(4) {
            case 0: payload.append(Digest(chance.bytes(32))!)
            case 1: payload += payload
            case 2: payload += Array(node.included.sorted().prefix(1))
            default: payload.removeAll()
            }
        }
        guard let first = proposal(of: node, view: view, payload: payload, time: time) else { return [] }
        guard does(.equivocate, node), let (index, signer) = identity(node),
              let second = proposal(of: node, view: view, payload: payload.reversed(), time: time.successor),
              case .prePrepare(let other) = second else { return [(first, receivers)] }
        let statement = other.vote.statement
        let prepare = PrepareStatement(epoch: statement.epoch, height: statement.height, view: view, draftDigest: statement.draftDigest)
        let side = some(of: receivers)
        return [
            (first, receivers.filter { !side.contains($0) || coin(1, in: 8) }), (second, side),
            (.prepare(signer.vote(prepare, as: index)), coin() ? side : receivers),
        ]
    }

    /// A fresh proposal of this node for the height that it is at.
    private func proposal(of node: SimulatedNode, view: View, payload: [Digest], time: Timestamp) -> ConsensusMessage? {
        guard let (index, signer) = identity(node) else { return nil }
        let position = node.replica.position
        let proof = Keys.proof(Keys.vrf(node.key), position.beacon)
        let draft = HeaderDraft(
            height: position.height.successor, epoch: position.epoch.epoch, originView: view, time: time, proposer: index,
            parentHash: position.headerHash, transactionsRoot: signer.transactionsRoot(of: payload),
            validatorsHash: position.epoch.validatorsHash, vrfProof: proof, beacon: Keys.beacon(proof, position.beacon),
            protocolVersion: 1, parentVotes: position.certificate?.signers ?? ValidatorBitmap())
        let statement = PrePrepareStatement(
            epoch: draft.epoch, height: draft.height, view: view, draftDigest: signer.draftDigest(draft))
        return .prePrepare(PrePrepare(
            vote: signer.vote(statement, as: index), proposal: Proposal(draft: draft, payload: payload),
            parentCertificate: position.certificate))
    }

    private func usurpable(_ node: SimulatedNode) -> View? {
        guard let (index, _) = identity(node) else { return nil }
        return node.replica.report.primary == index ? nil : node.replica.view
    }

    // MARK: Lies

    private func forgetful(_ own: ViewChange, of node: SimulatedNode) -> ConsensusMessage? {
        guard let (index, signer) = identity(node) else { return nil }
        let statement = own.vote.statement
        return .viewChange(ViewChange(
            vote: signer.vote(ViewChangeStatement(
                epoch: statement.epoch, height: statement.height, view: statement.view, parentHash: statement.parentHash,
                prepared: nil), as: index),
            prepared: nil))
    }

    /// Starts the view with nothing, or on the word of fewer, and makes a fresh proposal where it should repeat one.
    private func distort(_ own: NewView, of node: SimulatedNode, to receivers: [Int]) -> [(ConsensusMessage, [Int])] {
        guard let (index, signer) = identity(node) else { return [] }
        let statement = own.vote.statement
        let free = NewViewStatement(
            epoch: statement.epoch, height: statement.height, view: statement.view, parentHash: statement.parentHash, prepared: nil)
        let changes = coin(1, in: 3) ? Array(own.viewChanges.prefix(own.viewChanges.count / 2 + 1)) : own.viewChanges
        guard let message = NewView(
            vote: signer.vote(free, as: index), viewChanges: changes, parentCertificate: own.parentCertificate, prepared: nil)
        else { return [] }
        let time = node.replica.position.time.rawValue + 1 + chance.below(UInt64(3_000))
        let fresh = proposal(of: node, view: statement.view, payload: [], time: Timestamp(max(time, node.replica.clock.rawValue)))
        return [(.newView(message), receivers)] + (fresh.map { [($0, receivers)] } ?? [])
    }

    private func wrongRoot(_ own: Commit, of node: SimulatedNode) -> ConsensusMessage? {
        guard let (index, signer) = identity(node) else { return nil }
        let statement = own.vote.statement
        let wrong = CommitStatement(
            epoch: statement.epoch, height: statement.height, view: statement.view, draftDigest: statement.draftDigest,
            headerHash: signer.hash(.header, statement.headerHash.bytes))
        return .commit(Commit(vote: signer.vote(wrong, as: index), result: with(own.result, root: wrong.headerHash)))
    }

    private func exaggerate(_ own: Status, of node: SimulatedNode) -> ConsensusMessage? {
        guard let (index, signer) = identity(node) else { return nil }
        let told = StatusStatement(
            epoch: own.epoch, height: Height(own.statement.height.rawValue + 1 + chance.below(UInt64(500))), view: 0,
            progress: .prepareSent, challenge: 0)
        let bytes = SigningDomain.status.signedBytes(told, chainID: Keys.chainID)
        return .status(Status(signer: index, statement: told, signature: signer.sign(bytes), certificate: nil))
    }

    private func flood(_ node: SimulatedNode, to receivers: [Int]) -> [(ConsensusMessage, [Int])] {
        guard let (index, signer) = identity(node) else { return [] }
        let position = node.replica.position
        let (here, next) = (position.height.successor, position.height.successor.successor)
        var out: [(ConsensusMessage, [Int])] = []
        for number in 0..<60 {
            let view = View(chance.below(UInt64(1_000)))
            let statement = PrepareStatement(
                epoch: position.epoch.epoch, height: number % 4 == 0 ? here : next, view: view, draftDigest: Digest(chance.bytes(32))!)
            out.append((.prepare(signer.vote(statement, as: index)), receivers))
        }
        let change = ViewChangeStatement(
            epoch: position.epoch.epoch, height: here, view: View(1 + chance.below(UInt64(50))), parentHash: position.headerHash, prepared: nil)
        out.append((.viewChange(ViewChange(vote: signer.vote(change, as: index), prepared: nil)), receivers))
        for envelope in (0..<4).map({ _ in Digest(chance.bytes(32))! }) + node.open.prefix(1) {
            let statement = ComplaintStatement(epoch: position.epoch.epoch, height: position.height, envelopeHash: envelope)
            let bytes = SigningDomain.complaint.signedBytes(statement, chainID: Keys.chainID)
            out.append((.complaint(Complaint(signer: index, statement: statement, signature: signer.sign(bytes))), receivers))
        }
        if node.replica.report.primary == index {
            for number in 0..<8 {
                let time = Timestamp(node.replica.clock.rawValue + UInt64(number))
                if let proposal = proposal(of: node, view: node.replica.view, payload: [], time: time) { out.append((proposal, receivers)) }
            }
        }
        return out
    }

    private func with(_ result: HeaderResult, root: Digest) -> HeaderResult {
        HeaderResult(
            stateRoot: root, receiptsRoot: result.receiptsRoot, eventsRoot: result.eventsRoot, gasUsed: result.gasUsed,
            nextValidatorsHash: result.nextValidatorsHash)
    }
}
