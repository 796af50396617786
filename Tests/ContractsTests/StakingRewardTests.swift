import ChainKit
@testable import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import Testing

/// Fees and issuance reach who voted, its delegators and nobody else, to the last base unit.
@Suite struct StakingRewardTests {
    private let alice = Person(201), bob = Person(202)
    private let founders = (0..<4).map { Founder(UInt64($0)) }

    private func staking(_ change: (inout NetworkParameters) -> Void = { _ in }) -> StakingChain {
        StakingChain(founders: founders, people: [alice, bob], change)
    }

    private func code(_ rejection: StakingRejection) -> UInt32 { rejection.rawValue }
    private let tokens = StakingChain.tokens

    @Test func issuanceIsSharedByWeight() {
        let staking = staking { $0.issuancePerBlock = Amount(1_000_000) }
        let supply = staking.chain.supply
        staking.endEpochs(1)
        #expect(staking.chain.supply == supply.adding(Amount(1_000_000)))
        // A delegator's part is rounded down.
        for founder in founders { #expect(staking.rewards(founder.address, founder) == Amount(249_999)) }
        let before = staking.chain.balance(founders[0].address)
        let receipt = staking.claim(founders[0].person, founders[0])
        #expect(staking.chain.balance(founders[0].address).adding(receipt.fee) == before.adding(Amount(249_999)))
        #expect(staking.rewards(founders[0].address, founders[0]) == .zero)
        #expect(staking.chain.events(Claimed.self).map(\.amount) == [Amount(249_999)])
    }

    @Test func thePartsOfTheFeesGoToProposerAndVoters() throws {
        let staking = staking()
        let receipt = staking.chain.send(alice, Accounts.transfer.reference.call(on: .accounts, bob.address, value: Amount(1)))
        let proposer = staking.chain.validators.validators[Int(staking.chain.header.draft.proposer.rawValue)].consensusKey
        let fees = staking.chain.last!.fees
        #expect(fees.burned.adding(fees.proposer)?.adding(fees.validators) == receipt.fee && fees.proposer > .zero)
        staking.audit()
        let books = staking.chain.ask(Staking.books.reference, of: .staking)
        #expect(books.collected == fees.proposer.adding(fees.validators))
        staking.endEpochs(1)
        let quarter = Amount(fees.validators.units / 4)
        for founder in founders {
            let isProposer = founder.consensus.publicKey == proposer
            let part = isProposer ? quarter.units + fees.proposer.units : quarter.units
            #expect((part - 1...part).contains(staking.rewards(founder.address, founder).units))
        }
        // What rounding leaves stays for the next epoch.
        #expect(staking.chain.ask(Staking.books.reference, of: .staking).collected.units == fees.validators.units % 4)
    }

    @Test func whoSignsMoreEarnsMore() {
        let staking = staking { $0.issuancePerBlock = Amount(1_000_000) }
        staking.chain.silent = [founders[0].consensus.publicKey]
        for _ in 0..<6 { staking.chain.advance() }
        staking.chain.silent = []
        for _ in 0..<6 { staking.chain.advance() }
        staking.endEpochs(1)
        // 13 blocks; 12 carry votes of the epoch; the idle one signed 7 of them: in the silent blocks 2 … 6 it did not.
        let total = 13_000_000, signed = 7 + 3 * 12
        #expect((1...2).contains(UInt128(total * 7 / signed) + 1 - staking.rewards(founders[0].address, founders[0]).units))
        #expect((1...2).contains(UInt128(total * 12 / signed) + 1 - staking.rewards(founders[1].address, founders[1]).units))
    }

    @Test func commissionIsKeptAndDelegatorsShareTheRest() {
        let staking = staking { $0.issuancePerBlock = Amount(4_000_000_000); $0.commissionRisePartsPerMillionMax = 1_000_000 }
        #expect(staking.send(founders[0].person, Staking.changeCommission.reference.call(on: .staking, 100_000)).succeeded)
        staking.delegate(alice, founders[0], tokens(10_000))
        staking.endEpochs(2)
        staking.claim(alice, founders[0])
        staking.claim(founders[0].person, founders[0])
        staking.chain.endEpochs()
        let reward = staking.chain.events(EpochClosed.self).first!.rewards
        staking.audit()
        let part = reward.units * 2 / 5
        let own = staking.rewards(founders[0].address, founders[0]).units, others = staking.rewards(alice.address, founders[0]).units
        // 20,000 of 50,000 in weight; a tenth is commission; the rest is halved. Fees add less than one token.
        func isNear(_ amount: UInt128, _ expected: UInt128) -> Bool { amount + 1_000_000 > expected && expected + 1_000_000 > amount }
        #expect(isNear(others, part * 45 / 100) && isNear(own, part * 55 / 100), "\(own) \(others) of \(part)")
    }

    /// A delegation earns from the end of the epoch in which it was made, and nothing from before.
    @Test func aNewDelegationEarnsNothingFromBefore() {
        let staking = staking { $0.issuancePerBlock = Amount(1_000_000_000) }
        staking.endEpochs(3)
        staking.delegate(alice, founders[0], tokens(10_000))
        #expect(staking.rewards(alice.address, founders[0]) == .zero)
        #expect(staking.rewards(founders[0].address, founders[0]).units >= 3 * 249_999_999)
        staking.endEpochs(1)
        #expect(staking.rewards(alice.address, founders[0]) > .zero)
        // Adding pays what is due, and does not add to it.
        let due = staking.rewards(alice.address, founders[0])
        staking.delegate(alice, founders[0], tokens(90_000))
        #expect(staking.chain.events(Claimed.self).map(\.amount) == [due])
        #expect(staking.rewards(alice.address, founders[0]) == .zero)
    }

    @Test func aValidatorWithoutStakeKeepsWhatItEarns() {
        let staking = staking { $0.issuancePerBlock = Amount(1_000_000) }
        staking.undelegate(founders[0].person, founders[0])
        #expect(staking.info(founders[0])?.record.pool == Pool())
        staking.endEpochs(1)
        #expect(staking.rewards(founders[0].address, founders[0]).units >= 250_000)
        #expect(staking.claim(founders[0].person, founders[0]).succeeded)
        staking.endEpochs(2)
        #expect(!staking.voters.contains(founders[0].consensus.publicKey))
    }

    @Test func aTombstonedValidatorEarnsNothing() {
        let staking = staking { $0.issuancePerBlock = Amount(900_000) }
        #expect(staking.report(alice, staking.evidence(founders[0])).succeeded)
        staking.endEpochs(1)
        #expect(staking.rewards(founders[0].address, founders[0]) == .zero)
        #expect(staking.rewards(founders[1].address, founders[1]) >= Amount(299_999))
    }

    /// Money that somebody sends to the contract's account is nobody's until the epoch's end, and the voters' then.
    @Test func giftsAreSharedOut() {
        let staking = staking()
        staking.chain.send(alice, Accounts.transfer.reference.call(on: .accounts, .staking, value: tokens(4)))
        staking.audit(donated: tokens(4))
        staking.endEpochs(1)
        #expect(staking.rewards(founders[1].address, founders[1]).units >= 999_999)
    }

    /// Issuance stops where the supply would pass its limit, and the epoch ends all the same.
    @Test func atTheLimitOfTheSupplyNothingIsMade() {
        let issuance = Amount((1 << 64) - 1)
        // Six accounts, and stakes of less than 2^36: room for one epoch's issuance and no other.
        let fortune = Amount(((1 << 96) - (1 << 65)) / 6)
        let staking = StakingChain(founders: founders, people: [alice, bob], fortune: fortune) { $0.issuancePerBlock = issuance }
        let supply = staking.chain.supply
        staking.endEpochs(3)
        #expect(staking.chain.supply.units - supply.units == issuance.units)
    }

    @Test func hooksCanOnlyBeCalledByTheNetwork() {
        let staking = staking()
        #expect(staking.send(alice, Call(contract: .staking, method: "block_end", arguments: [], value: .zero)).code == SystemRejection.hookNotCallable.rawValue)
        #expect(staking.send(alice, Call(contract: .staking, method: "epoch_end", arguments: [], value: .zero)).code == SystemRejection.hookNotCallable.rawValue)
    }

    // ── Cost ──

    /// What a call costs does not grow with the number of validators and delegators, and neither hook comes near its limit.
    @Test func costsAreBounded() {
        func cost(_ count: Int) -> (delegate: UInt64, epoch: UInt64) {
            let many = (0..<count).map { Founder(UInt64($0 + 1_000), weight: 1_000) }
            let people = (0..<30).map { Person(UInt64($0 + 5_000)) }
            let staking = StakingChain(founders: many, people: people + [alice]) { $0.validatorsMax = 800; $0.issuancePerBlock = Amount(1_000) }
            for person in people { staking.chain.send(person, Staking.delegate.reference.call(on: .staking, many[0].address, value: tokens(1))) }
            let receipt = staking.chain.send(alice, Staking.delegate.reference.call(on: .staking, many[0].address, value: tokens(1)))
            staking.chain.endEpochs()
            let epoch = staking.chain.last!.receipts.first { $0.origin == .hook(contract: .staking, method: "epoch_end") }
            return (receipt.gasUsed.rawValue, epoch!.gasUsed.rawValue)
        }
        let few = cost(4), many = cost(400)
        #expect(many.delegate <= few.delegate + few.delegate / 20)
        #expect(many.epoch < GasSchedule.epochHookMax / 8, "\(many.epoch)")
    }
}
