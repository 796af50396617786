import Cryptography
import Primitives

extension FuzzTargets {
    static let cryptography: [FuzzTarget] = [
        .canonical("multisig-keys", MultisigKeys.self, samples: [Signed.keys]),
        .canonical("multisig-signature", MultisigSignature.self, samples: [Signed.signature]),
        .canonical("authenticator", Authenticator.self, samples: Signed.authenticators),
        // Altered signatures and proofs do not trap a verifier, and only the ones that were made are accepted.
        FuzzTarget(name: "authenticator-check", samples: Signed.authenticators.map(\.bcs)) { input in
            guard let altered = try? Authenticator(bcs: input), !Signed.authenticators.contains(altered) else { return nil }
            // Keys left out make another account, for which the signatures may well do.
            guard Signed.authenticators.contains(where: { $0.address == altered.address }) else { return nil }
            do { try altered.check(Signed.message) } catch { return nil }
            return "lets a message through that nobody signed so"
        },
        FuzzTarget(name: "vrf-proof", samples: [Signed.proof.bytes]) { input in
            guard let altered = VRFProof(input), altered != Signed.proof else { return nil }
            return ECVRF.verify(altered, alpha: Signed.message, by: Signed.vrfKey.publicKey) == nil ? nil : "is accepted beside the one proof"
        },
    ]

    /// What holders of keys made.
    private enum Signed {
        static let message: [UInt8] = Array("a message".utf8)
        static let signingKeys = (1...3).map { number in SigningKey(seed: SecretBytes(copying: [UInt8](repeating: number, count: 32))) }
        static let vrfKey = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 9, count: 32)))
        static let proof = vrfKey.prove(alpha: message)
        static let keys = MultisigKeys(threshold: 2, keys: signingKeys.map(\.publicKey))!
        static let signature = MultisigSignature(message, keys: keys, signingKeys: Array(signingKeys.prefix(2)))
        static let authenticators: [Authenticator] = [
            .single(signingKeys[0].publicKey, signingKeys[0].sign(message)), .multisig(keys, signature),
        ]
    }
}
