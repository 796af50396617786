public import Execution

/// Accounts that act when k of n members agree, collected on the chain.
///
/// A group's address is a subaccount of this contract, to which no key leads. What its members agree on runs with that address as the
/// caller and the payer. Money comes in by a plain payment to the address.
///
/// - A proposal counts the approvals of the members that the group had when it was made: a change of members or threshold gives the
///   group a new revision, and proposals of earlier revisions can no longer run.
/// - The calls of a proposal run together or not at all. When they fail, the failure is recorded and the proposal stays open: whoever
///   brings the last approval chooses its gas and its moment, and must not be able to spoil what the others agreed on.
/// - Only the group itself changes its members, by a proposal of that kind; the contract refuses calls of itself.
public enum Groups: BuiltInContract {
    public static let name: StaticString = "groups"
    public static let documentation: StaticString = "Accounts of k-of-n members: proposals, approvals and what comes of them."
    public typealias Rejections = GroupsRejection
    public static var methods: [any ContractMethod] {
        [create, propose, approve, revoke, execute, close, group, proposal, proposals, groupsOf]
    }
    public static var events: [any ContractEvent.Type] {
        [Created.self, Changed.self, Proposed.self, Approved.self, Revoked.self, Executed.self, Failed.self, Closed.self]
    }
    public static var storage: [any StorageDeclaration] { [count, groups, memberships, records, actions] }

    /// Proposals that one member may have open in a group; others' are not in its way.
    public static let openPerMemberMax: UInt8 = 8
    /// Bytes of what one proposal would do: it is stored until it has run.
    public static let actionBytesMax = 16 * 1024
    /// How far away a proposal may expire: 90 days.
    public static let lifetimeMillisecondsMax: UInt64 = 90 * 86_400_000
    /// What recording the outcome takes, kept back from the calls.
    static let recordingGas: UInt64 = 400_000
    /// Entries of one page of a view.
    static let pageMax = 50
}
