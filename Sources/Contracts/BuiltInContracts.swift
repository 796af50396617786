public import Execution

extension Catalogue {
    /// The contracts of the protocol, in the order in which their hooks run.
    public static var definitions: [any BuiltInContract.Type] {
        [Accounts.self, Staking.self, Groups.self, Governance.self, Identity.self, Infrastructure.self, KnowledgeMesh.self, Agreements.self, Deployment.self]
    }
    /// The contracts of the protocol.
    public static let standard = Catalogue(definitions)
}
