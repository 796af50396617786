@testable import Consensus
import Primitives
import Testing

@Suite struct TimeTests {
    /// Precision 500 ms, delay 2,000 ms. Arrival at genesis + 1,000 (the network's clock at the start).
    @Test(arguments: [
        (time: 1_000, votes: true), (1_500, true), (1_501, false), (1, true), (3_000, false),
    ]) func aProposalMustBeTimely(_ time: UInt64, _ votes: Bool) {
        #expect(votesFor(time: time, clock: 1_000) == votes)
    }

    @Test(arguments: [(time: 1_000, votes: true), (999, false)]) func aProposalMustNotBeOld(_ time: UInt64, _ votes: Bool) {
        #expect(votesFor(time: time, clock: 3_500) == votes)
    }

    private func votesFor(time: UInt64, clock: UInt64) -> Bool {
        let network = Network()
        network.start()
        network.clock = Timestamp(Fixture.genesisTime.rawValue + clock)
        let primary = network.primary()
        let backup = (primary + 1) % 4
        network.loses = { $0.to != backup }
        let proposal = Fixture.proposal(by: primary, at: network.genesis, time: time)
        network.inject(Fixture.prePrepare(proposal, by: primary, at: network.genesis), to: backup, from: primary)
        let voted = network.sent.contains { $0.from == backup && $0.message.vote?.step == .prepare }
        if !voted, case .untimely? = network.nodes[backup].replica.report.refusal {} else { #expect(voted) }
        return voted
    }

    @Test func timeMustIncrease() {
        let network = Network()
        network.start()
        network.submit(1)
        let position = network.nodes[0].replica.position
        let primary = network.primary()
        let backup = (primary + 1) % 4
        let proposal = Fixture.proposal(by: primary, at: position, time: 0)
        network.inject(Fixture.prePrepare(proposal, by: primary, at: position), to: backup, from: primary)
        #expect(network.nodes[backup].replica.report.refusal == .timeNotIncreasing)
    }

    /// The others found the proposal timely. A replica that did not gives no PREPARE, but it does COMMIT.
    @Test func aPreparedCertificateOverridesTimeliness() {
        let network = Network()
        network.start()
        let late = (network.primary() + 1) % 4
        network.nodes[late].skew = 60_000
        network.submit(1)
        #expect(network.heights == [1, 1, 1, 1])
        #expect(!network.sent.contains { $0.from == late && $0.message.vote?.step == .prepare })
        #expect(network.sent.contains { $0.from == late && $0.message.vote?.step == .commit })
    }

    /// The delay of 2,000 ms grows by a tenth per view, in whole milliseconds.
    @Test func patienceForProposalsGrowsWithTheView() {
        let network = Network()
        let replica = network.nodes[0].replica
        func latest(_ view: View) -> UInt64 {
            let draft = Fixture.proposal(by: 0, view: view, at: network.genesis).draft
            var arrival = draft.time.rawValue
            while replica.lateness(of: draft, arrival: Timestamp(arrival + 1)) == 0 { arrival += 1 }
            return arrival - draft.time.rawValue
        }
        #expect([0, 1, 2, 3].map { latest($0) } == [2_500, 2_700, 2_920, 3_162])
    }

    /// A primary whose clock is a minute ahead makes no block; the next one does, and time stays with the majority.
    @Test func aFastPrimaryLosesItsTurn() {
        let network = Network()
        network.start()
        let fast = network.primary()
        network.nodes[fast].skew = 60_000
        network.submit(1)
        network.pass(ticks: 40)
        let other = (fast + 1) % 4
        #expect(network.heights[other] == 1)
        #expect(network.nodes[other].blocks[0].header.draft.originView > 0)
        #expect(network.nodes[other].blocks[0].header.draft.time < Timestamp(network.clock.rawValue + 1_000))
    }

    @Test func theProposerWaitsUntilItsClockIsPastTheParent() {
        let network = Network()
        network.start()
        let slow = network.primary()
        network.nodes[slow].skew = -2_000
        network.pass(ticks: 1)
        network.submit(1)
        #expect(!network.sent.contains { $0.from == slow && $0.message.vote?.step == .prePrepare })
        network.pass(ticks: 7)
        #expect(!network.sent.contains { $0.from == slow && $0.message.vote?.step == .prePrepare })
        network.nodes[slow].skew = 0
        network.pass(ticks: 1)
        #expect(network.heights == [1, 1, 1, 1])
    }
}
