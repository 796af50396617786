public import Ledger
public import Primitives
public import WorldState

/// A question to a contract about the state after one block. It costs nobody anything, but what it may use is bounded.
public struct ViewCall: Sendable {
    public let contract: Address
    public let method: MethodName
    public let arguments: [UInt8]
    /// In whose name it is asked; contracts may answer differently.
    public let caller: Address
    /// No more than a transaction may have counts.
    public let gasLimit: Gas

    public init(contract: Address, method: MethodName, arguments: [UInt8], caller: Address = Address(), gasLimit: Gas = Gas(100_000_000)) {
        self.contract = contract
        self.method = method
        self.arguments = arguments
        self.caller = caller
        self.gasLimit = gasLimit
    }
}

/// What came of a view or a simulation.
public struct ViewResult: Sendable {
    public let outcome: Outcome
    public let gasUsed: Gas
    /// Every key that the answer depends on, in the order of first use; a proof of them lets anyone repeat the view.
    public let reads: [StateKey]
}

/// What a transaction would do.
public struct SimulationResult: Sendable {
    public let outcome: Outcome
    public let events: [Event]
    public let gasUsed: Gas
    /// A gas limit that leaves room for a state that has moved on: a fifth more than was used.
    public let gasLimitSuggested: Gas
    /// At the transaction's price, or the lowest one if that is higher.
    public let fee: Amount
    public let changes: [StateChange]
}

extension BlockExecutor {
    /// Answers `view` from the state after the block of `header`. Any retained state serves, see ``StateReader``.
    public func view(_ view: ViewCall, at header: Header, in state: some StateReader) throws(StoreError) -> ViewResult {
        let overlay = Overlay(state, recordsReads: true)
        let block = try context(of: header.draft, in: state)
        let machine = Machine(
            catalogue: catalogue, block: block, overlay: overlay, origin: view.caller,
            gas: min(view.gasLimit, Gas(block.parameters.transactionGasMax)))
        let outcome: Outcome
        do {
            let call = Call(contract: view.contract, method: view.method, arguments: view.arguments)
            let bytes = try machine.call(call, caller: view.caller, isReadOnly: true)
            guard let results = CallResults([bytes]) else { preconditionFailure("a result above its limit") }
            outcome = .succeeded(results)
        } catch {
            if case .stateFailed(let failure) = error.kind { throw failure }
            guard let failed = error.outcome(callIndex: 0) else { preconditionFailure("a failure without an outcome") }
            outcome = failed
        }
        return ViewResult(outcome: outcome, gasUsed: Gas(machine.gas.used), reads: overlay.reads ?? [])
    }

    /// What the contract at `address` says of itself, built in or deployed; nil when there is none.
    public func schema(of address: Address, in state: some StateReader) throws(StoreError) -> ContractSchema? {
        if let builtIn = catalogue.contract(at: address) { return builtIn.schema }
        let overlay = Overlay(state)
        guard let loader = catalogue.loader, let record = try DeploymentRecords.contract(address, in: overlay) else { return nil }
        return try loader.contract(of: record, in: overlay).schema
    }

    /// Runs the calls of `transaction` as if they were the next thing to happen behind the block of `header`: unsigned, and with fee,
    /// nonce and balance unchecked, so that a wallet can ask before it has any of them.
    ///
    /// - Parameter time: when it would happen; nil for the time of that block, which may be a while ago on a chain that rests.
    public func simulate(
        _ transaction: Transaction, signatures: Int = 1, at header: Header, time: Timestamp? = nil, in state: some StateReader
    ) throws(StoreError) -> SimulationResult {
        let overlay = Overlay(state)
        let block = try context(of: header.draft, time: time, in: state)
        let parameters = block.parameters
        let gas = min(transaction.gasLimit.rawValue, parameters.transactionGasMax)
        let machine = Machine(
            catalogue: catalogue, block: block, overlay: overlay, origin: transaction.sender, nonce: transaction.nonce, gas: Gas(gas))
        // An envelope is the unsigned bytes with a version, and for each signature a key and the signature with its lengths.
        let signatures = max(1, min(signatures, Limits.multisigKeysMax))
        let bytes = transaction.bcs.count + 8 + signatures * (PublicKey.byteCount + Signature.byteCount)
        let due = parameters.transactionGasBase * UInt64(signatures) + parameters.transactionGasPerByte * UInt64(bytes)
        let outcome: Outcome
        if machine.gas.charge(due) {
            do { outcome = .succeeded(try machine.transaction(transaction.calls)) } catch {
                if case .stateFailed(let failure) = error.error.kind { throw failure }
                guard let failed = error.error.outcome(callIndex: error.callIndex) else { preconditionFailure("a failure without an outcome") }
                outcome = failed
            }
        } else {
            outcome = .outOfGas(CallFailure(callIndex: 0, contract: .chain, code: 0, message: "the gas limit does not cover signatures and bytes"))
        }
        let used = machine.gas.used
        return SimulationResult(
            outcome: outcome, events: machine.events, gasUsed: Gas(used), gasLimitSuggested: Gas(min(used + used / 5, parameters.transactionGasMax)),
            fee: max(transaction.gasPrice, parameters.gasPriceMin).multiplied(by: used) ?? .supplyMax, changes: overlay.changes)
    }
}
