public import Execution
public import Primitives

/// Makes arguments for any method from its schema with numbers at the edge of what their types hold, and names and accounts that mean something:
/// so they get behind the first check, to where numbers are added up.
public struct EdgeArguments: Sendable {
    /// Where every number of one call stands.
    public enum Edge: CaseIterable, Sendable { case least, most, either }

    private let edge: Edge
    private var random: SeededGenerator
    private let addresses: [Address]
    private let texts: [String]

    public init(_ edge: Edge, seed: UInt64, addresses: [Address], texts: [String]) {
        self.edge = edge
        random = SeededGenerator(seed: seed)
        self.addresses = addresses
        self.texts = texts
    }

    public mutating func arguments(_ method: MethodSchema) -> [UInt8] {
        var encoder = BCSEncoder()
        for argument in method.arguments { encode(argument.type, into: &encoder, depth: 0) }
        return encoder.bytes
    }

    private mutating func number(bits: Int) -> UInt64 {
        let most = UInt64.max >> UInt64(64 - bits)
        switch edge {
        case .least: return 0
        case .most: return most
        case .either: return [0, 1, 2, most / 2, most / 2 + 1, most - 1, most][random.below(7)]
        }
    }

    private mutating func wide() -> UInt128 { UInt128(number(bits: 64)) << 64 | UInt128(number(bits: 64)) }

    private mutating func filled(_ count: Int) -> [UInt8] { Array(repeating: UInt8(number(bits: 8)), count: count) }

    private mutating func encode(_ type: TypeSchema, into encoder: inout BCSEncoder, depth: Int) {
        func count(_ max: Int) -> Int { Swift.min(max, edge == .least || depth > 4 ? 0 : edge == .most ? 3 : random.below(4)) }
        switch type {
        case .scalar(let scalar): encode(scalar, into: &encoder)
        case .fixedBytes(let size): encoder.append(filled(size))
        case .bytes(let max): encoder.encodeBytes(filled(count(max)))
        case .text(let max): encoder.encode(String(decoding: texts[random.below(texts.count)].utf8.prefix(max), as: UTF8.self))
        case .option(let wrapped):
            let isPresent = edge == .most || edge == .either && random.chance(1, in: 2)
            encoder.encode(isPresent)
            if isPresent { encode(wrapped, into: &encoder, depth: depth + 1) }
        case .list(let element, let max):
            let count = count(max)
            encoder.encodeLength(count)
            for _ in 0..<count { encode(element, into: &encoder, depth: depth + 1) }
        case .record(_, let fields): for field in fields { encode(field.type, into: &encoder, depth: depth + 1) }
        case .choice(_, let cases):
            let index = random.below(cases.count)
            encoder.encodeVariant(index)
            if let value = cases[index].type { encode(value, into: &encoder, depth: depth + 1) }
        case .nothing: break
        }
    }

    private mutating func encode(_ scalar: TypeSchema.Scalar, into encoder: inout BCSEncoder) {
        switch scalar {
        case .bool: encoder.encode(number(bits: 1) == 1)
        case .u8: encoder.encode(UInt8(number(bits: 8)))
        case .u16, .validatorIndex: encoder.encode(UInt16(number(bits: 16)))
        case .u32: encoder.encode(UInt32(number(bits: 32)))
        case .u64, .height, .epoch, .nonce, .gas, .timestamp: encoder.encode(number(bits: 64))
        case .u128, .amount: encoder.encode(wide())
        case .address: encoder.encode(addresses[random.below(addresses.count)])
        case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: encoder.append(filled(32))
        case .signature: encoder.append(filled(64))
        case .vrfProof: encoder.append(filled(80))
        }
    }
}
