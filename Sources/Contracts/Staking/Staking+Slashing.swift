import Cryptography
public import Execution
import Ledger
public import Primitives
import WorldState

extension Staking {
    public static let submitEvidence = Method(
        "submit_evidence", """
            Punishes a validator for two votes that contradict each other, and rewards the caller with a part of what it loses, unless \
            the caller has stake at it.
            """,
        Argument("evidence", "The two votes, as nodes keep them.", BoundedBytes<1024>.self)
    ) { context, bytes throws(CallError) in
        let (evidence, voters) = try verified(bytes, context)
        let epoch = voters.epoch
        guard let voter = voters[evidence.first.signer], let address = try context.read(consensusKeys, voter.consensusKey) else { throw context.failure(.stateMalformed) }
        let old = try record(context, address)
        try context.require(old.status != .tombstoned, StakingRejection.alreadyTombstoned)

        let power = UInt32((UInt128(voter.weight) * UInt128(NetworkParameters.whole) + UInt128(voters.totalWeight) - 1) / UInt128(voters.totalWeight))
        let part = try doubleSignPart(context, power)
        // Whoever has stake at the offender, or had until lately, would punish itself for the reward.
        let key = KeyPair(context.caller, address)
        let hasStake = try context.contains(shares, key), hasUnbonding = try context.contains(unbondings, key)
        let isInvolved = context.caller == address || hasStake || hasUnbonding
        let slash = Slash(offence: epoch, partsPerMillion: part, reporter: isInvolved ? nil : context.caller)

        var books = try openBooks(context), fines = Fines()
        let before = books
        var new = old
        new.status = .tombstoned
        try apply(slash, to: &new, address, context, &fines)
        try save(context, address, &new, was: old, &books)
        try context.write(offences, KeyPair(context.block.time, address), power)
        for pool in try context.entries(unbondingPools, first: address, from: nil, .descending, limit: settledAtOnceMax)
        where slash.reaches(pool.key.second) {
            try settlePool(context, address, new, pool.key.second, pool.value, &books, &fines)
        }
        try close(context, &books, was: before)
        try fines.pay(context)
        return Nothing()
    }

    public static let settleUnbonding = Method(
        "settle_unbonding", "Takes the slashes of a validator from stake that was asked back in an epoch. Anyone may ask for it.",
        Argument("validator", "Whose stake it was.", Address.self), Argument("epoch", "When it was asked back.", Epoch.self)
    ) { context, address, epoch throws(CallError) in
        let record = try record(context, address)
        guard let pool = try context.read(unbondingPools, KeyPair(address, epoch)) else {
            throw context.rejection(StakingRejection.nothingUnbonding)
        }
        var books = try openBooks(context), fines = Fines()
        let before = books
        try settlePool(context, address, record, epoch, pool, &books, &fines)
        try close(context, &books, was: before)
        try fines.pay(context)
        return Nothing()
    }

    /// The two votes, once they prove an offence that may still be punished, and the voters of its epoch.
    private static func verified(
        _ bytes: BoundedBytes<1024>, _ context: CallContext
    ) throws(CallError) -> (Evidence, ValidatorSet) {
        let evidence: Evidence
        do { evidence = try Evidence(bcs: bytes.bytes) } catch { throw context.rejection(StakingRejection.evidenceMalformed, "\(error)") }
        let epoch = evidence.first.place.epoch
        guard epoch <= context.block.epoch, let voters = try context.validatorSet(of: epoch) else {
            throw context.rejection(StakingRejection.evidenceTooOld, "the voters of epoch \(epoch) are not kept")
        }
        // An offence is at most as old as the end of its epoch is, from which unbonding is counted too.
        if epoch < context.block.epoch {
            guard let end = try context.start(of: epoch.successor),
                  context.block.time.rawValue - end.time.rawValue <= context.block.parameters.evidenceMilliseconds else {
                throw context.rejection(StakingRejection.evidenceTooOld)
            }
        }
        try context.charge(2 * GasSchedule.hash)
        try context.require(evidence.isOrdered(chainID: context.block.chainID, hash: SHA256.hash), StakingRejection.evidenceUnordered)
        try context.charge(2 * GasSchedule.verifySignature)
        let verifier = SignatureVerifier(chainID: context.block.chainID, validatorSets: [voters])
        do { try evidence.verify(with: verifier) } catch { throw context.rejection(StakingRejection.evidenceUnproven, "\(error)") }
        return (evidence, voters)
    }

    /// The part of the stake that contradictory votes cost: at least the parameter's, and more when others with much power offended
    /// within the same evidence period.
    private static func doubleSignPart(_ context: CallContext, _ power: UInt32) throws(CallError) -> UInt32 {
        let parameters = context.block.parameters
        var total = UInt64(power)
        for offence in try context.entries(offences, .descending, limit: offendersMax) {
            guard context.block.time.rawValue - offence.key.first.rawValue <= parameters.evidenceMilliseconds else { break }
            total += UInt64(offence.value)
        }
        for offence in try context.entries(offences, limit: forgottenMax)
        where context.block.time.rawValue - offence.key.first.rawValue > parameters.evidenceMilliseconds {
            try context.remove(offences, offence.key)
        }
        let correlated = min(UInt64(NetworkParameters.whole), total * UInt64(parameters.slashCorrelationFactor))
        return max(parameters.slashDoubleSignPartsPerMillion, UInt32(correlated))
    }

    // ── Slashes ──

    /// Writes down a slash and takes it from the bonded pool.
    static func apply(
        _ slash: Slash, to record: inout ValidatorRecord, _ address: Address, _ context: CallContext, _ fines: inout Fines
    ) throws(CallError) {
        let lost = record.pool.slash(partsPerMillion: slash.partsPerMillion)
        try context.write(slashes, KeyPair(address, record.slashes), slash)
        record.slashes += 1
        try fines.add(lost, slash, context)
        try context.emit(Slashed(
            validator: address, offence: slash.offence, partsPerMillion: slash.partsPerMillion, bonded: lost, reporter: slash.reporter))
    }

    /// The slashes of a validator, from number `seen` on, that reach stake which left it in `epoch`.
    ///
    /// Slashes for missed votes are in the order of their epochs, so that the first that does not reach the stake is followed by no
    /// other one that does; only the last slash can be for contradictory votes, of an earlier epoch. At most four are read.
    static func due(
        _ context: CallContext, _ address: Address, _ record: ValidatorRecord, since seen: UInt32, leftIn epoch: Epoch
    ) throws(CallError) -> [Slash] {
        var due: [Slash] = []
        var number = seen
        while number < record.slashes {
            guard let slash = try context.read(slashes, KeyPair(address, number)) else { throw context.failure(.stateMalformed) }
            if slash.reaches(epoch) { due.append(slash) }
            number = slash.reaches(epoch) ? number + 1 : max(number + 1, record.slashes - 1)
        }
        return due
    }

    /// Takes what slashes are due from an unbonding pool, and writes it.
    static func settlePool(
        _ context: CallContext, _ address: Address, _ record: ValidatorRecord, _ epoch: Epoch, _ old: UnbondingPool,
        _ books: inout Books, _ fines: inout Fines
    ) throws(CallError) {
        var new = old
        try settle(&new, context, address, record, epoch, &fines)
        try save(context, address, epoch, &new, was: old, &books)
    }

    /// Takes what slashes are due from an unbonding pool.
    static func settle(
        _ pool: inout UnbondingPool, _ context: CallContext, _ address: Address, _ record: ValidatorRecord, _ epoch: Epoch,
        _ fines: inout Fines
    ) throws(CallError) {
        guard pool.seen < record.slashes else { return }
        for slash in try due(context, address, record, since: pool.seen, leftIn: epoch) {
            let lost = pool.pool.slash(partsPerMillion: slash.partsPerMillion)
            try fines.add(lost, slash, context)
        }
        pool.seen = record.slashes
    }

    /// Takes what slashes of former validators are due from a delegation to `validator`, and forgets exposures that are over.
    static func settleExposures(
        _ context: CallContext, _ validator: Address, _ record: inout ValidatorRecord, _ delegation: inout DelegationRecord, _ fines: inout Fines
    ) throws(CallError) {
        guard !delegation.exposures.isEmpty else { return }
        var kept: [Exposure] = []
        for var exposure in delegation.exposures {
            let source = try self.record(context, exposure.source)
            for slash in try due(context, exposure.source, source, since: exposure.seen, leftIn: exposure.epoch) {
                guard let part = Ratio.multiply(
                    exposure.shares, UInt128(slash.partsPerMillion), dividedBy: UInt128(NetworkParameters.whole), .up),
                      part <= delegation.shares else { throw context.failure(.stateMalformed) }
                let lost = record.pool.withdraw(nil, of: part)
                exposure.shares -= part
                delegation.shares -= part
                try fines.add(lost.amount, slash, context)
            }
            exposure.seen = source.slashes
            if exposure.shares != 0, try !isOver(context, exposure) { kept.append(exposure) }
        }
        guard let exposures = Bounded<8, Exposure>(kept) else { throw context.failure(.stateMalformed) }
        delegation.exposures = exposures
    }

    /// Whether no evidence can reach redelegated shares any more.
    private static func isOver(_ context: CallContext, _ exposure: Exposure) throws(CallError) -> Bool {
        // Evidence counts through its last millisecond.
        try hasPassed(context, context.block.parameters.evidenceMilliseconds + 1, since: exposure.epoch)
    }

    /// Whether `milliseconds` have passed since stake that was asked back in `epoch` left the voters: at the boundary after the next.
    static func hasPassed(_ context: CallContext, _ milliseconds: UInt64, since epoch: Epoch) throws(CallError) -> Bool {
        let left = epoch.successor.successor
        // The start of an epoch that has begun is forgotten long after all periods are over.
        guard let start = try context.start(of: left) else { return left <= context.block.epoch }
        return context.block.time.rawValue - start.time.rawValue >= milliseconds
    }
}

/// What slashes take in one call: a part for the reporter, if there is one, and the rest to be destroyed.
struct Fines {
    private var burned = Amount.zero
    private var rewards: [Reward] = []

    private struct Reward {
        let reporter: Address
        var amount: Amount
    }

    mutating func add(_ amount: Amount, _ slash: Staking.Slash, _ context: CallContext) throws(CallError) {
        var rest = amount
        if let reporter = slash.reporter,
           let reward = amount.share(partsPerMillion: context.block.parameters.reporterPartsPerMillion, rounding: .down), reward != .zero {
            rest = try Staking.replace(reward, by: .zero, in: rest, context)
            if let place = rewards.firstIndex(where: { $0.reporter == reporter }) {
                rewards[place].amount = try Staking.replace(nil, by: reward, in: rewards[place].amount, context)
            } else {
                rewards.append(Reward(reporter: reporter, amount: reward))
            }
        }
        burned = try Staking.replace(nil, by: rest, in: burned, context)
    }

    func pay(_ context: CallContext) throws(CallError) {
        for reward in rewards {
            try context.transfer(reward.amount, to: reward.reporter)
            try context.emit(SlashSettled(reporter: reward.reporter, amount: reward.amount))
        }
        if burned != .zero { try context.burn(burned) }
    }
}
