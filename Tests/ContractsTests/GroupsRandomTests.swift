import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Random proposals, approvals and changes of members against a slow model that knows only lists.
@Suite struct GroupsRandomTests {
    private struct Proposed {
        let proposer: Int
        let revision: UInt32
        let expires: UInt64
        let action: Wish
        var approvals: [Int]
        var state = Groups.State.open
    }

    private enum Wish {
        case pay(UInt128)
        case members([Int], threshold: Int)
    }

    private final class Model {
        var members: [Int]
        var threshold: Int
        var revision: UInt32 = 0
        var balance: UInt128 = 0
        var paid: UInt128 = 0
        var proposals: [Proposed] = []

        init(members: [Int], threshold: Int) {
            self.members = members
            self.threshold = threshold
        }

        func status(_ number: Int, at time: UInt64) -> Groups.Status {
            let proposal = proposals[number]
            if proposal.state == .executed { return .executed }
            if proposal.state == .closed { return .closed }
            if proposal.revision != revision { return .superseded }
            if time >= proposal.expires { return .expired }
            return proposal.approvals.count >= threshold ? .failing : .collecting
        }

        func isRunnable(_ number: Int, at time: UInt64) -> Bool { [.collecting, .failing].contains(status(number, at: time)) }

        func open(of member: Int) -> Int {
            proposals.count(where: { $0.proposer == member && $0.state == .open && $0.revision == revision })
        }

        func tryToRun(_ number: Int) {
            guard proposals[number].approvals.count >= threshold else { return }
            switch proposals[number].action {
            case .pay(let amount):
                guard amount <= balance else { return }
                balance -= amount
                paid += amount
            case .members(let members, let threshold):
                self.members = members
                self.threshold = threshold
                revision += 1
            }
            proposals[number].state = .executed
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aModelOfListsAgrees(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let people = (0..<7).map { Person(UInt64($0)) }
        let chain = TestChain([Accounts.self, Groups.self], people: people)
        chain.interval = 100
        func subset() -> [Int] {
            let members = people.indices.filter { _ in generator.chance(1, in: 2) }
            return members.isEmpty ? [0] : members
        }
        func addresses(_ members: [Int]) -> Bounded<32, Address> { Bounded(members.map { people[$0].address })! }
        let first = subset()
        let model = Model(members: first, threshold: 1 + generator.below(first.count))
        let group = Address.subaccount(0, of: Groups.address), target = Person(99).address
        chain.send(people[0], Groups.create.reference.call(on: Groups.address, addresses(first), UInt8(model.threshold), nil))
        var failing = 0
        for _ in 0..<500 {
            let person = generator.chance(1, in: 4) ? generator.below(people.count) : model.members[generator.below(model.members.count)]
            let isMember = model.members.contains(person)
            let number = model.proposals.isEmpty ? 0 : max(0, model.proposals.count - 1 - generator.below(4))
            let now = chain.time.rawValue + chain.interval
            let call: Call
            let expected: Bool
            switch generator.below(14) {
            case 0:
                let amount = UInt128(generator.below(400))
                call = Accounts.transfer.reference.call(on: .accounts, group, value: Amount(amount))
                expected = amount > 0
                if expected { model.balance += amount }
            case 1, 2:
                let members = subset()
                let wish: Wish = generator.chance(1, in: 6)
                    ? .members(members, threshold: 1 + generator.below(min(4, members.count))) : .pay(1 + UInt128(generator.below(800)))
                let action: Groups.Action = switch wish {
                case .pay(let amount): .calls(Bounded([Accounts.transfer.reference.call(on: .accounts, target, value: Amount(amount))])!)
                case .members(let members, let threshold): .settings(Groups.Settings(members: addresses(members), threshold: UInt8(threshold)))
                }
                let expires = now + 1 + generator.below(UInt64(6_000))
                call = Groups.propose.reference.call(on: Groups.address, group, action, Timestamp(expires))
                expected = isMember && model.open(of: person) < 8
                if expected {
                    model.proposals.append(Proposed(proposer: person, revision: model.revision, expires: expires, action: wish, approvals: [person]))
                    model.tryToRun(model.proposals.count - 1)
                }
            case 3, 4, 5, 6, 7, 8, 9, 10:
                call = Groups.approve.reference.call(on: Groups.address, group, UInt64(number))
                expected = isMember && number < model.proposals.count && model.isRunnable(number, at: now)
                    && !model.proposals[number].approvals.contains(person)
                if expected {
                    model.proposals[number].approvals.append(person)
                    model.tryToRun(number)
                }
            case 11:
                call = Groups.revoke.reference.call(on: Groups.address, group, UInt64(number))
                expected = isMember && number < model.proposals.count && model.isRunnable(number, at: now)
                    && model.proposals[number].approvals.contains(person)
                if expected { model.proposals[number].approvals.removeAll { $0 == person } }
            case 12:
                call = Groups.execute.reference.call(on: Groups.address, group, UInt64(number))
                expected = isMember && number < model.proposals.count && model.status(number, at: now) == .failing
                if expected { model.tryToRun(number) }
            default:
                call = Groups.close.reference.call(on: Groups.address, group, UInt64(number))
                expected = number < model.proposals.count && model.proposals[number].state == .open
                    && (model.proposals[number].proposer == person || [.expired, .superseded].contains(model.status(number, at: now)))
                if expected { model.proposals[number].state = .closed }
            }
            let receipt = chain.send(people[person], call)
            #expect(receipt.succeeded == expected, "\(call.method): \(receipt.outcome)")

            #expect(chain.balance(group) == Amount(model.balance) && chain.balance(target) == Amount(model.paid))
            let record = try #require(chain.ask(Groups.group.reference, of: Groups.address, group))
            #expect(record.revision == model.revision && Int(record.settings.threshold) == model.threshold)
            #expect(record.settings.members.elements == model.members.map { people[$0].address }.sorted())
            for member in model.members {
                let place = try #require(record.place(of: people[member].address))
                #expect(Int(record.open[place]) == model.open(of: member))
            }
            for number in max(0, model.proposals.count - 6)..<model.proposals.count {
                let view = try #require(chain.ask(Groups.proposal.reference, of: Groups.address, group, UInt64(number)))
                #expect(view.status == model.status(number, at: chain.time.rawValue))
                #expect(view.proposal.approvals.elements == model.proposals[number].approvals.map { people[$0].address })
                #expect((view.action != nil) == (model.proposals[number].state == .open))
                if view.status == .failing { failing += 1 }
            }
        }
        let executed = model.proposals.count(where: { $0.state == .executed })
        for (index, person) in people.enumerated() {
            let listed = chain.ask(Groups.groupsOf.reference, of: Groups.address, person.address, nil).map(\.group)
            #expect(listed == (model.members.contains(index) ? [group] : []))
        }
        #expect(executed > 10, "\(executed)")
        #expect(model.revision > 0 && failing > 0, "\(model.revision), \(failing)")
    }
}
