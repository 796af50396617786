public import Primitives

/// What a sender asks of the network: calls that all succeed or all have no effect. It is valid on one chain, once (by its
/// nonce), and not for ever.
///
/// Invariant: 1 … ``Limits/transactionCallsMax`` calls.
public struct Transaction: Hashable, Sendable, BCSCodable {
    public let chainID: ChainID
    public let sender: Address
    /// The number of transactions of this sender before this one.
    public let nonce: Nonce
    /// The last height at which a block may contain the transaction.
    public let validUntilHeight: Height
    /// Gas that the calls may use at most.
    public let gasLimit: Gas
    /// Base units for each unit of gas.
    public let gasPrice: Amount
    /// Executed in order.
    public let calls: [Call]
    /// A note that the chain keeps and does not read.
    public let memo: Memo

    /// nil unless there are 1 … ``Limits/transactionCallsMax`` calls.
    public init?(
        chainID: ChainID, sender: Address, nonce: Nonce, validUntilHeight: Height, gasLimit: Gas, gasPrice: Amount,
        calls: [Call], memo: Memo = ""
    ) {
        guard (1...Limits.transactionCallsMax).contains(calls.count) else { return nil }
        self.chainID = chainID
        self.sender = sender
        self.nonce = nonce
        self.validUntilHeight = validUntilHeight
        self.gasLimit = gasLimit
        self.gasPrice = gasPrice
        self.calls = calls
        self.memo = memo
    }

    /// `gasLimit × gasPrice`, which is set aside before the first call; nil on overflow.
    public var feeMax: Amount? { gasPrice.multiplied(by: gasLimit.rawValue) }

    /// The most that the sender can lose: the fee and all attached value. nil on overflow, which no balance covers.
    public var reserve: Amount? {
        guard var total = feeMax else { return nil }
        for call in calls {
            guard let sum = total.adding(call.value) else { return nil }
            total = sum
        }
        return total
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(chainID)
        encoder.encode(sender)
        encoder.encode(nonce)
        encoder.encode(validUntilHeight)
        encoder.encode(gasLimit)
        encoder.encode(gasPrice)
        encoder.encode(calls)
        encoder.encode(memo)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        chainID = try decoder.decode(ChainID.self)
        sender = try decoder.decode(Address.self)
        nonce = try decoder.decode(Nonce.self)
        validUntilHeight = try decoder.decode(Height.self)
        gasLimit = try decoder.decode(Gas.self)
        gasPrice = try decoder.decode(Amount.self)
        calls = try decoder.decodeSequence(of: Call.self, limit: Limits.transactionCallsMax)
        if calls.isEmpty { throw decoder.refuse("a transaction has no calls") }
        memo = try decoder.decode(Memo.self)
    }
}
