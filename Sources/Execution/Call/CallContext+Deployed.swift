public import Ledger
public import Primitives
public import WorldState

/// What only deployed code and the contract that keeps it need of the machine.
extension CallContext {
    /// The end of a contract that broke the rule of `code`.
    public func trap(_ code: TrapCode) -> CallError {
        CallError(.trapped, contract: contract, code: code.rawValue, message: ReceiptMessage(truncating: code.text))
    }

    /// The end of a contract that a node cannot run, for a reason that is the node's own. The node goes no further.
    public func nodeFailure(_ reason: String) -> CallError {
        machine.fail(StoreError(.io, reason))
    }

    /// Whether this run has ended with the failure that a call has just thrown: a contract that goes on does it for nothing.
    public var hasEnded: Bool { machine.hasEnded }

    /// An object that all calls of the transaction share, made by whoever asks first.
    public func shared<Object: AnyObject>(_ make: () -> Object) -> Object {
        if let object = machine.shared as? Object { return object }
        let object = make()
        machine.shared = object
        return object
    }

    /// Calls above this one.
    public var depth: Int { machine.depth - 1 }

    // ── Walks, key by key ──

    /// The first of the contract's own keys that start with `prefix`, at or behind `start` when ascending, before it when descending:
    /// a walk of its own, and paid as one. What was written meanwhile counts.
    public func nextKey(
        prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection
    ) throws(CallError) -> [UInt8]? {
        try keys(prefix: prefix, from: start, direction, limit: 1).first
    }

    // ── Deployment ──

    /// Whether `contracts` called, which alone sets up code and moves its state on; ``caller`` may be the one in whose name it does.
    public var isCalledByDeployment: Bool { machine.callingContract == .contracts }

    /// Calls what `contracts` has just put at an address, in the name of its deployer. The value is the contract's own.
    public func setUp(
        _ deployed: Address, _ method: MethodName, _ arguments: [UInt8], value: Amount, by deployer: Address
    ) throws(CallError) {
        guard contract == .contracts else { throw failure(.unauthorised) }
        _ = try machine.call(
            Call(contract: deployed, method: method, arguments: arguments, value: value), caller: deployer, payer: contract,
            isReadOnly: isReadOnly)
    }

    /// The place of the call that the transaction's sender made, whichever call is running now; nil in hooks and views.
    public var transactionPlace: (nonce: Nonce, callIndex: UInt32)? { machine.nonce.map { ($0, machine.callIndex) } }

    /// The contract that `code` is, or why it is none. Every node that runs this protocol says the same.
    public func prepare(_ code: [UInt8], hash: Digest) throws(CallError) -> Result<any Contract, CodeRefusal> {
        try charge(GasSchedule.prepare + GasSchedule.preparePerByte * UInt64(code.count))
        return try machine.prepare(code, hash: hash, for: contract)
    }
}
