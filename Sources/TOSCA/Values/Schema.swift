import Contracts

/// What values a property, an input or an entry of a list may have.
final class Schema {
    enum Base {
        case simple(BuiltInType)
        /// A data type with properties.
        case record(TypeDefinition)
    }

    /// As the document calls the type.
    let name: String
    let base: Base
    let constraints: [Constraint]
    /// Read when a value asks for it, since a type may hold itself.
    let entry: YAMLNode?
    let key: YAMLNode?

    init(name: String, base: Base, constraints: [Constraint], entry: YAMLNode?, key: YAMLNode?) {
        self.name = name
        self.base = base
        self.constraints = constraints
        self.entry = entry
        self.key = key
    }

    var simple: BuiltInType? { if case .simple(let type) = base { type } else { nil } }
}

extension Checker {
    /// The schema of a definition; `layers` are what ancestors say of it and then what it says itself. nil when the type is unknown or missing,
    /// and then a problem says so.
    func schema(_ layers: [YAMLNode]) -> Schema? {
        guard let last = layers.last else { return nil }
        if let known = schemas[ObjectIdentifier(last)] { return known }
        guard let type = layers.last(where: { $0["type"] != nil })?["type"] else {
            problems.add(.keyMissing, "the definition has no `type`", remedy: "add `type`", at: last)
            return nil
        }
        guard let base = base(type) else { return nil }
        var constraintNodes = layers.flatMap { $0["constraints"]?.items ?? [] }
        let named = simple(type) == nil ? types.known(.data, type.text ?? "", prefix: type.origin.prefix) : nil
        constraintNodes += named?.ancestry.flatMap { $0.node["constraints"]?.items ?? [] } ?? []
        func inner(_ key: String) -> YAMLNode? { layers.last { $0[key] != nil }?[key] ?? named?.inherited(key) }
        let bare = Schema(name: type.text ?? "", base: base, constraints: [], entry: inner("entry_schema"), key: inner("key_schema"))
        let schema = Schema(name: bare.name, base: base, constraints: constraintNodes.compactMap { Constraint($0, of: bare, self) }, entry: bare.entry, key: bare.key)
        schemas[ObjectIdentifier(last)] = schema
        return schema
    }

    /// The schema in a schema: a word, or a map with a type.
    func inner(_ node: YAMLNode) -> Schema? {
        if schemas[ObjectIdentifier(node)] == nil { ShapeReader(problems: problems).read(node, .entity(Grammar.schema)) }
        return node["type"] == nil ? nil : schema([node])
    }

    private func simple(_ type: YAMLNode) -> BuiltInType? {
        guard let name = type.text, let simple = BuiltInType(name) else { return nil }
        type.typed = TypedScalar(.text(simple.rawValue))
        return simple
    }

    private func base(_ type: YAMLNode) -> Schema.Base? {
        if let simple = simple(type) { return .simple(simple) }
        guard let definition = types.find(.data, type) else { return nil }
        if let simple = definition.ancestry.last?.node["derived_from"].flatMap(simple) { return .simple(simple) }
        return .record(definition)
    }
}
