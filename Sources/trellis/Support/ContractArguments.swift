import ArgumentParser
import Client
import ContractKit
import Execution
import Ledger
import Primitives

/// Arguments of a contract's method on the command line: one JSON object, or `name=value` for each.
struct ContractArguments: ParsableArguments {
    @Argument(help: ArgumentHelp(
        "Arguments as name=value; amounts in TRL, times as 2026-11-21T16:30:00Z, an address or @ and whose it is, records and lists as JSON.",
        valueName: "name=value")) var pairs: [String] = []
    @Option(help: ArgumentHelp("All arguments as a JSON object; @FILE reads a file.", valueName: "json")) var args: String?

    func validate() throws {
        if args != nil, !pairs.isEmpty { throw ValidationError("give --args or name=value, not both") }
    }

    var isEmpty: Bool { pairs.isEmpty && args == nil }

    /// The encoding that the method's schema asks for.
    func encode(_ method: MethodSchema, _ names: Names) async throws -> [UInt8] {
        let network = try await names.client.networkKind(), value = try await value(method, names)
        do throws(SchemaCodec.Mismatch) { return try SchemaCodec(network: network).encode(value, as: method.arguments) } catch {
            let expected = method.arguments.map { "\($0.name): \(Self.form($0.type))" }.joined(separator: ", ")
            throw CommandFailure.usage(
                "contract.arguments", "the arguments do not fit \(method.name)", why: error.description,
                next: expected.isEmpty ? "It takes none." : "It takes \(expected).")
        }
    }

    private func value(_ method: MethodSchema, _ names: Names) async throws -> DynamicValue {
        if let args {
            if args.hasPrefix("@") { return try Files.json(String(args.dropFirst())) }
            do throws(JSONReader.Failure) { return try JSONReader.value(Array(args.utf8)) } catch {
                throw CommandFailure.usage("contract.arguments", "--args is not JSON", why: error.description)
            }
        }
        var members: [DynamicValue.Member] = []
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "=") else { throw CommandFailure.usage("contract.arguments", "\(pair) is not name=value") }
            let name = String(pair[..<equals]), type = method.arguments.first { $0.name == name }?.type
            var text = String(pair[pair.index(after: equals)...])
            // As tests have it: the address of an own key or of a contract, by its name.
            if type.map(Self.isAddress) == true, text.hasPrefix("@") {
                let place = try await ContractPlace.resolve(String(text.dropFirst()), names.client)
                text = try await names.contract(place).text(on: try await names.client.networkKind())
            }
            if type == .scalar(.timestamp), let time = TimeArgument(argument: text) { text = String(time.value.rawValue) }
            members.append(DynamicValue.Member(name, type.map { ArgumentText.value(text, $0) } ?? .text(text)))
        }
        return .object(members)
    }

    private static func isAddress(_ type: TypeSchema) -> Bool {
        switch type {
        case .scalar(.address), .option(.scalar(.address)): true
        default: false
        }
    }

    /// What a type is called in help.
    static func form(_ type: TypeSchema) -> String {
        switch type {
        case .scalar(let scalar): scalar.rawValue
        case .fixedBytes(let size): "\(size) bytes"
        case .bytes: "bytes"
        case .text: "text"
        case .option(let wrapped): "\(form(wrapped)) or none"
        case .list(let element, let max): "up to \(max) of \(form(element))"
        case .record(let name, let fields): "\(name) {\(fields.map { "\($0.name): \(form($0.type))" }.joined(separator: ", "))}"
        case .choice(_, let cases): cases.map(\.name).joined(separator: " | ")
        case .nothing: "nothing"
        }
    }
}
