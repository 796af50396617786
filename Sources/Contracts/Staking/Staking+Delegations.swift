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
