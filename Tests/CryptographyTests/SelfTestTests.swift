import Cryptography
import Primitives
import Synchronization
import Testing

@Suite struct SelfTestTests {
    static func failure(_ change: (inout SelfTest.Operations) -> Void) -> SelfTestError? {
        var operations = SelfTest.Operations.linked
        change(&operations)
        do throws(SelfTestError) {
            try SelfTest.run(operations)
            return nil
        } catch { return error }
    }

    @Test func theLinkedLibrariesPass() throws { try SelfTest.run() }

    /// The protocol has a node run the edge cases of the VRF at start: all of them but those of another length, which are no proofs.
    @Test func everyEdgeCaseIsRun() throws {
        struct Case: Hashable {
            let proof: VRFProof, alpha: [UInt8], key: VRFPublicKey
        }
        let seen = Mutex<Set<Case>>([])
        #expect(Self.failure { operations in
            operations.verifyProof = { proof, alpha, key in
                seen.withLock { _ = $0.insert(Case(proof: proof, alpha: alpha, key: key)) }
                return ECVRF.verify(proof, alpha: alpha, by: key)
            }
        } == nil)
        let edges = try Vectors.list("ecvrf-edwards25519-sha512-tai-edge", of: ECVRFTests.EdgeCase.self)
        let cases = edges.compactMap { edge in
            VRFProof(edge.pi.bytes).map { (edge.name, Case(proof: $0, alpha: edge.alpha.bytes, key: VRFPublicKey(edge.pk))) }
        }
        #expect(cases.count == 15)
        for (name, edge) in cases { #expect(seen.withLock { $0.contains(edge) }, "\(name)") }
    }

    @Test func aFaultyPointCheckIsNamedWithItsRemedy() throws {
        // Upstream 1.0.18: a point with a component of order 2 passes.
        let faulty = PublicKey(hex: "16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5")!
        let error = try #require(Self.failure { operations in
            operations.isValidPoint = { $0 == faulty || Ed25519.isAcceptable($0) }
        })
        #expect(error == .pointCheckFaulty(
            "public key with a component of order 2", libsodiumVersion: SelfTest.Operations.linked.libsodiumVersion))
        #expect("\(error)".contains("CVE-2025-69277"))
        #expect("\(error)".contains("libsodium23 1.0.18-1+deb12u1"))
    }

    @Test func eachOtherFaultIsCaught() throws {
        let refusals = [
            Self.failure { $0.isValidPoint = { _ in true } },
            Self.failure { $0.isValidPoint = { _ in false } },
            Self.failure { $0.isValidSignature = { _, _, _ in true } },
            Self.failure { $0.isValidSignature = { _, _, _ in false } },
            Self.failure { $0.verifyProof = { proof, _, _ in ECVRF.claimedOutput(of: proof) } },
            Self.failure { $0.verifyProof = { _, _, _ in nil } },
            Self.failure { $0.sha256 = { _ in .zero } },
            Self.failure { $0.isValidCertificateSignature = { _, _, _ in true } },
            Self.failure { $0.isValidCertificateSignature = { _, _, _ in false } },
        ]
        for refusal in refusals {
            let error = try #require(refusal)
            #expect("\(error)".hasPrefix("self-test failed"))
        }
    }

    /// OpenSSL takes signatures by keys of small order, which the network refuses.
    @Test func anotherLibrarysVerifierIsCaught() {
        let refusal = Self.failure { operations in
            operations.isValidSignature = { OpenSSLEd25519.isValid($0.bytes, of: $1, by: $2.bytes) }
        }
        guard case .signatureVerdictWrong = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }
}
