import Cryptography
import Foundation
import Ledger
import Primitives
import PythonRunner
import Testing
import WorldState

/// Answers with proofs, checked by the node's own code and by `Tests/ProofVerifier/verify.py`, and refused by both as soon as
/// one bit is wrong.
@Suite struct ProofBundleTests {
    /// A chain whose newest block has transactions, receipts, events and a state of some thousand keys.
    private struct Scene {
        let chain: TestChain
        let block: LightBlock
        let view: StateView
        let tree: (transactions: MerkleTree, receipts: MerkleTree, events: MerkleTree)

        static let transactions = Golden.vectors.transactions.map(\.value)
        static let receipts = Golden.vectors.receipts.map(\.value)
        static let events = Golden.vectors.events.map(\.value)

        init() throws {
            chain = TestChain(epochs: [(1...4).map { Member(UInt8($0)) }, (1...4).map { Member(UInt8($0)) }])
            let store = MemoryStore()
            let state = try WorldState(opening: store.snapshot())
            _ = try state.apply(
                (0..<3_000).map { StateChange(key: Scene.key($0), value: Array("value \($0)".utf8)) }, height: 1)
            view = state.view
            tree = (
                MerkleTree(leafHashes: Scene.transactions.map(\.envelopeHash.leaf)), MerkleTree(leafHashes: Scene.receipts.map(\.leaf)),
                MerkleTree(leafHashes: Scene.events.map(\.leaf)))
            block = chain.next(.init(
                stateRoot: view.root, transactionsRoot: tree.transactions.root, receiptsRoot: tree.receipts.root,
                eventsRoot: tree.events.root))
        }

        static func key(_ number: Int) -> StateKey { StateKey(contract: .builtIn("accounts"), Array("key \(number)".utf8))! }

        func state(_ keys: [StateKey]) throws -> ProofBundle {
            ProofBundle(block: block, content: .state(try view.claims(keys), try view.prove(keys)))
        }

        func bundles() throws -> [(name: String, bundle: ProofBundle)] {
            func path(_ tree: MerkleTree, _ index: Int) throws -> MerklePath {
                try #require(tree.inclusionProof(of: index)?.merklePath)
            }
            return [
                ("value", try state([Scene.key(7)])),
                ("absence", try state([Scene.key(3_001)])),
                ("values and absences", try state([1, 5_000, 2, 6_000].map(Scene.key))),
                ("transaction", ProofBundle(block: block, content: .transaction(Scene.transactions[0], try path(tree.transactions, 0)))),
                ("k-of-n transaction", ProofBundle(block: block, content: .transaction(Scene.transactions[3], try path(tree.transactions, 3)))),
                ("receipt", ProofBundle(block: block, content: .receipt(Scene.receipts[0], try path(tree.receipts, 0)))),
                ("failed receipt", ProofBundle(block: block, content: .receipt(Scene.receipts[2], try path(tree.receipts, 2)))),
                ("event", ProofBundle(block: block, content: .event(Scene.events[1], try path(tree.events, 1)))),
            ]
        }

        /// Every single-bit change of the content, and on request of the block as well, which is the same in all bundles.
        func mutants(of bundle: ProofBundle, wholly: Bool) -> [[UInt8]] {
            let encoded = bundle.bcs
            return (wholly ? 0..<encoded.count * 8 : 8 * (1 + block.bcs.count)..<encoded.count * 8).map { encoded.flipping($0) }
        }

        var validatorsHash: Digest { block.validators.digest }

        func accepts(_ encoded: [UInt8]) -> Bool {
            guard let bundle = try? ProofBundle(bcs: encoded) else { return false }
            return (try? bundle.verify(chainID: chain.chainID, validatorsHash: validatorsHash)) != nil
        }
    }

    @Test func whatIsTrueIsAccepted() throws {
        let scene = try Scene()
        for (_, bundle) in try scene.bundles() {
            try bundle.verify(chainID: scene.chain.chainID, validatorsHash: scene.validatorsHash)
            #expect(try ProofBundle(bcs: bundle.bcs) == bundle)
            // On the ground of an older header instead of a known set.
            let trusted = try TrustedHeader(genesis: scene.chain.genesis, chainID: scene.chain.chainID)
            let rules = scene.chain.rules(at: 30)
            #expect(try bundle.verify(from: trusted, rules: rules).header == scene.block.header)
        }
    }

    @Test func whatIsFalseIsRefused() throws {
        let scene = try Scene()
        let (chainID, validatorsHash) = (scene.chain.chainID, scene.validatorsHash)
        let bundle = try scene.state([Scene.key(7)])
        #expect(throws: ProofBundleError.self) { try bundle.verify(chainID: ChainID(), validatorsHash: validatorsHash) }
        #expect(throws: ProofBundleError.validatorsHashWrong(expected: .zero, actual: validatorsHash)) {
            try bundle.verify(chainID: chainID, validatorsHash: .zero)
        }
        guard case .state(_, let proof) = bundle.content else { return }
        func claim(_ claims: [StateClaim]) -> ProofBundle { ProofBundle(block: scene.block, content: .state(claims, proof)) }
        #expect(throws: ProofBundleError.state(.rootMismatch)) {
            try claim([StateClaim(key: Scene.key(7), value: Array("value 8".utf8))]).verify(chainID: chainID, validatorsHash: validatorsHash)
        }
        #expect(throws: ProofBundleError.self) {
            try claim([StateClaim(key: Scene.key(7), value: nil)]).verify(chainID: chainID, validatorsHash: validatorsHash)
        }
        #expect(throws: ProofBundleError.claimCount(0)) { try claim([]).verify(chainID: chainID, validatorsHash: validatorsHash) }
        let many = (0...ProofBundle.claimsMax).map { StateClaim(key: Scene.key($0), value: nil) }
        #expect(throws: ProofBundleError.claimCount(1_025)) { try claim(many).verify(chainID: chainID, validatorsHash: validatorsHash) }
        #expect(throws: BCSError.self) { try ProofBundle(bcs: claim(many).bcs) }
        // A leaf of one tree is no leaf of another.
        let path = try #require(scene.tree.transactions.inclusionProof(of: 0)?.merklePath)
        let strange = ProofBundle(block: scene.block, content: .receipt(Scene.receipts[0], path))
        #expect(throws: ProofBundleError.self) { try strange.verify(chainID: chainID, validatorsHash: validatorsHash) }
    }

    /// On the ground of an older header the content is checked as strictly as on that of a known set.
    @Test func falseContentOnTheGroundOfAnOlderHeader() throws {
        let scene = try Scene()
        let trusted = try TrustedHeader(genesis: scene.chain.genesis, chainID: scene.chain.chainID)
        let rules = scene.chain.rules(at: 30)
        for (name, bundle) in try scene.bundles() {
            let (content, error): (ProofBundle.Content, ProofBundleError) = switch bundle.content {
            case .state(let claims, let proof):
                (.state(claims.map { StateClaim(key: $0.key, value: [0]) }, proof), .state(.rootMismatch))
            case .transaction(_, let path):
                (.transaction(Scene.transactions[1], path), .rootWrong(
                    expected: scene.tree.transactions.root, actual: path.root(leafHash: Scene.transactions[1].envelopeHash.leaf)))
            case .receipt(_, let path):
                (.receipt(Scene.receipts[1], path), .rootWrong(
                    expected: scene.tree.receipts.root, actual: path.root(leafHash: Scene.receipts[1].leaf)))
            case .event(_, let path):
                (.event(Scene.events[0], path), .rootWrong(
                    expected: scene.tree.events.root, actual: path.root(leafHash: Scene.events[0].leaf)))
            }
            if name == "value" || bundle.content.isOfTree {
                #expect(throws: error, "\(name)") { try ProofBundle(block: scene.block, content: content).verify(from: trusted, rules: rules) }
            } else {
                #expect(throws: ProofBundleError.self, "\(name)") {
                    try ProofBundle(block: scene.block, content: content).verify(from: trusted, rules: rules)
                }
            }
        }
    }

    /// Whoever has come to believe a block asks about that very block: the answer is no step, yet nothing in it may be wrong.
    @Test func answersAboutTheTrustedBlockItself() throws {
        let scene = try Scene()
        let trusted = try TrustedHeader(scene.block, hash: scene.block.header.digest, chainID: scene.chain.chainID)
        let rules = scene.chain.rules(at: 30)
        let bundle = try scene.state([Scene.key(7), Scene.key(3_001)])
        #expect(try bundle.verify(from: trusted, rules: rules) == trusted)
        // Another quorum for the same header is as good.
        let other = LightBlock(
            header: scene.block.header, certificate: scene.chain.certify(scene.block.header, scene.chain.epochs[0], view: 3, signers: [0, 1, 3]),
            validators: scene.block.validators)
        #expect(try ProofBundle(block: other, content: bundle.content).verify(from: trusted, rules: rules) == trusted)
        let few = LightBlock(
            header: scene.block.header, certificate: scene.chain.certify(scene.block.header, scene.chain.epochs[0], signers: [0, 1]),
            validators: scene.block.validators)
        #expect(throws: ProofBundleError.block(.certificate(.quorumMissing(weight: 20, total: 40)))) {
            try ProofBundle(block: few, content: bundle.content).verify(from: trusted, rules: rules)
        }
        guard case .state(_, let proof) = bundle.content else { return }
        #expect(throws: ProofBundleError.self) {
            try ProofBundle(block: scene.block, content: .state([StateClaim(key: Scene.key(7), value: [0])], proof))
                .verify(from: trusted, rules: rules)
        }
        let late = scene.chain.rules(at: 10_000)
        #expect(throws: ProofBundleError.block(.trustExpired(trusted: scene.block.header.draft.time, now: late.now))) {
            try bundle.verify(from: trusted, rules: late)
        }
    }

    /// More signatures than a quorum are all checked: a wrong one among them is not covered by the others.
    @Test func surplusSignaturesAreChecked() throws {
        let scene = try Scene()
        let bundle = try scene.state([Scene.key(7)])
        #expect(bundle.block.certificate.signatures.count == 4)
        var signatures = bundle.block.certificate.signatures
        signatures[3] = CertificateSignature(signer: signatures[3].signer, signature: signatures[2].signature)
        let certificate = try #require(CommitCertificate(statement: bundle.block.certificate.statement, signatures: signatures))
        let forged = ProofBundle(
            block: LightBlock(header: bundle.block.header, certificate: certificate, validators: bundle.block.validators),
            content: bundle.content)
        #expect(throws: ProofBundleError.block(.certificate(.signatureInvalid(ValidatorIndex(3))))) {
            try forged.verify(chainID: scene.chain.chainID, validatorsHash: scene.validatorsHash)
        }
    }

    /// A change of the key in a claim of absence can make another claim of absence that is just as true; whoever asks compares
    /// the key. Any other change of a bit is refused.
    @Test func everyBitCounts() throws {
        let scene = try Scene()
        for (name, bundle) in try scene.bundles() {
            for mutant in scene.mutants(of: bundle, wholly: name == "value") where scene.accepts(mutant) {
                let accepted = try ProofBundle(bcs: mutant)
                guard case .state(let claims, let proof) = accepted.content, case .state(_, let original) = bundle.content else {
                    Issue.record("\(name): a changed bundle was accepted")
                    continue
                }
                #expect(accepted.block == bundle.block && proof == original && claims.contains { $0.value == nil })
                #expect(try scene.view.claims(claims.map(\.key)) == claims)
            }
        }
    }

    /// The independent verifier and this one agree: on every bundle, on every single-bit change, and on every truncation.
    @Test(.enabled(if: Python.path != nil, Python.missing)) func theIndependentVerifierAgrees() throws {
        let python = try #require(Python.path)
        let scene = try Scene()
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ProofVerifier/verify.py").path
        let trust = ["--chain-id", scene.chain.chainID.hex, "--validators-hash", scene.validatorsHash.hex]
        let bundles = try scene.bundles()
        var inputs = bundles.map(\.bundle.bcs)
        for encoded in inputs {
            for length in stride(from: 0, to: encoded.count, by: 7) { inputs.append(Array(encoded.prefix(length))) }
            inputs.append(encoded + [0])
        }
        for (name, bundle) in bundles where ["values and absences", "transaction", "receipt", "event"].contains(name) {
            inputs += scene.mutants(of: bundle, wholly: name == "event")
        }
        let text = Array((inputs.map(\.hex).joined(separator: "\n") + "\n").utf8)
        let answer = String(decoding: try Python.run(python, [script] + trust + ["--batch"], input: text), as: UTF8.self)
        let verdicts = answer.split(separator: "\n")
        try #require(verdicts.count == inputs.count)
        let disputed = zip(inputs, verdicts).filter { ($1 == "valid") != scene.accepts($0) }
        #expect(disputed.isEmpty, "\(disputed.count) verdicts, such as \(disputed.first?.1 ?? "")")
        #expect(verdicts.prefix(8).allSatisfy { $0 == "valid" })
        // Told which keys were asked for, it refuses every single-bit change of claims of absence too.
        for (numbers, index) in [([3_001], 1), ([1, 5_000, 2, 6_000], 2)] {
            let asked = numbers.flatMap { ["--key", Scene.key($0).bytes.hex] }
            let bundle = bundles[index].bundle
            let lines = [bundle.bcs] + scene.mutants(of: bundle, wholly: false)
            let input = Array((lines.map(\.hex).joined(separator: "\n") + "\nneither\n").utf8)
            let answer = String(decoding: try Python.run(python, [script] + trust + asked + ["--batch"], input: input), as: UTF8.self)
            let verdicts = answer.split(separator: "\n")
            #expect(verdicts.count == lines.count + 1 && verdicts[0] == "valid" && !verdicts.dropFirst().contains("valid"))
        }
        // For another chain or set the same bundles are worth nothing.
        let wrong = ["--chain-id", scene.validatorsHash.hex, "--validators-hash", scene.validatorsHash.hex, "--batch"]
        let refused = try Python.run(python, [script] + wrong, input: Array(inputs[0].hex.utf8) + [0x0a])
        #expect(String(decoding: refused, as: UTF8.self).hasPrefix("refused: signature"))
        // And one at a time, as a person would ask.
        #expect(throws: Python.Failed.self) { try Python.run(python, [script] + trust, input: Array(inputs[8].hex.utf8)) }
        let shown = try Python.run(python, [script] + trust, input: Array(inputs[0].hex.utf8))
        #expect(String(decoding: shown, as: UTF8.self).contains(Array("value 7".utf8).hex))
    }
}

extension ProofBundle.Content {
    /// Whether the content is a leaf of one of the block's own trees.
    fileprivate var isOfTree: Bool {
        if case .state = self { false } else { true }
    }
}
