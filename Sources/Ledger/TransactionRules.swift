import Cryptography
public import Primitives

/// What a transaction is judged by before it enters a pool or a block.
public struct TransactionRules: Sendable {
    public let chainID: ChainID
    /// The height of the block that the transaction would enter.
    public let height: Height
    public let parameters: NetworkParameters

    /// How far a nonce may be ahead of its account in a pool: more would let one sender fill it with what cannot be executed.
    public static let nonceAheadMax: UInt64 = 16

    public init(chainID: ChainID, height: Height, parameters: NetworkParameters) {
        self.chainID = chainID
        self.height = height
        self.parameters = parameters
    }

    /// The first steps of admission, which need no state: limits, chain, expiry, price. Decoding came before, see
    /// ``SignedTransaction/init(bcs:)``; the cheap steps come first, and the signature last of all.
    public func check(_ signed: SignedTransaction) throws(TransactionRejection) {
        let transaction = signed.transaction
        let bytesMax = Int(parameters.transactionBytesMax)
        guard signed.envelope.count <= bytesMax else {
            throw .bytesOverLimit(bytes: signed.envelope.count, limit: bytesMax)
        }
        guard transaction.gasLimit.rawValue <= parameters.transactionGasMax else {
            throw .gasLimitOverLimit(transaction.gasLimit, limit: Gas(parameters.transactionGasMax))
        }
        let required = gasDue(of: signed)
        guard transaction.gasLimit >= required else { throw .gasLimitTooLow(transaction.gasLimit, required: required) }
        guard transaction.chainID == chainID else { throw .chainMismatch(expected: chainID, actual: transaction.chainID) }
        guard height <= transaction.validUntilHeight else {
            throw .expired(validUntil: transaction.validUntilHeight, height: height)
        }
        guard transaction.gasPrice >= parameters.gasPriceMin else {
            throw .gasPriceTooLow(transaction.gasPrice, minimum: parameters.gasPriceMin)
        }
    }

    /// The next steps, for a pool: the sender exists, the nonce is not used and not far ahead, and the balance covers the
    /// reserve. `account` is the sender's at the newest state, nil when there is none.
    public func check(_ signed: SignedTransaction, against account: AccountState?) throws(TransactionRejection) {
        let transaction = signed.transaction
        guard let account else { throw .senderUnknown(transaction.sender) }
        guard transaction.nonce >= account.nonce else { throw .nonceUsed(transaction.nonce, next: account.nonce) }
        guard transaction.nonce.rawValue - account.nonce.rawValue <= TransactionRules.nonceAheadMax else {
            throw .nonceTooFarAhead(transaction.nonce, next: account.nonce)
        }
        guard let reserve = transaction.reserve else { throw .reserveOverflow }
        guard reserve <= account.balance else { throw .balanceTooLow(required: reserve, available: account.balance) }
    }

    /// Gas for the signatures of a transaction and its place in the block, due before the first call.
    public func gasDue(of signed: SignedTransaction) -> Gas {
        // No overflow: `NetworkParameters.validate()` bounds the sum for the largest transaction of the largest account.
        Gas(parameters.transactionGasBase * UInt64(signed.authenticator.signatureCount)
            + parameters.transactionGasPerByte * UInt64(signed.envelope.count))
    }
}

/// What admission reads of an account.
@frozen public struct AccountState: Hashable, Sendable {
    /// The nonce of the account's next transaction.
    public let nonce: Nonce
    public let balance: Amount

    public init(nonce: Nonce, balance: Amount) {
        self.nonce = nonce
        self.balance = balance
    }
}
