public import Execution

/// Contracts that people deploy: their code, and who may replace it.
///
/// The machine reads the records whenever such a contract is called, see ``DeploymentRecords``; this contract is the only way to write
/// them. Code is kept by its hash, checked once when it comes, and never forgotten: another contract may share it.
public enum Deployment: BuiltInContract {
    public static let name: StaticString = "contracts"
    public static let documentation: StaticString = "Deployed contracts: their code, and who may replace it."
    public typealias Rejections = DeploymentRejection
    public static var methods: [any ContractMethod] {
        [deploy, upgrade, applyUpgrade, cancelUpgrade, offerOwnership, acceptOwnership, freeze, show, list, pendingUpgrade, codePiece]
    }
    public static var events: [any ContractEvent.Type] {
        [ContractDeployed.self, ContractUpgraded.self, UpgradeAnnounced.self, UpgradeCancelled.self, OwnershipOffered.self, OwnershipChanged.self]
    }
    public static var storage: [any StorageDeclaration] {
        [DeploymentRecords.contracts, DeploymentRecords.code, pending, offers, deployments]
    }
}
