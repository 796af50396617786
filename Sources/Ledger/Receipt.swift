public import Primitives

/// What came of a transaction or a hook. A failed one has one too, with the reason; apart from the fee and the nonce it changed
/// nothing.
public struct Receipt: Hashable, Sendable, BCSCodable {
    public let origin: Origin
    public let outcome: Outcome
    public let gasUsed: Gas
    /// Base units paid by the sender: gas used × price, for a trap or out of gas limit × price; zero for a hook.
    public let fee: Amount
    /// Events that the transaction emitted; a failed one has none.
    public let eventCount: UInt32

    public init(origin: Origin, outcome: Outcome, gasUsed: Gas, fee: Amount, eventCount: UInt32) {
        self.origin = origin
        self.outcome = outcome
        self.gasUsed = gasUsed
        self.fee = fee
        self.eventCount = eventCount
    }

    /// The leaf of the receipts tree. Leaf i belongs to transaction i of the block; hooks' receipts follow.
    public var leaf: Digest { MerkleTree.leafHash(of: self) }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(origin)
        encoder.encode(outcome)
        encoder.encode(gasUsed)
        encoder.encode(fee)
        encoder.encode(eventCount)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        origin = try decoder.decode(Origin.self)
        outcome = try decoder.decode(Outcome.self)
        gasUsed = try decoder.decode(Gas.self)
        fee = try decoder.decode(Amount.self)
        eventCount = try decoder.decode(UInt32.self)
        if eventCount > UInt32(Limits.transactionEventsMax) { throw decoder.refuse("a receipt counts too many events") }
    }
}

/// How an execution ended; the case is the receipt's class.
@frozen public enum Outcome: Hashable, Sendable, BCSCodable {
    /// Class 0: every call succeeded. The results of the calls, in order.
    case succeeded(CallResults)
    /// Class 1: a contract refused. What was used is paid.
    case reverted(CallFailure)
    /// Class 2: a contract broke a rule of the machine. The gas limit is paid.
    case trapped(CallFailure)
    /// Class 3: the gas limit was reached. It is paid.
    case outOfGas(CallFailure)

    /// 0 succeeded, 1 reverted, 2 trapped, 3 out of gas.
    public var receiptClass: UInt8 {
        switch self {
        case .succeeded: 0
        case .reverted: 1
        case .trapped: 2
        case .outOfGas: 3
        }
    }

    /// What failed, or nil on success.
    public var failure: CallFailure? {
        switch self {
        case .succeeded: nil
        case .reverted(let failure), .trapped(let failure), .outOfGas(let failure): failure
        }
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(Int(receiptClass))
        switch self {
        case .succeeded(let results): encoder.encode(results)
        case .reverted(let failure), .trapped(let failure), .outOfGas(let failure): encoder.encode(failure)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 4) {
        case 0: self = .succeeded(try decoder.decode(CallResults.self))
        case 1: self = .reverted(try decoder.decode(CallFailure.self))
        case 2: self = .trapped(try decoder.decode(CallFailure.self))
        default: self = .outOfGas(try decoder.decode(CallFailure.self))
        }
    }
}

/// What the calls of a transaction returned, in order.
///
/// Invariant: at most ``Limits/transactionCallsMax`` results with at most ``Limits/returnDataBytesMax`` bytes in all.
public struct CallResults: Hashable, Sendable, BCSCodable {
    public let values: [[UInt8]]

    public init() { values = [] }

    /// nil when the values break the invariant.
    public init?(_ values: [[UInt8]]) {
        guard values.count <= Limits.transactionCallsMax,
              values.reduce(0, { $0 + $1.count }) <= Limits.returnDataBytesMax else { return nil }
        self.values = values
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeLength(values.count)
        for value in values { encoder.encodeBytes(value) }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let count = try decoder.decodeLength(limit: Limits.transactionCallsMax)
        var values: [[UInt8]] = []
        var left = Limits.returnDataBytesMax
        for _ in 0..<count {
            let value = try decoder.decodeBytes(limit: left)
            left -= value.count
            values.append(value)
        }
        self.values = values
    }
}

/// Which call failed, where, and why.
public struct CallFailure: Hashable, Sendable, BCSCodable {
    /// The place of the failed call in the transaction.
    public let callIndex: UInt32
    /// The contract that failed; it may be one that the called contract called.
    public let contract: Address
    /// The contract's error code from its schema for a revert, the machine's for a trap, 0 for out of gas.
    public let code: UInt32
    public let message: ReceiptMessage

    public init(callIndex: UInt32, contract: Address, code: UInt32, message: ReceiptMessage) {
        self.callIndex = callIndex
        self.contract = contract
        self.code = code
        self.message = message
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(callIndex)
        encoder.encode(contract)
        encoder.encode(code)
        encoder.encode(message)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        callIndex = try decoder.decode(UInt32.self)
        contract = try decoder.decode(Address.self)
        code = try decoder.decode(UInt32.self)
        message = try decoder.decode(ReceiptMessage.self)
    }
}
