public import Execution

/// Writes JSON straight to bytes: members in the order in which they are written, nil left out, text escaped as RFC 8259 asks.
///
/// Foundation's encoder builds a tree first, and orders members by hash or by name. The order of a resource's fields is part of what
/// people read.
public struct JSONWriter {
    public static func bytes(_ value: some Encodable) -> [UInt8] {
        let sink = Sink()
        sink.bytes.reserveCapacity(1_024)
        // Nothing that resources are made of throws in encoding.
        do { try sink.encode(value) } catch { preconditionFailure("a value that does not encode: \(error)") }
        return sink.bytes
    }

    public static func bytes(_ value: DynamicValue) -> [UInt8] {
        let sink = Sink()
        sink.append(value)
        return sink.bytes
    }
}

/// The bytes, and what kind of value was begun last.
private final class Sink {
    enum Shape { case scalar, object, list }
    var bytes: [UInt8] = []
    var shape = Shape.scalar
    var isFirst = true

    func encode<Value: Encodable>(_ value: Value) throws {
        switch value {
        case let value as String: append(value)
        case let value as Bool: append(ascii: value ? "true" : "false")
        case let value as UInt64: append(number: value)
        case let value as DynamicValue: append(value)
        case let value as any TextValue: append(value.text)
        default:
            let (outerShape, outerFirst) = (shape, isFirst)
            (shape, isFirst) = (.scalar, true)
            try value.encode(to: SinkEncoder(sink: self))
            switch shape {
            case .scalar: break
            case .object: bytes.append(UInt8(ascii: "}"))
            case .list: bytes.append(UInt8(ascii: "]"))
            }
            (shape, isFirst) = (outerShape, outerFirst)
        }
    }

    func begin(_ shape: Shape) {
        precondition(self.shape == .scalar, "one container for each value")
        self.shape = shape
        bytes.append(shape == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    func key(_ name: String) {
        separate()
        append(name)
        bytes.append(UInt8(ascii: ":"))
    }

    func append(ascii text: StaticString) { bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
    func append(number: some FixedWidthInteger) { bytes.append(contentsOf: String(number).utf8) }

    func append(_ value: DynamicValue) {
        switch value {
        case .null: append(ascii: "null")
        case .bool(let flag): append(ascii: flag ? "true" : "false")
        case .number(let number): append(number: number)
        case .text(let text): append(text)
        case .list(let values):
            bytes.append(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                append(value)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                append(member.name)
                bytes.append(UInt8(ascii: ":"))
                append(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append(ascii: "\\\"")
            case UInt8(ascii: "\\"): append(ascii: "\\\\")
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                append(ascii: "\\u00")
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

private struct SinkEncoder: Encoder {
    let sink: Sink
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        sink.begin(.object)
        return KeyedEncodingContainer(Keyed<Key>(sink: sink))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        sink.begin(.list)
        return Unkeyed(sink: sink)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(sink: sink) }

    struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let sink: Sink
        var codingPath: [any CodingKey] { [] }
        func encodeNil(forKey key: Key) {
            sink.key(key.stringValue)
            sink.append(ascii: "null")
        }
        func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
            sink.key(key.stringValue)
            try sink.encode(value)
        }
        func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type, forKey _: Key) -> KeyedEncodingContainer<Nested> { nested() }
        func nestedUnkeyedContainer(forKey _: Key) -> any UnkeyedEncodingContainer { nested() }
        func superEncoder() -> any Encoder { nested() }
        func superEncoder(forKey _: Key) -> any Encoder { nested() }
    }

    struct Unkeyed: UnkeyedEncodingContainer {
        let sink: Sink
        var codingPath: [any CodingKey] { [] }
        var count = 0
        init(sink: Sink) { self.sink = sink }
        mutating func encodeNil() {
            sink.separate()
            count += 1
            sink.append(ascii: "null")
        }
        mutating func encode<Value: Encodable>(_ value: Value) throws {
            sink.separate()
            count += 1
            try sink.encode(value)
        }
        mutating func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type) -> KeyedEncodingContainer<Nested> { nested() }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested() }
        mutating func superEncoder() -> any Encoder { nested() }
    }

    struct Single: SingleValueEncodingContainer {
        let sink: Sink
        var codingPath: [any CodingKey] { [] }
        func encodeNil() { sink.append(ascii: "null") }
        func encode(_ value: Int) { sink.append(number: value) }
        func encode(_ value: Int8) { sink.append(number: value) }
        func encode(_ value: Int16) { sink.append(number: value) }
        func encode(_ value: Int32) { sink.append(number: value) }
        func encode(_ value: Int64) { sink.append(number: value) }
        func encode(_ value: UInt) { sink.append(number: value) }
        func encode(_ value: UInt8) { sink.append(number: value) }
        func encode(_ value: UInt16) { sink.append(number: value) }
        func encode(_ value: UInt32) { sink.append(number: value) }
        func encode(_ value: UInt64) { sink.append(number: value) }
        func encode(_ value: Bool) { sink.append(ascii: value ? "true" : "false") }
        func encode(_ value: String) { sink.append(value) }
        func encode(_ value: Double) throws { try number(value, value.isFinite) }
        func encode(_ value: Float) throws { try number(value, value.isFinite) }
        func encode<Value: Encodable>(_ value: Value) throws { try sink.encode(value) }

        private func number(_ value: some CustomStringConvertible, _ isFinite: Bool) throws {
            guard isFinite else {
                throw EncodingError.invalidValue(value, EncodingError.Context(codingPath: [], debugDescription: "JSON has no such number"))
            }
            sink.bytes.append(contentsOf: value.description.utf8)
        }
    }
}

private func nested() -> Never { preconditionFailure("a resource has no containers within containers") }
