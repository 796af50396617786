import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Calls in governance's name, emergencies and the guardian.
@Suite struct GovernanceExecutionTests {
    private func fixture() -> GovernanceFixture {
        let fixture = GovernanceFixture()
        let people = fixture.people
        fixture.stake((0..<4).map { (people[$0], [(people[$0], [400, 300, 200, 100][$0])]) })
        return fixture
    }

    /// Proposes, has 700 of 1,000 accept, and waits for the network to execute it.
    private func decide(_ fixture: GovernanceFixture, _ actions: Governance.Action...) throws -> [UInt64] {
        var numbers: [UInt64] = []
        for (place, action) in actions.enumerated() {
            numbers.append(try fixture.proposal(fixture.people[4 + place % 4], action))
            for voter in 0..<2 { fixture.vote(fixture.people[voter], numbers[place], .yes) }
        }
        fixture.endVoting()
        fixture.endTimeLock()
        for _ in actions.dropFirst() { fixture.chain.advance() }
        return numbers
    }

    @Test func governanceHoldsAPermissionOfAnotherModule() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        chain.send(people[0], Module.begin.reference.call(on: Module.address, .account(people[0].address)))
        chain.send(people[0], Module.offer.reference.call(on: Module.address, .vote))
        let numbers = try decide(fixture, fixture.calls(
            Module.accept.reference.call(on: Module.address), Module.set.reference.call(on: Module.address, 9)))
        #expect(fixture.status(numbers[0])?.stage == .executed)
        #expect(chain.ask(Module.value.reference, of: Module.address) == 9)
        #expect(chain.ask(Module.held.reference, of: Module.address) == HeldPermission(.vote))
        #expect(chain.send(people[0], Module.set.reference.call(on: Module.address, 1)).code == SystemRejection.unauthorised.rawValue)
    }

    @Test func failuresAreRecordedAndHoldUpNobody() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        chain.send(people[0], Accounts.transfer.reference.call(on: .accounts, .governance, value: Amount(100)))
        let pay = Accounts.transfer.reference.call(on: .accounts, Person(99).address, value: Amount(60))
        let around = Module.callBack.reference.call(on: Module.address, Governance.vote.reference.call(on: .governance, 0, .yes))
        let numbers = try decide(
            fixture, fixture.calls(pay, Module.fail.reference.call(on: Module.address)),
            fixture.calls(Module.burnGas.reference.call(on: Module.address)),
            fixture.calls(Module.shout.reference.call(on: Module.address, 256)), fixture.calls(around), fixture.calls(pay), fixture.calls(pay))
        let failures = numbers.map { fixture.failure($0) }
        #expect(failures.map { $0?.code } == [
            100, 0, SystemRejection.eventsOverLimit.rawValue, SystemRejection.reentrancy.rawValue, nil, SystemRejection.balanceTooLow.rawValue,
        ])
        #expect(failures[0]?.contract == Module.address && failures[0]?.message == "as asked")
        #expect(chain.balance(Person(99).address) == Amount(60) && chain.balance(.governance) == Amount(40))
        #expect(fixture.numbers(.failed) == [5, 3, 2, 1, 0] && fixture.numbers(.executed) == [4])
        // Never again, by itself or by anyone.
        chain.pass(milliseconds: 10 * GovernanceFixture.timeLock)
        #expect(fixture.numbers(.failed) == [5, 3, 2, 1, 0])
        #expect(fixture.execute(people[0], 5).code == GovernanceRejection.nothingDue.rawValue)
    }

    @Test func decisionsCannotSpendDeposits() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        // Another's deposit lies with the contract while the payment is executed.
        let pay = Accounts.transfer.reference.call(on: .accounts, people[4].address, value: Amount(1))
        let number = try fixture.proposal(people[4], fixture.calls(pay))
        for voter in 0..<2 { fixture.vote(people[voter], number, .yes) }
        fixture.endVoting()
        _ = try fixture.proposal(people[5], .text)
        fixture.endTimeLock()
        #expect(fixture.failure(number)?.code == SystemRejection.balanceTooLow.rawValue)
        #expect(fixture.deposits == GovernanceFixture.deposit && chain.balance(.governance) == .zero)
    }

    private func pause(_ milliseconds: UInt64 = 50_000, _ contracts: [Address] = [Module.address]) -> Governance.Action {
        .pause(Governance.PauseOrder(contracts: Bounded(contracts)!, milliseconds: milliseconds))
    }

    @Test func anEmergencyIsDecidedAtOnceAndEndsByItself() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let number = try fixture.proposal(people[7], pause())
        let before = chain.balance(people[7].address)
        fixture.vote(people[0], number, .yes)
        fixture.vote(people[2], number, .yes)
        #expect(fixture.status(number) == .voting && fixture.view(number)?.outlook.yes == Amount(667))
        #expect(fixture.view(number)?.outlook.refusal == .emergencyMissed)
        fixture.vote(people[3], number, .yes)
        #expect(fixture.status(number) == .executed(chain.time))
        #expect(chain.last?.events.map(\.event.name) == ["Voted", "Decided", "Executed"])
        #expect(chain.balance(people[7].address) == before.adding(GovernanceFixture.deposit))
        let until = Timestamp(chain.time.rawValue + 50_000)
        #expect(chain.ask(Governance.pauses.reference, of: .governance).elements == [Pause(contract: Module.address, until: until)])
        #expect(fixture.vote(people[1], number, .no).code == GovernanceRejection.votingEnded.rawValue)
        let say = Module.shout.reference.call(on: Module.address, 1)
        #expect(chain.send(people[0], say).code == SystemRejection.paused.rawValue)
        #expect(chain.send(people[0], Accounts.transfer.reference.call(on: .accounts, people[1].address, value: Amount(1))).succeeded)
        chain.pass(milliseconds: 50_000)
        #expect(chain.ask(Governance.pauses.reference, of: .governance).isEmpty)
        #expect(chain.send(people[0], say).succeeded)
        #expect(chain.last?.events.count == 1)
    }

    @Test func anEmergencyEndsAPause() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        for action in [pause(50_000, [Module.address, Groups.address]), .unpause(Bounded([Module.address])!)] {
            let number = try fixture.proposal(people[7], action)
            for voter in 0..<2 { fixture.vote(people[voter], number, .yes) }
            #expect(fixture.status(number)?.stage == .executed)
        }
        #expect(chain.ask(Governance.pauses.reference, of: .governance).map(\.contract) == [Groups.address])
        #expect(chain.send(people[0], Module.shout.reference.call(on: Module.address, 1)).succeeded)
    }

    @Test func anEmergencyWithoutThePowerIsRejected() throws {
        let fixture = fixture(), people = fixture.people
        let missed = try fixture.proposal(people[7], pause()), vetoed = try fixture.proposal(people[7], pause())
        fixture.vote(people[0], missed, .yes)
        fixture.vote(people[0], vetoed, .veto)
        fixture.endVoting()
        #expect(fixture.status(missed) == .rejected(.emergencyMissed) && fixture.status(vetoed) == .rejected(.vetoed))
        #expect(fixture.chain.ask(Governance.pauses.reference, of: .governance).isEmpty)
    }

    @Test func theDecidingVoterCannotSpoilAnEmergency() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let number = try fixture.proposal(people[7], pause())
        fixture.vote(people[0], number, .yes)
        for gas in stride(from: UInt64(100_000), through: 1_500_000, by: 100_000) {
            #expect(!fixture.vote(people[1], number, .yes, gasLimit: gas).succeeded)
            #expect(fixture.status(number) == .voting && fixture.tally(number) == [400, 0, 0, 0])
        }
        for count in UInt32(252)...255 {
            let calls = [Module.shout.reference.call(on: Module.address, count), Governance.vote.reference.call(on: .governance, number, .yes)]
            chain.advance([chain.transaction(people[1], calls)])
            #expect(chain.last?.receipts[0].succeeded == false && fixture.status(number) == .voting)
        }
        #expect(fixture.vote(people[1], number, .yes).succeeded)
        #expect(fixture.status(number)?.stage == .executed)
    }

    @Test func theGuardianCancelsButDoesNotEntrenchItself() throws {
        let fixture = fixture(), chain = fixture.chain, people = fixture.people
        let accept = Governance.acceptGuardian.reference.call(on: .governance)
        #expect(chain.ask(Governance.guardian.reference, of: .governance) == HeldPermission(.vote))
        let first = try fixture.proposal(people[5], .text)
        #expect(fixture.cancel(people[6], first).code == GovernanceRejection.notCancellable.rawValue)
        _ = try decide(fixture, .guardian(.account(people[6].address)))
        // Offered, not yet held.
        let held = chain.ask(Governance.guardian.reference, of: .governance)
        #expect(held.current == .vote && held.offered == .account(people[6].address))
        #expect(chain.send(people[5], accept).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(people[6], accept).succeeded)
        #expect(chain.events(Governance.GuardianChanged.self).map(\.permission) == [.account(people[6].address)])
        #expect(chain.send(people[6], accept).code == SystemRejection.unauthorised.rawValue)

        let during = try fixture.proposal(people[5], .text), locked = try fixture.proposal(people[5], .text)
        let succession = try fixture.proposal(people[5], .guardian(.vote)), emergency = try fixture.proposal(people[5], pause())
        fixture.vote(people[0], during, .yes)
        #expect(fixture.cancel(people[6], during).succeeded)
        #expect(chain.events(Governance.Cancelled.self).map(\.depositDestroyed) == [false])
        #expect(fixture.cancel(people[6], emergency).code == GovernanceRejection.notCancellable.rawValue)
        for number in [locked, succession] { fixture.vote(people[0], number, .yes) }
        fixture.endVoting()
        #expect(fixture.status(locked)?.stage == .accepted)
        #expect(fixture.cancel(people[6], locked).succeeded && fixture.status(locked) == .cancelled(people[6].address))
        #expect(fixture.cancel(people[6], succession).code == GovernanceRejection.notCancellable.rawValue)
        fixture.endTimeLock()
        #expect(fixture.status(succession)?.stage == .executed && fixture.status(locked)?.stage == .cancelled)
        #expect(chain.ask(Governance.guardian.reference, of: .governance) == HeldPermission(.vote))
        #expect(fixture.deposits == .zero)
    }
}
