@testable import Consensus
import Primitives
import Testing

@Suite struct CensorshipTests {
    private let victim = Fixture.transaction(200)

    @Test func theClockRunsOnlyWithoutInterruption() {
        var clock = CensorshipClock()
        for _ in 0..<7 { clock.passedOver([victim]) }
        #expect(clock.due(after: 8).isEmpty)
        clock.passedOver([])
        for _ in 0..<7 { clock.passedOver([victim]) }
        #expect(clock.due(after: 8).isEmpty)
        clock.passedOver([victim])
        #expect(clock.due(after: 8) == [victim])
        clock.committed([victim])
        #expect(clock.due(after: 1).isEmpty)
    }

    @Test func onlyAWeakQuorumUpholdsAComplaint() {
        var clock = CensorshipClock()
        let validators = Fixture.validators([1, 1, 1, 1])
        clock.complained(0, about: victim)
        clock.complained(0, about: victim)
        #expect(clock.upheld(in: validators).isEmpty)
        clock.complained(1, about: victim)
        #expect(clock.upheld(in: validators) == [victim])
    }

    @Test func aSignersComplaintsAreBounded() {
        var clock = CensorshipClock()
        for number in 0..<1_000 {
            clock.complained(0, about: Fixture.transaction(number))
            clock.complained(1, about: Fixture.transaction(number))
        }
        #expect(clock.upheld(in: Fixture.validators([1, 1, 1, 1])).count == ConsensusLimits.complaintsPerSignerMax)
    }

    /// Every primary leaves the transaction out. After two turns of each the witnesses complain, and then withhold PREPARE from
    /// proposals without it; the chain still lives.
    @Test func complaintsAreRaisedAndWithholdVotes() {
        let network = Network()
        for node in network.nodes.indices { network.nodes[node].passesOver = [victim] }
        network.start()
        for number in 1...7 { network.submit(number) }
        network.pass(ticks: 5)
        #expect(!network.sent.contains { if case .complaint = $0.message { true } else { false } })
        network.submit(8)
        network.pass(ticks: 10)
        let complaints = network.sent.filter { if case .complaint = $0.message { true } else { false } }
        #expect(Set(complaints.map(\.from)) == [0, 1, 2, 3])
        let before = network.sent.count
        network.submit(9)
        #expect(network.heights[0] == 8, "a proposal without the transaction gets no vote")
        #expect(network.nodes[0].replica.report.refusal == .censoring(victim))
        #expect(!network.sent[before...].contains { $0.message.vote?.step == .prepare })
        // One primary that includes it ends the complaint.
        network.pending.insert(victim, at: 0)
        network.pass(ticks: 60)
        #expect(network.nodes[0].blocks.contains { $0.payload.contains(victim) })
        network.submit(10)
        network.pass(ticks: 40)
        #expect(network.nodes[0].blocks.contains { $0.payload.contains(Fixture.transaction(10)) })
        network.expectAgreement()
    }

    @Test func noTransactionIsWorthAStandstill() {
        let network = Network()
        for node in network.nodes.indices { network.nodes[node].passesOver = [victim] }
        network.start()
        for number in 1...8 { network.submit(number) }
        network.pass(ticks: 10)
        network.submit(9)
        network.pass(ticks: 400)
        #expect(network.heights[0] >= 9)
        network.expectAgreement()
    }
}
