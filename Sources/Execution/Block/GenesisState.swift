public import Ledger
public import Primitives
public import WorldState

/// A built-in contract that has something to write before the first block, as founders' stakes.
public protocol GenesisContract: BuiltInContract {
    /// Runs once with the contract as its own caller; it may not call others.
    static func begin(_ genesis: Genesis, _ context: CallContext) throws(CallError)
}

/// Makes the first state of a chain from its genesis document.
public enum GenesisState {
    /// Why a document makes no state.
    public enum Failure: Error, Equatable, Sendable {
        case document(GenesisFailure)
        /// A contract refused its part.
        case contract(CallError)
        case state(StoreError)
        /// The balances are not the supply.
        case notConserved(ExecutionFailure)
        /// The document's root is not that of the state it makes.
        case stateRootWrong(expected: Digest, actual: Digest)
    }

    /// The changes that make the first state; the same for every node. Everything in ``Genesis`` counts except its state root.
    public static func changes(_ genesis: Genesis, _ definitions: [any BuiltInContract.Type]) throws(Failure) -> [StateChange] {
        do { try genesis.validate() } catch { throw .document(error) }
        let validators: ValidatorSet
        do { validators = try genesis.initialValidators() } catch { throw .document(.validators(error)) }
        guard let supply = genesis.supply else { throw .document(.supplyOverLimit) }
        let overlay = Overlay(EmptyState())
        do {
            func write<Value>(_ stored: StoredValue<Value>, _ value: Value) throws(StoreError) {
                try overlay.write(StateKey(contract: .chain, stored.key)!, value.bcs)
            }
            func write<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key, _ value: Value) throws(StoreError) {
                try overlay.write(StateKey(contract: .chain, map.key(key))!, value.bcs)
            }
            try write(ChainRecords.parameters, genesis.charter.parameters)
            try write(ChainRecords.epoch, 0)
            try write(ChainRecords.epochStarts, 0, EpochStart(height: 0, time: genesis.charter.time))
            try write(ChainRecords.validatorSets, 0, validators)
            try overlay.write(AccountRecords.supplyKey, supply.bcs)
            for allocation in genesis.allocations {
                try overlay.setAccount(allocation.account, AccountState(nonce: 0, balance: allocation.balance))
            }
            // The founders' stakes lie with the staking contract, which keeps the books of who owns them.
            let allocated = try overlay.account(.staking)?.balance ?? .zero
            guard let staked = genesis.bonded?.adding(allocated) else { preconditionFailure("parts of the supply above it") }
            if staked != .zero { try overlay.setAccount(.staking, AccountState(nonce: 0, balance: staked)) }
        } catch { throw .state(error) }

        let block = BlockContext(
            chainID: genesis.charter.id, height: 0, time: genesis.charter.time, epoch: 0, proposer: ValidatorIndex(0), beacon: Beacon(),
            parentVotes: ValidatorBitmap(), parameters: genesis.charter.parameters, pauses: [])
        let catalogue = Catalogue(definitions)
        var minted = supply, burned = Amount.zero
        for definition in definitions {
            guard let contract = definition as? any GenesisContract.Type else { continue }
            let machine = Machine(
                catalogue: catalogue, block: block, overlay: overlay, origin: contract.address, gas: Gas(.max), runsHook: true)
            let context = CallContext(
                machine: machine, contract: contract.address, caller: contract.address, value: .zero, isReadOnly: false)
            do { try contract.begin(genesis, context) } catch { throw .contract(error) }
            guard let made = minted.adding(machine.minted), let gone = burned.adding(machine.burned) else {
                preconditionFailure("more than the supply was made or destroyed")
            }
            minted = made
            burned = gone
        }
        do { try Conservation.check(overlay, minted: minted, burned: burned) } catch { throw .notConserved(error) }
        return overlay.changes
    }

    /// Builds the state in memory and returns the document with its root.
    public static func sealed(_ genesis: Genesis, _ definitions: [any BuiltInContract.Type]) throws(Failure) -> Genesis {
        let changes = try changes(genesis, definitions)
        do {
            let state = try WorldState(opening: MemoryStore().snapshot())
            _ = try state.apply(changes, height: 0)
            return genesis.with(stateRoot: state.root)
        } catch { throw .state(error) }
    }

    /// Writes the first state and checks that it is what the document says.
    public static func apply(
        _ genesis: Genesis, _ definitions: [any BuiltInContract.Type], to state: WorldState
    ) throws(Failure) {
        let changes = try changes(genesis, definitions)
        do { _ = try state.apply(changes, height: 0) } catch { throw .state(error) }
        guard state.root == genesis.stateRoot else { throw .stateRootWrong(expected: genesis.stateRoot, actual: state.root) }
    }
}

/// The state before genesis.
private struct EmptyState: StateReader {
    func value(_ key: StateKey) throws(StoreError) -> [UInt8]? { nil }
    func keys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int) throws(StoreError) -> [StateKey] { [] }
}
