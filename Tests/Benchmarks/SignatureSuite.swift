import Cryptography
import Primitives

extension Suite {
    /// Public-key operations on the hot path: a signature per transaction and vote, a VRF proof per block.
    static let signatures = Suite(name: "signatures", summary: "Ed25519, certificates, VRF and secret sharing") { report, quick in
        let rounds = quick ? 20 : 400
        let chain = ChainID()
        let key = SigningKey(seed: seed(1)), vrfKey = VRFKey(seed: seed(2))
        let message = [UInt8](repeating: 7, count: 250)
        let signature = key.sign(message)
        let proof = vrfKey.prove(alpha: message)

        func measure(_ name: String, rounds: Int, _ body: () -> some Any) {
            var samples: [Double] = []
            for _ in 0..<11 {
                let watch = Stopwatch()
                for _ in 0..<rounds { consume(body()) }
                samples.append(watch.threadCPU / Double(rounds) * 1e6)
            }
            report.add(name, samples, unit: "us")
        }

        measure("ed25519_sign_250B_us", rounds: rounds) { key.sign(message) }
        measure("ed25519_verify_250B_us", rounds: rounds) { Ed25519.isValid(signature, of: message, by: key.publicKey) }
        measure("ed25519_key_acceptable_us", rounds: rounds) { Ed25519.isAcceptable(key.publicKey) }
        let transfer = Transfer(key: key, chain: chain)
        measure("account_message_us", rounds: rounds) { try? transfer.verified(chainID: chain) }

        let (validators, certificate) = try quorum(of: 100, chain: chain)
        measure("certificate_67_of_100_us", rounds: max(1, rounds / 60)) {
            try? certificate.verified(by: validators, chainID: chain)
        }
        measure("vrf_prove_us", rounds: rounds / 4) { vrfKey.prove(alpha: message) }
        measure("vrf_verify_us", rounds: rounds / 4) { ECVRF.verify(proof, alpha: message, by: vrfKey.publicKey) }

        let randomness = SecretBytes(copying: [UInt8](repeating: 3, count: 64 * 3).enumerated().map { UInt8($0 % 251) ^ $1 })
        let dealing = SecretSharing.deal(threshold: 3, holders: 5, randomness: randomness)
        measure("share_deal_3_of_5_us", rounds: rounds / 4) {
            SecretSharing.deal(threshold: 3, holders: 5, randomness: randomness)
        }
        measure("share_check_threshold_3_us", rounds: rounds / 4) { dealing.commitments.accepts(dealing.shares[4]) }
        for sample in CertificateSample.all {
            let key = sample.certificate.key
            measure("certificate_read_\(sample.kind)_us", rounds: rounds) { try? Certificate(sample.bytes) }
            measure("verify_\(sample.kind)_us", rounds: rounds / 4) { key.isValid(sample.signature, of: sample.message) }
        }
        measure("secret_bytes_us", rounds: rounds) { SecretBytes(count: 32) { _ in } }
        measure("self_test_us", rounds: max(1, rounds / 60)) { try? SelfTest.run() }
    }

    private static func seed(_ number: UInt8) -> SecretBytes { SecretBytes(copying: [UInt8](repeating: number, count: 32)) }

    /// A certificate by the least quorum of `count` equal validators.
    private static func quorum(of count: UInt8, chain: ChainID) throws -> (ValidatorSet, CommitCertificate) {
        let keys = (1...count).map { SigningKey(seed: seed($0)) }
        let set = try ValidatorSet(epoch: 0, validators: keys.map {
            Validator(consensusKey: $0.publicKey, vrfKey: VRFPublicKey($0.publicKey.bytes)!, weight: 1)
        })
        let statement = CommitStatement(epoch: 0, height: 1, view: 0, draftDigest: .zero, headerHash: .zero)
        let signatures = keys.prefix(2 * Int(count) / 3 + 1).enumerated().map { index, key in
            CertificateSignature(
                signer: ValidatorIndex(UInt16(index)), signature: key.sign(statement, as: .commit, chainID: chain))
        }
        return (set, CommitCertificate(statement: statement, signatures: signatures)!)
    }

    /// A message of an account, with a body as long as a transfer's.
    private struct Transfer: AccountSigned {
        let sender: Address
        let signedBody: Bounded<256, UInt8>
        let authenticator: Authenticator
        var signingDomain: SigningDomain { .transaction }
        var registersKeys: Bool { false }

        init(key: SigningKey, chain: ChainID) {
            sender = Address(of: key.publicKey)
            signedBody = Bounded([UInt8](repeating: 7, count: 180))!
            authenticator = .single(key.publicKey, key.sign(signedBody, as: .transaction, chainID: chain))
        }
    }
}
