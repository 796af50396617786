public import Execution
import Ledger
public import Primitives
import WorldState

extension Groups {
    public static let group = Method(
        "group", "A group; none when there is none at this address.", kind: .view, Argument("group", "Its address.", Address.self)
    ) { context, address throws(CallError) in
        try context.read(groups, address)
    }

    public static let proposal = Method(
        "proposal", "A proposal with what it would do; none when the group has none of this number.", kind: .view,
        Argument("group", "Which group.", Address.self), Argument("proposal", "Its number.", UInt64.self)
    ) { context, address, number throws(CallError) in
        let group = try group(at: address, context)
        guard let proposal = try context.read(records, KeyPair(address, number)) else { return ProposalView?.none }
        return ProposalView(
            proposal: proposal, status: status(of: proposal, in: group, at: context.block.time),
            action: try context.read(actions, KeyPair(address, number)))
    }

    public static let proposals = Method(
        "proposals", "The proposals of a group, the newest first, at most 50.", kind: .view,
        Argument("group", "Which group.", Address.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, address, before throws(CallError) in
        let found = try context.entries(records, first: address, from: before, .descending, limit: pageMax)
        return Bounded<50, Proposal>(found.map(\.value))!
    }

    public static let groupsOf = Method(
        "groups_of", "The groups of a member, the oldest first, at most 50.", kind: .view,
        Argument("member", "Whose.", Address.self),
        Argument("from", "Only those with this number or a larger one; none to begin with the oldest.", UInt64?.self)
    ) { context, member, from throws(CallError) in
        let found = try context.entries(memberships, first: member, from: from, limit: pageMax)
        return Bounded<50, Membership>(found.map { Membership(number: $0.key.second, group: $0.value) })!
    }
}
