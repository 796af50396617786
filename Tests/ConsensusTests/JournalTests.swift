@testable import Consensus
import Primitives
import Testing

@Suite struct JournalTests {
    @Test func theGuardSignsOnlyUpwards() {
        var guarded = VoteGuard()
        func prepare(_ height: Height, _ view: View, _ digest: Digest = .zero) -> PrepareStatement {
            PrepareStatement(epoch: 0, height: height, view: view, draftDigest: digest)
        }
        func change(_ height: Height, _ view: View) -> ViewChangeStatement {
            ViewChangeStatement(epoch: 0, height: height, view: view, parentHash: .zero, prepared: nil)
        }
        func verdict(_ statement: some ConsensusStatement) -> String {
            switch guarded.verdict(for: statement, chainID: Fixture.chainID) {
            case .sign: "sign"
            case .again: "again"
            case .refuse: "refuse"
            }
        }
        #expect(verdict(prepare(5, 2)) == "sign")
        let stored = ConsensusMessage.prepare(Fixture.vote(0, prepare(5, 2)))
        guarded.record(stored)
        #expect(verdict(prepare(5, 2)) == "again")
        if case .again(let message) = guarded.verdict(for: prepare(5, 2), chainID: Fixture.chainID) {
            #expect(message.bcs == stored.bcs, "the stored bytes come back")
        }
        #expect(verdict(prepare(5, 2, Fixture.transaction(1))) == "refuse")
        #expect(verdict(change(5, 2)) == "refuse", "VIEW-CHANGE is below PREPARE of its view")
        #expect(verdict(prepare(4, 9)) == "refuse")
        #expect(verdict(change(5, 3)) == "sign")
        guarded.record(.viewChange(ViewChange(vote: Fixture.vote(0, change(5, 3)), prepared: nil)))
        #expect(verdict(prepare(5, 2)) == "refuse")
        #expect(verdict(prepare(5, 3)) == "sign")
        guarded.raiseFloor(to: 7)
        #expect(verdict(prepare(7, 0)) == "refuse")
        #expect(verdict(prepare(8, 0)) == "sign")
    }

    /// A replica crashes behind each of its records in turn and comes back. It never contradicts itself, and the chain goes on.
    @Test(arguments: 0..<14, [false, true]) func aCrashBehindAnyRecordIsHarmless(_ records: Int, _ primaryDies: Bool) {
        let network = Network()
        network.start()
        let victim = primaryDies ? network.primary() : (network.primary() + 1) % 4
        network.nodes[victim].recordsUntilCrash = records
        for number in 1...3 { network.submit(number) }
        network.pass(ticks: 30)
        network.nodes[victim].recordsUntilCrash = nil
        network.restart(victim)
        network.pass(ticks: 120)
        network.submit(9)
        network.pass(ticks: 60)
        network.expectAgreement()
        #expect(Set(network.heights).count == 1)
        for node in network.nodes {
            #expect(Set(node.blocks.flatMap(\.payload)) == Set(network.pending))
            #expect(node.evidence.isEmpty)
        }
    }

    /// Power fails everywhere while a block is prepared and not committed; the nodes come back one after another.
    @Test func powerLossOfAllWithStaggeredReturn() {
        let network = Network()
        network.start()
        network.loses = { if case .commit = $0.message { true } else { false } }
        network.submit(1)
        let digest = network.nodes[0].journal.prepared?.certificate.statement.draftDigest
        #expect(digest != nil)
        for node in 0..<4 { network.crash(node) }
        network.loses = { _ in false }
        network.letters = []
        for node in 0..<4 {
            network.restart(node)
            network.pass(ticks: 25)
        }
        network.pass(ticks: 60)
        #expect(network.heights == [1, 1, 1, 1])
        #expect(network.nodes.allSatisfy { $0.blocks.first?.certificate.statement.draftDigest == digest })
        network.expectAgreement()
    }

    @Test func twoOfFourRestart() {
        let network = Network()
        network.start()
        network.submit(1)
        network.crash(0)
        network.crash(1)
        network.submit(2)
        network.pass(ticks: 100)
        #expect(network.heights[2] == 1 && network.heights[3] == 1)
        network.restart(0)
        network.restart(1)
        network.pass(ticks: 100)
        #expect(network.heights == [2, 2, 2, 2])
        network.expectAgreement()
    }

    @Test func theReplayedJournalIsTheLiveState() throws {
        let network = Network(parameters: Fixture.parameters(epochBlocks: 3))
        network.start()
        for number in 1...5 { network.submit(number) }
        for node in network.nodes {
            #expect(node.journal.position == node.replica.position)
            #expect(node.journal.voteGuard == node.replica.voteGuard)
            #expect(try ReplicaState(bcs: node.journal.bcs) == node.journal)
        }
    }

    // MARK: The lost journal

    @Test func aLostJournalBarsTwoHeights() {
        let network = Network()
        network.start()
        for number in 1...3 { network.submit(number) }
        let victim = network.primary()
        network.crash(victim)
        network.restart(victim, .journalLost(challenge: 99), losingJournal: true)
        #expect(network.nodes[victim].alarms.isEmpty, "whether the epoch ends with the next block is not known yet")
        let before = network.sent.count
        for number in 4...8 {
            network.submit(number)
            network.pass(ticks: 30)
        }
        #expect(Set(network.heights).count == 1 && network.heights[0] >= 6)
        #expect(network.nodes[victim].alarms == [.journalLossResolved(floor: 5)])
        let votes = network.sent[before...].filter { $0.from == victim }.compactMap(\.message.vote)
        #expect(!votes.isEmpty, "it votes again above the floor")
        #expect(votes.allSatisfy { $0.place.height > 5 })
        network.expectAgreement()
    }

    @Test func recoveryNeedsAQuorumWithoutOneself() {
        let network = Network()
        network.start()
        network.submit(1)
        network.crash(0)
        network.crash(1)
        network.restart(1, .journalLost(challenge: 4), losingJournal: true)
        network.pass(ticks: 50)
        #expect(network.nodes[1].replica.health == .recovering(challenge: 4))
        #expect(network.nodes[1].replica.report.awaiting == .recovery)
        #expect(network.nodes[1].replica.report.missing.map(\.rawValue) == [0])
        network.restart(0)
        network.pass(ticks: 20)
        #expect(network.nodes[1].replica.health == .recovering(challenge: 4))
        #expect(network.nodes[1].replica.report.missing.isEmpty, "now it waits for a block")
        network.submit(2)
        network.pass(ticks: 20)
        #expect(network.nodes[1].replica.health == .voting)
    }

    /// Answers to another challenge are old messages that somebody kept.
    @Test func oldAnswersDoNotCount() {
        let network = Network()
        network.start()
        network.crash(0)
        network.loses = { $0.from == 0 }
        network.restart(0, .journalLost(challenge: 5), losingJournal: true)
        for signer in 1...3 {
            let statement = StatusStatement(epoch: 0, height: 1, view: 0, progress: .awaitingProposal, challenge: 6)
            let bytes = SigningDomain.status.signedBytes(statement, chainID: Fixture.chainID)
            let status = Status(
                signer: ValidatorIndex(UInt16(signer)), statement: statement,
                signature: TestCryptography.signature(bytes, by: Fixture.key(signer)), certificate: nil)
            network.inject(.status(status), to: 0, from: signer)
        }
        #expect(network.nodes[0].replica.health == .recovering(challenge: 5))
    }

    /// The voters of the old epoch, none of whom has seen its end, answer truthfully, and say nothing about what the lost
    /// journal held of the epochs after it, whose voters are others.
    @Test func answersOfAnEpochThatIsOverAreNotEnough() {
        let network = Network(parameters: Fixture.parameters(epochBlocks: 4), observers: 3)
        network.nextEpoch = { position in
            NextEpoch(
                validators: Fixture.validators([1, 1, 1, 1], epoch: position.epoch.epoch.successor, firstKey: 3),
                parameters: position.epoch.parameters)
        }
        network.start()
        for number in 1...3 { network.submit(number) }
        let early = (state: ReplicaState(position: network.nodes[3].journal.position), blocks: network.nodes[3].blocks)
        // Three voters of epoch 0 never hear that its last block is decided.
        network.withholdsBlocks = [3, 4, 5, 6]
        network.loses = { if case .commit = $0.message { $0.to < 3 } else { false } }
        for number in 4...6 { network.submit(number) }
        #expect(network.heights == [3, 3, 3, 6, 6, 6, 6])
        network.loses = { if case .commit = $0.message { true } else { false } }
        network.submit(7)
        #expect(network.sent.contains { $0.from == 3 && $0.message.vote?.step == .commit && $0.message.height == 7 })
        network.crash(3)
        network.nodes[3].journal = early.state
        network.nodes[3].blocks = early.blocks
        let before = network.sent.count
        network.loses = { letter in
            if case .commit = letter.message { return true }
            return (letter.from <= 3) != (letter.to <= 3)
        }
        network.restart(3, .journalLost(challenge: 9))
        network.pass(ticks: 20)
        network.withholdsBlocks = []
        network.loses = { if case .commit = $0.message { true } else { false } }
        network.pass(ticks: 60)
        network.loses = { _ in false }
        for number in 8...12 {
            network.submit(number)
            network.pass(ticks: 30)
        }
        let votes = network.sent[before...].filter { $0.from == 3 }.compactMap(\.message.vote)
        #expect(network.heights[3] >= 10 && !votes.isEmpty, "it follows, and votes in the end")
        #expect(votes.allSatisfy { $0.place.height > 7 }, "it voted there before")
        #expect(network.nodes.allSatisfy { $0.evidence.isEmpty && !$0.alarms.contains { if case .ownKeyElsewhere = $0 { true } else { false } } })
        network.expectAgreement()
    }

    @Test func theOperatorsOverrideIsLoggedAndVotes() {
        let network = Network()
        network.start()
        network.submit(1)
        for node in 0..<4 { network.crash(node) }
        for node in 0..<4 { network.restart(node, .journalLostOverridden, losingJournal: true) }
        #expect(network.nodes.allSatisfy { $0.alarms == [.journalLossOverridden(floor: 1)] })
        network.submit(2)
        network.pass(ticks: 30)
        #expect(network.heights == [2, 2, 2, 2])
    }
}
