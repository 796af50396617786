import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Primitives
import Storage
import WorldState

extension Suite {
    /// The way of a transfer through a block, stage by stage, with few and with many accounts; signatures are the verify suite's matter.
    static let execution = Suite(name: "execution", summary: "Transfers through the executor: processor time by stage, without and with the tree") { report, quick in
        report.setup["block"] = "\(ExecutionBench.blockSize) transfers between random accounts, one call and one event each"
        for (name, accounts) in [("1k", 1_000), ("1m", quick ? 50_000 : 1_000_000)] {
            let directory = try TemporaryDirectory()
            report.setup["accounts_\(name)"] = "\(accounts) on LMDB, fsync left out; file system \(directory.fileSystem)"
            var bench = try ExecutionBench(directory: directory.path, accounts: accounts)
            var runs: [ExecutionBench.Run] = []
            for number in 0..<(quick ? 4 : 40) {
                let run = try bench.block()
                // The first blocks meet a cold store.
                if number >= 3 { runs.append(run) }
            }
            func add(_ stage: String, _ value: (ExecutionBench.Run) -> Double) {
                report.add("\(stage)_\(name)", runs.map { value($0) / Double(ExecutionBench.blockSize) * 1e6 }, unit: "µs")
            }
            add("decode_us") { $0.decode }
            add("checks_us") { $0.checks }
            add("overlay_us") { $0.execute }
            add("receipts_us") { $0.receipts }
            add("events_us") { $0.events }
            add("tree_us") { $0.tree }
            add("flush_us") { $0.flush }
            add("transfer_us_without_tree") { $0.withoutTree }
            add("transfer_us_with_tree") { $0.withoutTree + $0.tree }
            report.add("transfers_per_second_\(name)", runs.map { Double(ExecutionBench.blockSize) / $0.execute }, unit: "1/s")
        }
    }
}

/// A chain of transfers between accounts that exist already.
struct ExecutionBench {
    struct Run {
        var decode = 0.0, checks = 0.0, execute = 0.0, receipts = 0.0, events = 0.0, tree = 0.0, flush = 0.0
        var withoutTree: Double { decode + checks + execute + receipts + events }
    }

    static let blockSize = 2_000

    private let store: LMDBStateStore
    private let state: WorldState
    private let executor: BlockExecutor
    private let parameters: NetworkParameters
    private let accounts: Int
    private var header: Header
    private var nonces: [Int: UInt64] = [:]
    private var random = SeededGenerator(seed: 7)
    /// The executor takes signatures as checked; one key serves all.
    private let key = SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32)))

    init(directory: String, accounts: Int) throws {
        self.accounts = accounts
        var options = StateStoreOptions()
        options.durability = .lostWithPower
        store = try LMDBStateStore(directory: directory + "/state", chainID: ChainID(), options: options)
        state = try WorldState(opening: store.snapshot())
        var parameters = NetworkParameters()
        // An epoch's end is not what is measured.
        parameters.epochHeights = 1 << 32
        self.parameters = parameters
        let charter = GenesisCharter(chainName: "bench", network: .development, time: 1_000, parameters: parameters)
        let vrf = VRFKey(seed: SecretBytes(copying: [UInt8](repeating: 2, count: 32)))
        let founder = GenesisValidator(
            account: Self.address(0), validator: Validator(consensusKey: key.publicKey, vrfKey: vrf.publicKey, weight: 10_000),
            consensusPossession: key.provePossession(for: Self.address(0), chainID: charter.id), vrfPossession: vrf.provePossession(for: Self.address(0), chainID: charter.id))
        // The balances are written past the genesis document, which holds fewer accounts.
        let genesis = Genesis(charter: charter, validators: [founder], allocations: [], stateRoot: .zero)
        _ = try state.apply(GenesisState.changes(genesis, [Accounts.self]), height: 0)
        header = try genesis.header()
        executor = BlockExecutor(catalogue: .standard, chainID: genesis.chainID)
        for start in stride(from: 0, to: accounts, by: 20_000) {
            let end = min(start + 20_000, accounts)
            let changes = (start..<end).map {
                StateChange(key: Self.key(of: Self.address($0)), value: AccountState(nonce: 0, balance: Amount(1 << 50)).bcs)
            }
            header = Self.header(height: header.height.successor, after: header)
            _ = try state.apply(changes, height: header.height)
            try flush()
            Progress.show("loading \(end) of \(accounts) accounts")
        }
        // The supply as the balances have it, for the check of conservation.
        header = Self.header(height: header.height.successor, after: header)
        let supply = StateChange(key: StateKey(contract: .accounts, [1])!, value: Amount(1 << 90).bcs)
        _ = try state.apply([supply], height: header.height)
        try flush()
    }

    private static func key(of account: Address) -> StateKey { StateKey(contract: .accounts, [0] + account.bytes)! }

    private static func address(_ number: Int) -> Address {
        var generator = SeededGenerator(seed: UInt64(number) &* 0x9e37_79b9)
        return Address(generator.bytes(Address.byteCount))!
    }

    private static func header(height: Height, after parent: Header) -> Header {
        Header(
            draft: HeaderDraft(
                height: height, epoch: 0, originView: 0, time: Timestamp(parent.draft.time.rawValue + 100), proposer: ValidatorIndex(0),
                parentHash: parent.digest, transactionsRoot: .zero, validatorsHash: parent.draft.validatorsHash, vrfProof: VRFProof(),
                beacon: parent.draft.beacon, protocolVersion: 1, parentVotes: ValidatorBitmap()),
            result: HeaderResult(stateRoot: .zero, receiptsRoot: .zero, eventsRoot: .zero, gasUsed: 0, nextValidatorsHash: parent.draft.validatorsHash))
    }

    private func flush() throws {
        guard let group = state.beginFlush() else { return }
        try group.write(to: store)
        state.finishFlush(group, snapshot: try store.snapshot())
    }

    mutating func block() throws -> Run {
        let draft = Self.header(height: header.height.successor, after: header).draft
        let envelopes = (0..<Self.blockSize).map { _ -> [UInt8] in
            let sender = random.below(accounts), receiver = Self.address(random.below(accounts))
            let nonce = nonces[sender, default: 0]
            nonces[sender] = nonce + 1
            let transaction = Transaction(
                chainID: executor.chainID, sender: Self.address(sender), nonce: Nonce(nonce), validUntilHeight: Height(draft.height.rawValue + 100),
                gasLimit: 200_000, gasPrice: Amount(1), calls: [Accounts.transfer.reference.call(on: .accounts, receiver, value: Amount(1))])!
            return SignedTransaction(transaction, authenticator: .single(key.publicKey, Signature()))!.envelope
        }
        var run = Run()
        func time<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
            let watch = Stopwatch()
            let result = try body()
            return (result, watch.threadCPU)
        }
        let (transactions, decode) = try time { try envelopes.map { try SignedTransaction(bcs: $0) } }
        run.decode = decode
        let view = state.view
        let rules = TransactionRules(chainID: executor.chainID, height: draft.height, parameters: parameters)
        run.checks = try time {
            var body = BlockBody(rules: rules)
            for transaction in transactions {
                let sender = transaction.transaction.sender
                try body.append(transaction, account: body.needsAccount(of: sender) ? AccountRecords.account(sender, in: view) : nil)
            }
            consume(body.transactionsRoot)
        }.1
        let (block, execute) = try time { try executor.execute(draft, transactions, on: view) }
        run.execute = execute
        precondition(block.receipts.allSatisfy { $0.outcome.failure == nil })
        run.receipts = time { consume(MerkleAccumulator.root(of: block.receipts.lazy.map(\.leaf))) }.1
        run.events = time { consume(MerkleAccumulator.root(of: block.events.lazy.map(\.leaf))) }.1
        run.tree = try time { consume(try state.apply(block.changes, height: draft.height)) }.1
        run.flush = try time { try flush() }.1
        header = Header(draft: draft, result: block.result(stateRoot: state.root))
        return run
    }
}
