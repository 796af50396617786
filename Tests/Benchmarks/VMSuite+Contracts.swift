import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import Synchronization
import WorldState

/// Contracts through the whole machine: a call that does nothing, each request to the host, and code that nobody has kept.
struct ContractBench {
    /// What one request costs, and how much of that is paid with a unit of gas.
    struct Cost {
        let name: String
        let microseconds: [Double]
        let nanosecondsPerGas: [Double]
    }

    private static let alice = Person(1)
    private static let i32 = ModuleBuilder.i32, i64 = ModuleBuilder.i64

    /// Keeps what it prepared, unless it is told not to.
    private final class Loader: ContractLoader {
        private let contracts = Mutex<[Digest: WebAssemblyContract]>([:])
        private let keeps = Mutex(true)
        func known(_ codeHash: Digest) -> (any Contract)? { keeps.withLock { $0 } ? contracts.withLock { $0[codeHash] } : nil }
        func prepare(_ code: [UInt8], hash: Digest) throws(CodeRefusal) -> any Contract {
            let contract = try WebAssemblyContract(code)
            contracts.withLock { $0[hash] = contract }
            return contract
        }
        func setKeeps(_ value: Bool) { keeps.withLock { $0 = value } }
    }

    private let loader = Loader()
    private let chain: TestChain

    init() { chain = TestChain([Accounts.self, Deployment.self, CallProbe.self], people: [Self.alice], loader: loader) }

    // ── Modules ──

    /// A contract whose `call` runs `body`, behind an import for each of `imports`.
    private static func module(
        _ body: Code, locals: [UInt8] = [], imports: [(name: String, parameters: [UInt8], results: [UInt8])] = [], _ more: (inout ModuleBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        var builder = ModuleBuilder()
        for item in imports { builder.importFunction("trellis", item.name, item.parameters, item.results) }
        builder.memory(1)
        builder.export("memory", kind: 2, 0)
        builder.function([], [i32], locals: locals, export: "call", body + .i32(0))
        builder.function(export: "trellis_abi_1", [])
        more(&builder)
        let run = MethodSchema(name: "run", documentation: "Runs.", kind: .call, takesValue: true, arguments: [], result: .nothing)
        let schema = ContractSchema(name: "bench", documentation: "Measures.", methods: [run], errors: [], events: [], storage: [])
        builder.customSection(WebAssemblyContract.schemaSection, schema.bcs)
        return builder.bytes
    }

    private func deploy(_ code: [UInt8]) -> Address {
        let call = Deployment.deploy.reference.call(on: .contracts, Deployment.Code(code)!, OwnerPolicy.immutable, Deployment.SetupArguments([])!)
        let receipt = chain.send(Self.alice, call, gasLimit: 100_000_000)
        guard case .succeeded(let results) = receipt.outcome, let address = try? Address(bcs: results.values[0]) else { preconditionFailure("\(receipt.outcome)") }
        return address
    }

    /// Time and gas of one transaction, without what its signatures and bytes cost.
    private func run(_ call: Call) -> (nanoseconds: Double, gas: Double) {
        let transaction = Transaction(
            chainID: chain.genesis.chainID, sender: Self.alice.address, nonce: 0, validUntilHeight: Height(chain.height.rawValue + 1), gasLimit: 100_000_000,
            gasPrice: Amount(1), calls: [call])!
        do {
            let watch = Stopwatch()
            let result = try chain.executor.simulate(transaction, at: chain.header, in: chain.state.view)
            let seconds = watch.threadCPU
            if let failure = result.outcome.failure { preconditionFailure("\(failure)") }
            return (seconds * 1e9, Double(result.gasUsed.rawValue))
        } catch { preconditionFailure("\(error)") }
    }

    // ── A call that does nothing ──

    /// Swift calls a contract that does nothing, as often as fits into a transaction; less the same number of calls of nothing in Swift.
    func emptyCall(rounds: Int) -> Cost {
        let address = deploy(Self.module([])), count = 1_000
        func probe(_ target: Address) -> Call { CallProbe.call.reference.call(on: CallProbe.address, target, UInt32(count)) }
        var microseconds: [Double] = [], rates: [Double] = []
        let base = (0..<5).map { _ in run(CallProbe.call.reference.call(on: CallProbe.address, address, 1)) }.min { $0.nanoseconds < $1.nanoseconds }!
        for _ in 0..<rounds {
            let all = run(probe(address))
            microseconds.append((all.nanoseconds - base.nanoseconds) / Double(count - 1) / 1e3)
            rates.append((all.nanoseconds - base.nanoseconds) / (all.gas - base.gas))
        }
        return Cost(name: "noop_call", microseconds: microseconds, nanosecondsPerGas: rates)
    }

    // ── Requests to the host ──

    private struct Question {
        let name: String
        let parameters: [UInt8]
        let results: [UInt8]
        let arguments: [Int64]
        var count: Int32 = 1_000
    }

    /// At 0 a key, at 64 and on what is written, at 4096 where answers go, at 8192 an address with an amount of one behind it.
    private static let questions: [Question] = {
        let i = i32, l = i64
        return [
            Question(name: "method_read", parameters: [i, i], results: [i], arguments: [4_096, 64]),
            Question(name: "input_read", parameters: [i, i, i], results: [i], arguments: [4_096, 0, 64]),
            Question(name: "output", parameters: [i, i], results: [], arguments: [64, 32]),
            Question(name: "caller", parameters: [i], results: [], arguments: [4_096]), Question(name: "value", parameters: [i], results: [], arguments: [4_096]),
            Question(name: "height", parameters: [], results: [l], arguments: []), Question(name: "gas_left", parameters: [], results: [l], arguments: []),
            Question(name: "storage_read", parameters: [i, i, i, i], results: [i], arguments: [0, 8, 4_096, 64]),
            Question(name: "storage_write", parameters: [i, i, i, i], results: [], arguments: [0, 8, 64, 32]),
            Question(name: "storage_has", parameters: [i, i], results: [i], arguments: [0, 8]),
            Question(name: "storage_remove", parameters: [i, i], results: [], arguments: [32, 8]),
            Question(name: "emit", parameters: [i, i, i, i], results: [], arguments: [8, 1, 64, 32], count: 250),
            Question(name: "balance", parameters: [i, i], results: [], arguments: [8_192, 4_096]),
            Question(name: "transfer", parameters: [i, i], results: [i], arguments: [8_192, 8_212]),
            Question(name: "sha256", parameters: [i, i, i], results: [], arguments: [64, 256, 4_096]),
            Question(name: "call", parameters: [i, i, i, i, i, i, l, i], results: [i], arguments: [8_256, 16, 7, 0, 0, 8_300, -1, 0]),
            Question(name: "debug", parameters: [i, i], results: [], arguments: [64, 32]),
        ]
    }()

    /// A loop of requests in a contract, less the same loop without them.
    func requests(rounds: Int) -> [Cost] {
        func loop(_ body: Code, _ count: Int32, _ question: Question?) -> [UInt8] {
            Self.module(
                .i32(count) + .set(0) + .block(0x03, [0x40], body + .get(0) + .i32(1) + .sub32 + .tee(0) + .brIf(0)), locals: [Self.i32],
                imports: question.map { [($0.name, $0.parameters, $0.results)] } ?? []
            ) { builder in
                builder.data(at: 8, Array("E".utf8))
                builder.data(at: 16, Array("nothing".utf8))
                builder.data(at: 8_192, Person(2).address.bytes + Amount(1).bcs)
                builder.data(at: 8_256, CallProbe.address.bytes)
            }
        }
        func run(_ address: Address) -> (nanoseconds: Double, gas: Double) {
            self.run(Call(contract: address, method: "run", arguments: [UInt8](repeating: 1, count: 64), value: Amount(1_000_000)))
        }
        return Self.questions.map { question in
            var body = Code()
            for (type, argument) in zip(question.parameters, question.arguments) { body += type == Self.i32 ? .i32(Int32(truncatingIfNeeded: argument)) : .i64(argument) }
            body += .call(0)
            if !question.results.isEmpty { body += .drop }
            let asking = deploy(loop(body, question.count, question)), idle = deploy(loop([], question.count, nil))
            _ = (run(asking), run(idle))
            var microseconds: [Double] = [], rates: [Double] = []
            for _ in 0..<rounds {
                let with = run(asking), without = run(idle)
                microseconds.append((with.nanoseconds - without.nanoseconds) / Double(question.count) / 1e3)
                rates.append((with.nanoseconds - without.nanoseconds) / (with.gas - without.gas))
            }
            return Cost(name: question.name, microseconds: microseconds, nanosecondsPerGas: rates)
        }
    }

    // ── Code that nobody kept ──

    /// Modules that take as long to prepare as the limits let somebody make them, and one that is mostly data.
    static let hardModules: [(name: String, bytes: [UInt8])] = {
        func body(_ pattern: Code, bytes: Int) -> Code { Code(Array(repeatElement(pattern.bytes, count: bytes / pattern.bytes.count).joined())) }
        let size = 400_000
        return [
            ("constants", module(body(.i32(0) + .drop, bytes: size))), ("blocks", module(body(.block([]), bytes: size))),
            ("loops", module(body(.block(0x03, [0x40], []), bytes: size))), ("calls", module(body(.call(1), bytes: size))),
            ("stores", module(body(.i32(0) + .i32(0) + .load(0x36), bytes: size))),
            ("branches", module(body(.block(.i32(0) + .brIf(0)), bytes: size))),
            ("tables", module(body(.block(.i32(0) + .brTable([UInt32](repeating: 0, count: 1_000), default: 0)), bytes: size))),
            ("nested", module(body((0..<200).reduce(Code()) { code, _ in .block(code) }, bytes: size))),
            ("functions", module([]) { builder in
                let type = builder.type([], [])
                for _ in 0..<4_000 { builder.function(type: type, body: [1, 12, i64, 0x41, 0, 0x1a, 0x0b]) }
            }),
            ("data", module([]) { builder in builder.data(at: 0, [UInt8](repeating: 1, count: 60_000)) }),
        ]
    }()

    /// A first call of each hard module when it is at hand and when it is not: what is in between, for what is paid for it.
    func loads(rounds: Int) -> [(name: String, microsecondsPerKiB: [Double], nanosecondsPerGas: [Double])] {
        Self.hardModules.map { module in
            let address = deploy(module.bytes), call = Call(contract: address, method: "look", arguments: [])
            // The method is unknown: the code is loaded and not run.
            func load() -> Double {
                let watch = Stopwatch()
                consume(try? chain.executor.view(ViewCall(contract: address, method: call.method, arguments: []), at: chain.header, in: chain.state.view))
                return watch.threadCPU * 1e9
            }
            var costs: [Double] = [], rates: [Double] = []
            for _ in 0..<rounds {
                loader.setKeeps(true)
                let warm = load()
                loader.setKeeps(false)
                let cold = load() - warm
                costs.append(cold / 1e3 / (Double(module.bytes.count) / 1024))
                rates.append(cold / Double(GasSchedule.loadPerByte * UInt64(module.bytes.count)))
            }
            loader.setKeeps(true)
            return (module.name, costs, rates)
        }
    }
}

/// Calls a contract many times, and is one that does nothing.
private enum CallProbe: BuiltInContract {
    enum Rejections: UInt32, RejectionCode {
        case wrong = 100
        var text: String { "Something is wrong." }
        var hint: String { "Look into the benchmark." }
    }

    static let name: StaticString = "call-probe"
    static let documentation: StaticString = "Measures."
    static let call = Method(
        "call", "Calls.", Argument("target", "Whom.", Address.self), Argument("count", "How often.", UInt32.self)
    ) { context, target, count throws(CallError) in
        for _ in 0..<count { _ = try context.call(target, "run", []) }
        return Nothing()
    }
    static let nothing = Method("nothing", "Nothing.") { _ throws(CallError) in Nothing() }
    static var methods: [any ContractMethod] { [call, nothing] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}
