import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Random proposals, votes, cancellations and triggers while time passes: the books add up after every block, and what has ended
/// stays as it ended.
@Suite struct GovernanceRandomTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theBooksAddUpWhateverHappens(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = GovernanceFixture(people: 10) { $0.epochMilliseconds = 900_000 }
        let chain = fixture.chain, people = fixture.people, target = Person(99).address
        let stakes: [(Person, [GovernanceFixture.Delegation])] = people.indices.map { index in
            (people[index], index < 3 ? [(people[index], UInt128(50 + index))] : [(people[index % 3], UInt128(10 + index))])
        }
        for epoch in 0..<8 { fixture.stake(stakes, epoch: Epoch(UInt64(epoch))) }
        #expect(chain.send(people[0], Accounts.transfer.reference.call(on: .accounts, .governance, value: Amount(100))).succeeded)

        var known: [Governance.Status] = [], payments: [UInt64: UInt128] = [:], supply = chain.supply
        let options: [Governance.VoteOption] = [.yes, .yes, .yes, .no, .abstain, .veto]
        for step in 0..<400 {
            let person = people[generator.below(people.count)], number = UInt64(max(0, known.count - 1 - generator.below(6)))
            var call: Call
            switch generator.below(12) {
            case 0, 1:
                let amount = UInt128(1 + generator.below(25))
                let pay = Accounts.transfer.reference.call(on: .accounts, target, value: Amount(amount))
                let actions: [Governance.Action] = [
                    .text, fixture.change("drawDelay", UInt128(1 + generator.below(20_000))), fixture.calls(pay), fixture.calls(pay, pay),
                    .pause(.init(contracts: Bounded([Module.address])!, milliseconds: 5_000)), .unpause(Bounded([Module.address])!),
                    .guardian(.account(people[generator.below(people.count)].address)),
                ]
                let choice = generator.below(actions.count)
                if choice == 2 || choice == 3 { payments[UInt64(known.count)] = amount * UInt128(choice - 1) }
                call = fixture.proposeCall(actions[choice])
            case 2: call = Governance.cancel.reference.call(on: .governance, number)
            case 3: call = Governance.execute.reference.call(on: .governance, number)
            case 4: call = Governance.acceptGuardian.reference.call(on: .governance)
            default: call = Governance.vote.reference.call(on: .governance, number, options[generator.below(options.count)])
            }
            let interval = generator.chance(1, in: 8) ? generator.below(UInt64(40_000)) + 1 : 500
            chain.advance([chain.transaction(person, [call], gasLimit: 40_000_000)], time: Timestamp(chain.time.rawValue + interval))
            let executed = try #require(chain.last)
            let hooksSucceeded = executed.receipts.dropFirst().allSatisfy { $0.succeeded }
            #expect(hooksSucceeded)

            // A payment noted for a proposal that was refused belongs to none.
            if fixture.view(UInt64(known.count)) == nil { payments[UInt64(known.count)] = nil } else { known.append(.voting) }
            var held = UInt128(0), paid = UInt128(0), open: [Address: Int] = [:]
            for number in known.indices.map({ UInt64($0) }) {
                let before = known[Int(number)]
                // What has ended stays as it ended: looked at again now and then.
                if before.isOver && step % 40 != 0 && step != 399 {
                    if before.stage == .executed { paid += payments[number] ?? 0 }
                    continue
                }
                let view = try #require(fixture.view(number))
                let status = view.proposal.status
                if before.isOver { #expect(status == before) }
                if before.stage == .accepted { #expect(status.stage != .voting && status.stage != .rejected) }
                known[Int(number)] = status
                if status.stage == .voting {
                    held += view.proposal.deposit.units
                    open[view.proposal.proposer, default: 0] += 1
                    #expect(chain.time < view.proposal.votingEnds)
                }
                if status.stage == .executed { paid += payments[number] ?? 0 }
                #expect(view.tally.voted <= view.proposal.totalPower)
            }
            #expect(fixture.deposits == Amount(held))
            #expect(open.values.allSatisfy { $0 <= 4 })
            #expect(chain.balance(target) == Amount(paid) && chain.balance(.governance) == Amount(100 - paid))
            for stage in Governance.Stage.allCases where step % 10 == 0 {
                let expected = known.indices.filter { known[$0].stage == stage }.map { UInt64($0) }.sorted(by: >)
                #expect(fixture.numbers(stage) == Array(expected.prefix(50)))
            }
            // Destroyed: fees, and the deposits that the events speak of.
            let lost = chain.events(Governance.Decided.self).count(where: { $0.refusal == .vetoed || $0.refusal == .quorumMissed })
                + chain.events(Governance.Cancelled.self).count(where: \.depositDestroyed)
            let destroyed = executed.fees.burned.units + UInt128(lost) * GovernanceFixture.deposit.units
            #expect(chain.supply == supply.subtracting(Amount(destroyed)))
            supply = chain.supply
        }
        let reached = Set(known.map(\.stage))
        #expect(known.count > 20 && reached.isSuperset(of: [.executed, .rejected]), "\(known.count): \(reached)")
    }
}

extension Governance.Status {
    fileprivate var isOver: Bool { stage != .voting && stage != .accepted }
}
