public import Ledger
public import Primitives

/// Calls of other contracts. A failed call has no effect; its error is thrown, and a contract that catches it goes on.
extension CallContext {
    /// - Parameters:
    ///   - value: base units of the caller that go with the call.
    ///   - gas: at most so much; nil for all but a 64th of what is left.
    ///   - readOnly: whether the callee must change nothing, as in a view.
    ///   - subaccount: the caller, and the payer of `value`, when it is not the contract itself.
    public func call(
        _ callee: Address, _ method: MethodName, _ arguments: [UInt8], value: Amount = .zero, gas: UInt64? = nil,
        readOnly: Bool = false, as subaccount: UInt64? = nil
    ) throws(CallError) -> [UInt8] {
        let caller = subaccount.map { self.subaccount($0) } ?? contract
        return try machine.call(
            Call(contract: callee, method: method, arguments: arguments, value: value), caller: caller, gas: gas,
            isReadOnly: isReadOnly || readOnly)
    }

    /// Runs `body` with at most `gas`, all or nothing: an error is returned, everything that `body` did is undone, and only its gas is
    /// spent. So a contract can do what somebody asked for earlier, and record that it failed.
    ///
    /// - Throws: only what must not be kept from the machine: a state that cannot be read, and, in a transaction, more code than it may
    ///   load, which whoever sent it may have loaded before.
    public func attempt(gas: UInt64, _ body: () throws(CallError) -> Void) throws(CallError) -> CallError? {
        try machine.attempt(gas: gas, body)
    }

    public func call<each Value: SchemaValue, Result: SchemaValue>(
        _ method: MethodReference<repeat each Value, Result>, on callee: Address, _ values: repeat each Value,
        value: Amount = .zero
    ) throws(CallError) -> Result {
        let bytes = try call(callee, method.name, method.encode(repeat each values), value: value)
        do { return try Result(bcs: bytes) } catch {
            throw CallError(.trapped, contract: callee, code: SystemRejection.stateMalformed.rawValue,
                            message: ReceiptMessage(truncating: "\(method.name) returned what it should not: \(error)"))
        }
    }
}
