@testable import Consensus
import Cryptography
import Primitives
import Testing

@Suite struct ViewChangeTests {
    private func others(than node: Int, of count: Int = 4) -> [Int] { (0..<count).filter { $0 != node } }

    @Test func aDeadPrimaryIsReplaced() {
        let network = Network()
        network.start()
        let (dead, next) = (network.primary(), network.primary(1))
        network.crash(dead)
        network.submit(1)
        network.pass(ticks: 40)
        let block = network.nodes[next].blocks[0]
        #expect(block.header.draft.originView == 1)
        #expect(Int(block.header.draft.proposer.rawValue) == next)
        #expect(block.certificate.statement.view == 1)
        network.expectAgreement()
    }

    /// The draft was prepared by all and committed by none. It comes back with the proposer and the view of its first proposal.
    @Test func aPreparedDraftSurvivesItsPrimary() {
        let network = Network()
        network.start()
        let primary = network.primary()
        network.loses = { if case .commit = $0.message { true } else { false } }
        network.submit(1)
        let digest = network.nodes[0].replica.round.prepared?.certificate.statement.draftDigest
        network.crash(primary)
        // Its COMMITs are lost for good, however often they are resent.
        network.loses = { if case .commit(let commit) = $0.message { commit.vote.statement.view == 0 } else { false } }
        network.pass(ticks: 60)
        for node in others(than: primary) {
            let block = network.nodes[node].blocks[0]
            #expect(block.certificate.statement.draftDigest == digest)
            #expect(block.certificate.statement.view > 0)
            #expect(block.header.draft.originView == 0)
            #expect(Int(block.header.draft.proposer.rawValue) == primary)
        }
        network.expectAgreement()
    }

    /// Only one replica saw the quorum of COMMITs. Whatever the others then do, it is the same block.
    @Test func aDecisionSeenByOneBindsAll() {
        let network = Network()
        network.start()
        let lucky = others(than: network.primary())[0]
        network.loses = { if case .commit = $0.message { $0.to != lucky } else { false } }
        network.submit(1)
        #expect(network.heights[lucky] == 1)
        network.crash(lucky)
        network.loses = { _ in false }
        network.pass(ticks: 60)
        network.restart(lucky)
        network.pass(ticks: 20)
        #expect(network.heights == [1, 1, 1, 1])
        network.expectAgreement()
    }

    /// One replica holds the certificate and not the proposal, two prepared the proposal and lack the certificate, and the fourth,
    /// which has the whole block, gives it to nobody. The view changes of the two carry the proposal to the one.
    @Test func aDecisionFindsItsProposalInAViewChange() throws {
        let network = Network()
        network.start()
        let faulty = others(than: network.primary())[0], late = others(than: network.primary())[1]
        network.loses = { letter in
            if letter.to == late { return true }
            if case .commit = letter.message { return letter.to != faulty }
            return false
        }
        network.submit(1)
        #expect(network.heights[faulty] == 1 && network.heights.filter { $0 == 1 }.count == 1)
        let block = try #require(network.nodes[faulty].blocks.first)
        network.crash(faulty)
        network.loses = { _ in false }
        let statement = StatusStatement(epoch: 0, height: 2, view: 0, progress: .awaitingProposal, challenge: 0)
        let bytes = SigningDomain.status.signedBytes(statement, chainID: Fixture.chainID)
        // It arrives while nothing else does, so that no proposal of this view comes in between.
        network.loses = { $0.from != faulty }
        network.inject(
            .status(Status(
                signer: ValidatorIndex(UInt16(faulty)), statement: statement,
                signature: TestCryptography.signature(bytes, by: Fixture.key(faulty)), certificate: block.certificate)),
            to: late, from: faulty)
        #expect(network.nodes[late].replica.round.decision != nil)
        network.pass(ticks: 12)
        network.loses = { if case .prePrepare = $0.message { true } else { false } }
        network.pass(ticks: 60)
        for node in others(than: faulty) { #expect(network.heights[node] >= 1, "node \(node): \(network.nodes[node].replica.report)") }
        network.expectAgreement()
    }

    @Test func aViewChangeWhileADecisionArrivesDoesNoHarm() {
        let network = Network()
        network.start()
        let late = others(than: network.primary())[0]
        // One replica hears no COMMIT, waits out its timer alone and leaves the view; then the decision reaches it.
        network.loses = { letter in
            guard letter.to == late else { return false }
            if case .commit = letter.message { return true }
            if case .status = letter.message { return true }
            return false
        }
        network.submit(1)
        network.withholdsBlocks = Set(others(than: late))
        network.pass(ticks: 12)
        #expect(network.nodes[late].replica.view == 1)
        #expect(network.heights.filter { $0 == 1 }.count == 3)
        network.withholdsBlocks = []
        network.loses = { _ in false }
        network.pass(ticks: 20)
        #expect(network.heights == [1, 1, 1, 1])
        #expect(network.nodes[late].replica.view == 0)
        network.expectAgreement()
    }

    @Test func aViewChangeForACommittedHeightIsAnsweredWithTheBlock() {
        let network = Network()
        network.start()
        let late = others(than: network.primary())[0]
        network.loses = { $0.to == late }
        network.submit(1)
        #expect(network.heights[late] == 0)
        network.loses = { $0.to == late }
        let change = Fixture.viewChange(late, to: 1, at: network.genesis)
        network.inject(.viewChange(change), to: (late + 1) % 4, from: late)
        #expect(network.heights == [1, 1, 1, 1])
    }

    /// 5 and 7 are claimed by one replica each. A weak quorum of four is two, therefore 5 is the largest view with a correct one.
    @Test func aReplicaJoinsTheLargestViewOfAWeakQuorum() {
        let network = Network()
        network.start()
        network.loses = { $0.to != 0 }
        network.inject(.viewChange(Fixture.viewChange(1, to: 7, at: network.genesis)), to: 0, from: 1)
        #expect(network.nodes[0].replica.view == 0, "one replica alone moves nobody")
        network.inject(.viewChange(Fixture.viewChange(2, to: 5, at: network.genesis)), to: 0, from: 2)
        #expect(network.nodes[0].replica.view == 5)
        network.inject(.viewChange(Fixture.viewChange(3, to: 9, at: network.genesis)), to: 0, from: 3)
        #expect(network.nodes[0].replica.view == 7)
        network.inject(.viewChange(Fixture.viewChange(1, to: View(.max), at: network.genesis)), to: 0, from: 1)
        #expect(network.nodes[0].replica.view == 7)
        let sent = network.sent.compactMap { if case .viewChange(let change) = $0.message { change.vote.statement.view } else { nil } }
        #expect(sent == [5, 7])
    }

    @Test func nothingOfALowerViewIsSignedAfterAViewChange() {
        let network = Network()
        network.start()
        let backup = others(than: network.primary())[0]
        network.loses = { $0.to != backup }
        for signer in others(than: backup).prefix(2) {
            network.inject(.viewChange(Fixture.viewChange(signer, to: 1, at: network.genesis)), to: backup, from: signer)
        }
        let proposal = Fixture.proposal(by: network.primary(), at: network.genesis)
        network.inject(Fixture.prePrepare(proposal, by: network.primary(), at: network.genesis), to: backup, from: network.primary())
        #expect(!network.sent.contains { $0.from == backup && $0.message.vote?.step == .prepare })
    }

    // MARK: What a backup demands of a NEW-VIEW

    private func newView(
        _ network: Network, changes: [ViewChange], prepared: PreparedProposal?, claim: PreparedClaim? = nil
    ) -> ConsensusMessage {
        let statement = NewViewStatement(
            epoch: 0, height: 1, view: 1, parentHash: network.genesis.headerHash, prepared: claim ?? prepared?.certificate.claim)
        return .newView(NewView(
            vote: Fixture.vote(network.primary(1), statement),
            viewChanges: changes.map(\.vote).sorted { $0.signer < $1.signer }, parentCertificate: nil, prepared: prepared)!)
    }

    private func opens(_ message: (Network, PreparedProposal) -> ConsensusMessage) -> Bool {
        let network = Network()
        network.start()
        let backup = others(than: network.primary(1))[0]
        network.loses = { $0.to != backup }
        let proposal = Fixture.proposal(by: network.primary(), at: network.genesis)
        let prepared = Fixture.prepared(proposal, in: 0, by: [0, 1, 2])
        network.inject(message(network, prepared), to: backup, from: network.primary(1))
        return network.nodes[backup].replica.view == 1 && network.nodes[backup].replica.round.view.open != nil
    }

    private func changes(_ network: Network, _ signers: [Int], claiming: Set<Int> = [], _ prepared: PreparedProposal) -> [ViewChange] {
        signers.map { Fixture.viewChange($0, to: 1, at: network.genesis, prepared: claiming.contains($0) ? prepared : nil) }
    }

    @Test func aNewViewMustFollowFromItsViewChanges() {
        #expect(opens { network, prepared in newView(network, changes: changes(network, [0, 1, 2], prepared), prepared: nil) })
        #expect(opens { network, prepared in
            newView(network, changes: changes(network, [0, 1, 2], claiming: [1], prepared), prepared: prepared)
        })
        #expect(!opens { network, prepared in newView(network, changes: changes(network, [0, 1], prepared), prepared: nil) }, "no quorum")
        #expect(!opens { network, prepared in
            newView(network, changes: changes(network, [0, 1, 2], claiming: [1], prepared), prepared: nil)
        }, "a claim is passed over")
        #expect(!opens { network, prepared in
            newView(network, changes: changes(network, [0, 1, 2], prepared), prepared: prepared)
        }, "nobody claims what is proposed")
    }

    @Test func theHighestClaimWins() {
        func result(_ choosing: (PreparedProposal, PreparedProposal) -> PreparedProposal) -> Bool {
            let network = Network()
            network.start()
            let backup = others(than: network.primary(2))[0]
            network.loses = { $0.to != backup }
            let low = Fixture.prepared(Fixture.proposal(by: network.primary(), at: network.genesis), in: 0, by: [0, 1, 2])
            let high = Fixture.prepared(Fixture.proposal(by: network.primary(1), view: 1, at: network.genesis), in: 1, by: [1, 2, 3])
            let chosen = choosing(low, high)
            let changes = [(0, low), (1, high), (2, low)].map { Fixture.viewChange($0.0, to: 2, at: network.genesis, prepared: $0.1) }
            let statement = NewViewStatement(
                epoch: 0, height: 1, view: 2, parentHash: network.genesis.headerHash, prepared: chosen.certificate.claim)
            let message = NewView(
                vote: Fixture.vote(network.primary(2), statement), viewChanges: changes.map(\.vote), parentCertificate: nil,
                prepared: chosen)!
            network.inject(.newView(message), to: backup, from: network.primary(2))
            return network.nodes[backup].replica.view == 2
        }
        #expect(result { _, high in high })
        #expect(!result { low, _ in low })
    }

    /// COMMITs of two views name the same header. Three of four are a quorum only if they are of one view.
    @Test func votesOfDifferentViewsAreNeverAdded() {
        let network = Network()
        network.start()
        network.loses = { $0.to != 0 }
        let proposal = Fixture.proposal(by: network.primary(), at: network.genesis)
        let result = HeaderResult(
            stateRoot: .zero, receiptsRoot: .zero, eventsRoot: .zero, gasUsed: 0, nextValidatorsHash: network.genesis.epoch.validatorsHash)
        let hash = SHA256.hash(.header, of: Header(draft: proposal.draft, result: result))
        func commit(_ signer: Int, _ view: View) -> ConsensusMessage {
            let statement = CommitStatement(
                epoch: 0, height: 1, view: view, draftDigest: Fixture.digest(proposal), headerHash: hash)
            return .commit(Commit(vote: Fixture.vote(signer, statement), result: result))
        }
        network.inject(commit(1, 0), to: 0, from: 1)
        network.inject(commit(2, 0), to: 0, from: 2)
        network.inject(commit(3, 1), to: 0, from: 3)
        network.inject(commit(2, 0), to: 0, from: 2)
        #expect(network.nodes[0].replica.round.decision == nil)
        network.inject(commit(3, 0), to: 0, from: 3)
        #expect(network.nodes[0].replica.round.decision != nil)
    }

    // MARK: Timers

    @Test func patienceDoublesUpToItsCap() {
        let timer = ViewTimer(ticks: 10, ticksMax: 70)
        #expect((0..<5).map { timer.patience(in: View($0)) } == [10, 20, 40, 70, 70])
        #expect(timer.patience(in: View(.max)) == 70)
    }

    /// A replica that waits alone for a view does not run ahead: the timer of a new view needs a quorum there.
    @Test func aLoneReplicaStaysInItsNextView() {
        let network = Network()
        network.start()
        network.loses = { $0.from == 0 || $0.to == 0 }
        network.withholdsBlocks = [1, 2, 3]
        network.pending = [Fixture.transaction(1)]
        network.input(0, .work(hasExecutable: true))
        network.pass(ticks: 500)
        #expect(network.nodes[0].replica.view == 1)
        #expect(network.nodes[0].replica.report.awaiting == .viewChanges)
        #expect(network.nodes[0].replica.report.missing.map(\.rawValue) == [1, 2, 3])
    }

    @Test func aReplicaWhoseTimerStartsSharesItsTransactions() {
        let network = Network()
        network.start()
        var effects: [Effect] = []
        let backup = others(than: network.primary())[0]
        network.nodes[backup].replica.step(.work(hasExecutable: true), into: &effects)
        #expect(effects == [.shareTransactions])
        #expect(network.nodes[backup].replica.timer.isRunning)
        effects = []
        network.nodes[backup].replica.step(.work(hasExecutable: false), into: &effects)
        #expect(!network.nodes[backup].replica.timer.isRunning)
    }

    /// The first height takes half of its time; the second still has all of its own.
    @Test func patienceStartsAnewWithEachHeight() {
        let network = Network()
        network.start()
        network.loses = { if case .commit = $0.message { true } else { false } }
        network.submit(1, 2, 3, 4)
        network.pass(ticks: 3)
        network.loses = { $0.message.height == 2 }
        for _ in 0..<8 where network.heights[0] == 0 { network.pass(ticks: 1) }
        #expect(network.heights[0] == 1)
        #expect(network.nodes[0].blocks.first?.certificate.statement.view == 0)
        for node in network.nodes {
            guard let deadline = node.replica.timer.deadline else { continue }
            #expect(deadline.rawValue - node.replica.tick.rawValue >= 9)
        }
        #expect(network.nodes.contains { $0.replica.timer.isRunning })
    }

    /// This replica has the primary's first proposal, the others the second. It sends no second PREPARE, but on the certificate of
    /// the others it executes theirs and sends COMMIT: what they prepared is safe to commit to.
    @Test func aSecondProposalNeedsACertificate() {
        let network = Network()
        network.start()
        let primary = network.primary()
        let backup = others(than: primary)[0]
        network.loses = { $0.to != backup }
        let first = Fixture.proposal(by: primary, at: network.genesis, payload: [Fixture.transaction(1)])
        let second = Fixture.proposal(by: primary, at: network.genesis, payload: [Fixture.transaction(2)])
        for proposal in [first, second] {
            network.inject(Fixture.prePrepare(proposal, by: primary, at: network.genesis), to: backup, from: primary)
        }
        func sent(_ step: Step) -> [AnyVote] {
            network.sent.filter { $0.from == backup }.compactMap(\.message.vote).filter { $0.step == step }
        }
        #expect(sent(.prepare).count == 1)
        for signer in others(than: backup) {
            let statement = PrepareStatement(epoch: 0, height: 1, view: 0, draftDigest: Fixture.digest(second))
            network.inject(.prepare(Fixture.vote(signer, statement)), to: backup, from: signer)
        }
        #expect(sent(.commit).isEmpty)
        network.inject(Fixture.prePrepare(second, by: primary, at: network.genesis), to: backup, from: primary)
        #expect(sent(.prepare).count == 1)
        guard case .commit(let commit)? = sent(.commit).first else {
            Issue.record("no COMMIT")
            return
        }
        #expect(commit.statement.draftDigest == Fixture.digest(second))
    }

    /// A transaction that only one replica knows still brings the others to change the view with it.
    @Test func aViewChangeIsWorkForTheOthers() {
        let network = Network()
        network.start()
        let primary = network.primary()
        for node in network.nodes.indices { network.nodes[node].hasWork = false }
        let owner = others(than: primary)[0]
        network.nodes[owner].hasWork = true
        network.crash(primary)
        network.submit(1)
        network.pass(ticks: 60)
        #expect(network.heights[owner] == 1)
    }
}
