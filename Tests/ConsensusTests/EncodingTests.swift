@testable import Consensus
import Cryptography
import Primitives
import Testing

/// Golden vectors: a change of one is a change of the protocol. Statements are pinned byte for byte, as they are what is signed;
/// messages and records by digest and length.
@Suite struct EncodingTests {
    private let a = Digest(Array(repeating: 0xaa, count: 32))!
    private let b = Digest(Array(repeating: 0xbb, count: 32))!

    private func hex(_ value: some BCSCodable) -> String { value.bcs.hex }

    @Test func statements() {
        let aa = String(repeating: "aa", count: 32), bb = String(repeating: "bb", count: 32)
        let place = "0100000000000000" + "0200000000000000" + "0300000000000000"
        #expect(hex(PrePrepareStatement(epoch: 1, height: 2, view: 3, draftDigest: a)) == place + aa)
        #expect(hex(PrepareStatement(epoch: 1, height: 2, view: 3, draftDigest: a)) == place + aa)
        #expect(hex(CommitStatement(epoch: 1, height: 2, view: 3, draftDigest: a, headerHash: b)) == place + aa + bb)
        #expect(hex(ViewChangeStatement(epoch: 1, height: 2, view: 3, parentHash: a, prepared: nil)) == place + aa + "00")
        #expect(hex(ViewChangeStatement(
            epoch: 1, height: 2, view: 3, parentHash: a, prepared: PreparedClaim(view: 2, draftDigest: b)))
            == place + aa + "01" + "0200000000000000" + bb)
        #expect(hex(NewViewStatement(epoch: 1, height: 2, view: 3, parentHash: a, prepared: nil)) == place + aa + "00")
        #expect(hex(StatusStatement(epoch: 1, height: 2, view: 3, progress: .prepareSent, challenge: 9)) == place + "04" + "0900000000000000")
        #expect(hex(ComplaintStatement(epoch: 1, height: 2, envelopeHash: a)) == "01000000000000000200000000000000" + aa)
    }

    @Test func signedBytes() {
        let statement = PrepareStatement(epoch: 1, height: 2, view: 3, draftDigest: a)
        let expected = Array("trellis/prepare/1".utf8) + Array(repeating: 7, count: 32) + statement.bcs
        #expect(SigningDomain.prepare.signedBytes(statement, chainID: Fixture.chainID) == expected)
        #expect(PrePrepareStatement.signingDomain == .prePrepare && CommitStatement.signingDomain == .commit)
        #expect(ViewChangeStatement.signingDomain == .viewChange && NewViewStatement.signingDomain == .newView)
    }

    @Test func stepsAreInTheGuardsOrder() {
        #expect(Step.allCases == [.viewChange, .newView, .prePrepare, .prepare, .commit])
        #expect(zip(Step.allCases, Step.allCases.dropFirst()).allSatisfy { $0 < $1 })
    }

    /// One message of each kind, from a run in which there were all.
    private static func samples() -> [(kind: Int, message: ConsensusMessage)] {
        let position = Fixture.genesis(Fixture.validators([1, 1, 1, 1]), Fixture.parameters())
        let proposal = Fixture.proposal(by: 1, at: position, payload: [Fixture.transaction(1), Fixture.transaction(2)])
        let prepared = Fixture.prepared(proposal, in: 0, by: [0, 1, 2])
        let changes = [0, 1, 3].map { Fixture.viewChange($0, to: 1, at: position, prepared: $0 == 1 ? prepared : nil) }
        let result = HeaderResult(
            stateRoot: Fixture.transaction(3), receiptsRoot: .zero, eventsRoot: .zero, gasUsed: 5,
            nextValidatorsHash: position.epoch.validatorsHash)
        let commit = CommitStatement(
            epoch: 0, height: 1, view: 1, draftDigest: Fixture.digest(proposal),
            headerHash: SHA256.hash(.header, of: Header(draft: proposal.draft, result: result)))
        let certificate = CommitCertificate(statement: commit, signatures: [0, 2, 3].map {
            CertificateSignature(signer: ValidatorIndex(UInt16($0)), signature: Fixture.vote($0, commit).signature)
        })!
        let newView = NewViewStatement(
            epoch: 0, height: 1, view: 1, parentHash: position.headerHash, prepared: prepared.certificate.claim)
        let status = StatusStatement(epoch: 0, height: 2, view: 0, progress: .recovering, challenge: 7)
        let complaint = ComplaintStatement(epoch: 0, height: 4, envelopeHash: Fixture.transaction(4))
        func sign(_ domain: SigningDomain, _ body: some BCSCodable) -> Signature {
            TestCryptography.signature(domain.signedBytes(body, chainID: Fixture.chainID), by: Fixture.key(2))
        }
        return [
            (0, .viewChange(changes[1])),
            (1, .newView(NewView(
                vote: Fixture.vote(2, newView), viewChanges: changes.map(\.vote), parentCertificate: nil, prepared: prepared)!)),
            (2, Fixture.prePrepare(proposal, by: 1, at: position)),
            (3, .prepare(Fixture.vote(3, prepared.certificate.statement))),
            (4, .commit(Commit(vote: Fixture.vote(0, commit), result: result))),
            (5, .status(Status(signer: 2, statement: status, signature: sign(.status, status), certificate: certificate))),
            (6, .complaint(Complaint(signer: 2, statement: complaint, signature: sign(.complaint, complaint)))),
        ]
    }

    /// From Vectors/make_golden.py: one line for each kind of message, then one for evidence.
    private static let golden: [String] = [
        "735 8f9172dc510cedcc6943b81b985476317df0f49c629af96b8b2ff326f67e869a",
        "1146 c6cb1aab81188525a46911a697f9d15ee6c72d23ffef5db4868ef36bdfbf03d5",
        "438 fd8bcfe6fc3ad5d368b32056b37138cd87855217b1409a0ae934089e182cadc9",
        "124 d50bd7b0443dbac413ba80e0bc3a7f0fec16148b66290d3ab5a7b707dfd9c036",
        "292 f8eeca5fedba6a7a651a334c8d4a36e13f0c583a63fd9a35513fffe7d86a0ca2",
        "390 1799f66e7e541c8fdaae0f36c0864a4a5d7db045040b78dab6e5b0d9d3a8d5dd",
        "116 8c162e16263d85703ed55ebd22d999ca56000ec4a882b6131c31f7b95f08d713",
        "247 d6e5a0b19855c12a28108aaf160705c17da8080df30fd20ed424c6c78aee2ac2",
    ]

    @Test(arguments: samples()) func messages(_ kind: Int, _ message: ConsensusMessage) throws {
        let bytes = message.bcs
        #expect(bytes[0] == 0 && Int(bytes[1]) == kind)
        #expect("\(bytes.count) \(SHA256.hash(bytes).hex)" == EncodingTests.golden[kind])
        #expect(try ConsensusMessage(bcs: bytes) == message)
        let checker = TestChecker(chainID: Fixture.chainID, sets: [Fixture.validators([1, 1, 1, 1])])
        _ = try message.authenticated(by: checker)
    }

    @Test func evidence() throws {
        let votes = [1, 2].map { number in
            AnyVote.prepare(Fixture.vote(1, PrepareStatement(
                epoch: 0, height: 1, view: 0, draftDigest: Fixture.transaction(number))))
        }
        let hash = TestCryptography(key: Fixture.key(0)).hash
        let bytes = try #require(Evidence(votes[0], votes[1], chainID: Fixture.chainID, hash: hash)).bcs
        #expect("\(bytes.count) \(SHA256.hash(bytes).hex)" == EncodingTests.golden[7])
    }

    /// Every bit of a message is either refused by the decoder, or under a signature, or beside the signature on purpose; and no bit
    /// changes a message into one that another encoding has too.
    @Test(arguments: samples()) func damagedMessagesNeitherTrapNorHaveTwoEncodings(_ kind: Int, _ message: ConsensusMessage) {
        let bytes = message.bcs
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: BCSError.self) { try ConsensusMessage(bcs: Array(bytes[..<count])) }
        }
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            if let decoded = try? ConsensusMessage(bcs: damaged) { #expect(decoded.bcs == damaged) }
        }
    }

    /// A replica that has just started takes every damaged message that still authenticates without trapping.
    @Test func randomMessagesDoNotTrapAReplica() {
        var generator = SeededGenerator(seed: 3)
        let network = Network()
        network.start()
        for _ in 0..<3_000 {
            let sample = EncodingTests.samples()[generator.below(7)].message
            let signer = generator.below(4)
            let number = [0, 1, 2, UInt64.max, 1 << 40, generator.next()][generator.below(6)]
            let height = [1, 2, 3, UInt64.max][generator.below(4)]
            let message: ConsensusMessage = switch sample {
            case .viewChange(let change):
                .viewChange(ViewChange(vote: Fixture.vote(signer, ViewChangeStatement(
                    epoch: 0, height: Height(height), view: View(number), parentHash: network.genesis.headerHash, prepared: nil)),
                    prepared: generator.chance(1, in: 2) ? change.prepared : nil))
            case .prepare(let vote):
                .prepare(Fixture.vote(signer, PrepareStatement(
                    epoch: 0, height: Height(height), view: View(number), draftDigest: vote.statement.draftDigest)))
            case .commit(let commit):
                .commit(Commit(vote: Fixture.vote(signer, CommitStatement(
                    epoch: 0, height: Height(height), view: View(number), draftDigest: commit.vote.statement.draftDigest,
                    headerHash: Fixture.transaction(generator.below(3)))), result: commit.result))
            case .newView(let newView):
                .newView(NewView(vote: Fixture.vote(signer, NewViewStatement(
                    epoch: 0, height: Height(height), view: View(number), parentHash: network.genesis.headerHash, prepared: nil)),
                    viewChanges: newView.viewChanges, parentCertificate: nil, prepared: nil)!)
            case .prePrepare(let proposal):
                .prePrepare(PrePrepare(vote: Fixture.vote(signer, PrePrepareStatement(
                    epoch: 0, height: Height(height), view: View(number), draftDigest: proposal.vote.statement.draftDigest)),
                    proposal: proposal.proposal, parentCertificate: nil))
            case .status, .complaint: sample
            }
            network.inject(message, to: generator.below(4), from: signer)
        }
        network.pass(ticks: 20)
        #expect(network.nodes.allSatisfy { $0.replica.nextHeight.count <= 4 * ConsensusLimits.nextHeightMessagesPerSignerMax })
        #expect(network.nodes.allSatisfy { $0.replica.round.early.count <= ConsensusLimits.earlyProposalsMax })
        #expect(network.nodes.allSatisfy { $0.replica.round.candidates.count <= ConsensusLimits.candidatesMax + 1 })
    }

    @Test func embeddedPartsMustSupportTheMessage() {
        let position = Fixture.genesis(Fixture.validators([1, 1, 1, 1]), Fixture.parameters())
        let checker = TestChecker(chainID: Fixture.chainID, sets: position.validatorSets)
        let prepared = Fixture.prepared(Fixture.proposal(by: 1, at: position), in: 0, by: [0, 1, 2])
        let short = Fixture.prepared(Fixture.proposal(by: 1, at: position), in: 0, by: [0, 1])
        func change(_ claim: PreparedClaim?, _ prepared: PreparedProposal?, to view: View = 1) -> ConsensusMessage {
            .viewChange(ViewChange(vote: Fixture.vote(3, ViewChangeStatement(
                epoch: 0, height: 1, view: view, parentHash: position.headerHash, prepared: claim)), prepared: prepared))
        }
        let claim = prepared.certificate.claim
        func isRefused(_ message: ConsensusMessage) -> Bool { (try? message.authenticated(by: checker)) == nil }
        #expect(!isRefused(change(claim, prepared)))
        #expect(isRefused(change(claim, nil)))
        #expect(isRefused(change(nil, prepared)))
        #expect(isRefused(change(PreparedClaim(view: 0, draftDigest: .zero), prepared)))
        #expect(isRefused(change(claim, prepared, to: 0)), "a claim is of an earlier view")
        #expect(isRefused(change(short.certificate.claim, short)), "two of four are no quorum")
        let later = PrePrepareStatement(epoch: 0, height: 2, view: 0, draftDigest: .zero)
        #expect(isRefused(.prePrepare(PrePrepare(
            vote: Fixture.vote(1, later), proposal: prepared.proposal, parentCertificate: nil))), "only genesis has no certificate")
    }
}
