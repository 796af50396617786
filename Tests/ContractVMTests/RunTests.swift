import ContractVM
import ModuleKit
import Testing

/// The points at which two nodes could come to different results: depth, growth, traps, segments, what is left behind.
struct RunTests {
    /// run(n) = n, by n nested calls of itself.
    private static func nesting(locals: Int = 0, padding: Code = Code()) -> ModuleBuilder {
        .single([i32], [i32], locals: [UInt8](repeating: i64, count: locals), padding
            + .get(0) + .block(0x04, [i32], .get(0) + .i32(1) + .sub32 + .call(0) + .i32(1) + .add32 + .otherwise + .i32(0)))
    }

    @Test("A run has at most 1,024 frames") func frames() throws {
        #expect(try Self.nesting().run([1023]).results == [1023])
        #expect(try Self.nesting().run([1024]).trap == .stackExhausted)
    }

    @Test("Frames together have at most 65,536 slots, by the heights that validation sees") func slots() throws {
        // 1 parameter, 1,000 locals, at most 2 operands: 65 frames take 65,195 slots.
        #expect(try Self.nesting(locals: 1000).run([64]).results == [64])
        #expect(try Self.nesting(locals: 1000).run([65]).trap == .stackExhausted)
        // Ten operands, in code that is never reached, count: 64 frames take 64,704 slots.
        let dead: Code = .block(.br(0) + (0..<10).reduce(into: Code()) { code, _ in code += .i32(0) } + .unreachable)
        #expect(try Self.nesting(locals: 1000, padding: dead).run([63]).results == [63])
        #expect(try Self.nesting(locals: 1000, padding: dead).run([64]).trap == .stackExhausted)
    }

    @Test("What an indirect call enters counts as well") func indirectFrames() throws {
        var builder = ModuleBuilder()
        builder.table(1)
        builder.elements(at: 0, [0])
        builder.function([i32], [i32], export: "run", .get(0)
            + .block(0x04, [i32], .get(0) + .i32(1) + .sub32 + .i32(0) + .op(0x11, 0, 0) + .i32(1) + .add32 + .otherwise + .i32(0)))
        #expect(try builder.run([1023]).results == [1023])
        #expect(try builder.run([1024]).trap == .stackExhausted)
    }

    @Test("A machine is as good as new after a trap") func afterTrap() throws {
        let module = try PreparedModule(Self.nesting().bytes, profile: testProfile), instance = try Instance(module)
        let interpreter = Interpreter(testProfile)
        for _ in 0..<3 {
            #expect(interpreter.run(instance, "run", [5000]).trap == .stackExhausted)
            #expect(interpreter.run(instance, "run", [1023]).results == [1023])
        }
    }

    @Test("Memory grows to its maximum, or the profile's, and every page is paid for before it is there") func growth() throws {
        let code: Code = .get(0) + .op(0x40, 0)
        let bounded = ModuleBuilder.single([i32], [i32], code) { $0.memory(1, 3) }
        #expect(try bounded.run([2]) == Ended(results: [1], gas: 2 + 24_000))
        #expect(try bounded.run([3]) == Ended(results: [0xffff_ffff], gas: 2))
        #expect(try bounded.run([0xffff_ffff]) == Ended(results: [0xffff_ffff], gas: 2))
        #expect(try bounded.run([2], gas: 24_001) == Ended(trap: .outOfGas, gas: 24_001))
        let open = ModuleBuilder.single([i32], [i32], code) { $0.memory(1) }
        #expect(try open.run([31], gas: 10_000_000).results == [1])
        #expect(try open.run([32], gas: 10_000_000).results == [0xffff_ffff])
        let declared = ModuleBuilder.single([i32], [i32], code) { $0.memory(1, 60_000) }
        #expect(try declared.run([32], gas: 10_000_000).results == [0xffff_ffff])
    }

    @Test("New pages are zeros and the last byte is inside") func newPages() throws {
        let code: Code = .i32(1) + .op(0x40, 0) + .drop + .i32(131_071) + .load(0x2d) + .i32(131_071) + .i32(9) + .load(0x3a) + .i32(131_071)
            + .load(0x2d) + .add32
        #expect(try ModuleBuilder.single([], [i32], code) { $0.memory(1) }.run().results == [9])
    }

    @Test("An address and its offset do not wrap", arguments: [0xffff_ffff, 0xffff_fffc, 65_533, 65_536] as [UInt64])
    func addresses(address: UInt64) throws {
        for (offset, traps) in [(0 as UInt32, true), (4, true), (0xffff_ffff, true)] {
            let ended = try ModuleBuilder.single([i32], [i32], .get(0) + .load(0x28, offset)) { $0.memory(1) }.run([address])
            #expect((ended.trap == .memoryOutOfBounds) == traps)
            // The same with the address as a constant of the code.
            let fixed = try ModuleBuilder.single([], [i32], .i32(Int32(truncatingIfNeeded: address)) + .load(0x28, offset)) { $0.memory(1) }.run()
            #expect((fixed.trap == .memoryOutOfBounds) == traps)
            let stored = try ModuleBuilder.single([], [], .i32(Int32(truncatingIfNeeded: address)) + .i32(1) + .load(0x36, offset)) { $0.memory(1) }.run()
            #expect((stored.trap == .memoryOutOfBounds) == traps)
        }
    }

    struct Division: Sendable {
        let opcode: UInt8
        let left: UInt64
        let right: UInt64
        let expected: Trap?
    }

    @Test("Division traps for zero and for the quotient that does not fit; the remainder there is zero", arguments: [
        Division(opcode: 0x6d, left: 1, right: 0, expected: .divisionByZero), Division(opcode: 0x6e, left: 1, right: 0, expected: .divisionByZero),
        Division(opcode: 0x6f, left: 1, right: 0, expected: .divisionByZero), Division(opcode: 0x70, left: 1, right: 0, expected: .divisionByZero),
        Division(opcode: 0x6d, left: 0x8000_0000, right: 0xffff_ffff, expected: .integerOverflow),
        Division(opcode: 0x6f, left: 0x8000_0000, right: 0xffff_ffff, expected: nil),
    ])
    func division(case division: Division) throws {
        let registers = try ModuleBuilder.single([i32, i32], [i32], .get(0) + .get(1) + .op(division.opcode)).run([division.left, division.right])
        let right = Int32(truncatingIfNeeded: division.right)
        let immediate = try ModuleBuilder.single([i32], [i32], .get(0) + .i32(right) + .op(division.opcode)).run([division.left])
        for ended in [registers, immediate] {
            #expect(ended.trap == division.expected)
            if division.expected == nil { #expect(ended.results == [0]) }
            // The segment is paid, whatever happens in it.
            #expect(ended.gas == 10)
        }
    }

    @Test("Indirect calls trap by what is wrong with the element") func indirectCalls() throws {
        var builder = ModuleBuilder()
        builder.function([], [i32], .i32(1))
        builder.function([], [i64], .i64(1))
        builder.table(3)
        builder.elements(at: 0, [0, 1])
        builder.function([i32], [i32], export: "run", .get(0) + .op(0x11, 0, 0))
        #expect(try builder.run([0]).results == [1])
        #expect(try builder.run([1]).trap == .signatureMismatch)
        #expect(try builder.run([2]).trap == .uninitializedElement)
        #expect(try builder.run([3]).trap == .undefinedElement)
        // A number of the table that is one byte too long, as compilers write it for their linker.
        builder.function([i32], [i32], export: "long", .get(0) + Code([0x11, 0x00, 0x80, 0x80, 0x80, 0x80, 0x00]))
        #expect(try builder.run([0], function: "long").results == [1])
    }

    @Test("Segments that do not fit keep an instance from existing") func segments() throws {
        func failure(_ builder: ModuleBuilder) throws -> Instance.Failure? {
            let module = try PreparedModule(builder.bytes, profile: testProfile)
            do throws(Instance.Failure) { _ = try Instance(module) } catch { return error }
            return nil
        }
        #expect(try failure(.single([]) { $0.memory(1); $0.data(at: 65_535, [1]) }) == nil)
        #expect(try failure(.single([]) { $0.memory(1); $0.data(at: 65_535, [1, 2]) }) == .trap(.memoryOutOfBounds))
        #expect(try failure(.single([]) { $0.memory(1); $0.data(at: -1, [1]) }) == .trap(.memoryOutOfBounds))
        #expect(try failure(.single([]) { $0.table(1); $0.elements(at: 1, [0]) }) == .trap(.tableOutOfBounds))
    }

    @Test("Custom sections change nothing but the bytes that are paid for") func customSections() throws {
        let plain = ModuleBuilder.single([i32], [i32], .get(0) + .i32(1) + .add32)
        var decorated = plain
        decorated.customSection("name", [1, 2, 3])
        decorated.customSection("schema", [UInt8](repeating: 0xff, count: 99))
        #expect(try plain.run([1]) == decorated.run([1]))
        var broken = plain
        broken.customSection("", [])
        #expect(try broken.run([1]) == plain.run([1]))
    }

    @Test("Blocks with several values, and values that wait below them") func values() throws {
        // (5, local 0) waits while a block writes the local; then 5 * 10 + the old value * 1 …
        var builder = ModuleBuilder()
        let pair = builder.type([i32, i32], [i32, i32])
        builder.function([i32], [i32], export: "run", .get(0) + .get(0)
            + .block(0x02, Code.unsigned(pair), .i32(7) + .set(0) + .get(0) + .brIf(0) + .drop + .drop + .i32(1) + .i32(2))
            + .sub32 + .get(0) + .add32)
        #expect(try builder.run([40]).results == [7])
        builder.function([i32, i32, i32], [i32, i32, i32], .get(2) + .get(0) + .get(1))
        builder.function([], [i32], export: "rotate", .i32(1) + .i32(20) + .i32(300) + .call(1) + .sub32 + .add32)
        #expect(try builder.run(function: "rotate").results == [UInt64(300 + 1 - 20)])
    }

    @Test("A local that is overwritten keeps its old value where it was read before") func copies() throws {
        // get 0, get 0, (0 := 5), get 0: old, old, 5.
        let code: Code = .get(0) + .get(0) + .i32(5) + .set(0) + .get(0) + .mul32 + .add32
        #expect(try ModuleBuilder.single([i32], [i32], code).run([3]).results == [3 + 3 * 5])
        // tee leaves what it wrote.
        let tee: Code = .get(0) + .get(0) + .i32(1) + .add32 + .tee(0) + .mul32 + .get(0) + .add32
        #expect(try ModuleBuilder.single([i32], [i32], tee).run([3]).results == [3 * 4 + 4])
    }

    @Test("Comparisons with a constant on the left, negated, as conditions") func comparisons() throws {
        for (opcode, holds) in [(0x48, { $0 < $1 }), (0x4a, { $0 > $1 }), (0x4c, { $0 <= $1 }), (0x4e, { $0 >= $1 })] as [(UInt8, (Int32, Int32) -> Bool)] {
            for value in [-5, 0, 6, 7, 8] as [Int32] {
                let argument = UInt64(UInt32(bitPattern: value)), expected: UInt64 = holds(7, value) ? 1 : 2
                let plain: Code = .i32(7) + .get(0) + .op(opcode) + .block(0x04, [i32], .i32(1) + .otherwise + .i32(2))
                let negated: Code = .i32(7) + .get(0) + .op(opcode) + [0x45] + .block(0x04, [i32], .i32(2) + .otherwise + .i32(1))
                let kept: Code = .i32(2) + .i32(7) + .get(0) + .op(opcode) + [0x45, 0x45] + .sub32
                for code in [plain, negated, kept] {
                    #expect(try ModuleBuilder.single([i32], [i32], code).run([argument]).results == [expected])
                }
            }
        }
    }
}
