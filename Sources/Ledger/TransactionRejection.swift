public import Cryptography
public import Primitives

/// Why a transaction may not enter a pool or a block. ``code`` is for the wire and for people: stable and never reused.
public enum TransactionRejection: Error, Equatable, Sendable {
    /// The bytes are not the encoding of a signed transaction, or some field is over its limit.
    case malformed(BCSError)
    case bytesOverLimit(bytes: Int, limit: Int)
    case gasLimitOverLimit(Gas, limit: Gas)
    /// The gas limit does not even cover what is due before the first call.
    case gasLimitTooLow(Gas, required: Gas)
    case chainMismatch(expected: ChainID, actual: ChainID)
    /// The last height that may contain the transaction is below the one that would.
    case expired(validUntil: Height, height: Height)
    case senderUnknown(Address)
    case nonceUsed(Nonce, next: Nonce)
    case nonceTooFarAhead(Nonce, next: Nonce)
    /// A gap between the transactions of one sender in a block.
    case nonceNotConsecutive(Nonce, expected: Nonce)
    /// Fee and values overflow, therefore no balance covers them.
    case reserveOverflow
    case balanceTooLow(required: Amount, available: Amount)
    case gasPriceTooLow(Amount, minimum: Amount)
    /// The authenticator's keys make another address than the sender's.
    case senderMismatch(expected: Address, actual: Address)
    /// A key that may not be registered, too few or too many signatures, or one that does not hold.
    case signatureInvalid(AuthenticationError)

    public static let nonceUsedCode = "tx.nonce-used"

    public var code: String {
        switch self {
        case .malformed: "tx.malformed"
        case .bytesOverLimit: "tx.too-large"
        case .gasLimitOverLimit: "tx.gas-limit"
        case .gasLimitTooLow: "tx.gas-too-low"
        case .chainMismatch: "tx.chain-mismatch"
        case .expired: "tx.expired"
        case .senderUnknown: "tx.sender-unknown"
        case .nonceUsed: Self.nonceUsedCode
        case .nonceTooFarAhead: "tx.nonce-too-far"
        case .nonceNotConsecutive: "tx.nonce-gap"
        case .reserveOverflow: "tx.reserve-overflow"
        case .balanceTooLow: "tx.balance"
        case .gasPriceTooLow: "tx.gas-price"
        case .senderMismatch: "tx.sender-mismatch"
        case .signatureInvalid: "tx.signature"
        }
    }
}
