public import Ledger
import Primitives

/// One transaction in the pool, with what the pool asks of it often.
final class PoolEntry {
    let verified: Verified<SignedTransaction>
    /// The order of arrival; unique, therefore it breaks every tie.
    let sequence: UInt64
    let arrival: GossipTick
    /// Checked not to overflow when it was admitted.
    let reserve: Amount

    init(_ verified: Verified<SignedTransaction>, sequence: UInt64, arrival: GossipTick, reserve: Amount) {
        self.verified = verified
        self.sequence = sequence
        self.arrival = arrival
        self.reserve = reserve
    }

    var signed: SignedTransaction { verified.value }
    var nonce: Nonce { verified.value.transaction.nonce }
    var price: Amount { verified.value.transaction.gasPrice }
    var byteCount: Int { verified.value.envelope.count }
}

/// A transaction that left the pool without being committed, and why.
public struct DroppedTransaction: Hashable, Sendable {
    public let id: TransactionID
    public let envelopeHash: EnvelopeHash
    public let reason: Reason

    /// ``code`` is for people and programs: stable and never reused.
    @frozen public enum Reason: Hashable, Sendable {
        /// Another transaction of the sender took the place of its nonce in the chain.
        case nonceUsed
        /// Replaced by one of the same nonce that pays more.
        case replaced
        /// The pool was full, and others paid more.
        case evicted
        /// The chain has passed the last height that may contain it.
        case expired
        /// It waited for too long.
        case aged
        /// The parameters of a new epoch forbid it.
        case forbidden

        public var code: String {
            switch self {
            case .nonceUsed: "tx.nonce-used"
            case .replaced: "pool.replaced"
            case .evicted: "pool.evicted"
            case .expired: "tx.expired"
            case .aged: "pool.aged"
            case .forbidden: "pool.forbidden"
            }
        }
    }

    init(_ entry: PoolEntry, _ reason: Reason) {
        id = entry.signed.id
        envelopeHash = entry.signed.envelopeHash
        self.reason = reason
    }
}
