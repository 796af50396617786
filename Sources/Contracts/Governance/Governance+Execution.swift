import Execution
import Ledger
import Primitives

/// From the end of a vote to what came of it.
///
/// Nothing here fails by itself: it runs at a block's end for many proposals, and one must not hold up the others. What can fail, the
/// action of a proposal, is attempted and its failure recorded.
extension Governance {
    /// Counts a proposal's votes: its deposit goes back or is destroyed, and it is accepted or not.
    static func decide(_ proposal: Proposal, _ context: CallContext) throws(CallError) {
        guard let tally = try context.read(tallies, proposal.number) else { throw context.failure(.stateMalformed) }
        let refusal = proposal.rules.refusal(tally, total: proposal.totalPower, isEmergency: proposal.kind.isEmergency)
        try leaveVoting(proposal, destroysDeposit: refusal?.destroysDeposit ?? false, context)
        try context.emit(Decided(number: proposal.number, tally: tally, refusal: refusal))
        if let refusal {
            try move(proposal, to: .rejected(refusal), context)
        } else if proposal.kind.isEmergency {
            try conclude(proposal, context)
        } else {
            // From the count and not from the end of the vote, so that the time lock is whole even when the count was late.
            guard let time = context.block.time.advanced(by: proposal.rules.timeLockMilliseconds) else {
                throw context.failure(.stateMalformed)
            }
            try context.write(due, KeyPair(time, proposal.number), true)
            try move(proposal, to: .accepted(time), context)
        }
    }

    /// Executes a proposal whose time lock ended at `time`.
    static func carryOut(_ proposal: Proposal, dueSince time: Timestamp, _ context: CallContext) throws(CallError) {
        try context.remove(due, KeyPair(time, proposal.number))
        try conclude(proposal, context)
    }

    /// Ends a proposal by the will of somebody who may.
    static func withdraw(_ proposal: Proposal, destroysDeposit: Bool, _ context: CallContext) throws(CallError) {
        if case .accepted(let time) = proposal.status {
            try context.remove(due, KeyPair(time, proposal.number))
        } else {
            try leaveVoting(proposal, destroysDeposit: destroysDeposit, context)
        }
        try move(proposal, to: .cancelled(context.caller), context)
        try context.emit(Cancelled(number: proposal.number, account: context.caller, depositDestroyed: destroysDeposit))
    }

    /// Attempts the action and records what came of it, once and for all.
    private static func conclude(_ proposal: Proposal, _ context: CallContext) throws(CallError) {
        guard let content = try context.read(contents, proposal.number) else { throw context.failure(.stateMalformed) }
        // The event is a part of the attempt: calls that use up all events fail like any others.
        let error = try context.attempt(gas: executionGas) { () throws(CallError) in
            try perform(content.action, context)
            try context.emit(Executed(number: proposal.number))
        }
        if let error {
            let failure = RecordedFailure(error)
            try move(proposal, to: .failed(failure), context)
            try context.emit(Failed(number: proposal.number, failure: failure))
        } else {
            try move(proposal, to: .executed(context.block.time), context)
        }
    }

    private static func perform(_ action: Action, _ context: CallContext) throws(CallError) {
        switch action {
        case .parameters(let changes): try context.schedule(parameters: try changed(changes, context))
        case .calls(let calls):
            for call in calls { _ = try context.call(call.contract, call.method, call.arguments, value: call.value) }
        case .text: break
        case .pause(let order):
            let milliseconds = min(order.milliseconds, context.block.parameters.pauseMillisecondsMax)
            guard let until = context.block.time.advanced(by: milliseconds) else { throw context.failure(.stateMalformed) }
            let kept = try activePauses(context).filter { !order.contracts.contains($0.contract) }
            let paused = kept + order.contracts.map { Pause(contract: $0, until: until) }
            try context.require(try context.setPauses(paused), GovernanceRejection.pausesOverLimit)
        case .unpause(let contracts):
            let kept = try activePauses(context).filter { !contracts.contains($0.contract) }
            try context.require(try context.setPauses(kept), GovernanceRejection.pausesOverLimit)
        case .guardian(let permission):
            var held = try heldGuardianship(context)
            held.offerByDecision(permission)
            try context.emit(GuardianOffered(permission: permission))
            // Governance cannot call itself to accept: the decision is its acceptance.
            if permission.holder == context.contract {
                held = HeldPermission(permission)
                try context.emit(GuardianChanged(permission: permission))
            }
            try context.write(guardianship, held)
        }
    }

    static func activePauses(_ context: CallContext) throws(CallError) -> [Pause] {
        try context.pauses().filter { context.block.time < $0.until }
    }

    // ── Books ──

    /// Takes a proposal out of the vote: the queue, the counts and the deposit.
    private static func leaveVoting(_ proposal: Proposal, destroysDeposit: Bool, _ context: CallContext) throws(CallError) {
        try context.remove(ending, KeyPair(proposal.votingEnds, proposal.number))
        var counts = try context.read(openCounts) ?? OpenCounts()
        if proposal.kind.isEmergency { counts.emergency -= 1 } else { counts.ordinary -= 1 }
        try context.write(openCounts, counts)
        let own = (try context.read(openOf, proposal.proposer) ?? 1) - 1
        if own == 0 { try context.remove(openOf, proposal.proposer) } else { try context.write(openOf, proposal.proposer, own) }
        guard proposal.deposit != .zero else { return }
        try context.transfer(proposal.deposit, to: destroysDeposit ? context.contract : proposal.proposer, from: deposits)
        if destroysDeposit { try context.burn(proposal.deposit) }
    }

    private static func move(_ proposal: Proposal, to status: Status, _ context: CallContext) throws(CallError) {
        var moved = proposal
        try context.remove(stages, KeyPair(proposal.status.stage.rawValue, proposal.number))
        moved.status = status
        try context.write(stages, KeyPair(status.stage.rawValue, proposal.number), true)
        try context.write(records, proposal.number, moved)
    }
}
