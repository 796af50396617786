@testable import Consensus
import Cryptography
import Primitives
import Testing

@Suite struct HaltTests {
    @Test func aReplicaWithAnotherResultStopsVoting() {
        let network = Network()
        network.start()
        network.submit(1)
        let odd = (network.primary() + 1) % 4
        network.nodes[odd].root = Fixture.transaction(50)
        network.submit(2)
        guard case .diverged(let height, let own, let certified)? = network.nodes[odd].alarms.first else {
            Issue.record("no alarm")
            return
        }
        #expect(height == 2 && own != certified)
        #expect(network.heights.enumerated().allSatisfy { $0.offset == odd ? $0.element == 1 : $0.element == 2 })
        let before = network.sent.count
        network.submit(3)
        network.pass(ticks: 50)
        #expect(!network.sent[before...].contains { $0.from == odd && $0.message.vote != nil })
        #expect(network.heights.max() == 3, "the others go on")
        #expect(network.nodes[odd].replica.report.awaiting == .operatorDecision)
        #expect(network.nodes[odd].alarms.count == 1)
    }

    /// Two roots, two replicas each: the chain stands still, forks nowhere, and every node can say who computed what.
    @Test func differentResultsHaltTheChainLoudly() throws {
        let network = Network()
        network.start()
        for node in 2..<4 { network.nodes[node].root = Fixture.transaction(50) }
        network.submit(1)
        network.pass(ticks: 100)
        #expect(network.heights == [0, 0, 0, 0])
        for node in network.nodes {
            let groups = try #require(node.alarms.lazy.compactMap { alarm -> [ResultGroup]? in
                if case .resultsDiffer(1, let groups) = alarm { groups } else { nil }
            }.first)
            #expect(groups.flatMap(\.signers).count >= 3)
            #expect(groups.allSatisfy { group in group.signers.allSatisfy { ($0 >= 2) == (group.result.stateRoot == Fixture.transaction(50)) } })
        }
        network.expectAgreement()
    }

    @Test func theReportNamesWhoseVotesAreMissing() {
        let network = Network()
        network.start()
        let primary = network.primary()
        let (silent, other) = ((primary + 1) % 4, (primary + 2) % 4)
        network.loses = { $0.from == silent || $0.from == other }
        network.submit(1)
        network.pass(ticks: 3)
        let report = network.nodes[primary].replica.report
        #expect(report.height == 1 && report.view == 0 && report.progress == .prepareSent)
        #expect(report.awaiting == .prepares)
        #expect(report.missing == [silent, other].sorted().map { ValidatorIndex(UInt16($0)) })
        #expect(report.sinceTicks >= 3)
        #expect(Int(report.primary.rawValue) == primary)
    }

    @Test func theReportNamesAMissingPrimary() {
        let network = Network()
        network.start()
        let primary = network.primary()
        network.crash(primary)
        network.submit(1)
        let report = network.nodes[(primary + 1) % 4].replica.report
        #expect(report.awaiting == .proposal)
        #expect(report.missing == [ValidatorIndex(UInt16(primary))])
    }

    @Test func anInvalidProposalGetsNoVoteAndAReason() {
        let network = Network()
        network.start()
        let primary = network.primary()
        let backup = (primary + 1) % 4
        let good = Fixture.proposal(by: primary, at: network.genesis)
        let strange = Fixture.proposal(by: backup, at: network.genesis)
        network.inject(Fixture.prePrepare(strange, by: backup, at: network.genesis), to: (primary + 2) % 4, from: backup)
        #expect(network.nodes[(primary + 2) % 4].replica.report.refusal == .notFromPrimary)
        let otherTime = Fixture.proposal(by: primary, at: network.genesis, time: 1_200)
        let mixed = PrePrepare(
            vote: Fixture.vote(primary, PrePrepareStatement(epoch: 0, height: 1, view: 0, draftDigest: Fixture.digest(good))),
            proposal: otherTime, parentCertificate: nil)
        network.inject(.prePrepare(mixed), to: backup, from: primary)
        guard case .malformed? = network.nodes[backup].replica.report.refusal else {
            Issue.record("\(network.nodes[backup].replica.report)")
            return
        }
        #expect(!network.sent.contains { $0.from == backup && $0.message.vote?.step == .prepare })
    }

    /// The shell says that the bodies break a rule, or that the proof leads to another beacon.
    @Test(arguments: [false, true]) func theShellsVerdictCounts(_ wrongBeacon: Bool) {
        var replica = Network().nodes[0].replica
        let position = replica.position
        var effects: [Effect] = []
        replica.step(.start(.journalIntact, now: Fixture.genesisTime), into: &effects)
        let primary = Int(replica.round.primary(of: 0).rawValue)
        let index = Int(replica.ownIndex!.rawValue)
        let proposal = Fixture.proposal(by: primary, at: position)
        let checker = TestChecker(chainID: Fixture.chainID, sets: position.validatorSets)
        let message = try! Fixture.prePrepare(proposal, by: primary, at: position).authenticated(by: checker)
        effects = []
        replica.step(.message(message, from: Peer(9), arrival: proposal.draft.time), into: &effects)
        #expect(effects.contains { if case .check(let check) = $0 { check.proposal == proposal } else { false } })
        effects = []
        let verdict = wrongBeacon ? ProposalVerdict.valid(beacon: Beacon()) : .invalid(reason: "a nonce is missing")
        replica.step(.proposalChecked(draftDigest: Fixture.digest(proposal), verdict), into: &effects)
        #expect(!effects.contains { if case .persist = $0 { true } else { false } }, "\(index)")
        if !wrongBeacon { #expect(replica.report.refusal == .invalid("a nonce is missing")) }
    }
}
