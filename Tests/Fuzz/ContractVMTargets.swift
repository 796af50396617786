import ContractVM
import ModuleKit
import Primitives

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
    ]

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
