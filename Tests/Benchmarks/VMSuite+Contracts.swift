import ChainKit
import Contracts
import ContractVM
import Cryptography
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
        let look = MethodSchema(name: "look", documentation: "Runs as a view.", kind: .view, takesValue: false, arguments: [], result: .nothing)
        let schema = ContractSchema(name: "bench", documentation: "Measures.", methods: [run, look], errors: [], events: [], storage: [])
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

    /// Contracts that do nothing: a small one, and those that take longest to set up for what is paid.
    static let idleModules: [(name: String, bytes: [UInt8], calls: Int)] = [
        ("noop_call", module([]), 1_000),
        ("noop_call_segments", module([]) { builder in
            builder.table(1)
            for _ in 0..<1_024 { builder.elements(at: 0, []) }
            for _ in 0..<1_024 { builder.data(at: 0, []) }
        }, 500),
        ("noop_call_elements", module([]) { builder in
            builder.table(4_096)
            for _ in 0..<120 { builder.elements(at: 0, [UInt32](repeating: 0, count: 4_096)) }
        }, 60),
    ]

    /// Swift calls a contract that does nothing, as often as fits into a transaction; less the same number of calls of nothing in Swift.
    func emptyCall(_ name: String, _ module: [UInt8], count: Int, rounds: Int) -> Cost {
        let address = deploy(module)
        func probe(_ target: Address) -> Call { CallProbe.call.reference.call(on: CallProbe.address, target, UInt32(count)) }
        var microseconds: [Double] = [], rates: [Double] = []
        let base = (0..<5).map { _ in run(CallProbe.call.reference.call(on: CallProbe.address, address, 1)) }.min { $0.nanoseconds < $1.nanoseconds }!
        for _ in 0..<rounds {
            let all = run(probe(address))
            microseconds.append((all.nanoseconds - base.nanoseconds) / Double(count - 1) / 1e3)
            rates.append((all.nanoseconds - base.nanoseconds) / (all.gas - base.gas))
        }
        return Cost(name: name, microseconds: microseconds, nanosecondsPerGas: rates)
    }

    // ── Requests to the host ──

    /// Requests of one round of a loop, by their names; the figure has the name of the first one.
    private struct Question {
        let requests: [(name: String, arguments: [Int64])]
        let count: Int32
        /// Whether it is made in a view, which may change nothing.
        let isRefused: Bool

        init(_ name: String, _ arguments: Int64..., then: [(name: String, arguments: [Int64])] = [], count: Int32 = 1_000, isRefused: Bool = false) {
            requests = [(name, arguments)] + then
            self.count = count
            self.isRefused = isRefused
        }
        var name: String { requests.map(\.name).joined(separator: "_") + (isRefused ? "_refused" : "") }
    }

    /// At 0 a key that is there, at 64 and on what is written, hashed and signed, at 4096 where answers go, at 8192 an address with an amount
    /// of one behind it, at 8256 a contract, at 12288 a key with its signature, at 12544 a key with its proof. `revert` alone is not here:
    /// nothing comes behind it.
    private static let questions = [
        Question("method_read", 4_096, 64), Question("input_read", 4_096, 0, 64), Question("output", 64, 32), Question("caller", 4_096), Question("self_addr", 4_096),
        Question("origin", 4_096), Question("value", 4_096), Question("chain_id", 4_096), Question("height"), Question("block_time"), Question("epoch"),
        Question("gas_left"), Question("storage_read", 0, 8, 4_096, 64), Question("storage_write", 0, 8, 64, 32), Question("storage_has", 0, 8),
        Question("storage_remove", 32, 8), Question("iter_open", 0, 8, 0, 0, 0, then: [("iter_close", [0])]),
        Question("iter_open", 0, 8, 0, 0, 0, then: [("iter_next", [0, 4_096, 8, 4_112, 64]), ("iter_close", [0])]), Question("emit", 8, 1, 64, 32, count: 250),
        Question("balance", 8_192, 4_096), Question("transfer", 8_192, 8_212), Question("transfer", 8_192, 8_212, isRefused: true),
        Question("call", 8_256, 16, 7, 0, 0, 8_300, -1, 0), Question("call", 8_256, 8, 1, 0, 0, 8_300, -1, 0, isRefused: true),
        Question("ret_read", 4_096, 0, 64), Question("ret_code"), Question("draw_request", 1, then: [("draw_close", [1])]), Question("draw", 1, 4_096),
        Question("sha256", 64, 256, 4_096), Question("ed25519_verify", 12_288, 12_320, 64, 32, count: 200),
        Question("vrf_verify", 12_544, 12_576, 64, 32, 4_096, count: 50), Question("debug", 64, 32),
    ]

    /// A loop of requests in a contract, less the same loop without them.
    func requests(rounds: Int) -> [Cost] {
        guard let imports = Profile.contracts.interface?.imports else { preconditionFailure("contracts have an interface") }
        func letter(_ type: ValueType) -> UInt8 { type == .i32 ? Self.i32 : Self.i64 }
        func request(_ name: String, _ arguments: [Int64]) -> Code {
            guard let number = imports.firstIndex(where: { $0.name == name }) else { preconditionFailure("there is no request \(name)") }
            let type = imports[number].type
            let words = zip(type.parameters, arguments).reduce(Code()) { $0 + ($1.0 == .i32 ? .i32(Int32(truncatingIfNeeded: $1.1)) : .i64($1.1)) }
            return words + .call(UInt32(number)) + (type.results.isEmpty ? [] : .drop)
        }
        let message = [UInt8](repeating: 0, count: 32), vrf = Founder(1).vrf
        func loop(_ body: Code, _ question: Question) -> [UInt8] {
            Self.module(
                (question.isRefused ? [] : request("storage_write", [0, 8, 64, 32])) + .i32(question.count) + .set(0) + .block(0x03, [0x40], body + .get(0) + .i32(1) + .sub32 + .tee(0) + .brIf(0)),
                locals: [Self.i32], imports: imports.map { ($0.name, $0.type.parameters.map(letter), $0.type.results.map(letter)) }
            ) { builder in
                builder.data(at: 8, Array("E".utf8))
                builder.data(at: 16, Array("nothing".utf8))
                builder.data(at: 8_192, Person(2).address.bytes + Amount(1).bcs)
                builder.data(at: 8_256, CallProbe.address.bytes)
                builder.data(at: 12_288, Self.alice.key.publicKey.bytes + Self.alice.key.sign(message).bytes)
                builder.data(at: 12_544, vrf.publicKey.bytes + vrf.prove(alpha: message).bytes)
            }
        }
        func run(_ address: Address, _ question: Question) -> (nanoseconds: Double, gas: Double) {
            let arguments = [UInt8](repeating: 1, count: 64)
            return self.run(question.isRefused ? Call(contract: address, method: "look", arguments: arguments)
                : Call(contract: address, method: "run", arguments: arguments, value: Amount(1_000_000)))
        }
        return Self.questions.map { question in
            let body = question.requests.reduce(Code()) { $0 + request($1.name, $1.arguments) }
            let asking = deploy(loop(body, question)), idle = deploy(loop([], question))
            _ = (run(asking, question), run(idle, question))
            var microseconds: [Double] = [], rates: [Double] = []
            for _ in 0..<rounds {
                let with = run(asking, question), without = run(idle, question)
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
            // Little code, all of which must be looked up.
            ("imports", module([], imports: (0..<64).map { _ in ("gas_left", [], [i64]) })),
        ]
    }()

    /// A first call of each hard module when it is at hand and when it is not: what is in between, for what is paid for it.
    func loads(rounds: Int) -> [(name: String, microsecondsPerKiB: [Double], nanosecondsPerGas: [Double])] {
        Self.hardModules.map { module in
            let address = deploy(module.bytes)
            // The method is unknown: the code is loaded and not run.
            func load() -> Double {
                let watch = Stopwatch()
                consume(try? chain.executor.view(ViewCall(contract: address, method: "unknown", arguments: []), at: chain.header, in: chain.state.view))
                return watch.threadCPU * 1e9
            }
            var costs: [Double] = [], rates: [Double] = []
            for _ in 0..<rounds {
                loader.setKeeps(true)
                let warm = load()
                loader.setKeeps(false)
                let cold = load() - warm
                costs.append(cold / 1e3 / (Double(module.bytes.count) / 1024))
                rates.append(cold / Double(GasSchedule.prepare + GasSchedule.loadPerByte * UInt64(module.bytes.count)))
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
