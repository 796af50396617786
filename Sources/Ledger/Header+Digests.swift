import Cryptography
public import Primitives

/// What parts of a block are called by hash, each in its own domain.
extension HeaderDraft {
    /// `SHA-256("trellis/draft/1" || BCS)`: what PREPARE votes are for.
    public var digest: Digest { SHA256.hash(.draft, of: self) }
}

extension Header {
    /// `SHA-256("trellis/header/1" || BCS)`: the hash of the block and the parent hash of the next one.
    public var digest: Digest { SHA256.hash(.header, of: self) }

    /// Whether this is the last block of its epoch: the next one is signed by another set. A set's hash covers its epoch, so
    /// that even equal validators have another hash in the next one.
    public var endsEpoch: Bool { result.nextValidatorsHash != draft.validatorsHash }
}

extension ValidatorSet {
    /// `SHA-256("trellis/validators/1" || BCS)`, which covers the epoch, and keys, weight and place of each validator.
    public var digest: Digest { SHA256.hash(.validators, of: self) }
}

extension CommitStatement {
    /// What a COMMIT in `view` says for `header`.
    public init(header: Header, view: View) {
        self.init(
            epoch: header.draft.epoch, height: header.height, view: view, draftDigest: header.draft.digest,
            headerHash: header.digest)
    }
}
