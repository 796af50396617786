public import Cryptography
public import Primitives

/// What a key is for. The number is its level in a derivation path; the name stands in key files. Neither is ever reused.
@frozen public enum KeyRole: UInt32, CaseIterable, Sendable, CustomStringConvertible {
    /// Signs transactions.
    case account = 0
    /// Signs consensus messages.
    case validator = 1
    /// Identifies a node to its peers.
    case node = 2
    /// Proves the randomness beacon.
    case vrf = 3

    public var description: String {
        switch self {
        case .account: "account"
        case .validator: "validator"
        case .node: "node"
        case .vrf: "vrf"
        }
    }

    init?(name: String) {
        guard let role = KeyRole.allCases.first(where: { $0.description == name }) else { return nil }
        self = role
    }
}

/// A private key with the role that it was made for. No key serves two roles, and none is derived from another at run time.
public struct RoleKey: Sendable {
    public let role: KeyRole
    /// 32 bytes.
    public let seed: SecretBytes
    /// The 32 bytes of the `PublicKey`, or of the `VRFPublicKey` for ``KeyRole/vrf``.
    public let publicKeyBytes: [UInt8]

    /// The key of a 32-byte seed of full entropy.
    public init(role: KeyRole, seed: SecretBytes) {
        self.role = role
        self.seed = seed
        publicKeyBytes = role == .vrf ? VRFKey(seed: seed).publicKey.bytes : SigningKey(seed: seed).publicKey.bytes
    }

    /// A new key.
    public static func generate(_ role: KeyRole) -> RoleKey {
        RoleKey(role: role, seed: Entropy.secret(SigningKey.seedBytes))
    }

    /// For every role but ``KeyRole/vrf``.
    public var signingKey: SigningKey? { role == .vrf ? nil : SigningKey(seed: seed) }
    /// For ``KeyRole/vrf`` alone.
    public var vrfKey: VRFKey? { role == .vrf ? VRFKey(seed: seed) : nil }
    /// For ``KeyRole/account`` alone.
    public var address: Address? { role == .account ? Address(of: SigningKey(seed: seed).publicKey) : nil }
}
