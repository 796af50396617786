import ArgumentParser
import Client
import Execution
import Interface

/// What contracts told the world.
struct EventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "event", "Shows what contracts told.", examples: ["trellis event watch --contract accounts"], subcommands: [EventList.self, EventWatch.self])

    static func row(_ event: EventResource) -> [String] {
        [event.id, event.time.text, event.contractName ?? event.contract.text, event.name, event.fields?.plain ?? event.data.text]
    }
}

struct EventList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists events of a contract or a block, newest first.",
        examples: ["trellis event list --contract accounts --type Transferred", "trellis event list --block 12"])

    @Option(help: "The contract: a name or an address.") var contract: String?
    @Option(help: "The name of an event of the contract.") var type: String?
    @Option(help: "The block: a height, a hash or head.") var block: String?
    @OptionGroup var page: PageOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (contract == nil) != (block == nil) else { throw ValidationError("give one of --contract and --block") }
        guard type == nil || contract != nil else { throw ValidationError("--type goes with --contract") }
    }

    func result() async throws -> CommandOutput {
        let client = try node.client(), found: PageResource<EventResource>
        if let contract {
            found = try await client.events(of: contract, named: type, limit: page.limit, cursor: page.cursor)
        } else {
            found = try await client.events(inBlock: block ?? "head", limit: page.limit, cursor: page.cursor)
        }
        return page.output(found, names: found.items.map(\.id), columns: ["id", "time", "contract", "event", "fields"], rows: found.items.map(EventCommand.row))
    }
}

struct EventWatch: WatchCommand {
    static let configuration = CommandConfiguration(
        "watch", "Shows events as they become final, until it is interrupted.",
        discussion: "A connection that breaks is made again where it ended. With -o json each event is a document in a line of its own.",
        examples: ["trellis event watch --contract accounts --type Transferred", "trellis event watch --subject alice --count 1"])

    @Option(help: "Names or addresses of contracts, with commas between.") var contract: String?
    @Option(help: "Names of events, with commas between.") var type: String?
    @Option(help: "What the event is about: an address, an identifier, a name.") var subject: String?
    @OptionGroup var watch: WatchOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    var selection: EventSelection {
        var selection = EventSelection()
        selection.contracts = contract.map { $0.split(separator: ",").map(String.init) } ?? []
        selection.types = type.map { $0.split(separator: ",").map(String.init) } ?? []
        selection.subject = subject
        selection.from = watch.since
        return selection
    }

    func line(_ item: StreamItem) -> (value: DynamicValue, name: String, text: String)? {
        guard case .event(let event) = item else { return nil }
        return (event.value, event.id, EventCommand.row(event).joined(separator: "  "))
    }
}

struct WatchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Begin with this block instead of now.", valueName: "height")) var since: UInt64?
    @Option(help: ArgumentHelp("End after so many.", valueName: "number")) var count: Int?

    func validate() throws {
        guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("--count must be above 0") }
    }
}

/// A command that shows one thing after the other, each a line.
protocol WatchCommand: AsyncParsableCommand {
    var output: OutputOptions { get }
    var node: NodeOptions { get }
    var watch: WatchOptions { get }
    var selection: EventSelection { get }
    func line(_ item: StreamItem) -> (value: DynamicValue, name: String, text: String)?
}

extension WatchCommand {
    mutating func run() async throws {
        let schema = "trellis/\(CommandTree.path(of: Self.self).joined(separator: "-"))/1", format = output.format
        var shown = 0
        do {
            for try await item in try node.client().events(selection) {
                if case .lagged(let lagged) = item { Console.warn("blocks \(lagged.asked) to \(lagged.oldest) are no longer kept: read the state anew") }
                guard let line = line(item) else { continue }
                let document = DynamicValue.fields([("schema", .text(schema)), ("ok", .bool(true)), ("data", line.value)])
                switch format {
                case .json: Console.result(PrettyJSON.line(document) + "\n")
                case .yaml: Console.result("---\n" + YAMLWriter.text(document))
                case .name: Console.result(line.name + "\n")
                case .table: Console.result(line.text + "\n")
                }
                shown += 1
                if let count = watch.count, shown >= count { return }
            }
        } catch {
            let failure = CommandFailure(error)
            if format == .json { Console.result(PrettyJSON.line(failure.document(schema)) + "\n") } else { Console.report(failure) }
            throw ExitCode(failure.status.rawValue)
        }
    }
}
