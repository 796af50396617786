import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// What a proposal goes through, from its deposit to its execution.
@Suite struct GovernanceTests {
    /// Four validators with 40, 30, 20 and 10 of 100.
    private func fixture(_ change: @escaping (inout NetworkParameters) -> Void = { _ in }) -> GovernanceFixture {
        let fixture = GovernanceFixture(change)
        let people = fixture.people
        fixture.stake((0..<4).map { (people[$0], [(people[$0], [40, 30, 20, 10][$0])]) })
        return fixture
    }

    @Test func acceptedParametersApplyAtTheNextBoundaryByThemselves() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let number = try fixture.proposal(people[5], fixture.change("gasPriceMin", 7))
        #expect(fixture.deposits == GovernanceFixture.deposit)
        #expect(fixture.numbers(.voting) == [number])
        #expect(fixture.view(number)?.outlook.refusal == .quorumMissed)
        fixture.vote(people[0], number, .yes)
        #expect(chain.events(Governance.Voted.self) == [Governance.Voted(number: number, account: people[0].address, option: .yes, power: Amount(40))])
        let outlook = try #require(fixture.view(number)?.outlook)
        #expect(outlook == Governance.Outlook(voted: Amount(40), quorum: Amount(34), veto: Amount(14), yes: Amount(21), refusal: nil))
        let before = chain.balance(people[5].address)
        fixture.endVoting()
        #expect(chain.events(Governance.Decided.self).map(\.refusal) == [nil])
        #expect(chain.balance(people[5].address) == before.adding(GovernanceFixture.deposit) && fixture.deposits == .zero)
        let due = Timestamp(chain.time.rawValue + GovernanceFixture.timeLock)
        #expect(fixture.status(number) == .accepted(due) && fixture.numbers(.accepted) == [number])
        chain.advance()
        #expect(fixture.status(number) == .accepted(due))
        fixture.endTimeLock()
        #expect(chain.events(Governance.Executed.self).map(\.number) == [number])
        #expect(fixture.status(number) == .executed(chain.time) && fixture.numbers(.executed) == [number])
        let shown = chain.ask(Governance.parameters.reference, of: .governance).first { $0.name == "gasPriceMin" }
        #expect(shown?.value == 1 && shown?.scheduled == 7 && shown?.meaning == "The lowest price of one unit of gas, in base units.")
        #expect(chain.parameters.gasPriceMin == Amount(1))
        chain.endEpochs()
        #expect(chain.parameters.gasPriceMin == Amount(7))
        #expect(chain.ask(Governance.parameters.reference, of: .governance).count == NetworkParameters.fields.count)
    }

    @Test func depositsComeBackUnlessVetoedOrIgnored() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let proposer = people[5]
        var decisions: [(Governance.RejectionReason?, destroyed: Bool)] = []
        for votes in [[(0, Governance.VoteOption.yes)], [(0, .no)], [(3, .yes), (2, .yes)], [(0, .yes), (2, .veto), (3, .veto)], [(0, .abstain)]] {
            let number = try fixture.proposal(proposer, .text)
            for (person, option) in votes { #expect(fixture.vote(people[person], number, option).succeeded) }
            let balance = chain.balance(proposer.address), supply = chain.supply
            fixture.endVoting()
            let returned = chain.balance(proposer.address) != balance
            #expect(chain.supply == (returned ? supply : supply.subtracting(GovernanceFixture.deposit)))
            #expect(fixture.deposits == .zero && chain.balance(.governance) == .zero)
            decisions.append((try #require(chain.events(Governance.Decided.self).first).refusal, !returned))
        }
        #expect(decisions.map(\.0) == [nil, .thresholdMissed, .quorumMissed, .vetoed, .thresholdMissed])
        #expect(decisions.map(\.destroyed) == [false, false, true, true, false])
        #expect(fixture.numbers(.rejected) == [4, 3, 2, 1] && fixture.numbers(.accepted).isEmpty && fixture.numbers(.executed) == [0])
    }

    @Test func nobodyVotesBehindTheDeadline() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let number = try fixture.proposal(people[5], .text)
        let ends = try #require(fixture.view(number)).proposal.votingEnds
        chain.advance([chain.transaction(people[1], [Governance.vote.reference.call(on: .governance, number, .yes)])], time: Timestamp(ends.rawValue - 1))
        #expect(chain.last?.receipts[0].succeeded == true)
        // In the very block in which it ends, before its votes are counted at the block's end.
        chain.advance([
            chain.transaction(people[0], [Governance.vote.reference.call(on: .governance, number, .no)]),
            chain.transaction(people[5], [Governance.cancel.reference.call(on: .governance, number)]),
        ], time: ends)
        #expect(chain.last?.receipts.map(\.code) == [GovernanceRejection.votingEnded.rawValue, GovernanceRejection.notCancellable.rawValue, nil])
        #expect(fixture.tally(number) == [30, 0, 0, 0])
        #expect(fixture.status(number) == .rejected(.quorumMissed))
        #expect(fixture.vote(people[0], number, .no).code == GovernanceRejection.votingEnded.rawValue)
        #expect(fixture.vote(people[0], 77, .no).code == GovernanceRejection.proposalUnknown.rawValue)
    }

    @Test func nothingIsExecutedTwice() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        chain.send(people[0], Accounts.transfer.reference.call(on: .accounts, .governance, value: Amount(1_000)))
        let pay = Accounts.transfer.reference.call(on: .accounts, Person(99).address, value: Amount(300))
        let number = try fixture.proposal(people[5], fixture.calls(pay))
        fixture.vote(people[0], number, .yes)
        #expect(fixture.execute(people[6], number).code == GovernanceRejection.nothingDue.rawValue)
        fixture.endVoting()
        #expect(fixture.execute(people[6], number).code == GovernanceRejection.nothingDue.rawValue)
        let due = try #require(fixture.due(number))
        // Triggered twice and by the network in the same block.
        let trigger = Governance.execute.reference.call(on: .governance, number)
        chain.advance([
            chain.transaction(people[6], [trigger], gasLimit: 40_000_000), chain.transaction(people[7], [trigger], gasLimit: 40_000_000),
        ], time: due)
        #expect(chain.last?.receipts.map(\.code) == [nil, GovernanceRejection.nothingDue.rawValue])
        #expect(chain.balance(Person(99).address) == Amount(300) && chain.balance(.governance) == Amount(700))
        chain.advance()
        #expect(chain.balance(Person(99).address) == Amount(300))
        #expect(fixture.execute(people[6], number).code == GovernanceRejection.nothingDue.rawValue)
    }

    @Test func aTriggerCannotSpoilWhatItExecutes() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        var numbers: [UInt64] = []
        for _ in 0..<2 { numbers.append(try fixture.proposal(people[5], fixture.calls(Module.shout.reference.call(on: Module.address, 5)))) }
        for number in numbers { fixture.vote(people[0], number, .yes) }
        fixture.endVoting()
        // Both become due in one block; the network executes the first, the second is left for the attempts below.
        let trigger = Governance.execute.reference.call(on: .governance, numbers[1])
        let around = Module.callBack.reference.call(on: Module.address, trigger)
        let due = Timestamp(chain.time.rawValue + GovernanceFixture.timeLock)
        chain.advance([
            chain.transaction(people[6], [Module.shout.reference.call(on: Module.address, 250), trigger], gasLimit: 40_000_000),
            chain.transaction(people[6], [around], gasLimit: 40_000_000),
            chain.transaction(people[6], [trigger], gasLimit: 20_000_000),
        ], time: due)
        #expect(chain.last?.receipts.prefix(3).map(\.code) == [
            GovernanceRejection.executeAlone.rawValue, GovernanceRejection.executeAlone.rawValue, GovernanceRejection.gasTooLow.rawValue,
        ])
        #expect(fixture.status(numbers[0])?.stage == .executed && fixture.status(numbers[1])?.stage == .accepted)
        chain.advance()
        #expect(fixture.status(numbers[1])?.stage == .executed)
    }

    @Test func parametersAreCheckedTogetherAgainAtExecution() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        // Either alone works: an epoch is not shorter than the heartbeat.
        let short = try fixture.proposal(people[5], fixture.change("epochMilliseconds", 1_000_000))
        let slow = try fixture.proposal(people[5], fixture.change("heartbeatMilliseconds", 3_000_000))
        let third = try fixture.proposal(people[6], fixture.change("drawDelay", 20))
        for number in [short, slow, third] { fixture.vote(people[0], number, .yes) }
        fixture.endVoting()
        fixture.endTimeLock()
        for _ in 0..<3 { chain.advance() }
        #expect(fixture.status(short)?.stage == .executed && fixture.status(third)?.stage == .executed)
        let failure = try #require(fixture.failure(slow))
        #expect(failure.contract == .governance && failure.code == GovernanceRejection.parameterInvalid.rawValue)
        #expect(failure.message.text.hasPrefix("heartbeatMilliseconds:"))
        #expect(fixture.execute(people[6], slow).code == GovernanceRejection.nothingDue.rawValue)
        // The two that worked are in force together.
        chain.endEpochs()
        #expect(chain.parameters.epochMilliseconds == 1_000_000 && chain.parameters.drawDelay == 20)
        #expect(chain.parameters.heartbeatMilliseconds == 10_000)
    }

    @Test func whatAProposalMayNotBe() throws {
        let fixture = fixture(), people = fixture.people
        func code(_ action: Governance.Action) -> UInt32? { fixture.propose(people[5], action).code }
        #expect(fixture.propose(people[5], .text, deposit: Amount(999_999)).code == GovernanceRejection.depositWrong.rawValue)
        #expect(fixture.propose(people[5], .text, deposit: Amount(1_000_001)).code == GovernanceRejection.depositWrong.rawValue)
        #expect(code(.parameters(Bounded())) == GovernanceRejection.actionEmpty.rawValue)
        #expect(code(fixture.change("taxes", 1)) == GovernanceRejection.parameterUnknown.rawValue)
        #expect(code(fixture.change("drawDelay", 1 << 32)) == GovernanceRejection.parameterInvalid.rawValue)
        #expect(code(fixture.change("drawDelay", 0)) == GovernanceRejection.parameterInvalid.rawValue)
        #expect(code(fixture.change("thresholdPartsPerMillion", 1_000_000)) == GovernanceRejection.parameterInvalid.rawValue)
        let change = Governance.ParameterChange(name: "drawDelay", value: 3)
        #expect(code(.parameters(Bounded([change, change])!)) == GovernanceRejection.parameterTwice.rawValue)
        #expect(code(fixture.calls()) == GovernanceRejection.actionEmpty.rawValue)
        #expect(code(fixture.calls(Governance.execute.reference.call(on: .governance, 0))) == GovernanceRejection.callsItself.rawValue)
        let long = Call(contract: Module.address, method: "set", arguments: [UInt8](repeating: 0, count: Governance.contentBytesMax))
        #expect(code(fixture.calls(long)) == GovernanceRejection.contentTooLong.rawValue)
        func pause(_ contracts: [Address], _ milliseconds: UInt64 = 1) -> UInt32? {
            code(.pause(Governance.PauseOrder(contracts: Bounded(contracts)!, milliseconds: milliseconds)))
        }
        for protected in [Address.accounts, .staking, .governance] {
            #expect(pause([Module.address, protected]) == GovernanceRejection.contractProtected.rawValue)
        }
        #expect(pause([]) == GovernanceRejection.actionEmpty.rawValue)
        #expect(pause([Module.address, Module.address]) == GovernanceRejection.contractTwice.rawValue)
        #expect(pause([Module.address], 0) == GovernanceRejection.pauseTooLong.rawValue)
        #expect(pause([Module.address], 50_001) == GovernanceRejection.pauseTooLong.rawValue)
        let untitled = Governance.Content(title: "", action: .text)
        let call = Governance.propose.reference.call(on: .governance, untitled, value: GovernanceFixture.deposit)
        #expect(fixture.chain.send(people[5], call).code == GovernanceRejection.titleEmpty.rawValue)
        #expect(fixture.deposits == .zero && fixture.numbers(.voting).isEmpty)
    }

    @Test func spamIsBoundedByAccountAndInAll() throws {
        let fixture = GovernanceFixture(people: 70), chain = fixture.chain, people = fixture.people
        fixture.stake([(people[0], [(people[0], 100)])])
        chain.interval = 100
        for _ in 0..<4 { #expect(fixture.propose(people[1], .text).succeeded) }
        #expect(fixture.propose(people[1], .text).code == GovernanceRejection.openPerAccountOverLimit.rawValue)
        for person in people[2..<65] { chain.advance((0..<4).map { _ in chain.transaction(person, [fixture.proposeCall(.text)]) }) }
        #expect(fixture.propose(people[65], .text).code == GovernanceRejection.openOverLimit.rawValue)
        // An emergency finds a place all the same.
        let pause = Governance.Action.pause(Governance.PauseOrder(contracts: Bounded([Module.address])!, milliseconds: 10))
        #expect(fixture.propose(people[65], pause).succeeded)
        #expect(fixture.deposits == Amount(257 * GovernanceFixture.deposit.units))
        // All votes end within a block or two of each other; each block counts a bounded number and none is lost.
        fixture.endVoting()
        var blocks = 1
        while !fixture.numbers(.voting).isEmpty, blocks < 100 {
            let receipt = try #require(chain.last?.receipts.last)
            #expect(receipt.succeeded && receipt.gasUsed.rawValue < GasSchedule.hookMax / 2)
            #expect(chain.events(Governance.Decided.self).count <= 16)
            chain.advance()
            blocks += 1
        }
        #expect((17...19).contains(blocks))
        #expect(fixture.deposits == .zero)
        #expect(fixture.propose(people[1], .text).succeeded)
    }

    @Test func cancelling() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let early = try fixture.proposal(people[5], .text), late = try fixture.proposal(people[5], .text)
        #expect(fixture.cancel(people[6], early).code == GovernanceRejection.notCancellable.rawValue)
        let supply = chain.supply
        #expect(fixture.cancel(people[5], early).succeeded)
        #expect(chain.events(Governance.Cancelled.self).map(\.depositDestroyed) == [false])
        #expect(chain.supply == supply.subtracting(chain.last!.fees.burned))
        #expect(fixture.cancel(people[5], early).code == GovernanceRejection.notCancellable.rawValue)
        fixture.vote(people[0], late, .veto)
        let before = chain.supply
        #expect(fixture.cancel(people[5], late).succeeded)
        #expect(chain.events(Governance.Cancelled.self).map(\.depositDestroyed) == [true])
        #expect(chain.supply == before.subtracting(chain.last!.fees.burned)?.subtracting(GovernanceFixture.deposit))
        #expect(fixture.vote(people[0], late, .yes).code == GovernanceRejection.votingEnded.rawValue)
        #expect(fixture.status(late) == .cancelled(people[5].address) && fixture.deposits == .zero)
        fixture.endVoting()
        #expect(chain.events(Governance.Decided.self).isEmpty && chain.last?.receipts.isEmpty == true)
    }

    @Test(arguments: [Staking.contractSchema, StandInStaking.contractSchema])
    func theReferencesFitStakingAndTheStandIn(_ schema: ContractSchema) {
        #expect(Governance.Stakes.votingPower.mismatch(with: schema) == nil)
        #expect(Governance.Stakes.validatorPower.mismatch(with: schema) == nil)
        #expect(Governance.Stakes.totalPower.mismatch(with: schema) == nil)
        #expect(MethodReference<Epoch, UInt64>("total_power").mismatch(with: schema) != nil)
        #expect(MethodReference<Amount>("total_power").mismatch(with: schema) != nil)
        #expect(MethodReference<Amount>("all_power").mismatch(with: schema) != nil)
    }
}
