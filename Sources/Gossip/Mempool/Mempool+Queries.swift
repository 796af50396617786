public import Ledger
public import Primitives

/// What people may ask about the pool.
extension Mempool {
    @frozen public enum Status: Hashable, Sendable {
        /// The next block could hold it.
        case pending
        case queued(QueueReason)
    }

    /// A sender's transaction as the pool sees it.
    public struct LaneEntry: Hashable, Sendable {
        public let id: TransactionID
        public let envelopeHash: EnvelopeHash
        public let nonce: Nonce
        public let gasPrice: Amount
        public let status: Status
    }

    /// What the pool knows of a transaction; nil when it is not here.
    public func status(of id: TransactionID) -> Status? {
        guard let lane = laneNumber(of: id).flatMap({ lanes[$0] }),
              let index = lane.entries.firstIndex(where: { $0.signed.id == id }) else { return nil }
        return status(in: lane, at: index)
    }

    public func isExecutable(_ hash: EnvelopeHash) -> Bool {
        guard let lane = laneNumber(of: hash).flatMap({ lanes[$0] }) else { return false }
        return lane.entries[..<lane.readyCount].contains { $0.signed.envelopeHash == hash }
    }

    /// The envelope under which a transaction is here.
    public func transaction(_ id: TransactionID) -> Verified<SignedTransaction>? {
        laneNumber(of: id).flatMap { lanes[$0] }?.entries.first { $0.signed.id == id }?.verified
    }

    /// The transactions of `sender` in the order of their nonces; at most 17.
    public func lane(_ sender: Address) -> [LaneEntry] {
        guard let lane = lane(of: sender) else { return [] }
        return lane.entries.indices.map { index in
            let signed = lane.entries[index].signed
            return LaneEntry(
                id: signed.id, envelopeHash: signed.envelopeHash, nonce: signed.transaction.nonce, gasPrice: signed.transaction.gasPrice,
                status: status(in: lane, at: index))
        }
    }

    /// The nonce for the sender's next transaction: behind all that are executable, as if they were committed.
    public func nextNonce(of sender: Address) -> Nonce? {
        guard let lane = lane(of: sender) else { return account(sender)?.nonce }
        return lane.account.nonce.advanced(by: UInt64(lane.readyCount))
    }

    /// Prices that got transactions into the last blocks.
    public var feeEstimate: FeeEstimate { prices.estimate(minimum: rules.parameters.gasPriceMin) }

    private func status(in lane: SenderLane, at index: Int) -> Status {
        lane.obstacle(at: index).map { .queued($0) } ?? .pending
    }
}
