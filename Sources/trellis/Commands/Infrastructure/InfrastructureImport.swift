import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives
import TOSCA

struct InfrastructureImport: ResultCommand {
    static let configuration = CommandConfiguration(
        "import", "Makes a file the newest revision of an application's document.",
        discussion: """
            Only what is different goes to the chain. Nothing is sent when nothing is. --draft writes the change down for those who may adopt it, \
            which anyone may do.
            """,
        examples: [
            "trellis infra import Genesis/tosca/proxies.yaml --app shop --create --from alice",
            "trellis infra import service.csar --app shop --reason \"more workers\" --from alice", "trellis infra import service.yaml --app shop --draft --from bob",
        ])

    @Argument(help: "A service template or a CSAR archive.") var file: String
    @Option(help: "The application.") var app: ApplicationName
    @Flag(help: "Make the application when there is none of this name.") var create = false
    @Flag(help: "Propose the change instead of making it.") var draft = false
    @Option(help: "Why; the history keeps it.") var reason: Infrastructure.Reason = ""
    @OptionGroup var settings: ApplicationSettings
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if create, draft { throw ValidationError("give --create or --draft, not both") }
        if !create, settings.isGiven { throw ValidationError("settings are for --create; trellis contract call infrastructure configure changes them") }
    }

    func result() async throws -> CommandOutput {
        let template = try reading.template(file), document = template.document
        let client = try send.node.client(), reader = try await TopologyReader(client, app)
        let application = try await reader.application()
        if application == nil, !create {
            throw CommandFailure(
                code: "infrastructure.application-unknown", what: "there is no application \(app)", next: "Give --create, or: trellis infra create \(app)", status: .notFound)
        }
        if application != nil, settings.isGiven {
            throw CommandFailure(
                code: "infrastructure.application-exists", what: "there is an application \(app) already, and an import does not change its settings",
                next: "Leave the settings out, or: trellis contract call infrastructure configure")
        }
        let base = application?.revision ?? 0, before = try await application == nil ? .empty : reader.held(base)
        let difference = DocumentDifference(from: before, to: document)
        if difference.isEmpty, let application {
            return CommandOutput(
                .fields([("application", .text(app.text)), ("revision", .number(application.revision)), ("digest", .text("0x" + document.digest.hex)), ("changes", .list([]))]),
                names: ["\(app)@\(base)"], view: .text("no changes: this is revision \(base)"))
        }
        if !send.yes, !send.dryRun { Console.note(Terminal.printable(difference.text)) }
        var calls: [Call] = []
        if application == nil { calls.append(try await settings.call(app, template, send, client)) }
        let method = draft ? Infrastructure.draft.reference : Infrastructure.importDocument.reference
        calls.append(method.call(on: .infrastructure, app, base, Self.change(from: before, to: document), reason))
        let sent = try await send.send(client, calls)
        if send.dryRun { return sent }
        // What is not waited for may still be refused, or come behind another one's revision.
        let revision = draft || !send.wait ? nil : base + 1, names = [revision.map { "\(app)@\($0)" } ?? "\(app)"]
        return CommandOutput(.fields([
            ("application", .text(app.text)), ("revision", revision.map { .number($0) }), ("base", .number(base)), ("digest", .text("0x" + document.digest.hex)),
            ("changes", .list(difference.changes.map(\.value))), ("transaction", sent.data),
        ]), names: names, view: .parts([difference.view, sent.view ?? TextView(sent.data)]))
    }

    /// What is smaller: all objects, or those that differ.
    static func change(from before: Document, to after: Document) -> Infrastructure.Change {
        let removed = before.objects.map(\.key).filter { after.object($0) == nil }
        let altered = after.objects.filter { before.object($0.key)?.encoded != $0.encoded }
        guard !before.objects.isEmpty, let objects = try? Document(altered), let keys = Bounded<1_024, DocumentKey>(removed),
              let delta = Infrastructure.Delta(objects: objects, removed: keys), delta.bcs.count < after.bcs.count else { return .full(after) }
        return .delta(delta)
    }
}

struct InfrastructureDrafts: ResultCommand {
    static let configuration = CommandConfiguration("drafts", "Lists the changes that wait to be adopted.", examples: ["trellis infra drafts shop"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: ArgumentHelp("Only those with this number or a larger one.", valueName: "number")) var after: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await Question(try node.client(), "infrastructure", "drafts", [("application", .text(app.text)), ("from", after.map { .number($0) })]).pages(by: "number")
            .list(columns: ["number", "base", "author", "height", "bytes", "reason"], name: "number")
    }
}

struct InfrastructureAdopt: ResultCommand {
    static let configuration = CommandConfiguration(
        "adopt", "Makes a draft the newest revision.", discussion: "For whoever may change the document: an account, a group, or a vote.",
        examples: ["trellis infra adopt shop 2 --from alice"])

    @Argument(help: "The application.") var app: ApplicationName
    @Argument(help: "The draft's number.") var draft: UInt64
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), found = try await TopologyReader(client, app).draft(draft)
        return try await send.send(client, [Infrastructure.adopt.reference.call(on: .infrastructure, app, found.digest)])
    }
}
