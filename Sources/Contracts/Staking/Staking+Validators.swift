import Cryptography
public import Execution
public import Ledger
public import Primitives

extension Staking {
    public static let register = Method(
        "register", """
            Makes the caller a validator, with the attached value as its own bond. Both keys come with a proof, made for this network and \
            the caller's account, that the caller holds them.
            """,
        takesValue: true,
        Argument("keys", "The keys to vote with.", ValidatorKeys.self),
        Argument("commission", "What it keeps of its delegators' rewards, in parts per million.", UInt32.self),
        Argument("description", "How it presents itself.", ValidatorDescription.self)
    ) { context, keys, commission, description throws(CallError) in
        let parameters = context.block.parameters
        try context.require(!context.contains(records, context.caller), StakingRejection.alreadyRegistered)
        try context.require(commission <= NetworkParameters.whole, StakingRejection.commissionTooHigh)
        try context.require(context.value >= max(parameters.selfBondMin, parameters.delegationMin), StakingRejection.selfBondTooLow)
        try take(keys, for: context.caller, context)
        try context.write(descriptions, context.caller, description)
        try create(context, context.caller, keys.consensusKey, keys.vrfKey, commission: commission, bond: context.value)
        try context.emit(Registered(validator: context.caller, consensusKey: keys.consensusKey, vrfKey: keys.vrfKey, bond: context.value))
        return Nothing()
    }

    public static let describe = Method(
        "describe", "Changes how the calling validator presents itself.",
        Argument("description", "All of it.", ValidatorDescription.self)
    ) { context, description throws(CallError) in
        _ = try record(context, context.caller)
        try context.write(descriptions, context.caller, description)
        try context.emit(Described(validator: context.caller, description: description))
        return Nothing()
    }

    public static let changeCommission = Method(
        "change_commission", """
            Announces another commission of the calling validator, which is in force from the epoch after the next. It replaces what \
            was announced before and not yet in force.
            """,
        Argument("commission", "Parts per million; at most commissionRisePartsPerMillionMax above the one in force.", UInt32.self)
    ) { context, rate throws(CallError) in
        let old = try record(context, context.caller)
        let epoch = context.block.epoch
        let current = old.commission.rate(in: epoch)
        try context.require(rate <= NetworkParameters.whole, StakingRejection.commissionTooHigh)
        try context.require(
            rate <= current || rate - current <= context.block.parameters.commissionRisePartsPerMillionMax,
            StakingRejection.commissionRisesTooFast, "\(current) is in force")
        var new = old
        let change = CommissionChange(rate: rate, from: epoch.successor.successor)
        new.commission = Commission(rate: current, next: change)
        try context.write(records, context.caller, new)
        try context.emit(CommissionChanged(validator: context.caller, rate: rate, from: change.from))
        return Nothing()
    }

    public static let rotateKeys = Method(
        "rotate_keys", """
            Gives the calling validator other keys, with which it votes from the boundary after the next on. Until then it votes with \
            the old ones, and it answers for them as long as evidence counts.
            """,
        Argument("keys", "The new keys.", ValidatorKeys.self)
    ) { context, keys throws(CallError) in
        let old = try record(context, context.caller)
        try context.require(old.status != .tombstoned, StakingRejection.validatorTombstoned)
        try take(keys, for: context.caller, context)
        var new = old
        new.consensusKey = keys.consensusKey
        new.vrfKey = keys.vrfKey
        try context.write(records, context.caller, new)
        try context.emit(KeysRotated(validator: context.caller, consensusKey: keys.consensusKey, vrfKey: keys.vrfKey))
        return Nothing()
    }

    public static let leave = Method(
        "leave", "Ends the calling validator's candidacy: it votes no more from the boundary after the next on. Its stake stays bonded."
    ) { context throws(CallError) in
        let old = try record(context, context.caller)
        try context.require(old.status == .active, StakingRejection.notActive)
        try change(context, context.caller, old, to: .left)
        try context.emit(Left(validator: context.caller))
        return Nothing()
    }

    public static let unjail = Method(
        "unjail", "Makes the calling validator a candidate again, after its time in jail or after it left."
    ) { context throws(CallError) in
        let old = try record(context, context.caller)
        switch old.status {
        case .active: throw context.rejection(StakingRejection.alreadyActive)
        case .tombstoned: throw context.rejection(StakingRejection.validatorTombstoned)
        case .jailed(let until):
            try context.require(context.block.time >= until, StakingRejection.stillJailed, "until \(until)")
        case .left: break
        }
        try context.require(old.selfBond >= context.block.parameters.selfBondMin, StakingRejection.selfBondTooLow)
        try change(context, context.caller, old, to: .active)
        try context.emit(Returned(validator: context.caller))
        return Nothing()
    }

    /// Writes another status, with the place in the ranking that follows from it.
    private static func change(
        _ context: CallContext, _ address: Address, _ old: ValidatorRecord, to status: Status
    ) throws(CallError) {
        var new = old, books = try openBooks(context)
        let before = books
        new.status = status
        try save(context, address, &new, was: old, &books)
        try close(context, &books, was: before)
    }

    /// Writes down that `keys` are the caller's for ever, once they are proven and nobody's.
    private static func take(_ keys: ValidatorKeys, for account: Address, _ context: CallContext) throws(CallError) {
        try context.require(!context.contains(consensusKeys, keys.consensusKey), StakingRejection.consensusKeyTaken)
        try context.require(!context.contains(vrfKeys, keys.vrfKey), StakingRejection.vrfKeyTaken)
        try context.charge(GasSchedule.verifySignature + GasSchedule.verifyVRF)
        let chain = context.block.chainID
        try context.require(
            Ed25519.isRegistrable(keys.consensusKey, for: account, possession: keys.consensusPossession, chainID: chain),
            StakingRejection.consensusKeyRefused)
        try context.require(
            ECVRF.isRegistrable(keys.vrfKey, for: account, possession: keys.vrfPossession, chainID: chain),
            StakingRejection.vrfKeyRefused)
        try context.write(consensusKeys, keys.consensusKey, account)
        try context.write(vrfKeys, keys.vrfKey, account)
    }

    /// Writes a new validator whose own bond lies in the contract's account.
    private static func create(
        _ context: CallContext, _ address: Address, _ consensusKey: PublicKey, _ vrfKey: VRFPublicKey, commission: UInt32, bond: Amount
    ) throws(CallError) {
        var books = try openBooks(context)
        let before = books
        guard let bonded = books.bonded.adding(bond), bonded <= bondedMax else { throw context.rejection(StakingRejection.stakeOverLimit) }
        var record = ValidatorRecord(
            consensusKey: consensusKey, vrfKey: vrfKey, status: .active, pool: Pool(), commission: Commission(rate: commission, next: nil))
        guard let shares = record.pool.deposit(bond) else { throw context.rejection(StakingRejection.poolWorthless) }
        var (delegation, old) = try openDelegation(context, address, at: address, record)
        delegation.shares += shares
        try save(context, address, at: address, &delegation, was: old, &record)
        try save(context, address, &record, was: nil, &books)
        try close(context, &books, was: before)
    }

    // ── Genesis ──

    /// Makes each founder a validator whose weight is its own bond.
    public static func begin(_ genesis: Genesis, _ context: CallContext) throws(CallError) {
        for founder in genesis.validators {
            let bond = Amount(UInt128(founder.validator.weight) * Amount.unitsPerToken)
            try context.require(!context.contains(records, founder.account), StakingRejection.alreadyRegistered)
            try context.require(bond >= context.block.parameters.selfBondMin, StakingRejection.selfBondTooLow)
            try context.write(consensusKeys, founder.validator.consensusKey, founder.account)
            try context.write(vrfKeys, founder.validator.vrfKey, founder.account)
            try context.write(descriptions, founder.account, ValidatorDescription())
            try create(
                context, founder.account, founder.validator.consensusKey, founder.validator.vrfKey, commission: 0, bond: bond)
        }
    }
}

/// The two keys of a validator, each with a proof, made for the network and the validator's account, that its maker holds it.
public struct ValidatorKeys: Hashable, Record {
    public let consensusKey: PublicKey
    public let consensusPossession: Signature
    public let vrfKey: VRFPublicKey
    public let vrfPossession: VRFProof

    public init(consensusKey: PublicKey, consensusPossession: Signature, vrfKey: VRFPublicKey, vrfPossession: VRFProof) {
        self.consensusKey = consensusKey
        self.consensusPossession = consensusPossession
        self.vrfKey = vrfKey
        self.vrfPossession = vrfPossession
    }

    public static let fields = Fields(
        Field("consensusKey", "Signs votes.") { $0.consensusKey },
        Field("consensusPossession", "A signature of kind key-possession over account and key.") { $0.consensusPossession },
        Field("vrfKey", "Proves randomness.") { $0.vrfKey },
        Field("vrfPossession", "A proof over the same bytes with the VRF key.") { $0.vrfPossession }, make: ValidatorKeys.init)
}
