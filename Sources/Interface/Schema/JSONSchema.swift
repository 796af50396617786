public import Execution

/// A JSON Schema (draft 2020-12), as far as the interface needs it; ``document`` is its JSON.
public indirect enum JSONSchema: Hashable, Sendable {
    /// Text, of a format that ``description`` explains.
    case text(format: String?, pattern: String?, String)
    case words([String])
    /// A whole number, not negative.
    case integer
    case number
    case bool
    /// Whatever JSON can say.
    case any(String)
    /// An object that another document describes.
    case object(String)
    case list(of: JSONSchema)
    /// A component of the OpenAPI document.
    case reference(String)
    /// The fields of a resource, in their order.
    case fields([Field], description: String)

    public struct Field: Hashable, Sendable {
        public let name: String
        public let meaning: String
        public let isOptional: Bool
        public let schema: JSONSchema
    }

    public var document: DynamicValue {
        typealias Member = DynamicValue.Member
        switch self {
        case .text(let format, let pattern, let description):
            return .object([Member("type", .text("string"))] + (format.map { [Member("format", .text($0))] } ?? [])
                + (pattern.map { [Member("pattern", .text($0))] } ?? []) + described(description))
        case .words(let words): return .object([Member("type", .text("string")), Member("enum", .list(words.map { .text($0) }))])
        case .integer: return .object([Member("type", .text("integer")), Member("minimum", .number(0))])
        case .number: return .object([Member("type", .text("number"))])
        case .bool: return .object([Member("type", .text("boolean"))])
        case .any(let description): return .object(described(description))
        case .object(let description): return .object([Member("type", .text("object"))] + described(description))
        case .list(let element): return .object([Member("type", .text("array")), Member("items", element.document)])
        case .reference(let name): return .object([Member("$ref", .text("#/components/schemas/\(name)"))])
        case .fields(let fields, let description):
            let required = fields.filter { !$0.isOptional }.map { DynamicValue.text($0.name) }
            return .object([Member("type", .text("object"))] + described(description)
                + [Member("properties", .object(fields.map { Member($0.name, $0.document) }))]
                + (required.isEmpty ? [] : [Member("required", .list(required))])
                + [Member("additionalProperties", .bool(false))])
        }
    }

    private func described(_ text: String) -> [DynamicValue.Member] {
        text.isEmpty ? [] : [DynamicValue.Member("description", .text(text))]
    }
}

extension JSONSchema.Field {
    /// The field's meaning goes before what its type says of itself.
    fileprivate var document: DynamicValue {
        guard !meaning.isEmpty, case .object(let members) = schema.document else { return schema.document }
        let own: String? = if case .text(let text)? = schema.document["description"] { text } else { nil }
        return .object(members.filter { $0.name != "description" }
            + [DynamicValue.Member("description", .text(own.map { "\(meaning) \($0)" } ?? meaning))])
    }
}
