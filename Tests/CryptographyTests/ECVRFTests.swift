import Cryptography
import Primitives
import Testing

@Suite struct ECVRFTests {
    struct Vector: Decodable { let sk, pk, alpha, pi, beta: Hex }

    struct EdgeCase: Decodable {
        let name: String
        let pk, alpha, pi, beta: Hex
        let node_strict_valid: Bool
    }

    @Test func provesAndVerifiesAsRFC9381Says() throws {
        let vectors = try Vectors.list("ecvrf-edwards25519-sha512-tai", of: Vector.self)
        #expect(vectors.count == 3)
        for vector in vectors {
            let key = VRFKey(seed: SecretBytes(copying: vector.sk.bytes))
            #expect(key.publicKey == VRFPublicKey(vector.pk))
            let proof = key.prove(alpha: vector.alpha.bytes)
            #expect(proof == VRFProof(vector.pi))
            let output = VRFOutput(vector.beta)
            #expect(ECVRF.verify(proof, alpha: vector.alpha.bytes, by: key.publicKey) == output)
            #expect(ECVRF.claimedOutput(of: proof) == output)
            #expect(ECVRF.isAcceptable(key.publicKey))
        }
    }

    @Test func judgesTheEdgeCasesByTheStrictRule() throws {
        let cases = try Vectors.list("ecvrf-edwards25519-sha512-tai-edge", of: EdgeCase.self)
        #expect(cases.count == 17)
        #expect(cases.count { $0.node_strict_valid } == 1)
        for edge in cases {
            // A proof of another length is no `VRFProof`, which is a refusal.
            let output = VRFProof(edge.pi.bytes).flatMap {
                ECVRF.verify($0, alpha: edge.alpha.bytes, by: VRFPublicKey(edge.pk))
            }
            #expect((output != nil) == edge.node_strict_valid, "\(edge.name)")
            if let output { #expect(output == VRFOutput(edge.beta), "\(edge.name)") }
        }
    }

    @Test func everyFlippedBitIsRefused() {
        let key = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 5, count: 32)))
        let alpha = Array("alpha".utf8)
        let proof = key.prove(alpha: alpha)
        for bit in 0..<(8 * VRFProof.byteCount) {
            #expect(ECVRF.verify(proof.flipping(bit), alpha: alpha, by: key.publicKey) == nil, "bit \(bit)")
        }
        for bit in 0..<(8 * alpha.count) {
            #expect(ECVRF.verify(proof, alpha: alpha.flipping(bit), by: key.publicKey) == nil)
        }
        for bit in 0..<256 { #expect(ECVRF.verify(proof, alpha: alpha, by: key.publicKey.flipping(bit)) == nil) }
    }

    @Test func randomKeysAndInputsRoundTrip() {
        var random = SeededGenerator(seed: 93_81)
        var outputs: Set<VRFOutput> = []
        for _ in 0..<40 {
            let key = VRFKey(seed: SecretBytes(copying: random.bytes(32)))
            let alpha = random.bytes(random.below(200))
            let proof = key.prove(alpha: alpha)
            #expect(proof == key.prove(alpha: alpha))
            let output = ECVRF.verify(proof, alpha: alpha, by: key.publicKey)
            #expect(output != nil && output == ECVRF.claimedOutput(of: proof))
            if let output { outputs.insert(output) }
            #expect(ECVRF.verify(VRFProof(random.bytes(80))!, alpha: alpha, by: key.publicKey) == nil)
        }
        #expect(outputs.count == 40)
    }

    @Test func registrationWantsPossession() {
        let chain = ChainID(number: 1)
        let key = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 6, count: 32)))
        let account = Address(truncating: Digest(number: 1))
        let proof = key.provePossession(for: account, chainID: chain)
        #expect(ECVRF.isRegistrable(key.publicKey, for: account, possession: proof, chainID: chain))
        #expect(!ECVRF.isRegistrable(key.publicKey, for: account, possession: proof, chainID: ChainID(number: 2)))
        #expect(!ECVRF.isRegistrable(key.publicKey, for: Address(), possession: proof, chainID: chain))
        let other = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
        #expect(!ECVRF.isRegistrable(other.publicKey, for: account, possession: proof, chainID: chain))
    }

    @Test func theBeaconChains() throws {
        let chain = ChainID(number: 3), key = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 8, count: 32)))
        var beacon = Beacon(number: 9)
        for height in 1...3 {
            let height = Height(UInt64(height))
            let step = BeaconStep.prove(with: key, chainID: chain, height: height, previous: beacon)
            func verify(_ chain: ChainID, _ height: Height, _ previous: Beacon) -> Beacon? {
                BeaconStep.verify(step.proof, by: key.publicKey, chainID: chain, height: height, previous: previous)
            }
            #expect(verify(chain, height, beacon) == step.beacon)
            #expect(verify(ChainID(number: 4), height, beacon) == nil)
            #expect(verify(chain, height.successor, beacon) == nil)
            #expect(verify(chain, height, step.beacon) == nil)
            let output = try #require(ECVRF.claimedOutput(of: step.proof))
            #expect(step.beacon.bytes == SHA256.hash(beacon.bytes + output.bytes).bytes)
            beacon = step.beacon
        }
        let zeros = String(repeating: "00", count: 31)
        #expect(BeaconStep.alpha(chainID: ChainID(number: 3), height: 258, previous: Beacon(number: 9)).hex
            == "626561636f6e2f31" + "03" + zeros + "0201000000000000" + "09" + zeros)
    }
}
