import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives
import TOSCA

struct InfrastructureCreate: ResultCommand {
    static let configuration = CommandConfiguration(
        "create", "Makes an application: a name, its owner, and what it asks of operators.",
        discussion: "The owner may change every part of it until permissions are set otherwise.",
        examples: ["trellis infra create shop --from alice", "trellis infra create shop --owner vote --stake-threshold 500 --unit-stake 100 --from alice"])

    @Argument(help: "Lower-case letters, digits, hyphens and dots.") var app: ApplicationName
    @OptionGroup var settings: ApplicationSettings
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [try await settings.call(app, nil, send, client)])
    }
}

/// What a new application asks of its operators, and whose it is.
struct ApplicationSettings: ParsableArguments {
    @Option(help: ArgumentHelp("Whose it is: an address, the name of a key, group:ADDRESS, or vote (default: who signs).", valueName: "who")) var owner: String?
    @Option(help: ArgumentHelp("An operator's stake, at least, in TRL (default: the document's policy, or 100).", valueName: "amount")) var stakeThreshold: TokenAmount?
    @Option(help: ArgumentHelp("The stake that is good for one node, in TRL (default: the document's policy, or 100).", valueName: "amount")) var unitStake: TokenAmount?
    @Option(help: ArgumentHelp("Operators, at most (default: 5000).", valueName: "count")) var operatorsMax: UInt32?
    @Option(help: ArgumentHelp("Blocks after which nodes may be assigned anew (default: 500).", valueName: "blocks")) var epochBlocks: UInt64?
    @Option(help: ArgumentHelp("An operator's reputation, at least, from 0 to 1000000 (default: 0).", valueName: "points")) var reputationMin: UInt32?

    var isGiven: Bool {
        owner != nil || stakeThreshold != nil || unitStake != nil || operatorsMax != nil || epochBlocks != nil || reputationMin != nil
    }

    func call(_ app: ApplicationName, _ template: ServiceTemplate?, _ send: SendOptions, _ client: Client) async throws -> Call {
        var settings = Infrastructure.Settings()
        try takeStakes(of: template, &settings)
        if let operatorsMax { settings.operatorsMax = operatorsMax }
        if let epochBlocks { settings.epochBlocks = epochBlocks }
        if let reputationMin { settings.reputationMin = reputationMin }
        return Infrastructure.create.reference.call(on: .infrastructure, app, try await PermissionWord.permission(owner, send, client), settings)
    }

    /// Stakes that are given, or those of the document's policy. Money is never guessed: a policy that cannot be read is a mistake.
    func takeStakes(of template: ServiceTemplate?, _ settings: inout Infrastructure.Settings) throws(CommandFailure) {
        var policy: StakePolicy?
        if let template, stakeThreshold == nil || unitStake == nil {
            do throws(DocumentError) { policy = try StakePolicy(template) } catch { throw CommandFailure(error, of: "the document", next: "trellis infra check FILE") }
        }
        func amount(_ given: TokenAmount?, _ property: String, _ value: DocumentValue?, _ otherwise: Amount) throws(CommandFailure) -> Amount {
            if let given { return given.amount }
            guard let policy else { return otherwise }
            guard policy.isOnlyOne, case .integer(let tokens)? = value, tokens >= 0, let amount = Amount(tokens: String(tokens)) else {
                throw CommandFailure.usage(
                    "infrastructure.stake", policy.isOnlyOne ? "the policy \(policy.name) does not say what its \(property) is" : "the document has several policies of stake",
                    next: "Write one number of tokens there, or give --stake-threshold and --unit-stake.")
            }
            return amount
        }
        settings.stakeThreshold = try amount(stakeThreshold, "threshold", policy?.threshold, settings.stakeThreshold)
        settings.unitStake = try amount(unitStake, "unit", policy?.unit, settings.unitStake)
    }
}

struct InfrastructurePermission: ResultCommand {
    static let configuration = CommandConfiguration(
        "permission", "Sets who may change a part of an application.",
        discussion: """
            Parts are core, names, artifacts, topology, templates, mapper and security; owner leaves one to whoever owns the application. The owner's \
            own, governance, is offered: whoever it is offered to takes it with trellis contract call infrastructure accept_ownership, and owner takes \
            the offer back.
            """,
        examples: ["trellis infra permission shop topology vote --from alice", "trellis infra permission shop names bob --from alice"])

    @Argument(help: "The application.") var app: ApplicationName
    @Argument(help: "Which part.") var part: Infrastructure.Module
    @Argument(help: "An address, the name of a key, group:ADDRESS, vote, or owner.") var who: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let permission: Permission? = try await who == "owner" ? nil : PermissionWord.permission(who, send, client)
        let call = part == .governance
            ? Infrastructure.offerOwnership.reference.call(on: .infrastructure, app, permission)
            : Infrastructure.setPermission.reference.call(on: .infrastructure, app, part, permission)
        return try await send.send(client, [call])
    }
}

/// Who may do something, as a word: an account, `group:` and the address of several, or `vote`.
enum PermissionWord {
    private static let group = "group:"

    static func text(_ permission: Permission, _ network: NetworkKind) -> String {
        switch permission {
        case .vote: "vote"
        case .account(let holder): holder.text(on: network)
        case .group(let holder): group + holder.text(on: network)
        }
    }

    /// - Parameter text: nil for who signs.
    static func permission(_ text: String?, _ send: SendOptions, _ client: Client) async throws -> Permission {
        guard let text else { return .account(try await send.senderAddress(client)) }
        if text == "vote" { return .vote }
        let names = try send.names(client)
        if text.hasPrefix(group) { return .group(try await names.address(String(text.dropFirst(group.count)))) }
        return .account(try await names.address(text))
    }
}

struct InfrastructureList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists applications by name.", examples: ["trellis infra list", "trellis infra list --after shop"])

    @Option(help: ArgumentHelp("Only this name and those behind it.", valueName: "name")) var after: ApplicationName?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await Question(try node.client(), "infrastructure", "applications", [("from", after.map { .text($0.text) })]).pages(by: "name")
            .list(columns: ["name", "revision", "operators", "mapping", "created"], name: "name")
    }
}

struct InfrastructureShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows an application: settings, permissions, and the nodes of its document.",
        examples: ["trellis infra show shop", "trellis infra show shop --revision 3 -o json"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: "The revision whose nodes are shown; the newest without it.") var revision: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), reader = try await TopologyReader(client, app)
        let document = try await reader.held(revision), known = try await reader.existing(), network = try await client.networkKind()
        let application = try await Question(client, "infrastructure", "application", [("application", .text(app.text))]).answer()
        let nodes = document.objects(in: .nodeTemplates).map { object in
            let value = object.value, count = value["properties"]?["count"]
            return [object.name, value["type"].flatMap(Self.word) ?? "", count.flatMap(Self.word) ?? "1", Self.targets(value).joined(separator: ", ")]
        }
        return CommandOutput(.fields([
            ("application", application.programs), ("digest", .text("0x" + document.digest.hex)), ("objects", .number(UInt64(document.objects.count))),
            ("nodes", .list(nodes.map { row in
                .fields([("name", .text(row[0])), ("type", .text(row[1])), ("count", .text(row[2])), ("requires", .text(row[3]))])
            })),
        ]), names: [app.text], view: .parts([
            .fields(Self.summary(known, network)), .table(columns: ["node", "type", "count", "requires"], rows: nodes.map { $0.map(Terminal.printable) }),
        ]))
    }

    private static func summary(_ application: Infrastructure.Application, _ network: NetworkKind) -> [(name: String, value: String)] {
        let settings = application.settings, owner = application.owner.current
        var fields: [(name: String, value: String)] = [
            ("owner", PermissionWord.text(owner, network)), ("revision", application.revision == 0 ? "none" : "\(application.revision)"),
            ("digest", "0x" + application.digest.hex), ("operators", "\(application.operators) of at most \(settings.operatorsMax)"),
            ("stake", "\(settings.stakeThreshold.tokens) TRL at least, \(settings.unitStake.tokens) TRL for each node"),
            ("epoch", "\(settings.epochBlocks) blocks"),
            ("assignment", application.mapping == 0 ? "none" : "number \(application.mapping)" + (application.isMappingDirty ? ", older than what it depends on" : "")),
        ]
        if application.drafts > 0 { fields.append(("drafts", "\(application.drafts)")) }
        for module in Infrastructure.Module.all where application.permission(of: module) != owner {
            fields.append(("\(module.caseName) by", PermissionWord.text(application.permission(of: module), network)))
        }
        return fields
    }

    private static func word(_ value: DocumentValue) -> String? {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .map(let members): members.first.map { "{\($0.name)}" }
        default: nil
        }
    }

    /// `operated_by alice`, for each requirement that names a node.
    private static func targets(_ template: DocumentValue) -> [String] {
        guard case .list(let requirements)? = template["requirements"] else { return [] }
        return requirements.compactMap { requirement in
            guard case .map(let members) = requirement, let only = members.first else { return nil }
            return word(only.value["node"] ?? only.value).map { "\(only.name) \($0)" }
        }
    }
}

struct InfrastructureHistory: ResultCommand {
    static let configuration = CommandConfiguration(
        "history", "Lists the revisions of a document, the newest first: who changed it, when, why, and how much.",
        examples: ["trellis infra history shop", "trellis infra history shop --before 20"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: ArgumentHelp("Only revisions with a smaller number.", valueName: "revision")) var before: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), network = try await client.networkKind(), reader = try await TopologyReader(client, app)
        _ = try await reader.existing()
        let revisions = try await client.view(Infrastructure.history.reference, of: .infrastructure, app, before, at: reader.height)
        // The oldest has the number 1.
        if let last = revisions.last?.number, last > 1 { Console.warn("there are older revisions: --before \(last)") }
        return .list(revisions.map { revision in
            .fields([
                ("number", .number(revision.number)), ("time", .text(TimeText(revision.time).text)), ("author", .text(revision.author.text(on: network))),
                ("added", .number(UInt64(revision.added))), ("changed", .number(UInt64(revision.changed))), ("removed", .number(UInt64(revision.removed))),
                ("objects", .number(UInt64(revision.objects))), ("bytes", .number(UInt64(revision.bytes))), ("reason", .text(revision.reason.text)),
                ("digest", .text("0x" + revision.digest.hex)), ("base", .number(revision.base)), ("height", .number(revision.height.rawValue)),
                ("draft", revision.draft.map { .number($0) }),
            ])
        }, columns: ["number", "time", "author", "added", "changed", "removed", "objects", "reason"], name: "number")
    }
}

struct InfrastructureExport: ResultCommand {
    static let configuration = CommandConfiguration(
        "export", "Writes a revision as a TOSCA template that any tool reads; imported again it is the same revision.",
        discussion: """
            Files that the document names are not on the chain, and are told: a reader looks for them beside the template, unless it is told --without-files. \
            An archive has a pointer for each that is found by a content identifier.
            """,
        examples: ["trellis infra export shop", "trellis infra export shop --revision 3 --to service.json", "trellis infra export shop --to service.csar"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: "Which revision; the newest without it.") var revision: UInt64?
    @OptionGroup var writing: WritingOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let document = try await TopologyReader(try node.client(), app).held(revision)
        var files: [String] = []
        do throws(DocumentError) { files = try ServiceTemplate(checking: document).files } catch {
            if let first = error.problems.first { Console.warn(Terminal.printable("readers of the standard refuse this document: \(first)")) }
        }
        return try writing.output(document, naming: files)
    }
}
