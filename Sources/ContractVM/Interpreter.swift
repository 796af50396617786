internal import CInterpreter

/// Runs functions of instances: one stack, one budget of frames and slots, however deeply runs are nested through the host.
///
/// A interpreter is made for a transaction or kept for many; it holds nothing between runs. It belongs to one thread at a time.
public final class Interpreter {
    /// Runs that are nested through the host or through imports of other instances: each takes some of the host's own stack.
    public static let nestedRunsMax = 64

    private let stack: UnsafeMutablePointer<UInt64>
    private let context: UnsafeMutablePointer<vm_context>
    /// The first free slot for the next run.
    private var top: UnsafeMutablePointer<UInt64>
    private var nesting = 0

    public init(_ profile: Profile) {
        // Frames overlap at their arguments, so that the slots of the budget with each frame's link always suffice; results may
        // reach beyond the outermost frame.
        let slots = Int(profile.slotsMax) + Int(VM_LINK_SLOTS) * (Int(profile.framesMax) + 1) + profile.resultsMax + profile.parametersMax
        stack = .allocate(capacity: slots)
        top = stack
        context = .allocate(capacity: 1)
        context.initialize(to: vm_context())
        context.pointee.budget = UInt64(profile.framesMax) << 32 | UInt64(profile.slotsMax)
        context.pointee.gas_per_page = OperatorGas.page
        context.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.outside = { context, function, slots in
            guard let context, let function, let slots, let owner = context.pointee.owner else { preconditionFailure("the core passes what it was given") }
            return Unmanaged<Interpreter>.fromOpaque(owner).takeUnretainedValue().callOutside(function, slots)
        }
    }

    deinit {
        context.deallocate()
        stack.deallocate()
    }

    /// Calls a function with as many arguments as it has parameters and takes what it used from `gas`; running out of it takes all.
    /// An i32 travels with a zero upper half. May be called by a host function during a run; the budget of frames and slots is shared.
    public func call(_ function: FunctionReference, _ arguments: [UInt64] = [], gas: inout UInt64) throws(Trap) -> [UInt64] {
        let type = function.type
        precondition(arguments.count == type.parameters.count)
        guard nesting < Self.nestedRunsMax else { throw .stackExhausted }
        let limit = Int64(clamping: gas), before = context.pointee, base = top
        for (index, (argument, type)) in zip(arguments, type.parameters).enumerated() {
            base[index] = type == .i32 ? argument & 0xffff_ffff : argument
        }
        context.pointee.gas = limit
        context.pointee.instance = function.instance.record
        context.pointee.expected_type = VM_TYPE_KNOWN
        let trap = run(function.record, base)
        let left = max(0, context.pointee.gas)
        context.pointee = before
        top = base
        gas -= UInt64(limit - (trap == VM_TRAP_OUT_OF_GAS.rawValue ? 0 : left))
        if let trap = Trap(rawValue: UInt8(truncatingIfNeeded: trap)) { throw trap }
        return (0..<type.results.count).map { base[$0] }
    }

    /// Runs a function, its arguments in the slots, on the instance it belongs to.
    private func run(_ function: UnsafeMutablePointer<vm_function>, _ slots: UnsafeMutablePointer<UInt64>) -> UInt32 {
        nesting += 1
        defer { nesting -= 1 }
        guard let code = function.pointee.code else { return callHost(function, slots) }
        context.pointee.instance = function.pointee.instance
        return vm_run(context, code, slots)
    }

    /// What the core cannot do itself: functions of the host and of other instances.
    private func callOutside(_ function: UnsafeMutablePointer<vm_function>, _ slots: UnsafeMutablePointer<UInt64>) -> UInt32 {
        guard let free = context.pointee.stack_top else { preconditionFailure("the core says where its frame ends") }
        let callerTop = top
        top = free
        defer { top = callerTop }
        let caller = Self.instance(context.pointee.instance), target = Self.instance(function.pointee.instance)
        let expected = context.pointee.expected_type
        if expected != VM_TYPE_KNOWN,
           caller.module.module.types[Int(expected)] != target.module.module.type(ofFunction: Int(function.pointee.index)) {
            return VM_TRAP_SIGNATURE_MISMATCH.rawValue
        }
        guard nesting < Self.nestedRunsMax else { return VM_TRAP_STACK_EXHAUSTED.rawValue }
        return run(function, slots)
    }

    private func callHost(_ function: UnsafeMutablePointer<vm_function>, _ slots: UnsafeMutablePointer<UInt64>) -> UInt32 {
        let instance = Self.instance(function.pointee.instance), index = Int(function.pointee.index)
        guard let host = instance.host else { preconditionFailure("linking asks for a host") }
        let type = instance.module.module.type(ofFunction: index)
        // Arguments and results lie in the same slots.
        top = max(top, slots + max(type.parameters.count, type.results.count))
        let call = HostCall(interpreter: self, instance: instance, type: type, slots: slots, context: context)
        return UInt32(host.call(index, call)?.rawValue ?? 0)
    }

    private static func instance(_ record: UnsafeMutablePointer<vm_instance>?) -> Instance {
        guard let owner = record?.pointee.owner else { preconditionFailure("every instance has its owner") }
        return Unmanaged<Instance>.fromOpaque(owner).takeUnretainedValue()
    }
}
