public import Ledger
public import Primitives

/// Why a transaction does not enter the pool. ``code`` is for the wire and for people: stable and never reused.
public enum MempoolRejection: Error, Equatable, Sendable {
    /// This very envelope is in the pool, is being verified, or was committed lately.
    case known
    /// It breaks a rule of the chain, or its account cannot have it now.
    case transaction(TransactionRejection)
    /// The nonce is taken by a transaction that pays too much to be replaced for this price.
    case replacementUnderpriced(required: Amount)
    /// The sender has as many bytes in the pool as one may have.
    case senderFull(bytes: Int, limit: Int)
    /// The pool is full of transactions that pay at least as much, or cannot be evicted for one that has to wait.
    case poolFull
    /// Too many signatures of this peer, or of all, wait for their check.
    case busy

    public var code: String {
        switch self {
        case .known: "pool.known"
        case .transaction(let rejection): rejection.code
        case .replacementUnderpriced: "pool.replacement-underpriced"
        case .senderFull: "pool.sender-full"
        case .poolFull: "pool.full"
        case .busy: "pool.busy"
        }
    }
}
