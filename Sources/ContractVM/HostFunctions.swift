internal import CInterpreter

/// Provides the functions that a module imports. What it answers must depend on nothing but its arguments, the memory and the state
/// that consensus has agreed on.
public protocol HostFunctions: AnyObject {
    /// Calls the imported function of a number, counted over imported functions. A trap ends the run.
    func call(_ function: Int, _ call: borrowing HostCall) -> Trap?
}

/// One call of a host function: its arguments and results, the caller's memory, the gas that is left. Valid until the function returns.
public struct HostCall: ~Copyable {
    public let interpreter: Interpreter
    public let instance: Instance
    public let type: FunctionType
    let slots: UnsafeMutablePointer<UInt64>
    let context: UnsafeMutablePointer<vm_context>

    /// An argument; an i32 has a zero upper half.
    public func argument(_ index: Int) -> UInt64 {
        precondition(type.parameters.indices.contains(index))
        return slots[index]
    }

    /// Sets a result. Results take the place of the arguments: read those first.
    public func setResult(_ value: UInt64, at index: Int = 0) {
        precondition(type.results.indices.contains(index))
        slots[index] = type.results[index] == .i32 ? value & 0xffff_ffff : value
    }

    /// The segment that contains the call has been paid for already.
    public var gasLeft: UInt64 { UInt64(max(0, context.pointee.gas)) }

    /// Takes gas; false when there is not enough, and then the host has to return ``Trap/outOfGas``.
    public func charge(_ gas: UInt64) -> Bool {
        guard gas <= gasLeft else { return false }
        context.pointee.gas -= Int64(gas)
        return true
    }
}
