import Cryptography
import Foundation
import Primitives
import PythonRunner
import Testing

/// What this room signs, proves, encodes and derives against `Vectors/golden.json`, which `Vectors/make_golden.py` makes with
/// its own curve arithmetic.
@Suite struct GoldenTests {
    struct File: Decodable {
        struct Account: Decodable { let seeds, keys: [Hex], threshold: Int, message, address, bcs: Hex }
        struct Possession: Decodable { let seed, chainID, account, key, signature, vrfProof: Hex }
        struct Step: Decodable { let seed, key, chainID, previous, alpha, proof, beacon: Hex, height: String }
        struct Dealing: Decodable {
            let threshold, holders: Int
            let randomness, secret, commitments: Hex, shares, publicShares: [Hex]
        }
        struct Part: Decodable { let index: UInt16, proof, bcs: Hex }
        let authenticators: [Account], possessions: [Possession], beacons: [Step], dealings: [Dealing], parts: [Part]
    }

    private let golden: File

    init() throws { golden = try Vectors.load("golden") }

    /// The value encodes to the bytes, the bytes decode to the value, and nothing shorter or longer does.
    private func check<Value: BCSCodable & Equatable>(_ value: Value, _ hex: Hex, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(value.bcs == hex.bytes, sourceLocation: sourceLocation)
        #expect((try? Value(bcs: hex.bytes)) == value, sourceLocation: sourceLocation)
        #expect((try? Value(bcs: hex.bytes + [0])) == nil, sourceLocation: sourceLocation)
        for length in hex.bytes.indices { #expect((try? Value(bcs: Array(hex.bytes.prefix(length)))) == nil, sourceLocation: sourceLocation) }
    }

    @Test func authenticators() throws {
        #expect(golden.authenticators.count == 2)
        for vector in golden.authenticators {
            let signers = vector.seeds.map { SigningKey(seed: SecretBytes(copying: $0.bytes)) }
            let authenticator: Authenticator
            if let keys = MultisigKeys(threshold: vector.threshold, keys: vector.keys.map { PublicKey($0) }) {
                authenticator = .multisig(keys, MultisigSignature(vector.message.bytes, keys: keys, signingKeys: signers))
            } else {
                authenticator = .single(signers[0].publicKey, signers[0].sign(vector.message.bytes))
            }
            check(authenticator, vector.bcs)
            #expect(authenticator.address == Address(vector.address))
            try authenticator.checkKeys()
            try authenticator.check(vector.message.bytes)
        }
    }

    @Test func proofsOfPossession() {
        #expect(golden.possessions.count == 3)
        for vector in golden.possessions {
            let seed = SecretBytes(copying: vector.seed.bytes), chain = ChainID(vector.chainID), account = Address(vector.account)
            let signing = SigningKey(seed: seed), vrf = VRFKey(seed: seed)
            #expect(signing.publicKey == PublicKey(vector.key) && vrf.publicKey == VRFPublicKey(vector.key))
            #expect(signing.provePossession(for: account, chainID: chain) == Signature(vector.signature))
            #expect(vrf.provePossession(for: account, chainID: chain) == VRFProof(vector.vrfProof))
            #expect(Ed25519.isRegistrable(
                signing.publicKey, for: account, possession: Signature(vector.signature), chainID: chain))
            #expect(ECVRF.isRegistrable(vrf.publicKey, for: account, possession: VRFProof(vector.vrfProof), chainID: chain))
        }
    }

    @Test func beaconSteps() {
        #expect(golden.beacons.count == 4)
        for vector in golden.beacons {
            let key = VRFKey(seed: SecretBytes(copying: vector.seed.bytes))
            let chain = ChainID(vector.chainID), height = Height(UInt64(vector.height)!), previous = Beacon(vector.previous)
            #expect(BeaconStep.alpha(chainID: chain, height: height, previous: previous) == vector.alpha.bytes)
            let step = BeaconStep.prove(with: key, chainID: chain, height: height, previous: previous)
            #expect(step.proof == VRFProof(vector.proof) && step.beacon == Beacon(vector.beacon))
            #expect(BeaconStep.verify(
                step.proof, by: VRFPublicKey(vector.key), chainID: chain, height: height, previous: previous) == step.beacon)
        }
    }

    @Test func dealings() throws {
        #expect(golden.dealings.count == 3)
        for vector in golden.dealings {
            let dealing = SecretSharing.deal(
                threshold: vector.threshold, holders: vector.holders, randomness: SecretBytes(copying: vector.randomness.bytes))
            check(dealing.commitments, vector.commitments)
            #expect(dealing.secret.matches(SecretBytes(copying: vector.secret.bytes)))
            #expect(dealing.shares.count == vector.holders && vector.shares.count == vector.holders)
            for (share, expected) in zip(dealing.shares, vector.shares) {
                #expect(share.encoded.matches(SecretBytes(copying: expected.bytes)))
            }
            let group = try #require(ThresholdVRF.Group(commitments: dealing.commitments, holders: vector.holders))
            #expect(group.publicShares == vector.publicShares.map { PublicShare($0) })
        }
    }

    @Test func thresholdParts() {
        #expect(golden.parts.count == 3)
        for vector in golden.parts { check(ThresholdVRF.Part(index: vector.index, proof: VRFProof(vector.proof)), vector.bcs) }
    }

    /// The vectors in the tree are what the script in the tree writes.
    @Test(.enabled(if: Python.path != nil, Python.missing))
    func vectorsComeFromTheScript() throws {
        // The script reads that of the Primitives, which lies beside it in the sources only.
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [try #require(Python.path), folder.appending(path: "make_golden.py").path]
        process.standardOutput = output
        try process.run()
        let written = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(written == (try Data(contentsOf: folder.appending(path: "golden.json"))))
    }
}
