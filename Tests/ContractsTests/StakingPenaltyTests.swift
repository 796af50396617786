import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// Slashes reach all stake that stood behind an offence, wherever it has gone, and nothing else.
@Suite struct StakingPenaltyTests {
    private let alice = Person(201), bob = Person(202), reporter = Person(203)
    private let founders = (0..<4).map { Founder(UInt64($0)) }

    private func staking(_ change: (inout NetworkParameters) -> Void = { _ in }) -> StakingChain {
        StakingChain(founders: founders, people: [alice, bob, reporter]) { parameters in
            parameters.slashCorrelationFactor = 0
            change(&parameters)
        }
    }

    private func code(_ rejection: StakingRejection) -> UInt32 { rejection.rawValue }
    private let tokens = StakingChain.tokens

    // ── Evidence ──

    @Test func contradictoryVotesCostStakeAndSeat() throws {
        let staking = staking()
        staking.delegate(alice, founders[0], tokens(1_000))
        let supply = staking.chain.supply, before = staking.chain.balance(reporter.address)
        let receipt = staking.report(reporter, staking.evidence(founders[0]))
        #expect(receipt.succeeded, "\(receipt.outcome)")
        // Five per cent of 11,000; five per cent of that for the reporter, the rest destroyed.
        let lost = tokens(550), reward = Amount(27_500_000)
        #expect(staking.chain.events(Slashed.self).map(\.bonded) == [lost])
        #expect(staking.chain.balance(reporter.address).adding(receipt.fee) == before.adding(reward))
        #expect(staking.chain.supply.adding(staking.chain.last!.fees.burned)?.adding(lost) == supply.adding(reward))
        #expect(staking.worth(alice.address, founders[0]) == tokens(950))
        #expect(staking.info(founders[0])?.record.status == .tombstoned)
        #expect(staking.report(reporter, staking.evidence(founders[0], height: 2)).code == code(.alreadyTombstoned))
        #expect(staking.delegate(bob, founders[0], tokens(1)).code == code(.validatorTombstoned))
        #expect(staking.send(founders[0].person, Staking.unjail.reference.call(on: .staking)).code == code(.validatorTombstoned))
        staking.endEpochs(1)
        #expect(staking.voters.count == 3 && !staking.voters.contains(founders[0].consensus.publicKey))
        // What is left can be taken home, without paying again.
        #expect(staking.undelegate(alice, founders[0]).succeeded)
        staking.endEpochs(10)
        #expect(staking.withdraw(alice, founders[0]).succeeded)
        #expect(staking.chain.events(Withdrawn.self).map(\.amount) == [tokens(950)])
    }

    @Test func evidenceMustHold() throws {
        let staking = staking()
        func attempt(_ bytes: [UInt8]) -> UInt32? {
            staking.send(reporter, Staking.submitEvidence.reference.call(on: .staking, BoundedBytes(bytes)!)).code
        }
        #expect(attempt([]) == code(.evidenceMalformed))
        #expect(attempt([UInt8](repeating: 0xff, count: 1024)) == code(.evidenceMalformed))
        let good = staking.evidence(founders[0])
        #expect(attempt(Array(good.bcs.dropLast())) == code(.evidenceMalformed))
        #expect(attempt([0] + good.second.bcs + good.first.bcs) == code(.evidenceUnordered))
        #expect(attempt([0] + good.first.bcs + good.first.bcs) == code(.evidenceMalformed))
        #expect(staking.report(reporter, staking.evidence(founders[0], key: founders[1].consensus)).code == code(.evidenceUnproven))
        // Every altered byte makes it worthless, whatever it says then.
        var random = SeededGenerator(seed: 1)
        for _ in 0..<150 {
            var bytes = good.bcs
            bytes[random.below(bytes.count)] ^= UInt8(1 + random.below(255))
            #expect(attempt(bytes) != nil)
        }
        #expect(attempt(good.bcs) == nil)
    }

    @Test func evidenceGrowsOld() {
        let staking = staking()
        let evidence = staking.evidence(founders[0])
        // The offence is in epoch 0, which ends one epoch later; it counts for five from then.
        staking.endEpochs(1)
        let end = staking.chain.time
        staking.chain.advance(time: Timestamp(end.rawValue + 5 * StakingChain.epoch - 1))
        staking.chain.interval = 1
        let late = staking.evidence(founders[1], epoch: 0)
        #expect(staking.report(reporter, evidence).succeeded)
        #expect(staking.report(reporter, late).code == code(.evidenceTooOld))
        let future = PrepareStatement(epoch: 99, height: 1, view: 0, draftDigest: .zero)
        let other = PrepareStatement(epoch: 99, height: 1, view: 0, draftDigest: evidence.first.bcs.withUnsafeBytes { SHA256.hash($0) })
        func vote(_ statement: PrepareStatement) -> AnyVote {
            .prepare(Vote(signer: ValidatorIndex(0), statement: statement, signature: Signature()))
        }
        let ahead = Evidence(vote(future), vote(other), chainID: staking.chain.genesis.chainID, hash: SHA256.hash)!
        #expect(staking.report(reporter, ahead).code == code(.evidenceTooOld))
    }

    /// The punishment grows with the power that offended in the same period, and is forgotten with it.
    @Test func correlatedOffencesCostMore() {
        let staking = staking { $0.slashCorrelationFactor = 1 }
        func part(_ founder: Founder) -> UInt32? {
            guard staking.report(reporter, staking.evidence(founder)).succeeded else { return nil }
            return staking.chain.events(Slashed.self).first?.partsPerMillion
        }
        #expect(part(founders[0]) == 250_000)
        #expect(part(founders[1]) == 500_000)
        let whole = self.staking { $0.slashCorrelationFactor = 100 }
        #expect(whole.report(reporter, whole.evidence(founders[0])).succeeded)
        #expect(whole.chain.events(Slashed.self).first?.partsPerMillion == 1_000_000)
        #expect(whole.info(founders[0])?.record.pool.tokens == .zero)
        #expect(whole.undelegate(founders[0].person, founders[0]).succeeded)
        // Long afterwards an offence stands alone again.
        let later = self.staking { $0.slashCorrelationFactor = 1 }
        #expect(later.report(reporter, later.evidence(founders[0])).succeeded)
        later.endEpochs(9)
        #expect(later.report(reporter, later.evidence(founders[1])).succeeded)
        #expect(later.chain.events(Slashed.self).first?.partsPerMillion == 333_334)
        #expect(later.entries(Staking.offences).count == 1)
    }

    /// Nobody is rewarded for its own stake's punishment: not the offender, not who delegates to it, not who has just left.
    @Test(arguments: 0..<3) func noRewardForOnesOwn(who: Int) {
        let staking = staking()
        let person = [founders[0].person, alice, bob][who]
        staking.delegate(alice, founders[0], tokens(10))
        staking.delegate(bob, founders[0], tokens(10))
        staking.undelegate(bob, founders[0])
        let before = staking.chain.balance(person.address)
        let receipt = staking.report(person, staking.evidence(founders[0]))
        #expect(receipt.succeeded && staking.chain.balance(person.address).adding(receipt.fee) == before)
        #expect(staking.chain.events(SlashSettled.self).isEmpty)
    }

    // ── Stake that has gone ──

    /// An offence of epoch o reaches requests of o − 1 and later, because stake counts until the boundary after the next.
    @Test func unbondingStakePaysIfItStoodBehindTheOffence() {
        let staking = staking()
        for epoch in 0..<5 {
            staking.delegate(alice, founders[0], tokens(100))
            if epoch < 4 { staking.undelegate(alice, founders[0]) }
            if epoch < 4 { staking.endEpochs(1) }
        }
        staking.undelegate(alice, founders[0], tokens(40))
        // Requests of epochs 0 … 3 of 100 each and of epoch 4 of 40; the offence is of epoch 3.
        #expect(staking.report(reporter, staking.evidence(founders[0], epoch: 3)).succeeded)
        // A request of the same epoch behind the slash does not pay twice.
        staking.undelegate(alice, founders[0], Amount(20_000_000))
        #expect(staking.unbonding(alice.address, founders[0]).map { $0.amount.units / 1_000_000 } == [100, 100, 95, 95, 58])
        #expect(staking.worth(alice.address, founders[0]) == tokens(37))
        staking.endEpochs(16)
        #expect(staking.withdraw(alice, founders[0]).succeeded)
        #expect(staking.chain.events(Withdrawn.self).map(\.amount) == [tokens(448)])
    }

    @Test func redelegatedStakeAnswersForItsFormerValidator() throws {
        let staking = staking()
        staking.delegate(alice, founders[0], tokens(100))
        staking.delegate(alice, founders[1], tokens(50))
        staking.endEpochs(2)
        #expect(staking.redelegate(alice, founders[0], founders[1]).succeeded)
        #expect(staking.worth(alice.address, founders[1]) == tokens(150))
        // It may not leave, and not move on; the rest may.
        #expect(staking.undelegate(alice, founders[1], tokens(51)).code == code(.stakeExposed))
        #expect(staking.redelegate(alice, founders[1], founders[2], tokens(51)).code == code(.stakeExposed))
        #expect(staking.undelegate(alice, founders[1], tokens(10)).succeeded)
        staking.endEpochs(1)
        let receipt = staking.report(reporter, staking.evidence(founders[0], epoch: 2))
        #expect(receipt.succeeded)
        // Anyone may settle; the reporter has a reason to.
        let before = staking.chain.balance(reporter.address)
        let settled = staking.settle(reporter, alice.address, founders[1])
        #expect(settled.succeeded)
        #expect(staking.chain.balance(reporter.address).adding(settled.fee) == before.adding(Amount(250_000)))
        #expect(staking.worth(alice.address, founders[1]) == tokens(135))
        #expect(staking.settle(reporter, alice.address, founders[1]).succeeded)
        #expect(staking.worth(alice.address, founders[1]) == tokens(135))
        // After the evidence period it is free.
        staking.endEpochs(7)
        #expect(staking.undelegate(alice, founders[1]).succeeded)
        #expect(staking.worth(alice.address, founders[1]) == .zero)
    }

    @Test func exposureEndsWithTheEvidence() throws {
        let staking = staking()
        staking.delegate(alice, founders[0], tokens(100))
        staking.redelegate(alice, founders[0], founders[1])
        #expect(staking.delegation(alice.address, founders[1])?.free == .zero)
        #expect(staking.undelegate(alice, founders[1]).code == code(.stakeExposed))
        staking.endEpochs(2)
        let left = staking.chain.time
        staking.chain.advance(time: Timestamp(left.rawValue + 5 * StakingChain.epoch - 1))
        staking.chain.interval = 1
        #expect(staking.undelegate(alice, founders[1]).code == code(.stakeExposed))
        #expect(staking.undelegate(alice, founders[1]).succeeded)
    }

    @Test func exposuresAreBounded() {
        let staking = staking { $0.evidenceMilliseconds = 40 * StakingChain.epoch; $0.trustingMilliseconds = 50 * StakingChain.epoch; $0.unbondingMilliseconds = 60 * StakingChain.epoch }
        staking.delegate(alice, founders[0], tokens(100))
        for _ in 0..<8 {
            #expect(staking.redelegate(alice, founders[0], founders[1], tokens(2)).succeeded)
            #expect(staking.redelegate(alice, founders[0], founders[1], tokens(2)).succeeded)
            staking.endEpochs(1)
        }
        #expect(staking.redelegate(alice, founders[0], founders[1], tokens(2)).code == code(.exposuresFull))
        #expect(staking.worth(alice.address, founders[0]) == tokens(68))
    }

    // ── Missed votes ──

    /// An epoch of `blocks` blocks in which `silent` do not sign.
    private func run(_ staking: StakingChain, blocks: Int, silent: [Founder]) {
        staking.chain.silent = Set(silent.map(\.consensus.publicKey))
        for _ in 0..<(blocks - 1) {
            staking.chain.advance()
            staking.audit()
        }
        staking.endEpochs(1)
        staking.chain.silent = []
    }

    @Test func whoMissesHalfOfAnEpochIsJailed() throws {
        let staking = staking()
        staking.delegate(alice, founders[3], tokens(1_000))
        run(staking, blocks: 20, silent: [founders[3]])
        let jailed = try #require(staking.chain.events(Jailed.self).first)
        // 21 blocks: the first one's votes are of no epoch, those of the last are in a block of the next.
        #expect(jailed.validator == founders[3].address && jailed.signed == 0 && jailed.blocks == 20)
        #expect(!staking.voters.contains(founders[3].consensus.publicKey) && staking.voters.count == 3)
        #expect(staking.worth(alice.address, founders[3]) == Amount(999_900_000))
        #expect(staking.send(founders[3].person, Staking.unjail.reference.call(on: .staking)).code == code(.stillJailed))
        staking.endEpochs(2)
        #expect(staking.voters.count == 3)
        #expect(staking.send(founders[3].person, Staking.unjail.reference.call(on: .staking)).succeeded)
        staking.endEpochs(2)
        #expect(staking.voters.count == 4)
    }

    @Test func shortEpochsAndNearMissesAreNotJudged() {
        let staking = staking()
        run(staking, blocks: 10, silent: [founders[3]])
        #expect(staking.voters.count == 4 && staking.chain.events(Jailed.self).isEmpty)
        // Half of the votes is enough.
        for block in 0..<21 {
            staking.chain.silent = block < 11 ? [founders[3].consensus.publicKey] : []
            staking.chain.advance()
        }
        staking.endEpochs(1)
        #expect(staking.chain.events(Jailed.self).isEmpty)
    }

    /// When more than a third fails, the worst are jailed as far as a third goes.
    @Test func theChainKeepsTwoThirds() {
        let staking = staking()
        run(staking, blocks: 20, silent: [founders[1], founders[2]])
        #expect(staking.chain.events(Jailed.self).count == 1 && staking.voters.count == 3)
        run(staking, blocks: 20, silent: [founders[0]])
        #expect(staking.chain.events(Jailed.self).count == 1)
    }

    @Test func aSlashForMissedVotesReachesStakeThatLeftLately() {
        let staking = staking { $0.slashDowntimePartsPerMillion = 100_000 }
        staking.delegate(alice, founders[3], tokens(400))
        staking.undelegate(alice, founders[3], tokens(100))
        staking.endEpochs(1)
        staking.undelegate(alice, founders[3], tokens(100))
        staking.endEpochs(1)
        staking.redelegate(alice, founders[3], founders[0], tokens(50))
        staking.undelegate(alice, founders[3], tokens(100))
        run(staking, blocks: 20, silent: [founders[3]])
        #expect(staking.chain.events(Jailed.self).count == 1)
        // Of epochs 0, 1 and 2; the judged epoch is 2, for which requests of 0 counted no more.
        #expect(staking.unbonding(alice.address, founders[3]).map { $0.amount.units / 1_000_000 } == [100, 90, 90])
        staking.settle(bob, alice.address, founders[0])
        #expect(staking.worth(alice.address, founders[0]) == tokens(45))
        #expect(staking.worth(alice.address, founders[3]) == tokens(45))
        // Both kinds one after the other.
        #expect(staking.report(reporter, staking.evidence(founders[3], epoch: 1)).succeeded)
        #expect(staking.unbonding(alice.address, founders[3]).map { $0.amount.units / 10_000 } == [9_500, 8_550, 8_550])
        staking.settle(bob, alice.address, founders[0])
        #expect(staking.worth(alice.address, founders[0]) == Amount(42_750_000))
        staking.endEpochs(20)
        #expect(staking.withdraw(alice, founders[3]).succeeded)
        #expect(staking.chain.events(Withdrawn.self).map(\.amount) == [Amount(266_000_000)])
    }

    /// A pool that the report has left out is settled by whoever asks.
    @Test func manyUnbondingPoolsAreSettledLater() {
        let epochs = 70
        let staking = staking {
            $0.evidenceMilliseconds = 100 * StakingChain.epoch
            $0.trustingMilliseconds = 101 * StakingChain.epoch
            $0.unbondingMilliseconds = 102 * StakingChain.epoch
        }
        staking.delegate(alice, founders[0], tokens(400))
        staking.delegate(bob, founders[0], tokens(400))
        for epoch in 0..<epochs {
            // At most 16 requests each; four more accounts take over.
            let person = [alice, bob, founders[1].person, founders[2].person, founders[3].person][epoch / 14]
            if epoch % 14 == 0, epoch >= 28 { staking.delegate(person, founders[0], tokens(400)) }
            #expect(staking.undelegate(person, founders[0], tokens(10)).succeeded)
            staking.chain.endEpochs()
        }
        staking.audit()
        #expect(staking.report(reporter, staking.evidence(founders[0], epoch: 0)).succeeded)
        let unsettled = staking.entries(Staking.unbondingPools).filter { $0.value.seen == 0 }
        #expect(unsettled.count == epochs - Staking.settledAtOnceMax)
        // What its owner would get counts the slash already.
        #expect(staking.unbonding(alice.address, founders[0]).allSatisfy { $0.amount == Amount(9_500_000) })
        for entry in unsettled {
            #expect(staking.send(reporter, Staking.settleUnbonding.reference.call(on: .staking, founders[0].address, entry.key.second)).succeeded)
            #expect(staking.chain.events(SlashSettled.self).map(\.amount) == [Amount(25_000)])
        }
        #expect(staking.send(reporter, Staking.settleUnbonding.reference.call(on: .staking, founders[0].address, 99)).code == code(.nothingUnbonding))
    }
}
