import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing
import WorldState

/// What validators and delegators can do, one rule at a time. Every block is audited, see ``StakingChain``.
@Suite struct StakingTests {
    private let alice = Person(201), bob = Person(202)
    private let founders = (0..<4).map { Founder(UInt64($0)) }
    private let newcomer = Founder(10)

    private func staking(_ change: (inout NetworkParameters) -> Void = { _ in }) -> StakingChain {
        StakingChain(founders: founders, people: [alice, bob, newcomer.person, Founder(11).person, Founder(12).person], change)
    }

    private func code(_ rejection: StakingRejection) -> UInt32 { rejection.rawValue }

    // ── Genesis and registration ──

    @Test func foundersAreValidatorsFromTheBeginning() throws {
        let staking = staking()
        staking.audit()
        let info = try #require(staking.info(founders[0]))
        #expect(info.weight == 10_000 && info.selfBond == StakingChain.tokens(10_000) && info.record.status == .active)
        #expect(staking.chain.ask(Staking.totalPower.reference, of: .staking, 0) == StakingChain.tokens(40_000))
        #expect(staking.chain.ask(Staking.votingPower.reference, of: .staking, founders[0].address, 0).elements
            == [ValidatorPower(validator: founders[0].address, power: StakingChain.tokens(10_000))])
        staking.endEpochs(3)
        #expect(Set(staking.voters) == Set(founders.map(\.consensus.publicKey)))
    }

    @Test func aRegistrationTakesEffectAtTheBoundaryAfterTheNext() throws {
        let staking = staking()
        let before = staking.chain.balance(newcomer.address)
        let receipt = staking.register(newcomer, bond: StakingChain.tokens(20_000), commission: 100_000)
        #expect(receipt.succeeded, "\(receipt.outcome)")
        #expect(staking.chain.events(Registered.self).map(\.validator) == [newcomer.address])
        #expect(staking.chain.balance(newcomer.address).adding(StakingChain.tokens(20_000))?.adding(receipt.fee) == before)
        #expect(staking.info(newcomer)?.commission == 100_000 && staking.info(newcomer)?.description.name == "name")
        staking.endEpochs(1)
        #expect(!staking.voters.contains(newcomer.consensus.publicKey))
        staking.endEpochs(1)
        #expect(staking.voters.first == newcomer.consensus.publicKey)
        #expect(staking.chain.validators.validators.map(\.weight) == [20_000, 10_000, 10_000, 10_000, 10_000])
    }

    @Test func aProofIsWorthNothingForAnotherAccountOrNetwork() {
        let staking = staking()
        func attempt(_ keys: ValidatorKeys, by person: Person) -> UInt32? {
            staking.send(person, Staking.register.reference.call(
                on: .staking, keys, 0, ValidatorDescription(), value: StakingChain.tokens(1_000))).code
        }
        // Somebody copies a pending registration and is first.
        #expect(attempt(staking.keys(newcomer), by: alice) == code(.consensusKeyRefused))
        #expect(attempt(staking.keys(newcomer, chainID: staking.chain.genesis.charter.id), by: newcomer.person) == code(.consensusKeyRefused))
        let good = staking.keys(newcomer), copied = staking.keys(newcomer, for: alice.address)
        let mixed = ValidatorKeys(
            consensusKey: good.consensusKey, consensusPossession: good.consensusPossession, vrfKey: good.vrfKey,
            vrfPossession: copied.vrfPossession)
        #expect(attempt(mixed, by: newcomer.person) == code(.vrfKeyRefused))
        let zero = ValidatorKeys(
            consensusKey: PublicKey(), consensusPossession: good.consensusPossession, vrfKey: good.vrfKey, vrfPossession: good.vrfPossession)
        #expect(attempt(zero, by: newcomer.person) == code(.consensusKeyRefused))
        #expect(attempt(good, by: newcomer.person) == nil)
    }

    @Test func keysAreUniqueForEver() {
        let staking = staking()
        #expect(staking.register(newcomer).succeeded)
        func attempt(_ keys: ValidatorKeys, by person: Person) -> UInt32? {
            staking.send(person, Staking.register.reference.call(
                on: .staking, keys, 0, ValidatorDescription(), value: StakingChain.tokens(1_000))).code
        }
        #expect(attempt(staking.keys(newcomer), by: newcomer.person) == code(.alreadyRegistered))
        #expect(attempt(staking.keys(newcomer, for: alice.address), by: alice) == code(.consensusKeyTaken))
        let other = staking.keys(Founder(20), for: alice.address), taken = staking.keys(newcomer, for: alice.address)
        #expect(attempt(ValidatorKeys(
            consensusKey: other.consensusKey, consensusPossession: other.consensusPossession, vrfKey: taken.vrfKey,
            vrfPossession: taken.vrfPossession), by: alice) == code(.vrfKeyTaken))
        // Also after a tombstone, and after a rotation.
        #expect(staking.report(bob, staking.evidence(founders[0])).succeeded)
        staking.endEpochs(3)
        #expect(attempt(staking.keys(founders[0], for: alice.address), by: alice) == code(.consensusKeyTaken))
        let next = Founder(30)
        #expect(staking.send(newcomer.person, Staking.rotateKeys.reference.call(
            on: .staking, staking.keys(next, for: newcomer.address))).succeeded)
        #expect(attempt(staking.keys(newcomer, for: alice.address), by: alice) == code(.consensusKeyTaken))
        #expect(attempt(staking.keys(next, for: alice.address), by: alice) == code(.consensusKeyTaken))
    }

    @Test func registrationsHaveBounds() {
        let staking = staking()
        func attempt(_ bond: Amount, _ commission: UInt32) -> UInt32? { staking.send(newcomer.person, staking.registration(newcomer, bond: bond, commission: commission)).code }
        #expect(attempt(StakingChain.tokens(999), 0) == code(.selfBondTooLow))
        #expect(attempt(.zero, 0) == code(.selfBondTooLow))
        #expect(attempt(StakingChain.tokens(1_000), 1_000_001) == code(.commissionTooHigh))
        #expect(attempt(StakingChain.tokens(1_000), 1_000_000) == nil)
    }

    @Test func keysRotateAtTheBoundaryAfterTheNextAndOldOnesStayPunishable() throws {
        let staking = staking(), next = Founder(30)
        let call = Staking.rotateKeys.reference.call(on: .staking, staking.keys(next, for: founders[0].address))
        #expect(staking.send(alice, call).code == code(.validatorUnknown))
        #expect(staking.send(founders[0].person, call).succeeded)
        let epoch = staking.chain.epoch
        staking.endEpochs(1)
        #expect(staking.voters.contains(founders[0].consensus.publicKey) && !staking.voters.contains(next.consensus.publicKey))
        staking.endEpochs(1)
        #expect(!staking.voters.contains(founders[0].consensus.publicKey) && staking.voters.contains(next.consensus.publicKey))
        // The old key contradicts itself: the validator loses its seat under the new one.
        #expect(staking.report(bob, staking.evidence(founders[0], epoch: epoch)).succeeded)
        #expect(staking.info(founders[0])?.record.status == .tombstoned)
        staking.endEpochs(1)
        #expect(!staking.voters.contains(next.consensus.publicKey) && staking.voters.count == 3)
        #expect(staking.send(founders[0].person, Staking.rotateKeys.reference.call(
            on: .staking, staking.keys(Founder(31), for: founders[0].address))).code == code(.validatorTombstoned))
    }

    @Test func describingAndCommission() throws {
        let staking = staking()
        let description = ValidatorDescription(name: "n", website: "w", contact: "c", details: "d")
        #expect(staking.send(alice, Staking.describe.reference.call(on: .staking, description)).code == code(.validatorUnknown))
        #expect(staking.send(founders[0].person, Staking.describe.reference.call(on: .staking, description)).succeeded)
        #expect(staking.info(founders[0])?.description == description)

        func change(_ rate: UInt32) -> UInt32? { staking.send(founders[0].person, Staking.changeCommission.reference.call(on: .staking, rate)).code }
        #expect(change(10_001) == code(.commissionRisesTooFast))
        #expect(change(1_000_001) == code(.commissionTooHigh))
        #expect(change(10_000) == nil)
        #expect(change(10_001) == code(.commissionRisesTooFast))
        /// The commission in force, one block into the epoch.
        func commission(after epochs: Int) -> UInt32? {
            staking.endEpochs(epochs)
            staking.chain.advance()
            return staking.info(founders[0])?.commission
        }
        #expect(commission(after: 1) == 0)
        #expect(commission(after: 1) == 10_000)
        #expect(change(20_000) == nil)
        // A later announcement replaces the former, and its notice begins anew.
        #expect(commission(after: 1) == 10_000)
        #expect(change(5_000) == nil)
        #expect(commission(after: 1) == 10_000)
        #expect(commission(after: 1) == 5_000)
    }

    // ── Delegation ──

    @Test func aRoundTripCostsNothing() throws {
        let staking = staking()
        let amount = Amount(123_456_789)
        #expect(staking.delegate(alice, founders[0], amount).succeeded)
        #expect(staking.worth(alice.address, founders[0]) == amount)
        #expect(staking.info(founders[0])?.weight == 10_123)
        #expect(staking.undelegate(alice, founders[0]).succeeded)
        #expect(staking.worth(alice.address, founders[0]) == .zero)
        #expect(staking.unbonding(alice.address, founders[0]).map(\.amount) == [amount])
        #expect(staking.withdraw(alice, founders[0]).code == code(.nothingMatured))
        staking.endEpochs(2)
        let matures = try #require(staking.unbonding(alice.address, founders[0]).first?.matures)
        #expect(matures == staking.chain.time.advanced(by: 8 * StakingChain.epoch))
        staking.chain.advance(time: Timestamp(matures.rawValue - 1))
        #expect(staking.chain.balance(alice.address) < TestChain.fortune)
        let last = staking.chain.draft([], time: matures).time
        #expect(last == matures)
        // The block of the withdrawal itself is at the time that counts.
        staking.chain.interval = 1
        let before = staking.chain.balance(alice.address)
        let receipt = staking.withdraw(alice, founders[0])
        #expect(receipt.succeeded)
        #expect(staking.chain.balance(alice.address).adding(receipt.fee) == before.adding(amount))
        #expect(staking.unbonding(alice.address, founders[0]).isEmpty)
    }

    @Test func maturityIsNotAMillisecondEarly() throws {
        let staking = staking()
        staking.delegate(alice, founders[0], StakingChain.tokens(5))
        staking.undelegate(alice, founders[0])
        staking.endEpochs(2)
        let matures = try #require(staking.unbonding(alice.address, founders[0]).first?.matures)
        staking.chain.advance(time: Timestamp(matures.rawValue - 2))
        staking.chain.interval = 1
        #expect(staking.withdraw(alice, founders[0]).code == code(.nothingMatured))
        #expect(staking.withdraw(alice, founders[0]).succeeded)
    }

    @Test func longForgottenUnbondingIsMature() {
        let staking = staking()
        staking.delegate(alice, founders[0], StakingChain.tokens(5))
        staking.undelegate(alice, founders[0], StakingChain.tokens(2))
        staking.endEpochs(25)
        #expect(staking.withdraw(alice, founders[0]).succeeded)
        #expect(staking.chain.events(Withdrawn.self).map(\.amount) == [StakingChain.tokens(2)])
    }

    @Test func delegationsHaveBounds() {
        let staking = staking()
        #expect(staking.delegate(alice, founders[0], Amount(999_999)).code == code(.amountBelowMin))
        #expect(staking.delegate(alice, newcomer, StakingChain.tokens(1)).code == code(.validatorUnknown))
        #expect(staking.undelegate(alice, founders[0]).code == code(.delegationUnknown))
        #expect(staking.delegate(alice, founders[0], StakingChain.tokens(3)).succeeded)
        #expect(staking.undelegate(alice, founders[0], StakingChain.tokens(4)).code == code(.stakeTooLow))
        #expect(staking.undelegate(alice, founders[0], .zero).code == code(.amountBelowMin))
        #expect(staking.undelegate(alice, founders[0], Amount(2_000_001)).code == code(.remainderBelowMin))
        #expect(staking.undelegate(alice, founders[0], Amount(.max)).code == code(.stakeTooLow))
        #expect(staking.undelegate(alice, founders[0], StakingChain.tokens(2)).succeeded)
        #expect(staking.claim(alice, founders[1]).code == code(.delegationUnknown))
        #expect(staking.redelegate(alice, founders[0], founders[0]).code == code(.validatorSame))
        #expect(staking.withdraw(alice, founders[1]).code == code(.nothingMatured))
    }

    @Test func requestsOfOneEpochAreOneAndTheirNumberIsBounded() {
        let staking = staking { $0.unbondingMilliseconds = 40 * StakingChain.epoch }
        staking.delegate(alice, founders[0], StakingChain.tokens(100))
        for _ in 0..<3 { #expect(staking.undelegate(alice, founders[0], StakingChain.tokens(1)).succeeded) }
        #expect(staking.unbonding(alice.address, founders[0]).map(\.amount) == [StakingChain.tokens(3)])
        for _ in 1..<16 {
            staking.endEpochs()
            #expect(staking.undelegate(alice, founders[0], StakingChain.tokens(1)).succeeded)
        }
        staking.endEpochs()
        #expect(staking.undelegate(alice, founders[0], StakingChain.tokens(1)).code == code(.unbondingsFull))
        #expect(staking.worth(alice.address, founders[0]) == StakingChain.tokens(82))
    }

    @Test func anAccountDelegatesToBoundedManyValidatorsAndForgetsThem() {
        let validators = (0..<33).map { Founder(UInt64($0 + 100), weight: 1_000) }
        let staking = StakingChain(founders: validators, people: [alice])
        for validator in validators.dropLast() { #expect(staking.delegate(alice, validator, StakingChain.tokens(1)).succeeded) }
        #expect(staking.delegate(alice, validators[32], StakingChain.tokens(1)).code == code(.delegationsFull))
        #expect(staking.undelegate(alice, validators[0]).succeeded)
        // What it had there still counts for votes on this epoch.
        #expect(staking.delegate(alice, validators[32], StakingChain.tokens(1)).code == code(.delegationsFull))
        staking.endEpochs(9)
        #expect(staking.delegate(alice, validators[32], StakingChain.tokens(1)).succeeded)
        #expect(staking.delegation(alice.address, validators[0]) == nil)
    }

    @Test func aRewardedLeaverIsForgottenWhenItWithdraws() {
        let staking = staking()
        staking.delegate(alice, founders[0], StakingChain.tokens(5))
        staking.undelegate(alice, founders[0])
        staking.endEpochs(11)
        #expect(staking.delegation(alice.address, founders[0]) != nil)
        #expect(staking.withdraw(alice, founders[0]).succeeded)
        #expect(staking.delegation(alice.address, founders[0]) == nil)
        #expect(staking.entries(Staking.sharesHistory).isEmpty && staking.entries(Staking.unbondingPools).isEmpty)
    }

    // ── Selection ──

    @Test func theBestCandidatesVoteAndTiesGoByAddress() {
        let byAddress = founders.sorted { $0.address < $1.address }
        let staking = StakingChain(founders: Array(byAddress.suffix(3)), people: [alice, bob, byAddress[0].person]) { $0.validatorsMax = 3 }
        #expect(staking.voters == byAddress.suffix(3).map(\.consensus.publicKey))
        staking.register(byAddress[0])
        staking.endEpochs(2)
        #expect(staking.voters == byAddress.prefix(3).map(\.consensus.publicKey))
        staking.delegate(alice, byAddress[3], StakingChain.tokens(1))
        staking.endEpochs(2)
        #expect(staking.voters == [byAddress[3], byAddress[0], byAddress[1]].map(\.consensus.publicKey))
        // Less than a whole token is no weight.
        staking.delegate(bob, byAddress[2], StakingChain.tokens(1))
        staking.undelegate(bob, byAddress[2])
        staking.endEpochs(2)
        #expect(staking.voters == [byAddress[3], byAddress[0], byAddress[1]].map(\.consensus.publicKey))
    }

    @Test func leavingTakesEffectAtTheBoundaryAfterTheNext() {
        let staking = staking()
        #expect(staking.send(founders[3].person, Staking.leave.reference.call(on: .staking)).succeeded)
        #expect(staking.send(founders[3].person, Staking.leave.reference.call(on: .staking)).code == code(.notActive))
        staking.endEpochs(1)
        #expect(staking.voters.count == 4)
        staking.endEpochs(1)
        #expect(staking.voters.count == 3)
        #expect(staking.send(founders[3].person, Staking.unjail.reference.call(on: .staking)).succeeded)
        #expect(staking.send(founders[3].person, Staking.unjail.reference.call(on: .staking)).code == code(.alreadyActive))
        staking.endEpochs(2)
        #expect(staking.voters.count == 4)
    }

    @Test func withoutItsOwnBondNobodyVotes() {
        let staking = staking()
        staking.delegate(alice, founders[0], StakingChain.tokens(50_000))
        #expect(staking.undelegate(founders[0].person, founders[0], StakingChain.tokens(9_001)).succeeded)
        staking.endEpochs(2)
        #expect(!staking.voters.contains(founders[0].consensus.publicKey))
        #expect(staking.delegate(founders[0].person, founders[0], StakingChain.tokens(1)).succeeded)
        staking.endEpochs(2)
        #expect(staking.voters.first == founders[0].consensus.publicKey)
    }

    // ── Power ──

    @Test func powerIsWhatWasBondedWhenTheEpochBegan() {
        let staking = staking()
        func power(_ account: Address, _ epoch: Epoch) -> [UInt128] {
            staking.chain.ask(Staking.votingPower.reference, of: .staking, account, epoch).map { $0.power.units / StakingChain.token }
        }
        func total(_ epoch: Epoch) -> UInt128 { staking.chain.ask(Staking.totalPower.reference, of: .staking, epoch).units / StakingChain.token }
        func validator(_ epoch: Epoch) -> UInt128 {
            staking.chain.ask(Staking.validatorPower.reference, of: .staking, founders[0].address, epoch).units / StakingChain.token
        }
        staking.delegate(alice, founders[0], StakingChain.tokens(100))
        #expect(power(alice.address, 0) == [] && total(0) == 40_000 && validator(0) == 10_000)
        staking.endEpochs(1)
        #expect(power(alice.address, 1) == [100] && total(1) == 40_100 && validator(1) == 10_100)
        // Lent stake that comes after the beginning does not count, and what left after it does.
        staking.delegate(alice, founders[0], StakingChain.tokens(900))
        staking.undelegate(alice, founders[0], StakingChain.tokens(500))
        #expect(power(alice.address, 1) == [100] && total(1) == 40_100)
        staking.endEpochs(3)
        #expect(power(alice.address, 0) == [] && power(alice.address, 1) == [100] && power(alice.address, 2) == [500])
        #expect(power(alice.address, 4) == [500] && validator(4) == 10_500 && total(4) == 40_500)
        staking.undelegate(alice, founders[0])
        #expect(power(alice.address, 4) == [500])
        staking.endEpochs(1)
        #expect(power(alice.address, 5) == [] && power(alice.address, 4) == [500] && validator(5) == 10_000)
        #expect(staking.chain.viewCode(Staking.totalPower.reference, of: .staking, 6) == code(.epochUnknown))
        staking.endEpochs(5)
        #expect(staking.chain.viewCode(Staking.totalPower.reference, of: .staking, 0) == code(.epochUnknown))
        #expect(power(alice.address, 4) == [500])
    }
}

extension TestChain {
    /// The error code of a view that refuses to answer.
    func viewCode<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, of contract: Address, _ values: repeat each Value
    ) -> UInt32? {
        do {
            let call = ViewCall(contract: contract, method: method.name, arguments: method.encode(repeat each values))
            return try executor.view(call, at: header, in: state.view).outcome.failure?.code
        } catch { preconditionFailure("\(error)") }
    }
}
