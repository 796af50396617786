public import Execution
import Ledger
public import Primitives

extension Staking {
    public static let delegate = Method(
        "delegate", """
            Bonds the attached value to a validator, from whose votes it earns and with whom it is punished. A validator bonds stake of \
            its own by delegating to itself.
            """,
        takesValue: true, Argument("validator", "Whom to trust.", Address.self)
    ) { context, address throws(CallError) in
        try context.require(context.value >= context.block.parameters.delegationMin, StakingRejection.amountBelowMin)
        var position = try Position.open(context, context.caller, at: address)
        try position.settle(context)
        try position.deposit(context.value, context)
        try position.close(context)
        try context.emit(Delegated(account: context.caller, validator: address, amount: context.value))
        return Nothing()
    }

    public static let undelegate = Method(
        "undelegate", """
            Asks stake back. It stops earning at once, leaves the voters at the boundary after the next, and can be withdrawn \
            unbondingMilliseconds later, less what slashes take until then.
            """,
        Argument("validator", "From whom.", Address.self), Argument("amount", "Base units; none for all.", Amount?.self)
    ) { context, address, amount throws(CallError) in
        var position = try Position.open(context, context.caller, at: address)
        try position.settle(context)
        let taken = try position.withdraw(amount, context)
        if taken != .zero { try position.startUnbonding(taken, context) }
        try position.close(context)
        try context.emit(Undelegated(account: context.caller, validator: address, amount: taken, epoch: context.block.epoch))
        return taken
    }

    public static let redelegate = Method(
        "redelegate", """
            Moves stake to another validator, for which it works at once. It answers for votes of the former one as long as evidence \
            counts, and cannot leave the new one until then.
            """,
        Argument("from", "The former validator.", Address.self), Argument("to", "The new one.", Address.self),
        Argument("amount", "Base units; none for all.", Amount?.self)
    ) { context, source, target, amount throws(CallError) in
        try context.require(source != target, StakingRejection.validatorSame)
        var position = try Position.open(context, context.caller, at: source)
        try position.settle(context)
        let taken = try position.withdraw(amount, context)
        try context.require(taken >= context.block.parameters.delegationMin, StakingRejection.amountBelowMin)
        let slashesSeen = position.validator.slashes
        try position.close(context)

        var next = try Position.open(context, context.caller, at: target)
        try next.settle(context)
        try next.deposit(taken, exposedTo: source, seen: slashesSeen, context)
        try next.close(context)
        try context.emit(Redelegated(account: context.caller, from: source, to: target, amount: taken, epoch: context.block.epoch))
        return taken
    }

    public static let claim = Method(
        "claim", "Pays what the caller has earned at a validator: as a delegator, and as the validator itself.",
        Argument("validator", "Where it was earned.", Address.self)
    ) { context, address throws(CallError) in
        try settle(context, context.caller, at: address)
    }

    public static let settle = Method(
        "settle", """
            Pays an account what it has earned at a validator, and takes what slashes of former validators are due from stake that it \
            redelegated. Anyone may ask for it.
            """,
        Argument("account", "Whose stake.", Address.self), Argument("validator", "Where it is.", Address.self)
    ) { context, account, address throws(CallError) in
        try settle(context, account, at: address)
    }

    private static func settle(_ context: CallContext, _ account: Address, at address: Address) throws(CallError) -> Amount {
        var position = try Position.open(context, account, at: address, create: account == address)
        try position.settle(context)
        if account == address { position.takeCommission() }
        let paid = position.due
        try position.close(context)
        return paid
    }

    public static let withdraw = Method(
        "withdraw", "Pays the caller all stake that it asked back from a validator and whose time is over.",
        Argument("validator", "From whom.", Address.self)
    ) { context, address throws(CallError) in
        let key = KeyPair(context.caller, address)
        let entries = try context.read(unbondings, key)?.elements ?? []
        let record = try record(context, address)
        var books = try openBooks(context), fines = Fines()
        let before = books
        var kept: [UnbondingEntry] = []
        var paid = Amount.zero
        for entry in entries {
            guard try hasPassed(context, context.block.parameters.unbondingMilliseconds, since: entry.epoch) else {
                kept.append(entry)
                continue
            }
            guard let old = try context.read(unbondingPools, KeyPair(address, entry.epoch)), entry.shares <= old.pool.shares else {
                throw context.failure(.stateMalformed)
            }
            var pool = old
            try settle(&pool, context, address, record, entry.epoch, &fines)
            paid = try replace(nil, by: pool.pool.withdraw(nil, of: entry.shares).amount, in: paid, context)
            try save(context, address, entry.epoch, &pool, was: old, &books)
        }
        try context.require(kept.count < entries.count, StakingRejection.nothingMatured)
        guard let list = Bounded<16, UnbondingEntry>(kept) else { throw context.failure(.stateMalformed) }
        if kept.isEmpty { try context.remove(unbondings, key) } else { try context.write(unbondings, key, list) }
        try close(context, &books, was: before)
        if let delegation = try context.read(shares, key) { _ = try forget(context, context.caller, at: address, delegation) }
        try fines.pay(context)
        if paid != .zero { try context.transfer(paid, to: context.caller) }
        try context.emit(Withdrawn(account: context.caller, validator: address, amount: paid))
        return paid
    }
}

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
