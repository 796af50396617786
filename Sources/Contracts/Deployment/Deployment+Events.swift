public import Execution
public import Ledger
public import Primitives

/// A contract was deployed.
public struct ContractDeployed: Hashable, ContractEvent {
    public static let name: EventName = "ContractDeployed"
    public static let documentation: StaticString = "A contract was deployed."
    public let contract: Address
    public let deployer: Address
    public let codeHash: Digest

    public static let fields = Fields(
        Field("contract", "Its address.") { $0.contract }, Field("deployer", "By whom.") { $0.deployer },
        Field("codeHash", "SHA-256 of its code.") { $0.codeHash }, make: ContractDeployed.init)
}

/// A contract's code was replaced.
public struct ContractUpgraded: Hashable, ContractEvent {
    public static let name: EventName = "ContractUpgraded"
    public static let documentation: StaticString = "A contract's code was replaced."
    public let contract: Address
    public let revision: UInt32
    public let codeHash: Digest

    public static let fields = Fields(
        Field("contract", "Which.") { $0.contract }, Field("revision", "Upgrades so far.") { $0.revision },
        Field("codeHash", "SHA-256 of the new code.") { $0.codeHash }, make: ContractUpgraded.init)
}

/// An upgrade will be possible.
public struct UpgradeAnnounced: Hashable, ContractEvent {
    public static let name: EventName = "UpgradeAnnounced"
    public static let documentation: StaticString = "A contract's code may be replaced from a time on."
    public let contract: Address
    public let codeHash: Digest
    public let due: Timestamp

    public static let fields = Fields(
        Field("contract", "Which.") { $0.contract }, Field("codeHash", "SHA-256 of the new code.") { $0.codeHash },
        Field("due", "Block time from which it can be applied.") { $0.due }, make: UpgradeAnnounced.init)
}

/// An announced upgrade will not happen.
public struct UpgradeCancelled: Hashable, ContractEvent {
    public static let name: EventName = "UpgradeCancelled"
    public static let documentation: StaticString = "An announced upgrade will not happen."
    public let contract: Address

    public static let fields = Fields(Field("contract", "Which.") { $0.contract }, make: UpgradeCancelled.init)
}

/// The owner of a contract offered it to somebody.
public struct OwnershipOffered: Hashable, ContractEvent {
    public static let name: EventName = "OwnershipOffered"
    public static let documentation: StaticString = "The owner of a contract offered it to somebody, who may accept."
    public let contract: Address
    public let to: Address

    public static let fields = Fields(
        Field("contract", "Which.") { $0.contract }, Field("to", "To whom.") { $0.to }, make: OwnershipOffered.init)
}

/// A contract has another policy.
public struct OwnershipChanged: Hashable, ContractEvent {
    public static let name: EventName = "OwnershipChanged"
    public static let documentation: StaticString = "A contract has a new owner, or none any more."
    public let contract: Address
    public let policy: OwnerPolicy

    public static let fields = Fields(
        Field("contract", "Which.") { $0.contract }, Field("policy", "Who may replace the code from now on.") { $0.policy },
        make: OwnershipChanged.init)
}
