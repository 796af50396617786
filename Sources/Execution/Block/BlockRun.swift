import Ledger
import Primitives
import WorldState

/// One block while it is being executed.
struct BlockRun {
    let executor: BlockExecutor
    var block: BlockContext
    let overlay: Overlay
    private(set) var receipts: [Receipt] = []
    private(set) var events: [EventRecord] = []
    private(set) var gasUsed: UInt64 = 0
    private(set) var minted = Amount.zero
    private(set) var burned = Amount.zero
    /// Fees paid so far; they are in nobody's account until they are settled.
    private var feesPaid = Amount.zero
    private var schedule: ValidatorSchedule?

    init(executor: BlockExecutor, block: BlockContext, overlay: Overlay) {
        self.executor = executor
        self.block = block
        self.overlay = overlay
    }

    func recordBeacon() throws(StoreError) {
        let key = StateKey(contract: .chain, ChainRecords.beacons.key(ChainRecords.slot(block.height)))!
        try overlay.write(key, BeaconRecord(height: block.height, beacon: block.beacon).bcs)
    }

    // ── Transactions ──

    /// Takes fee and nonce, runs the calls, and gives back what was not used.
    mutating func execute(_ signed: SignedTransaction, index: Int) throws(ExecutionFailure) {
        let transaction = signed.transaction
        func invalid(_ rejection: TransactionRejection) -> ExecutionFailure { .invalid(.transaction(index: index, rejection)) }
        let rules = TransactionRules(chainID: block.chainID, height: block.height, parameters: block.parameters)
        let due = rules.gasDue(of: signed)
        guard let feeMax = transaction.feeMax, let nonce = transaction.nonce.advanced(by: 1) else { throw invalid(.reserveOverflow) }
        guard let account = try account(transaction.sender) else { throw invalid(.senderUnknown(transaction.sender)) }
        guard account.nonce == transaction.nonce else {
            throw invalid(.nonceNotConsecutive(transaction.nonce, expected: account.nonce))
        }
        guard let rest = account.balance.subtracting(feeMax) else {
            throw invalid(.balanceTooLow(required: feeMax, available: account.balance))
        }
        try write(transaction.sender, AccountState(nonce: nonce, balance: rest))
        overlay.commit()

        let machine = Machine(
            catalogue: executor.catalogue, block: block, overlay: overlay, origin: transaction.sender, nonce: transaction.nonce,
            gas: transaction.gasLimit)
        let outcome: Outcome
        if machine.gas.charge(due.rawValue) {
            do { outcome = .succeeded(try machine.transaction(transaction.calls)) } catch {
                guard let failed = error.error.outcome(callIndex: error.callIndex) else { throw Self.stateFailure(error.error) }
                outcome = failed
            }
        } else {
            throw invalid(.gasLimitTooLow(transaction.gasLimit, required: due))
        }
        overlay.commit()

        // A trap and the end of the gas cost the whole limit, so that nothing is won by provoking them.
        let used = switch outcome {
        case .succeeded, .reverted: machine.gas.used
        case .trapped, .outOfGas: transaction.gasLimit.rawValue
        }
        guard let fee = transaction.gasPrice.multiplied(by: used), let refund = feeMax.subtracting(fee),
              let paid = feesPaid.adding(fee) else { preconditionFailure("a fee above what was set aside") }
        if refund != .zero {
            let after = try self.account(transaction.sender) ?? AccountState(nonce: nonce, balance: .zero)
            guard let balance = after.balance.adding(refund) else { preconditionFailure("a balance above the supply") }
            try write(transaction.sender, AccountState(nonce: after.nonce, balance: balance))
        }
        feesPaid = paid
        take(machine, origin: .transaction(signed.id), outcome: outcome, gasUsed: used, fee: fee)
    }

    /// Adds what `machine` did to the block's records.
    private mutating func take(_ machine: Machine, origin: Origin, outcome: Outcome, gasUsed used: UInt64, fee: Amount) {
        for (place, event) in machine.events.enumerated() {
            events.append(EventRecord(origin: origin, index: UInt32(place), event: event))
        }
        receipts.append(Receipt(
            origin: origin, outcome: outcome, gasUsed: Gas(used), fee: fee, eventCount: UInt32(machine.events.count)))
        takeSupply(machine)
        gasUsed += used
    }

    private mutating func takeSupply(_ machine: Machine) {
        guard let made = minted.adding(machine.minted), let gone = burned.adding(machine.burned) else {
            preconditionFailure("more than the supply was made or destroyed")
        }
        minted = made
        burned = gone
        if let decided = machine.schedule { schedule = decided }
    }

    // ── Fees ──

    /// Divides the fees: a part is destroyed, the rest goes to the staking contract, whose hook shares it out.
    mutating func settleFees() throws(ExecutionFailure) {
        let fees = executor.divide(feesPaid, block.parameters)
        block.fees = fees
        guard feesPaid != .zero else { return }
        guard let kept = fees.proposer.adding(fees.validators), let gone = burned.adding(fees.burned) else {
            preconditionFailure("fees above the supply")
        }
        let staking = try account(.staking)
        guard let balance = (staking?.balance ?? .zero).adding(kept), let supply = try supply().subtracting(fees.burned) else {
            preconditionFailure("a balance above the supply")
        }
        try write(.staking, AccountState(nonce: staking?.nonce ?? 0, balance: balance))
        if fees.burned != .zero { try writeState(AccountRecords.supplyKey, supply.bcs) }
        burned = gone
    }

    func checkConservation() throws(ExecutionFailure) { try Conservation.check(overlay, minted: minted, burned: burned) }

    // ── Hooks ──

    /// Runs hooks in order, each with its own gas. One that fails changes nothing and leaves a receipt.
    mutating func runHooks(_ hooks: [Catalogue.Hook], gas: UInt64) throws(ExecutionFailure) {
        for hook in hooks {
            overlay.commit()
            let machine = Machine(
                catalogue: executor.catalogue, block: block, overlay: overlay, origin: hook.contract, gas: Gas(gas), runsHook: true)
            let origin = Origin.hook(contract: hook.contract, method: hook.method)
            do throws(CallError) {
                let call = Call(contract: hook.contract, method: hook.method, arguments: [])
                _ = try machine.call(call, caller: .chain, isReadOnly: false)
                if machine.events.isEmpty {
                    takeSupply(machine)
                } else {
                    take(machine, origin: origin, outcome: .succeeded(CallResults()), gasUsed: machine.gas.used, fee: .zero)
                }
            } catch {
                guard let outcome = error.outcome(callIndex: 0) else { throw Self.stateFailure(error) }
                take(machine, origin: origin, outcome: outcome, gasUsed: machine.gas.used, fee: .zero)
            }
        }
    }

    // ── Epoch ──

    /// At the end of an epoch: its hooks, the set and the parameters of the next one.
    mutating func endEpochIfDue() throws(ExecutionFailure) -> NextEpochState? {
        guard let start = try chain(ChainRecords.epochStarts, block.epoch),
              block.parameters.endsEpoch(height: block.height, time: block.time, start: start) else { return nil }
        try runHooks(executor.catalogue.epochHooks, gas: GasSchedule.epochHookMax)
        overlay.commit()
        let next = block.epoch.successor
        guard let current = try chain(ChainRecords.validatorSets, block.epoch) else { throw .validatorSetMissing(block.epoch) }
        let planned = try chain(ChainRecords.validatorSets, next) ?? current
        let transition = EpochTransition(current: current, planned: planned, schedule: schedule)
        let parameters = try chain(ChainRecords.nextParameters) ?? block.parameters

        try setChain(ChainRecords.epoch, next)
        try setChain(ChainRecords.epochStarts, next, EpochStart(height: block.height, time: block.time))
        try setChain(ChainRecords.validatorSets, next, transition.next)
        if let following = transition.following { try setChain(ChainRecords.validatorSets, next.successor, following) }
        try setChain(ChainRecords.parameters, parameters)
        try setChain(ChainRecords.nextParameters, nil)
        try forgetOldEpochs()
        return NextEpochState(validators: transition.next, parameters: parameters)
    }

    /// Drops sets and starts of epochs for which neither evidence nor unbonding can be asked any more; a few at each boundary.
    private func forgetOldEpochs() throws(ExecutionFailure) {
        let kept = block.parameters.unbondingMilliseconds
        do {
            let keys = try overlay.keys(
                prefix: Address.chain.bytes + [ChainRecords.epochStarts.tag], from: nil, .ascending, limit: EpochTransition.forgottenMax + 1)
            for (key, following) in zip(keys, keys.dropFirst()) {
                // An epoch is over when the one behind it began.
                guard let end: EpochStart = try ChainRecords.read(following, in: overlay),
                      end.time.rawValue + 2 * kept < block.time.rawValue else { return }
                var position = Address.byteCount + 1
                guard let epoch = Epoch(reading: key.bytes, at: &position) else { return }
                try overlay.write(key, nil)
                try overlay.write(StateKey(contract: .chain, ChainRecords.validatorSets.key(epoch))!, nil)
            }
        } catch { throw .state(error) }
    }

    // ── State ──

    private static func stateFailure(_ error: CallError) -> ExecutionFailure {
        guard case .stateFailed(let failure) = error.kind else { preconditionFailure("a failure without an outcome") }
        return .state(failure)
    }

    private func account(_ address: Address) throws(ExecutionFailure) -> AccountState? {
        do { return try overlay.account(address) } catch { throw .state(error) }
    }

    private func write(_ address: Address, _ account: AccountState) throws(ExecutionFailure) {
        do { try overlay.setAccount(address, account) } catch { throw .state(error) }
    }

    private func writeState(_ key: StateKey, _ value: [UInt8]?) throws(ExecutionFailure) {
        do { try overlay.write(key, value) } catch { throw .state(error) }
    }

    private func supply() throws(ExecutionFailure) -> Amount {
        do { return try AccountRecords.supply(in: overlay) } catch { throw .state(error) }
    }

    private func chain<Value>(_ stored: StoredValue<Value>) throws(ExecutionFailure) -> Value? {
        do { return try ChainRecords.read(StateKey(contract: .chain, stored.key)!, in: overlay) } catch { throw .state(error) }
    }

    private func chain<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key) throws(ExecutionFailure) -> Value? {
        do { return try ChainRecords.read(StateKey(contract: .chain, map.key(key))!, in: overlay) } catch { throw .state(error) }
    }

    private func setChain<Value>(_ stored: StoredValue<Value>, _ value: Value?) throws(ExecutionFailure) {
        try writeState(StateKey(contract: .chain, stored.key)!, value?.bcs)
    }

    private func setChain<Key, Value>(_ map: StoredMap<Key, Value>, _ key: Key, _ value: Value?) throws(ExecutionFailure) {
        try writeState(StateKey(contract: .chain, map.key(key))!, value?.bcs)
    }
}
