import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import Storage
import WorldState

extension Suite {
    /// Nanoseconds of processor time behind each unit of gas, for everything that a contract can ask of its host. What a write
    /// leaves for the tree and the next flush is counted with it.
    static let gas = Suite(name: "gas", summary: "Nanoseconds per unit of gas of each host operation; --check refuses prices outside their band") { report, quick in
        let directory = try TemporaryDirectory()
        var bench = try GasBench(directory: directory.path, keys: quick ? 20_000 : 300_000)
        report.setup["state"] = "\(quick ? 20_000 : 300_000) keys of 5 bytes and values of 100 bytes on LMDB, fsync left out; random keys, cold caches of the block"
        report.setup["band"] = "\(GasBench.band.lowerBound) … \(GasBench.band.upperBound) ns per gas"
        for operation in GasBench.operations {
            var samples: [Double] = []
            for round in 0..<(quick ? 3 : 9) {
                let run = try bench.run(operation)
                if round > 0 { samples.append(run.nanoseconds / run.gas) }
            }
            report.add(operation.name, samples, unit: GasBench.unit)
        }
        report.add("transaction_base", try (0..<(quick ? 3 : 9)).map { _ in try bench.admission() }, unit: GasBench.unit)
    }
}

/// Runs one host operation many times inside transactions on a large state.
struct GasBench {
    /// What is measured: how often it runs in one transaction, and how many transactions.
    struct Operation {
        let name: String
        let method: MethodName
        var count: UInt32
        var transactions = 20
    }

    struct Run {
        let nanoseconds: Double
        let gas: Double
    }

    static let unit = "ns/gas"
    /// The same with everything at hand: cheaper than what is paid for, which is the cold case, and never dearer.
    static let hotUnit = "ns/gas, hot"
    /// The dearest operation may cost fifteen times as much time per gas as the cheapest: tighter would follow one machine's caches.
    static let band = 0.2...3.0
    static let operations = [
        Operation(name: "read", method: "read", count: 500), Operation(name: "write", method: "write", count: 200),
        Operation(name: "write_new", method: "write_new", count: 200), Operation(name: "remove", method: "remove", count: 200),
        Operation(name: "scan", method: "scan", count: 20), Operation(name: "call", method: "call", count: 500),
        Operation(name: "transfer", method: "transfer", count: 200), Operation(name: "event", method: "event", count: 200),
        Operation(name: "sha256", method: "sha256", count: 500), Operation(name: "verify_signature", method: "verify", count: 100, transactions: 4),
        Operation(name: "verify_vrf", method: "verify_vrf", count: 100, transactions: 2),
        Operation(name: "verify_p256", method: "verify_p256", count: 100, transactions: 4),
        Operation(name: "verify_p384", method: "verify_p384", count: 50, transactions: 2),
        Operation(name: "verify_rsa2048", method: "verify_rsa2048", count: 100, transactions: 4),
        Operation(name: "verify_rsa4096", method: "verify_rsa4096", count: 100, transactions: 4),
        Operation(name: "certificate_ed25519", method: "certificate_ed25519", count: 100, transactions: 4),
        Operation(name: "certificate_p256", method: "certificate_p256", count: 100, transactions: 4),
        Operation(name: "certificate_p384", method: "certificate_p384", count: 100, transactions: 4),
        Operation(name: "certificate_rsa4096", method: "certificate_rsa4096", count: 100, transactions: 4),
    ]

    private let store: LMDBStateStore
    private let state: WorldState
    private let executor: BlockExecutor
    private let keys: Int
    private var height: Height = 0
    private var nonce: UInt64 = 0
    private var random = SeededGenerator(seed: 3)
    private let key = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32)))
    private let chainID: ChainID
    private let validatorsHash: Digest

    init(directory: String, keys: Int) throws {
        self.keys = keys
        var options = StateStoreOptions()
        options.durability = .lostWithPower
        store = try LMDBStateStore(directory: directory + "/state", chainID: ChainID(), options: options)
        state = try WorldState(opening: store.snapshot())
        var parameters = NetworkParameters()
        parameters.epochHeights = 1 << 32
        let charter = GenesisCharter(chainName: "gas", network: .development, time: 1_000, parameters: parameters)
        let vrf = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 2, count: 32)))
        let founder = GenesisValidator(
            account: Address(of: key.publicKey), validator: Validator(consensusKey: key.publicKey, vrfKey: vrf.publicKey, weight: 10_000),
            consensusPossession: key.provePossession(for: Address(of: key.publicKey), chainID: charter.id), vrfPossession: vrf.provePossession(for: Address(of: key.publicKey), chainID: charter.id))
        let genesis = Genesis(
            charter: charter, validators: [founder],
            allocations: [GenesisAllocation(account: Address(of: key.publicKey), balance: Amount(1 << 90))], stateRoot: .zero)
        let definitions: [any BuiltInContract.Type] = [Accounts.self, GasProbe.self, GasTarget.self]
        _ = try state.apply(GenesisState.changes(genesis, definitions), height: 0)
        executor = BlockExecutor(catalogue: Catalogue(definitions), chainID: genesis.chainID)
        chainID = genesis.chainID
        validatorsHash = try genesis.initialValidators().digest
        for start in stride(from: 0, to: keys, by: 20_000) {
            height = height.successor
            let changes = (start..<min(start + 20_000, keys)).map {
                StateChange(key: StateKey(contract: GasProbe.address, GasProbe.key(UInt32($0)))!, value: random.bytes(100))
            }
            _ = try state.apply(changes, height: height)
            try flush()
            Progress.show("loading \(start) of \(keys) keys")
        }
    }

    private func flush() throws {
        guard let group = state.beginFlush() else { return }
        try group.write(to: store)
        state.finishFlush(group, snapshot: try store.snapshot())
    }

    private mutating func transaction(_ calls: [Call], gas: UInt64) -> SignedTransaction {
        nonce += 1
        let transaction = Transaction(
            chainID: chainID, sender: Address(of: key.publicKey), nonce: Nonce(nonce - 1), validUntilHeight: Height(height.rawValue + 100),
            gasLimit: Gas(gas), gasPrice: Amount(1), calls: calls)!
        return SignedTransaction(transaction, authenticator: .single(key.publicKey, Signature()))!
    }

    /// One block of transactions that do nothing else, with the tree and the flush.
    mutating func run(_ operation: Operation) throws -> Run {
        let transactions = (0..<operation.transactions).map { _ -> SignedTransaction in
            let arguments = operation.count.bcs + UInt32(keys).bcs + random.next().bcs
            return transaction([Call(contract: GasProbe.address, method: operation.method, arguments: arguments, value: Amount(1_000_000))], gas: 100_000_000)
        }
        height = height.successor
        let draft = HeaderDraft(
            height: height, epoch: 0, originView: 0, time: Timestamp(1_000 + height.rawValue), proposer: ValidatorIndex(0), parentHash: .zero,
            transactionsRoot: .zero, validatorsHash: validatorsHash, vrfProof: VRFProof(), beacon: Beacon(), protocolVersion: 1,
            parentVotes: ValidatorBitmap())
        let watch = Stopwatch()
        let block = try executor.execute(draft, transactions, on: state.view)
        _ = try state.apply(block.changes, height: height)
        consume(block.result(stateRoot: state.root))
        try flush()
        let seconds = watch.threadCPU
        if let failure = block.receipts.lazy.compactMap(\.outcome.failure).first { preconditionFailure("\(operation.name): \(failure)") }
        // What the transactions themselves cost is measured by another figure.
        let own = transactions.reduce(0.0) { $0 + Double(50_000 + 20 * $1.envelope.count) }
        return Run(nanoseconds: seconds * 1e9, gas: Double(block.gasUsed.rawValue) - own)
    }

    /// Decoding, checking and verifying transactions, against the gas that is due before the first call.
    mutating func admission() throws -> Double {
        let count = 200
        let parameters = NetworkParameters()
        let signed = (0..<count).map { _ -> SignedTransaction in
            nonce += 1
            let transaction = Transaction(
                chainID: chainID, sender: Address(of: key.publicKey), nonce: Nonce(nonce), validUntilHeight: Height(height.rawValue + 100),
                gasLimit: Gas(1_000_000), gasPrice: Amount(1), calls: [Accounts.transfer.reference.call(on: .accounts, Address(of: key.publicKey), value: Amount(1))])!
            return transaction.signed(by: key)!
        }
        let envelopes = signed.map(\.envelope)
        let rules = TransactionRules(chainID: chainID, height: height, parameters: parameters)
        let watch = Stopwatch()
        for envelope in envelopes {
            let transaction = try SignedTransaction(bcs: envelope)
            try rules.check(transaction)
            consume(try transaction.checkedSignature(chainID: chainID))
        }
        return watch.threadCPU * 1e9 / signed.reduce(0.0) { $0 + Double(rules.gasDue(of: $1).rawValue) }
    }
}

/// Does one thing many times.
private enum GasProbe: BuiltInContract {
    enum Rejections: UInt32, RejectionCode {
        case wrong = 100
        var text: String { "Something is wrong." }
        var hint: String { "Look into the benchmark." }
    }

    static let name: StaticString = "gas-probe"
    static let documentation: StaticString = "Measures."
    static let values = StoredMap(1, "values", "Values.", UInt32.self, Sample.self)
    static var events: [any ContractEvent.Type] { [Sampled.self] }
    static var storage: [any StorageDeclaration] { [values] }
    static var methods: [any ContractMethod] {
        [read, write, writeNew, remove, scan, call, transfer, event, sha256, verify, verifyVRF, verifyP256, verifyP384, verifyRSA2048,
         verifyRSA4096, certificateEd25519, certificateP256, certificateP384, certificateRSA4096]
    }

    static func key(_ number: UInt32) -> [UInt8] { [1] + withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) } }

    private static func method(
        _ name: MethodName, _ body: @escaping @Sendable (CallContext, UInt32) throws(CallError) -> Void
    ) -> Method<UInt32, UInt32, UInt64, Nothing> {
        Method(name, "Measures.", takesValue: true, Argument("count", "How often.", UInt32.self), Argument("keys", "Among how many.", UInt32.self),
               Argument("seed", "Where.", UInt64.self)) { context, count, keys, seed throws(CallError) in
            var random = SeededGenerator(seed: seed)
            for _ in 0..<count { try body(context, UInt32(random.next() % UInt64(keys))) }
            return Nothing()
        }
    }

    static let sample = Sample([UInt8](repeating: 7, count: 100))
    static let read = method("read") { context, number throws(CallError) in _ = try context.load(key(number)) }
    static let write = method("write") { context, number throws(CallError) in try context.store(key(number), sample.bytes) }
    static let writeNew = method("write_new") { context, number throws(CallError) in
        // Behind the keys that exist; the draw tells the new ones apart.
        try context.store(key(number ^ 0x8000_0000) + [UInt8(truncatingIfNeeded: context.gasLeft)], sample.bytes)
    }
    static let remove = method("remove") { context, number throws(CallError) in try context.store(key(number), nil) }
    static let scan = method("scan") { context, number throws(CallError) in
        _ = try context.keys(prefix: [1], from: key(number), .ascending, limit: 20)
    }
    static let call = method("call") { context, _ throws(CallError) in _ = try context.call(GasTarget.address, "nothing", []) }
    static let transfer = method("transfer") { context, number throws(CallError) in
        try context.transfer(Amount(1), to: .subaccount(UInt64(number), of: context.contract))
    }
    static let event = method("event") { context, number throws(CallError) in try context.emit(Sampled(number: number)) }
    static let sha256 = method("sha256") { context, _ throws(CallError) in _ = try context.sha256(sample.bytes) }
    static let verify = method("verify") { context, _ throws(CallError) in
        _ = try context.verifySignature(signature, of: sample.bytes, by: signer.publicKey)
    }
    static let verifyVRF = method("verify_vrf") { context, _ throws(CallError) in
        _ = try context.verifyProof(proof, alpha: sample.bytes, by: prover.publicKey)
    }
    static let verifyP256 = verification("verify_p256", "p256")
    static let verifyP384 = verification("verify_p384", "p384")
    static let verifyRSA2048 = verification("verify_rsa2048", "rsa2048")
    static let verifyRSA4096 = verification("verify_rsa4096", "rsa4096")
    static let certificateEd25519 = reading("certificate_ed25519", "ed25519")
    static let certificateP256 = reading("certificate_p256", "p256")
    static let certificateP384 = reading("certificate_p384", "p384")
    static let certificateRSA4096 = reading("certificate_rsa4096", "rsa4096")

    private static func verification(_ name: MethodName, _ kind: String) -> Method<UInt32, UInt32, UInt64, Nothing> {
        let sample = CertificateSample.of(kind)
        return method(name) { context, _ throws(CallError) in
            _ = try context.verifySignature(sample.signature, of: sample.message, by: sample.certificate.key)
        }
    }

    private static func reading(_ name: MethodName, _ kind: String) -> Method<UInt32, UInt32, UInt64, Nothing> {
        let sample = CertificateSample.of(kind)
        return method(name) { context, _ throws(CallError) in
            try context.charge(GasSchedule.certificate + GasSchedule.certificatePerByte * UInt64(sample.bytes.count))
            try context.charge(GasSchedule.keyCheck(of: sample.certificate.key))
            consume(try? Certificate(sample.bytes))
        }
    }

    private static let signer = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 9, count: 32)))
    private static let signature = signer.sign(sample.bytes)
    private static let prover = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 8, count: 32)))
    private static let proof = prover.prove(alpha: sample.bytes)
}

private struct Sample: SchemaValue {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    func encode(into encoder: inout BCSEncoder) { encoder.append(bytes) }
    init(from decoder: inout BCSDecoder) throws(BCSError) { bytes = try (0..<100).map { _ throws(BCSError) in try decoder.decode(UInt8.self) } }
    static var schema: TypeSchema { .fixedBytes(100) }
}

private struct Sampled: ContractEvent {
    static let name: EventName = "Sampled"
    static let documentation: StaticString = "A measurement."
    let number: UInt32
    static let fields = Fields(Field("number", "Which.") { $0.number }, make: Sampled.init)
}

private enum GasTarget: BuiltInContract {
    typealias Rejections = GasProbe.Rejections
    static let name: StaticString = "gas-target"
    static let documentation: StaticString = "Does nothing."
    static let nothing = Method("nothing", "Does nothing.") { _ throws(CallError) in Nothing() }
    static var methods: [any ContractMethod] { [nothing] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}
