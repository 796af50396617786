import ContractVM
import Foundation

/// Runs the commands of one file.
struct Script {
    private enum Slot {
        case instance(Instance)
        /// Refused for a feature that is outside the scope; what is asserted about it cannot be judged.
        case outside(String)
        case broken(String)
    }

    private enum Verdict {
        case passed
        case failed(String)
        case skipped(String)
    }

    private static let assertions: Set<String> = [
        "assert_return", "assert_trap", "assert_exhaustion", "assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable",
    ]
    private static let profile = Profile.conformance

    private let folder: URL
    private let name: String
    private let commands: [Command]
    private let interpreter = Interpreter(profile)
    private let spectest = SpecTest()
    private var current = Slot.broken("no module yet")
    private var named: [String: Slot] = [:]
    private var registered: [String: Slot] = [:]
    /// Functions in shared tables outlive the instance that failed to start.
    private var kept: [Instance] = []
    private(set) var tally = Tally()

    init(folder: URL, name: String) throws {
        self.folder = folder
        self.name = name
        commands = try JSONDecoder().decode(CommandFile.self, from: Data(contentsOf: folder.appending(path: "\(name).json"))).commands
    }

    mutating func run() {
        for command in commands {
            let verdict = verdict(on: command)
            let counts = Self.assertions.contains(command.type)
            switch verdict {
            case .passed: if counts { tally.passed += 1 }
            case .failed(let text): tally.failures.append("\(name).wast:\(command.line) \(command.type): \(text)")
            case .skipped(let reason):
                if counts {
                    tally.skipped += 1
                    tally.skipReasons.append(reason)
                }
            }
        }
    }

    private mutating func verdict(on command: Command) -> Verdict {
        switch command.type {
        case "module":
            current = load(command.filename ?? "")
            if let name = command.name { named[name] = current }
            if case .broken(let text) = current { return .failed(text) }
            return .passed
        case "register":
            registered[command.registeredAs ?? ""] = command.name.flatMap { named[$0] } ?? current
            return .passed
        case "action", "assert_return": return judge(command) { outcome in
            guard case .success(let results) = outcome else { return "\(outcome)" }
            guard let expected = command.expected, command.type != "action" else { return nil }
            return results == expected.map { $0.slot ?? 0 } ? nil : "got \(results), expected \(expected.map { $0.value ?? "?" })"
        }
        case "assert_trap", "assert_exhaustion": return judge(command) { outcome in
            guard case .failure(let trap) = outcome else { return "\(outcome)" }
            return Self.text(of: trap, matches: command.text ?? "") ? nil : "trapped with \(trap), expected \(command.text ?? "")"
        }
        case "assert_invalid", "assert_malformed":
            if command.moduleType == "text" { return .skipped("text format") }
            do throws(Refusal) {
                _ = try PreparedModule(bytes(command.filename ?? ""), profile: Self.profile)
                return .failed("accepted; expected \(command.text ?? "")")
            } catch {
                switch error.reason {
                case .malformed, .invalid: return .passed
                // A malformed module must be refused, and it is, whatever was seen first; whether a module is invalid is not known
                // of one that was refused for a feature.
                case .unsupported where command.type == "assert_malformed": return .passed
                case .unsupported(let feature): return .skipped(feature.rawValue)
                default: return .failed("\(error)")
                }
            }
        case "assert_unlinkable", "assert_uninstantiable": return judgeFailure(command)
        default: return .failed("an unknown command")
        }
    }

    // Modules.

    private func bytes(_ file: String) -> [UInt8] { (try? Data(contentsOf: folder.appending(path: file))).map { [UInt8]($0) } ?? [] }

    private enum Loading: Error {
        case outside(String), refused(Refusal), unlinkable, trap(Trap), other(String)
    }

    private mutating func instantiate(_ file: String) throws(Loading) -> Instance {
        let module: PreparedModule
        do throws(Refusal) { module = try PreparedModule(bytes(file), profile: Self.profile) } catch {
            if case .unsupported(let feature) = error.reason { throw .outside(feature.rawValue) }
            throw .refused(error)
        }
        var imports: [ExternalValue] = []
        for wanted in module.imports {
            if wanted.module == "spectest" {
                guard let value = spectest.value(wanted.name, type: wanted.type) else { throw .unlinkable }
                imports.append(value)
                continue
            }
            switch registered[wanted.module] {
            case .instance(let instance):
                guard let value = instance.export(wanted.name) else { throw .unlinkable }
                imports.append(value)
            case .outside(let reason): throw .outside(reason)
            case .broken(let text): throw .other(text)
            case nil: throw .unlinkable
            }
        }
        do throws(Instance.Failure) {
            let instance = try Instance(module, imports: imports, host: spectest)
            kept.append(instance)
            if let start = instance.startFunction { _ = try run(start, []) }
            return instance
        } catch {
            switch error {
            case .incompatibleImport: throw .unlinkable
            case .trap(let trap): throw .trap(trap)
            case .noAddressSpace: throw .other("no address space")
            }
        }
    }

    private func run(_ function: FunctionReference, _ arguments: [UInt64]) throws(Instance.Failure) -> [UInt64] {
        var gas = UInt64(Int64.max)
        do { return try interpreter.call(function, arguments, gas: &gas) } catch { throw .trap(error) }
    }

    private mutating func load(_ file: String) -> Slot {
        do throws(Loading) { return .instance(try instantiate(file)) } catch {
            if case .outside(let reason) = error { return .outside(reason) }
            return .broken("\(file): \(error)")
        }
    }

    private mutating func judgeFailure(_ command: Command) -> Verdict {
        do throws(Loading) {
            _ = try instantiate(command.filename ?? "")
            return .failed("instantiated; expected \(command.text ?? "")")
        } catch {
            switch (error, command.type) {
            case (.outside(let reason), _): return .skipped(reason)
            case (.unlinkable, "assert_unlinkable"): return .passed
            case (.trap(let trap), "assert_uninstantiable") where Self.text(of: trap, matches: command.text ?? ""): return .passed
            default: return .failed("\(error), expected \(command.text ?? "")")
            }
        }
    }

    // Actions.

    private func judge(_ command: Command, _ complaint: (Result<[UInt64], Trap>) -> String?) -> Verdict {
        guard let action = command.action else { return .failed("no action") }
        let instance: Instance
        switch action.module.map({ named[$0] ?? .broken("no module \($0)") }) ?? current {
        case .instance(let found): instance = found
        case .outside(let reason): return .skipped(reason)
        case .broken(let text): return .failed(text)
        }
        if action.type == "get" {
            guard case .global(let global) = instance.export(action.field) else { return .failed("no global \(action.field)") }
            return complaint(.success([global.value])).map { .failed($0) } ?? .passed
        }
        guard let function = instance.function(action.field) else { return .failed("no function \(action.field)") }
        let arguments = (action.args ?? []).compactMap(\.slot)
        guard arguments.count == function.type.parameters.count else { return .failed("arguments that are no integers") }
        let result: Result<[UInt64], Trap>
        do throws(Instance.Failure) { result = .success(try run(function, arguments)) } catch {
            guard case .trap(let trap) = error else { return .failed("\(error)") }
            result = .failure(trap)
        }
        return complaint(result).map { .failed("\(action.field): \($0)") } ?? .passed
    }

    private static func text(of trap: Trap, matches text: String) -> Bool {
        switch trap {
        case .unreachable: text == "unreachable"
        case .memoryOutOfBounds: text == "out of bounds memory access"
        case .tableOutOfBounds: text == "out of bounds table access"
        case .undefinedElement: text == "undefined element"
        case .uninitializedElement: text.hasPrefix("uninitialized element")
        case .signatureMismatch: text == "indirect call type mismatch"
        case .divisionByZero: text == "integer divide by zero"
        case .integerOverflow: text == "integer overflow"
        case .stackExhausted: text == "call stack exhausted"
        case .outOfGas, .host: false
        }
    }
}

/// The module `spectest` that the tests import from.
final class SpecTest: HostFunctions {
    private let table = Table(SizeRange(10, 20))
    private let memory = Memory(SizeRange(1, 2), pagesMax: 2)
    private let number32 = Global(GlobalType(.i32, isMutable: false), 666)
    private let number64 = Global(GlobalType(.i64, isMutable: false), 666)
    private static let functions: [String: FunctionType] = [
        "print": FunctionType([], []), "print_i32": FunctionType([.i32], []), "print_i64": FunctionType([.i64], []),
    ]

    func value(_ name: String, type: ExternalType) -> ExternalValue? {
        switch name {
        case "table": .table(table)
        case "memory": memory.map { .memory($0) }
        case "global_i32": .global(number32)
        case "global_i64": .global(number64)
        default: Self.functions[name].map { .host($0) }
        }
    }

    func call(_ function: Int, _ call: borrowing HostCall) -> Trap? { nil }
}
