import ContractVM
import ModuleKit
import Testing

/// Gas by hand: sums of the schedule over the operators of the segments that are entered.
struct GasTests {
    @Test("A straight function costs the sum of its operators") func straight() throws {
        // get 1, const 1, add 1; the body's end costs nothing.
        #expect(try ModuleBuilder.single([i32], [i32], .get(0) + .i32(5) + .add32).run([2]) == Ended(results: [7], gas: 3))
        // mul 2, div 8, with two operands of 1 each.
        #expect(try ModuleBuilder.single([i32], [i32], .get(0) + .get(0) + .mul32).run([3]).gas == 4)
        #expect(try ModuleBuilder.single([i32], [i32], .get(0) + .get(0) + [0x6e]).run([3]).gas == 10)
        // nop and blocks are free, drop is not.
        #expect(try ModuleBuilder.single([0x01, 0x01] + .block([]) + .i32(1) + .drop).run().gas == 2)
    }

    @Test("Locals are paid for when their function is entered") func locals() throws {
        #expect(try ModuleBuilder.single(locals: [i32, i64, i32], []).run().gas == 3)
    }

    @Test("Loads and stores cost 4") func memory() throws {
        let code: Code = .i32(8) + .i32(7) + .load(0x36) + .i32(8) + .load(0x28)
        #expect(try ModuleBuilder.single([], [i32], code) { $0.memory(1) }.run() == Ended(results: [7], gas: 2 + 4 + 1 + 4))
    }

    @Test("Only the arms that are taken are paid for") func arms() throws {
        // get 1, if 1; then: const 1; else: four operators.
        let code: Code = .get(0) + .block(0x04, [i32], .i32(1) + .otherwise + .i32(1) + .i32(1) + .add32 + [0x45])
        #expect(try ModuleBuilder.single([i32], [i32], code).run([1]) == Ended(results: [1], gas: 3))
        #expect(try ModuleBuilder.single([i32], [i32], code).run([0]) == Ended(results: [0], gas: 6))
    }

    @Test("A loop is paid for once per round") func loops() throws {
        // Before: nothing. Each round: get, const, sub, tee, br_if = 5.
        let code: Code = .block(0x03, [0x40], .get(0) + .i32(1) + .sub32 + .tee(0) + .brIf(0)) + .get(0)
        #expect(try ModuleBuilder.single([i32], [i32], code).run([10]) == Ended(results: [0], gas: 10 * 5 + 1))
    }

    @Test("br_if ends a segment, its block's end begins one") func branches() throws {
        // get, br_if = 2 | const, drop = 2 | const, drop = 2
        let code: Code = .block(.get(0) + .brIf(0) + .i32(1) + .drop) + .i32(2) + .drop
        #expect(try ModuleBuilder.single([i32], [], code).run([1]).gas == 4)
        #expect(try ModuleBuilder.single([i32], [], code).run([0]).gas == 6)
    }

    @Test("A branch table costs 3 and the segment it leads to") func branchTable() throws {
        let inner: Code = .block(.get(0) + .brTable([0], default: 1)) + .i32(1) + .drop
        let code: Code = .block(inner)
        #expect(try ModuleBuilder.single([i32], [], code).run([0]).gas == 1 + 3 + 2)
        #expect(try ModuleBuilder.single([i32], [], code).run([1]).gas == 1 + 3)
    }

    @Test("Calls cost 10, indirect ones 15, and what they run") func calls() throws {
        var builder = ModuleBuilder()
        builder.function([], [i32], locals: [i64], .i32(4))
        builder.table(1)
        builder.elements(at: 0, [0])
        builder.function([], [i32], export: "direct", .call(0))
        builder.function([], [i32], export: "indirect", .i32(0) + .op(0x11, 0, 0))
        #expect(try builder.run(function: "direct") == Ended(results: [4], gas: 10 + 1 + 1))
        #expect(try builder.run(function: "indirect") == Ended(results: [4], gas: 1 + 15 + 1 + 1))
    }

    @Test("Bulk operations cost 5 and 1 per 16 bytes") func bulk() throws {
        let code: Code = .i32(0) + .i32(1) + .get(0) + .bulk(11, 0)
        for (count, gas) in [(0, 8), (1, 9), (16, 9), (17, 10), (65_536, 8 + 4096)] as [(UInt64, UInt64)] {
            #expect(try ModuleBuilder.single([i32], [], code) { $0.memory(1) }.run([count]).gas == gas)
        }
        // Paid before the bounds are looked at.
        #expect(try ModuleBuilder.single([i32], [], code) { $0.memory(1) }.run([65_537]) == Ended(trap: .memoryOutOfBounds, gas: 8 + 4097))
    }

    @Test("Every amount below what a run uses ends it out of gas, and that amount does not") func exactness() throws {
        var builder = ModuleBuilder()
        let recursive: Code = .get(0) + .i32(2) + [0x49] + .block(0x04, [i32], .get(0) + .otherwise
            + .get(0) + .i32(1) + .sub32 + .call(0) + .get(0) + .i32(2) + .sub32 + .call(0) + .add32)
        builder.function([i32], [i32], export: "run", recursive)
        let whole = try builder.run([6])
        #expect(whole.results == [8])
        for gas in 0..<whole.gas { #expect(try builder.run([6], gas: gas) == Ended(trap: .outOfGas, gas: gas)) }
        #expect(try builder.run([6], gas: whole.gas) == whole)
    }

    @Test("An instantiation is paid by bytes, pages, elements and segments") func instantiation() throws {
        let builder = ModuleBuilder.single([]) { $0.memory(3); $0.table(10) }
        let module = try PreparedModule(builder.bytes, profile: testProfile)
        #expect(module.instantiationGas == UInt64(5000 + builder.bytes.count + 3 * 12_000 + 10))
        // Four segments, one of them of nothing, and eight elements in them.
        let filled = ModuleBuilder.single([]) { builder in
            builder.memory(3)
            builder.table(10)
            builder.elements(at: 0, [0, 0, 0, 0, 0])
            builder.elements(at: 2, [0, 0, 0])
            builder.elements(at: 0, [])
            builder.data(at: 0, [1, 2, 3])
        }
        let prepared = try PreparedModule(filled.bytes, profile: testProfile)
        #expect(prepared.instantiationGas == UInt64(5000 + filled.bytes.count + 3 * 12_000 + 10 + 8 + 4 * 50))
    }
}
