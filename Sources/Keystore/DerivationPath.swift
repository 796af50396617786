public import Cryptography

/// Where a key lies in the tree of a recovery phrase: `m/44'/coin'/account'/role'/index'`, the levels of BIP-44 with the role of a
/// key in the place of its "change", all hardened because ed25519 knows nothing else (SLIP-0010).
public struct DerivationPath: Hashable, Sendable, CustomStringConvertible {
    /// SLIP-0044 has no number for Trellis. 1 is "Testnet (all coins)", the only one that no chain owns; a registered number would
    /// be another constant here, and the keys under the old one would stay what they are.
    public static let coinType: UInt32 = 1

    /// Which of its owner's identities.
    public let account: UInt32
    public let role: KeyRole
    /// Which of several keys of one role, such as after a rotation.
    public let index: UInt32

    /// nil when a number is 2³¹ or more.
    public init?(account: UInt32 = 0, role: KeyRole, index: UInt32 = 0) {
        guard account < 1 << 31, index < 1 << 31 else { return nil }
        self.account = account
        self.role = role
        self.index = index
    }

    /// All five levels.
    public var path: SLIP10.Path {
        guard let path = SLIP10.Path([44, DerivationPath.coinType, account, role.rawValue, index]) else {
            preconditionFailure("the initialiser checks the numbers")
        }
        return path
    }

    public var description: String { path.description }
}

extension RoleKey {
    /// The key at `path` under the seed of a recovery phrase, 16 … 64 bytes.
    public init(_ path: DerivationPath, seed: SecretBytes) {
        self.init(role: path.role, seed: SLIP10.Node(seed: seed).descendant(path.path).privateKey)
    }
}
