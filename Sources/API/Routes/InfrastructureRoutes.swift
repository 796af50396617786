import Contracts
import Execution
import Hummingbird
import Interface
import Ledger
import Primitives
import WorldState

/// Applications, their documents, and who runs what: views of the contract `infrastructure` under names of their own.
enum InfrastructureRoutes {
    static let group = "Infrastructures"
    private static let refusals: [ProblemCode] = [
        .requestPath, .infrastructureUnknown, .contractUnknown, .heightUnknown, .heightPruned, .stateOutOfReach, .proofUnavailable, .proofTooLarge, .nodeBusy,
    ]
    private static let fromName = QueryKey("from", "Only this name and those behind it.", .text(format: nil, pattern: nil, ""))
    private static let fromNumber = QueryKey("from", "Only this number and those behind it.", .integer)
    private static let fromKey = QueryKey("from", "Only this key and those behind it, as SECTION.NAME, such as node_templates.worker.", .text(format: nil, pattern: nil, ""))
    private static let before = QueryKey("before", "Only those with a smaller number.", .integer)
    private static let revision = QueryKey("revision", "Which; the newest when absent.", .integer)
    private static let since = QueryKey("since", "The older revision; the empty document when absent.", .integer)
    private static let number = QueryKey("number", "The how-manyeth; the newest when absent.", .integer)
    private static let moves = QueryKey("moves", "Whether to leave out nodes that kept their operators.", .bool)

    static let all = applications + documents + nodes

    private static let applications: [Route] = [
        Route(
            "GET /v1/infrastructures", group, "Applications, shorter names first, at most 50", keys: [fromName, .height, .proof],
            answers: .resource(AnswerResource<DynamicValue>.self), refuses: refusals, cost: 5
        ) { exchange in
            let start = try exchange.query.text(fromName).map { text in
                guard let name = ApplicationName(text) else { throw Problem(.requestQuery, "Must be at most 63 bytes.", at: fromName.name) }
                return name
            }
            return try await answer(exchange, Infrastructure.applications.reference, start)
        },
        route("", "An application: owner, permissions, settings, newest revision and assignment") { exchange, name in
            try await answer(exchange, Infrastructure.application.reference, name)
        },
        route("/spread", "Who may change what, and how the nodes are spread over operators, continents, regions and clouds") { exchange, name in
            try await answer(exchange, Infrastructure.decentralisation.reference, name)
        },
    ]

    private static let documents: [Route] = [
        route("/revisions", "The audit trail of an application's document: who changed what, when and why, newest first, at most 50", [before]) { exchange, name in
            try await answer(exchange, Infrastructure.history.reference, name, try exchange.query.number(before))
        },
        route("/revisions/{revision}", "A revision") { exchange, name in
            try await answer(exchange, Infrastructure.revision.reference, name, try exchange.number("revision"))
        },
        route("/revisions/{revision}/changes", "What a revision made of an older one, at most 256 keys", [since, fromKey]) { exchange, name in
            let older = try exchange.query.number(since) ?? 0
            let start = try exchange.query.text(fromKey).map { text in
                let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2, let section = DocumentSection(name: parts[0]), let name = DocumentKey.Name(parts[1]) else {
                    throw Problem(.requestQuery, "Must be SECTION.NAME.", at: fromKey.name)
                }
                return DocumentKey(section, name)
            }
            return try await answer(exchange, Infrastructure.changes.reference, name, older, try exchange.number("revision"), start)
        },
        Route(
            "GET /v1/infrastructures/{application}/document", group, "The document of a revision, whole", keys: [revision, .height, .proof],
            answers: .resource(InfrastructureDocumentResource.self), refuses: refusals, cost: 10, handler: document),
        route("/drafts", "Changes of the document that wait to be adopted, oldest first, at most 50", [fromNumber]) { exchange, name in
            try await answer(exchange, Infrastructure.drafts.reference, name, try exchange.query.number(fromNumber))
        },
    ]

    private static let nodes: [Route] = [
        route("/operators", "Operators by number, at most 100", [fromNumber]) { exchange, name in
            try await answer(exchange, Infrastructure.operators.reference, name, try exchange.query.small(fromNumber))
        },
        route("/mapping", "An assignment: what decided it, and what came of it", [number]) { exchange, name in
            try await answer(exchange, Infrastructure.mapping.reference, name, try exchange.query.number(number))
        },
        route("/assignment", "Who runs each node in the newest assignment, by slot, at most 100", [fromNumber, moves]) { exchange, name in
            try await answer(
                exchange, Infrastructure.assignment.reference, name, try exchange.query.small(fromNumber) ?? 0, try exchange.query.flag(moves))
        },
        route("/instances", "What operators report of their nodes, by slot, at most 50", [fromNumber]) { exchange, name in
            try await answer(exchange, Infrastructure.instances.reference, name, try exchange.query.small(fromNumber))
        },
        route("/artifacts", "Images and other files by name, at most 100", [fromName]) { exchange, name in
            let start = try exchange.query.text(fromName).map { text in
                guard let name = Infrastructure.ArtifactName(text) else { throw Problem(.requestQuery, "The name is too long.", at: fromName.name) }
                return name
            }
            return try await answer(exchange, Infrastructure.artifacts.reference, name, start)
        },
    ]

    private static func route(
        _ path: String, _ summary: String, _ keys: [QueryKey] = [], _ handler: @escaping @Sendable (Exchange, ApplicationName) async throws -> Reply
    ) -> Route {
        Route(
            "GET /v1/infrastructures/{application}" + path, group, summary, keys: keys + [.height, .proof], answers: .resource(AnswerResource<DynamicValue>.self),
            refuses: refusals, cost: 5
        ) { exchange in try await handler(exchange, try exchange.application()) }
    }

    private static func answer<each Value: SchemaValue, Result: SchemaValue>(
        _ exchange: Exchange, _ method: MethodReference<repeat each Value, Result>, _ values: repeat each Value
    ) async throws -> Reply {
        try await exchange.answer(of: .infrastructure, unknown: .infrastructureUnknown, method, repeat each values)
    }

    @Sendable private static func document(_ exchange: Exchange) async throws -> Reply {
        let name = try exchange.application(), number = try exchange.query.number(revision)
        let inquired = try await exchange.inquire(.infrastructure, unknown: .infrastructureUnknown) { inquiry in
            var objects: [DocumentObject] = [], next: DocumentKey?, newest: Infrastructure.Revision
            // A page holds 44 KB at least, unless it is the last one: six of them are the largest document.
            repeat {
                let page: Infrastructure.ObjectPage = try inquiry.ask(Infrastructure.objects.reference, name, number, next)
                objects += page.objects.objects
                newest = page.revision
                next = page.next
            } while next != nil
            return (revision: newest, document: try Document(objects))
        }
        let (found, document) = inquired.value
        guard let shown = try? SchemaCodec(network: exchange.network, for: .programs).decode(found.bcs, as: Infrastructure.Revision.schema) else {
            throw Problem(.internalFault, "The revision does not fit its schema.")
        }
        return .json(
            InfrastructureDocumentResource(
                height: inquired.state.header.height.rawValue, revision: shown, document: document.shown, data: Hex(document.bcs),
                reads: inquired.reads, proof: inquired.proof),
            at: Position(inquired.state))
    }
}

extension Exchange {
    fileprivate func application() throws -> ApplicationName {
        guard let name = ApplicationName(capture("application")) else { throw refusePath("application", "at most 63 bytes") }
        return name
    }
}

extension Document {
    /// Sections by their keywords, in each the values by their names.
    fileprivate var shown: DynamicValue {
        var sections: [DynamicValue.Member] = [], members: [DynamicValue.Member] = []
        for (place, object) in objects.enumerated() {
            members.append(DynamicValue.Member(object.name, object.value.shown))
            if place + 1 == objects.count || objects[place + 1].section != object.section {
                sections.append(DynamicValue.Member(object.section.name, .object(members)))
                members = []
            }
        }
        return .object(sections)
    }
}

extension DocumentValue {
    fileprivate var shown: DynamicValue {
        switch self {
        case .null: .null
        case .boolean(let flag): .bool(flag)
        case .integer(let number): UInt64(exactly: number).map { .number($0) } ?? .text(String(number))
        case .decimal(let decimal): .text(decimal.text)
        case .text(let text): .text(text)
        case .list(let values): .list(values.map(\.shown))
        case .map(let members): .object(members.map { DynamicValue.Member($0.name, $0.value.shown) })
        }
    }
}
