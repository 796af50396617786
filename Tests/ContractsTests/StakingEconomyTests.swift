import ChainKit
@testable import Contracts
import Cryptography
@testable import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// Thousands of random calls over many epochs, with missed votes and contradictory ones, against ``StakingModel``. The whole storage
/// is audited after every block.
@Suite struct StakingEconomyTests {
    @Test(arguments: 0..<3) func theChainDoesWhatTheModelDoes(seed: Int) { Economy(seed: UInt64(seed)).run(epochs: 26) }
}

private final class Economy {
    private var random: SeededGenerator
    private let validators: [Founder]
    private let people: [Person]
    private let keeper = Person(999)
    private let staking: StakingChain
    private var model = StakingModel()
    private var chain: TestChain { staking.chain }
    private let start: UInt64
    private var blocksCounted = 0
    private var signed: [Int: Double] = [:]
    private var offences = 0
    private(set) var calls = 0, successes = 0
    private var expectedVoters: [Epoch: [PublicKey]] = [:]

    /// A call, and what it does to the model when it succeeds.
    private struct Move {
        let person: Person
        let call: Call
        let apply: () -> Void
    }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        validators = (0..<8).map { Founder(UInt64($0), weight: 2_000 + 500 * UInt64($0)) }
        people = validators.map(\.person) + (0..<8).map { Person(UInt64($0 + 100)) }
        staking = StakingChain(founders: Array(validators.prefix(5)), people: Array(people.dropFirst(5)) + [keeper]) {
            $0.validatorsMax = 6
            $0.issuancePerBlock = Amount(3_000_000)
            $0.slashDowntimePartsPerMillion = 20_000
            $0.slashCorrelationFactor = 0
            $0.commissionRisePartsPerMillionMax = 100_000
        }
        start = staking.chain.header.draft.time.rawValue
        staking.chain.interval = 7_500
        model.evidencePeriod = Double(5 * StakingChain.epoch)
        model.unbondingPeriod = Double(8 * StakingChain.epoch)
        for number in 0..<5 {
            model.validators[number] = StakingModel.Validator()
            model.delegate(number, number, Double(validators[number].weight) * 1e6)
        }
        model.history.append(model.validators.mapValues { $0.stakes.mapValues(\.amount) })
    }

    func run(epochs: Int) {
        while model.epoch < epochs { block() }
        compare()
        #expect(calls > 1_000 && successes > calls / 3, "\(successes) of \(calls) calls succeeded")
    }

    private func number(of key: PublicKey) -> Int { validators.firstIndex { $0.consensus.publicKey == key }! }

    // ── One block ──

    private func block() {
        if random.chance(1, in: 20) {
            let idle = validators.filter { _ in random.chance(1, in: 6) }
            chain.silent = Set(idle.map(\.consensus.publicKey))
        }
        var moves: [Move] = []
        if chain.header.endsEpoch { moves += settleAll() }
        for _ in 0..<random.below(9) { moves += self.moves() }
        let set = chain.validators, isFirst = chain.header.endsEpoch || chain.height == 0
        let silent = chain.silent, planned = self.planned
        model.time = Double(chain.time.rawValue + chain.interval - start)
        let transactions = moves.map { chain.transaction($0.person, [$0.call], gasLimit: 30_000_000) }
        let block = chain.advance(transactions)
        for (move, receipt) in zip(moves, block.receipts) {
            calls += 1
            guard receipt.succeeded else { continue }
            successes += 1
            move.apply()
        }
        if isFirst { pending = false }
        model.pot += Double(block.fees.validators.units)
        model.proposed[number(of: set.validators[Int(chain.header.draft.proposer.rawValue)].consensusKey), default: 0] += Double(block.fees.proposer.units)
        if !isFirst {
            blocksCounted += 1
            for voter in set.validators where !silent.contains(voter.consensusKey) { signed[number(of: voter.consensusKey), default: 0] += 1 }
        }
        if chain.header.endsEpoch { endEpoch(set, planned: planned) }
        staking.audit()
        if chain.header.endsEpoch || random.chance(1, in: 10) { compare() }
    }

    /// Who votes in the next epoch, as far as it is known.
    private var planned: ValidatorSet {
        do { return try ChainRecords.validatorSet(of: chain.epoch.successor, in: chain.state.view) ?? chain.validators } catch { preconditionFailure("\(error)") }
    }

    private func endEpoch(_ set: ValidatorSet, planned: ValidatorSet) {
        let jailed = chain.events(Jailed.self).map { event in validators.firstIndex { $0.address == event.validator }! }
        // Everyone below half, the worst first, as far as the next epoch keeps two thirds of its weight.
        var left = Double(planned.totalWeight)
        func seat(_ number: Int) -> Double { planned.validators.first { self.number(of: $0.consensusKey) == number }.map { Double($0.weight) } ?? 0 }
        for number in model.validators.keys where model.validators[number]!.status == .tombstoned { left -= seat(number) }
        let failing = set.validators.map { number(of: $0.consensusKey) }.filter {
            blocksCounted >= 10 && 2 * signed[$0, default: 0] < Double(blocksCounted)
                && (model.validators[$0]!.status == .active || model.validators[$0]!.status == .left)
        }
        var expected: [Int] = []
        for (_, number) in failing.enumerated().sorted(by: { (signed[$0.element, default: 0], $0.offset) < (signed[$1.element, default: 0], $1.offset) }).map({ ($0.offset, $0.element) })
        where 3 * (left - seat(number)) >= 2 * Double(planned.totalWeight) {
            left -= seat(number)
            expected.append(number)
        }
        #expect(jailed == expected)
        for number in jailed {
            model.validators[number]!.status = .jailed
            model.slashBonded(number, 0.02)
        }
        model.pot += 3_000_000 * Double(chain.height.rawValue - lastBoundary)
        lastBoundary = chain.height.rawValue
        model.share(
            set.validators.map { (number(of: $0.consensusKey), Double($0.weight), signed[number(of: $0.consensusKey), default: 0]) },
            blocks: blocksCounted)
        expectSelection()
        let offence = model.epoch
        model.begin(at: Double(chain.time.rawValue - start))
        for number in jailed { model.slashGone(number, 0.02, offence: offence) }
        pending = !jailed.isEmpty
        blocksCounted = 0
        signed = [:]
    }

    private var lastBoundary: UInt64 = 0
    /// Whether slashes of redelegated stake wait for the next block, which settles them.
    private var pending = false

    /// The voters of an epoch are the best candidates at the end of the one before the last, less who was barred since.
    private func expectSelection() {
        let records = staking.entries(Staking.records).filter {
            $0.value.status == .active && $0.value.weight > 0 && $0.value.selfBond >= StakingChain.tokens(1_000)
        }
        let best = records.sorted { ($1.value.weight, $0.key) < ($0.value.weight, $1.key) }.prefix(6)
        expectedVoters[Epoch(UInt64(model.epoch + 2))] = best.map(\.value.consensusKey)
        if let expected = expectedVoters[chain.epoch], !expected.isEmpty {
            let barred = Set(model.validators.filter { $0.value.status == .jailed || $0.value.status == .tombstoned }.map { validators[$0.key].consensus.publicKey })
            let voters = chain.validators.validators.map(\.consensusKey)
            #expect(voters == expected || voters.filter { !barred.contains($0) } == expected.filter { !barred.contains($0) })
        }
    }

    // ── Random moves ──

    private func settleAll() -> [Move] {
        model.validators.keys.sorted().flatMap { validator in
            model.validators[validator]!.stakes.keys.sorted().filter { !model.validators[validator]!.stakes[$0]!.exposures.isEmpty }
                .map { settle($0, validator) }
        }
    }

    private func settle(_ account: Int, _ validator: Int) -> Move {
        Move(person: keeper, call: Staking.settle.reference.call(on: .staking, people[account].address, validators[validator].address)) { [self] in
            model.claim(account, validator)
        }
    }

    private func amount() -> Amount { Amount(UInt128(1_000_000 + random.below(3_000_000_000 as UInt64))) }

    private func moves() -> [Move] {
        let account = random.below(people.count), validator = random.below(validators.count), other = random.below(validators.count)
        let address = validators[validator].address, person = people[account]
        let wanted: Amount? = random.chance(1, in: 4) ? nil : amount()
        let real = wanted.map { Double($0.units) }
        switch random.below(40) {
        case 0..<11:
            let amount = self.amount()
            return [Move(person: person, call: Staking.delegate.reference.call(on: .staking, address, value: amount)) { [self] in
                model.delegate(account, validator, Double(amount.units))
            }]
        case 11..<18:
            return [Move(person: person, call: Staking.undelegate.reference.call(on: .staking, address, wanted)) { [self] in
                model.undelegate(account, validator, real)
            }]
        case 18..<25:
            return [Move(person: person, call: Staking.redelegate.reference.call(on: .staking, address, validators[other].address, wanted)) { [self] in
                model.redelegate(account, validator, other, real)
            }]
        case 25..<29:
            return [Move(person: person, call: Staking.claim.reference.call(on: .staking, address)) { [self] in model.claim(account, validator) }]
        case 29..<34:
            return [Move(person: person, call: Staking.withdraw.reference.call(on: .staking, address)) { [self] in
                let paid = model.withdraw(account, validator)
                let events = chain.events(Withdrawn.self).filter { $0.account == person.address && $0.validator == address }
                #expect(events.contains { abs(Double($0.amount.units) - paid) < 40 }, "\(paid) \(events)")
            }]
        case 34:
            let founder = validators[validator]
            guard model.validators[validator] == nil else { return [] }
            return [Move(person: founder.person, call: staking.registration(founder, bond: StakingChain.tokens(founder.weight), commission: 50_000)) { [self] in
                model.validators[validator] = StakingModel.Validator(rate: 0.05)
                model.delegate(validator, validator, Double(founder.weight) * 1e6)
            }]
        case 35:
            let rate = UInt32(random.below(150_000))
            return [Move(person: validators[validator].person, call: Staking.changeCommission.reference.call(on: .staking, rate)) { [self] in
                if let next = model.validators[validator]!.next, next.from <= model.epoch { model.validators[validator]!.rate = next.rate }
                model.validators[validator]!.next = (Double(rate) / 1e6, model.epoch + 2)
            }]
        case 36:
            return [Move(person: validators[validator].person, call: Staking.leave.reference.call(on: .staking)) { [self] in
                model.validators[validator]!.status = .left
            }]
        case 37, 38:
            return [Move(person: validators[validator].person, call: Staking.unjail.reference.call(on: .staking)) { [self] in
                model.validators[validator]!.status = .active
            }]
        default: return offence()
        }
    }

    /// Contradictory votes of someone who voted lately, and all that follows settled in the same block.
    private func offence() -> [Move] {
        guard offences < 3, !pending, random.chance(1, in: 4), let now = Optional(chain.epoch.rawValue) else { return [] }
        let epoch = Epoch(now - min(now, random.below(4)))
        guard let set = try? ChainRecords.validatorSet(of: epoch, in: chain.state.view) else { return [] }
        let offender = number(of: set.validators[random.below(set.validators.count)].consensusKey)
        guard model.validators[offender]!.status != .tombstoned else { return [] }
        offences += 1
        let evidence = staking.evidence(validators[offender], epoch: epoch)
        let report = Move(person: keeper, call: Staking.submitEvidence.reference.call(on: .staking, BoundedBytes(evidence.bcs)!)) { [self] in
            model.validators[offender]!.status = .tombstoned
            model.slashBonded(offender, 0.05)
            model.slashGone(offender, 0.05, offence: Int(epoch.rawValue))
        }
        return [report] + model.validators.keys.sorted().flatMap { validator in
            people.indices.map { settle($0, validator) }
        }
    }

    // ── Comparison ──

    private func close(_ amount: Amount, _ real: Double) -> Bool { abs(Double(amount.units) - real) < 40 }

    private func compare() {
        for (number, validator) in model.validators {
            let founder = validators[number]
            let info = staking.info(founder)!
            switch (info.record.status, validator.status) {
            case (.active, .active), (.left, .left), (.jailed, .jailed), (.tombstoned, .tombstoned): break
            default: Issue.record("\(info.record.status) is not \(validator.status)")
            }
            for (account, stake) in validator.stakes {
                let found = staking.delegation(people[account].address, founder)
                let own = account == number ? validator.commission : 0
                let rewards = staking.rewards(people[account].address, founder)
                #expect(close(rewards, stake.reward + own), "reward of \(account) at \(number): \(rewards), \(stake.reward + own)")
                guard !pending else { continue }
                #expect(close(found?.worth ?? .zero, stake.amount), "stake of \(account) at \(number): \(found!.worth), \(stake.amount)")
            }
            if !pending { #expect(close(info.record.pool.tokens, validator.total)) }
            for account in people.indices {
                let waits = staking.unbonding(people[account].address, founder)
                for entry in waits {
                    let expected = model.unbondings.filter { $0.account == account && $0.validator == number && $0.epoch == Int(entry.epoch.rawValue) }
                    #expect(close(entry.amount, expected.reduce(0) { $0 + $1.amount }))
                }
            }
        }
        comparePower()
    }

    private func comparePower() {
        let asked = model.epoch - min(model.epoch, random.below(7))
        let account = random.below(people.count), then = model.history[asked]
        let powers = chain.ask(Staking.votingPower.reference, of: .staking, people[account].address, Epoch(UInt64(asked)))
        for (number, stakes) in then {
            let power = powers.first { $0.validator == validators[number].address }?.power ?? .zero
            #expect(close(power, stakes[account, default: 0]), "power of \(account) at \(number) in \(asked)")
            let all = chain.ask(Staking.validatorPower.reference, of: .staking, validators[number].address, Epoch(UInt64(asked)))
            #expect(close(all, stakes.values.reduce(0, +)))
        }
        let total = chain.ask(Staking.totalPower.reference, of: .staking, Epoch(UInt64(asked)))
        #expect(abs(Double(total.units) - then.values.reduce(0) { $0 + $1.values.reduce(0, +) }) < 400)
    }
}
