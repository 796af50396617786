public import Ledger
public import Primitives

/// What a contract sees while one of its methods runs, and the only way in which it can act.
///
/// Everything here is charged. A contract moves its own balance and writes its own storage; there is no way to those of another.
public struct CallContext {
    let machine: Machine
    /// The contract that runs.
    public let contract: Address
    /// Who called it: an account, a contract, or one of a contract's ``subaccount(_:)``s.
    public let caller: Address
    /// Base units that came with the call; they are already in the contract's balance.
    public let value: Amount
    /// Whether nothing may be changed.
    public let isReadOnly: Bool

    /// The block in which the call runs.
    public var block: BlockContext { machine.block }
    /// The sender of the transaction; the contract itself in a hook.
    public var origin: Address { machine.origin }
    /// Gas that is left.
    public var gasLeft: UInt64 { machine.gas.left }

    /// Events that the transaction may still emit; ``Limits/transactionEventsMax`` when nothing was emitted yet.
    public var eventsLeft: Int { Limits.transactionEventsMax - machine.events.count }

    // ── Refusals ──

    /// The machine's refusal for `reason`.
    public func failure(_ reason: SystemRejection, _ detail: String = "") -> CallError {
        CallError(.reverted, contract: contract, code: reason.rawValue, message: ReceiptMessage(truncating: detail.isEmpty ? reason.text : detail))
    }

    /// The contract's own refusal for `reason`. `detail` says what was expected and found.
    public func rejection(_ reason: some RejectionCode, _ detail: String = "") -> CallError {
        CallError(.reverted, contract: contract, code: reason.rawValue, message: ReceiptMessage(truncating: detail.isEmpty ? reason.text : detail))
    }

    /// Throws ``rejection(_:_:)`` unless `condition` holds.
    public func require(
        _ condition: Bool, _ reason: some RejectionCode, _ detail: @autoclosure () -> String = ""
    ) throws(CallError) {
        guard condition else { throw rejection(reason, detail()) }
    }

    /// Pays for work that the contract does itself, beside what it asks of the host.
    public func charge(_ gas: UInt64) throws(CallError) { try machine.charge(gas, for: contract) }

    func requireWritable() throws(CallError) {
        if isReadOnly { throw failure(.readOnly) }
    }

    // ── Events ──

    /// Tells the world. A failed transaction's events are dropped.
    public func emit<Emitted: ContractEvent>(_ event: Emitted) throws(CallError) { try emit(Emitted.name, event.bcs) }

    /// Emits an event by name, as a deployed contract does.
    public func emit(_ name: EventName, _ data: [UInt8]) throws(CallError) {
        try requireWritable()
        try charge(GasSchedule.event + GasSchedule.eventPerByte * UInt64(data.count))
        guard machine.events.count < Limits.transactionEventsMax else { throw failure(.eventsOverLimit) }
        guard let event = Event(contract: contract, name: name, data: data) else { throw failure(.eventTooLong) }
        machine.events.append(event)
    }
}
