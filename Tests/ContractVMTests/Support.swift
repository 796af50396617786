import ContractVM
import ModuleKit
import Testing

let i32 = ModuleBuilder.i32, i64 = ModuleBuilder.i64

/// A profile with two host functions to import.
let testProfile = Profile.contracts(Interface(
    imports: [.init("host", "add", FunctionType([.i32, .i64], [.i64])), .init("host", "again", FunctionType([.i32], [.i32]))],
    exports: [], memoryExport: nil))

/// How a call ended and what it used.
struct Ended: Equatable {
    var results: [UInt64] = []
    var trap: Trap?
    var gas: UInt64
}

extension ModuleBuilder {
    /// A module with one exported function `run` that takes and gives nothing.
    static func single(locals: [UInt8] = [], _ code: Code, _ more: (inout ModuleBuilder) -> Void = { _ in }) -> ModuleBuilder {
        single([], [], locals: locals, code, more)
    }

    /// A module with one exported function `run`.
    static func single(
        _ parameters: [UInt8], _ results: [UInt8], locals: [UInt8] = [], _ code: Code, _ more: (inout ModuleBuilder) -> Void = { _ in }
    ) -> ModuleBuilder {
        var builder = ModuleBuilder()
        more(&builder)
        builder.function(parameters, results, locals: locals, export: "run", code)
        return builder
    }

    /// Prepares, instantiates and calls an export.
    func run(
        _ arguments: [UInt64] = [], function: String = "run", gas: UInt64 = 1_000_000, profile: Profile = testProfile, host: (any HostFunctions)? = nil
    ) throws -> Ended {
        let module = try PreparedModule(bytes, profile: profile)
        let imports = module.imports.compactMap { wanted -> ExternalValue? in
            if case .function(let type) = wanted.type { .host(type) } else { nil }
        }
        return Interpreter(profile).run(try Instance(module, imports: imports, host: host), function, arguments, gas: gas)
    }
}

extension Interpreter {
    func run(_ instance: Instance, _ name: String = "run", _ arguments: [UInt64] = [], gas: UInt64 = 1_000_000) -> Ended {
        var left = gas
        do throws(Trap) {
            let results = try call(instance.function(name)!, arguments, gas: &left)
            return Ended(results: results, gas: gas - left)
        } catch {
            return Ended(trap: error, gas: gas - left)
        }
    }
}

/// Why a module is refused; fails the test when it is not.
func refusal(of builder: ModuleBuilder, profile: Profile = testProfile) -> Refusal? { refusal(of: builder.bytes, profile: profile) }

func refusal(of bytes: [UInt8], profile: Profile = testProfile) -> Refusal? {
    do throws(Refusal) {
        _ = try PreparedModule(bytes, profile: profile)
        Issue.record("accepted")
        return nil
    } catch {
        return error
    }
}
