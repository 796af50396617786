import ContractVM
import Contracts
import Cryptography
import Execution
import Ledger
import Primitives
import WorldState

/// A chain in memory with all contracts of the protocol, for the tests of one that is being written: the production machine, a block for
/// each transaction, a second for each block, no fees, and nobody to agree with.
///
/// It stops the program where it is wrong itself, as at a block whose balances do not add up.
final class LocalChain {
    static let start = Timestamp(1_760_000_000_000)
    /// What everybody has whom a test names.
    static let fortune = Amount(1_000_000 * Amount.unitsPerToken)
    static let gasMax: UInt64 = 100_000_000
    private static let milliseconds: UInt64 = 1_000

    let executor: BlockExecutor
    private let state: WorldState
    private let chainID: ChainID
    private var header: Header
    private var nonces: [Address: UInt64] = [:]

    /// - Parameter people: who has a fortune.
    init(people: [String], observer: (any HostObserver)?) {
        let parameters = NetworkParameters()
        let founder = SigningKey(seed: SecretBytes(copying: SHA256.hash(Array("founder".utf8)).bytes))
        let vrf = VRFKey(seed: SecretBytes(copying: SHA256.hash(Array("founder vrf".utf8)).bytes))
        let account = Address(of: founder.publicKey)
        let charter = GenesisCharter(chainName: "local", network: .development, time: Self.start, parameters: parameters)
        let validator = GenesisValidator(
            account: account, validator: Validator(consensusKey: founder.publicKey, vrfKey: vrf.publicKey, weight: 10_000),
            consensusPossession: founder.provePossession(for: account, chainID: charter.id), vrfPossession: vrf.provePossession(for: account, chainID: charter.id))
        let allocations = Set(people).map { GenesisAllocation(account: Self.address($0), balance: Self.fortune) }.sorted { $0.account < $1.account }
        do {
            let genesis = try GenesisState.sealed(
                Genesis(charter: charter, validators: [validator], allocations: allocations, stateRoot: .zero), Catalogue.definitions)
            state = try WorldState(opening: MemoryStore().snapshot())
            try GenesisState.apply(genesis, Catalogue.definitions, to: state)
            header = try genesis.header()
            chainID = genesis.chainID
        } catch { preconditionFailure("\(error)") }
        executor = BlockExecutor(catalogue: Catalogue(Catalogue.definitions, loader: WebAssemblyLoader(observer: observer)), chainID: chainID)
    }

    /// Nobody knows the secret of a name's key, and nobody asks for signatures.
    static func key(_ name: String) -> PublicKey {
        guard let key = PublicKey(SHA256.hash(Array("person \(name)".utf8)).bytes) else { preconditionFailure("a digest has the length of a key") }
        return key
    }

    static func address(_ name: String) -> Address { Address(of: key(name)) }

    /// Where the next contract goes that somebody deploys.
    func nextContract(of name: String) -> Address {
        .deployedContract(by: Self.address(name), nonce: Nonce(nonces[Self.address(name), default: 0]), callIndex: 0)
    }

    /// Executes a block with one call; its receipt and what it emitted.
    func send(_ name: String, _ call: Call, gasLimit: UInt64 = LocalChain.gasMax) -> (receipt: Receipt, events: [Event]) {
        let sender = Self.address(name), nonce = nonces[sender, default: 0]
        nonces[sender] = nonce + 1
        guard let transaction = Transaction(
            chainID: chainID, sender: sender, nonce: Nonce(nonce), validUntilHeight: Height(header.height.rawValue + 1), gasLimit: Gas(gasLimit),
            gasPrice: .zero, calls: [call]), let signed = SignedTransaction(transaction, authenticator: .single(Self.key(name), Signature()))
        else { preconditionFailure("one call fits into a transaction") }
        let block = advance([signed])
        guard let receipt = block.receipts.first else { preconditionFailure("a transaction has a receipt") }
        return (receipt, block.events.filter { $0.origin == receipt.origin }.map(\.event))
    }

    /// Lets block time pass.
    func pass(milliseconds: UInt64) { advance([], after: milliseconds) }

    func view(_ contract: Address, _ method: MethodName, _ arguments: [UInt8], caller: Address = Address()) -> ViewResult {
        do {
            return try executor.view(
                ViewCall(contract: contract, method: method, arguments: arguments, caller: caller, gasLimit: Gas(Self.gasMax)), at: header, in: state.view)
        } catch { preconditionFailure("\(error)") }
    }

    /// The schema of a contract, deployed or not.
    func schema(of contract: Address) -> ContractSchema? {
        do { return try executor.schema(of: contract, in: state.view) } catch { preconditionFailure("\(error)") }
    }

    @discardableResult
    private func advance(_ transactions: [SignedTransaction], after milliseconds: UInt64 = LocalChain.milliseconds) -> ExecutedBlock {
        let height = header.height.successor
        let draft = HeaderDraft(
            height: height, epoch: header.endsEpoch ? header.draft.epoch.successor : header.draft.epoch, originView: 0, time: Timestamp(header.draft.time.rawValue + milliseconds), proposer: ValidatorIndex(0),
            parentHash: header.digest, transactionsRoot: .zero, validatorsHash: header.result.nextValidatorsHash, vrfProof: VRFProof(),
            // No proof is checked here: the beacon is a chain of hashes.
            beacon: Beacon(SHA256.hash(header.draft.beacon.bytes).bytes)!, protocolVersion: 1, parentVotes: ValidatorBitmap())
        do {
            let block = try executor.execute(draft, transactions, on: state.view)
            _ = try state.apply(block.changes, height: height)
            header = Header(draft: draft, result: block.result(stateRoot: state.root))
            return block
        } catch { preconditionFailure("\(error)") }
    }
}
