import CSodium
import Primitives

/// An integer modulo L, the order of edwards25519's base point, little-endian in 32 bytes.
///
/// It may be a secret: `wipe()` it then. Every operation is branch-free.
struct Scalar: FixedBytes {
    var words: (UInt64, UInt64, UInt64, UInt64)
    init() { words = (0, 0, 0, 0) }

    /// A small number.
    init(_ value: UInt64) {
        self.init()
        words.0 = value.littleEndian
    }

    /// `bytes`, 64 of them, modulo L (RFC 8032 §5.1.6).
    init(reducing bytes: UnsafePointer<UInt8>) {
        self.init()
        withMutableBytes { crypto_core_ed25519_scalar_reduce($0, bytes) }
    }

    /// Whether the encoding is below L = 2²⁵² + 27742317777372353535851937790883648493.
    var isCanonical: Bool {
        // Subtraction limb by limb, in registers because the scalar may be secret: the encoding is smaller exactly when the last
        // limb borrows.
        func borrows(_ limb: UInt64, _ bound: UInt64, _ borrow: UInt64) -> UInt64 {
            let (difference, first) = UInt64(littleEndian: limb).subtractingReportingOverflow(bound)
            let (_, second) = difference.subtractingReportingOverflow(borrow)
            return (first ? 1 : 0) | (second ? 1 : 0)
        }
        var borrow = borrows(words.0, 0x5812_631a_5cf5_d3ed, 0)
        borrow = borrows(words.1, 0x14de_f9de_a2f7_9cd6, borrow)
        borrow = borrows(words.2, 0, borrow)
        return borrows(words.3, 0x1000_0000_0000_0000, borrow) == 1
    }

    static func + (left: Scalar, right: Scalar) -> Scalar {
        combine(left, right) { crypto_core_ed25519_scalar_add($0, $1, $2) }
    }

    static func - (left: Scalar, right: Scalar) -> Scalar {
        combine(left, right) { crypto_core_ed25519_scalar_sub($0, $1, $2) }
    }

    static func * (left: Scalar, right: Scalar) -> Scalar {
        combine(left, right) { crypto_core_ed25519_scalar_mul($0, $1, $2) }
    }

    /// The multiplicative inverse; the scalar must not be zero.
    var inverse: Scalar {
        Sodium.ready
        var result = Scalar()
        let status = withBytes { scalar in result.withMutableBytes { crypto_core_ed25519_scalar_invert($0, scalar) } }
        precondition(status == 0, "zero has no inverse")
        return result
    }

    private static func combine(
        _ left: Scalar, _ right: Scalar,
        _ operation: (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Void
    ) -> Scalar {
        Sodium.ready
        var result = Scalar()
        left.withBytes { left in
            right.withBytes { right in
                result.withMutableBytes { operation($0, left, right) }
            }
        }
        return result
    }
}
