/// A value that is exactly `byteCount` bytes long and nothing else: a digest, a key, a signature, an address.
///
/// A conforming type stores those bytes directly, as 64-bit words whose *memory* is the byte string, so that a
/// digest costs no allocation and can be handed to C without a copy. Words must therefore never be compared as
/// numbers; ``<(_:_:)`` compares the bytes in lexicographic order.
///
/// Invariant: `MemoryLayout<Self>.size == byteCount`, and the type is trivially copyable with no padding.
public protocol FixedBytes: BitwiseCopyable, Hashable, Comparable, Sendable, BCSCodable, CustomStringConvertible {
    /// All bytes zero.
    init()
}

extension FixedBytes {
    /// The length of the byte string.
    @inlinable public static var byteCount: Int { MemoryLayout<Self>.size }

    /// Takes `bytes` if there are exactly ``byteCount`` of them.
    @inlinable public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
    }

    /// Reads ``byteCount`` bytes from the start of `source`, which must hold at least that many.
    @inlinable public init(reading source: UnsafeRawBufferPointer) {
        precondition(source.count >= Self.byteCount)
        self = source.loadUnaligned(as: Self.self)
    }

    /// Takes lower- or upper-case hexadecimal text, with or without a leading `0x`.
    public init?(hex text: some StringProtocol) {
        guard let bytes = [UInt8](hex: text) else { return nil }
        self.init(bytes)
    }

    @inlinable public var bytes: [UInt8] { withUnsafeBytes(of: self) { [UInt8]($0) } }

    /// Lower-case hexadecimal, without a prefix.
    public var hex: String { bytes.hex }

    public var description: String { hex }

    @inlinable public static func == (left: Self, right: Self) -> Bool {
        withUnsafeBytes(of: left) { l in
            withUnsafeBytes(of: right) { r in
                var difference: UInt32 = 0
                var offset = 0
                while offset < l.count {
                    difference |= l.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                        ^ r.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    offset += 4
                }
                return difference == 0
            }
        }
    }

    @inlinable public static func < (left: Self, right: Self) -> Bool {
        withUnsafeBytes(of: left) { l in
            withUnsafeBytes(of: right) { r in
                var offset = 0
                while offset < l.count {
                    let a = UInt32(bigEndian: l.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    let b = UInt32(bigEndian: r.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    if a != b { return a < b }
                    offset += 4
                }
                return false
            }
        }
    }

    @inlinable public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: self) { hasher.combine(bytes: $0) }
    }

    @inlinable public func encode(into encoder: inout BCSEncoder) {
        withUnsafeBytes(of: self) { encoder.append($0) }
    }

    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self = try decoder.fixed(Self.self)
    }
}
