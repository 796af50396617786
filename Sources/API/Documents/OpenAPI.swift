import Execution
import HTTPTypes
import Interface

/// Documents about the interface, made from the table of routes.
enum Documents {
    static let openAPI: [UInt8] = JSONWriter.bytes(OpenAPI(RouteTable.routes).document)
    static let page: [UInt8] = Array(DocumentationPage(RouteTable.routes).html.utf8)
}

/// The OpenAPI 3.1 document of a table of routes.
struct OpenAPI {
    typealias Member = DynamicValue.Member

    private let routes: [Route]
    private var schemas = ResourceSchemas()

    init(_ routes: [Route]) { self.routes = routes }

    var document: DynamicValue {
        var copy = self
        return copy.build()
    }

    private mutating func build() -> DynamicValue {
        _ = schemas.schema(of: Problem.self)
        _ = schemas.schema(of: LaggedResource.self)
        _ = schemas.schema(of: EventResource.self)
        var paths: [(path: String, operations: [Member])] = []
        for route in routes {
            let operation = Member(route.method.rawValue.lowercased(), operation(route))
            if let known = paths.firstIndex(where: { $0.path == route.path }) {
                paths[known].operations.append(operation)
            } else {
                paths.append((route.path, [operation]))
            }
        }
        let components = schemas.components.sorted { $0.key < $1.key }.map { Member($0.key, $0.value.document) }
        return .object([
            Member("openapi", .text("3.1.0")),
            Member("info", .object([
                Member("title", .text("Trellis")), Member("version", .text("1")),
                Member("description", .text(DocumentationPage.introduction)),
            ])),
            Member("servers", .list([.object([Member("url", .text("/"))])])),
            Member("paths", .object(paths.map { Member($0.path, .object($0.operations)) })),
            Member("components", .object([Member("schemas", .object(components))])),
        ])
    }

    private mutating func operation(_ route: Route) -> DynamicValue {
        var members = [
            Member("operationId", .text(Self.identifier(route))), Member("tags", .list([.text(route.group)])), Member("summary", .text(route.summary)),
        ]
        let captures = route.captureNames.map { name in
            parameter(name, in: "path", Route.captureMeanings[name] ?? "", .text(format: nil, pattern: nil, ""), isRequired: true)
        }
        let keys = route.keys.map { parameter($0.name, in: "query", $0.meaning, $0.schema, isRequired: false) }
        if !(captures + keys).isEmpty { members.append(Member("parameters", .list(captures + keys))) }
        if let input = route.input { members.append(Member("requestBody", body(input))) }
        members.append(Member("responses", responses(route)))
        return .object(members)
    }

    private func parameter(_ name: String, in place: String, _ meaning: String, _ schema: JSONSchema, isRequired: Bool) -> DynamicValue {
        .object([
            Member("name", .text(name)), Member("in", .text(place)), Member("required", .bool(isRequired)), Member("description", .text(meaning)),
            Member("schema", schema.document),
        ])
    }

    private mutating func body(_ input: Route.Input) -> DynamicValue {
        var content: [Member] = []
        switch input {
        case .resource(let type): content = [Member("application/json", schema(type))]
        case .resourceOrBytes(let type, let description):
            content = [Member("application/json", schema(type)), Member("application/octet-stream", Self.binary(description))]
        case .bytes(let description): content = [Member("application/octet-stream", Self.binary(description))]
        }
        return .object([Member("required", .bool(true)), Member("content", .object(content))])
    }

    private mutating func responses(_ route: Route) -> DynamicValue {
        var members: [Member] = []
        for output in route.outputs {
            let content: Member = switch output.form {
            case .resource(let type): Member("application/json", schema(type))
            case .object(let description): Member("application/json", .object([Member("schema", JSONSchema.object(description).document)]))
            case .other("application/octet-stream", let description): Member("application/octet-stream", Self.binary(description))
            case .other(let type, let description):
                Member(type, .object([Member("schema", JSONSchema.text(format: nil, pattern: nil, description).document)]))
            }
            members.append(Member(String(output.status.code), .object([
                Member("description", .text(output.status.reasonPhrase)), Member("headers", Self.headers), Member("content", .object([content])),
            ])))
        }
        for (status, codes) in route.problemsByStatus {
            members.append(Member(String(status), problem(codes.map { "`\($0.rawValue)`: \($0.title)" }.joined(separator: "\n"))))
        }
        return .object(members + [Member("default", problem("Any other refusal."))])
    }

    private func problem(_ description: String) -> DynamicValue {
        .object([
            Member("description", .text(description)),
            Member("content", .object([Member("application/problem+json", .object([Member("schema", JSONSchema.reference("Problem").document)]))])),
        ])
    }

    private mutating func schema<Value: Resource>(_ type: Value.Type) -> DynamicValue { .object([Member("schema", schemas.schema(of: type).document)]) }

    /// Bytes as they are. Version 3.1 of OpenAPI says so with the media type; generators of clients look at the format that 3.0 had for it.
    private static func binary(_ description: String) -> DynamicValue {
        .object([Member("schema", .object([
            Member("type", .text("string")), Member("format", .text("binary")), Member("contentMediaType", .text("application/octet-stream")),
            Member("description", .text(description)),
        ]))])
    }

    private static let headers: DynamicValue = .object(ChainHeaders.meanings.map { name, meaning in
        Member(name, .object([Member("description", .text(meaning)), Member("schema", .object([Member("type", .text("string"))]))]))
    })

    /// The method and the words of the path; `blocks/{block}` is one block, so that programs made from the document read `getBlock`.
    private static func identifier(_ route: Route) -> String {
        var words: [Substring] = []
        for part in route.parts where part != "v1" {
            let parts = part.split { !($0.isLetter || $0.isNumber) }
            if part.hasPrefix("{"), let name = parts.first, words.last == name + "s" { words.removeLast() }
            words += parts
        }
        return route.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}

extension Route {
    var captureNames: [String] { parts.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

    /// Statuses of refusals with their codes, in ascending order; every route refuses a wrong query and too many requests.
    var problemsByStatus: [(status: Int, codes: [ProblemCode])] {
        let all = ([.requestQuery, .rateLimited] + problems).reduce(into: [ProblemCode]()) { if !$0.contains($1) { $0.append($1) } }
        return Dictionary(grouping: all, by: \.status.code).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
