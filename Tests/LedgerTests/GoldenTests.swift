import Cryptography
import Foundation
import Ledger
import Primitives
import PythonRunner
import Testing
import WorldState

/// Every encoding and hash of this room against vectors from an independent program.
@Suite struct GoldenTests {
    private let golden = Golden.vectors

    /// The value encodes to the bytes, the bytes decode to the value, and nothing shorter or longer does.
    private func check<Value: BCSCodable & Equatable>(
        _ value: Value, _ hex: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let encoded = bytes(hex)
        #expect(value.bcs.hex == hex, sourceLocation: sourceLocation)
        #expect((try? Value(bcs: encoded)) == value, sourceLocation: sourceLocation)
        #expect((try? Value(bcs: encoded + [0])) == nil, sourceLocation: sourceLocation)
        // Every length for small values, a sample for large ones.
        for length in stride(from: 0, to: encoded.count, by: max(1, encoded.count / 200)) {
            #expect((try? Value(bcs: Array(encoded.prefix(length)))) == nil, sourceLocation: sourceLocation)
        }
    }

    /// Wrong bytes are refused or are the one encoding of another value; they never trap.
    @Test func mutatedBytes() {
        var random = SeededGenerator(seed: 3)
        func mutate<Value: BCSCodable>(_: Value.Type, _ hex: String) -> Int {
            let original = bytes(hex)
            var decoded = 0
            for _ in 0..<100 {
                var mutant = original
                for _ in 0...random.below(3) { mutant[random.below(mutant.count)] = UInt8(random.below(256)) }
                guard let value = try? Value(bcs: mutant) else { continue }
                decoded += 1
                #expect(value.bcs == mutant)
            }
            return decoded
        }
        var decoded = 0
        for vector in golden.transactions {
            decoded += mutate(Transaction.self, vector.transaction.bcs)
            let envelope = bytes(vector.envelope)
            for _ in 0..<100 {
                let mutant = envelope.flipping(random.below(envelope.count * 8))
                guard let signed = try? SignedTransaction(bcs: mutant) else { continue }
                #expect(SignedTransaction(signed.transaction, authenticator: signed.authenticator)?.envelope == mutant)
            }
        }
        for vector in golden.receipts { decoded += mutate(Receipt.self, vector.bcs) }
        for vector in golden.events { decoded += mutate(EventRecord.self, vector.bcs) }
        for vector in golden.parameters { decoded += mutate(NetworkParameters.self, vector.bcs) }
        for vector in golden.genesis { decoded += mutate(Genesis.self, vector.bcs) }
        for vector in golden.blocks { decoded += mutate(Block.self, vector.bcs) }
        for vector in golden.proofs[0].bundles { decoded += mutate(ProofBundle.self, vector.bcs) }
        for vector in golden.trees where vector.leaves.count > 1 {
            decoded += mutate(InclusionProof.self, vector.inclusion[1].bcs) + mutate(ConsistencyProof.self, vector.consistency[0].bcs)
        }
        // Enough of them are values that the test says something.
        #expect(decoded > 500)
    }

    @Test func contractAddresses() throws {
        #expect(Address.builtIn("accounts").hex == golden.builtIns[0].address)
        #expect(Address.builtIn("knowledge-mesh").hex == golden.builtIns[1].address)
        #expect(Address.builtIn("aaaaaaaaaaaaaaaaaaaa").hex == golden.builtIns[2].address)
        for vector in golden.deployed {
            let address = Address.deployedContract(
                by: Address(hex: vector.deployer)!, nonce: Nonce(UInt64(vector.nonce)!), callIndex: vector.callIndex)
            #expect(address.hex == vector.address)
        }
    }

    @Test func transactions() throws {
        for vector in golden.transactions {
            let transaction = vector.transaction.value
            check(transaction, vector.transaction.bcs)
            #expect(transaction.id.hex == vector.transaction.id)
            #expect(transaction.signedBytes.hex == vector.transaction.signedBytes)
            let signed = vector.value
            check(signed, vector.envelope)
            check(signed.signedBody, vector.transaction.bcs)
            for copy in [signed, try SignedTransaction(bcs: bytes(vector.envelope))] {
                #expect(copy.envelope.hex == vector.envelope)
                #expect(copy.id.hex == vector.transaction.id)
                #expect(copy.envelopeHash.hex == vector.envelopeHash)
                #expect(copy.envelopeHash.leaf.hex == vector.leaf)
                #expect(try copy.checkedSignature(chainID: transaction.chainID).value == signed)
            }
        }
    }

    /// Inside another value, a signed transaction knows where it begins.
    @Test func transactionsBehindOtherBytes() throws {
        for vector in golden.transactions {
            var decoder = BCSDecoder([1, 2, 3] + bytes(vector.envelope) + [4])
            for expected in [1, 2, 3] as [UInt8] { #expect(try decoder.decode(UInt8.self) == expected) }
            let signed = try decoder.decode(SignedTransaction.self)
            #expect(signed.envelope.hex == vector.envelope)
            #expect(signed.id.hex == vector.transaction.id)
            #expect(signed.envelopeHash.hex == vector.envelopeHash)
            #expect(signed.signedBody.bcs.hex == vector.transaction.bcs)
            #expect(decoder.remaining == 1)
        }
    }

    @Test func receiptsAndEvents() {
        for vector in golden.receipts {
            check(vector.value, vector.bcs)
            #expect(vector.value.outcome.receiptClass == vector.class)
            #expect(vector.value.leaf.hex == vector.leaf)
        }
        for vector in golden.events {
            check(vector.value, vector.bcs)
            #expect(vector.value.leaf.hex == vector.leaf)
        }
    }

    @Test func parameters() {
        #expect(golden.parameters[0].value == NetworkParameters())
        for vector in golden.parameters {
            check(vector.value, vector.bcs)
            #expect(vector.value.digest.hex == vector.hash)
        }
    }

    @Test func genesisDocuments() throws {
        for vector in golden.genesis {
            let genesis = try vector.value
            check(genesis, vector.bcs)
            #expect(genesis.charter.id.hex == vector.charterID)
            #expect(genesis.chainID.hex == vector.chainID)
            let header = try genesis.header()
            check(header, vector.header)
            #expect(header.digest.hex == vector.headerHash)
            check(EpochStart(height: 0, time: genesis.charter.time), vector.epochStart)
        }
    }

    @Test func blocks() throws {
        for vector in golden.blocks {
            let block = try #require(Block(
                header: try Header(bcs: bytes(vector.header)), certificate: try CommitCertificate(bcs: bytes(vector.certificate)),
                transactions: try vector.envelopes.map { try SignedTransaction(bcs: bytes($0)) }))
            check(block, vector.bcs)
        }
    }

    @Test func proofBundles() throws {
        for vector in golden.proofs {
            let light = try LightBlock(bcs: bytes(vector.light))
            check(light, vector.light)
            let path = try MerklePath(bcs: bytes(vector.path))
            let contents: [String: ProofBundle.Content] = [
                "transaction": .transaction(golden.transactions[0].value, path),
                "receipt": .receipt(golden.receipts[0].value, path),
                "event": .event(golden.events[0].value, path),
            ]
            let claims = try vector.claims.map { claim in
                StateClaim(key: try #require(StateKey(bytes(claim.key))), value: claim.value.map(bytes))
            }
            check(ProofBundle(block: light, content: .state(claims, try StateProof(bcs: bytes(vector.stateProof)))), vector.state)
            #expect(vector.bundles.count == contents.count)
            for bundle in vector.bundles {
                check(ProofBundle(block: light, content: try #require(contents[bundle.kind])), bundle.bcs)
            }
        }
    }

    /// The vectors in the tree are what the script in the tree writes.
    @Test(.enabled(if: Python.path != nil, Python.missing)) func vectorsComeFromTheScript() throws {
        let python = try #require(Python.path)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/make_golden.py")
        #expect(try Python.run(python, [script.path], input: []) == Data(contentsOf: Golden.url))
    }
}
