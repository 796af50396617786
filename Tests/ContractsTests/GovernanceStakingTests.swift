import ChainKit
@testable import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// Governance over the real staking contract.
@Suite struct GovernanceStakingTests {
    @Test func votesHaveTheStakeOfTheLastBoundary() throws {
        let founders = (0..<4).map { Founder(UInt64($0)) }, dora = Person(10), emil = Person(11)
        let chain = TestChain(Catalogue.definitions, founders: founders, people: [dora, emil] + founders.map(\.person)) {
            $0.proposalDeposit = Amount(1_000)
        }
        func tokens(_ count: UInt64) -> Amount { Amount(UInt128(count) * Amount.unitsPerToken) }
        func delegate(_ person: Person, _ amount: Amount) {
            #expect(chain.send(person, Staking.delegate.reference.call(on: .staking, founders[0].address, value: amount)).succeeded)
        }
        func propose() throws -> UInt64 {
            let content = Governance.Content(title: "An opinion", action: .text)
            let receipt = chain.send(dora, Governance.propose.reference.call(on: .governance, content, value: Amount(1_000)))
            guard case .succeeded(let results) = receipt.outcome else { throw GovernanceFixture.Refused(receipt: receipt) }
            return try Governance.propose.reference.result(results.values[0])
        }
        func vote(_ person: Person, _ number: UInt64, _ option: Governance.VoteOption) -> Receipt {
            chain.send(person, Governance.vote.reference.call(on: .governance, number, option))
        }
        func view(_ number: UInt64) throws -> Governance.ProposalView {
            try #require(chain.ask(Governance.proposal.reference, of: .governance, number))
        }
        func tally(_ number: UInt64) throws -> [Amount] {
            let tally = try view(number).tally
            return [tally.yes, tally.no, tally.abstain, tally.veto]
        }

        // Bonded in the epoch of the proposal: too late for it.
        delegate(dora, tokens(5_000))
        delegate(emil, tokens(3_000))
        let early = try propose()
        #expect(try view(early).proposal.totalPower == tokens(40_000))
        #expect(vote(dora, early, .yes).code == GovernanceRejection.powerMissing.rawValue)
        #expect(vote(founders[0].person, early, .yes).succeeded)
        #expect(try tally(early) == [tokens(10_000), .zero, .zero, .zero])

        chain.endEpochs()
        let late = try propose()
        #expect(try view(late).proposal.totalPower == tokens(48_000))
        #expect(vote(founders[0].person, late, .yes).succeeded)
        #expect(try tally(late) == [tokens(18_000), .zero, .zero, .zero])
        #expect(vote(dora, late, .no).succeeded)
        #expect(try tally(late) == [tokens(13_000), tokens(5_000), .zero, .zero])
        // What was there at the boundary votes, though it has left since; it cannot be borrowed for a second vote.
        for person in [dora, emil] {
            #expect(chain.send(person, Staking.undelegate.reference.call(on: .staking, founders[0].address, nil)).succeeded)
        }
        #expect(vote(emil, late, .veto).succeeded)
        #expect(vote(dora, late, .abstain).succeeded)
        #expect(try tally(late) == [tokens(10_000), .zero, tokens(5_000), tokens(3_000)])
        chain.endEpochs()
        #expect(vote(emil, late, .no).succeeded)
        #expect(try tally(late) == [tokens(10_000), tokens(3_000), tokens(5_000), .zero])
        let after = try propose()
        #expect(vote(emil, after, .yes).code == GovernanceRejection.powerMissing.rawValue)
        #expect(try view(after).proposal.totalPower == tokens(40_000))
        #expect(vote(founders[1].person, early, .no).succeeded)
    }
}
