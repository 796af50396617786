import Execution
import Ledger
import Primitives

/// The rules behind the calls: who may, whether it can run, and what becomes of it.
extension Groups {
    // ── Whether ──

    static func group(at address: Address, _ context: CallContext) throws(CallError) -> Group {
        guard let group = try context.read(groups, address) else { throw context.rejection(GroupsRejection.groupUnknown) }
        return group
    }

    static func place(of member: Address, in group: Group, _ context: CallContext) throws(CallError) -> Int {
        guard let place = group.place(of: member) else { throw context.rejection(GroupsRejection.notMember) }
        return place
    }

    static func record(_ number: UInt64, of group: Address, _ context: CallContext) throws(CallError) -> Proposal {
        guard let proposal = try context.read(records, KeyPair(group, number)) else {
            throw context.rejection(GroupsRejection.proposalUnknown)
        }
        return proposal
    }

    /// The proposal, if it is open, in time and of the group as it is.
    static func runnable(
        _ number: UInt64, of address: Address, _ group: Group, _ context: CallContext
    ) throws(CallError) -> Proposal {
        let proposal = try record(number, of: address, context)
        switch status(of: proposal, in: group, at: context.block.time) {
        case .executed, .closed: throw context.rejection(GroupsRejection.proposalNotOpen)
        case .expired: throw context.rejection(GroupsRejection.proposalExpired)
        case .superseded: throw context.rejection(GroupsRejection.proposalSuperseded)
        case .collecting, .failing: return proposal
        }
    }

    static func status(of proposal: Proposal, in group: Group, at time: Timestamp) -> Status {
        switch proposal.state {
        case .executed: return .executed
        case .closed: return .closed
        case .open: break
        }
        if proposal.revision != group.revision { return .superseded }
        if time >= proposal.expires { return .expired }
        return proposal.approvals.count < Int(group.settings.threshold) ? .collecting : .failing
    }

    /// `settings` with its members in order, if they can be those of a group.
    static func checked(_ settings: Settings, _ context: CallContext) throws(CallError) -> Settings {
        let members = settings.members.sorted()
        try context.charge(GasSchedule.step * UInt64(members.count))
        let isStrict = zip(members, members.dropFirst()).allSatisfy { $0 < $1 }
        try context.require(isStrict && !members.isEmpty && members.first != Address(), GroupsRejection.membersWrong)
        try context.require((1...members.count).contains(Int(settings.threshold)), GroupsRejection.thresholdWrong)
        for member in members {
            try context.require(!(try context.contains(groups, member)), GroupsRejection.memberIsGroup, "\(member.hex) is a group")
        }
        return Settings(members: Bounded(members)!, threshold: settings.threshold, label: settings.label)
    }

    static func check(_ action: Action, _ context: CallContext) throws(CallError) {
        let bytes = action.bcs.count
        try context.charge(GasSchedule.codecPerByte * UInt64(bytes))
        try context.require(bytes <= actionBytesMax, GroupsRejection.actionTooLong, "\(bytes) bytes, at most \(actionBytesMax)")
        switch action {
        case .calls(let calls):
            try context.require(!calls.isEmpty, GroupsRejection.actionEmpty)
            try context.require(calls.allSatisfy { $0.contract != context.contract }, GroupsRejection.callsItself)
        case .settings(let settings): _ = try checked(settings, context)
        }
    }

    // ── What becomes of it ──

    /// Writes a proposal whose approvals have changed, and runs it when they are enough.
    static func settle(_ proposal: Proposal, of address: Address, _ group: Group, _ context: CallContext) throws(CallError) {
        if proposal.approvals.count < Int(group.settings.threshold) {
            try context.write(records, KeyPair(address, proposal.number), proposal)
        } else {
            try run(proposal, of: address, group, context)
        }
    }

    /// Runs a proposal, all or nothing, and records what came of it.
    static func run(_ proposal: Proposal, of address: Address, _ group: Group, _ context: CallContext) throws(CallError) {
        guard let action = try context.read(actions, KeyPair(address, proposal.number)) else { throw context.failure(.stateMalformed) }
        let gas = context.gasLeft - min(context.gasLeft, recordingGas)
        // The event is a part of the attempt: calls that use up all events of the transaction fail like any others.
        let error = try context.attempt(gas: gas) { () throws(CallError) in
            try perform(action, of: address, group, context)
            try context.emit(Executed(group: address, number: proposal.number))
        }
        var proposal = proposal
        if let error {
            let failure = RecordedFailure(error)
            proposal.failure = failure
            try context.write(records, KeyPair(address, proposal.number), proposal)
            try context.emit(Failed(group: address, number: proposal.number, failure: failure))
        } else {
            proposal.state = .executed
            proposal.failure = nil
            try finish(proposal, of: address, context)
        }
    }

    private static func perform(_ action: Action, of address: Address, _ group: Group, _ context: CallContext) throws(CallError) {
        switch action {
        case .calls(let calls):
            for call in calls {
                _ = try context.call(call.contract, call.method, call.arguments, value: call.value, as: group.number)
            }
        case .settings(let asked):
            let settings = try checked(asked, context)
            for member in group.settings.members where !settings.members.contains(member) {
                try context.remove(memberships, KeyPair(member, group.number))
            }
            for member in settings.members where !group.settings.members.contains(member) {
                try context.write(memberships, KeyPair(member, group.number), address)
            }
            // Nothing else may have changed the record: this contract cannot be called while it runs.
            let changed = Group(number: group.number, settings: settings, revision: group.revision + 1, proposals: group.proposals)
            try context.write(groups, address, changed)
            try context.emit(Changed(group: address, revision: changed.revision, settings: settings))
        }
    }

    /// Writes a proposal that will not run any more, forgets what it would have done, and frees its proposer's place.
    static func finish(_ proposal: Proposal, of address: Address, _ context: CallContext) throws(CallError) {
        try context.write(records, KeyPair(address, proposal.number), proposal)
        try context.remove(actions, KeyPair(address, proposal.number))
        var group = try group(at: address, context)
        guard group.revision == proposal.revision, let place = group.place(of: proposal.proposer) else { return }
        var open = group.open.elements
        open[place] -= 1
        group.open = Bounded(open)!
        try context.write(groups, address, group)
    }
}
