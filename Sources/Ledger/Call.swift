public import Primitives

/// One call of a contract's method inside a transaction.
public struct Call: Hashable, Sendable, BCSCodable {
    public let contract: Address
    public let method: MethodName
    /// The BCS of the method's arguments; bounded by the size of the transaction.
    public let arguments: [UInt8]
    /// Base units that move from the sender to the contract with the call.
    public let value: Amount

    public init(contract: Address, method: MethodName, arguments: [UInt8], value: Amount = .zero) {
        self.contract = contract
        self.method = method
        self.arguments = arguments
        self.value = value
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(contract)
        encoder.encode(method)
        encoder.encodeBytes(arguments)
        encoder.encode(value)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        contract = try decoder.decode(Address.self)
        method = try decoder.decode(MethodName.self)
        arguments = try decoder.decodeBytes(limit: Limits.transactionBytesMax)
        value = try decoder.decode(Amount.self)
    }
}
