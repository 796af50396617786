import CSodium
import Primitives

/// A point of edwards25519 in its 32-byte encoding. Only ``isValid`` says that there is such a point.
struct EdwardsPoint: FixedBytes {
    var words: (UInt64, UInt64, UInt64, UInt64)
    init() { words = (0, 0, 0, 0) }

    init(_ key: PublicKey) { words = key.words }
    init(_ key: VRFPublicKey) { words = key.words }

    /// The neutral element: y = 1.
    static let identity: EdwardsPoint = {
        var point = EdwardsPoint()
        point.words.0 = UInt64(1).littleEndian
        return point
    }()

    /// Canonical, on the curve and of prime order: a member of the group without its neutral element.
    var isValid: Bool {
        Sodium.ready
        return withBytes { crypto_core_ed25519_is_valid_point($0) } == 1
    }

    /// Whether y < p = 2²⁵⁵ − 19, which libsodium's decoder does not ask.
    var isCanonical: Bool {
        let top = UInt64(littleEndian: words.3) & 0x7fff_ffff_ffff_ffff
        let isHigh = top == 0x7fff_ffff_ffff_ffff && words.2 == .max && words.1 == .max
        return !(isHigh && UInt64(littleEndian: words.0) >= 0xffff_ffff_ffff_ffed)
    }

    /// The sum, or nil when either encodes no point. Points outside the prime-order group are taken.
    func adding(_ other: EdwardsPoint) -> EdwardsPoint? {
        combined(with: other, crypto_core_ed25519_add)
    }

    /// The difference, or nil when either encodes no point.
    func subtracting(_ other: EdwardsPoint) -> EdwardsPoint? {
        combined(with: other, crypto_core_ed25519_sub)
    }

    /// Eight times the point, which is in the prime-order group, or nil when the encoding is no point.
    var multipliedByCofactor: EdwardsPoint? {
        guard let two = adding(self), let four = two.adding(two) else { return nil }
        return four.adding(four)
    }

    /// `scalar · self` in constant time, or nil when the point is not valid, or the scalar zero.
    func multiplied(by scalar: Scalar) -> EdwardsPoint? {
        Sodium.ready
        var result = EdwardsPoint()
        let status = scalar.withBytes { scalar in
            withBytes { point in
                result.withMutableBytes { crypto_scalarmult_ed25519_noclamp($0, scalar, point) }
            }
        }
        return status == 0 ? result : nil
    }

    /// `scalar · B` in constant time, or nil when the scalar is zero modulo L.
    static func base(times scalar: Scalar) -> EdwardsPoint? {
        Sodium.ready
        var result = EdwardsPoint()
        let status = scalar.withBytes { scalar in
            result.withMutableBytes { crypto_scalarmult_ed25519_base_noclamp($0, scalar) }
        }
        return status == 0 ? result : nil
    }

    private func combined(
        with other: EdwardsPoint,
        _ operation: (UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Int32
    ) -> EdwardsPoint? {
        Sodium.ready
        var result = EdwardsPoint()
        let status = withBytes { left in
            other.withBytes { right in
                result.withMutableBytes { operation($0, left, right) }
            }
        }
        return status == 0 ? result : nil
    }
}
