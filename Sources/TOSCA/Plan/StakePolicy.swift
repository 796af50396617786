public import Contracts

/// What a document asks of whoever wants to operate its nodes: its policy `diac.policies.Stake`, or one that derives from it, defaults of
/// types and functions followed.
public struct StakePolicy: Sendable, Equatable {
    static let type = "diac.policies.Stake"

    /// In the template; for people.
    public let name: String
    /// In whole tokens; nil where the type has no such property or the policy gives it no value.
    public let threshold: DocumentValue?
    public let unit: DocumentValue?
    /// Whether the template has no other.
    public let isOnlyOne: Bool

    /// nil when the template has no such policy. Of several it is the first by name.
    public init?(_ template: ServiceTemplate) throws(DocumentError) {
        let checker = try template.checkedAgain()
        let found = checker.ordered(checker.policies).filter { $0.type.derives(from: Self.type) }
        guard let policy = found.first else { return nil }
        let scope = Scope(type: policy.type, template: policy)
        name = policy.name
        threshold = checker.evaluated(property: "threshold", of: policy, scope)
        unit = checker.evaluated(property: "unit", of: policy, scope)
        isOnlyOne = found.count == 1
        try checker.problems.check()
    }
}
