public import Primitives

/// Translates between the BCS of a value and a form that people read, by its schema.
///
/// | Type | Form |
/// |---|---|
/// | `bool` | true or false |
/// | `u8`, `u16`, `u32`, `validatorIndex` | a number |
/// | `u64`, `u128`, `height`, `epoch`, `nonce`, `gas`, `timestamp` | decimal text; a number is taken, too |
/// | `amount` | TRL as text with up to six decimals, `"12.5"`; for programs base units as decimal text, `"12500000"` |
/// | `address` | bech32m of the network |
/// | keys, digests, signatures, proofs, bytes | hexadecimal text, for programs with `0x` in front; both are taken |
/// | `text` | text |
/// | `option` | null, or the value; null is taken as no value, so that an option directly in an option cannot be told apart |
/// | `list` | a list |
/// | `record` | an object with every field |
/// | `choice` | the case's name, or an object with it as the only member |
/// | `nothing` | null |
public struct SchemaCodec: Sendable {
    /// For whom values are written, and who has written those that are read.
    public enum Audience: Sendable { case people, programs }

    public let network: NetworkKind
    public let audience: Audience

    public init(network: NetworkKind, for audience: Audience = .people) {
        self.network = network
        self.audience = audience
    }

    /// What does not fit a schema, and where, like `payments[2].amount`.
    public struct Mismatch: Error, Equatable, Sendable, CustomStringConvertible {
        public let path: String
        public let reason: String
        public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
    }

    // ── To BCS ──

    /// The encoding of `arguments`, an object with every argument's name.
    public func encode(_ arguments: DynamicValue, as fields: [FieldSchema]) throws(Mismatch) -> [UInt8] {
        var encoder = BCSEncoder()
        try encode(arguments, fields, "", &encoder, depth: 0)
        return encoder.bytes
    }

    public func encode(_ value: DynamicValue, as type: TypeSchema) throws(Mismatch) -> [UInt8] {
        var encoder = BCSEncoder()
        try encode(value, type, "", &encoder, depth: 0)
        return encoder.bytes
    }

    private func encode(
        _ value: DynamicValue, _ fields: [FieldSchema], _ path: String, _ encoder: inout BCSEncoder, depth: Int
    ) throws(Mismatch) {
        guard case .object(let members) = value else { throw Mismatch(path: path, reason: "must be an object") }
        for member in members where !fields.contains(where: { $0.name == member.name }) {
            throw Mismatch(path: join(path, member.name), reason: "is not a field; there are \(fields.map(\.name).joined(separator: ", "))")
        }
        for field in fields {
            // An option that is left out is none.
            var member = value[field.name]
            if member == nil, case .option = field.type { member = .null }
            guard let member else { throw Mismatch(path: join(path, field.name), reason: "is missing") }
            try encode(member, field.type, join(path, field.name), &encoder, depth: depth + 1)
        }
    }

    private func encode(
        _ value: DynamicValue, _ type: TypeSchema, _ path: String, _ encoder: inout BCSEncoder, depth: Int
    ) throws(Mismatch) {
        func refuse(_ reason: String) -> Mismatch { Mismatch(path: path, reason: reason) }
        guard depth <= Limits.encodingDepthMax else { throw refuse("is nested too deep") }
        switch type {
        case .scalar(let scalar): try encode(value, scalar, path, &encoder)
        case .fixedBytes(let size):
            guard let bytes = bytes(value), bytes.count == size else { throw refuse("must be \(size) bytes in hexadecimal") }
            encoder.append(bytes)
        case .bytes(let max):
            guard let bytes = bytes(value), bytes.count <= max else { throw refuse("must be at most \(max) bytes in hexadecimal") }
            encoder.encodeBytes(bytes)
        case .text(let max):
            guard case .text(let text) = value, text.utf8.count <= max else { throw refuse("must be a text of at most \(max) bytes") }
            encoder.encode(text)
        case .option(let wrapped):
            encoder.encode(value != .null)
            if value != .null { try encode(value, wrapped, path, &encoder, depth: depth + 1) }
        case .list(let element, let max):
            guard case .list(let values) = value, values.count <= max else { throw refuse("must be a list of at most \(max)") }
            encoder.encodeLength(values.count)
            for (place, value) in values.enumerated() { try encode(value, element, "\(path)[\(place)]", &encoder, depth: depth + 1) }
        case .record(_, let fields): try encode(value, fields, path, &encoder, depth: depth)
        case .choice(_, let cases): try encode(value, cases, path, &encoder, depth: depth)
        case .nothing:
            guard value == .null else { throw refuse("must be null") }
        }
    }

    private func encode(
        _ value: DynamicValue, _ cases: [CaseSchema], _ path: String, _ encoder: inout BCSEncoder, depth: Int
    ) throws(Mismatch) {
        let chosen: (name: String, value: DynamicValue?)? = switch value {
        case .text(let name): (name, nil)
        case .object(let members) where members.count == 1: (members[0].name, members[0].value)
        default: nil
        }
        guard let chosen, let index = cases.firstIndex(where: { $0.name == chosen.name }), (cases[index].type == nil) == (chosen.value == nil) else {
            let names = cases.map { $0.type == nil ? "\"\($0.name)\"" : "{\"\($0.name)\": …}" }.joined(separator: ", ")
            throw Mismatch(path: path, reason: "must be one of \(names)")
        }
        encoder.encodeVariant(index)
        if let type = cases[index].type, let value = chosen.value {
            try encode(value, type, join(path, chosen.name), &encoder, depth: depth + 1)
        }
    }

    private func encode(_ value: DynamicValue, _ scalar: TypeSchema.Scalar, _ path: String, _ encoder: inout BCSEncoder) throws(Mismatch) {
        func refuse(_ reason: String) -> Mismatch { Mismatch(path: path, reason: reason) }
        func integer<Integer: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(_: Integer.Type) throws(Mismatch) -> Integer {
            let found: Integer? = switch value {
            case .number(let number): Integer(exactly: number)
            // Digits alone: the initialiser would take a sign.
            case .text(let text): text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Integer(text) : nil
            default: nil
            }
            guard let found else { throw refuse("must be an integer from 0 to \(Integer.max)") }
            return found
        }
        func fixed(_ size: Int) throws(Mismatch) {
            guard let bytes = bytes(value), bytes.count == size else { throw refuse("must be \(size) bytes in hexadecimal") }
            encoder.append(bytes)
        }
        switch scalar {
        case .bool:
            guard case .bool(let flag) = value else { throw refuse("must be true or false") }
            encoder.encode(flag)
        case .u8: encoder.encode(try integer(UInt8.self))
        case .u16, .validatorIndex: encoder.encode(try integer(UInt16.self))
        case .u32: encoder.encode(try integer(UInt32.self))
        case .u64, .height, .epoch, .nonce, .gas, .timestamp: encoder.encode(try integer(UInt64.self))
        case .u128: encoder.encode(try integer(UInt128.self))
        case .amount where audience == .programs: encoder.encode(try integer(UInt128.self))
        case .amount:
            let text: String? = switch value {
            case .text(let text): text
            case .number(let number): String(number)
            default: nil
            }
            guard let text, let amount = Amount(tokens: text) else { throw refuse("must be an amount of TRL with at most six decimals") }
            encoder.encode(amount)
        case .address:
            guard case .text(let text) = value else { throw refuse("must be an address as text") }
            do { encoder.encode(try Address(text: text, on: network)) } catch {
                throw refuse("is not an address of this network, \(network.addressPrefix)1…: \(error)")
            }
        case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: try fixed(32)
        case .signature: try fixed(64)
        case .vrfProof: try fixed(80)
        }
    }

    private func bytes(_ value: DynamicValue) -> [UInt8]? {
        guard case .text(let text) = value else { return nil }
        return [UInt8](hex: text)
    }

    private func hex(_ bytes: [UInt8]) -> String { audience == .people ? bytes.hex : "0x" + bytes.hex }

    private func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    // ── From BCS ──

    /// The fields that fill `bytes` exactly, as an object.
    public func decode(_ bytes: [UInt8], as fields: [FieldSchema]) throws(BCSError) -> DynamicValue {
        var decoder = BCSDecoder(bytes), budget = FormBudget(bytes)
        let value = try decode(fields, &decoder, &budget)
        try decoder.finish()
        return value
    }

    /// The value that fills `bytes` exactly.
    public func decode(_ bytes: [UInt8], as type: TypeSchema) throws(BCSError) -> DynamicValue {
        var decoder = BCSDecoder(bytes), budget = FormBudget(bytes)
        let value = try decode(type, &decoder, &budget)
        try decoder.finish()
        return value
    }

    /// How long the form of a value may become, about, for the bytes that were paid for. Its schema may be a stranger's: with fields that take
    /// no bytes, records within records and long names a few bytes would become any length. What is more is shown as bytes by whoever asks.
    private struct FormBudget {
        private var left: Int

        init(_ bytes: [UInt8]) { left = 4_096 + 32 * bytes.count }

        mutating func take(_ bytes: Int, _ decoder: BCSDecoder) throws(BCSError) {
            guard bytes <= left else { throw decoder.refuse("longer to write down than its bytes can stand for") }
            left -= bytes
        }

        /// A name with its marks.
        mutating func take(_ name: String, _ decoder: BCSDecoder) throws(BCSError) { try take(name.utf8.count + 4, decoder) }
    }

    private func decode(_ fields: [FieldSchema], _ decoder: inout BCSDecoder, _ budget: inout FormBudget) throws(BCSError) -> DynamicValue {
        var members: [DynamicValue.Member] = []
        for field in fields {
            try budget.take(field.name, decoder)
            members.append(DynamicValue.Member(field.name, try decode(field.type, &decoder, &budget)))
        }
        return .object(members)
    }

    private func decode(_ type: TypeSchema, _ decoder: inout BCSDecoder, _ budget: inout FormBudget) throws(BCSError) -> DynamicValue {
        try budget.take(8, decoder)
        return try decoder.nested { (decoder: inout BCSDecoder) throws(BCSError) -> DynamicValue in
            switch type {
            case .scalar(let scalar): return try decode(scalar, &decoder)
            case .fixedBytes(let size):
                var bytes: [UInt8] = []
                for _ in 0..<size { bytes.append(try decoder.decode(UInt8.self)) }
                return .text(hex(bytes))
            case .bytes(let max): return .text(hex(try decoder.decodeBytes(limit: max)))
            case .text(let max): return .text(try decoder.decodeText(limit: max))
            case .option(let wrapped): return try decoder.decode(Bool.self) ? try decode(wrapped, &decoder, &budget) : .null
            case .list(let element, let max):
                let count = try decoder.decodeLength(limit: max)
                var values: [DynamicValue] = []
                for _ in 0..<count { values.append(try decode(element, &decoder, &budget)) }
                return .list(values)
            case .record(_, let fields): return try decode(fields, &decoder, &budget)
            case .choice(_, let cases):
                let chosen = cases[try decoder.decodeVariant(count: cases.count)]
                try budget.take(chosen.name, decoder)
                guard let type = chosen.type else { return .text(chosen.name) }
                return .object([DynamicValue.Member(chosen.name, try decode(type, &decoder, &budget))])
            case .nothing: return .null
            }
        }
    }

    private func decode(_ scalar: TypeSchema.Scalar, _ decoder: inout BCSDecoder) throws(BCSError) -> DynamicValue {
        switch scalar {
        case .bool: .bool(try decoder.decode(Bool.self))
        case .u8: .number(UInt64(try decoder.decode(UInt8.self)))
        case .u16, .validatorIndex: .number(UInt64(try decoder.decode(UInt16.self)))
        case .u32: .number(UInt64(try decoder.decode(UInt32.self)))
        case .u64, .height, .epoch, .nonce, .gas, .timestamp: .text(String(try decoder.decode(UInt64.self)))
        case .u128: .text(String(try decoder.decode(UInt128.self)))
        case .amount: .text(audience == .people ? try decoder.decode(Amount.self).tokens : try decoder.decode(Amount.self).description)
        case .address: .text(try decoder.decode(Address.self).text(on: network))
        case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: .text(hex(try decoder.decode(Digest.self).bytes))
        case .signature: .text(hex(try decoder.decode(Signature.self).bytes))
        case .vrfProof: .text(hex(try decoder.decode(VRFProof.self).bytes))
        }
    }
}
