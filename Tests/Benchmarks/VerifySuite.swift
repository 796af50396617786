import Cryptography
import CSodium
import Foundation
import Ledger
import Primitives
import Verification

extension Suite {
    /// What the verify pool adds to the library that it calls, and how long a vote waits behind transactions.
    ///
    /// Rounds of the pool and of a bare loop over the same messages take turns, so that both see the same machine. A rate per core
    /// is messages per second of processor time; a share compares it with as many bare loops at once as the pool has workers.
    static let verify = Suite(name: "verify", summary: "the verify pool: throughput, its share of bare libsodium, latency of votes") { report, quick in
        let chain = ChainID()
        let count = quick ? 500 : 5_000
        let keys = (1...50).map { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: $0, count: 32))) }
        let payments = (0..<count).map { payment(UInt64($0), keys[$0 % keys.count], chain) }
        let bare = payments.map { BareMessage($0, chain: chain) }
        let allWorkers = ProcessInfo.processInfo.activeProcessorCount
        report.setup["workers"] = "\(allWorkers)"
        report.setup["messages"] = "\(count) of \(bare[0].bytes.count) signed bytes"

        for workers in Set([1, allWorkers]).sorted() {
            let pool = VerificationPool(workers: workers), suffix = workers == 1 ? "_one_worker" : "_all_workers"
            var perCore: [Double] = [], perSecond: [Double] = [], shares: [Double] = []
            for round in 0..<(quick ? 3 : 9) {
                func measurePool() -> (cpu: Double, wall: Double) {
                    let watch = Stopwatch()
                    verifyAll(payments, pool, chain)
                    return (watch.cpu, watch.wall)
                }
                func measureBare() -> Double {
                    let watch = Stopwatch()
                    bareLoops(bare, threads: workers)
                    return watch.cpu
                }
                let pooled: (cpu: Double, wall: Double), alone: Double
                if round.isMultiple(of: 2) {
                    pooled = measurePool()
                    alone = measureBare()
                } else {
                    alone = measureBare()
                    pooled = measurePool()
                }
                perCore.append(Double(count) / pooled.cpu)
                perSecond.append(Double(count) / pooled.wall)
                shares.append(alone / pooled.cpu)
            }
            report.add("ed25519_per_second_per_core" + suffix, perCore, unit: "1/s")
            report.add("ed25519_per_second" + suffix, perSecond, unit: "1/s")
            report.add("share_of_bare_libsodium" + suffix, shares, unit: "ratio")
            pool.close()
        }

        let pool = VerificationPool(workers: allWorkers)
        let (verifier, certificate, vote) = try validators(100, chain)
        func wait<Message, Failure>(_ message: Message, _ check: SignatureCheck<Message, Failure>) -> Double {
            let done = DispatchSemaphore(value: 0), watch = Stopwatch()
            let reception = pool.submit([message], as: check, lane: .consensus) { verdicts in
                precondition(verdicts[0].verified != nil)
                done.signal()
            }
            guard case .accepted = reception else { preconditionFailure("the lane is empty") }
            done.wait()
            return watch.wall * 1e6
        }
        let rounds = quick ? 20 : 300
        report.add("vote_idle_us", (0..<rounds).map { _ in wait(vote, .validator(verifier)) }, unit: "us")
        report.add("certificate_67_of_100_idle_us", (0..<(rounds / 5)).map { _ in wait(certificate, .certificate(verifier)) }, unit: "us")

        let load = Load(pool, payments, chain)
        report.add("vote_among_transactions_us", (0..<rounds).map { _ in
            // Apart, so that each meets the pieces at another moment.
            usleep(UInt32.random(in: 500...3000))
            return wait(vote, .validator(verifier))
        }, unit: "us")
        report.add("certificate_67_of_100_among_transactions_us", (0..<(rounds / 5)).map { _ in wait(certificate, .certificate(verifier)) }, unit: "us")
        load.stop()
        pool.close()
    }

    /// A transfer that is not its account's first.
    private static func payment(_ number: UInt64, _ key: SigningKey, _ chain: ChainID) -> SignedTransaction {
        let sender = Address(of: key.publicKey)
        let transfer = Call(contract: .builtIn("accounts"), method: "transfer", arguments: sender.bytes + Amount(12_500_000).bcs)
        return Transaction(
            chainID: chain, sender: sender, nonce: Nonce(1 + number), validUntilHeight: 1_000, gasLimit: 100_000, gasPrice: Amount(1),
            calls: [transfer])!.signed(by: key)!
    }

    private static func verifyAll(_ payments: [SignedTransaction], _ pool: VerificationPool, _ chain: ChainID) {
        let done = DispatchSemaphore(value: 0)
        let reception = pool.submit(payments, as: .account(chainID: chain), lane: .bulk) { verdicts in
            precondition(verdicts.allSatisfy { $0.verified != nil })
            done.signal()
        }
        guard case .accepted = reception else { preconditionFailure("the lane is empty") }
        done.wait()
    }

    /// The same messages by nothing but the library, on as many threads.
    private static func bareLoops(_ messages: [BareMessage], threads: Int) {
        let finished = DispatchGroup()
        for thread in 0..<threads {
            finished.enter()
            Thread.detachNewThread {
                for index in stride(from: thread, to: messages.count, by: threads) { precondition(messages[index].holds) }
                finished.leave()
            }
        }
        finished.wait()
    }

    private static func validators(_ count: UInt8, _ chain: ChainID) throws -> (SignatureVerifier, CommitCertificate, Ballot) {
        let keys = (1...count).map { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: $0, count: 32))) }
        let set = try ValidatorSet(epoch: 0, validators: keys.map {
            Validator(consensusKey: $0.publicKey, vrfKey: VRFPublicKey($0.publicKey.bytes)!, weight: 1)
        })
        let statement = CommitStatement(epoch: 0, height: 1, view: 0, draftDigest: .zero, headerHash: .zero)
        let signatures = keys.prefix(2 * Int(count) / 3 + 1).enumerated().map { index, key in
            CertificateSignature(signer: ValidatorIndex(UInt16(index)), signature: key.sign(statement, as: .commit, chainID: chain))
        }
        return (
            SignatureVerifier(chainID: chain, validatorSets: [set]),
            CommitCertificate(statement: statement, signatures: signatures)!,
            Ballot(signedBody: statement, signature: signatures[3].signature)
        )
    }
}

/// A payment taken apart beforehand, as C wants it.
private struct BareMessage {
    let bytes: [UInt8], key: [UInt8], signature: [UInt8]

    init(_ payment: SignedTransaction, chain: ChainID) {
        guard case .single(let key, let signature) = payment.authenticator else { preconditionFailure("one key each") }
        bytes = payment.signingDomain.signedBytes(payment.signedBody, chainID: chain)
        self.key = key.bytes
        self.signature = signature.bytes
    }

    var holds: Bool { crypto_sign_verify_detached(signature, bytes, UInt64(bytes.count), key) == 0 }
}

/// A vote of the fourth validator.
private struct Ballot: ValidatorSigned {
    var epoch: Epoch { 0 }
    var signer: ValidatorIndex { ValidatorIndex(3) }
    let signedBody: CommitStatement
    let signature: Signature
    var signingDomain: SigningDomain { .commit }
}

/// Keeps the bulk lane of a pool full: whenever a submission is done, the next one comes.
private final class Load: @unchecked Sendable {
    private let pool: VerificationPool
    private let batch: [SignedTransaction]
    private let chain: ChainID
    private let lock = NSLock()
    private var isStopped = false

    init(_ pool: VerificationPool, _ payments: [SignedTransaction], _ chain: ChainID) {
        self.pool = pool
        self.chain = chain
        batch = Array(payments.prefix(256))
        for _ in 0..<8 { submit() }
    }

    func stop() { lock.withLock { isStopped = true } }

    private func submit() {
        if lock.withLock({ isStopped }) { return }
        _ = pool.submit(batch, as: .account(chainID: chain), lane: .bulk) { _ in self.submit() }
    }
}
