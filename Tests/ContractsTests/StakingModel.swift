import Primitives

/// Staking as its page tells it, on real numbers and with every slash taken at once: slow, without shares, pools or laziness. Accounts
/// and validators are numbers; a validator's own account has the validator's number.
struct StakingModel {
    struct Exposure {
        let source: Int
        let epoch: Int
        var amount: Double
    }

    /// What an account has at a validator.
    struct Stake {
        var free = 0.0
        var exposures: [Exposure] = []
        var reward = 0.0
        var amount: Double { exposures.reduce(free) { $0 + $1.amount } }

        mutating func scale(_ factor: Double) {
            free *= factor
            for place in exposures.indices { exposures[place].amount *= factor }
        }
    }

    struct Unbonding {
        let account: Int
        let validator: Int
        let epoch: Int
        var amount: Double
    }

    enum Status { case active, left, jailed, tombstoned }

    struct Validator {
        var status = Status.active
        var rate = 0.0
        var next: (rate: Double, from: Int)?
        var commission = 0.0
        /// By account.
        var stakes: [Int: Stake] = [:]
        var total: Double { stakes.values.reduce(0) { $0 + $1.amount } }
    }

    var validators: [Int: Validator] = [:]
    var unbondings: [Unbonding] = []
    /// What has been collected, and the proposers' parts.
    var pot = 0.0
    var proposed: [Int: Double] = [:]
    /// When each epoch began.
    var starts: [Double] = [0]
    /// Stakes when each epoch began, by validator and account.
    var history: [[Int: [Int: Double]]] = []
    var time = 0.0
    var evidencePeriod = 0.0, unbondingPeriod = 0.0

    var epoch: Int { starts.count - 1 }

    // ── Calls that succeeded ──

    /// Pays rewards, and frees what is no longer exposed.
    mutating func touch(_ account: Int, _ validator: Int) {
        guard var stake = validators[validator]!.stakes[account] else { return }
        stake.reward = 0
        stake.exposures.removeAll { exposure in
            let isOver = exposure.epoch + 2 <= epoch && time > starts[exposure.epoch + 2] + evidencePeriod
            if isOver { stake.free += exposure.amount }
            return isOver
        }
        validators[validator]!.stakes[account] = stake
    }

    mutating func delegate(_ account: Int, _ validator: Int, _ amount: Double) {
        touch(account, validator)
        validators[validator]!.stakes[account, default: Stake()].free += amount
    }

    mutating func undelegate(_ account: Int, _ validator: Int, _ amount: Double?) {
        touch(account, validator)
        let taken = amount ?? validators[validator]!.stakes[account]!.free
        validators[validator]!.stakes[account]!.free -= taken
        unbondings.append(Unbonding(account: account, validator: validator, epoch: epoch, amount: taken))
    }

    mutating func redelegate(_ account: Int, _ source: Int, _ target: Int, _ amount: Double?) {
        touch(account, source)
        touch(account, target)
        let taken = amount ?? validators[source]!.stakes[account]!.free
        validators[source]!.stakes[account]!.free -= taken
        validators[target]!.stakes[account, default: Stake()].exposures.append(Exposure(source: source, epoch: epoch, amount: taken))
    }

    mutating func claim(_ account: Int, _ validator: Int) {
        touch(account, validator)
        if account == validator { validators[validator]!.commission = 0 }
    }

    /// Returns what is paid.
    mutating func withdraw(_ account: Int, _ validator: Int) -> Double {
        let isDue = { [self] (entry: Unbonding) in
            entry.account == account && entry.validator == validator && entry.epoch + 2 <= epoch
                && time >= starts[entry.epoch + 2] + unbondingPeriod
        }
        let paid = unbondings.filter(isDue).reduce(0) { $0 + $1.amount }
        unbondings.removeAll(where: isDue)
        return paid
    }

    // ── Slashes ──

    mutating func slashBonded(_ validator: Int, _ part: Double) {
        for account in validators[validator]!.stakes.keys { validators[validator]!.stakes[account]!.scale(1 - part) }
    }

    /// Stake that left the validator and stood behind its offence.
    mutating func slashGone(_ validator: Int, _ part: Double, offence: Int) {
        for place in unbondings.indices where unbondings[place].validator == validator && unbondings[place].epoch >= offence - 1 {
            unbondings[place].amount *= 1 - part
        }
        for target in validators.keys {
            for account in validators[target]!.stakes.keys {
                for place in validators[target]!.stakes[account]!.exposures.indices {
                    let exposure = validators[target]!.stakes[account]!.exposures[place]
                    guard exposure.source == validator, exposure.epoch >= offence - 1 else { continue }
                    validators[target]!.stakes[account]!.exposures[place].amount *= 1 - part
                }
            }
        }
    }

    // ── The end of an epoch ──

    mutating func share(_ voters: [(validator: Int, weight: Double, signed: Double)], blocks: Int) {
        let points = voters.map { validators[$0.validator]!.status == .tombstoned ? 0 : $0.weight * (blocks == 0 ? 1 : $0.signed) }
        let total = points.reduce(0, +)
        var rest = pot + proposed.values.reduce(0, +)
        for (voter, points) in zip(voters, points) where validators[voter.validator]!.status != .tombstoned {
            let earned = (total == 0 ? 0 : pot * points / total) + proposed[voter.validator, default: 0]
            rest -= earned
            var validator = validators[voter.validator]!
            let stake = validator.total
            let rate = validator.next.map { $0.from <= epoch ? $0.rate : validator.rate } ?? validator.rate
            let kept = stake < 0.5 ? earned : earned * rate
            validator.commission += kept
            for account in validator.stakes.keys where stake >= 0.5 {
                validator.stakes[account]!.reward += (earned - kept) * validator.stakes[account]!.amount / stake
            }
            validators[voter.validator] = validator
        }
        pot = rest
        proposed = [:]
    }

    mutating func begin(at time: Double) {
        starts.append(time)
        history.append(validators.mapValues { $0.stakes.mapValues(\.amount) })
    }
}
