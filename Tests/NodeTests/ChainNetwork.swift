import ChainKit
import Consensus
import Contracts
import Cryptography
import Execution
import Ledger
@testable import Node
import Primitives
import WorldState

/// Four validators in one thread: the production replica over the production executor, with real keys, hashes and signatures. Letters
/// travel as bytes; disks answer at once.
final class ChainNetwork {
    struct Member {
        let founder: Founder
        var replica: Replica<NodeCryptography>
        let chain: ChainExecutor
        var blocks: [CertifiedBlock] = []
        var receipts: [Receipt] = []
        var alarms: [Alarm] = []
        var isUp = true
    }

    var members: [Member] = []
    let genesis: Genesis
    /// Bodies by envelope hash: what a gossip layer would bring everywhere.
    private var bodies: [Digest: SignedTransaction] = [:]
    private var pool: [SignedTransaction] = []
    private var letters: [(from: Int, to: Int, bytes: [UInt8])] = []
    private var clock: Timestamp

    /// - Parameter loaders: one for each member.
    init(
        parameters: NetworkParameters, people: [Person], definitions: [any BuiltInContract.Type] = Catalogue.definitions,
        loaders: [any ContractLoader] = (0..<4).map { _ in PreparedContracts() }
    ) throws {
        let charter = GenesisCharter(chainName: "network", network: .development, time: TestChain.start, parameters: parameters)
        let founders = (0..<4).map { Founder(UInt64($0)) }
        let allocations = people.map { GenesisAllocation(account: $0.address, balance: TestChain.fortune) }.sorted { $0.account < $1.account }
        genesis = try GenesisState.sealed(
            Genesis(charter: charter, validators: founders.map { $0.entry(of: charter) }, allocations: allocations, stateRoot: .zero), definitions)
        clock = Timestamp(TestChain.start.rawValue + 1_000)
        for (founder, loader) in zip(founders, loaders) {
            let cryptography = NodeCryptography(key: founder.consensus)
            let position = try ChainPosition(genesis: genesis, cryptography: cryptography)
            let configuration = ReplicaConfiguration(
                chainID: genesis.chainID, consensusKey: founder.consensus.publicKey, viewTimeoutTicks: 500, viewTimeoutTicksMax: 4_000,
                statusTicks: 100, blockRequestTicks: 200)
            members.append(Member(
                founder: founder,
                replica: Replica(configuration: configuration, cryptography: cryptography, state: ReplicaState(position: position)),
                chain: try ChainExecutor(genesis: genesis, definitions: definitions, state: WorldState(opening: MemoryStore().snapshot()), loader: loader)))
        }
        for index in members.indices { try give(.start(.journalIntact, now: clock), to: index) }
    }

    /// Hands a transaction to everybody.
    func submit(_ transaction: SignedTransaction) throws {
        bodies[Digest(transaction.envelopeHash.bytes)!] = transaction
        pool.append(transaction)
        for index in members.indices { try give(.work(hasExecutable: true), to: index) }
    }

    /// Lets so many milliseconds pass, a tick each; letters take less than one.
    func pass(milliseconds: Int) throws {
        for _ in 0..<milliseconds {
            clock = Timestamp(clock.rawValue + 1)
            for index in members.indices { try give(.tick(now: clock), to: index) }
            while !letters.isEmpty {
                let batch = letters
                letters = []
                for letter in batch { try open(letter) }
            }
        }
    }

    private func open(_ letter: (from: Int, to: Int, bytes: [UInt8])) throws {
        let position = members[letter.to].replica.position
        let verifier = SignatureVerifier(
            chainID: genesis.chainID, validatorSets: [position.epoch.validators] + (position.previousValidators.map { [$0] } ?? []))
        do {
            let message = try ConsensusMessage(bcs: letter.bytes).authenticated(by: verifier)
            try give(.message(message, from: Peer(UInt64(letter.from)), arrival: clock), to: letter.to)
        } catch let error as SignatureError {
            guard case .epochUnknown = error else { throw error }
            // The sender is ahead: the article of `Consensus` says what a shell does.
            try give(.peerHeight(Peer(UInt64(letter.from)), members[letter.from].replica.position.height), to: letter.to)
        }
    }

    private func give(_ input: Input, to index: Int) throws {
        guard members[index].isUp else { return }
        var effects: [Effect] = []
        members[index].replica.step(input, into: &effects)
        for effect in effects { try perform(effect, of: index) }
    }

    private func perform(_ effect: Effect, of index: Int) throws {
        let chain = members[index].chain
        switch effect {
        case .persist(_, let sequence): try give(.persisted(through: sequence), to: index)
        case .send(let message, let destination):
            let receivers = switch destination {
            case .validators: members.indices.filter { $0 != index }
            case .peer(let peer): [Int(peer.rawValue)]
            }
            for receiver in receivers { letters.append((index, receiver, message.bcs)) }
        case .check(let question):
            let verdict = try chain.check(question, bodies: question.proposal.payload.compactMap { bodies[$0] })
            try give(.proposalChecked(draftDigest: question.draftDigest, verdict), to: index)
        case .build(let request):
            var body = BlockBody(rules: chain.rules)
            var chosen: [SignedTransaction] = []
            for transaction in pool {
                let account = body.needsAccount(of: transaction.sender) ? try chain.account(transaction.sender) : nil
                if (try? body.append(transaction, account: account)) != nil { chosen.append(transaction) }
            }
            try give(.proposalBuilt(chain.build(request, chosen, with: members[index].founder.vrf, now: clock)), to: index)
        case .execute(let request):
            try give(.executed(chain.execute(request, bodies: request.proposal.payload.compactMap { bodies[$0] })), to: index)
        case .deliver(let block, _):
            let delivered = try chain.deliver(block, bodies: block.payload.compactMap { bodies[$0] })
            members[index].blocks.append(block)
            members[index].receipts += delivered.receipts
            let executable = try pool.contains { try chain.account($0.sender).map { account in account.nonce } == $0.transaction.nonce }
            try give(.work(hasExecutable: executable), to: index)
        case .serveBlocks(let heights, let peer):
            for block in members[index].blocks where heights.contains(block.height) { try hand(block, from: index, to: Int(peer.rawValue)) }
        case .requestBlocks(let heights, let peer):
            let server = Int(peer.rawValue)
            for block in members[server].blocks where heights.contains(block.height) { try hand(block, from: server, to: index) }
        case .alarm(let alarm): members[index].alarms.append(alarm)
        case .shareTransactions, .prioritise, .submitEvidence: break
        }
    }

    private func hand(_ block: CertifiedBlock, from server: Int, to index: Int) throws {
        let position = members[index].replica.position
        let verifier = SignatureVerifier(
            chainID: genesis.chainID, validatorSets: [position.epoch.validators] + (position.previousValidators.map { [$0] } ?? []))
        if let verified = try? block.authenticated(by: verifier) { try give(.block(verified, from: Peer(UInt64(server))), to: index) }
    }
}
