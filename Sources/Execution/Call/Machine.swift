import Ledger
import Primitives
import WorldState

/// Runs the calls of one transaction, hook or view above an overlay. It keeps what they share: gas, events, the stack of calls,
/// and how much was made and destroyed.
///
/// Invariant: `stack` holds the contracts that are being called, each once.
final class Machine {
    /// Calls within calls.
    static let depthMax = 16
    /// Bytes of deployed code in one run: what is made of it stays in memory until the end.
    static let loadedBytesMax = 2 << 20

    let catalogue: Catalogue
    let block: BlockContext
    let overlay: Overlay
    /// The sender of the transaction, the caller of a view, the contract of a hook.
    let origin: Address
    var gas: GasMeter
    var events: [Event] = []
    /// Base units made and destroyed.
    private(set) var minted = Amount.zero
    private(set) var burned = Amount.zero
    /// What the staking contract decided about coming epochs.
    var schedule: ValidatorSchedule?
    /// The nonce of the transaction; nil in hooks and views.
    let nonce: Nonce?
    /// The call of the transaction that is running.
    private(set) var callIndex: UInt32 = 0
    /// See ``CallContext/shared(_:)``.
    var shared: AnyObject?
    private var stack: [Address] = []
    /// Deployed code that this run has paid for, by its hash; for good, whatever became of the call that paid.
    private var loaded: [Digest: any Contract] = [:]
    private var loadedBytes = 0
    /// Set once the state could not be read, or more code was asked for than one run may load: nothing is made of the run after that,
    /// whatever a contract makes of the failure.
    private var end: CallError?
    private let runsHook: Bool

    init(catalogue: Catalogue, block: BlockContext, overlay: Overlay, origin: Address, nonce: Nonce? = nil, gas: Gas, runsHook: Bool = false) {
        self.catalogue = catalogue
        self.block = block
        self.overlay = overlay
        self.origin = origin
        self.nonce = nonce
        self.gas = GasMeter(limit: gas)
        self.runsHook = runsHook
    }

    /// Where things stood before a call.
    private struct Checkpoint {
        let overlay: Int
        let events: Int
        let minted: Amount
        let burned: Amount
        let schedule: ValidatorSchedule?
    }

    /// Calls that are running.
    var depth: Int { stack.count }
    /// Whether this run has ended and only its calls have still to return.
    var hasEnded: Bool { end != nil }
    /// The contract whose code called the one that runs; nil when a transaction, a view or the network did.
    var callingContract: Address? { stack.dropLast().last }

    private var checkpoint: Checkpoint {
        Checkpoint(overlay: overlay.checkpoint, events: events.count, minted: minted, burned: burned, schedule: schedule)
    }

    private func rollback(to checkpoint: Checkpoint) {
        overlay.rollback(to: checkpoint.overlay)
        events.removeLast(events.count - checkpoint.events)
        minted = checkpoint.minted
        burned = checkpoint.burned
        schedule = checkpoint.schedule
    }

    // ── Calls ──

    /// Runs `call`. On an error everything it did is undone, except that its gas is spent.
    ///
    /// - Parameter payer: whose the value is, when it is not the caller's.
    func call(
        _ call: Call, caller: Address, payer: Address? = nil, gas asked: UInt64? = nil, isReadOnly: Bool
    ) throws(CallError) -> [UInt8] {
        func refuse(_ reason: SystemRejection) -> CallError {
            CallError(.reverted, contract: call.contract, code: reason.rawValue, message: ReceiptMessage(truncating: reason.text))
        }
        try charge(GasSchedule.call, for: call.contract)
        guard stack.count < Machine.depthMax else { throw refuse(.depthExceeded) }
        guard !stack.contains(call.contract) else { throw refuse(.reentrancy) }

        let before = checkpoint
        // All that a callee costs comes out of what it was given, its code included.
        let outer = gas.narrow(to: gas.forwarded(asked: asked))
        defer { gas.restore(limit: outer) }
        do throws(CallError) {
            guard let contract = try contract(at: call.contract) else { throw refuse(.contractUnknown) }
            guard let method = contract.kind(of: call.method) else { throw refuse(.methodUnknown) }
            guard method.kind != .hook || (runsHook && stack.isEmpty) else { throw refuse(.hookNotCallable) }
            guard method.kind == .view || !isReadOnly else { throw refuse(.readOnly) }
            // What `contracts` calls sets code up or moves its state on: a paused contract can be mended.
            guard method.kind != .call || stack.last == .contracts || !block.isPaused(call.contract) else { throw refuse(.paused) }
            guard call.value == .zero || method.takesValue else { throw refuse(.valueNotAccepted) }

            let context = CallContext(
                machine: self, contract: call.contract, caller: caller, value: call.value,
                isReadOnly: isReadOnly || method.kind == .view)
            stack.append(call.contract)
            defer { stack.removeLast() }
            if call.value != .zero {
                if isReadOnly { throw refuse(.readOnly) }
                try charge(GasSchedule.transfer, for: call.contract)
                try move(call.value, from: payer ?? caller, to: call.contract, context: context)
            }
            let result = try contract.run(call.method, call.arguments, context)
            guard result.count <= Limits.returnDataBytesMax else { throw refuse(.resultTooLong) }
            if let end { throw end }
            return result
        } catch {
            rollback(to: before)
            if let end { throw end }
            if error.kind == .trapped || error.kind == .outOfGas { _ = gas.charge(gas.left) }
            throw error
        }
    }

    /// The code at an address, built in or deployed.
    private func contract(at address: Address) throws(CallError) -> (any Contract)? {
        if let builtIn = catalogue.contract(at: address) { return builtIn }
        guard let loader = catalogue.loader else { return nil }
        try charge(GasSchedule.read, for: address)
        guard let record = try state({ state throws(StoreError) in try DeploymentRecords.contract(address, in: state) }) else { return nil }
        if let contract = loaded[record.codeHash] { return contract }
        try charge(GasSchedule.prepare + GasSchedule.loadPerByte * UInt64(record.codeBytes), for: address)
        try admit(Int(record.codeBytes), for: address)
        let contract = try state { state throws(StoreError) in try loader.contract(of: record, in: state) }
        loaded[record.codeHash] = contract
        return contract
    }

    /// Counts code of `contract` that will be loaded. Beyond the limit the run ends: if it went on, whoever loads enough beforehand could
    /// make any call of any contract fail.
    private func admit(_ bytes: Int, for contract: Address) throws(CallError) {
        guard loadedBytes + bytes <= Machine.loadedBytesMax else {
            let reason = SystemRejection.codeOverLimit
            let error = CallError(.reverted, contract: contract, code: reason.rawValue, message: ReceiptMessage(truncating: reason.text))
            end = error
            throw error
        }
        loadedBytes += bytes
    }

    /// Prepares code that was paid for, of the contract that deploys.
    func prepare(_ code: [UInt8], hash: Digest, for contract: Address) throws(CallError) -> Result<any Contract, CodeRefusal> {
        guard let loader = catalogue.loader else { return .failure(CodeRefusal("this network runs no deployed contracts")) }
        if let contract = loaded[hash] { return .success(contract) }
        try admit(code.count, for: contract)
        if let contract = loader.known(hash) {
            loaded[hash] = contract
            return .success(contract)
        }
        do throws(CodeRefusal) {
            let contract = try loader.prepare(code, hash: hash)
            loaded[hash] = contract
            return .success(contract)
        } catch { return .failure(error) }
    }

    /// See ``CallContext/attempt(gas:_:)``.
    func attempt(gas asked: UInt64, _ body: () throws(CallError) -> Void) throws(CallError) -> CallError? {
        let before = checkpoint
        let outer = gas.narrow(to: min(asked, gas.left))
        defer { gas.restore(limit: outer) }
        do throws(CallError) {
            try body()
            return nil
        } catch {
            rollback(to: before)
            if let end {
                // In a hook nobody else has loaded what it lacks, and a hook that always failed would stop its contract.
                guard runsHook, case .reverted = end.kind else { throw end }
                self.end = nil
            }
            return error
        }
    }

    /// Runs several calls of `origin`, all or nothing.
    func transaction(_ calls: [Call]) throws(TransactionFailure) -> CallResults {
        let before = checkpoint
        var results: [[UInt8]] = []
        var bytes = 0
        for (index, call) in calls.enumerated() {
            callIndex = UInt32(index)
            do throws(CallError) {
                let result = try self.call(call, caller: origin, isReadOnly: false)
                bytes += result.count
                guard bytes <= Limits.returnDataBytesMax else {
                    let reason = SystemRejection.resultTooLong
                    throw CallError(.reverted, contract: call.contract, code: reason.rawValue, message: ReceiptMessage(truncating: reason.text))
                }
                results.append(result)
            } catch {
                rollback(to: before)
                throw TransactionFailure(callIndex: UInt32(index), error: error)
            }
        }
        guard let results = CallResults(results) else { preconditionFailure("more results than calls") }
        return results
    }

    struct TransactionFailure: Error {
        let callIndex: UInt32
        let error: CallError
    }

    func charge(_ amount: UInt64, for contract: Address) throws(CallError) {
        guard gas.charge(amount) else { throw CallError(.outOfGas, contract: contract, code: 0, message: "the gas limit is reached") }
    }

    // ── State ──

    /// Reads or writes the overlay; a state that cannot be read ends the block, not the call.
    func state<Result>(_ body: (Overlay) throws(StoreError) -> Result) throws(CallError) -> Result {
        do { return try body(overlay) } catch { throw fail(error) }
    }

    /// The end of the block on this node: whatever a contract makes of the error, every call that is running ends with it.
    func fail(_ error: StoreError) -> CallError {
        let failure = CallError(.stateFailed(error), contract: .chain, code: 0, message: ReceiptMessage(truncating: "\(error)"))
        end = failure
        return failure
    }

    func readChain<Value>(_ stored: StoredValue<Value>) throws(CallError) -> Value? {
        try state { state throws(StoreError) in try ChainRecords.read(StateKey(contract: .chain, stored.key)!, in: state) }
    }

    func readChain<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key) throws(CallError) -> Value? {
        try state { state throws(StoreError) in try ChainRecords.read(StateKey(contract: .chain, map.key(key))!, in: state) }
    }

    func writeChain<Value>(_ stored: StoredValue<Value>, _ value: Value?) throws(CallError) {
        try state { state throws(StoreError) in _ = try state.write(StateKey(contract: .chain, stored.key)!, value?.bcs) }
    }

    func writeChain<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key, _ value: Value?) throws(CallError) {
        try state { state throws(StoreError) in _ = try state.write(StateKey(contract: .chain, map.key(key))!, value?.bcs) }
    }

    // ── Balances ──

    func account(_ address: Address) throws(CallError) -> AccountState? {
        try state { state throws(StoreError) in try state.account(address) }
    }

    private func setBalance(_ address: Address, _ balance: Amount, nonce: Nonce) throws(CallError) {
        let isEmpty = balance == .zero && nonce == 0
        try state { state throws(StoreError) in
            try state.setAccount(address, isEmpty ? nil : AccountState(nonce: nonce, balance: balance))
        }
    }

    func move(_ amount: Amount, from payer: Address, to receiver: Address, context: CallContext) throws(CallError) {
        let from = try account(payer)
        guard let rest = (from?.balance ?? .zero).subtracting(amount) else {
            throw context.failure(.balanceTooLow, "\(payer.hex) has \(from?.balance ?? .zero), \(amount) is needed")
        }
        guard amount != .zero, payer != receiver else { return }
        let to = try account(receiver)
        guard let sum = (to?.balance ?? .zero).adding(amount) else { preconditionFailure("a balance above the supply") }
        try setBalance(payer, rest, nonce: from?.nonce ?? 0)
        try setBalance(receiver, sum, nonce: to?.nonce ?? 0)
    }

    func mint(_ amount: Amount, to address: Address, context: CallContext) throws(CallError) {
        let account = try account(address)
        let supply = try self.supply()
        guard let total = supply.adding(amount), total < Amount.supplyMax, let sum = (account?.balance ?? .zero).adding(amount),
              let made = minted.adding(amount) else { throw context.failure(.supplyOverflow) }
        try setBalance(address, sum, nonce: account?.nonce ?? 0)
        try setSupply(total)
        minted = made
    }

    func burn(_ amount: Amount, of address: Address, context: CallContext) throws(CallError) {
        let account = try account(address)
        guard let rest = (account?.balance ?? .zero).subtracting(amount) else { throw context.failure(.balanceTooLow) }
        guard let total = try supply().subtracting(amount), let gone = burned.adding(amount) else {
            preconditionFailure("a balance above the supply")
        }
        try setBalance(address, rest, nonce: account?.nonce ?? 0)
        try setSupply(total)
        burned = gone
    }

    private func supply() throws(CallError) -> Amount {
        try state { state throws(StoreError) in try AccountRecords.supply(in: state) }
    }

    private func setSupply(_ supply: Amount) throws(CallError) {
        try state { state throws(StoreError) in _ = try state.write(AccountRecords.supplyKey, supply.bcs) }
    }
}

/// What the staking contract decides at the end of an epoch.
struct ValidatorSchedule: Equatable {
    /// For the epoch after the next, best first.
    let candidates: [Validator]
    /// Who must not vote in the next epoch: jailed or tombstoned.
    let removed: [PublicKey]
}
