import Execution
import Primitives

/// The arguments of one request of a contract. Nothing that they point to is touched before it was checked to lie in the contract's
/// memory.
struct Request: ~Copyable {
    private let arguments: InlineArray<8, UInt64>
    private let memory: Memory
    private let context: CallContext

    init(_ call: borrowing HostCall, _ memory: Memory, _ context: CallContext) {
        var arguments = InlineArray<8, UInt64>(repeating: 0)
        for index in 0..<call.type.parameters.count { arguments[index] = call.argument(index) }
        self.arguments = arguments
        self.memory = memory
        self.context = context
    }

    func number(_ index: Int) -> UInt64 { arguments[index] }
    func length(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: arguments[index]) }

    /// The bytes that arguments `index` and `index + 1` name. Of more than `most` only so many are copied, and one: enough for whoever
    /// gets them to refuse them for their length.
    func bytes(_ index: Int, most: Int) throws(CallError) -> [UInt8] {
        try check(index, Int(length(index + 1)))
        return try bytes(at: length(index), count: min(Int(length(index + 1)), most + 1))
    }

    /// The bytes that arguments `index` and `index + 1` name, for an operation that takes at least half a gas for each: if there is not
    /// that much left, they are not copied.
    func payableBytes(_ index: Int) throws(CallError) -> [UInt8] {
        let count = Int(length(index + 1))
        try check(index, count)
        if UInt64(count) / 2 > context.gasLeft { try context.charge(.max) }
        return try bytes(at: length(index), count: count)
    }

    /// A value of fixed size where argument `index` points.
    func fixed<Value: FixedBytes>(_ index: Int, _: Value.Type = Value.self) throws(CallError) -> Value {
        guard let value = Value(try bytes(at: length(index), count: Value.byteCount)) else { preconditionFailure("as many bytes as it has") }
        return value
    }

    func amount(_ index: Int) throws(CallError) -> Amount {
        let bytes = try bytes(at: length(index), count: 16)
        return Amount(bytes.reversed().reduce(0) { $0 << 8 | UInt128($1) })
    }

    func write(_ bytes: some Collection<UInt8>, at index: Int) throws(CallError) {
        guard memory.write(bytes, at: length(index)) else { throw context.trap(.pointerOutOfBounds) }
    }

    func write(_ amount: Amount, at index: Int) throws(CallError) {
        try write((0..<16).map { UInt8(truncatingIfNeeded: amount.units >> (8 * $0)) }, at: index)
    }

    /// Refuses before anything happened what could not be written afterwards.
    func check(_ index: Int, _ count: Int) throws(CallError) {
        guard memory.contains(length(index), count) else { throw context.trap(.pointerOutOfBounds) }
    }

    private func bytes(at address: UInt32, count: Int) throws(CallError) -> [UInt8] {
        guard let bytes = memory.read(at: address, count: count) else { throw context.trap(.pointerOutOfBounds) }
        return bytes
    }
}
