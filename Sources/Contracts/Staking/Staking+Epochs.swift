public import Execution
import Ledger
import Primitives

extension Staking {
    public static let blockEnd = Method(
        "block_end", "Counts who signed the block below, and takes in the block's fees.", kind: .hook
    ) { context throws(CallError) in
        let block = context.block
        var current = try currentTally(context)
        guard let start = try context.start(of: block.epoch) else { throw context.failure(.stateMalformed) }
        // The votes that the first block of an epoch carries are of the epoch before, whose indices differ.
        if block.height > start.height.successor, current.blocks < .max {
            current.blocks += 1
            let signed = current.signed.enumerated().map { index, count in
                block.parentVotes.contains(ValidatorIndex(UInt16(index))) ? count + 1 : count
            }
            guard let list = Bounded<1024, UInt32>(signed) else { throw context.failure(.stateMalformed) }
            current.signed = list
        }
        if block.fees.proposer != .zero || block.fees.validators != .zero {
            var proposed = current.proposed.elements
            var collected = try replace(nil, by: block.fees.validators, in: current.collected, context)
            if Int(block.proposer.rawValue) < proposed.count {
                proposed[Int(block.proposer.rawValue)] = try replace(
                    nil, by: block.fees.proposer, in: proposed[Int(block.proposer.rawValue)], context)
            } else {
                collected = try replace(nil, by: block.fees.proposer, in: collected, context)
            }
            guard let list = Bounded<1024, Amount>(proposed) else { throw context.failure(.stateMalformed) }
            current.proposed = list
            current.collected = collected
        }
        try context.charge(GasSchedule.step * UInt64(current.signed.count))
        try context.write(tally, current)
        return Nothing()
    }

    public static let epochEnd = Method(
        "epoch_end", "Jails who missed too many votes, shares out the rewards, and chooses the voters of the epoch after the next.",
        kind: .hook
    ) { context throws(CallError) in
        guard let voters = try context.validatorSet(of: context.block.epoch) else { throw context.failure(.stateMalformed) }
        let planned = try context.validatorSet(of: context.block.epoch.successor) ?? voters
        var close = EpochClose(
            tally: try currentTally(context), books: try openBooks(context), members: try members(voters, context),
            planned: try members(planned, context))
        let removed = try close.judge(context)
        try close.share(context)
        try close.write(context)
        let chosen = try choose(context)
        try context.schedule(validators: chosen, removing: removed)
        try context.emit(EpochClosed(
            epoch: context.block.epoch, rewards: close.shared, jailed: UInt32(close.jailed), candidates: UInt32(chosen.count)))
        return Nothing()
    }

    /// The tally of this epoch. What a tally of an earlier one still holds is collected.
    private static func currentTally(_ context: CallContext) throws(CallError) -> Tally {
        let old = try context.read(tally)
        if let old, old.epoch == context.block.epoch, !old.signed.isEmpty { return old }
        let count = try context.validatorSet(of: context.block.epoch)?.validators.count ?? 0
        var new = Tally(epoch: context.block.epoch)
        guard let signed = Bounded<1024, UInt32>(Array(repeating: 0, count: count)),
              let proposed = Bounded<1024, Amount>(Array(repeating: .zero, count: count)),
              let collected = Amount.sum([old?.collected ?? .zero] + (old?.proposed.elements ?? [])) else { throw context.failure(.stateMalformed) }
        new.signed = signed
        new.proposed = proposed
        new.collected = collected
        return new
    }

    /// The validators behind the keys of a set.
    private static func members(_ voters: ValidatorSet, _ context: CallContext) throws(CallError) -> [EpochClose.Member] {
        var members: [EpochClose.Member] = []
        for voter in voters.validators {
            guard let address = try context.read(consensusKeys, voter.consensusKey) else { throw context.failure(.stateMalformed) }
            let record = try record(context, address)
            members.append(EpochClose.Member(address: address, voter: voter, old: record, new: record))
        }
        return members
    }

    /// The best candidates. Those whose own bond has become too small, since the parameter has changed, lose their place.
    private static func choose(_ context: CallContext) throws(CallError) -> [Validator] {
        let parameters = context.block.parameters
        let limit = Int(parameters.validatorsMax)
        var chosen: [Validator] = []
        var books = try openBooks(context)
        let before = books
        for place in try context.entries(ranking, limit: limit + passedOverMax) where chosen.count < limit {
            let old = try record(context, place.key.second)
            if isCandidate(old, parameters) {
                chosen.append(Validator(consensusKey: old.consensusKey, vrfKey: old.vrfKey, weight: old.weight))
            } else {
                var new = old
                try save(context, place.key.second, &new, was: old, &books)
            }
        }
        try close(context, &books, was: before)
        return chosen
    }
}

/// The end of an epoch: judgement and rewards of those who voted in it.
struct EpochClose {
    /// A voter and the validator behind it.
    struct Member {
        let address: Address
        let voter: Validator
        let old: Staking.ValidatorRecord
        var new: Staking.ValidatorRecord
    }

    private var tally: Staking.Tally
    private var books: Staking.Books
    private let booksBefore: Staking.Books
    private var members: [Member]
    private let planned: [Member]
    private var fines = Fines()
    private(set) var jailed = 0
    /// Base units that were shared out.
    private(set) var shared = Amount.zero

    init(tally: Staking.Tally, books: Staking.Books, members: [Member], planned: [Member]) {
        self.tally = tally
        self.books = books
        booksBefore = books
        self.members = members
        self.planned = planned
    }

    // ── Judgement ──

    /// Punishes and jails who missed too many votes, the worst first, and returns the keys that must not vote in the next epoch. They
    /// are never more than a third of its weight: when so many fail, the fault is rather the network's, and the chain must go on.
    mutating func judge(_ context: CallContext) throws(CallError) -> [PublicKey] {
        try context.charge(GasSchedule.step * UInt64(members.count + planned.count))
        let total = planned.reduce(UInt64(0)) { $0 + $1.voter.weight }
        var left = total
        var removed: [PublicKey] = []
        func mayLose(_ weight: UInt64) -> Bool { 3 * (left - weight) >= 2 * total }

        let barred = planned.filter { $0.old.status == .tombstoned } + planned.filter { $0.old.isJailed }
        for member in barred where mayLose(member.voter.weight) {
            left -= member.voter.weight
            removed.append(member.voter.consensusKey)
        }
        let seats = Dictionary(planned.map { ($0.address, $0.voter) }, uniquingKeysWith: { first, _ in first })
        for place in failures(context.block.parameters) where jailed < Staking.jailedMax {
            let seat = seats[members[place].address]
            guard mayLose(seat?.weight ?? 0) else { continue }
            if let seat {
                left -= seat.weight
                removed.append(seat.consensusKey)
            }
            try jail(place, context)
        }
        return removed
    }

    /// The places of those who signed less than they must, the worst first.
    private func failures(_ parameters: NetworkParameters) -> [Int] {
        guard tally.blocks >= Staking.judgedBlocksMin else { return [] }
        let least = UInt64(tally.blocks) * UInt64(parameters.signedPartsPerMillionMin)
        return members.indices
            .filter { UInt64(tally.signed[$0]) * UInt64(NetworkParameters.whole) < least && (members[$0].old.status == .active || members[$0].old.status == .left) }
            .sorted { (tally.signed[$0], $0) < (tally.signed[$1], $1) }
    }

    private mutating func jail(_ place: Int, _ context: CallContext) throws(CallError) {
        let parameters = context.block.parameters
        guard let until = context.block.time.advanced(by: parameters.jailMilliseconds) else { throw context.failure(.stateMalformed) }
        jailed += 1
        members[place].new.status = .jailed(until)
        if parameters.slashDowntimePartsPerMillion > 0 {
            let slash = Staking.Slash(
                offence: context.block.epoch, partsPerMillion: parameters.slashDowntimePartsPerMillion, reporter: nil)
            try Staking.apply(slash, to: &members[place].new, members[place].address, context, &fines)
        }
        try context.emit(Jailed(validator: members[place].address, signed: tally.signed[place], blocks: tally.blocks, until: until))
    }

    // ── Rewards ──

    /// Makes the epoch's issuance and shares it out with the fees. What rounding leaves stays for the next epoch.
    mutating func share(_ context: CallContext) throws(CallError) {
        try issue(context)
        try takeUnaccounted(context)
        let points = members.indices.map { self.points(of: $0) }
        let total = points.reduce(UInt128(0), +)
        guard var rest = Amount.sum([tally.collected] + tally.proposed.elements) else { throw context.failure(.stateMalformed) }
        for place in members.indices where members[place].new.status != .tombstoned {
            let part = total == 0 ? 0 : Ratio.multiply(tally.collected.units, points[place], dividedBy: total, .down) ?? 0
            let earned = try Staking.replace(nil, by: Amount(part), in: tally.proposed[place], context)
            let left = members[place].new.credit(earned, in: context.block.epoch)
            let taken = try Staking.replace(left, by: .zero, in: earned, context)
            rest = try Staking.replace(taken, by: .zero, in: rest, context)
            shared = try Staking.replace(nil, by: taken, in: shared, context)
        }
        tally.collected = rest
        tally.proposed = Bounded()
        tally.signed = Bounded()
        tally.blocks = 0
    }

    /// Weight × signed blocks; the weight alone when no votes were counted. Who contradicted itself earns nothing.
    private func points(of place: Int) -> UInt128 {
        guard members[place].new.status != .tombstoned else { return 0 }
        return UInt128(members[place].voter.weight) * UInt128(tally.blocks == 0 ? 1 : tally.signed[place])
    }

    /// Makes what the parameters grant for each block of the epoch, unless the supply is at its limit.
    private mutating func issue(_ context: CallContext) throws(CallError) {
        guard context.block.parameters.issuancePerBlock != .zero, let start = try context.start(of: context.block.epoch),
              let issued = context.block.parameters.issuancePerBlock.multiplied(by: context.block.height.rawValue - start.height.rawValue)
        else { return }
        do throws(CallError) { try context.mint(issued) } catch {
            guard error.code == SystemRejection.supplyOverflow.rawValue else { throw error }
            return
        }
        tally.collected = try Staking.replace(nil, by: issued, in: tally.collected, context)
    }

    /// What somebody paid to the contract's account without a call is shared too.
    private mutating func takeUnaccounted(_ context: CallContext) throws(CallError) {
        let balance = try context.balance(of: context.contract)
        guard let owed = Amount.sum([books.bonded, books.unbonding, books.rewards, tally.collected] + tally.proposed.elements),
              let rest = balance.subtracting(owed) else { throw context.failure(.stateMalformed) }
        tally.collected = try Staking.replace(nil, by: rest, in: tally.collected, context)
    }

    // ── Writing ──

    mutating func write(_ context: CallContext) throws(CallError) {
        for place in members.indices {
            try Staking.save(context, members[place].address, &members[place].new, was: members[place].old, &books)
        }
        try Staking.close(context, &books, was: booksBefore)
        try context.write(Staking.tally, tally)
        try fines.pay(context)
    }
}

extension Staking.ValidatorRecord {
    var isJailed: Bool {
        if case .jailed = status { true } else { false }
    }

    /// Takes in `earned`: the commission and, when nobody has shares, everything for the validator itself, the rest for the shares.
    /// Returns what cannot be divided among them.
    mutating func credit(_ earned: Amount, in epoch: Epoch) -> Amount {
        guard let kept = earned.share(partsPerMillion: commission.rate(in: epoch), rounding: .down),
              let rest = earned.subtracting(kept) else { return earned }
        let toValidator = pool.shares == 0 ? earned : kept
        guard let sum = rewards.validator.adding(toValidator) else { return earned }
        guard pool.shares > 0 else {
            rewards.validator = sum
            return .zero
        }
        guard let perShare = Ratio.multiply(rest.units, 1 << 64, dividedBy: pool.shares, .down),
              perShare <= UInt128.max - rewards.perShare,
              let divided = Ratio.multiply(perShare, pool.shares, dividedBy: 1 << 64, .up),
              let delegators = rewards.delegators.adding(Amount(divided)), let left = rest.subtracting(Amount(divided)) else { return earned }
        rewards.validator = sum
        rewards.perShare += perShare
        rewards.delegators = delegators
        return left
    }
}
