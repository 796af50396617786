import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

@Suite struct GroupsTests {
    let people = (0..<6).map { Person(UInt64($0)) }
    var alice: Person { people[0] }
    var bob: Person { people[1] }
    var carol: Person { people[2] }
    var stranger: Person { people[5] }

    func chain() -> TestChain { TestChain([Accounts.self, Groups.self, Module.self], people: people) }

    /// A group of alice, bob and carol that decides with two.
    func group(_ chain: TestChain, threshold: UInt8 = 2, members: [Person]? = nil) throws -> Address {
        let members = Bounded<32, Address>((members ?? [alice, bob, carol]).map(\.address))!
        let receipt = chain.send(alice, Groups.create.reference.call(on: Groups.address, members, threshold, "the three"))
        return try Groups.create.reference.result(result(receipt))
    }

    func result(_ receipt: Receipt) throws -> [UInt8] {
        guard case .succeeded(let results) = receipt.outcome else { throw Refused(receipt: receipt) }
        return results.values[0]
    }

    struct Refused: Error { let receipt: Receipt }

    func propose(_ chain: TestChain, _ person: Person, _ group: Address, _ action: Groups.Action, milliseconds: UInt64 = 1_000_000) -> Receipt {
        let expires = Timestamp(chain.time.rawValue + milliseconds)
        return chain.send(person, Groups.propose.reference.call(on: Groups.address, group, action, expires))
    }

    func number(_ receipt: Receipt) throws -> UInt64 { try Groups.propose.reference.result(result(receipt)) }

    func approve(_ chain: TestChain, _ person: Person, _ group: Address, _ number: UInt64, gasLimit: UInt64 = 20_000_000) -> Receipt {
        chain.send(person, Groups.approve.reference.call(on: Groups.address, group, number), gasLimit: gasLimit)
    }

    func view(_ chain: TestChain, _ group: Address, _ number: UInt64) -> Groups.ProposalView? {
        chain.ask(Groups.proposal.reference, of: Groups.address, group, number)
    }

    func pay(_ to: Address, _ amount: UInt128) -> Call { Accounts.transfer.reference.call(on: .accounts, to, value: Amount(amount)) }

    func calls(_ list: Call...) -> Groups.Action { .calls(Bounded(list)!) }

    @Test func theLastApprovalPaysFromTheGroup() throws {
        let chain = chain()
        let group = try group(chain)
        #expect(group == Address.subaccount(0, of: Groups.address))
        chain.send(alice, pay(group, 1_000))
        let number = try number(propose(chain, alice, group, calls(pay(stranger.address, 300), pay(carol.address, 200))))
        #expect(view(chain, group, number)?.status == .collecting)
        #expect(chain.balance(group) == Amount(1_000))
        let before = chain.balance(stranger.address)
        #expect(approve(chain, bob, group, number).succeeded)
        #expect(chain.events(Groups.Executed.self) == [Groups.Executed(group: group, number: number)])
        #expect(chain.events(Transferred.self).map(\.from) == [group, group])
        #expect(chain.balance(group) == Amount(500))
        #expect(chain.balance(stranger.address) == before.adding(Amount(300)))
        let after = try #require(view(chain, group, number))
        #expect(after.status == .executed && after.action == nil && after.proposal.approvals.elements == [alice.address, bob.address])
        #expect(approve(chain, carol, group, number).code == GroupsRejection.proposalNotOpen.rawValue)
        #expect(chain.ask(Groups.group.reference, of: Groups.address, group)?.open.elements == [0, 0, 0])
    }

    @Test func aGroupOfOneActsAtOnce() throws {
        let chain = chain()
        let group = try group(chain, threshold: 1, members: [alice])
        chain.send(alice, pay(group, 10))
        #expect(propose(chain, alice, group, calls(pay(bob.address, 10))).succeeded)
        #expect(chain.balance(group) == .zero)
    }

    @Test func aFailingCallIsRecordedAndLeavesNothingHalfDone() throws {
        let chain = chain()
        let group = try group(chain)
        chain.send(alice, pay(group, 1_000))
        let fail = Module.fail.reference.call(on: Module.address)
        let number = try number(propose(chain, alice, group, calls(pay(stranger.address, 300), fail)))
        let before = chain.balance(stranger.address)
        #expect(approve(chain, bob, group, number).succeeded)
        #expect(chain.balance(stranger.address) == before && chain.balance(group) == Amount(1_000))
        let failure = try #require(chain.events(Groups.Failed.self).first?.failure)
        #expect(failure.contract == Module.address && failure.code == 100 && failure.message == "as asked")
        #expect(chain.events(Transferred.self).isEmpty)
        let seen = try #require(view(chain, group, number))
        #expect(seen.status == .failing && seen.proposal.failure == failure && seen.action != nil)
        #expect(chain.send(stranger, Groups.execute.reference.call(on: Groups.address, group, number)).code == GroupsRejection.notMember.rawValue)
        // A failure for want of money can be tried again when there is some.
        let large = try self.number(propose(chain, alice, group, calls(pay(stranger.address, 5_000))))
        #expect(approve(chain, carol, group, large).succeeded)
        #expect(view(chain, group, large)?.proposal.failure?.code == SystemRejection.balanceTooLow.rawValue)
        chain.send(alice, pay(group, 4_000))
        #expect(chain.send(carol, Groups.execute.reference.call(on: Groups.address, group, large)).succeeded)
        #expect(view(chain, group, large)?.status == .executed)
        #expect(chain.balance(group) == .zero)
    }

    @Test func aMemberWithLittleGasSpoilsNothing() throws {
        let chain = chain()
        let group = try group(chain)
        chain.send(alice, pay(group, 1_000))
        let number = try number(propose(chain, alice, group, calls(pay(stranger.address, 1_000))))
        for gas in stride(from: UInt64(120_000), through: 700_000, by: 20_000) {
            let receipt = approve(chain, carol, group, number, gasLimit: gas)
            let seen = try #require(view(chain, group, number))
            if seen.status == .executed { break }
            if receipt.succeeded {
                #expect(seen.status == .failing && seen.proposal.failure?.code == 0)
                #expect(chain.send(carol, Groups.revoke.reference.call(on: Groups.address, group, number)).succeeded)
            } else {
                #expect(seen.proposal.approvals.elements == [alice.address])
            }
            #expect(chain.balance(group) == Amount(1_000))
        }
        let status = view(chain, group, number)?.status
        #expect(status == .executed || approve(chain, bob, group, number).succeeded)
        #expect(chain.balance(group) == .zero)
    }

    @Test func gasEatersAndShoutersFailLikeOthers() throws {
        let chain = chain()
        let group = try group(chain)
        let eater = try number(propose(chain, alice, group, calls(Module.burnGas.reference.call(on: Module.address))))
        #expect(approve(chain, bob, group, eater).succeeded)
        #expect(view(chain, group, eater)?.proposal.failure?.code == 0)
        let shouter = try number(propose(chain, alice, group, calls(Module.shout.reference.call(on: Module.address, 255))))
        #expect(approve(chain, bob, group, shouter).succeeded)
        #expect(view(chain, group, shouter)?.proposal.failure?.code == SystemRejection.eventsOverLimit.rawValue)
        #expect(chain.last?.events.map(\.event.name) == ["Approved", "Failed"])
    }

    @Test func reEntryIsRefused() throws {
        let chain = chain()
        let group = try group(chain)
        let own = Groups.approve.reference.call(on: Groups.address, group, 0)
        #expect(propose(chain, alice, group, calls(own)).code == GroupsRejection.callsItself.rawValue)
        let around = Module.callBack.reference.call(on: Module.address, own)
        let number = try number(propose(chain, alice, group, calls(around)))
        #expect(approve(chain, bob, group, number).succeeded)
        #expect(view(chain, group, number)?.proposal.failure?.code == SystemRejection.reentrancy.rawValue)
    }

    @Test func onlyTheGroupChangesItsMembers() throws {
        let chain = chain()
        let group = try group(chain)
        let other = Groups.Settings(members: Bounded([alice.address, stranger.address])!, threshold: 2, label: "two")
        let waiting = try number(propose(chain, carol, group, calls(pay(carol.address, 1))))
        let change = try number(propose(chain, alice, group, .settings(other)))
        #expect(approve(chain, carol, group, change).succeeded)
        let after = try #require(chain.ask(Groups.group.reference, of: Groups.address, group))
        #expect(after.settings.members.elements == [alice.address, stranger.address].sorted())
        #expect(after.revision == 1 && after.settings.threshold == 2 && after.settings.label == "two")
        #expect(chain.events(Groups.Changed.self).first?.revision == 1)
        #expect(chain.ask(Groups.groupsOf.reference, of: Groups.address, bob.address, nil).isEmpty)
        #expect(chain.ask(Groups.groupsOf.reference, of: Groups.address, stranger.address, nil).map(\.group) == [group])
        // What the earlier members had begun cannot run: not by them, not with the approvals of the new ones.
        #expect(view(chain, group, waiting)?.status == .superseded)
        #expect(approve(chain, bob, group, waiting).code == GroupsRejection.notMember.rawValue)
        #expect(approve(chain, stranger, group, waiting).code == GroupsRejection.proposalSuperseded.rawValue)
        #expect(chain.send(bob, Groups.close.reference.call(on: Groups.address, group, waiting)).succeeded)
        #expect(view(chain, group, waiting)?.action == nil)
        // An invalid change is refused when it is proposed.
        let bad = Groups.Settings(members: Bounded([alice.address])!, threshold: 2)
        #expect(propose(chain, alice, group, .settings(bad)).code == GroupsRejection.thresholdWrong.rawValue)
    }

    @Test func whatCreateRefuses() throws {
        let chain = chain()
        func code(_ members: [Address], _ threshold: UInt8) -> UInt32? {
            chain.send(alice, Groups.create.reference.call(on: Groups.address, Bounded(members)!, threshold, nil)).code
        }
        #expect(code([], 0) == GroupsRejection.membersWrong.rawValue)
        #expect(code([alice.address, alice.address], 1) == GroupsRejection.membersWrong.rawValue)
        #expect(code([alice.address, Address()], 1) == GroupsRejection.membersWrong.rawValue)
        #expect(code([alice.address], 0) == GroupsRejection.thresholdWrong.rawValue)
        #expect(code([alice.address], 2) == GroupsRejection.thresholdWrong.rawValue)
        let group = try group(chain)
        #expect(code([alice.address, group], 1) == GroupsRejection.memberIsGroup.rawValue)
        #expect(chain.send(alice, Call(contract: Groups.address, method: "create", arguments: [33])).code == SystemRejection.argumentsMalformed.rawValue)
    }

    @Test func approvalsAreTakenBackAndExpire() throws {
        let chain = chain()
        let group = try group(chain, threshold: 3)
        let number = try number(propose(chain, alice, group, calls(pay(bob.address, 1)), milliseconds: 20_000))
        #expect(approve(chain, alice, group, number).code == GroupsRejection.approvedAlready.rawValue)
        #expect(approve(chain, stranger, group, number).code == GroupsRejection.notMember.rawValue)
        #expect(approve(chain, bob, group, 7).code == GroupsRejection.proposalUnknown.rawValue)
        #expect(approve(chain, bob, stranger.address, number).code == GroupsRejection.groupUnknown.rawValue)
        #expect(approve(chain, bob, group, number).succeeded)
        let revoke = Groups.revoke.reference.call(on: Groups.address, group, number)
        #expect(chain.send(carol, revoke).code == GroupsRejection.notApproved.rawValue)
        #expect(chain.send(alice, revoke).succeeded)
        #expect(chain.events(Groups.Revoked.self).map(\.member) == [alice.address])
        #expect(chain.send(bob, Groups.execute.reference.call(on: Groups.address, group, number)).code == GroupsRejection.approvalsMissing.rawValue)
        let close = Groups.close.reference.call(on: Groups.address, group, number)
        #expect(chain.send(stranger, close).code == GroupsRejection.notClosable.rawValue)
        let expires = try #require(view(chain, group, number)).proposal.expires
        let late = Groups.approve.reference.call(on: Groups.address, group, number)
        chain.advance([chain.transaction(carol, [late])], time: expires)
        #expect(chain.last?.receipts[0].code == GroupsRejection.proposalExpired.rawValue)
        #expect(view(chain, group, number)?.status == .expired)
        #expect(approve(chain, carol, group, number).code == GroupsRejection.proposalExpired.rawValue)
        #expect(chain.send(stranger, close).succeeded)
        #expect(chain.events(Groups.Closed.self).map(\.account) == [stranger.address])
        #expect(chain.send(alice, close).code == GroupsRejection.proposalNotOpen.rawValue)
    }

    @Test func whatAProposalMayBeIsBounded() throws {
        let chain = chain()
        let group = try group(chain)
        #expect(propose(chain, alice, group, calls()).code == GroupsRejection.actionEmpty.rawValue)
        #expect(propose(chain, stranger, group, calls(pay(bob.address, 1))).code == GroupsRejection.notMember.rawValue)
        #expect(propose(chain, alice, group, calls(pay(bob.address, 1)), milliseconds: 0).code == GroupsRejection.expiryWrong.rawValue)
        #expect(propose(chain, alice, group, calls(pay(bob.address, 1)), milliseconds: 91 * 86_400_000).code == GroupsRejection.expiryWrong.rawValue)
        let long = Call(contract: Module.address, method: "keep", arguments: [UInt8](repeating: 1, count: Groups.actionBytesMax))
        #expect(propose(chain, alice, group, .calls(Bounded([long])!)).code == GroupsRejection.actionTooLong.rawValue)
        for _ in 0..<Groups.openPerMemberMax { #expect(propose(chain, alice, group, calls(pay(bob.address, 1))).succeeded) }
        #expect(propose(chain, alice, group, calls(pay(bob.address, 1))).code == GroupsRejection.openOverLimit.rawValue)
        #expect(propose(chain, bob, group, calls(pay(bob.address, 1))).succeeded)
        #expect(chain.send(alice, Groups.close.reference.call(on: Groups.address, group, 0)).succeeded)
        #expect(propose(chain, alice, group, calls(pay(bob.address, 1))).succeeded)
        let numbers = chain.ask(Groups.proposals.reference, of: Groups.address, group, nil).map(\.number)
        #expect(numbers == Array((0..<10).reversed()))
        #expect(chain.ask(Groups.proposals.reference, of: Groups.address, group, 2).map(\.number) == [1, 0])
    }

    @Test func aGroupHoldsAPermission() throws {
        let chain = chain()
        let group = try group(chain)
        #expect(chain.send(alice, Module.begin.reference.call(on: Module.address, .account(alice.address))).succeeded)
        #expect(chain.send(bob, Module.set.reference.call(on: Module.address, 1)).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Module.set.reference.call(on: Module.address, 1)).succeeded)
        #expect(chain.send(bob, Module.offer.reference.call(on: Module.address, .group(group))).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Module.accept.reference.call(on: Module.address)).code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Module.offer.reference.call(on: Module.address, .group(group))).succeeded)
        // Nothing changes before the new holder accepts, and an offer can be taken back.
        #expect(chain.send(alice, Module.set.reference.call(on: Module.address, 2)).succeeded)
        #expect(chain.send(alice, Module.offer.reference.call(on: Module.address, nil)).succeeded)
        let accept = Module.accept.reference.call(on: Module.address)
        let early = try self.number(propose(chain, alice, group, calls(accept)))
        #expect(approve(chain, bob, group, early).succeeded)
        #expect(view(chain, group, early)?.proposal.failure?.code == SystemRejection.unauthorised.rawValue)
        #expect(chain.send(alice, Module.offer.reference.call(on: Module.address, .group(group))).succeeded)
        #expect(chain.send(carol, Groups.execute.reference.call(on: Groups.address, group, early)).succeeded)
        #expect(chain.ask(Module.held.reference, of: Module.address) == HeldPermission(.group(group)))
        #expect(chain.send(alice, Module.set.reference.call(on: Module.address, 3)).code == SystemRejection.unauthorised.rawValue)
        chain.send(bob, pay(group, 5))
        let set = Module.set.reference.call(on: Module.address, 3, value: Amount(5))
        let number = try number(propose(chain, bob, group, calls(set)))
        #expect(approve(chain, carol, group, number).succeeded)
        #expect(chain.ask(Module.value.reference, of: Module.address) == 3)
        #expect(chain.balance(group) == .zero && chain.balance(Module.address) == Amount(5))
    }
}
