import ContractVM
import ModuleKit
import Primitives
import Testing

/// Preparation is linear: no module makes much more code than it has bytes.
struct PreparationTests {
    /// Code bytes per byte of a module that may not be exceeded: an operator of one byte makes at most three instructions of 32 bytes.
    static let growthMax = 96

    private static func repeated(_ count: Int, _ code: Code) -> Code { Code([[UInt8]](repeating: code.bytes, count: count).flatMap { $0 }) }

    @Test("Code that repeats what translates worst stays within a factor") func growth() throws {
        var builders: [ModuleBuilder] = []
        // Branches that carry eight values each.
        var eight = ModuleBuilder()
        let type = eight.type([], [UInt8](repeating: i64, count: 8))
        let values = Self.repeated(8, .get(0))
        eight.function([i64], [], .block(0x02, Code.unsigned(type), values + .i64(1) + .drop
            + Self.repeated(20_000, .i32(1) + .brIf(0))) + Self.repeated(8, .drop))
        builders.append(eight)
        // Tables with every label of deep nests, each needing a stub.
        let labels = (0..<100).map { UInt32($0) }
        var tables: Code = Self.repeated(200, .block(0x02, [i64], .get(0) + .i32(0) + .brTable(labels, default: 0)) + .drop)
        for _ in 0..<100 { tables = .block(0x02, [i64], .i64(0) + .drop + tables + .i64(0)) + .drop }
        builders.append(.single([i64], [], tables))
        // Copies of locals that must be kept before each write.
        builders.append(.single([i32], [], Self.repeated(20_000, .get(0) + .i32(1) + .set(0) + .drop)))
        // Deep stacks of copies below blocks.
        builders.append(.single([i32], [], Self.repeated(4000, .get(0)) + Self.repeated(20_000, .block([])) + Self.repeated(4000, .drop)))
        // Constants that need a word of their own.
        builders.append(.single(Self.repeated(20_000, .i64(-1) + .i64(.max) + .add64 + .drop)))
        // Segments of one operator.
        builders.append(.single(Self.repeated(60_000, .block([]) + [0x01])))
        for builder in builders {
            let bytes = builder.bytes
            let module = try PreparedModule(bytes, profile: testProfile)
            #expect(module.codeBytes <= bytes.count * Self.growthMax, "\(module.codeBytes) from \(bytes.count)")
        }
    }

    @Test("Altered modules are refused or prepared, and what is prepared runs within its gas") func mutations() throws {
        var random = SeededGenerator(seed: 5)
        var prepared = 0
        for seed in 0..<40 as Range<UInt64> {
            let original = RandomModule.bytes(seed: seed)
            for _ in 0..<20 {
                var bytes = original
                for _ in 0...random.below(3) { bytes[8 + random.below(bytes.count - 8)] = random.bytes(1)[0] }
                guard let module = try? PreparedModule(bytes, profile: testProfile), let instance = try? Instance(module),
                      let function = instance.function("run"), function.type == FunctionType([.i32], [.i64]) else { continue }
                prepared += 1
                let ended = Interpreter(testProfile).run(instance, "run", [1], gas: 50_000)
                #expect(ended.gas <= 50_000)
            }
        }
        #expect(prepared > 40)
    }

    @Test("The same module with the same gas ends the same, whatever ran before") func repetition() throws {
        let interpreter = Interpreter(testProfile)
        for seed in 0..<60 as Range<UInt64> {
            let module = try PreparedModule(RandomModule.bytes(seed: seed), profile: testProfile)
            let first = interpreter.run(try Instance(module), "run", [seed], gas: 200_000)
            let second = Interpreter(testProfile).run(try Instance(module), "run", [seed], gas: 200_000)
            #expect(first == second)
            guard first.trap == nil else { continue }
            // What it used is what it needs.
            #expect(interpreter.run(try Instance(module), "run", [seed], gas: first.gas) == first)
            #expect(interpreter.run(try Instance(module), "run", [seed], gas: first.gas - 1) == Ended(trap: .outOfGas, gas: first.gas - 1))
        }
    }
}
