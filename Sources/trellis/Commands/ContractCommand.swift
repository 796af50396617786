import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Contracts: what they are, what they say, and calling them.
struct ContractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "contract", "Writes, deploys, shows, asks and calls contracts.",
        discussion: """
            A contract is named by an address, by the name of one of the protocol, or by the directory from which it was deployed. Arguments \
            follow its schema: trellis contract show NAME lists the methods.
            """,
        examples: ["trellis contract new counter", "trellis contract view accounts supply"],
        subcommands: [
            ContractNew.self, ContractBuild.self, ContractTest.self, ContractDeploy.self, ContractUpgrade.self, ContractList.self, ContractShow.self, ContractView.self,
            ContractCall.self,
        ])

    /// A method of a contract, or the nearest one.
    static func method(_ name: String, of schema: ContractSchema, kinds: [MethodKind]) throws -> MethodSchema {
        if let method = schema.methods.first(where: { $0.name == name && kinds.contains($0.kind) }) { return method }
        let names = schema.methods.filter { kinds.contains($0.kind) }.map(\.name)
        throw CommandFailure(
            code: "contract.method-unknown", what: "\(schema.name) has no such method: \(name)",
            next: "It has \(names.joined(separator: ", ")).", status: .notFound)
    }
}

struct ContractList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists the contracts of the protocol.", examples: ["trellis contract list -o name"])

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        .list(try await node.client().contracts().contracts.map(\.value), columns: ["name", "address", "methodCount", "documentation"], name: "name")
    }
}

struct ContractShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows a contract's methods; -o json has the whole schema.", examples: ["trellis contract show staking", "trellis contract show staking -o json"])

    @Argument(help: "A name or an address.") var contract: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), found = try await client.contract(try await ContractPlace.resolve(contract, client))
        let rows = found.schema.methods.map { method in
            [method.name, method.kind.rawValue, method.arguments.map { "\($0.name): \(ContractArguments.form($0.type))" }.joined(separator: ", "), method.documentation]
        }
        // Who may replace the code, for one that was deployed.
        let record = found.isBuiltIn ? nil : try await Question(client, "contracts", "show", [("contract", .text(found.address.text))]).answer().people
        let view = TextView.parts([
            TextView(.fields([
                ("name", .text(found.name)), ("address", .text(found.address.text)), ("documentation", .text(found.schema.documentation)),
                ("revision", record?["revision"]), ("policy", record?["policy"]), ("codeHash", record?["codeHash"]),
            ])),
            .table(columns: ["method", "kind", "arguments", "meaning"], rows: rows),
        ])
        return CommandOutput(found.value, names: [found.address.text], view: view)
    }
}

struct ContractView: ResultCommand {
    static let configuration = CommandConfiguration(
        "view", "Asks a contract; nothing changes and nothing is paid.",
        examples: ["trellis contract view accounts balance account=\(Address().text(on: .development))", "trellis contract view staking validators --args {\"limit\":10}"])

    @Argument(help: "A name or an address.") var contract: String
    @Argument(help: "A method of the kind view.") var method: String
    @OptionGroup var arguments: ContractArguments
    @Option(help: "The block behind which to ask (default: the newest).") var height: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), names = Names(client: client, home: Home(path: try ProfileSettings.resolve(node.profile).value(.home, flag: nil)))
        let place = try await ContractPlace.resolve(contract, client), schema = try await client.contract(place).schema
        let found = try ContractCommand.method(method, of: schema, kinds: [.view])
        let data = try await arguments.encode(found, names)
        let answer = try await client.view(ViewRequest(method: method, data: Hex(data)), of: place, at: height.map { Height($0) })
        let values = try await Question.answer(answer, method: found, client)
        return CommandOutput(
            .fields([("height", .number(answer.height)), ("result", values.programs), ("data", answer.result.map { .text($0.data.text) })]),
            names: [values.people.plain], view: TextView(values.people))
    }
}

struct ContractCall: ResultCommand {
    static let configuration = CommandConfiguration(
        "call", "Calls a contract in a transaction.",
        examples: ["trellis contract call accounts transfer to=\(Address().text(on: .development)) --value 1 --from alice --dry-run"])

    @Argument(help: "A name or an address.") var contract: String
    @Argument(help: "A method of the kind call.") var method: String
    @OptionGroup var arguments: ContractArguments
    @Option(help: "What goes with the call, in TRL.") var value: TokenAmount?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let call = try await CallBuilder.call(client, contract: contract, method: method, arguments, value: value, send.names(client))
        return try await send.send(client, [call])
    }
}

/// Makes a call from words.
enum CallBuilder {
    static func call(
        _ client: Client, contract: String, method: String, _ arguments: ContractArguments, value: TokenAmount?, _ names: Names
    ) async throws -> Call {
        let place = try await ContractPlace.resolve(contract, client), schema = try await client.contract(place).schema
        let found = try ContractCommand.method(method, of: schema, kinds: [.call, .view])
        guard let name = MethodName(found.name) else { throw CommandFailure(code: "contract.method-unknown", what: "\(method) is too long a name", status: .notFound) }
        guard value == nil || found.takesValue else {
            throw CommandFailure.usage("contract.value", "\(schema.name).\(method) takes no value", next: "Leave --value out.")
        }
        return Call(
            contract: try await names.contract(place), method: name, arguments: try await arguments.encode(found, names),
            value: value?.amount ?? .zero)
    }
}
