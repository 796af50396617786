import Cryptography
public import Primitives

/// What users, receipts and indexes call a transaction: `SHA-256("trellis/transaction/1" || unsigned bytes)`. Signing the same
/// transaction again gives the same identifier, therefore the first receipt under it wins.
@frozen public struct TransactionID: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }
}

/// What nodes call one signed transaction: `SHA-256("trellis/envelope/1" || signed bytes)`. Announcements, proposals, the
/// transactions root and the cache of verified transactions use it alone, so that a copy with another signature cannot
/// stand in for, or spoil, the one that was checked.
@frozen public struct EnvelopeHash: FixedBytes {
    public var words: (UInt64, UInt64, UInt64, UInt64)
    @inlinable public init() { words = (0, 0, 0, 0) }

    /// As a leaf of the transactions tree.
    public var leaf: Digest { MerkleTree.leafHash(bytes) }
}

extension TransactionID {
    init(_ digest: Digest) {
        self.init()
        words = digest.words
    }
}

extension EnvelopeHash {
    init(_ digest: Digest) {
        self.init()
        words = digest.words
    }
}
