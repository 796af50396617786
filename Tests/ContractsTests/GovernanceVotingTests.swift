import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Counting: whose stake votes, with what, and what it decides.
@Suite struct GovernanceVotingTests {
    @Test func aDelegatorsVoteOverridesItsValidators() throws {
        let fixture = GovernanceFixture(), people = fixture.people
        let anna = people[0], bert = people[1], dora = people[2], emil = people[3]
        // anna leads 100 + dora 60 + emil 40; bert leads 50 + dora 30; dora's stake is at both, emil's at one.
        fixture.stake([(anna, [(anna, 100)]), (bert, [(bert, 50)]), (dora, [(anna, 60), (bert, 30)]), (emil, [(anna, 40)])])
        let number = try fixture.proposal(people[5], .text)
        func vote(_ person: Person, _ option: Governance.VoteOption, _ expected: [UInt128]) {
            #expect(fixture.vote(person, number, option).succeeded)
            #expect(fixture.tally(number) == expected)
        }
        vote(anna, .yes, [200, 0, 0, 0])
        vote(dora, .no, [140, 90, 0, 0])
        vote(anna, .yes, [140, 90, 0, 0])
        vote(bert, .veto, [140, 90, 0, 50])
        vote(dora, .yes, [230, 0, 0, 50])
        vote(anna, .abstain, [90, 0, 140, 50])
        vote(emil, .veto, [90, 0, 100, 90])
        vote(anna, .no, [90, 100, 0, 90])
        vote(emil, .veto, [90, 100, 0, 90])
        vote(bert, .yes, [140, 100, 0, 40])
        func view(_ person: Person) -> Governance.VoteView? { fixture.chain.ask(Governance.voteOf.reference, of: .governance, number, person.address) }
        #expect(view(dora) == Governance.VoteView(option: .yes, own: Amount(90), carried: .zero))
        #expect(view(anna) == Governance.VoteView(option: .no, own: .zero, carried: Amount(100)))
        #expect(view(people[4]) == nil)
    }

    @Test func aValidatorWithDelegationsElsewhere() throws {
        let fixture = GovernanceFixture(), people = fixture.people
        let anna = people[0], bert = people[1]
        fixture.stake([(anna, [(anna, 100), (bert, 7)]), (bert, [(bert, 50), (anna, 3)])])
        let number = try fixture.proposal(people[5], .text)
        fixture.vote(anna, number, .yes)
        #expect(fixture.tally(number) == [110, 0, 0, 0])
        fixture.vote(bert, number, .no)
        #expect(fixture.tally(number) == [107, 53, 0, 0])
        fixture.vote(bert, number, .yes)
        #expect(fixture.tally(number) == [160, 0, 0, 0])
    }

    @Test func stakeBondedAfterTheSnapshotCountsNothing() throws {
        let long = GovernanceFixture { $0.epochMilliseconds = 20_000 }
        let people = long.people
        long.stake([(people[0], [(people[0], 10)])], epoch: 0)
        long.stake([(people[0], [(people[0], 10)]), (people[1], [(people[1], 1_000)])], epoch: 1)
        let first = try long.proposal(people[5], .text)
        #expect(long.vote(people[1], first, .no).code == GovernanceRejection.powerMissing.rawValue)
        // The vote goes on in the next epoch with the stakes of the first.
        long.chain.endEpochs()
        #expect(long.chain.epoch == 1)
        #expect(long.vote(people[1], first, .no).code == GovernanceRejection.powerMissing.rawValue)
        let second = try long.proposal(people[5], .text)
        #expect(long.vote(people[1], second, .no).succeeded)
        #expect(long.view(second)?.proposal.totalPower == Amount(1_010) && long.view(first)?.proposal.totalPower == Amount(10))
        #expect(long.vote(people[0], first, .yes).succeeded)
        #expect(long.tally(first) == [10, 0, 0, 0])
    }

    @Test func aSnapshotThatIsGoneIsRefusedByName() throws {
        let fixture = GovernanceFixture(), chain = fixture.chain, people = fixture.people
        #expect(fixture.propose(people[5], .text).code == GovernanceRejection.snapshotMissing.rawValue)
        fixture.stake([(people[0], [(people[0], 10)]), (people[1], [(people[0], 5)])])
        let number = try fixture.proposal(people[5], .text)
        #expect(fixture.vote(people[1], number, .yes).succeeded)
        chain.send(people[0], StandInStaking.setTotal.reference.call(on: .staking, 0, .zero))
        let refused = fixture.vote(people[0], number, .yes)
        #expect(refused.code == GovernanceRejection.snapshotMissing.rawValue && refused.outcome.failure?.contract == .governance)
        #expect(refused.outcome.failure?.message == "staking: The epoch is not kept.")
        #expect(fixture.tally(number) == [5, 0, 0, 0])
        // The proposal still ends, without the stakes.
        fixture.endVoting()
        #expect(fixture.status(number) == .rejected(.quorumMissed))
    }

    @Test func powersNearTheEndOfNumbers() throws {
        let fixture = GovernanceFixture(), people = fixture.people
        let most = Amount.supplyMax.units - 1
        fixture.stake([(people[0], [(people[0], most - 2)]), (people[1], [(people[0], 1), (people[1], 1)])])
        let number = try fixture.proposal(people[5], .text)
        fixture.vote(people[0], number, .yes)
        fixture.vote(people[1], number, .veto)
        #expect(fixture.tally(number) == [most - 2, 0, 0, 2])
        #expect(fixture.view(number)?.outlook.refusal == nil)
        // Stakes that do not add up are refused and change nothing.
        let lie = Bounded<32, Governance.DelegatedPower>([.init(validator: people[7].address, power: Amount(.max))])!
        fixture.chain.send(people[0], StandInStaking.setPower.reference.call(on: .staking, people[6].address, 0, lie))
        fixture.chain.send(people[0], StandInStaking.setPool.reference.call(on: .staking, people[7].address, 0, Amount(.max)))
        #expect(fixture.vote(people[6], number, .no).code == GovernanceRejection.powerInconsistent.rawValue)
        #expect(fixture.vote(people[7], number, .no).code == GovernanceRejection.powerInconsistent.rawValue)
        #expect(fixture.tally(number) == [most - 2, 0, 0, 2])
        fixture.chain.send(people[0], StandInStaking.setTotal.reference.call(on: .staking, 0, .supplyMax))
        #expect(fixture.propose(people[5], .text).code == GovernanceRejection.powerInconsistent.rawValue)
    }

    @Test func aVoteCostsTheSameHoweverManyVotedBefore() throws {
        let fixture = GovernanceFixture(people: 60), people = fixture.people
        // Everyone has 32 delegations, the most there can be.
        let validators = Array(people[0..<32])
        for group in stride(from: 32, to: 60, by: 14) {
            fixture.stake(people[group..<group + 14].map { ($0, validators.map { ($0, 3) }) })
        }
        for validator in validators {
            fixture.chain.send(people[0], StandInStaking.setPool.reference.call(on: .staking, validator.address, 0, Amount(84)))
        }
        let number = try fixture.proposal(people[5], .text)
        var costs: [UInt64] = []
        for voter in people[32..<60] {
            let receipt = fixture.vote(voter, number, .yes)
            #expect(receipt.succeeded)
            costs.append(receipt.gasUsed.rawValue)
        }
        #expect(fixture.tally(number) == [28 * 96, 0, 0, 0])
        let most = try #require(costs.max()), later = try #require(costs.dropFirst().max())
        #expect(most < 4_000_000 && later <= costs[1])
    }

    /// Random stakes, voters and changes of mind against a count from nothing after each vote.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func randomVotesAgainstARecount(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = GovernanceFixture(people: 24), chain = fixture.chain, people = fixture.people
        let validators = 1 + generator.below(8)
        var stakes: [[(validator: Int, power: UInt128)]] = []
        for person in people.indices {
            var places: [(validator: Int, power: UInt128)] = []
            for validator in 0..<validators where validator == person || generator.chance(2, in: 5) {
                places.append((validator, UInt128(generator.below(UInt64(1) << generator.below(UInt64(50))))))
            }
            stakes.append(places)
        }
        for part in stride(from: 0, to: people.count, by: 12) {
            // The pools of all are set below; each part only sets where accounts have their stake.
            let calls = (part..<part + 12).map { person in
                StandInStaking.setPower.reference.call(on: .staking, people[person].address, 0, Bounded(stakes[person].map {
                    Governance.DelegatedPower(validator: people[$0.validator].address, power: Amount($0.power))
                })!)
            }
            chain.advance([chain.transaction(people[0], calls)])
        }
        let pools = (0..<validators).map { validator in
            stakes.joined().filter { $0.validator == validator }.reduce(UInt128(0)) { $0 + $1.power }
        }
        let total = pools.reduce(0, +)
        chain.advance([chain.transaction(people[0], (0..<validators).map {
            StandInStaking.setPool.reference.call(on: .staking, people[$0].address, 0, Amount(pools[$0]))
        } + [StandInStaking.setTotal.reference.call(on: .staking, 0, Amount(total))])])
        guard total > 0 else { return }

        let options: [Governance.VoteOption] = [.yes, .no, .abstain, .veto]
        let numbers = [try fixture.proposal(people[0], .text), try fixture.proposal(people[1], .text)]
        var choices: [[Int: Int]] = [[:], [:]]
        chain.interval = 10
        for _ in 0..<300 {
            let which = generator.below(2), person = generator.below(people.count), option = generator.below(4)
            let receipt = fixture.vote(people[person], numbers[which], options[option])
            let mayVote = stakes[person].contains { $0.validator != person && $0.power > 0 } || (person < validators && pools[person] > 0)
            #expect(receipt.succeeded == mayVote && (mayVote || receipt.code == GovernanceRejection.powerMissing.rawValue))
            if mayVote { choices[which][person] = option }
            // From nothing: each stake votes as its owner did, or else as its validator did, or not at all.
            for which in 0..<2 {
                var expected = [UInt128](repeating: 0, count: 4)
                for owner in people.indices {
                    for place in stakes[owner] {
                        if let choice = choices[which][owner] ?? choices[which][place.validator] { expected[choice] += place.power }
                    }
                }
                #expect(fixture.tally(numbers[which]) == expected)
                #expect(expected.reduce(0, +) <= total)
            }
        }
        fixture.endVoting()
        #expect(chain.events(Governance.Decided.self).count == 2 && fixture.deposits == .zero)
    }

    /// The rules against whole fractions, with numbers around every border.
    @Test func theRulesOfAVote() throws {
        var generator = SeededGenerator(seed: 9)
        var seen: [Governance.RejectionReason?: Int] = [:]
        for _ in 0..<20_000 {
            func part() -> UInt32 { [1, 333_333, 334_000, 500_000, 666_667, 999_999, UInt32(1 + generator.below(UInt64(1_000_000)))][generator.below(7)] }
            let rules = Governance.VotingRules(
                quorum: part(), threshold: min(part(), 999_999), veto: part(), emergency: max(500_000, part()), timeLockMilliseconds: 1)
            let scale = UInt64(1) << generator.below(UInt64(40))
            var tally = Governance.Tally()
            var counts: [UInt128] = []
            for option in [Governance.VoteOption.yes, .no, .abstain, .veto] {
                counts.append(generator.chance(1, in: 4) ? 0 : UInt128(generator.below(scale)))
                let isMoved = tally.move(Amount(counts[counts.count - 1]), from: nil, to: option)
                #expect(isMoved)
            }
            let voted = counts.reduce(0, +), total = max(1, voted + UInt128(generator.below(scale))), isEmergency = generator.chance(1, in: 3)
            let whole: UInt128 = 1_000_000
            let expected: Governance.RejectionReason? =
                isEmergency && counts[0] * whole >= total * UInt128(rules.emergency) ? nil
                : voted * whole < total * UInt128(rules.quorum) ? .quorumMissed
                : counts[3] > 0 && counts[3] * whole >= voted * UInt128(rules.veto) ? .vetoed
                : isEmergency ? .emergencyMissed
                : counts[0] * whole > (voted - counts[2]) * UInt128(rules.threshold) ? nil : .thresholdMissed
            #expect(rules.refusal(tally, total: Amount(total), isEmergency: isEmergency) == expected)
            seen[expected, default: 0] += 1
        }
        #expect(seen.count == 5 && seen.values.allSatisfy { $0 > 100 })
    }
}
