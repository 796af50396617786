import Cryptography
public import Primitives

/// The address of one value of the world state: a contract's address and up to ``Limits/stateKeyBytesMax`` bytes that the
/// contract chooses. Its *path* in the authenticated tree is the SHA-256 of those bytes, so that no contract can place its
/// keys, and the tree stays balanced.
///
/// Invariant: `20 <= bytes.count <= 20 + Limits.stateKeyBytesMax`.
public struct StateKey: Hashable, Sendable, BCSCodable {
    /// The contract's address followed by its own key.
    public let bytes: [UInt8]

    /// nil when `key` is longer than ``Limits/stateKeyBytesMax``.
    public init?(contract: Address, _ key: [UInt8]) {
        guard key.count <= Limits.stateKeyBytesMax else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Address.byteCount + key.count)
        withUnsafeBytes(of: contract) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: key)
        self.bytes = bytes
    }

    /// nil when the length breaks the invariant.
    public init?(_ bytes: [UInt8]) {
        guard (Address.byteCount...Self.byteCountMax).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    public static let byteCountMax = Address.byteCount + Limits.stateKeyBytesMax

    public var contract: Address { bytes.withUnsafeBytes { Address(reading: $0) } }

    /// All bytes at once; an array's own way takes them one by one.
    public func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }

    /// The position in the tree.
    public var path: Digest { SHA256.hash(bytes) }

    public func encode(into encoder: inout BCSEncoder) { encoder.encodeBytes(bytes) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        guard let key = StateKey(try decoder.decodeBytes(limit: Self.byteCountMax)) else {
            throw decoder.refuse("a state key is shorter than an address")
        }
        self = key
    }
}

/// What a block does to one key: a new value, or nil to remove it.
public struct StateChange: Hashable, Sendable {
    public let key: StateKey
    /// At most ``Limits/stateValueBytesMax`` bytes; nil removes the key.
    public let value: [UInt8]?

    public init(key: StateKey, value: [UInt8]?) {
        precondition(value.map { $0.count <= Limits.stateValueBytesMax } ?? true)
        self.key = key
        self.value = value
    }
}
