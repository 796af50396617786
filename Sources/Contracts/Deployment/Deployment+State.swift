public import Execution
public import Primitives

extension Deployment {
    static let pending = StoredMap(2, "pending", "Announced upgrades, by contract.", Address.self, PendingUpgrade.self)
    static let offers = StoredMap(3, "offers", "To whom the owner has offered a contract.", Address.self, Address.self)
    static let deployments = StoredMap(4, "deployments", "How many contracts each contract has deployed.", Address.self, UInt64.self)

    /// A contract's whole code, below the limit of a transaction.
    public typealias Code = BoundedBytes<524_288>
    /// What `init` and `migrate` get.
    public typealias SetupArguments = BoundedBytes<16_384>
    /// The longest delay of an upgrade, so that a contract cannot be locked by a slip of the pen: a year in milliseconds.
    public static let delayMax: UInt64 = 365 * 24 * 3_600_000
    /// How long an announced upgrade can be applied: thirty days in milliseconds. Users need not watch for ever one that nobody applied.
    public static let upgradeLife: UInt64 = 30 * 24 * 3_600_000
    /// Contracts in one answer of `list`.
    public static let pageMax = 64
}

/// An upgrade that was announced and waits for its time.
public struct PendingUpgrade: Hashable, Record {
    public let codeHash: Digest
    public let codeBytes: UInt32
    /// Block time from which it can be applied.
    public let due: Timestamp
    /// Whether the code has a method `migrate`.
    public let migrates: Bool
    public let arguments: Deployment.SetupArguments

    public init(codeHash: Digest, codeBytes: UInt32, due: Timestamp, migrates: Bool, arguments: Deployment.SetupArguments) {
        self.codeHash = codeHash
        self.codeBytes = codeBytes
        self.due = due
        self.migrates = migrates
        self.arguments = arguments
    }

    public static let fields = Fields(
        Field("codeHash", "SHA-256 of the new code.") { $0.codeHash }, Field("codeBytes", "Its length.") { $0.codeBytes },
        Field("due", "Block time from which it can be applied.") { $0.due },
        Field("migrates", "Whether the new code has a method migrate.") { $0.migrates },
        Field("arguments", "What migrate gets.") { $0.arguments }, make: PendingUpgrade.init)
}

/// A line of a list of contracts.
public struct ListedContract: Hashable, Record {
    public let address: Address
    public let contract: DeployedContract

    public init(address: Address, contract: DeployedContract) {
        self.address = address
        self.contract = contract
    }

    public static let fields = Fields(
        Field("address", "Where it is.") { $0.address }, Field("contract", "Its record.") { $0.contract }, make: ListedContract.init)
}
