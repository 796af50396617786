import Execution
import Primitives

/// Counting: each vote moves power between options, and touches nothing but the voter's own record and the pools that it has stake in.
///
/// Invariant, after every vote: the tally is the sum of `own` over all votes and of `power − overridden` over all pools whose
/// validator voted, each under its option.
extension Governance {
    static func isOpen(_ proposal: Proposal, _ context: CallContext) -> Bool {
        proposal.status == .voting && context.block.time < proposal.votingEnds
    }

    /// Counts the caller's vote, and returns the tally and the power that votes with it now.
    static func cast(
        _ option: VoteOption, on proposal: Proposal, _ context: CallContext
    ) throws(CallError) -> (tally: Tally, power: Amount) {
        let number = proposal.number, voter = context.caller
        guard var tally = try context.read(tallies, number) else { throw context.failure(.stateMalformed) }
        func move(_ power: Amount, from: VoteOption?) throws(CallError) {
            try context.require(tally.move(power, from: from, to: option), GovernanceRejection.powerInconsistent)
        }

        // What the voter has at other validators: taken out of their pools by the first vote, moved by later ones.
        var own = Amount.zero
        if let earlier = try context.read(votes, KeyPair(number, voter)) {
            own = earlier.own
            try move(own, from: earlier.option)
        } else {
            for part in try Stakes.power(of: voter, proposal.snapshot, context) where part.validator != voter && part.power != .zero {
                var pool = try pool(of: part.validator, proposal, context)
                // Roundings of the staking contract could make the parts more than the whole, never the other way round.
                let taken = min(part.power, pool.rest)
                guard let overridden = pool.overridden.adding(taken), let sum = own.adding(taken) else {
                    throw context.rejection(GovernanceRejection.powerInconsistent)
                }
                try move(taken, from: pool.option)
                pool.overridden = overridden
                own = sum
                try context.write(pools, KeyPair(number, part.validator), pool)
            }
        }

        // What its own pool has left, when it is a validator.
        var pool = try pool(of: voter, proposal, context)
        let carried = pool.rest
        try context.require(own != .zero || pool.power != .zero, GovernanceRejection.powerMissing)
        if pool.power != .zero {
            try move(carried, from: pool.option)
            pool.option = option
            try context.write(pools, KeyPair(number, voter), pool)
        }
        try context.write(votes, KeyPair(number, voter), Vote(option: option, own: own))
        try context.write(tallies, number, tally)
        // Both are parts of a tally, whose sum is below 2⁹⁶.
        return (tally, Amount(own.units + carried.units))
    }

    /// The validator's pool as this vote has used it so far.
    private static func pool(of validator: Address, _ proposal: Proposal, _ context: CallContext) throws(CallError) -> Pool {
        if let pool = try context.read(pools, KeyPair(proposal.number, validator)) { return pool }
        return Pool(power: try Stakes.power(atValidator: validator, proposal.snapshot, context), overridden: .zero, option: nil)
    }
}
