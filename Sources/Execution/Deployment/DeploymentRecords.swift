import Ledger
public import Primitives
import WorldState

/// The records of the contract `contracts` that the machine reads itself, whenever a deployed contract is called.
public enum DeploymentRecords {
    public static let contracts = StoredMap(
        0, "contracts", "Each deployed contract: its code, and who may replace it.", Address.self, DeployedContract.self)
    public static let code = StoredMap(
        1, "code", "Pieces of code by its hash and from 0, each of 60 KiB but the last. Equal code is kept once.", KeyPair<Digest, UInt16>.self,
        CodePiece.self)

    public typealias CodePiece = BoundedBytes<61_440>
    /// Bytes of one piece, below the limit of a stored value.
    public static let pieceBytes = 61_440

    public static func pieceCount(_ codeBytes: UInt32) -> UInt16 { UInt16((Int(codeBytes) + pieceBytes - 1) / pieceBytes) }

    static func contract(_ address: Address, in state: Overlay) throws(StoreError) -> DeployedContract? {
        try ChainRecords.read(StateKey(contract: .contracts, contracts.key(address))!, in: state)
    }

    /// The code of a record. The pieces are no part of what was read: the hash in the record stands for them.
    static func code(of contract: DeployedContract, in state: Overlay) throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(contract.codeBytes))
        for index in 0..<pieceCount(contract.codeBytes) {
            let key = StateKey(contract: .contracts, code.key(KeyPair(contract.codeHash, index)))!
            guard let stored = try state.value(key, isNoted: false), let piece = try? CodePiece(bcs: stored) else {
                throw StoreError(.corrupt, "piece \(index) of the code \(contract.codeHash)")
            }
            bytes += piece.bytes
        }
        return bytes
    }
}

/// A deployed contract, as the machine and everyone else sees it.
public struct DeployedContract: Hashable, Record {
    public let codeHash: Digest
    public let codeBytes: UInt32
    /// Upgrades so far.
    public let revision: UInt32
    /// Who deployed it.
    public let deployer: Address
    public let height: Height
    public let policy: OwnerPolicy

    public init(codeHash: Digest, codeBytes: UInt32, revision: UInt32, deployer: Address, height: Height, policy: OwnerPolicy) {
        self.codeHash = codeHash
        self.codeBytes = codeBytes
        self.revision = revision
        self.deployer = deployer
        self.height = height
        self.policy = policy
    }

    public static let fields = Fields(
        Field("codeHash", "SHA-256 of the code.") { $0.codeHash }, Field("codeBytes", "Its length.") { $0.codeBytes },
        Field("revision", "Upgrades so far.") { $0.revision }, Field("deployer", "Who deployed it.") { $0.deployer },
        Field("height", "The block in which this code became the contract's.") { $0.height },
        Field("policy", "Who may replace the code.") { $0.policy }, make: DeployedContract.init)
}

/// Who may replace the code of a contract.
public enum OwnerPolicy: Hashable, Choice {
    case immutable
    case owner(Address)
    case delayed(DelayedOwner)

    public var owner: Address? {
        switch self {
        case .immutable: nil
        case .owner(let owner): owner
        case .delayed(let delayed): delayed.owner
        }
    }

    public static let cases: [Case<OwnerPolicy>] = [
        Case("immutable", "Nobody, ever.", .immutable),
        Case("owner", "This account or contract, at once.", OwnerPolicy.owner) { if case .owner(let owner) = $0 { owner } else { nil } },
        Case("delayed", "An account or contract, after a delay in which users may leave.", OwnerPolicy.delayed) {
            if case .delayed(let delayed) = $0 { delayed } else { nil }
        },
    ]
}

/// Somebody who announces what they will do.
public struct DelayedOwner: Hashable, Record {
    public let owner: Address
    /// Milliseconds of block time between an upgrade's announcement and its effect.
    public let delay: UInt64

    public init(owner: Address, delay: UInt64) {
        self.owner = owner
        self.delay = delay
    }

    public static let fields = Fields(
        Field("owner", "Who announces upgrades: an account, a k-of-n account, or a contract such as governance.") { $0.owner },
        Field("delay", "Milliseconds of block time between announcement and effect.") { $0.delay }, make: DelayedOwner.init)
}
