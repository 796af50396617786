import ContractVM
import ModuleKit

/// Code that takes as long for its gas as somebody can make it: memory in an order that no cache foresees, pages that are touched for the
/// first time, branches by chance, the dearest instructions. The price of an instruction is one; what it takes depends on what the processor
/// can guess, and this is how far the two can be driven apart.
struct HardCode {
    let name: String
    private let module: PreparedModule
    private let rounds: UInt64

    private static let i32 = ModuleBuilder.i32, i64 = ModuleBuilder.i64
    private static let profile = Profile.contracts(Interface(imports: [], exports: [("run", FunctionType([.i32], []))], memoryExport: nil))

    /// `body` is repeated as often as the argument says, in a loop; local 1 is free, local 2 has 64 bits.
    private init(_ name: String, rounds: UInt64, before: Code = [], _ body: Code, _ more: (inout ModuleBuilder) -> Void = { _ in }) throws {
        var builder = ModuleBuilder()
        more(&builder)
        let loop: Code = .block(.get(0) + [0x45] + .brIf(0) + .block(0x03, [0x40], body + .get(0) + .i32(1) + .sub32 + .tee(0) + .brIf(0)))
        builder.function([Self.i32], [], locals: [Self.i32, Self.i64], export: "run", before + loop)
        module = try PreparedModule(builder.bytes, profile: Self.profile)
        self.name = name
        self.rounds = rounds
    }

    private static func times(_ count: Int, _ code: Code) -> Code { Code(Array(repeatElement(code.bytes, count: count).joined())) }
    /// The next number of a linear congruential generator in local 1, left on the stack too.
    private static let chance: Code = .get(1) + .i32(1_664_525) + .mul32 + .i32(1_013_904_223) + .add32 + .tee(1)

    static func all() throws -> [HardCode] {
        // Each of the 2¹⁵ lines of the whole memory has the place of the next one, as a linear congruential generator of full period has them.
        let lines: Code = .i32(1 << 15) + .set(1) + .block(0x03, [0x40],
            .get(1) + .i32(1) + .sub32 + .tee(1) + .i32(6) + [0x74]
            + .get(1) + .i32(0x9_e375) + .mul32 + .i32(12_345) + .add32 + .i32(0x7fff) + [0x71] + .i32(6) + [0x74] + .load(0x36) + .get(1) + .brIf(0))
        let targets = (0..<8).reduce(.get(1) + .i32(28) + [0x76] + .brTable([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6], default: 7)) { (code: Code, _) in .block(code) + [0x01] }
        // As much code as fits, of which each branch passes over a part of another length.
        let skipped: Code = .get(2) + .i64(3) + [0x80] + .set(2)
        let jumps = (0..<14_000).reduce(into: Code()) { code, number in code += .block(.get(0) + .brIf(0) + times(1 + number * number % 7, skipped)) }
        return [
            try HardCode("scattered_loads", rounds: 200_000, before: lines, times(16, .get(1) + .load(0x28) + .set(1))) { $0.memory(32) },
            try HardCode("new_pages", rounds: 31, .i32(1) + .op(0x40, 0) + .i32(16) + [0x74] + .set(1)
                + (0..<16).reduce(into: Code()) { code, page in code += .get(1) + .i32(1) + .load(0x36, UInt32(page * 4_096)) }) { $0.memory(1) },
            try HardCode("long_copies", rounds: 100, before: .i32(0) + .i32(1) + .i32(2 << 20) + .bulk(11, 0),
                         .i32(0) + .i32(1 << 20) + .i32(1 << 20) + .bulk(10, 0, 0)) { $0.memory(32) },
            try HardCode("long_fills", rounds: 100, .i32(0) + .i32(1) + .i32(2 << 20) + .bulk(11, 0)) { $0.memory(32) },
            try HardCode("short_copies", rounds: 100_000, times(8, .i32(64) + .i32(0) + .i32(1) + .bulk(10, 0, 0))) { $0.memory(1) },
            try HardCode("branches", rounds: 300_000, times(2, chance + .drop + targets)),
            try HardCode("scattered_branches", rounds: 20, jumps),
            try HardCode("divisions", rounds: 100_000, times(8, .get(2) + .i64(.max) + [0x84] + .i64(3) + [0x80] + .set(2))),
            try HardCode("calls", rounds: 100_000, times(8, .call(0))) { $0.function([], [], []) },
            try HardCode("deep_frames", rounds: 3_000, times(8, .call(0))) { $0.function([], [], locals: [UInt8](repeating: i64, count: 1_000), []) },
            try HardCode("indirect_calls", rounds: 200_000, times(4, chance + .i32(30) + [0x76] + .op(0x11, 0, 0))) { builder in
                builder.table(4)
                builder.elements(at: 0, [0, 1, 2, 3])
                for number in 0..<4 { builder.function([], [], .i32(Int32(number)) + .drop) }
            },
        ]
    }

    /// Nanoseconds for a unit of gas, without what comes before the loop.
    func nanosecondsPerGas() throws -> Double {
        let (whole, empty) = (try run(rounds), try run(0))
        return (whole.seconds - empty.seconds) * 1e9 / Double(whole.gas - empty.gas)
    }

    private func run(_ rounds: UInt64) throws -> (seconds: Double, gas: UInt64) {
        let instance = try Instance(module), interpreter = Interpreter(Self.profile)
        guard let function = instance.function("run") else { preconditionFailure("the profile asks for the export") }
        var gas = UInt64(1) << 40
        let watch = Stopwatch()
        _ = try interpreter.call(function, [rounds], gas: &gas)
        return (watch.threadCPU, UInt64(1) << 40 - gas)
    }
}
