@testable import Consensus
import Cryptography
import Primitives
import Testing

@Suite struct EvidenceTests {
    private let position = Fixture.genesis(Fixture.validators([1, 1, 1, 1]), Fixture.parameters())

    private func prepare(_ signer: Int, _ digest: Digest, view: View = 0) -> AnyVote {
        .prepare(Fixture.vote(signer, PrepareStatement(epoch: 0, height: 1, view: view, draftDigest: digest)))
    }

    private func commit(_ signer: Int, view: View) -> AnyVote {
        .commit(Fixture.vote(signer, CommitStatement(epoch: 0, height: 1, view: view, draftDigest: .zero, headerHash: .zero)))
    }

    private func change(_ signer: Int, to view: View, claiming claim: View?) -> AnyVote {
        .viewChange(Fixture.vote(signer, ViewChangeStatement(
            epoch: 0, height: 1, view: view, parentHash: .zero,
            prepared: claim.map { PreparedClaim(view: $0, draftDigest: .zero) })))
    }

    @Test func twoStatementsAtOnePlaceAreAnOffence() {
        let (a, b) = (Fixture.transaction(1), Fixture.transaction(2))
        #expect(Evidence.offence(prepare(1, a), prepare(1, b)) == .doubleSigning)
        #expect(Evidence.offence(prepare(1, a), prepare(1, a)) == nil)
        #expect(Evidence.offence(prepare(1, a), prepare(2, b)) == nil)
        #expect(Evidence.offence(prepare(1, a), prepare(1, b, view: 1)) == nil)
        #expect(Evidence.offence(change(1, to: 2, claiming: nil), change(1, to: 2, claiming: 1)) == .doubleSigning)
    }

    @Test func aForgottenCommitIsAnOffence() {
        #expect(Evidence.offence(commit(1, view: 2), change(1, to: 3, claiming: nil)) == .forgottenCommit)
        #expect(Evidence.offence(change(1, to: 3, claiming: 1), commit(1, view: 2)) == .forgottenCommit)
        #expect(Evidence.offence(commit(1, view: 2), change(1, to: 3, claiming: 2)) == nil)
        #expect(Evidence.offence(commit(1, view: 2), change(1, to: 2, claiming: nil)) == nil)
        #expect(Evidence.offence(commit(1, view: 2), change(2, to: 3, claiming: nil)) == nil)
    }

    @Test func thePairHasOneOrder() throws {
        let (a, b) = (prepare(1, Fixture.transaction(1)), prepare(1, Fixture.transaction(2)))
        let hash = TestCryptography(key: Fixture.key(0)).hash
        let evidence = try #require(Evidence(a, b, chainID: Fixture.chainID, hash: hash))
        #expect(evidence == Evidence(b, a, chainID: Fixture.chainID, hash: hash))
        #expect(evidence.isOrdered(chainID: Fixture.chainID, hash: hash))
        #expect(try Evidence(bcs: evidence.bcs) == evidence)
        #expect(throws: BCSError.self) { try Evidence(bcs: [0] + a.bcs + a.bcs) }
        try evidence.verify(with: TestChecker(chainID: Fixture.chainID, sets: [position.epoch.validators]))
        #expect(throws: SignatureError.epochUnknown(0)) {
            try evidence.verify(with: TestChecker(chainID: Fixture.chainID, sets: []))
        }
    }

    /// Two proposals of one primary: all report it, no honest one is accused, and no two of them commit different blocks.
    @Test func anEquivocatingPrimaryIsReported() {
        let network = Network()
        network.start()
        let primary = network.primary()
        network.crash(primary)
        let first = Fixture.proposal(by: primary, at: network.genesis, payload: [Fixture.transaction(1)])
        let second = Fixture.proposal(by: primary, at: network.genesis, payload: [Fixture.transaction(2)])
        let backups = (0..<4).filter { $0 != primary }
        for (position, backup) in backups.enumerated() {
            for proposal in position == 0 ? [first, second] : [second, first] {
                network.inject(Fixture.prePrepare(proposal, by: primary, at: network.genesis), to: backup, from: primary)
            }
        }
        network.pass(ticks: 60)
        for backup in backups {
            #expect(network.nodes[backup].evidence.map { Int($0.signer.rawValue) } == [primary])
            #expect(network.nodes[backup].evidence.first?.offence == .doubleSigning)
        }
        network.expectAgreement(except: [primary])
        #expect(network.heights[backups[0]] >= 1)
    }

    @Test func evidenceExpiresByBlockTimeAndIsKeptOncePerOffence() {
        var pool = EvidencePool(items: [], archive: [])
        let hash = TestCryptography(key: Fixture.key(0)).hash
        func pair(_ view: View) -> Evidence {
            Evidence(
                prepare(1, Fixture.transaction(1), view: view), prepare(1, Fixture.transaction(2), view: view),
                chainID: Fixture.chainID, hash: hash)!
        }
        let isNew = [pool.add(pair(0), time: 100), pool.add(pair(1), time: 100)]
        #expect(isNew == [true, false], "one slash per validator and epoch")
        let certificate = CommitCertificate(
            statement: CommitStatement(epoch: 0, height: 1, view: 0, draftDigest: .zero, headerHash: .zero), signatures: [])!
        pool.committed(ArchivedHeight(certificate: certificate, votes: []), time: 1_100, evidenceMilliseconds: 1_000)
        #expect(pool.items.count == 1)
        pool.committed(ArchivedHeight(certificate: certificate, votes: []), time: 1_101, evidenceMilliseconds: 1_000)
        #expect(pool.items.isEmpty)
    }

    /// A second certificate for a committed height: the replica stops, and the two certificates convict whoever signed both.
    @Test func aForkStopsTheReplicaAndNamesAThird() {
        let network = Network()
        network.start()
        network.submit(1)
        let block = network.nodes[0].blocks[0]
        let forged = CommitStatement(
            epoch: 0, height: 1, view: block.certificate.statement.view, draftDigest: .zero, headerHash: Fixture.transaction(9))
        let certificate = CommitCertificate(statement: forged, signatures: [1, 2, 3].map {
            CertificateSignature(signer: ValidatorIndex(UInt16($0)), signature: Fixture.vote($0, forged).signature)
        })!
        let proposal = Fixture.proposal(by: 1, at: network.nodes[0].replica.position)
        let statement = PrePrepareStatement(epoch: 0, height: 2, view: 0, draftDigest: Fixture.digest(proposal))
        network.inject(
            .prePrepare(PrePrepare(vote: Fixture.vote(1, statement), proposal: proposal, parentCertificate: certificate)), to: 0, from: 1)
        guard case .stopped(.forked) = network.nodes[0].replica.health else {
            Issue.record("the replica goes on after a fork")
            return
        }
        let signedBoth = Set(block.certificate.signatures.map(\.signer)).intersection([1, 2, 3].map { ValidatorIndex($0) })
        #expect(Set(network.nodes[0].replica.pendingEvidence.map(\.signer)) == signedBoth)
        #expect(signedBoth.count >= 2, "more than a third of four")
        #expect(network.nodes[0].alarms.count == 1)
        let votes = network.sent.count { $0.from == 0 && $0.message.vote != nil }
        network.submit(2)
        #expect(network.sent.count { $0.from == 0 && $0.message.vote != nil } == votes, "it votes no more")
    }

    /// Two of four fork the other two. They prepare a second draft of view 0 in secret and show its certificate only in a NEW-VIEW,
    /// where it frees everybody from the first. What the two sides kept convicts both all the same.
    @Test func aForkByAHiddenCertificateConvictsBoth() throws {
        let network = Network()
        network.start()
        let (c, d) = (network.primary(), network.primary(1))
        let honest = (0..<4).filter { $0 != c && $0 != d }
        let (a, b) = (honest[0], honest[1])
        for node in [a, c, d] { network.crash(node) }
        let first = Fixture.proposal(by: c, at: network.genesis, payload: [Fixture.transaction(1)])
        let second = Fixture.proposal(by: c, at: network.genesis, payload: [Fixture.transaction(2)])
        // One side decides the first draft in view 0.
        let prepare = PrepareStatement(epoch: 0, height: 1, view: 0, draftDigest: Fixture.digest(first))
        let commit = CommitStatement(epoch: 0, height: 1, view: 0, draftDigest: Fixture.digest(first), headerHash: .zero)
        let signers = [a, c, d].sorted()
        let certificate = CommitCertificate(statement: commit, signatures: signers.map {
            CertificateSignature(signer: ValidatorIndex(UInt16($0)), signature: Fixture.vote($0, commit).signature)
        })!
        let archive = ArchivedHeight(certificate: certificate, votes: signers.map { .prepare(Fixture.vote($0, prepare)) })
        // The other side sees the second, one PREPARE of it, and then the next view.
        network.inject(Fixture.prePrepare(second, by: c, at: network.genesis), to: b, from: c)
        let hidden = Fixture.prepared(second, in: 0, by: [b, c, d].sorted())
        let changes = [c, d].map { Fixture.viewChange($0, to: 1, at: network.genesis, prepared: hidden) }
        for change in changes { network.inject(.viewChange(change), to: b, from: d) }
        let own = try #require(network.sent.compactMap { if case .viewChange(let change) = $0.message { change } else { nil } }.first)
        #expect(own.prepared == nil)
        let statement = NewViewStatement(
            epoch: 0, height: 1, view: 1, parentHash: network.genesis.headerHash, prepared: hidden.certificate.claim)
        let newView = try #require(NewView(
            vote: Fixture.vote(d, statement), viewChanges: (changes + [own]).map(\.vote).sorted { $0.signer < $1.signer },
            parentCertificate: nil, prepared: hidden))
        network.inject(.newView(newView), to: b, from: d)
        let again = PrepareStatement(epoch: 0, height: 1, view: 1, draftDigest: Fixture.digest(second))
        for signer in [c, d] { network.inject(.prepare(Fixture.vote(signer, again)), to: b, from: signer) }
        let last = try #require(network.sent.compactMap { if case .commit(let commit) = $0.message { commit } else { nil } }.last)
        for signer in [c, d] {
            network.inject(.commit(Commit(vote: Fixture.vote(signer, last.vote.statement), result: last.result)), to: b, from: signer)
        }
        let other = try #require(network.nodes[b].replica.archive.first)
        let found = offences(
            among: archive.allVotes + other.allVotes, chainID: Fixture.chainID, cryptography: TestCryptography(key: Fixture.key(0)))
        #expect(Set(found.map { Int($0.signer.rawValue) }) == [c, d])
    }

    /// A late vote for a committed height is still compared with what was kept.
    @Test func lateVotesAreCompared() {
        let network = Network()
        network.start()
        network.submit(1)
        let archived = network.nodes[0].replica.archive[0]
        let signers = archived.certificate.signatures.map { Int($0.signer.rawValue) }
        let other = signers[0] == 0 ? signers[1] : signers[0]
        network.inject(.viewChange(Fixture.viewChange(other, to: 3, at: network.genesis)), to: 0, from: other)
        #expect(network.nodes[0].evidence.map(\.offence) == [.forgottenCommit])
        #expect(network.nodes[0].evidence.map { Int($0.signer.rawValue) } == [other])
        // The same with the node's own key is for the operator, not for the contract.
        network.inject(.viewChange(Fixture.viewChange(other, to: 3, at: network.genesis)), to: other, from: 0)
        #expect(network.nodes[other].evidence.isEmpty)
        guard case .ownKeyElsewhere(let evidence)? = network.nodes[other].alarms.first else {
            Issue.record("no alarm")
            return
        }
        #expect(Int(evidence.signer.rawValue) == other)
    }
}
