public import Execution
public import Ledger
public import Primitives

extension Staking {
    // ── Validators ──

    public static let validator = Method(
        "validator", "A validator; none when the account never was one.", kind: .view, Argument("validator", "Which.", Address.self)
    ) { context, address throws(CallError) -> ValidatorInfo? in
        guard let record = try context.read(records, address) else { return nil }
        return try info(context, address, record)
    }

    public static let validators = Method(
        "validators", "A page of all that ever registered, in the order of their accounts.", kind: .view,
        Argument("from", "The first account of the page; none for the first page.", Address?.self),
        Argument("limit", "Validators of the page, at most 50.", UInt32.self)
    ) { context, start, limit throws(CallError) in
        let found = try context.entries(records, from: start, limit: min(Int(limit), pageMax))
        var page: [ValidatorInfo] = []
        for (address, record) in found { page.append(try info(context, address, record)) }
        guard let list = Bounded<50, ValidatorInfo>(page) else { throw context.failure(.stateMalformed) }
        return list
    }

    private static func info(_ context: CallContext, _ address: Address, _ record: ValidatorRecord) throws(CallError) -> ValidatorInfo {
        ValidatorInfo(
            account: address, record: record, weight: record.weight, selfBond: record.selfBond,
            commission: record.commission.rate(in: context.block.epoch),
            description: try context.read(descriptions, address) ?? ValidatorDescription())
    }

    public static let slash = Method(
        "slash", "A penalty of a validator by its number, from 0; none when there is none.", kind: .view,
        Argument("validator", "Which.", Address.self), Argument("number", "The how-manyeth.", UInt32.self)
    ) { context, address, number throws(CallError) in
        try context.read(slashes, KeyPair(address, number))
    }

    public static let performance = Method(
        "performance", "What happened in this epoch so far, by the index of its validators.", kind: .view
    ) { context throws(CallError) in
        try context.read(tally) ?? Tally(epoch: context.block.epoch)
    }

    // ── Delegations ──

    public static let delegation = Method(
        "delegation", "What an account has at a validator; none when it has nothing there.", kind: .view,
        Argument("account", "Whose.", Address.self), Argument("validator", "Where.", Address.self)
    ) { context, account, address throws(CallError) -> DelegationInfo? in
        guard let found = try context.read(shares, KeyPair(account, address)) else { return nil }
        return try info(context, address, found)
    }

    public static let delegations = Method(
        "delegations", "Where an account has stake, or had until lately.", kind: .view, Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        var list: [DelegationInfo] = []
        for entry in try context.entries(shares, first: account, limit: delegationsMax) {
            list.append(try info(context, entry.key.second, entry.value))
        }
        guard let list = Bounded<32, DelegationInfo>(list) else { throw context.failure(.stateMalformed) }
        return list
    }

    private static func info(_ context: CallContext, _ address: Address, _ found: DelegationRecord) throws(CallError) -> DelegationInfo {
        let record = try record(context, address)
        return DelegationInfo(
            validator: address, shares: found.shares, worth: record.pool.worth(found.shares), free: record.pool.worth(found.free),
            rewards: try found.reward(at: record, context), exposures: found.exposures)
    }

    public static let rewards = Method(
        "rewards", "What claim would pay an account at a validator now, in base units.", kind: .view,
        Argument("account", "Whose.", Address.self), Argument("validator", "Where.", Address.self)
    ) { context, account, address throws(CallError) in
        let record = try record(context, address)
        let earned = try context.read(shares, KeyPair(account, address))?.reward(at: record, context) ?? .zero
        return account == address ? try replace(nil, by: record.rewards.validator, in: earned, context) : earned
    }

    public static let unbonding = Method(
        "unbonding", "What an account waits for from a validator.", kind: .view,
        Argument("account", "Whose.", Address.self), Argument("validator", "From whom.", Address.self)
    ) { context, account, address throws(CallError) in
        var list: [UnbondingInfo] = []
        let record = try record(context, address)
        for entry in try context.read(unbondings, KeyPair(account, address))?.elements ?? [] {
            guard var pool = try context.read(unbondingPools, KeyPair(address, entry.epoch)) else { throw context.failure(.stateMalformed) }
            var fines = Fines()
            try settle(&pool, context, address, record, entry.epoch, &fines)
            let left = entry.epoch.successor.successor
            var matures = try context.start(of: left)?.time.advanced(by: context.block.parameters.unbondingMilliseconds)
            if matures == nil, left <= context.block.epoch { matures = 0 }
            list.append(UnbondingInfo(epoch: entry.epoch, amount: pool.pool.worth(entry.shares), matures: matures))
        }
        guard let list = Bounded<16, UnbondingInfo>(list) else { throw context.failure(.stateMalformed) }
        return list
    }

    // ── Power ──

    public static let votingPower = Method(
        "voting_power", "What an account had bonded when an epoch began, by validator, its own bond included; unbonding stake is none.", kind: .view,
        Argument("account", "Whose.", Address.self), Argument("epoch", "This one or an earlier one.", Epoch.self)
    ) { context, account, epoch throws(CallError) in
        try requireKnown(epoch, context)
        var list: [ValidatorPower] = []
        for entry in try context.entries(shares, first: account, limit: delegationsMax) {
            let then = try recall(context, sharesHistory, entry.key, at: epoch) ?? entry.value.shares
            guard then > 0 else { continue }
            let power = try pool(context, entry.key.second, at: epoch).worth(then)
            if power != .zero { list.append(ValidatorPower(validator: entry.key.second, power: power)) }
        }
        guard let list = Bounded<32, ValidatorPower>(list) else { throw context.failure(.stateMalformed) }
        return list
    }

    public static let validatorPower = Method(
        "validator_power", "All stake that a validator had when an epoch began, in base units.", kind: .view,
        Argument("validator", "Which.", Address.self), Argument("epoch", "This one or an earlier one.", Epoch.self)
    ) { context, address, epoch throws(CallError) in
        try requireKnown(epoch, context)
        return try pool(context, address, at: epoch).tokens
    }

    public static let totalPower = Method(
        "total_power", "All bonded stake when an epoch began, in base units.", kind: .view,
        Argument("epoch", "This one or an earlier one.", Epoch.self)
    ) { context, epoch throws(CallError) in
        try requireKnown(epoch, context)
        if let then = try recall(context, bondedHistory, .staking, at: epoch) { return then }
        return try openBooks(context).bonded
    }

    private static func pool(_ context: CallContext, _ address: Address, at epoch: Epoch) throws(CallError) -> Pool {
        if let then = try recall(context, poolHistory, address, at: epoch) { return then }
        return try context.read(records, address)?.pool ?? Pool()
    }

    private static func requireKnown(_ epoch: Epoch, _ context: CallContext) throws(CallError) {
        // The block that a view asks about may be the one behind which the epoch begins.
        let hasBegun = try context.start(of: epoch) != nil, isForgotten = try isForgotten(context, epoch)
        try context.require(hasBegun && !isForgotten, StakingRejection.epochUnknown)
    }

    // ── The whole ──

    public static let parameters = Method("parameters", "The parameters in force.", kind: .view) { context throws(CallError) in
        context.block.parameters
    }

    public static let books = Method("books", "What the contract has and owes.", kind: .view) { context throws(CallError) in
        let books = try openBooks(context)
        let current = try context.read(tally) ?? Tally(epoch: context.block.epoch)
        guard let collected = Amount.sum([current.collected] + current.proposed.elements) else { throw context.failure(.stateMalformed) }
        return BooksInfo(
            balance: try context.balance(of: context.contract), bonded: books.bonded, unbonding: books.unbonding, rewards: books.rewards,
            collected: collected)
    }
}

/// A validator as others see it.
public struct ValidatorInfo: Hashable, Record {
    public let account: Address
    public let record: Staking.ValidatorRecord
    public let weight: UInt64
    public let selfBond: Amount
    public let commission: UInt32
    public let description: ValidatorDescription

    public static let fields = Fields(
        Field("account", "Its account.") { $0.account }, Field("record", "What the contract keeps.") { $0.record },
        Field("weight", "Whole tokens of stake.") { $0.weight }, Field("selfBond", "Its own stake, in base units.") { $0.selfBond },
        Field("commission", "The commission in force, in parts per million.") { $0.commission },
        Field("description", "How it presents itself.") { $0.description },
        make: { ValidatorInfo(account: $0, record: $1, weight: $2, selfBond: $3, commission: $4, description: $5) })
}

/// What an account has at a validator.
public struct DelegationInfo: Hashable, Record {
    public let validator: Address
    public let shares: UInt128
    public let worth: Amount
    public let free: Amount
    public let rewards: Amount
    public let exposures: Bounded<8, Staking.Exposure>

    public static let fields = Fields(
        Field("validator", "Where.") { $0.validator }, Field("shares", "Shares of its pool.") { $0.shares },
        Field("worth", "Their worth in base units, before slashes of former validators.") { $0.worth },
        Field("free", "How much of it may leave.") { $0.free }, Field("rewards", "Earned and not yet claimed, in base units.") { $0.rewards },
        Field("exposures", "Shares that answer for former validators.") { $0.exposures },
        make: { DelegationInfo(validator: $0, shares: $1, worth: $2, free: $3, rewards: $4, exposures: $5) })
}

/// Stake that an account waits for.
public struct UnbondingInfo: Hashable, Record {
    public let epoch: Epoch
    public let amount: Amount
    public let matures: Timestamp?

    public static let fields = Fields(
        Field("epoch", "When it was asked back.") { $0.epoch },
        Field("amount", "Base units, less all slashes until now.") { $0.amount },
        Field("matures", "Block time from which it can be withdrawn; none while it still counts for the voters.") { $0.matures },
        make: { UnbondingInfo(epoch: $0, amount: $1, matures: $2) })
}

/// Stake of an account at a validator at some time.
public struct ValidatorPower: Hashable, Record {
    public let validator: Address
    public let power: Amount

    public static let fields = Fields(
        Field("validator", "Where it was.") { $0.validator }, Field("power", "Base units.") { $0.power },
        make: { ValidatorPower(validator: $0, power: $1) })
}

/// What the contract has and owes, in base units. Whatever the balance is above the sum of the rest was paid by mistake.
public struct BooksInfo: Hashable, Record {
    public let balance: Amount
    public let bonded: Amount
    public let unbonding: Amount
    public let rewards: Amount
    public let collected: Amount

    public static let fields = Fields(
        Field("balance", "The contract's account.") { $0.balance }, Field("bonded", "The pools of all validators.") { $0.bonded },
        Field("unbonding", "All unbonding pools.") { $0.unbonding }, Field("rewards", "Rewards that nobody has claimed yet.") { $0.rewards },
        Field("collected", "What this epoch has brought so far and its end shares out.") { $0.collected },
        make: { BooksInfo(balance: $0, bonded: $1, unbonding: $2, rewards: $3, collected: $4) })
}
