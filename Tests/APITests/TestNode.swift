import API
import ChainKit
@testable import Consensus
import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import WorldState

/// A node without a network: a chain in memory that executes real blocks when a test says so, with certificates, a pool and an index.
final class TestNode: NodeView, @unchecked Sendable {
    let genesis: Genesis
    let executor: BlockExecutor
    let founders: [Founder]
    let people: [Person]

    private let lock = NSLock()
    // All below is behind the lock.
    private let chain: TestChain
    private var blocks: [Height: FinalBlock] = [:]
    private var states: [Height: StateAtHeight] = [:]
    private var heights: [Digest: Height] = [:]
    private var places: [TransactionID: TransactionPosition] = [:]
    private var histories: [Address: [TransactionPosition]] = [:]
    private var pool: [SignedTransaction] = []
    private var gone: [TransactionID: String] = [:]
    private var newest: ChainHead
    private var waiting: [UUID: (Height, CheckedContinuation<Void, Never>)] = [:]
    private var isStopped = false
    private var obstacleList: [NodeStatus.Obstacle] = []
    private var isBusyNow = false
    private var failure: NodeViewError?
    private var failuresLeft = Int.max
    private var readCount = 0
    private var fewSign = false

    init(people count: Int = 4, _ change: (inout NetworkParameters) -> Void = { _ in }) {
        founders = (0..<4).map { Founder($0) }
        people = (0..<count).map { Person(UInt64($0) + 1) }
        chain = TestChain(Catalogue.definitions, founders: founders, people: people, change)
        genesis = chain.genesis
        executor = chain.executor
        let hash = chain.header.digest
        newest = ChainHead(header: chain.header, hash: hash, oldestBlock: 0, oldestState: 0)
        blocks[0] = FinalBlock(header: chain.header, hash: hash, certificate: nil, transactions: [], receipts: [], events: [])
        states[0] = StateAtHeight(header: chain.header, lightBlock: nil, reader: chain.state.view, provable: chain.state.view)
        heights[hash] = 0
    }

    // ── What tests do ──

    /// A signed transaction with the sender's next nonce; it is not submitted.
    func transaction(_ sender: Person, _ calls: [Call], gasLimit: UInt64 = 2_000_000) -> SignedTransaction {
        lock.withLock { chain.transaction(sender, calls, gasLimit: gasLimit) }
    }

    /// Puts what waits in the pool, and `transactions`, into the next block.
    @discardableResult
    func advance(_ transactions: [SignedTransaction] = [], time: Timestamp? = nil) -> FinalBlock {
        lock.lock()
        let voters = chain.validators
        let executable = chain.executable(pool + transactions)
        pool.removeAll { waiting in executable.contains { $0.id == waiting.id } }
        let executed = chain.advance(executable, time: time)
        let header = chain.header
        let hash = header.digest
        let statement = CommitStatement(
            epoch: header.draft.epoch, height: header.height, view: 0, draftDigest: header.draft.digest, headerHash: hash)
        let signatures = signers(voters).map { place in
            let founder = founders.first { $0.consensus.publicKey == voters.validators[place].consensusKey }!
            return CertificateSignature(
                signer: ValidatorIndex(UInt16(place)), signature: founder.consensus.sign(statement, as: .commit, chainID: genesis.chainID))
        }
        let certificate = CommitCertificate(statement: statement, signatures: signatures)!
        let block = FinalBlock(
            header: header, hash: hash, certificate: certificate, transactions: executable, receipts: executed.receipts, events: executed.events)
        blocks[header.height] = block
        states[header.height] = StateAtHeight(
            header: header, lightBlock: LightBlock(header: header, certificate: certificate, validators: voters), reader: chain.state.view,
            provable: chain.state.view)
        heights[hash] = header.height
        for (index, transaction) in executable.enumerated() {
            let position = TransactionPosition(height: header.height, index: UInt32(index))
            places[transaction.id] = position
            histories[transaction.sender, default: []].append(position)
            for record in executed.events where record.origin == .transaction(transaction.id) {
                let paid = record.event.name == Transferred.name ? (try? Transferred(bcs: record.event.data))?.to : nil
                for account in [paid, Agreements.account(of: record.event)].compactMap(\.self) where histories[account]?.last != position {
                    histories[account, default: []].append(position)
                }
            }
        }
        newest = ChainHead(header: header, hash: hash, oldestBlock: newest.oldestBlock, oldestState: newest.oldestState)
        let ready = waiting.filter { $0.value.0 < header.height }
        for key in ready.keys { waiting[key] = nil }
        lock.unlock()
        for (_, continuation) in ready.values { continuation.resume() }
        return block
    }

    /// Whether a block has the signatures of the heaviest alone, as few as decide.
    var isSignedByFew: Bool {
        get { lock.withLock { fewSign } }
        set { lock.withLock { fewSign = newValue } }
    }

    private func signers(_ voters: ValidatorSet) -> [Int] {
        guard fewSign else { return Array(voters.validators.indices.dropLast()) }
        var chosen: [Int] = [], weight: UInt64 = 0
        for place in voters.validators.indices.sorted(by: { voters.validators[$0].weight > voters.validators[$1].weight }) where 3 * weight <= 2 * voters.totalWeight {
            chosen.append(place)
            weight += voters.validators[place].weight
        }
        return chosen.sorted()
    }

    func advance(by count: Int) { for _ in 0..<count { advance() } }

    /// Forgets blocks and states below a height.
    func prune(below height: Height) {
        lock.withLock {
            blocks = blocks.filter { $0.key >= height }
            states = states.filter { $0.key >= height }
            newest = ChainHead(header: newest.header, hash: newest.hash, oldestBlock: height, oldestState: height)
        }
    }

    /// Whoever waits for the next block.
    var waiterCount: Int { lock.withLock { waiting.count } }

    func drop(_ id: TransactionID, code: String) {
        lock.withLock {
            pool.removeAll { $0.id == id }
            gone[id] = code
        }
    }

    func stop() {
        let all = lock.withLock {
            isStopped = true
            defer { waiting = [:] }
            return waiting
        }
        for (_, continuation) in all.values { continuation.resume() }
    }

    var obstacles: [NodeStatus.Obstacle] {
        get { lock.withLock { obstacleList } }
        set { lock.withLock { obstacleList = newValue } }
    }

    var isBusy: Bool {
        get { lock.withLock { isBusyNow } }
        set { lock.withLock { isBusyNow = newValue } }
    }

    /// Whoever reads blocks or states fails, `times` times or until this is called again.
    func fail(_ error: NodeViewError?, times: Int = .max) { lock.withLock { (failure, failuresLeft) = (error, times) } }

    /// Blocks that were read so far.
    var reads: Int { lock.withLock { readCount } }

    // ── The node ──

    var head: ChainHead { lock.withLock { newest } }

    var status: NodeStatus {
        get async {
            lock.withLock {
                NodeStatus(
                    version: "test", nodeKey: founders[0].consensus.publicKey, role: .validator, consensusKey: founders[0].consensus.publicKey,
                    epoch: chain.epoch, obstacles: obstacleList, sync: SyncReport(phase: "idle", have: 0, of: 0), poolCount: pool.count,
                    poolBytes: pool.reduce(0) { $0 + $1.envelope.count }, peerCount: 1,
                    consensus: StallReport(
                        height: newest.height.successor, view: 0, progress: .awaitingProposal, primary: ValidatorIndex(1), awaiting: .proposal,
                        missing: [ValidatorIndex(1)], sinceTicks: 3, since: chain.time, refusal: .untimely(millisecondsLate: 7), results: [], floor: 0,
                        alarm: nil), voters: chain.validators, uptimeMilliseconds: 1)
            }
        }
    }

    var peers: [PeerReport] {
        get async {
            [PeerReport(
                key: founders[1].consensus.publicKey, isInbound: true, remoteAddress: "192.0.2.1:4000", listenAddress: nil, agent: "test \"quoted\"",
                validator: nil, roundTripMicroseconds: 250)]
        }
    }

    var metrics: [MetricFamily] {
        get async {
            [MetricFamily("trellis_height", .gauge, help: "The newest block.\nOf all.", [.init(Double(head.height.rawValue))]),
             MetricFamily("trellis_peers", .gauge, help: "Peers.", [.init(.nan, labels: [("name", "a\"b\\c\nd")])])]
        }
    }

    func height(above height: Height) async -> Height {
        let id = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = lock.withLock {
                    if newest.height > height || isStopped || Task.isCancelled { return true }
                    waiting[id] = (height, continuation)
                    return false
                }
                if now { continuation.resume() }
            }
        } onCancel: {
            lock.withLock { waiting.removeValue(forKey: id)?.1 }?.resume()
        }
        return max(height, lock.withLock { isStopped } ? height : head.height)
    }

    var nextTime: Timestamp { head.header.draft.time.successor }

    func settled(_ id: TransactionID) async {
        var height = head.height
        while !Task.isCancelled, !lock.withLock({ isStopped || places[id] != nil || gone[id] != nil }) { height = await self.height(above: height) }
    }

    private func check() throws(NodeViewError) {
        let found = lock.withLock {
            guard let failure, failuresLeft > 0 else { return NodeViewError?.none }
            failuresLeft -= 1
            return failure
        }
        if let found { throw found }
    }

    func block(at height: Height) async throws(NodeViewError) -> FinalBlock? {
        try check()
        return lock.withLock {
            readCount += 1
            return blocks[height]
        }
    }

    func height(ofBlock hash: Digest) async throws(NodeViewError) -> Height? { lock.withLock { heights[hash] } }

    func state(at height: Height) async throws(NodeViewError) -> StateAtHeight? {
        try check()
        return lock.withLock { states[height] }
    }

    func validators(of epoch: Epoch) async throws(NodeViewError) -> ValidatorSet? {
        lock.withLock { try? ChainRecords.validatorSet(of: epoch, in: chain.state.view) }
    }

    func transaction(_ id: TransactionID) async throws(NodeViewError) -> TransactionWhereabouts? {
        lock.withLock {
            if let place = places[id] { return .final(place) }
            if let pending = pool.first(where: { $0.id == id }) { return .pending(Self.pending(pending)) }
            return gone[id].map { .dropped(code: $0) }
        }
    }

    func transactions(of account: Address, below position: TransactionPosition?, limit: Int) async throws(NodeViewError) -> [TransactionPosition] {
        lock.withLock { Array((histories[account] ?? []).reversed().filter { entry in position.map { entry < $0 } ?? true }.prefix(limit)) }
    }

    func nextNonce(of account: Address) async -> Nonce {
        lock.withLock { Nonce((chain.account(account)?.nonce.rawValue ?? 0) + UInt64(pool.count { $0.sender == account })) }
    }

    func pending(of account: Address) async -> [PendingTransaction] { lock.withLock { pool.filter { $0.sender == account }.map(Self.pending) } }

    func fees() async -> FeeLevels { FeeLevels(minimum: Amount(1), low: Amount(1), medium: Amount(2), high: Amount(5)) }

    func submit(_ transactions: [SignedTransaction]) async -> [SubmissionAnswer] {
        lock.withLock {
            transactions.map { signed in
                if isBusyNow { return .busy(signed.id) }
                if let place = places[signed.id] { return .final(signed.id, place) }
                if pool.contains(where: { $0.id == signed.id }) { return .admitted(signed.id) }
                let rules = TransactionRules(chainID: genesis.chainID, height: newest.height.successor, parameters: chain.parameters)
                do throws(TransactionRejection) {
                    try rules.check(signed)
                    try rules.check(signed, against: chain.account(signed.sender))
                    _ = try signed.checkedSignature(chainID: genesis.chainID)
                } catch { return .refused(signed.id, code: error.code, reason: "\(error)") }
                pool.append(signed)
                return .admitted(signed.id)
            }
        }
    }

    private static func pending(_ signed: SignedTransaction) -> PendingTransaction {
        PendingTransaction(id: signed.id, nonce: signed.transaction.nonce, gasPrice: signed.transaction.gasPrice, isExecutable: true)
    }
}
