import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import WorldState

extension FuzzTargets {
    static let contractVM: [FuzzTarget] = [
        // Whatever is accepted makes code in proportion, and runs within its gas to one and the same end.
        FuzzTarget(name: "wasm-module", samples: Modules.samples) { Modules.check($0, .contracts(Interface(imports: [], exports: [], memoryExport: nil))) },
        FuzzTarget(name: "wasm-module-wide", samples: Modules.samples) { Modules.check($0, .conformance) },
        // Modules that are valid by construction; the input is only the seed.
        FuzzTarget(name: "wasm-execution", samples: (0..<8).map { [$0] }) { input in
            let seed = input.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let bytes = RandomModule.bytes(seed: seed), profile = Profile.contracts(Interface(imports: [], exports: [], memoryExport: nil))
            guard let module = try? PreparedModule(bytes, profile: profile) else { return "is the seed of a module that is refused" }
            let whole = Modules.run(module, gas: Modules.gas)
            guard whole == Modules.run(module, gas: Modules.gas) else { return "ends differently the second time" }
            guard whole.results != nil, whole.gas > 0 else { return nil }
            if Modules.run(module, gas: whole.gas) != whole { return "needs more gas than it uses" }
            return Modules.run(module, gas: whole.gas - 1).results == nil ? nil : "needs less gas than it uses"
        },
        // Any requests of a contract to its host, with any arguments: answered, refused or trapped, twice the same, within its gas.
        FuzzTarget(name: "wasm-requests", samples: (0..<40).map { [$0, 1, 2, 3, 4, 5, 6, 7, 8] }, check: Requests.check),
    ]

    /// A contract made of an input: a request for each first byte, and an argument for each that follows.
    private enum Requests {
        private static let person = Person(1)
        private static let imports = Profile.contracts.interface?.imports ?? []
        /// Nothing, few, the addresses of what lies in memory, its end, what is behind it, the largest.
        private static let values: [Int64] = [0, 1, 2, 3, 7, 8, 20, 32, 64, 255, 256, 257, 4_096, 16_384, 65_280, 65_535, 65_536, 65_537, 131_072, 0x7fff_ffff, 0xffff_ffff, -1]
        private static let schema: ContractSchema = {
            let run = MethodSchema(name: "run", documentation: "Runs.", kind: .call, takesValue: true, arguments: [], result: .nothing)
            return ContractSchema(name: "fuzz", documentation: "Asks.", methods: [run], errors: [], events: [], storage: [])
        }()

        static func check(_ input: [UInt8]) -> String? {
            let code = module(input), chain = TestChain([Accounts.self, Deployment.self], people: [person], loader: WebAssemblyLoader())
            let deployment = Deployment.deploy.reference.call(
                on: .contracts, Deployment.Code(code)!, OwnerPolicy.immutable, Deployment.SetupArguments([])!)
            guard chain.send(person, deployment, gasLimit: 100_000_000).succeeded else { return "is a contract that is refused" }
            let address = Address.deployedContract(by: person.address, nonce: 0, callIndex: 0)
            let transaction = Transaction(
                chainID: chain.genesis.chainID, sender: person.address, nonce: 1, validUntilHeight: 100, gasLimit: 5_000_000, gasPrice: Amount(1),
                calls: [Call(contract: address, method: "run", arguments: input.prefix(64).map { $0 }, value: Amount(1_000))])!
            func run() -> SimulationResult? { try? chain.executor.simulate(transaction, at: chain.header, in: chain.state.view) }
            guard let one = run(), let two = run() else { return "the state cannot be read" }
            if one.gasUsed.rawValue > 5_000_000 { return "uses more gas than it has" }
            guard one.outcome == two.outcome, one.gasUsed == two.gasUsed, one.changes == two.changes, one.events == two.events else { return "ends differently the second time" }
            // As a block, whose balances must add up.
            chain.send(person, transaction.calls[0], gasLimit: 5_000_000)
            return nil
        }

        private static func module(_ input: [UInt8]) -> [UInt8] {
            var builder = ModuleBuilder(), code = Code(), rest = input[...]
            for item in imports { builder.importFunction(item.module, item.name, item.type.parameters.map(letter), item.type.results.map(letter)) }
            while let first = rest.popFirst(), code.bytes.count < 20_000 {
                let number = Int(first) % imports.count
                for type in imports[number].type.parameters {
                    let value = values[Int(rest.popFirst() ?? 0) % values.count]
                    code += letter(type) == ModuleBuilder.i32 ? .i32(Int32(truncatingIfNeeded: value)) : .i64(value)
                }
                code += .call(UInt32(number))
                if !imports[number].type.results.isEmpty { code += .drop }
            }
            builder.memory(1)
            builder.export("memory", kind: 2, 0)
            builder.data(at: 0, Array("run".utf8) + [UInt8](repeating: 7, count: 29) + Address.accounts.bytes + Array("supply".utf8))
            builder.function([], [ModuleBuilder.i32], export: "call", code + .i32(0))
            builder.function(export: "trellis_abi_1", [])
            builder.customSection(WebAssemblyContract.schemaSection, schema.bcs)
            return builder.bytes
        }

        private static func letter(_ type: ValueType) -> UInt8 { type == .i32 ? ModuleBuilder.i32 : ModuleBuilder.i64 }
    }

    private enum Modules {
        static let gas: UInt64 = 50_000
        /// Bytes of code per byte of a module; see the tests of the room.
        static let growthMax = 96
        static let samples: [[UInt8]] = (0..<200).lazy.map { RandomModule.bytes(seed: $0) }.filter { $0.count < Mutator.inputBytesMax / 2 }.prefix(24).map { $0 }

        struct Ended: Equatable {
            var results: [UInt64]?
            var gas: UInt64 = 0
        }

        static func run(_ module: PreparedModule, gas: UInt64) -> Ended {
            guard let instance = try? Instance(module), let function = instance.function("run") else { return Ended() }
            var left = gas
            let results = try? Interpreter(module.profile).call(function, function.type.parameters.map { _ in 3 }, gas: &left)
            return Ended(results: results, gas: gas - left)
        }

        static func check(_ input: [UInt8], _ profile: Profile) -> String? {
            guard let module = try? PreparedModule(input, profile: profile) else { return nil }
            if module.codeBytes > growthMax * input.count { return "makes \(module.codeBytes) bytes of code" }
            let first = run(module, gas: gas)
            if first.gas > gas { return "uses more gas than it has" }
            return first == run(module, gas: gas) ? nil : "ends differently the second time"
        }
    }
}
