import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Who runs what, and why.
struct MapperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "mapper", "Shows, explains and checks who runs the nodes of an application.", examples: ["trellis mapper show shop", "trellis mapper verify shop --genesis genesis.bcs"],
        subcommands: [MapperShow.self, MapperExplain.self, MapperVerify.self, MapperReport.self, MapperFreeze.self, MapperMap.self])
}

/// Which application, as a word.
enum ApplicationWord {
    static let help: ArgumentHelp = "The application's name."

    static func name(_ text: String) throws -> ApplicationName {
        guard let name = ApplicationName(text), !text.isEmpty else { throw ValidationError("\(Terminal.printable(text)) is not the name of an application") }
        return name
    }

    static func missing(_ name: ApplicationName) -> CommandFailure {
        CommandFailure(
            code: "mapper.not-found", what: "\(name) has no such assignment", why: "there is no application of this name, or nothing was frozen under this number",
            next: "trellis mapper freeze \(name)", status: .notFound)
    }
}

struct MapperShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows the newest assignment, or with --nodes who runs each node.",
        examples: ["trellis mapper show shop", "trellis mapper show shop --nodes", "trellis mapper show shop --moves -o json"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @Option(help: "The how-manyeth assignment (default: the newest).") var number: UInt64?
    @Flag(help: "List all nodes with their operators.") var nodes = false
    @Flag(help: "List only nodes that went to another operator.") var moves = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if number != nil, nodes || moves { throw ValidationError("nodes are kept of the newest assignment only: leave --number out") }
    }

    func result() async throws -> CommandOutput {
        let client = try node.client()
        guard nodes || moves else {
            let answer = try await Question(
                client, "infrastructure", "mapping", [("application", .text(application.text)), ("number", number.map { .number($0) })]).answer()
            guard answer.programs != .null else { throw ApplicationWord.missing(application) }
            return answer.output(name: answer.programs["number"]?.plain ?? "")
        }
        let reader = try await TopologyReader(client, application), network = try await client.networkKind()
        guard try await reader.mapping() != nil else { throw ApplicationWord.missing(application) }
        let rows = try await reader.assignment(movesOnly: moves).map { one in
            DynamicValue.fields([
                ("slot", .number(UInt64(one.slot))), ("group", .text(one.group.text)), ("copy", .number(UInt64(one.copy))), ("instance", .text(one.instance.text)),
                ("operator", one.operatorName.map { .text($0.text) }), ("account", one.account.map { .text($0.text(on: network)) }), ("number", .number(UInt64(one.operatorNumber))),
                ("previous", .number(UInt64(one.previous))),
            ])
        }
        return .list(rows, columns: ["slot", "instance", "operator", "account", "previous"], name: "instance")
    }
}

struct MapperExplain: ResultCommand {
    static let configuration = CommandConfiguration(
        "explain", "Says what decided one of the newest two assignments, who was left out, and which rules keep nodes without an operator.",
        examples: ["trellis mapper explain shop", "trellis mapper explain shop --number 3"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @Option(help: "The how-manyeth assignment (default: the newest).") var number: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await TopologyReader(try node.client(), application)
        guard let record = try await reader.mapping(number) else { throw ApplicationWord.missing(application) }
        let explanation = MappingExplanation(record, try await reader.input(of: record))
        return CommandOutput(explanation.value, names: [explanation.verdict], view: explanation.view)
    }
}

struct MapperVerify: ResultCommand {
    static let configuration = CommandConfiguration(
        "verify", "Computes the newest assignment again from proofs, and believes no node.",
        discussion: """
            What was frozen, the beacon and the assignment are read with proofs that lead to a certified header, and that to the chain that is named. \
            The mapper runs here. The exit status is 1 when it makes something else.
            """,
        examples: ["trellis mapper verify shop --genesis genesis.bcs", "trellis mapper verify shop --chain-id 0x\(String(repeating: "5a", count: 32))"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @Option(help: "The genesis document that is trusted.") var genesis: String?
    @Option(help: "The chain that is trusted; its genesis document may come from the node.") var chainID: FixedArgument<ChainID>?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard genesis != nil || chainID != nil else { throw ValidationError("give --genesis or --chain-id: a node cannot vouch for itself") }
    }

    func result() async throws -> CommandOutput {
        let client = try node.client()
        let document = if let genesis { try GenesisFile.read(genesis) } else { try await client.genesis() }
        var reader = try LightReader(client, genesis: document, chainID: chainID?.value ?? document.chainID)
        guard let verdict = try await reader.mapping(of: application) else { throw ApplicationWord.missing(application) }
        return try output(of: verdict)
    }

    private func output(of verdict: LightReader.MappingVerdict) throws(CommandFailure) -> CommandOutput {
        let audited: AuditedMapping
        do throws(MappingFault) { audited = try verdict.result.get() } catch {
            throw CommandFailure(
                code: error.code, what: "assignment \(verdict.record.number) of \(application) could not be confirmed", why: Self.reason(error),
                next: error == .superseded ? "trellis mapper verify \(application)" : "trellis mapper explain \(application)")
        }
        let record = audited.record, summary = audited.mapping.summary
        return .fields([
            ("valid", .bool(true)), ("application", .text(application.text)), ("number", .number(record.number)),
            ("provenAt", .text(verdict.height.description)), ("frozen", .text(record.frozen.description)),
            ("beaconHeight", .text(record.beaconHeight.description)), ("beaconProven", .bool(audited.isBeaconProven)),
            ("inputDigest", .text("0x" + record.inputDigest.hex)), ("assignmentDigest", record.outcome.map { .text("0x" + $0.assignmentDigest.hex) }),
            ("candidates", .number(UInt64(record.candidates))), ("nodes", .number(UInt64(summary.slots))), ("assigned", .number(UInt64(summary.assigned))),
            ("moved", .number(UInt64(summary.moved))), ("steps", .number(UInt64(audited.mapping.work))),
        ], name: "valid")
    }

    private static func reason(_ fault: MappingFault) -> String {
        switch fault {
        case .missing(let what): "the state has no \(what)"
        case .malformed(let what): "the state's \(what) is not of its type"
        case .superseded: "another assignment took its place while it was looked at"
        case .inputDiffers: "what was frozen is not what the record names"
        case .beaconDiffers: "the chain had another beacon at that block"
        case .assignmentDiffers(let slot): "the mapper gives slot \(slot) to somebody else"
        case .summaryDiffers: "the nodes agree, and what is said of them does not"
        }
    }
}

struct MapperReport: ResultCommand {
    static let configuration = CommandConfiguration(
        "report", "Says who may change an application, and how its nodes are spread over operators, continents, regions and clouds.",
        examples: ["trellis mapper report shop"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let answer = try await Question(
            try node.client(), "infrastructure", "report_decentralisation", [("application", .text(application.text))]).answer()
        guard case .object(let members) = answer.people, case .list(let permissions)? = answer.people["permissions"] else { return answer.output(name: application.text) }
        let holders = zip(Infrastructure.Module.all, permissions).map { [$0.caseName, $1.plain] }
        return CommandOutput(answer.programs, names: [application.text], view: .parts([
            TextView(.object(members.filter { $0.name != "permissions" })), .table(columns: ["module", "who"], rows: holders),
        ]))
    }
}

struct MapperFreeze: ResultCommand {
    static let configuration = CommandConfiguration(
        "freeze", "Writes down what decides the next assignment, and asks for a beacon that does not exist yet. Anyone may.",
        examples: ["trellis mapper freeze shop --from alice"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Infrastructure.freeze.reference.call(on: .infrastructure, application)])
    }
}

struct MapperMap: ResultCommand {
    static let configuration = CommandConfiguration(
        "map", "Computes the assignment that was frozen, when its beacon exists. Anyone may.",
        discussion: "The beacon comes with a block after freezing. The command waits for that block, a minute or two on a network without load.",
        examples: ["trellis mapper map shop --from alice"])

    @Argument(help: ApplicationWord.help, transform: ApplicationWord.name) var application: ApplicationName
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        if let record = try await TopologyReader(client, application).mapping(), record.outcome == nil {
            try await wait(for: record.beaconHeight, client)
        }
        return try await send.send(client, [Infrastructure.map.reference.call(on: .infrastructure, application)])
    }

    /// Until there is a block of this height; a network that stands still is not waited for.
    private func wait(for height: Height, _ client: Client) async throws {
        var newest = try await client.head().height, since = ContinuousClock.now
        if newest < height.rawValue { Console.note("waiting for block \(height), whose beacon decides; the newest is \(newest)") }
        while newest < height.rawValue {
            try await Task.sleep(for: .milliseconds(250))
            let now = try await client.head().height
            if now > newest { (newest, since) = (now, .now) }
            guard ContinuousClock.now - since < .seconds(60) else {
                throw CommandFailure(
                    code: "mapper.no-beacon", what: "block \(height), whose beacon decides, does not come: the newest is \(newest) since a minute",
                    next: "trellis status --why")
            }
        }
    }
}
