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
    /// Opens what others sealed for its owner.
    case sealing = 4

    /// Those of which each node has one. The others are for people.
    public static let ofNodes: [KeyRole] = [.account, .validator, .node, .vrf]

    public var description: String {
        switch self {
        case .account: "account"
        case .validator: "validator"
        case .node: "node"
        case .vrf: "vrf"
        case .sealing: "sealing"
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
    /// The 32 bytes of the `PublicKey`, of the `VRFPublicKey` for ``KeyRole/vrf``, or of the `SealingPublicKey` for ``KeyRole/sealing``.
    public let publicKeyBytes: [UInt8]

    /// The key of a 32-byte seed of full entropy.
    public init(role: KeyRole, seed: SecretBytes) {
        self.role = role
        self.seed = seed
        publicKeyBytes = switch role {
        case .account, .validator, .node: SigningKey(seed: seed).publicKey.bytes
        case .vrf: VRFKey(seed: seed).publicKey.bytes
        case .sealing: SealingKey(seed: seed).publicKey.bytes
        }
    }

    /// A new key.
    public static func generate(_ role: KeyRole) -> RoleKey {
        RoleKey(role: role, seed: Entropy.secret(SigningKey.seedBytes))
    }

    /// For every role but ``KeyRole/vrf`` and ``KeyRole/sealing``.
    public var signingKey: SigningKey? { role == .vrf || role == .sealing ? nil : SigningKey(seed: seed) }
    /// For ``KeyRole/vrf`` alone.
    public var vrfKey: VRFKey? { role == .vrf ? VRFKey(seed: seed) : nil }
    /// For ``KeyRole/sealing`` alone.
    public var sealingKey: SealingKey? { role == .sealing ? SealingKey(seed: seed) : nil }
    /// For ``KeyRole/account`` alone.
    public var address: Address? { role == .account ? Address(of: SigningKey(seed: seed).publicKey) : nil }
}
