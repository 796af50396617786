import Contracts

extension Checker {
    /// Compares a value with its schema, and leaves typed scalars in it. Functions are checked by what they refer to, and by their result
    /// where it is known before anything runs.
    func check(_ node: YAMLNode, _ schema: Schema, _ scope: Scope) {
        if let call = FunctionCall(node, in: schema) {
            check(call, scope)
            var steps = TemplateLimits.evaluationStepsMax
            if let result = resolve(node, scope, &steps), FunctionCall(result) == nil, spend(result.size, at: node) {
                // The result keeps its place in its own tree; here a copy of it is judged.
                let value = YAMLNode(result.copy().content, like: node)
                if !containsFunction(value) { check(value, schema, scope) }
            }
            return
        }
        switch schema.base {
        case .record(let type): checkRecord(node, type, scope)
        case .simple(.list):
            guard node.isList else { return wrong(node, schema) }
            if let entry = schema.entry.flatMap(inner) { for item in node.items { check(item, entry, scope) } } else { checkFunctions(in: node, scope) }
        case .simple(.map):
            guard node.isMap else { return wrong(node, schema) }
            let entry = schema.entry.flatMap(inner), key = schema.key.flatMap(inner)
            for (name, value) in node.members {
                if let key { check(YAMLNode(.scalar(.init(text: name, isQuoted: key.simple == .string)), like: value), key, scope) }
                if let entry { check(value, entry, scope) } else { checkFunctions(in: value, scope) }
            }
        case .simple(.range):
            guard node.items.count == 2 else { return wrong(node, schema) }
            for item in node.items where item.text != "UNBOUNDED" {
                guard case .scalar(let words) = item.content, let number = TypedScalar(words, as: .integer) else { return wrong(item, schema) }
                item.typed = number
            }
            if let low = node.items[0].typed, let high = node.items[1].typed, TypedScalar.precedes(high, low) == true { return wrong(node, schema) }
        case .simple(let type):
            guard case .scalar(let words) = node.content, let typed = TypedScalar(words, as: type) else { return wrong(node, schema) }
            node.typed = typed
        }
        for constraint in schema.constraints where !containsFunction(node) {
            guard work(constraint.cost(of: node), at: node) else { return }
            if constraint.allows(node) { continue }
            problems.add(.valueConstraint, "\(node.kind) breaks `\(constraint.text)`", remedy: "give a value that satisfies \(constraint.text)", at: node)
        }
    }

    /// Whether a value has a type, whatever its constraints; for operands of constraints.
    func holds(_ node: YAMLNode, _ schema: Schema) -> Bool {
        let probe = Checker(problems: ProblemList(), types: types, files: nil)
        probe.workLeft = workLeft
        defer { workLeft = probe.workLeft }
        probe.check(node, Schema(name: schema.name, base: schema.base, constraints: [], entry: schema.entry, key: schema.key), Scope())
        return !probe.problems.hasErrors
    }

    private func checkRecord(_ node: YAMLNode, _ type: TypeDefinition, _ scope: Scope) {
        guard node.isMap else {
            problems.add(.valueType, "\(node.kind) is no \(type.name)", remedy: "write a map with the properties of \(type.name)", at: node)
            return
        }
        checkProperties(node, of: type, "properties", scope, owner: node)
    }

    /// The values of an entity against the definitions of its type; `key` is `properties` or `attributes`.
    func checkProperties(_ values: YAMLNode?, of type: TypeDefinition, _ key: String, extra: [(name: String, layers: [YAMLNode])] = [], _ scope: Scope, owner: YAMLNode, requiresAll: Bool = true) {
        var definitions = type.layers(key)
        guard work((definitions.count + extra.count) * (1 + extra.count + (values?.members.count ?? 0)), at: owner) else { return }
        for (name, layers) in extra {
            if let place = definitions.firstIndex(where: { $0.name == name }) { definitions[place].layers += layers } else { definitions.append((name, layers)) }
        }
        for (name, value) in values?.members ?? [] {
            if let definition = definitions.first(where: { $0.name == name }) {
                guard let schema = schema(definition.layers) else { continue }
                if value.isNull, schema.simple != .null { wrong(value, schema) } else { check(value, schema, scope) }
                continue
            }
            // Every property can be read, and so be told, as an attribute (section 3.6.12).
            if key == "attributes", let layers = type.layers("properties", of: name), let schema = schema(layers) {
                check(value, schema, scope)
                continue
            }
            func remedy() -> String {
                if let hint = Spelling.hint(name, among: definitions.map(\.name)) { return hint }
                return definitions.isEmpty ? "it has none" : "it has \(definitions.map(\.name).prefix(12).joined(separator: ", "))"
            }
            problems.add(.propertyUnknown, "`\(type.name)` has no \(key == "attributes" ? "attribute" : "property") `\(name)`", remedy: remedy(), at: value)
        }
        guard requiresAll, key == "properties" else { return }
        for (name, layers) in definitions where values?[name] == nil {
            guard layers.last(where: { $0["required"] != nil })?["required"].flatMap({ CoreSchema.boolean($0.text ?? "") }) ?? true,
                  !layers.contains(where: { $0["default"] != nil }) else { continue }
            problems.add(.propertyMissing, "the property `\(name)` of `\(type.name)` has no value", remedy: "add `\(name)`, or give its definition a default or `required: false`", at: owner)
        }
    }

    private func wrong(_ node: YAMLNode, _ schema: Schema) {
        var remedy = "write a value of the type \(schema.name)"
        if schema.simple == .string, node.isScalar { remedy = "put it in quotes" }
        if case .scalar(let words) = node.content, words.isQuoted, let type = schema.simple, TypedScalar(.init(text: words.text, isQuoted: false), as: type) != nil { remedy = "leave the quotes out" }
        problems.add(.valueType, "\(node.kind) is no \(schema.name)", remedy: remedy, at: node)
    }
}
