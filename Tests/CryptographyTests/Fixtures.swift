import Cryptography
import Primitives

extension SigningKey {
    /// A key of a test, told apart by a number.
    convenience init(number: UInt8) { self.init(seed: SecretBytes(copying: [UInt8](repeating: number, count: 32))) }
}

extension FixedBytes {
    /// A value whose first byte is `number`.
    init(number: UInt8) { self.init([number] + [UInt8](repeating: 0, count: Self.byteCount - 1))! }

    func flipping(_ bit: Int) -> Self { Self(bytes.flipping(bit))! }
}

extension [UInt8] {
    func flipping(_ bit: Int) -> [UInt8] {
        var copy = self
        copy[bit / 8] ^= 1 << UInt8(bit % 8)
        return copy
    }
}
