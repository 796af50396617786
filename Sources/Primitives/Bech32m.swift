/// Text form of byte strings with a network prefix and an error-detecting checksum (BIP-350, without a witness version).
public enum Bech32m {
    /// Why a text is not bech32m. Positions count characters from 0.
    public enum Failure: Error, Equatable, Sendable {
        case lengthOutOfRange(Int)
        case characterInvalid(position: Int)
        case caseMixed
        case separatorMissing
        case prefixEmpty
        case checksumTooShort
        case checksumWrong
        /// Leftover bits that are not zero, or a whole group of them.
        case paddingInvalid
        case prefixUnexpected(found: String, expected: String)
        case payloadLength(found: Int, expected: Int)
    }

    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let checksumConstant: UInt32 = 0x2bc8_30a3
    private static let lengthMax = 90

    /// `prefix`, `1`, the payload in groups of five bits, and six characters of checksum. The prefix must be lower case
    /// ASCII and the result at most 90 characters long; both are the caller's own choice, therefore preconditions.
    public static func encode(prefix: String, _ payload: [UInt8]) -> String {
        precondition(!prefix.isEmpty && prefix.utf8.allSatisfy { (33...126).contains($0) && !(65...90).contains($0) })
        let data = regroup(payload, from: 8, to: 5, pad: true)!
        let tail = checksum(expand(prefix.utf8) + data)
        let text = Array(prefix.utf8) + [UInt8(ascii: "1")] + (data + tail).map { alphabet[Int($0)] }
        precondition(text.count <= lengthMax)
        return String(decoding: text, as: UTF8.self)
    }

    /// The prefix, in lower case, and the payload.
    public static func decode(_ text: String) throws(Failure) -> (prefix: String, payload: [UInt8]) {
        let (prefix, data) = try decodeGroups(text)
        guard let payload = regroup(data, from: 5, to: 8, pad: false) else { throw .paddingInvalid }
        return (prefix, payload)
    }

    /// The prefix and the five-bit groups, as in BIP-350's own test vectors.
    static func decodeGroups(_ text: String) throws(Failure) -> (prefix: String, groups: [UInt8]) {
        let characters = Array(text.utf8)
        guard (8...lengthMax).contains(characters.count) else { throw .lengthOutOfRange(characters.count) }
        var hasLower = false, hasUpper = false
        for (position, character) in characters.enumerated() {
            guard (33...126).contains(character) else { throw .characterInvalid(position: position) }
            if (97...122).contains(character) { hasLower = true }
            if (65...90).contains(character) { hasUpper = true }
        }
        guard !(hasLower && hasUpper) else { throw .caseMixed }
        let folded = characters.map { (65...90).contains($0) ? $0 + 32 : $0 }
        guard let separator = folded.lastIndex(of: UInt8(ascii: "1")) else { throw .separatorMissing }
        guard separator > 0 else { throw .prefixEmpty }
        guard folded.count - separator - 1 >= 6 else { throw .checksumTooShort }
        var groups: [UInt8] = []
        for position in (separator + 1)..<folded.count {
            guard let value = alphabet.firstIndex(of: folded[position]) else { throw .characterInvalid(position: position) }
            groups.append(UInt8(value))
        }
        guard polymod(expand(folded[..<separator]) + groups) == checksumConstant else { throw .checksumWrong }
        return (String(decoding: folded[..<separator], as: UTF8.self), Array(groups.dropLast(6)))
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var state: UInt32 = 1
        for value in values {
            let top = state >> 25
            state = (state & 0x1ff_ffff) << 5 ^ UInt32(value)
            for bit in 0..<5 where top >> bit & 1 == 1 { state ^= generator[bit] }
        }
        return state
    }

    private static func expand(_ prefix: some Sequence<UInt8>) -> [UInt8] {
        prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
    }

    private static func checksum(_ values: [UInt8]) -> [UInt8] {
        let state = polymod(values + [0, 0, 0, 0, 0, 0]) ^ checksumConstant
        return (0..<6).map { UInt8(state >> UInt32(5 * (5 - $0)) & 31) }
    }

    /// Regroups bits, most significant first; nil when unpadded input leaves a whole group or a bit that is set.
    private static func regroup(_ values: [UInt8], from: UInt32, to: UInt32, pad: Bool) -> [UInt8]? {
        var accumulator: UInt32 = 0, bits: UInt32 = 0
        var result: [UInt8] = []
        result.reserveCapacity(values.count * Int(from) / Int(to) + 1)
        let mask: UInt32 = 1 << to - 1
        for value in values {
            accumulator = accumulator << from | UInt32(value)
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(accumulator >> bits & mask))
            }
            accumulator &= 1 << bits - 1
        }
        if pad {
            if bits > 0 { result.append(UInt8(accumulator << (to - bits) & mask)) }
        } else if bits >= from || accumulator != 0 {
            return nil
        }
        return result
    }
}

/// The kind of network an address belongs to, shown in its first characters.
@frozen public enum NetworkKind: String, CaseIterable, Sendable {
    case main = "trl"
    case development = "ttrl"

    public var addressPrefix: String { rawValue }
}

extension Address {
    /// The form that people see: `trl1…`, or `ttrl1…` on development networks.
    public func text(on network: NetworkKind) -> String { Bech32m.encode(prefix: network.addressPrefix, bytes) }

    /// Reads the text form and refuses one of another network.
    public init(text: String, on network: NetworkKind) throws(Bech32m.Failure) {
        let (prefix, payload) = try Bech32m.decode(text)
        guard prefix == network.addressPrefix else {
            throw .prefixUnexpected(found: prefix, expected: network.addressPrefix)
        }
        guard let address = Address(payload) else { throw .payloadLength(found: payload.count, expected: Address.byteCount) }
        self = address
    }
}
