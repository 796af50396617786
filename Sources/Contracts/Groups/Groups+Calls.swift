public import Execution
public import Ledger
public import Primitives

extension Groups {
    public static let create = Method(
        "create", "Makes a group and returns its address. Members need not consent; anyone may make a group of anyone.",
        Argument("members", "Accounts, each once, in any order.", Bounded<32, Address>.self),
        Argument("threshold", "How many of them must approve.", UInt8.self),
        Argument("label", "A name for people; none for no name.", Label?.self)
    ) { context, members, threshold, label throws(CallError) in
        let settings = try checked(Settings(members: members, threshold: threshold, label: label), context)
        let number = try context.read(count) ?? 0
        let address = context.subaccount(number)
        try context.write(count, number + 1)
        try context.write(groups, address, Group(number: number, settings: settings))
        for member in settings.members { try context.write(memberships, KeyPair(member, number), address) }
        try context.emit(Created(group: address, settings: settings))
        return address
    }

    public static let propose = Method(
        "propose", "Proposes what a group should do, approves it, and returns the proposal's number. For members.",
        Argument("group", "Which group.", Address.self),
        Argument("action", "What it should do.", Action.self),
        Argument("expires", "Block time from which it can no longer run.", Timestamp.self)
    ) { context, address, action, expires throws(CallError) in
        var group = try group(at: address, context)
        let place = try place(of: context.caller, in: group, context)
        let now = context.block.time
        try context.require(expires > now && expires.rawValue - now.rawValue <= lifetimeMillisecondsMax, GroupsRejection.expiryWrong)
        try check(action, context)
        var open = group.open.elements
        try context.require(open[place] < openPerMemberMax, GroupsRejection.openOverLimit)

        let number = group.proposals
        open[place] += 1
        group.open = Bounded(open)!
        group.proposals += 1
        try context.write(groups, address, group)
        try context.write(actions, KeyPair(address, number), action)
        try context.emit(Proposed(group: address, number: number, proposer: context.caller))
        let proposal = Proposal(
            number: number, proposer: context.caller, revision: group.revision, created: now, expires: expires,
            approvals: Bounded([context.caller])!, state: .open, failure: nil)
        try settle(proposal, of: address, group, context)
        return number
    }

    public static let approve = Method(
        "approve", "Approves a proposal; the last approval that is needed runs it, with the gas of the approving call. For members.",
        Argument("group", "Which group.", Address.self), Argument("proposal", "Its number.", UInt64.self)
    ) { context, address, number throws(CallError) in
        let group = try group(at: address, context)
        _ = try place(of: context.caller, in: group, context)
        var proposal = try runnable(number, of: address, group, context)
        try context.require(!proposal.approvals.contains(context.caller), GroupsRejection.approvedAlready)
        proposal.approvals = Bounded(proposal.approvals.elements + [context.caller])!
        try context.emit(Approved(group: address, number: number, member: context.caller))
        try settle(proposal, of: address, group, context)
        return Nothing()
    }

    public static let revoke = Method(
        "revoke", "Takes an approval back, as long as the proposal has not run. For members.",
        Argument("group", "Which group.", Address.self), Argument("proposal", "Its number.", UInt64.self)
    ) { context, address, number throws(CallError) in
        let group = try group(at: address, context)
        _ = try place(of: context.caller, in: group, context)
        var proposal = try runnable(number, of: address, group, context)
        try context.require(proposal.approvals.contains(context.caller), GroupsRejection.notApproved)
        proposal.approvals = Bounded(proposal.approvals.filter { $0 != context.caller })!
        try context.write(records, KeyPair(address, number), proposal)
        try context.emit(Revoked(group: address, number: number, member: context.caller))
        return Nothing()
    }

    public static let execute = Method(
        "execute", "Runs a proposal again that enough members approve and that failed before. For members.",
        Argument("group", "Which group.", Address.self), Argument("proposal", "Its number.", UInt64.self)
    ) { context, address, number throws(CallError) in
        let group = try group(at: address, context)
        _ = try place(of: context.caller, in: group, context)
        let proposal = try runnable(number, of: address, group, context)
        try context.require(proposal.approvals.count >= Int(group.settings.threshold), GroupsRejection.approvalsMissing)
        try run(proposal, of: address, group, context)
        return Nothing()
    }

    public static let close = Method(
        "close", "Closes a proposal for good: its proposer at any time, anyone when it can no longer run.",
        Argument("group", "Which group.", Address.self), Argument("proposal", "Its number.", UInt64.self)
    ) { context, address, number throws(CallError) in
        let group = try group(at: address, context)
        var proposal = try record(number, of: address, context)
        let status = status(of: proposal, in: group, at: context.block.time)
        try context.require(proposal.state == .open, GroupsRejection.proposalNotOpen)
        try context.require(
            context.caller == proposal.proposer || status == .expired || status == .superseded, GroupsRejection.notClosable)
        proposal.state = .closed
        try finish(proposal, of: address, context)
        try context.emit(Closed(group: address, number: number, account: context.caller))
        return Nothing()
    }
}
