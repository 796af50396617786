public import Execution
import Ledger
public import Primitives

extension Staking {
    // ── Regions ──

    public static let records = StoredMap(
        0, "validators", "All that ever registered, by account.", Address.self, ValidatorRecord.self)
    public static let descriptions = StoredMap(
        1, "descriptions", "How validators present themselves.", Address.self, ValidatorDescription.self)
    public static let consensusKeys = StoredMap(
        2, "consensus_keys", "Whose each consensus key is or was; a key is never free again.", PublicKey.self, Address.self)
    public static let vrfKeys = StoredMap(
        3, "vrf_keys", "Whose each VRF key is or was; a key is never free again.", VRFPublicKey.self, Address.self)
    /// Sorted so that a walk starts at the best.
    public static let ranking = StoredMap(
        4, "ranking", "Candidates, by 2^64 − 1 − weight and account: the first is the best.", KeyPair<UInt64, Address>.self, Nothing.self)
    public static let shares = StoredMap(
        5, "delegations", "What accounts have at validators, by account and validator.", KeyPair<Address, Address>.self, DelegationRecord.self)
    public static let unbondingPools = StoredMap(
        6, "unbonding_pools", "Stake that was asked back, by validator and epoch of request.", KeyPair<Address, Epoch>.self, UnbondingPool.self)
    public static let unbondings = StoredMap(
        7, "unbondings", "Who waits for unbonding stake, by account and validator.", KeyPair<Address, Address>.self,
        Bounded<16, UnbondingEntry>.self)
    public static let slashes = StoredMap(
        8, "slashes", "Penalties, by validator and number.", KeyPair<Address, UInt32>.self, Slash.self)
    public static let offences = StoredMap(
        9, "offences", "Contradictory votes: parts per million of all power, by block time of the punishment and validator.",
        KeyPair<Timestamp, Address>.self, UInt32.self)
    public static let sums = StoredValue(10, "books", "What the contract owes.", Books.self)
    public static let tally = StoredValue(11, "tally", "What happened in this epoch so far.", Tally.self)
    public static let poolHistory = StoredMap(
        12, "pool_history", "A validator's pool as it was when this epoch began and since the entry before.",
        KeyPair<Address, Epoch>.self, Pool.self)
    public static let sharesHistory = StoredMap(
        13, "delegation_history", "An account's shares at a validator as they were when this epoch began and since the entry before.",
        KeyPair<KeyPair<Address, Address>, Epoch>.self, UInt128.self)
    public static let bondedHistory = StoredMap(
        14, "bonded_history", "All bonded stake as it was when this epoch began and since the entry before, under this contract's address.",
        KeyPair<Address, Epoch>.self, Amount.self)

    // ── Validators ──

    static func record(_ context: CallContext, _ address: Address) throws(CallError) -> ValidatorRecord {
        guard let record = try context.read(records, address) else {
            throw context.rejection(StakingRejection.validatorUnknown, "\(address.hex) is not a validator")
        }
        return record
    }

    /// Writes what became of a validator, with its place in the ranking, its history and the books. What rounding left in a pool
    /// without owners is shared out.
    static func save(
        _ context: CallContext, _ address: Address, _ new: inout ValidatorRecord, was old: ValidatorRecord?, _ books: inout Books
    ) throws(CallError) {
        let left = new.pool.sweep()
        if left != .zero { try collect(context, left) }
        if old?.pool != new.pool {
            try remember(context, poolHistory, address, old?.pool ?? Pool(), &new.changed)
            books.bonded = try replace(old?.pool.tokens, by: new.pool.tokens, in: books.bonded, context)
        }
        books.rewards = try replace(old?.rewards.delegators, by: new.rewards.delegators, in: books.rewards, context)
        books.rewards = try replace(old?.rewards.validator, by: new.rewards.validator, in: books.rewards, context)
        let listed = isCandidate(new, context.block.parameters) ? new.weight : nil
        if listed != old?.listed {
            if let place = old?.listed { try context.remove(ranking, KeyPair(.max - place, address)) }
            if let listed { try context.write(ranking, KeyPair(.max - listed, address), Nothing()) }
        }
        new.listed = listed
        if new != old { try context.write(records, address, new) }
    }

    /// Whether a validator may be chosen for the voters.
    static func isCandidate(_ record: ValidatorRecord, _ parameters: NetworkParameters) -> Bool {
        record.status == .active && record.weight > 0 && record.selfBond >= parameters.selfBondMin
    }

    // ── Delegations ──

    /// Writes what became of a delegation. One without shares stays for as long as its history counts, see ``forget(_:_:_:)``.
    static func save(
        _ context: CallContext, _ account: Address, at validator: Address, _ new: inout DelegationRecord, was old: DelegationRecord?,
        _ record: inout ValidatorRecord
    ) throws(CallError) {
        if account == validator { record.ownShares = new.shares }
        if (old?.shares ?? 0) != new.shares {
            try remember(context, sharesHistory, KeyPair(account, validator), old?.shares ?? 0, &new.changed)
        }
        if new != old { try context.write(shares, KeyPair(account, validator), new) }
    }

    /// The delegation of `account` at `validator`, or a new one if there may be one more.
    static func openDelegation(
        _ context: CallContext, _ account: Address, at validator: Address, _ record: ValidatorRecord
    ) throws(CallError) -> (record: DelegationRecord, old: DelegationRecord?) {
        if let found = try context.read(shares, KeyPair(account, validator)) { return (found, found) }
        let others = try context.entries(shares, first: account, limit: delegationsMax)
        if others.count == delegationsMax {
            var hasRoom = false
            for other in others where try forget(context, account, at: other.key.second, other.value) { hasRoom = true }
            try context.require(hasRoom, StakingRejection.delegationsFull)
        }
        return (DelegationRecord(paid: record.rewards.perShare), nil)
    }

    /// Drops a delegation that has neither shares nor a history that counts; says whether it did.
    static func forget(
        _ context: CallContext, _ account: Address, at validator: Address, _ record: DelegationRecord
    ) throws(CallError) -> Bool {
        guard record.shares == 0 else { return false }
        if let changed = record.changed, try !isForgotten(context, changed) { return false }
        // Histories shrink as they grow; what is left of one is removed here, a bounded part at a time.
        let old = try context.entries(sharesHistory, first: KeyPair(account, validator), limit: unbondingsMax)
        for entry in old { try context.remove(sharesHistory, entry.key) }
        guard old.count < unbondingsMax else { return false }
        try context.remove(shares, KeyPair(account, validator))
        return true
    }

    // ── Unbonding pools ──

    /// Writes what became of an unbonding pool; one without shares is removed, and what rounding left in it is shared out.
    static func save(
        _ context: CallContext, _ validator: Address, _ epoch: Epoch, _ new: inout UnbondingPool, was old: UnbondingPool?, _ books: inout Books
    ) throws(CallError) {
        let left = new.pool.sweep()
        if left != .zero { try collect(context, left) }
        books.unbonding = try replace(old?.pool.tokens, by: new.pool.tokens, in: books.unbonding, context)
        if new.pool.shares == 0 {
            if old != nil { try context.remove(unbondingPools, KeyPair(validator, epoch)) }
        } else if new != old {
            try context.write(unbondingPools, KeyPair(validator, epoch), new)
        }
    }

    // ── Books ──

    static func openBooks(_ context: CallContext) throws(CallError) -> Books { try context.read(sums) ?? Books() }

    static func close(_ context: CallContext, _ books: inout Books, was old: Books) throws(CallError) {
        if books.bonded != old.bonded { try remember(context, bondedHistory, .staking, old.bonded, &books.changed) }
        if books != old { try context.write(sums, books) }
    }

    /// Adds base units of the contract's account that are nobody's to what all share at the epoch's end.
    static func collect(_ context: CallContext, _ amount: Amount) throws(CallError) {
        var current = try context.read(tally) ?? Tally(epoch: context.block.epoch)
        current.collected = try replace(nil, by: amount, in: current.collected, context)
        try context.write(tally, current)
    }

    /// `sum − old + new`.
    static func replace(_ old: Amount?, by new: Amount, in sum: Amount, _ context: CallContext) throws(CallError) -> Amount {
        guard let rest = sum.subtracting(old ?? .zero), let result = rest.adding(new) else { throw context.failure(.stateMalformed) }
        return result
    }

    // ── Histories ──
    // An entry of epoch e says what was so when e began and since the entry before. So nothing is written until something changes,
    // and then once in an epoch; what was at the beginning of e is in the first entry at or behind e, or still is.

    /// Notes what was when this epoch began, before the first change in it. What genesis writes was so from the beginning.
    static func remember<Key, Value>(
        _ context: CallContext, _ history: StoredMap<KeyPair<Key, Epoch>, Value>, _ key: Key, _ value: Value, _ changed: inout Epoch?
    ) throws(CallError) {
        guard context.block.height > 0, changed != context.block.epoch else { return }
        changed = context.block.epoch
        for entry in try context.entries(history, first: key, limit: forgottenMax) where try isForgotten(context, entry.key.second) {
            try context.remove(history, entry.key)
        }
        try context.write(history, KeyPair(key, context.block.epoch), value)
    }

    static func recall<Key, Value>(
        _ context: CallContext, _ history: StoredMap<KeyPair<Key, Epoch>, Value>, _ key: Key, at epoch: Epoch
    ) throws(CallError) -> Value? {
        try context.entries(history, first: key, from: epoch, limit: 1).first?.value
    }

    /// Whether `epoch` began so long ago that nobody asks for it any more.
    static func isForgotten(_ context: CallContext, _ epoch: Epoch) throws(CallError) -> Bool {
        guard epoch <= context.block.epoch else { return false }
        guard let start = try context.start(of: epoch) else { return true }
        return context.block.time.rawValue - start.time.rawValue > context.block.parameters.unbondingMilliseconds
    }
}
