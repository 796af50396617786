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
        // A certificate that is read says the same of every part of it: nothing is accepted in two encodings. An altered one that the
        // issuer's key seems to have signed would be a forgery.
        FuzzTarget(name: "certificate", samples: [Signed.certificate]) { input in
            guard let altered = try? Certificate(input) else { return nil }
            if altered.bytes != input { return "keeps other bytes" }
            guard let key = try? CertificateKey(info: altered.keyInfo), key == altered.key else { return "has a key that does not read alike" }
            guard input != Signed.certificate, altered.isSigned(by: Signed.certificateKey) else { return nil }
            return "is a certificate that nobody signed so"
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
        /// Made by `openssl req -x509 -newkey ed25519`, which signed it with its own key; see `make_certificates.py` of the tests.
        static let certificate = [UInt8](hex: """
            308201bb3082016da00302010202145c84b4f46ce7d077cd461b1fe391245980f3a66f300506032b65703041310b3009060355040613024445311030
            0e060355040a0c074578616d706c653120301e06035504030c17636c692d656432353531392e6578616d706c652e6f7267301e170d32363131323131
            34333933315a170d3436313131363134333933315a3041310b30090603550406130244453110300e060355040a0c074578616d706c653120301e0603
            5504030c17636c692d656432353531392e6578616d706c652e6f7267302a300506032b6570032100d250d94a8b072316e91090de267e10822b1a24b3
            9739c99c4c080b036da25a7ba3773075301d0603551d0e041604141bcf6d77156f1dad7cecf63e45619ace7fbda4ad301f0603551d23041830168014
            1bcf6d77156f1dad7cecf63e45619ace7fbda4ad300f0603551d130101ff040530030101ff30220603551d11041b30198217636c692d656432353531
            392e6578616d706c652e6f7267300506032b657003410053828a04a7ea437b669d62e506b79ab666bdb6ed64f55bfce331386e3c272ac4050b32798e
            4c013f054e6187e9920e7738720bca781aac61e12b4b94d7790405
            """.filter { !$0.isWhitespace })!
        static let certificateKey = (try? Certificate(certificate))!.key
        static let authenticators: [Authenticator] = [
            .single(signingKeys[0].publicKey, signingKeys[0].sign(message)), .multisig(keys, signature),
        ]
    }
}
