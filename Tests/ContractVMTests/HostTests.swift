import ContractVM
import ModuleKit
import Testing

/// Functions of the host: arguments, results, memory, gas, nested runs.
struct HostTests {
    /// With two arguments it adds, or traps; with one it runs the same instance again.
    final class Adder: HostFunctions {
        var instance: Instance?
        var price: UInt64 = 0

        func call(_ function: Int, _ call: borrowing HostCall) -> Trap? {
            guard call.charge(price) else { return .outOfGas }
            if call.type.parameters.count == 2 {
                if call.argument(0) == 13 { return .host }
                call.setResult(call.argument(0) &+ call.argument(1))
                return nil
            }
            guard let instance else { return .host }
            var gas = call.gasLeft
            let before = gas
            do {
                let results = try call.interpreter.call(instance.function("run")!, [call.argument(0)], gas: &gas)
                guard call.charge(before - gas) else { return .outOfGas }
                call.setResult(results[0])
                return nil
            } catch {
                return error
            }
        }
    }

    private static var adding: ModuleBuilder {
        .single([i32, i64], [i64], .get(0) + .get(1) + .call(0)) { $0.importFunction("host", "add", [i32, i64], [i64]) }
    }

    @Test("Arguments go out and a result comes back") func callOut() throws {
        #expect(try Self.adding.run([5, 1 << 40], host: Adder()) == Ended(results: [5 + 1 << 40], gas: 12))
        #expect(try Self.adding.run([13, 0], host: Adder()).trap == .host)
    }

    @Test("The host charges, and runs dry exactly") func charging() throws {
        let host = Adder()
        host.price = 100
        #expect(try Self.adding.run([1, 2], gas: 112, host: host) == Ended(results: [3], gas: 112))
        #expect(try Self.adding.run([1, 2], gas: 111, host: host) == Ended(trap: .outOfGas, gas: 111))
    }

    @Test("An import of the host can stand in a table") func imported() throws {
        var builder = ModuleBuilder()
        builder.importFunction("host", "add", [i32, i64], [i64])
        builder.table(1)
        builder.elements(at: 0, [0])
        builder.function([], [i64], export: "run", .i32(3) + .i64(4) + .i32(0) + .op(0x11, 0, 0))
        #expect(try builder.run(host: Adder()).results == [7])
    }

    @Test("Runs nested through the host share depth and return their own results") func nested() throws {
        // run(n) = n == 0 ? 0 : again(n - 1) + n, with values that wait across the call.
        var builder = ModuleBuilder()
        builder.importFunction("host", "again", [i32], [i32])
        builder.function([i32], [i32], export: "run", .get(0)
            + .block(0x04, [i32], .get(0) + .get(0) + .i32(1) + .sub32 + .call(0) + .add32 + .otherwise + .i32(0)))
        let module = try PreparedModule(builder.bytes, profile: testProfile), host = Adder()
        let instance = try Instance(module, imports: [.host(FunctionType([.i32], [.i32]))], host: host)
        host.instance = instance
        defer { host.instance = nil }
        let interpreter = Interpreter(testProfile)
        #expect(interpreter.run(instance, "run", [10]).results == [55])
        #expect(interpreter.run(instance, "run", [1000]).trap == .stackExhausted)
        #expect(interpreter.run(instance, "run", [10]).results == [55])
    }

    @Test("The host reads and writes memory within its bounds") func memory() throws {
        let module = try PreparedModule(ModuleBuilder.single([]) { $0.memory(1); $0.data(at: 65_534, [1, 2]) }.bytes, profile: testProfile)
        let memory = try #require(try Instance(module).memory)
        #expect(memory.read(at: 65_534, count: 2) == [1, 2])
        #expect(memory.read(at: 65_535, count: 2) == nil)
        #expect(memory.read(at: .max, count: 0) == nil)
        #expect(memory.read(at: 65_536, count: 0) == [])
        #expect(!memory.write([1], at: 65_536))
        #expect(memory.write([7], at: 65_535) && memory.read(at: 65_535, count: 1) == [7])
    }

    @Test("An instance without what it imports does not exist") func linking() throws {
        let module = try PreparedModule(Self.adding.bytes, profile: testProfile)
        #expect(throws: Instance.Failure.incompatibleImport(0)) { _ = try Instance(module) }
        #expect(throws: Instance.Failure.incompatibleImport(0)) {
            _ = try Instance(module, imports: [.host(FunctionType([.i32], []))], host: Adder())
        }
    }
}
