import HTTPTypes
import Interface

/// The interface as one page of HTML, made from the same table as the OpenAPI document.
struct DocumentationPage {
    static let introduction = """
        What a node of Trellis knows, and how to give it transactions. Everything it tells is final. Amounts are decimal text of base units, \
        hashes and bytes lower-case hexadecimal behind 0x, addresses bech32m, times RFC 3339, heights numbers; what is absent is left out. \
        Refusals are problems (RFC 9457) with a stable code.
        """

    private let routes: [Route]
    private let components: [(key: String, value: JSONSchema)]

    init(_ routes: [Route]) {
        self.routes = routes
        var schemas = ResourceSchemas()
        func add<Value: Resource>(_ type: Value.Type) { _ = schemas.schema(of: type) }
        add(Problem.self)
        add(LaggedResource.self)
        for route in routes {
            switch route.input {
            case .resource(let type), .resourceOrBytes(let type, _): add(type)
            case .bytes, nil: break
            }
            for output in route.outputs { if case .resource(let type) = output.form { add(type) } }
        }
        components = schemas.components.sorted { $0.key < $1.key }
    }

    var html: String {
        let groups = routes.reduce(into: [String]()) { if !$0.contains($1.group) { $0.append($1.group) } }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Trellis: the interface</title>
            <style>
            :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
            code, pre { font: 0.9em ui-monospace, monospace } h2 { margin-top: 3rem } h3 { margin-bottom: 0 }
            details { border-top: 1px solid var(--line); padding: 0.5rem 0 } summary { cursor: pointer }
            table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: 0.2rem 0.8rem 0.2rem 0 }
            th { font-weight: 600 } .method { display: inline-block; min-width: 3.5rem; font-weight: 600 } nav a { margin-right: 1rem }
            </style></head><body>
            <h1>Trellis</h1><p>\(Self.introduction)</p>
            <p>The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
            <nav>\(groups.map { "<a href=\"#\($0)\">\($0)</a>" }.joined()) <a href="#Resources">Resources</a><a href="#Codes">Codes</a></nav>
            <h2>Every answer</h2><table>\(ChainHeaders.meanings.map { Self.row(Self.code($0.0), Self.text($0.1)) }.joined())</table>
            \(groups.map(section).joined())
            <h2 id="Resources">Resources</h2>\(components.map(component).joined())
            <h2 id="Codes">Codes</h2><table><tr><th>Code<th>Status<th>What it means<th>What to do</tr>
            \(ProblemCode.allCases.map { Self.row(Self.code($0.rawValue), "\($0.status.code)", Self.text($0.title), Self.text($0.hint ?? "")) }.joined())
            </table><p>Refused transactions have the ledger's own codes, <code>tx.…</code>.</p>
            </body></html>

            """
    }

    private func section(_ group: String) -> String {
        "<h2 id=\"\(group)\">\(group)</h2>" + routes.filter { $0.group == group }.map(route).joined()
    }

    private func route(_ route: Route) -> String {
        var rows = route.captureNames.map { Self.row(Self.code("{\($0)}"), Self.text(Route.captureMeanings[$0] ?? "")) }
            + route.keys.map { Self.row(Self.code("?\($0.name)="), Self.text($0.meaning)) }
        switch route.input {
        case .resource(let type): rows.append(Self.row("body", Self.link(type)))
        case .resourceOrBytes(let type, let description):
            rows.append(Self.row("body", "\(Self.link(type)), or with <code>application/octet-stream</code>: \(Self.text(description))"))
        case .bytes(let description): rows.append(Self.row("body", "<code>application/octet-stream</code>: \(Self.text(description))"))
        case nil: break
        }
        for output in route.outputs {
            let form = switch output.form {
            case .resource(let type): Self.link(type)
            case .object(let description): Self.text(description)
            case .other(let type, let description): "<code>\(type)</code>: \(Self.text(description))"
            }
            rows.append(Self.row("\(output.status.code)", form))
        }
        for (status, codes) in route.problemsByStatus { rows.append(Self.row("\(status)", codes.map { Self.code($0.rawValue) }.joined(separator: ", "))) }
        return """
            <details><summary><span class="method">\(route.method.rawValue)</span> \(Self.code(route.path))<br>\(Self.text(route.summary)).</summary>
            <table>\(rows.joined())</table></details>
            """
    }

    private func component(_ name: String, _ schema: JSONSchema) -> String {
        guard case .fields(let fields, let description) = schema else { return "" }
        let rows = fields.map { Self.row(Self.code($0.name + ($0.isOptional ? "?" : "")), Self.type($0.schema), Self.text($0.meaning)) }
        return "<details id=\"\(name)\"><summary><b>\(name)</b>: \(Self.text(description))</summary><table>\(rows.joined())</table></details>"
    }

    private static func type(_ schema: JSONSchema) -> String {
        switch schema {
        case .text(let format, _, _): format ?? "text"
        case .words(let words): words.map(code).joined(separator: " ")
        case .integer, .number: "number"
        case .bool: "true or false"
        case .any: "any"
        case .object: "object"
        case .list(let element): "list of \(type(element))"
        case .reference(let name): "<a href=\"#\(name)\">\(name)</a>"
        case .fields: "object"
        }
    }

    private static func link(_ type: any Resource.Type) -> String { "<a href=\"#\(type.resourceName)\">\(type.resourceName)</a>" }
    private static func row(_ cells: String...) -> String { "<tr>\(cells.map { "<td>\($0)" }.joined())</tr>" }
    private static func code(_ text: String) -> String { "<code>\(escaped(text))</code>" }

    /// Text in which backticks mark code.
    private static func text(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? escaped(String($0.element)) : code(String($0.element)) }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
