import Cryptography
public import Execution
public import Ledger
public import Primitives
public import WorldState

/// A chain in memory that executes real blocks, without consensus: every block that is asked for is final.
///
/// It stops the program where a test's own mistake shows: an invalid block, or a state that differs from its header.
public final class TestChain {
    public let definitions: [any BuiltInContract.Type]
    public let executor: BlockExecutor
    public let genesis: Genesis
    public let founders: [Founder]
    public let state: WorldState
    public private(set) var header: Header
    public private(set) var validators: ValidatorSet
    public private(set) var parameters: NetworkParameters
    /// What the last block gave.
    public private(set) var last: ExecutedBlock?
    /// Milliseconds between two blocks.
    public var interval: UInt64 = 1_000
    /// Validators that do not sign, by consensus key.
    public var silent: Set<PublicKey> = []
    private var nonces: [Address: UInt64] = [:]

    public static let start = Timestamp(1_760_000_000_000)
    /// What each person has at first, if not told otherwise: a million TRL.
    public static let fortune = Amount(1_000_000 * Amount.unitsPerToken)

    /// - Parameters:
    ///   - people: accounts with `fortune` each.
    ///   - loader: finds deployed contracts.
    ///   - change: adjusts the parameters of genesis.
    public init(
        _ definitions: [any BuiltInContract.Type], founders: [Founder] = (0..<4).map { Founder($0) }, people: [Person] = [],
        fortune: Amount = TestChain.fortune, loader: (any ContractLoader)? = nil, _ change: (inout NetworkParameters) -> Void = { _ in }
    ) {
        var parameters = NetworkParameters()
        change(&parameters)
        let charter = GenesisCharter(chainName: "test", network: .development, time: TestChain.start, parameters: parameters)
        let allocations = people.map { GenesisAllocation(account: $0.address, balance: fortune) }
            .sorted { $0.account < $1.account }
        let document = Genesis(
            charter: charter, validators: founders.map { $0.entry(of: charter) }, allocations: allocations, stateRoot: .zero)
        do {
            genesis = try GenesisState.sealed(document, definitions)
            state = try WorldState(opening: MemoryStore().snapshot())
            try GenesisState.apply(genesis, definitions, to: state)
            header = try genesis.header()
            validators = try genesis.initialValidators()
        } catch { preconditionFailure("\(error)") }
        self.definitions = definitions
        self.founders = founders
        self.parameters = parameters
        executor = BlockExecutor(catalogue: Catalogue(definitions, loader: loader), chainID: genesis.chainID)
    }

    public var height: Height { header.height }
    public var time: Timestamp { header.draft.time }
    public var epoch: Epoch { header.endsEpoch ? header.draft.epoch.successor : header.draft.epoch }

    // ── Transactions ──

    /// A transaction of `sender` with its next nonce.
    public func transaction(
        _ sender: Person, _ calls: [Call], gasLimit: UInt64 = 20_000_000, gasPrice: Amount = Amount(1)
    ) -> SignedTransaction {
        let nonce = nonces[sender.address, default: 0]
        nonces[sender.address] = nonce + 1
        guard let transaction = Transaction(
            chainID: genesis.chainID, sender: sender.address, nonce: Nonce(nonce), validUntilHeight: Height(height.rawValue + 1_000),
            gasLimit: Gas(gasLimit), gasPrice: gasPrice, calls: calls), let signed = transaction.signed(by: sender.key)
        else { preconditionFailure("a transaction without calls, or too large") }
        return signed
    }

    /// Executes a block with one transaction of one call, and returns its receipt.
    @discardableResult
    public func send(_ sender: Person, _ call: Call, gasLimit: UInt64 = 20_000_000) -> Receipt {
        advance([transaction(sender, [call], gasLimit: gasLimit)])
        guard let receipt = last?.receipts.first else { preconditionFailure("no receipt") }
        return receipt
    }

    /// Those of `transactions` that a block may hold; the nonces of the others are given back.
    public func executable(_ transactions: [SignedTransaction]) -> [SignedTransaction] {
        var body = BlockBody(rules: TransactionRules(chainID: genesis.chainID, height: height.successor, parameters: parameters))
        var kept: [SignedTransaction] = []
        for transaction in transactions {
            let sender = transaction.sender
            do throws(BlockRejection) {
                try body.append(transaction, account: body.needsAccount(of: sender) ? account(sender) : nil)
                kept.append(transaction)
            } catch {
                nonces[sender] = min(nonces[sender, default: 0], transaction.transaction.nonce.rawValue)
            }
        }
        return kept
    }

    // ── Blocks ──

    /// Executes and commits the next block.
    @discardableResult
    public func advance(_ transactions: [SignedTransaction] = [], time: Timestamp? = nil) -> ExecutedBlock {
        let draft = draft(transactions, time: time)
        do {
            let block = try executor.execute(draft, transactions, on: state.view)
            _ = try state.apply(block.changes, height: draft.height)
            header = Header(draft: draft, result: block.result(stateRoot: state.root))
            if let next = block.next {
                precondition(header.endsEpoch && next.validators.digest == block.nextValidatorsHash)
                validators = next.validators
                parameters = next.parameters
            } else {
                precondition(!header.endsEpoch)
            }
            last = block
            return block
        } catch { preconditionFailure("\(error)") }
    }

    /// The draft of the next block, by the proposers in turn.
    public func draft(_ transactions: [SignedTransaction], time: Timestamp? = nil) -> HeaderDraft {
        let height = header.height.successor
        let proposer = Int(height.rawValue % UInt64(validators.validators.count))
        let beacon: (proof: VRFProof, beacon: Beacon)
        if let founder = founders.first(where: { $0.vrf.publicKey == validators.validators[proposer].vrfKey }) {
            beacon = BeaconStep.prove(with: founder.vrf, chainID: genesis.chainID, height: height, previous: header.draft.beacon)
        } else {
            // A validator that a test made up has no secrets here; its beacon is only a chain of hashes.
            beacon = (VRFProof(), Beacon(SHA256.hash(header.draft.beacon.bytes).bytes)!)
        }
        // The signers are of the epoch of the parent.
        let voters = header.height == 0 ? [] : parentSet.validators.indices.filter { !silent.contains(parentSet.validators[$0].consensusKey) }
        return HeaderDraft(
            height: height, epoch: epoch, originView: 0, time: time ?? Timestamp(header.draft.time.rawValue + interval),
            proposer: ValidatorIndex(UInt16(proposer)), parentHash: header.digest,
            transactionsRoot: MerkleAccumulator.root(of: transactions.lazy.map(\.envelopeHash.leaf)), validatorsHash: validators.digest,
            vrfProof: beacon.proof, beacon: beacon.beacon, protocolVersion: 1,
            parentVotes: ValidatorBitmap(voters.map { ValidatorIndex(UInt16($0)) }))
    }

    private var parentSet: ValidatorSet {
        guard header.endsEpoch else { return validators }
        do {
            guard let set = try ChainRecords.validatorSet(of: header.draft.epoch, in: state.view) else { preconditionFailure("no set") }
            return set
        } catch { preconditionFailure("\(error)") }
    }

    /// Empty blocks until `count` epochs have ended. Each epoch takes its last block only: time jumps to its end.
    public func endEpochs(_ count: Int = 1) {
        for _ in 0..<count {
            let target = epoch.successor
            while epoch < target { advance(time: Timestamp(header.draft.time.rawValue + parameters.epochMilliseconds)) }
        }
    }

    /// Empty blocks until block time has moved on by `milliseconds`, one for each epoch on the way.
    public func pass(milliseconds: UInt64) {
        let end = header.draft.time.rawValue + milliseconds
        while header.draft.time.rawValue < end {
            advance(time: Timestamp(min(end, header.draft.time.rawValue + parameters.epochMilliseconds)))
        }
    }

    // ── Questions ──

    public func account(_ address: Address) -> AccountState? {
        do { return try AccountRecords.account(address, in: state.view) } catch { preconditionFailure("\(error)") }
    }

    public func balance(_ address: Address) -> Amount { account(address)?.balance ?? .zero }

    /// The recorded supply.
    public var supply: Amount {
        do { return try AccountRecords.supply(in: state.view) } catch { preconditionFailure("\(error)") }
    }

    /// Asks a view and decodes its answer; a refusal stops the program.
    public func ask<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, of contract: Address, _ values: repeat each Value
    ) -> Result {
        do {
            let result = try executor.view(
                ViewCall(contract: contract, method: method.name, arguments: method.encode(repeat each values)), at: header, in: state.view)
            guard case .succeeded(let results) = result.outcome else { preconditionFailure("\(method.name): \(result.outcome)") }
            return try method.result(results.values[0])
        } catch { preconditionFailure("\(error)") }
    }

    /// The events of the last block with this name, decoded.
    public func events<Emitted: ContractEvent>(_: Emitted.Type) -> [Emitted] {
        (last?.events ?? []).filter { $0.event.name == Emitted.name }.map {
            do { return try Emitted(bcs: $0.event.data) } catch { preconditionFailure("\(error)") }
        }
    }
}

extension Receipt {
    public var succeeded: Bool { outcome.failure == nil }
    /// The error code of a failed transaction; nil on success.
    public var code: UInt32? { outcome.failure?.code }
}
