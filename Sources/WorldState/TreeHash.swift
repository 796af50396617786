import Cryptography
public import Primitives

/// The hashes of the authenticated tree.
///
/// A binary trie over the 256 bits of a path. An empty subtree hashes to 32 zero bytes; a subtree with one leaf *is* that leaf,
/// wherever it stands; any other is `SHA-256(0x01 || left || right)`. Therefore the top depends on the set of leaves alone and
/// never on the order of changes or the layout on disk. The prefix bytes keep leaves, inner nodes and roots apart.
public enum TreeHash {
    /// The version of this construction; part of every root.
    public static let version: UInt8 = 1

    public static let empty = Digest.zero

    public static func value(_ bytes: [UInt8]) -> Digest { SHA256.hash(bytes) }

    /// `SHA-256(0x00 || path || SHA-256(value))`.
    public static func leaf(path: Digest, valueHash: Digest) -> Digest { SHA256.node(prefix: 0, path, valueHash) }

    /// `SHA-256(0x01 || left || right)`.
    public static func inner(_ left: Digest, _ right: Digest) -> Digest { SHA256.node(prefix: 1, left, right) }

    /// The state root of a header: `SHA-256(0x02 || version || top)`.
    public static func root(top: Digest) -> Digest { SHA256.hash([2, version] + top.bytes) }
}
