@testable import Consensus
import Cryptography
import Primitives
import Testing

typealias TestReplica = Replica<TestCryptography>

/// A network of replicas in one thread, with a shell for each that does at once what effects ask. Messages travel as bytes.
/// A test scripts it: who is cut off, whose disk stalls, who computes another result, when time passes.
final class Network {
    struct Node {
        var replica: TestReplica
        /// What is durable: the fold of the acknowledged records.
        var journal: ReplicaState
        /// Delivered, therefore durable.
        var blocks: [CertifiedBlock] = []
        /// What the chain holds as far as the replica has committed, durably or not.
        var included: Set<Digest> = []
        var isUp = true
        /// Records written and not acknowledged while the disk stalls.
        var stalled: [(JournalRecord, UInt64)]?
        var alarms: [Alarm] = []
        var evidence: [Evidence] = []
        var hasWork = true
        /// Added to the clock that the node reads.
        var skew: Int64 = 0
        /// Whose key it has; a twin has that of another node.
        let key: Int
        /// The node crashes when it has written so many more records.
        var recordsUntilCrash: Int?
        /// A node that computes a state root of its own.
        var root: Digest?
        var passesOver: [Digest] = []
    }

    struct Letter {
        let from: Int
        let to: Int
        let bytes: [UInt8]
        let message: ConsensusMessage
        let arrival: Timestamp
    }

    var nodes: [Node] = []
    var letters: [Letter] = []
    /// Letters for which it says true are lost.
    var loses: (Letter) -> Bool = { _ in false }
    /// Everything ever sent, in order.
    var sent: [(from: Int, message: ConsensusMessage)] = []
    var pending: [Digest] = []
    var clock: Timestamp = Timestamp(Fixture.genesisTime.rawValue + 1_000)
    var nextEpoch: (ChainPosition) -> NextEpoch
    let genesis: ChainPosition
    /// Requests for blocks, in order: who asked whom for what.
    var requests: [(by: Int, of: Peer, heights: ClosedRange<Height>)] = []
    /// Whether letters wait for ``passRandomly(ticks:loss:in:)``.
    var isRandom = false
    private var mailbox: [(node: Int, input: Input)] = []
    private var isDraining = false
    /// Nodes that never answer a request for blocks.
    var withholdsBlocks: Set<Int> = []

    init(weights: [UInt64] = [1, 1, 1, 1], parameters: ConsensusParameters = Fixture.parameters(), observers: Int = 0, twins: [Int] = []) {
        genesis = Fixture.genesis(Fixture.validators(weights), parameters)
        nextEpoch = { position in
            let old = position.epoch.validators
            return NextEpoch(
                validators: try! ValidatorSet(epoch: old.epoch.successor, validators: old.validators), parameters: position.epoch.parameters)
        }
        for key in Array(0..<(weights.count + observers)) + twins {
            let state = ReplicaState(position: genesis)
            nodes.append(Node(replica: replica(key, state: state), journal: state, key: key))
        }
    }

    func replica(_ number: Int, state: ReplicaState) -> TestReplica {
        let key = Fixture.key(number)
        return TestReplica(configuration: Fixture.configuration(key), cryptography: TestCryptography(key: key), state: state)
    }

    // MARK: What a test tells the network

    func start(_ mode: StartMode = .journalIntact) {
        for node in nodes.indices { input(node, .start(mode, now: reading(node))) }
        for node in nodes.indices { input(node, .work(hasExecutable: hasExecutable(node))) }
        run()
    }

    /// Gives every node a transaction and runs until nothing moves.
    func submit(_ transactions: Int...) {
        pending += transactions.map(Fixture.transaction)
        for node in nodes.indices { input(node, .work(hasExecutable: hasExecutable(node))) }
        run()
        pass(ticks: 1)
    }

    func pass(ticks: Int, milliseconds: UInt64 = 100) {
        for _ in 0..<ticks {
            clock = Timestamp(clock.rawValue + milliseconds)
            for node in nodes.indices { input(node, .tick(now: reading(node))) }
            run()
        }
    }

    /// Passes ticks during each of which about two thirds of the letters arrive, in any order, some twice, and `loss` of 100 never.
    func passRandomly(ticks: Int, loss: UInt64, with generator: inout SeededGenerator) {
        for _ in 0..<ticks {
            clock = Timestamp(clock.rawValue + 100)
            for node in nodes.indices { input(node, .tick(now: reading(node))) }
            var due = letters
            letters = []
            while !due.isEmpty {
                let letter = due.swapRemove(at: generator.below(due.count))
                if generator.chance(loss, in: 100) { continue }
                if generator.chance(1, in: 3) { letters.append(letter) } else { deliver(letter) }
                if generator.chance(1, in: 20) { letters.append(letter) }
            }
        }
    }

    func crash(_ node: Int) {
        nodes[node].isUp = false
        nodes[node].stalled = nil
    }

    func restart(_ node: Int, _ mode: StartMode = .journalIntact, losingJournal: Bool = false) {
        if losingJournal { nodes[node].journal = ReplicaState(position: nodes[node].journal.position) }
        nodes[node].replica = replica(nodes[node].key, state: try! ReplicaState(bcs: nodes[node].journal.bcs))
        nodes[node].isUp = true
        nodes[node].included = Set(nodes[node].blocks.flatMap(\.payload))
        input(node, .start(mode, now: reading(node)))
        input(node, .work(hasExecutable: hasExecutable(node)))
        run()
    }

    /// Ends a stall: everything written becomes durable.
    func unstall(_ node: Int) {
        while let (record, sequence) = nodes[node].stalled?.first {
            nodes[node].stalled?.removeFirst()
            acknowledge(node, record, sequence)
        }
        nodes[node].stalled = nil
        run()
    }

    /// Delivers a message as if it came from `peer`, signed as it is.
    func inject(_ message: ConsensusMessage, to node: Int, from peer: Int) {
        letters.append(Letter(from: peer, to: node, bytes: message.bcs, message: message, arrival: reading(node)))
        run()
    }

    /// Delivers until nothing is under way, in order; not while a test delivers at random.
    func run() {
        guard !isRandom else { return }
        while !letters.isEmpty { deliver(letters.removeFirst()) }
    }

    // MARK: The shells

    func reading(_ node: Int) -> Timestamp { Timestamp(UInt64(Int64(clock.rawValue) + nodes[node].skew)) }

    func hasExecutable(_ node: Int) -> Bool { nodes[node].hasWork && !open(node).isEmpty }

    private func open(_ node: Int) -> [Digest] {
        pending.filter { !nodes[node].included.contains($0) }
    }

    func deliver(_ letter: Letter) {
        guard nodes[letter.to].isUp, !loses(letter) else { return }
        let checker = TestChecker(chainID: Fixture.chainID, sets: nodes[letter.to].replica.position.validatorSets)
        let peer = Peer(UInt64(letter.from))
        guard let message = try? ConsensusMessage(bcs: letter.bytes) else { return }
        do {
            input(letter.to, .message(try message.authenticated(by: checker), from: peer, arrival: letter.arrival))
        } catch .epochUnknown, .certificate(.epochUnknown) {
            // The peer may be epochs ahead: nothing it says can be verified yet, except by asking it for blocks.
            if let below = message.height.predecessor { input(letter.to, .peerHeight(peer, below)) }
        } catch {}
    }

    /// Hands an input to a node. Answers to effects queue behind it, as in a mailbox.
    func input(_ node: Int, _ input: Input) {
        mailbox.append((node, input))
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        while !mailbox.isEmpty {
            let (node, input) = mailbox.removeFirst()
            guard nodes[node].isUp else { continue }
            var effects: [Effect] = []
            nodes[node].replica.step(input, into: &effects)
            for effect in effects where nodes[node].isUp { perform(effect, of: node) }
        }
    }

    private func acknowledge(_ node: Int, _ record: JournalRecord, _ sequence: UInt64) {
        if let left = nodes[node].recordsUntilCrash {
            nodes[node].recordsUntilCrash = left - 1
            if left == 0 {
                nodes[node].recordsUntilCrash = nil
                crash(node)
            }
        }
        guard nodes[node].isUp else { return }
        nodes[node].journal.apply(try! JournalRecord(bcs: record.bcs))
        input(node, .persisted(through: sequence))
    }

    private func perform(_ effect: Effect, of node: Int) {
        switch effect {
        case .persist(let record, let sequence):
            if case .committed(let committed) = record { nodes[node].included.formUnion(committed.block.payload) }
            if nodes[node].stalled != nil { nodes[node].stalled?.append((record, sequence)) } else { acknowledge(node, record, sequence) }
        case .send(let message, let destination):
            sent.append((node, message))
            let receivers: [Int] = switch destination {
            case .validators: nodes.indices.filter { $0 != node }
            case .peer(let peer): [Int(peer.rawValue)]
            }
            for receiver in receivers where nodes.indices.contains(receiver) {
                letters.append(Letter(from: node, to: receiver, bytes: message.bcs, message: message, arrival: reading(receiver)))
            }
        case .serveBlocks(let heights, let peer): serve(heights, by: node, to: Int(peer.rawValue))
        case .requestBlocks(let heights, let peer):
            requests.append((node, peer, heights))
            if nodes.indices.contains(Int(peer.rawValue)) { serve(heights, by: Int(peer.rawValue), to: node) }
        case .check(let check):
            input(node, .proposalChecked(draftDigest: check.draftDigest, .valid(beacon: Fixture.beacon(after: check.parentBeacon))))
        case .build(let request):
            input(node, .proposalBuilt(BuiltProposal(
                height: request.height, view: request.view, payload: Array(open(node).prefix(3)), vrfProof: VRFProof(),
                beacon: Fixture.beacon(after: request.parentBeacon), now: reading(node))))
        case .execute(let request): execute(request, on: node)
        case .shareTransactions, .prioritise: break
        case .deliver(let block, _):
            nodes[node].blocks.append(block)
            input(node, .work(hasExecutable: hasExecutable(node)))
            let passedOver = nodes[node].passesOver.filter { !block.payload.contains($0) }
            if !passedOver.isEmpty { input(node, .passedOver(passedOver, at: block.height)) }
        case .submitEvidence(let evidence): nodes[node].evidence.append(evidence)
        case .alarm(let alarm): nodes[node].alarms.append(alarm)
        }
    }

    private func execute(_ request: ExecutionRequest, on node: Int) {
        let position = nodes[node].replica.position
        let next = request.endsEpoch ? nextEpoch(position) : nil
        let hash = next.map { TestCryptography(key: Fixture.key(0)).validatorsHash($0.validators) } ?? position.epoch.validatorsHash
        let result = HeaderResult(
            stateRoot: nodes[node].root ?? SHA256.hash(position.headerHash.bytes + request.proposal.payload.flatMap(\.bytes)),
            receiptsRoot: .zero, eventsRoot: .zero, gasUsed: 0, nextValidatorsHash: hash)
        input(node, .executed(ExecutedProposal(draftDigest: request.draftDigest, result: result, next: next)))
    }

    private func serve(_ heights: ClosedRange<Height>, by node: Int, to receiver: Int) {
        guard nodes[node].isUp, !withholdsBlocks.contains(node) else { return }
        for block in nodes[node].blocks where heights.contains(block.height) {
            let sets = nodes[receiver].replica.position.validatorSets
            let checker = TestChecker(chainID: Fixture.chainID, sets: sets)
            guard let block = try? CertifiedBlock(bcs: block.bcs), let verified = try? block.authenticated(by: checker) else { continue }
            input(receiver, .block(verified, from: Peer(UInt64(node))))
        }
    }

    // MARK: What a test asks

    var heights: [UInt64] { nodes.map { $0.replica.position.height.rawValue } }

    func primary(_ view: View = 0, of node: Int = 0) -> Int { Int(nodes[node].replica.round.primary(of: view).rawValue) }

    /// All nodes that committed a height committed the same header there, and none signed two statements at one place.
    /// `faulty` nodes may sign what they like; what they commit must still agree.
    func expectAgreement(except faulty: Set<Int> = [], _ location: SourceLocation = #_sourceLocation) {
        var headers: [Height: Digest] = [:]
        for node in nodes {
            for block in node.blocks {
                let hash = SHA256.hash(.header, of: block.header)
                let known = headers.updateValue(hash, forKey: block.height) ?? hash
                #expect(known == hash, "height \(block.height)", sourceLocation: location)
            }
        }
        var statements: [String: [UInt8]] = [:]
        for (from, message) in sent where !faulty.contains(from) {
            guard let vote = message.vote else { continue }
            let place = "\(from) \(vote.place.epoch) \(vote.place.height) \(vote.place.view) \(vote.step)"
            let bytes = vote.signedBytes(chainID: Fixture.chainID)
            let isSame = statements.updateValue(bytes, forKey: place) ?? bytes == bytes
            #expect(isSame, "two statements at \(place)", sourceLocation: location)
        }
    }
}

extension Array {
    /// Removes an element in constant time; the last takes its place.
    mutating func swapRemove(at index: Int) -> Element {
        swapAt(index, count - 1)
        return removeLast()
    }
}
