import Execution
import Ledger
import Primitives

/// What one account has at one validator while a call changes it: read once, written once, and what is due paid at the end.
struct Position {
    let account: Address
    let address: Address
    private(set) var validator: Staking.ValidatorRecord
    private let validatorBefore: Staking.ValidatorRecord
    private(set) var delegation: Staking.DelegationRecord
    private let delegationBefore: Staking.DelegationRecord?
    private var books: Staking.Books
    private let booksBefore: Staking.Books
    private var fines = Fines()
    /// Rewards to pay.
    private(set) var due = Amount.zero

    private init(
        account: Address, address: Address, validator: Staking.ValidatorRecord, delegation: Staking.DelegationRecord,
        before: Staking.DelegationRecord?, books: Staking.Books
    ) {
        self.account = account
        self.address = address
        self.validator = validator
        validatorBefore = validator
        self.delegation = delegation
        delegationBefore = before
        self.books = books
        booksBefore = books
    }

    /// - Parameter create: whether there may be a new delegation.
    static func open(
        _ context: CallContext, _ account: Address, at address: Address, create: Bool = true
    ) throws(CallError) -> Position {
        let validator = try Staking.record(context, address)
        if !create {
            try context.require(try context.contains(Staking.shares, KeyPair(account, address)), StakingRejection.delegationUnknown)
        }
        let (delegation, before) = try Staking.openDelegation(context, account, at: address, validator)
        return Position(
            account: account, address: address, validator: validator, delegation: delegation, before: before,
            books: try Staking.openBooks(context))
    }

    /// Brings everything up to date: rewards until now are due, and slashes of former validators are taken.
    mutating func settle(_ context: CallContext) throws(CallError) {
        let reward = try delegation.reward(at: validator, context)
        validator.rewards.delegators = try Staking.replace(reward, by: .zero, in: validator.rewards.delegators, context)
        delegation.paid = validator.rewards.perShare
        due = try Staking.replace(nil, by: reward, in: due, context)
        try Staking.settleExposures(context, address, &validator, &delegation, &fines)
    }

    /// What the validator's account has earned as a validator is due too.
    mutating func takeCommission() {
        guard let sum = due.adding(validator.rewards.validator) else { preconditionFailure("rewards above the supply") }
        due = sum
        validator.rewards.validator = .zero
    }

    mutating func deposit(
        _ amount: Amount, exposedTo source: Address? = nil, seen: UInt32 = 0, _ context: CallContext
    ) throws(CallError) {
        try context.require(validator.status != .tombstoned, StakingRejection.validatorTombstoned)
        guard let bonded = books.bonded.adding(amount), bonded <= Staking.bondedMax else {
            throw context.rejection(StakingRejection.stakeOverLimit)
        }
        guard let shares = validator.pool.deposit(amount) else { throw context.rejection(StakingRejection.poolWorthless) }
        delegation.shares += shares
        guard let source else { return }
        let epoch = context.block.epoch
        var exposures = delegation.exposures.elements
        if let place = exposures.firstIndex(where: { $0.source == source && $0.epoch == epoch && $0.seen == seen }) {
            exposures[place].shares += shares
        } else {
            exposures.append(Staking.Exposure(source: source, epoch: epoch, seen: seen, shares: shares))
        }
        guard let list = Bounded<8, Staking.Exposure>(exposures) else { throw context.rejection(StakingRejection.exposuresFull) }
        delegation.exposures = list
    }

    /// Takes `amount`, or all that may leave, and returns how much it is.
    mutating func withdraw(_ amount: Amount?, _ context: CallContext) throws(CallError) -> Amount {
        try context.require(delegation.shares > 0, StakingRejection.delegationUnknown)
        let free = delegation.free
        try context.require(free > 0, StakingRejection.stakeExposed)
        let worth = validator.pool.worth(free)
        if let amount {
            try context.require(amount > .zero, StakingRejection.amountBelowMin)
            try context.require(amount <= worth, free < delegation.shares ? StakingRejection.stakeExposed : .stakeTooLow, "\(worth) may leave")
        }
        let taken = validator.pool.withdraw(amount, of: free)
        delegation.shares -= taken.shares
        try context.require(
            delegation.shares == 0 || !delegation.exposures.isEmpty
                || validator.pool.worth(delegation.shares) >= context.block.parameters.delegationMin,
            StakingRejection.remainderBelowMin)
        return taken.amount
    }

    /// Puts stake that left the delegation into the unbonding pool of this epoch.
    mutating func startUnbonding(_ amount: Amount, _ context: CallContext) throws(CallError) {
        let epoch = context.block.epoch
        let old = try context.read(Staking.unbondingPools, KeyPair(address, epoch))
        var pool = old ?? Staking.UnbondingPool(seen: validator.slashes)
        try Staking.settle(&pool, context, address, validator, epoch, &fines)
        guard let shares = pool.pool.deposit(amount) else { throw context.rejection(StakingRejection.poolWorthless) }
        let key = KeyPair(account, address)
        var entries = try context.read(Staking.unbondings, key)?.elements ?? []
        if let last = entries.indices.last, entries[last].epoch == epoch {
            entries[last].shares += shares
        } else {
            entries.append(Staking.UnbondingEntry(epoch: epoch, shares: shares))
        }
        guard let list = Bounded<16, Staking.UnbondingEntry>(entries) else { throw context.rejection(StakingRejection.unbondingsFull) }
        try context.write(Staking.unbondings, key, list)
        try Staking.save(context, address, epoch, &pool, was: old, &books)
    }

    /// Writes everything and pays what is due.
    mutating func close(_ context: CallContext) throws(CallError) {
        try Staking.save(context, account, at: address, &delegation, was: delegationBefore, &validator)
        try Staking.save(context, address, &validator, was: validatorBefore, &books)
        try Staking.close(context, &books, was: booksBefore)
        try fines.pay(context)
        guard due != .zero else { return }
        try context.transfer(due, to: account)
        try context.emit(Claimed(account: account, validator: address, amount: due))
    }
}

extension Staking {
    /// All stake together, so that the weights of a set never pass ``Limits/totalWeightMax``.
    static let bondedMax = Amount(UInt128(Limits.totalWeightMax) * Amount.unitsPerToken)
}

extension Staking.DelegationRecord {
    /// What the delegation has earned since it was paid, rounded down: what is lost stays with the validator's delegators.
    func reward(at validator: Staking.ValidatorRecord, _ context: CallContext) throws(CallError) -> Amount {
        guard let earned = validator.rewards.perShare.subtracting(paid),
              let reward = Ratio.multiply(shares, earned, dividedBy: 1 << 64, .down) else { throw context.failure(.stateMalformed) }
        return Amount(reward)
    }
}

extension UInt128 {
    fileprivate func subtracting(_ other: UInt128) -> UInt128? { self < other ? nil : self - other }
}
