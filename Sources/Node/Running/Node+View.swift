public import API
import Consensus
import Dispatch
import Execution
import Gossip
public import Ledger
import Networking
public import Primitives
import Storage
import WorldState

/// What applications see of a node.
extension Node: NodeView {
    public var head: ChainHead { environment.published.newest.head }
    public var nextTime: Timestamp { max(Timestamp.now, head.header.draft.time.successor) }

    public func height(above height: Height) async -> Height { await environment.published.height(above: height) }
    public func settled(_ id: TransactionID) async { await environment.published.settled(id) }

    // ── Blocks and states ──

    public func block(at height: Height) async throws(NodeViewError) -> FinalBlock? {
        if let recent = environment.published.recent(height) { return recent }
        guard height <= head.height else { return nil }
        let store = environment.stores.chain
        return try await read { () throws in
            try store.blocks.read(height).map { record in
                let stored = try StoredBlock(record)
                return FinalBlock(stored, hash: stored.header.digest)
            }
        }
    }

    public func state(at height: Height) async throws(NodeViewError) -> StateAtHeight? {
        let newest = environment.published.newest
        guard height <= newest.head.height else { return nil }
        guard let (header, light) = try await certified(height) else { return nil }
        var view: StateView? = newest.view.height == height ? newest.view : nil
        if view == nil { view = await environment.keeper.ask { $0.chain.view(at: height) } }
        let reader: any StateReader & Sendable
        if let view {
            reader = view
        } else {
            let history = try await read { try StateHistory(behind: newest.view) }
            guard history.heights?.contains(height) ?? false else { return nil }
            reader = HistoricState(history, at: height)
        }
        return StateAtHeight(header: header, lightBlock: light, reader: reader, provable: view)
    }

    /// The header of a height, and what proves it. Of the block that a restored chain begins behind, nothing else is kept.
    private func certified(_ height: Height) async throws(NodeViewError) -> (Header, LightBlock?)? {
        guard let block = try await block(at: height) else {
            let stores = environment.stores
            return try await read { () throws in try stores.boundaries.block(at: height) }.map { ($0.header, $0) }
        }
        guard let certificate = block.certificate, let voters = try await validators(of: block.header.draft.epoch) else { return (block.header, nil) }
        return (block.header, LightBlock(header: block.header, certificate: certificate, validators: voters))
    }

    public func validators(of epoch: Epoch) async throws(NodeViewError) -> ValidatorSet? {
        let published = environment.published
        if let known = published.voters(of: epoch) { return known }
        let view = published.newest.view, stores = environment.stores
        let found = try await read { () throws in try stores.validators(of: epoch, view) }
        if let found { published.remember(found, of: epoch) }
        return found
    }

    // ── Transactions ──

    public func nextNonce(of account: Address) async -> Nonce { await core.ask { $0.gossip.pool.nextNonce(of: account) ?? 0 } }

    public func pending(of account: Address) async -> [PendingTransaction] {
        await core.ask { core in core.gossip.pool.lane(account).map { PendingTransaction($0) } }
    }

    public func fees() async -> FeeLevels {
        await core.ask { core in
            let estimate = core.gossip.pool.feeEstimate
            return FeeLevels(minimum: estimate.minimum, low: estimate.low, medium: estimate.medium, high: estimate.high)
        }
    }

    public func submit(_ transactions: [SignedTransaction]) async -> [SubmissionAnswer] {
        let answers = Answers(count: transactions.count), published = environment.published
        published.offered(transactions)
        var given = await withCheckedContinuation { continuation in
            answers.whenComplete { continuation.resume(returning: $0) }
            core.post { core in
                var fresh: [SignedTransaction] = []
                let outbid = core.gossip.pool.outbiddingPrice
                for (index, signed) in transactions.enumerated() {
                    if let place = published.place(of: signed.id) {
                        answers.set(index, .final(signed.id, place))
                    } else if core.gossip.pool.contains(signed.envelopeHash) {
                        answers.set(index, .admitted(signed.id))
                    } else if !core.admission.admits(price: signed.transaction.gasPrice, waiting: core.waitingCount, outbid: outbid) {
                        answers.set(index, .busy(signed.id))
                    } else if core.submissions.open(signed, { answers.set(index, $0) }) {
                        fresh.append(signed)
                    }
                }
                if !fresh.isEmpty { core.give(.submitted(fresh)) }
            }
        }
        // A nonce that is used may have been used by this very transaction, a while ago.
        for index in given.indices {
            guard case .refused(let id, TransactionRejection.nonceUsedCode, _) = given[index], let place = try? await finalPlace(of: id) else { continue }
            given[index] = .final(id, place)
        }
        return given
    }

    // ── Reading ──

    private static let reading = DispatchQueue(label: "trellis.answers", qos: .userInitiated)

    /// Does `work` where waiting for the disk holds up nothing else.
    func read<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws(NodeViewError) -> Value {
        let result: Result<Value, NodeViewError> = await withCheckedContinuation { continuation in
            Self.reading.async {
                do { continuation.resume(returning: .success(try work())) } catch {
                    continuation.resume(returning: .failure(.storage("\(error)")))
                }
            }
        }
        return try result.get()
    }
}

extension PendingTransaction {
    init(_ entry: Mempool.LaneEntry) {
        self.init(id: entry.id, nonce: entry.nonce, gasPrice: entry.gasPrice, isExecutable: entry.status == .pending)
    }
}

// ── By identifier ──

extension Node {
    public func height(ofBlock hash: Digest) async throws(NodeViewError) -> Height? {
        if let recent = environment.published.recent(hash: hash) { return recent.header.height }
        let stores = environment.stores
        return try await read { () throws in
            try stores.index.block(hash).first { try stores.header(at: $0)?.digest == hash }
        }
    }

    public func transaction(_ id: TransactionID) async throws(NodeViewError) -> TransactionWhereabouts? {
        if let place = environment.published.place(of: id) { return .final(place) }
        let pending = await core.ask { core in
            core.gossip.pool.transaction(id).flatMap { signed in
                core.gossip.pool.lane(signed.value.transaction.sender).first { $0.id == id }.map { PendingTransaction($0) }
            }
        }
        if let pending { return .pending(pending) }
        if let place = try await finalPlace(of: id) { return .final(place) }
        return environment.published.reasonForDropping(id).map { .dropped(code: $0) }
    }

    /// The index gives candidates; the block decides.
    private func finalPlace(of id: TransactionID) async throws(NodeViewError) -> TransactionPosition? {
        let stores = environment.stores, published = environment.published
        return try await read { () throws in
            for candidate in try stores.index.transaction(Digest(id.bytes)!) {
                guard let block = try StoredBlock.read(candidate.height, in: stores.chain, or: published), Int(candidate.index) < block.transactions.count,
                      block.transactions[Int(candidate.index)].id == id else { continue }
                return TransactionPosition(height: candidate.height, index: candidate.index)
            }
            return nil
        }
    }

    public func transactions(of account: Address, below position: TransactionPosition?, limit: Int) async throws(NodeViewError) -> [TransactionPosition] {
        let stores = environment.stores
        return try await read { () throws in
            try stores.index.transactions(of: account, below: position.map { IndexPosition(height: $0.height, index: $0.index) }, limit: limit)
                .map { TransactionPosition(height: $0.height, index: $0.index) }
        }
    }
}
