import Cryptography
import Primitives
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
