public import Primitives

/// Why a block, or the draft of one, is invalid. ``code`` is for the wire and for people: stable and never reused.
public enum BlockRejection: Error, Equatable, Sendable {
    // ── Link to the parent ──
    case heightWrong(expected: Height, actual: Height)
    case parentHashWrong(expected: Digest, actual: Digest)
    /// Not later than the parent.
    case timeNotAfterParent(parent: Timestamp, actual: Timestamp)
    case epochWrong(expected: Epoch, actual: Epoch)
    case validatorsHashWrong(expected: Digest, actual: Digest)
    case protocolVersionWrong(expected: UInt32, actual: UInt32)
    /// The bitmap of the parent's signers names a validator that the parent's set does not have.
    case parentVoterUnknown(ValidatorIndex)
    /// The parent's signers do not hold more than two thirds of its set's weight.
    case parentVotesTooFew(weight: UInt64, total: UInt64)
    /// Genesis has no certificate.
    case parentVotesOfGenesis

    // ── Proposer and beacon ──
    case proposerUnknown(ValidatorIndex)
    case vrfProofInvalid
    case beaconWrong(expected: Beacon, actual: Beacon)

    // ── Body ──
    case transactionsRootWrong(expected: Digest, actual: Digest)
    case transactionsOverLimit(count: Int, limit: Int)
    case bytesOverLimit(bytes: Int, limit: Int)
    case gasOverLimit(gas: UInt64, limit: UInt64)
    case transaction(index: Int, TransactionRejection)

    // ── Result ──
    case receiptsRootWrong(expected: Digest, actual: Digest)
    case eventsRootWrong(expected: Digest, actual: Digest)

    // ── Certificate ──
    /// The certificate speaks of another block; `field` is the first that differs.
    case certificateMismatch(field: StaticReason)
    case certificateInvalid(CertificateError)

    public var code: String {
        switch self {
        case .heightWrong: "block.height"
        case .parentHashWrong: "block.parent-hash"
        case .timeNotAfterParent: "block.time"
        case .epochWrong: "block.epoch"
        case .validatorsHashWrong: "block.validators-hash"
        case .protocolVersionWrong: "block.protocol-version"
        case .parentVoterUnknown: "block.parent-voter"
        case .parentVotesTooFew: "block.parent-votes"
        case .parentVotesOfGenesis: "block.parent-votes-genesis"
        case .proposerUnknown: "block.proposer"
        case .vrfProofInvalid: "block.vrf-proof"
        case .beaconWrong: "block.beacon"
        case .transactionsRootWrong: "block.transactions-root"
        case .transactionsOverLimit: "block.transactions"
        case .bytesOverLimit: "block.bytes"
        case .gasOverLimit: "block.gas"
        case .transaction: "block.transaction"
        case .receiptsRootWrong: "block.receipts-root"
        case .eventsRootWrong: "block.events-root"
        case .certificateMismatch: "block.certificate-mismatch"
        case .certificateInvalid: "block.certificate"
        }
    }
}
