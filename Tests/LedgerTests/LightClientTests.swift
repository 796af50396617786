import Cryptography
import Ledger
import Primitives
import Testing

/// A light client on chains with real keys, through changes of the validator set, and against whoever would fool it.
@Suite struct LightClientTests {
    /// Seven epochs; each replaces one of four equal validators, so that neighbours share three quarters, epochs two apart half,
    /// three apart a quarter, and four apart nobody.
    private static let sliding = TestChain(epochs: (0..<8).map { epoch in (0..<4).map { Member(UInt8(epoch + $0 + 1)) } })

    private var chain: TestChain { Self.sliding }

    private func genesis() throws -> TrustedHeader { try TrustedHeader(genesis: chain.genesis, chainID: chain.chainID) }

    private func refusal(_ block: LightBlock, from trusted: TrustedHeader, at seconds: UInt64 = 60) -> LightClientError? {
        do throws(LightClientError) {
            _ = try trusted.advanced(to: block, rules: chain.rules(at: seconds))
            return nil
        } catch { return error }
    }

    /// The block `height` with everything below it believed.
    private func trusted(at height: UInt64) throws -> TrustedHeader {
        try TrustedHeader(chain.block(height), hash: chain.block(height).header.digest, chainID: chain.chainID)
    }

    // ── What must be believed ──

    @Test func oneByOneThroughEveryEpoch() throws {
        var trusted = try genesis()
        for block in chain.blocks { trusted = try trusted.advanced(to: block, rules: chain.rules(at: 60)) }
        #expect(trusted.header == chain.top)
        #expect(trusted.header.draft.epoch == 6)
    }

    /// The test's chain obeys the rules for drafts too, so that it is no chain of straw.
    @Test func draftsAreValid() throws {
        var parent = try chain.genesis.header()
        var parentSet = TestChain.set(chain.epochs[0], epoch: 0)
        for block in chain.blocks {
            try DraftRules(
                chainID: chain.chainID, parent: parent, parentValidators: parentSet, validators: block.validators, protocolVersion: 1
            ).check(block.header.draft)
            parent = block.header
            parentSet = block.validators
        }
    }

    /// Within the epoch that the trusted header names as next, any block is linked, however far.
    @Test func fromBoundaryToBoundary() throws {
        var trusted = try genesis()
        for height in stride(from: chain.epochLength, through: UInt64(chain.blocks.count), by: Int(chain.epochLength)) {
            trusted = try trusted.advanced(to: chain.block(height), rules: chain.rules(at: 60))
        }
        #expect(trusted.height == 28)
    }

    @Test func skippingWhileMoreThanAThirdSigned() throws {
        let start = try genesis()
        for height: UInt64 in [1, 4, 5, 8, 9, 12] { #expect(refusal(chain.block(height), from: start) == nil) }
        for height: UInt64 in [13, 16] { #expect(refusal(chain.block(height), from: start) == .overlapTooSmall(weight: 10, total: 40)) }
        for height: UInt64 in [17, 28] { #expect(refusal(chain.block(height), from: start) == .overlapTooSmall(weight: 0, total: 40)) }
    }

    @Test func bisection() throws {
        var client = LightClient(from: try genesis(), to: 28)
        var asked: [UInt64] = []
        while case .fetch(let height) = client.next {
            asked.append(height.rawValue)
            try #require(asked.count < 20)
            try client.receive(chain.block(height.rawValue), rules: chain.rules(at: 60))
        }
        #expect(client.trusted.header == chain.top)
        // 28 shares nobody with genesis and 14 a quarter, 7 three quarters; from 7 half is left at 14, and so on upwards.
        #expect(asked == [28, 14, 7, 21])
        #expect(client.next == .done)
    }

    // ── What must not ──

    @Test func forgedQuorums() throws {
        let start = try genesis()
        let forger = (20..<24).map { Member($0) }
        // A set of strangers in the place of the real one.
        #expect(refusal(chain.next(.init(members: forger, parent: start.header)), from: start)
            == .validatorsHashWrong(
                expected: start.header.result.nextValidatorsHash, actual: TestChain.set(forger, epoch: 0).digest))
        // Strangers' signatures under the real set's header.
        let real = chain.block(1)
        let statement = CommitStatement(header: real.header, view: 0)
        let strange = CommitCertificate(statement: statement, signatures: forger.indices.map {
            CertificateSignature(
                signer: ValidatorIndex(UInt16($0)), signature: forger[$0].consensus.sign(statement, as: .commit, chainID: chain.chainID))
        })!
        #expect(refusal(LightBlock(header: real.header, certificate: strange, validators: real.validators), from: start)
            == .certificate(.signatureInvalid(ValidatorIndex(0))))
        // Too few of the real ones.
        for (signers, weight): ([Int], UInt64) in [([0, 1], 20), ([], 0), ([3], 10)] {
            let few = LightBlock(
                header: real.header, certificate: chain.certify(real.header, chain.epochs[0], signers: signers),
                validators: real.validators)
            #expect(refusal(few, from: start) == .certificate(.quorumMissing(weight: weight, total: 40)))
        }
        let enough = LightBlock(
            header: real.header, certificate: chain.certify(real.header, chain.epochs[0], signers: [0, 2, 3]), validators: real.validators)
        #expect(refusal(enough, from: start) == nil)
    }

    @Test func exactlyTwoThirdsIsNoQuorum() throws {
        let three = TestChain(epochs: [[Member(1), Member(2), Member(3)], [Member(1)]])
        let block = three.block(1)
        let two = LightBlock(
            header: block.header, certificate: three.certify(block.header, three.epochs[0], signers: [0, 1]), validators: block.validators)
        #expect(throws: LightClientError.certificate(.quorumMissing(weight: 20, total: 30))) {
            try TrustedHeader(genesis: three.genesis, chainID: three.chainID).advanced(to: two, rules: three.rules(at: 5))
        }
    }

    @Test func exactlyAThirdIsNoOverlap() throws {
        let three = TestChain(epochs: [
            [Member(1), Member(2), Member(3)], [Member(1), Member(12), Member(13)], [Member(1), Member(14), Member(15)],
        ], epochLength: 2)
        #expect(throws: LightClientError.overlapTooSmall(weight: 10, total: 30)) {
            try TrustedHeader(genesis: three.genesis, chainID: three.chainID).advanced(to: three.block(4), rules: three.rules(at: 5))
        }
    }

    /// Overlap counts those who signed, not those who are in both sets.
    @Test func overlapCountsSigners() throws {
        let five = (1...5).map { Member(UInt8($0)) }
        let next = [Member(1), Member(2)] + (11...15).map { Member(UInt8($0)) }
        let pair = TestChain(epochs: [five, next, next], epochLength: 2)
        let block = pair.block(3)
        let start = try TrustedHeader(pair.block(1), hash: pair.block(1).header.digest, chainID: pair.chainID)
        #expect(try start.advanced(to: block, rules: pair.rules(at: 5)).height == 3)
        let without = LightBlock(
            header: block.header, certificate: pair.certify(block.header, next, signers: [0, 2, 3, 4, 5, 6]), validators: block.validators)
        #expect(throws: LightClientError.overlapTooSmall(weight: 10, total: 50)) {
            try start.advanced(to: without, rules: pair.rules(at: 5))
        }
    }

    @Test func setsOfTheWrongEpoch() throws {
        let start = try trusted(at: 4)
        // The old set, correctly certifying, past its end.
        let stale = chain.next(.init(epoch: 0, members: chain.epochs[0], parent: start.header))
        #expect(refusal(stale, from: start) == .epochWrong(trusted: 0, actual: 0))
        // The right keys under the number of another epoch.
        let early = chain.next(.init(epoch: 2, members: chain.epochs[1], parent: start.header))
        #expect(refusal(early, from: start) == .epochWrong(trusted: 0, actual: 2))
        // A light block whose set is not the header's.
        let real = chain.block(5)
        let renumbered = LightBlock(
            header: real.header, certificate: real.certificate, validators: TestChain.set(chain.epochs[1], epoch: 3))
        #expect(refusal(renumbered, from: start) == .validatorsOfOtherEpoch(expected: 1, actual: 3))
        let other = LightBlock(
            header: real.header, certificate: real.certificate, validators: TestChain.set(chain.epochs[2], epoch: 1))
        #expect(refusal(other, from: start) == .validatorsHashWrong(
            expected: real.header.draft.validatorsHash, actual: TestChain.set(chain.epochs[2], epoch: 1).digest))
    }

    /// The set of an epoch cannot be swapped inside it, however many of it sign.
    @Test func aSecondSetForOneEpoch() throws {
        let start = try trusted(at: 5)
        let friends = chain.epochs[1].dropLast() + [Member(30)]
        let block = chain.next(.init(members: Array(friends), parent: chain.block(6).header))
        #expect(refusal(block, from: start) == .validatorsHashWrong(
            expected: start.header.result.nextValidatorsHash, actual: block.header.draft.validatorsHash))
    }

    @Test func duplicateSigners() throws {
        let real = chain.block(1)
        let entry = real.certificate.signatures[0]
        #expect(CommitCertificate(statement: real.certificate.statement, signatures: [entry, entry, entry]) == nil)
        // A signature under another's index does not hold for that key.
        let copied = CommitCertificate(
            statement: real.certificate.statement,
            signatures: (0..<3).map { CertificateSignature(signer: ValidatorIndex($0), signature: entry.signature) })!
        #expect(refusal(LightBlock(header: real.header, certificate: copied, validators: real.validators), from: try genesis())
            == .certificate(.signatureInvalid(ValidatorIndex(1))))
    }

    /// Two votes of view 0 and two of view 1 are no certificate of either.
    @Test func votesOfDifferentViews() throws {
        let real = chain.block(1)
        let members = chain.epochs[0]
        let mixed = chain.certify(real.header, members, view: 0, signers: [0, 1]).signatures
            + chain.certify(real.header, members, view: 1, signers: [2, 3]).signatures
        for view: UInt64 in [0, 1] {
            let certificate = CommitCertificate(statement: CommitStatement(header: real.header, view: View(view)), signatures: mixed)!
            #expect(refusal(LightBlock(header: real.header, certificate: certificate, validators: real.validators), from: try genesis())
                == .certificate(.signatureInvalid(ValidatorIndex(view == 0 ? 2 : 0))))
        }
        // All of a later view is as good as all of the first.
        let later = LightBlock(
            header: real.header, certificate: chain.certify(real.header, members, view: 5), validators: real.validators)
        #expect(refusal(later, from: try genesis()) == nil)
    }

    @Test func certificatesOfOtherBlocks() throws {
        let real = chain.block(2)
        let start = try trusted(at: 1)
        func with(_ certificate: CommitCertificate) -> LightClientError? {
            refusal(LightBlock(header: real.header, certificate: certificate, validators: real.validators), from: start)
        }
        #expect(with(chain.block(3).certificate) == .block(.certificateMismatch(field: "height")))
        #expect(with(chain.block(1).certificate) == .block(.certificateMismatch(field: "height")))
        let sibling = chain.next(.init(stateRoot: MerkleTree.emptyRoot, parent: chain.block(1).header))
        #expect(with(sibling.certificate) == .block(.certificateMismatch(field: "headerHash")))
        let retimed = chain.next(.init(time: real.header.draft.time.rawValue + 1, parent: chain.block(1).header))
        #expect(with(retimed.certificate) == .block(.certificateMismatch(field: "draftDigest")))
    }

    @Test func otherChains() throws {
        let other = TestChain(epochs: chain.epochs, stateRoot: MerkleTree.emptyRoot)
        #expect(other.chainID != chain.chainID)
        let start = try genesis()
        #expect(refusal(other.block(1), from: start)
            == .headerHashWrong(expected: start.header.digest, actual: other.block(1).header.draft.parentHash))
        // Skipped to, so that no parent is named: the signatures are for the other chain.
        #expect(refusal(other.block(2), from: start) == .certificate(.signatureInvalid(ValidatorIndex(0))))
    }

    @Test func staleTrustAndTimes() throws {
        let start = try trusted(at: 4)
        let block = chain.block(5)
        // Block 4 is of second 4; trust lasts 600 seconds.
        #expect(refusal(block, from: start, at: 603) == nil)
        let expired = chain.rules(at: 604).now
        #expect(refusal(block, from: start, at: 604) == .trustExpired(trusted: start.header.draft.time, now: expired))
        // Five seconds ahead of the clock is tolerated.
        #expect(refusal(block, from: start, at: 0) == nil)
        #expect(refusal(chain.block(6), from: start, at: 0)
            == .timeInFuture(now: TestChain.start, actual: chain.block(6).header.draft.time))
        #expect(refusal(chain.block(3), from: start) == .heightNotAbove(trusted: 4, actual: 3))
        #expect(refusal(chain.block(4), from: start) == .heightNotAbove(trusted: 4, actual: 4))
        let sameTime = chain.next(.init(time: start.header.draft.time.rawValue, parent: start.header))
        #expect(refusal(sameTime, from: start)
            == .timeNotAfter(trusted: start.header.draft.time, actual: start.header.draft.time))
    }

    @Test func wrongParents() throws {
        let start = try trusted(at: 1)
        let sibling = chain.next(.init(stateRoot: MerkleTree.emptyRoot, parent: try chain.genesis.header()))
        let child = chain.next(.init(parent: sibling.header))
        #expect(refusal(child, from: start)
            == .headerHashWrong(expected: start.header.digest, actual: sibling.header.digest))
    }

    @Test func trustByHashNeedsTheHash() throws {
        let block = chain.block(9)
        #expect(throws: LightClientError.headerHashWrong(expected: .zero, actual: block.header.digest)) {
            try TrustedHeader(block, hash: .zero, chainID: chain.chainID)
        }
    }

    @Test func trustByHashNeedsTheCertificate() throws {
        let block = chain.block(9)
        let few = LightBlock(
            header: block.header, certificate: chain.certify(block.header, chain.epochs[2], signers: [0, 3]), validators: block.validators)
        #expect(throws: LightClientError.certificate(.quorumMissing(weight: 20, total: 40))) {
            try TrustedHeader(few, hash: block.header.digest, chainID: chain.chainID)
        }
        #expect(throws: LightClientError.certificate(.signatureInvalid(ValidatorIndex(0)))) {
            try TrustedHeader(block, hash: block.header.digest, chainID: ChainID())
        }
    }

    /// A genesis document from a stranger, with validators of the stranger's: they would sign for any chain identifier.
    @Test func trustInGenesisNeedsTheChainIdentifier() throws {
        let forged = TestChain(epochs: [(20..<24).map { Member($0) }, [Member(20)]])
        #expect(throws: LightClientError.chainMismatch(expected: chain.chainID, actual: forged.chainID)) {
            try TrustedHeader(genesis: forged.genesis, chainID: chain.chainID)
        }
        #expect(try genesis().header == chain.genesis.header())
    }

    /// Weight counts as the trusted set has it, not as the block's own set says.
    @Test func overlapCountsTrustedWeight() throws {
        // One of three equal validators stays and says that it holds nearly everything.
        let small = TestChain(epochs: [
            [Member(1), Member(2), Member(3)], [Member(1), Member(12), Member(13)], [Member(1, weight: 1_000), Member(14), Member(15)],
            [Member(1)],
        ], epochLength: 2)
        #expect(throws: LightClientError.overlapTooSmall(weight: 10, total: 30)) {
            try TrustedHeader(genesis: small.genesis, chainID: small.chainID).advanced(to: small.block(5), rules: small.rules(at: 6))
        }
        // And one that held nearly everything counts for that, however little it has left.
        let large = TestChain(epochs: [
            [Member(1, weight: 1_000), Member(2), Member(3)], [Member(1)], [Member(1, weight: 1), Member(14), Member(15)], [Member(1)],
        ], epochLength: 2)
        let start = try TrustedHeader(genesis: large.genesis, chainID: large.chainID)
        #expect(try start.advanced(to: large.block(5), rules: large.rules(at: 6)).height == 5)
    }

    // ── Forks ──

    /// Genesis has no certificate, and needs none to contradict a block at its height.
    @Test func aCertifiedBlockInThePlaceOfGenesis() throws {
        let start = try genesis()
        let own = start.header
        let header = Header(
            draft: own.draft, result: HeaderResult(
                stateRoot: MerkleTree.emptyRoot, receiptsRoot: own.result.receiptsRoot, eventsRoot: own.result.eventsRoot, gasUsed: 0,
                nextValidatorsHash: own.result.nextValidatorsHash))
        let block = LightBlock(
            header: header, certificate: chain.certify(header, chain.epochs[0]), validators: TestChain.set(chain.epochs[0], epoch: 0))
        #expect(throws: LightClientError.headerHashWrong(expected: own.digest, actual: header.digest)) {
            try start.compare(with: block, chainID: chain.chainID)
        }
        #expect(refusal(block, from: start) == .headerHashWrong(expected: own.digest, actual: header.digest))
    }

    @Test func equivocationIsSurfaced() throws {
        let start = try trusted(at: 6)
        #expect(throws: Never.self) { try start.compare(with: chain.block(6), chainID: chain.chainID) }
        let fork = chain.next(.init(stateRoot: MerkleTree.emptyRoot, signers: [1, 2, 3], parent: chain.block(5).header))
        guard case .fork(let evidence) = refusal(fork, from: start) else {
            Issue.record("a fork passed unseen")
            return
        }
        #expect(evidence.first == chain.block(6) && evidence.second == fork)
        let guilty = [1, 2, 3].map { chain.epochs[1][$0].consensus.publicKey }
        #expect(evidence.doubleSigners == guilty)
        #expect(evidence.equivocations.map { start.validators[$0.signer]?.consensusKey } == guilty)
        for pair in evidence.equivocations {
            let key = try #require(start.validators[pair.signer]?.consensusKey)
            for (statement, signature) in [(pair.first, pair.firstSignature), (pair.second, pair.secondSignature)] {
                #expect(Ed25519.isValid(
                    signature, of: SigningDomain.commit.signedBytes(statement, chainID: chain.chainID), by: key))
            }
            #expect(pair.first != pair.second && pair.first.view == pair.second.view && pair.first.height == pair.second.height)
        }
        // In another view the same people are seen, but no pair of messages convicts by itself.
        let later = chain.next(.init(view: 1, stateRoot: MerkleTree.emptyRoot, parent: chain.block(5).header))
        guard case .fork(let amnesia) = refusal(later, from: start) else {
            Issue.record("a fork passed unseen")
            return
        }
        #expect(amnesia.doubleSigners.count == 4 && amnesia.equivocations.isEmpty)
    }

    /// Only a certified block is a fork: nobody is accused by whoever writes a header down.
    @Test func uncertifiedHeadersAccuseNobody() throws {
        let start = try trusted(at: 6)
        let fork = chain.next(.init(stateRoot: MerkleTree.emptyRoot, signers: [0, 1], parent: chain.block(5).header))
        #expect(refusal(fork, from: start) == .certificate(.quorumMissing(weight: 20, total: 40)))
        #expect(ForkEvidence(chain.block(6), chain.block(6)) == nil)
        #expect(ForkEvidence(chain.block(6), chain.block(7)) == nil)
    }

    // ── The driver ──

    @Test func aBadAnswerIsForgotten() throws {
        var client = LightClient(from: try genesis(), to: 28)
        let rules = chain.rules(at: 60)
        try client.receive(chain.block(28), rules: rules)
        #expect(client.next == .fetch(14))
        #expect(throws: LightClientError.heightNotAsked(expected: 14, actual: 15)) {
            try client.receive(chain.block(15), rules: rules)
        }
        try client.receive(chain.block(14), rules: rules)
        #expect(client.next == .fetch(7))
        let bad = LightBlock(
            header: chain.block(7).header, certificate: chain.block(6).certificate, validators: chain.block(7).validators)
        #expect(throws: LightClientError.block(.certificateMismatch(field: "height"))) { try client.receive(bad, rules: rules) }
        #expect(client.next == .fetch(7))
        try client.receive(chain.block(7), rules: rules)
        #expect(client.trusted.height == 14)
    }

    /// A block that is too far away to be judged may turn out wrong when an honest peer's answer leads up to it.
    @Test func theLiarIsNamedAndNotTheMessenger() throws {
        var client = LightClient(from: try genesis(), to: 28)
        let rules = chain.rules(at: 60)
        let real = chain.block(28)
        let forged = LightBlock(header: real.header, certificate: chain.block(27).certificate, validators: real.validators)
        try client.receive(forged, rules: rules)
        #expect(client.refusedHeight == nil)
        for height: UInt64 in [14, 7] { try client.receive(chain.block(height), rules: rules) }
        #expect(client.trusted.height == 14 && client.next == .fetch(21))
        #expect(throws: LightClientError.block(.certificateMismatch(field: "height"))) { try client.receive(chain.block(21), rules: rules) }
        #expect(client.refusedHeight == 28)
        #expect(client.trusted.height == 21 && client.next == .fetch(28))
        try client.receive(real, rules: rules)
        #expect(client.trusted.header == chain.top)
    }

    @Test func targetsAlreadyReached() throws {
        var client = LightClient(from: try trusted(at: 9), to: 9)
        #expect(client.next == .done)
        #expect(throws: LightClientError.self) { try client.receive(chain.block(9), rules: chain.rules(at: 60)) }
    }

    /// A client that bisects and one that walks believe the same, on chains of random stake and turnover.
    @Test func bisectionBelievesWhatWalkingBelieves() throws {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<6 {
            let pool = (1...10).map { number in Member(UInt8(number), weight: 1 + random.below(UInt64(50))) }
            let epochs = (0..<6).map { _ in
                let members = pool.filter { _ in random.chance(2, in: 3) }
                return members.isEmpty ? [pool[0]] : members
            }
            let chain = TestChain(epochs: epochs, epochLength: 3)
            var client = LightClient(from: try TrustedHeader(genesis: chain.genesis, chainID: chain.chainID), to: chain.top.height)
            var steps = 0
            while case .fetch(let height) = client.next {
                steps += 1
                try #require(steps <= 2 * chain.blocks.count)
                try client.receive(chain.block(height.rawValue), rules: chain.rules(at: 60))
            }
            #expect(client.trusted.header == chain.top)
        }
    }
}
