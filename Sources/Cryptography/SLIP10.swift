/// SLIP-0010 for ed25519: a tree of private keys under one seed, hardened derivation only.
public enum SLIP10 {
    /// A node of the tree. `privateKey` is the seed of a ``SigningKey``, ``VRFKey`` or ``SealingKey``, one path each.
    public struct Node: Sendable {
        public let privateKey: SecretBytes
        public let chainCode: SecretBytes

        /// The root of a seed of 16 … 64 bytes.
        public init(seed: SecretBytes) {
            precondition((16...64).contains(seed.count))
            self.init(code: seed.withUnsafeBytes { seed in
                Array("ed25519 seed".utf8).withUnsafeBytes { HMACSHA512.code(key: $0, message: seed) }
            })
        }

        /// The hardened child of a number below 2³¹.
        public func child(_ index: UInt32) -> Node {
            precondition(index < 1 << 31)
            return withSecretScratch(37) { message in
                privateKey.withUnsafeBytes { UnsafeMutableRawPointer(message + 1).copyMemory(from: $0.baseAddress!, byteCount: 32) }
                withUnsafeBytes(of: (index | 1 << 31).bigEndian) {
                    UnsafeMutableRawPointer(message + 33).copyMemory(from: $0.baseAddress!, byteCount: 4)
                }
                return Node(code: chainCode.withUnsafeBytes {
                    HMACSHA512.code(key: $0, message: UnsafeRawBufferPointer(start: message, count: 37))
                })
            }
        }

        /// The node at `path` below this one.
        public func descendant(_ path: Path) -> Node { path.indices.reduce(self) { $0.child($1) } }

        private init(code: SecretBytes) {
            privateKey = code.withUnsafeBytes { SecretBytes(copying: $0.prefix(32)) }
            chainCode = code.withUnsafeBytes { SecretBytes(copying: $0.suffix(32)) }
        }
    }

    /// A path such as `m/44'/1'/0'/2'/0'`: at most ``levelsMax`` numbers below 2³¹, every one hardened.
    public struct Path: Hashable, Sendable, CustomStringConvertible {
        public let indices: [UInt32]

        /// BIP-44 has five levels; nobody needs more than twice as many.
        public static let levelsMax = 10

        /// nil when there are too many levels or a number is too large.
        public init?(_ indices: [UInt32]) {
            guard indices.count <= Path.levelsMax, indices.allSatisfy({ $0 < 1 << 31 }) else { return nil }
            self.indices = indices
        }

        /// Reads the text form. A number has no superfluous zeros, and must be hardened because ed25519 knows no other
        /// derivation; nil otherwise.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.first == "m" else { return nil }
            var indices: [UInt32] = []
            for part in parts.dropFirst() {
                guard part.last == "'", let index = UInt32(part.dropLast()), String(index) == part.dropLast() else { return nil }
                indices.append(index)
            }
            self.init(indices)
        }

        public var description: String { indices.reduce("m") { "\($0)/\($1)'" } }
    }
}
