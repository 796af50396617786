@testable import Consensus
import Primitives
import Testing

/// What one peer says again and again takes nothing from what the others say.
@Suite struct FloodTests {
    /// Anyone who kept a validator's old votes may send them again; they must not push out the votes of the views that matter.
    @Test func oldVotesPushOutNoNewerOnes() {
        let network = Network()
        network.start()
        network.loses = { $0.to != 0 }
        func replay(_ views: some Sequence<UInt64>) {
            for view in views {
                let statement = PrepareStatement(epoch: 0, height: 1, view: View(view), draftDigest: .zero)
                network.inject(.prepare(Fixture.vote(1, statement)), to: 0, from: 2)
            }
        }
        replay(0..<8)
        replay(0..<4)
        let kept = network.nodes[0].replica.round.prepares.votes(of: 1).map(\.statement.view)
        #expect(kept.sorted() == [4, 5, 6, 7])
    }

    /// Proposals of views that are over take no place from the one that is awaited.
    @Test func earlyProposalsOfViewsThatAreOverGiveWay() {
        let network = Network()
        network.start()
        network.loses = { $0.to != 0 }
        func propose(_ view: View) {
            let proposal = Fixture.proposal(by: network.primary(view), view: view, at: network.genesis)
            network.inject(
                Fixture.prePrepare(proposal, by: network.primary(view), view: view, at: network.genesis), to: 0, from: network.primary(view))
        }
        for view in 1...ConsensusLimits.earlyProposalsMax { propose(View(UInt64(view))) }
        for signer in [1, 2] { network.inject(.viewChange(Fixture.viewChange(signer, to: 9, at: network.genesis)), to: 0, from: signer) }
        #expect(network.nodes[0].replica.view == 9)
        // Somebody puts another payload beside the vote of the primary.
        let proposal = Fixture.proposal(by: network.primary(9), view: 9, at: network.genesis)
        let mangled = Proposal(draft: proposal.draft, payload: [Fixture.transaction(1)])
        network.inject(Fixture.prePrepare(mangled, by: network.primary(9), view: 9, at: network.genesis), to: 0, from: 3)
        #expect(network.nodes[0].replica.round.early.isEmpty)
        propose(9)
        #expect(network.nodes[0].replica.round.early.map(\.message.vote.statement.view) == [9])
    }

    /// STATUS is small and its answers are large: however often one comes from a peer, the answer leaves now and then.
    @Test func aFloodOfStatusIsAnsweredNowAndThen() {
        let network = Network()
        network.start()
        let primary = network.primary()
        network.loses = { $0.to != primary }
        network.submit(1)
        let others = (0..<4).filter { $0 != primary }
        let reader = others[0]
        let statement = StatusStatement(epoch: 0, height: 1, view: 0, progress: .changingView, challenge: 0)
        let bytes = SigningDomain.status.signedBytes(statement, chainID: Fixture.chainID)
        let status = Status(
            signer: ValidatorIndex(UInt16(reader)), statement: statement,
            signature: TestCryptography.signature(bytes, by: Fixture.key(reader)), certificate: nil)
        func proposals() -> Int { network.sent.count { $0.from == primary && $0.message.vote?.step == .prePrepare } }
        for node in others { network.crash(node) }
        network.pass(ticks: 3)
        let before = proposals()
        for _ in 0..<100 { network.inject(.status(status), to: primary, from: reader) }
        #expect(proposals() == before + 1)
        network.pass(ticks: 3)
        network.inject(.status(status), to: primary, from: reader)
        #expect(proposals() == before + 2, "the next one is answered again")
    }
}
