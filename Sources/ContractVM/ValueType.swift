/// The types of values that a contract computes with. Floating point, vectors and references are refused before they get here.
public enum ValueType: UInt8, Sendable {
    case i32 = 0x7f
    case i64 = 0x7e
}

/// What a function takes and gives back. A value travels as a 64-bit slot; an i32 has a zero upper half.
public struct FunctionType: Hashable, Sendable {
    public let parameters: [ValueType]
    public let results: [ValueType]

    public init(_ parameters: [ValueType], _ results: [ValueType]) {
        self.parameters = parameters
        self.results = results
    }
}

public struct GlobalType: Hashable, Sendable {
    public let value: ValueType
    public let isMutable: Bool

    public init(_ value: ValueType, isMutable: Bool) {
        self.value = value
        self.isMutable = isMutable
    }
}

/// The declared size of a memory, in pages of 64 KiB, or of a table, in elements.
public struct SizeRange: Hashable, Sendable {
    public let minimum: UInt32
    public let maximum: UInt32?

    public init(_ minimum: UInt32, _ maximum: UInt32?) {
        self.minimum = minimum
        self.maximum = maximum
    }
}

/// What a module imports or exports, with the type that both sides must agree on.
public enum ExternalType: Hashable, Sendable {
    case function(FunctionType)
    case table(SizeRange)
    case memory(SizeRange)
    case global(GlobalType)
}
