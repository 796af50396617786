public import Execution
import Ledger
import Primitives

extension Governance {
    public static let propose = Method(
        "propose", "Makes a proposal and returns its number. The attached value is the deposit, the parameter proposalDeposit.", takesValue: true,
        Argument("content", "What it says and would do.", Content.self)
    ) { context, content throws(CallError) in
        let parameters = context.block.parameters
        let kind = content.action.kind
        try context.require(
            context.value == parameters.proposalDeposit, GovernanceRejection.depositWrong,
            "\(context.value) is attached, \(parameters.proposalDeposit) is needed")
        try check(content, context)
        let counts = try countedIn(kind, context)
        let own = try context.read(openOf, context.caller) ?? 0
        try context.require(own < openPerAccountMax, GovernanceRejection.openPerAccountOverLimit)
        // The stake of this epoch's beginning: the last boundary before the proposal.
        let snapshot = context.block.epoch
        let total = try Stakes.total(snapshot, context)
        try context.require(total != .zero, GovernanceRejection.powerMissing, "nobody had stake at the beginning of epoch \(snapshot)")
        try context.require(total < Amount.supplyMax, GovernanceRejection.powerInconsistent)
        let now = context.block.time
        guard let ends = now.advanced(by: parameters.votingMilliseconds) else { throw context.failure(.stateMalformed) }

        let number = try context.read(count) ?? 0
        let proposal = Proposal(
            number: number, proposer: context.caller, kind: kind, deposit: context.value, created: now, votingEnds: ends,
            snapshot: snapshot, totalPower: total, rules: VotingRules(parameters), status: .voting)
        try context.transfer(context.value, to: context.subaccount(deposits))
        try context.write(count, number + 1)
        try context.write(openCounts, counts)
        try context.write(openOf, context.caller, own + 1)
        try context.write(records, number, proposal)
        try context.write(contents, number, content)
        try context.write(tallies, number, Tally())
        try context.write(stages, KeyPair(Stage.voting.rawValue, number), true)
        try context.write(ending, KeyPair(ends, number), true)
        try context.emit(Proposed(proposal: proposal))
        return number
    }

    public static let vote = Method(
        "vote", "Votes on a proposal with the caller's stake of its snapshot. A later vote of the same account takes the place of the earlier.",
        Argument("proposal", "Its number.", UInt64.self), Argument("option", "The choice.", VoteOption.self)
    ) { context, number, option throws(CallError) in
        let proposal = try record(number, context)
        try context.require(isOpen(proposal, context), GovernanceRejection.votingEnded)
        let (tally, power) = try cast(option, on: proposal, context)
        try context.emit(Voted(number: number, account: context.caller, option: option, power: power))
        // An emergency does not wait for the end: as soon as enough of all power says yes, it is decided.
        if proposal.kind.isEmergency, proposal.rules.refusal(tally, total: proposal.totalPower, isEmergency: true) == nil {
            // The one who casts the deciding vote must not be able to spoil what it decides.
            try context.require(context.eventsLeft >= decisionEvents, GovernanceRejection.executeAlone)
            try context.require(context.gasLeft >= decisionGas, GovernanceRejection.gasTooLow)
            try decide(proposal, context)
        }
        return Nothing()
    }

    public static let cancel = Method(
        "cancel", "Cancels a proposal. Its proposer may while votes are cast, and loses the deposit when somebody has voted; the guardian may until it is executed.",
        Argument("proposal", "Its number.", UInt64.self)
    ) { context, number throws(CallError) in
        let proposal = try record(number, context)
        if context.caller == proposal.proposer, isOpen(proposal, context) {
            let tally = try context.read(tallies, number) ?? Tally()
            try withdraw(proposal, destroysDeposit: tally.voted != .zero, context)
            return Nothing()
        }
        // Whoever could cancel a change of guardian would be one for ever, and emergencies are decided by most of all power.
        let stage = proposal.status.stage
        let guardian = try heldGuardianship(context).current.holder
        try context.require(
            context.caller == guardian && proposal.kind != .guardian && !proposal.kind.isEmergency
                && (stage == .voting || stage == .accepted),
            GovernanceRejection.notCancellable)
        try withdraw(proposal, destroysDeposit: false, context)
        return Nothing()
    }

    public static let execute = Method(
        "execute", "Counts the votes of a proposal, or executes it, when the time for that has come. The network does it by itself at the end of each block; this serves where it is behind.",
        Argument("proposal", "Its number.", UInt64.self)
    ) { context, number throws(CallError) in
        let proposal = try record(number, context)
        switch proposal.status {
        case .voting where context.block.time >= proposal.votingEnds: try decide(proposal, context)
        case .accepted(let time) where context.block.time >= time:
            // What else the transaction has done, or who calls from within, must not decide whether the proposal can be executed.
            try context.require(
                context.caller == context.origin && context.eventsLeft == Limits.transactionEventsMax, GovernanceRejection.executeAlone)
            try context.require(context.gasLeft >= executionGasNeeded, GovernanceRejection.gasTooLow)
            try carryOut(proposal, dueSince: time, context)
        default: throw context.rejection(GovernanceRejection.nothingDue)
        }
        return Nothing()
    }

    public static let acceptGuardian = Method(
        "accept_guardian", "Takes the guardianship that a decision offered to the caller."
    ) { context throws(CallError) in
        var held = try heldGuardianship(context)
        try held.accept(context)
        try context.write(guardianship, held)
        try context.emit(GuardianChanged(permission: held.current))
        return Nothing()
    }

    /// Counts votes that have ended, and executes the proposal whose time lock ended first. A bounded number each; what is left is done
    /// at the end of the next block.
    public static let blockEnd = Method(
        "block_end", "Counts votes that have ended and executes a proposal whose time lock is over.", kind: .hook
    ) { context throws(CallError) in
        let now = context.block.time
        for entry in try context.entries(ending, limit: endingsPerBlockMax) {
            guard entry.key.first <= now else { break }
            try decide(try record(entry.key.second, context), context)
        }
        guard let entry = try context.entries(due, limit: 1).first, entry.key.first <= now,
              context.gasLeft >= executionGasNeeded else { return Nothing() }
        try carryOut(try record(entry.key.second, context), dueSince: entry.key.first, context)
        return Nothing()
    }
}
