import ChainKit
import Contracts
import ContractVM
import Execution
import Ledger
import ModuleKit
import Primitives
import WorldState

/// Deployed contracts of a few instructions, and a Swift contract that does the same work.
enum Puppet {
    /// Parameters of the host's functions, as letters, and what they return.
    private static let types: [String: (String, String)] = [
        "method_read": ("ii", "i"), "input_read": ("iii", "i"), "output": ("ii", ""), "revert": ("iii", ""), "caller": ("i", ""), "value": ("i", ""),
        "origin": ("i", ""), "self_addr": ("i", ""), "height": ("", "l"), "block_time": ("", "l"), "epoch": ("", "l"), "chain_id": ("i", ""),
        "gas_left": ("", "l"), "storage_read": ("iiii", "i"), "storage_write": ("iiii", ""), "storage_remove": ("ii", ""), "storage_has": ("ii", "i"),
        "iter_open": ("iiiii", "i"), "iter_next": ("iiiii", "l"), "iter_close": ("i", ""), "emit": ("iiii", ""), "balance": ("ii", ""),
        "transfer": ("ii", "i"), "call": ("iiiiiili", "i"), "ret_read": ("iii", "i"), "ret_code": ("", "i"), "draw_request": ("l", ""),
        "draw": ("li", "i"), "draw_close": ("l", ""), "sha256": ("iii", ""), "ed25519_verify": ("iiii", "i"), "vrf_verify": ("iiiii", "i"), "debug": ("ii", ""),
    ]
    static let names = types.keys.sorted()

    private static func values(_ letters: String) -> [UInt8] { letters.map { $0 == "i" ? i32 : i64 } }

    /// A request to the host; arguments are i32 but for those that the function takes as i64. A result is dropped.
    static func ask(_ name: String, _ arguments: Int64...) -> Code { request(name, arguments) + (types[name]!.1.isEmpty ? [] : .drop) }
    /// The same with its result.
    static func get(_ name: String, _ arguments: Int64...) -> Code { request(name, arguments) }

    private static func request(_ name: String, _ arguments: [Int64]) -> Code {
        var code = Code()
        for (letter, argument) in zip(types[name]!.0, arguments) { code += letter == "i" ? .i32(Int32(truncatingIfNeeded: argument)) : .i64(argument) }
        return code + .call(UInt32(names.firstIndex(of: name)!))
    }

    /// A module whose `call` runs `body`, which leaves nothing, and returns 0.
    static func module(
        _ body: Code, locals: [UInt8] = [], data: [Int32: [UInt8]] = [:], schema: [UInt8]? = PuppetSchema.contractSchema.bcs,
        change: (inout ModuleBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        var builder = ModuleBuilder()
        for name in names { builder.importFunction("trellis", name, values(types[name]!.0), values(types[name]!.1)) }
        builder.memory(1)
        builder.export("memory", kind: 2, 0)
        for (place, bytes) in data.sorted(by: { $0.key < $1.key }) { builder.data(at: place, bytes) }
        builder.function([], [i32], locals: locals, export: "call", body + .i32(0))
        builder.function(export: "trellis_abi_1", [])
        if let schema { builder.customSection(WebAssemblyContract.schemaSection, schema) }
        change(&builder)
        return builder.bytes
    }
}

/// What puppets say of themselves.
enum PuppetSchema: BuiltInContract {
    enum Rejections: UInt32, RejectionCode {
        case asked = 100
        var text: String { "The test asked for it." }
        var hint: String { "Ask for something else." }
    }
    static let name: StaticString = "puppet"
    static let documentation: StaticString = "Does what a test asks."
    static let run = Method("run", "Runs.", takesValue: true) { _ throws(CallError) in Nothing() }
    static let look = Method("look", "Runs as a view.", kind: .view) { _ throws(CallError) in Nothing() }
    static var methods: [any ContractMethod] { [run, look] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}

/// Calls on, and does in Swift what puppets do.
enum Twin: BuiltInContract {
    typealias Rejections = PuppetSchema.Rejections
    static let name: StaticString = "twin"
    static let documentation: StaticString = "Does in Swift what puppets do."
    typealias Bytes = BoundedBytes<60_000>
    static let work = Method("work", "One thing.", takesValue: true, Argument("number", "Which.", UInt8.self)) { context, number throws(CallError) in
        let key: [UInt8] = [7], value: [UInt8] = [1, 2, 3, 4]
        switch number {
        case 1: _ = try context.load(key)
        case 2: try context.store(key, value)
        case 3: try context.store(key, nil)
        case 4: try context.emit("E", value)
        case 5: _ = try context.sha256(value)
        case 6: try context.transfer(Amount(1), to: context.caller)
        case 7: _ = try context.balance(of: context.caller)
        case 8: _ = try context.call(address, "quiet", [])
        case 9:
            try context.store(key, value)
            var bound: [UInt8]?
            while let found = try context.nextKey(prefix: key, from: bound, .ascending) {
                _ = try context.load(found)
                bound = found + [0]
            }
        case 10: try context.requestDraw(1)
        default: break
        }
        return Nothing()
    }
    static let quiet = Method("quiet", "Nothing.", takesValue: true) { _ throws(CallError) in Nothing() }
    static let refuse = Method("refuse", "Refuses.", takesValue: true) { context throws(CallError) -> Nothing in throw context.rejection(Rejections.asked) }
    static let forward = Method("forward", "Calls.", takesValue: true, Argument("to", "Whom.", Address.self)) { context, to throws(CallError) in
        Bytes(try context.call(to, "run", [], value: context.value))!
    }
    static var methods: [any ContractMethod] { [work, quiet, refuse, forward] }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}

/// The same contract somewhere else, for calls that come back.
enum Other: BuiltInContract {
    typealias Rejections = PuppetSchema.Rejections
    static let name: StaticString = "other"
    static let documentation: StaticString = "Does the same somewhere else."
    static var methods: [any ContractMethod] { Twin.methods }
    static var events: [any ContractEvent.Type] { [] }
    static var storage: [any StorageDeclaration] { [] }
}

extension TestChain {
    static func withPuppets(
        _ people: [Person], _ more: [any BuiltInContract.Type] = [], loader: any ContractLoader = WebAssemblyLoader()
    ) -> TestChain {
        TestChain([Accounts.self, Deployment.self, Twin.self, Other.self] + more, people: people, loader: loader)
    }

    func deployment(_ code: [UInt8], _ policy: OwnerPolicy = .immutable, arguments: [UInt8] = [], value: Amount = .zero) -> Call {
        Deployment.deploy.reference.call(
            on: .contracts, Deployment.Code(code)!, policy, Deployment.SetupArguments(arguments)!, value: value)
    }

    /// Deploys and returns the address, which the receipt has.
    func deploy(_ person: Person, _ code: [UInt8], _ policy: OwnerPolicy = .immutable) -> Address {
        let receipt = send(person, deployment(code, policy), gasLimit: 100_000_000)
        guard case .succeeded(let results) = receipt.outcome, let address = try? Address(bcs: results.values[0]) else {
            preconditionFailure("\(receipt.outcome)")
        }
        return address
    }

    /// Deploys and runs.
    func run(_ person: Person, _ code: [UInt8], value: Amount = .zero, gasLimit: UInt64 = 20_000_000) -> Receipt {
        let address = deploy(person, code)
        return send(person, Call(contract: address, method: "run", arguments: [], value: value), gasLimit: gasLimit)
    }
}
