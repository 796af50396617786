/// What each operator of WebAssembly costs. Gas is defined on the operators of the module, never on the code they are translated
/// to, so that a better translation is not a fork. One gas is about a nanosecond of the interpreter that the schedule was made on.
///
/// The body of a function is cut into *segments*: the first begins with the body, and a new one begins after every `loop`, `if`,
/// `else`, `br_if` and after the `end` of a `block` or `if`. A segment's gas is the sum of its operators' gas and is taken when
/// control enters it; if there is not enough, the run ends before any effect of the segment. What follows `br`, `br_table`,
/// `return` or `unreachable` within a block is never entered and costs nothing.
enum OperatorGas {
    /// `block`, `loop`, `else`, `end`, `nop`: they do nothing at run time.
    static let structure: UInt32 = 0
    /// Every operator without a line of its own.
    static let operation: UInt32 = 1
    /// Loads and stores, as they are when the processor cannot foresee the address.
    static let memoryAccess: UInt32 = 4
    static let multiplication: UInt32 = 2
    static let division: UInt32 = 8
    static let branchTable: UInt32 = 3
    static let call: UInt32 = 10
    static let indirectCall: UInt32 = 15
    /// For each local that a function declares, with its first segment: they are set to zero.
    static let local: UInt32 = 1
    /// `memory.copy`, `memory.fill`, `memory.init` and their kin; further 1 per 16 bytes or elements, taken when they run, before the
    /// bounds are looked at.
    static let bulk: UInt32 = 5
    /// For each page by which a memory grows, or begins with: the kernel clears it, in sixteen pieces, each when it is touched.
    static let page: UInt32 = 12_000
    static let instantiation: UInt64 = 5000
    /// For each byte of a module, each element of its table and each element of a segment, at instantiation …
    static let moduleByte: UInt64 = 1
    /// … and for each segment of elements or data, however short.
    static let segment: UInt64 = 50
}
