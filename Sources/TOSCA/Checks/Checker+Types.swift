import Contracts

extension Checker {
    /// Every type that a document defines.
    func checkTypes() {
        for type in types.own {
            checkDefinitions(type, "properties")
            checkDefinitions(type, "attributes")
            let scope = Scope(type: type, isDefinition: true)
            switch type.kind {
            case .data: checkData(type)
            case .capability: for source in type.node["valid_source_types"]?.items ?? [] { _ = types.find(.node, source) }
            case .relationship:
                for target in type.node["valid_target_types"]?.items ?? [] { _ = types.find(.capability, target) }
                checkInterfaceDefinitions(type, scope)
            case .interface: checkOperations(type.node, scope, [])
            case .node, .group:
                if type.kind == .group { for member in type.node["members"]?.items ?? [] { _ = types.find(.node, member) } }
                checkCapabilityDefinitions(type)
                checkRequirementDefinitions(type)
                checkInterfaceDefinitions(type, scope)
                for (name, _) in type.node["artifacts"]?.members ?? [] { checkArtifact(type.layers("artifacts", of: name) ?? []) }
            case .policy: checkPolicyType(type)
            case .artifact: break
            }
        }
    }

    /// Properties or attributes: their types, constraints and defaults, and what they refine.
    private func checkDefinitions(_ type: TypeDefinition, _ key: String) {
        for (name, node) in type.node[key]?.members ?? [] {
            guard work(type.layers(key).count, at: node), let layers = type.layers(key, of: name) else { continue }
            checkDefinition(node, layers, Scope(type: type, isDefinition: true))
        }
    }

    private func checkDefinition(_ node: YAMLNode, _ layers: [YAMLNode], _ scope: Scope) {
        guard let schema = schema(layers) else { return }
        // Entries are read here, so that what is wrong in them is told of the definition.
        var depth = 0, inside = [schema]
        while let current = inside.popLast(), depth < TemplateLimits.depthMax {
            inside += [current.entry, current.key].compactMap { $0 }.compactMap(inner)
            depth += 1
        }
        if let own = node["type"], let before = value(Array(layers.dropLast()), "type"), own.text != before.text,
           !refines(own, before) {
            problems.add(.typeRefinement, "`\(own.text ?? "")` does not derive from `\(before.text ?? "")`, which an ancestor declares", remedy: "keep the type, or use one that derives from it", at: own)
        }
        if let standard = node["default"] { check(standard, schema, scope) }
    }

    private func refines(_ own: YAMLNode, _ before: YAMLNode) -> Bool {
        guard let type = types.known(.data, own.text ?? "", prefix: own.origin.prefix) else { return BuiltInType(own.text ?? "") == BuiltInType(before.text ?? "") && BuiltInType(own.text ?? "") != nil }
        if let other = types.known(.data, before.text ?? "", prefix: before.origin.prefix) { return type.derives(from: other) }
        return type.ancestry.last?.node.text("derived_from") == before.text
    }

    private func checkData(_ type: TypeDefinition) {
        // A type that derives from a simple one is like a definition of it.
        guard let root = type.ancestry.last, let base = root.node["derived_from"], BuiltInType(base.text ?? "") != nil else {
            if let constraints = type.node["constraints"], !constraints.items.isEmpty {
                problems.add(.constraintInvalid, "a type with properties has no constraints of its own", remedy: "put them at its properties", at: constraints)
            }
            return
        }
        if let properties = type.node["properties"], !properties.members.isEmpty {
            problems.add(.shape, "a type that derives from `\(base.text ?? "")` has no properties", remedy: "derive it from tosca.datatypes.Root", at: properties)
        }
        _ = schema([YAMLNode(.map([("type", YAMLNode(.scalar(.init(text: type.name, isQuoted: true)), place: type.node.place, origin: FileOrigin(directory: "", prefix: "")))]), like: type.node)])
        for key in ["entry_schema", "key_schema"] { if let node = type.node[key] { _ = inner(node) } }
    }

    private func checkCapabilityDefinitions(_ type: TypeDefinition) {
        for (name, node) in type.node["capabilities"]?.members ?? [] {
            guard let layers = type.layers("capabilities", of: name) else { continue }
            guard let capability = capabilityType(layers) else {
                if value(layers, "type") == nil { problems.add(.keyMissing, "the capability `\(name)` has no type", remedy: "add `type`", at: node) }
                continue
            }
            if let before = capabilityType(Array(layers.dropLast())), !capability.derives(from: before) {
                problems.add(.typeRefinement, "`\(capability.name)` does not derive from `\(before.name)`, which an ancestor declares", remedy: "use a type that derives from it", at: node)
            }
            for source in node["valid_source_types"]?.items ?? [] { _ = types.find(.node, source) }
            for key in ["properties", "attributes"] {
                for (property, definition) in node[key]?.members ?? [] {
                    let earlier = (capability.layers(key, of: property) ?? []) + layers.dropLast().compactMap { $0[key]?[property] }
                    checkDefinition(definition, earlier + [definition], Scope(type: type, isDefinition: true))
                }
            }
        }
    }

    private func checkRequirementDefinitions(_ type: TypeDefinition) {
        var seen: Set<String> = []
        for (name, node) in type.node["requirements"]?.singles ?? [] {
            guard let layers = type.layers("requirements", of: name) else { continue }
            if !seen.insert(name).inserted {
                problems.add(.typeDuplicate, "the requirement `\(name)` is defined twice", remedy: "use `occurrences` for several targets", at: node)
            }
            guard let capability = value(layers, "capability") else {
                problems.add(.keyMissing, "the requirement `\(name)` has no capability", remedy: "add `capability`", at: node)
                continue
            }
            _ = types.find(.capability, capability)
            let target = node["node"].flatMap { types.find(.node, $0) }
            if let relationship = node["relationship"] {
                if let named = relationship["type"] { _ = types.find(.relationship, named) }
                for (_, interface) in relationship["interfaces"]?.members ?? [] { checkOperations(interface, Scope(isDefinition: true), []) }
            }
            if let filter = node["node_filter"] { check(filter: filter, of: target) }
        }
    }

    private func checkInterfaceDefinitions(_ type: TypeDefinition, _ scope: Scope) {
        let artifacts = Set(type.layers("artifacts").map(\.name))
        for (name, node) in type.node["interfaces"]?.members ?? [] {
            let layers = type.layers("interfaces", of: name) ?? [node]
            if let named = value(layers, "type") {
                _ = types.find(.interface, named)
            } else if let found = types.known(.interface, name, prefix: node.origin.prefix) {
                // Named by its type, which only this file calls so: elsewhere the type is said.
                if found !== types.known(.interface, name, prefix: "") { node.replace(.map(node.members + [("type", .text(found.name, like: node))])) }
            } else {
                problems.add(.keyMissing, "the interface `\(name)` has no type", remedy: "add `type`", at: node)
            }
            checkOperations(node, scope, artifacts)
        }
    }

    private func checkPolicyType(_ type: TypeDefinition) {
        for target in type.node["targets"]?.items ?? [] {
            let isGroup = types.known(.group, target.text ?? "", prefix: target.origin.prefix) != nil
            _ = types.find(isGroup ? .group : .node, target)
        }
        for (_, trigger) in type.node["triggers"]?.members ?? [] { check(trigger: trigger) }
    }

    /// What an event does: activities as in workflows.
    func check(trigger node: YAMLNode) {
        if let filter = node["target_filter"]?["node"], let name = filter.text, nodeTemplates[name] == nil { _ = types.find(.node, filter) }
        guard let action = node["action"] else {
            problems.add(.keyMissing, "the trigger has no `action`", remedy: "add `action` with a list of activities", at: node)
            return
        }
        // Before 1.3 an action was a map of an operation's name and its definition.
        for item in action.items { check(activity: item) }
        if action.isScalar { problems.add(.shape, "\(action.kind) stands where activities must", remedy: "write a list such as `- call_operation: interface.operation`", at: action) }
    }

    /// One of `delegate`, `set_state`, `call_operation` and `inline` (section 3.6.23).
    func check(activity node: YAMLNode) {
        guard let (name, body) = node.single, ["delegate", "set_state", "call_operation", "inline"].contains(name) else {
            problems.add(.workflow, "\(node.kind) is no activity", remedy: "use delegate, set_state, call_operation or inline", at: node)
            return
        }
        let word = body.text ?? body.text(name == "call_operation" ? "operation" : "workflow")
        guard let word, !word.isEmpty, name != "call_operation" || word.contains(".") else {
            problems.add(.workflow, "`\(name)` does not say what to do", remedy: name == "call_operation" ? "write `call_operation: interface.operation`" : "name what it is about", at: body)
            return
        }
    }

    /// Conditions on a node that an orchestrator chooses (section 3.6.5).
    func check(filter node: YAMLNode, of type: TypeDefinition?) {
        guard node.isMap, node.members.allSatisfy({ ["properties", "capabilities"].contains($0.key) }) else {
            problems.add(.shape, "a node filter has `properties` and `capabilities`", remedy: "write lists of maps under these keys", at: node)
            return
        }
        checkConditions(node["properties"], "properties", type)
        for item in node["capabilities"]?.items ?? [] {
            guard let (name, body) = item.single else {
                problems.add(.shape, "\(item.kind) stands where a capability must", remedy: "write `- capability: { properties: … }`", at: item)
                continue
            }
            let own = type?.layers("capabilities", of: name).flatMap(capabilityType), capability = own ?? types.known(.capability, name, prefix: node.origin.prefix)
            if own == nil, let capability, capability !== types.known(.capability, name, prefix: "") { item.replace(.map([(capability.name, body)])) }
            if let type, capability == nil { unknown(.capabilityUnknown, "capability of \(type.name)", name, among: type.layers("capabilities").map(\.name), at: body) }
            checkConditions(body["properties"], "properties", capability)
        }
    }

    private func checkConditions(_ list: YAMLNode?, _ key: String, _ type: TypeDefinition?) {
        guard let list else { return }
        guard list.isList else {
            problems.add(.shape, "conditions are a list", remedy: "write a dash in front of each property", at: list)
            return
        }
        for item in list.items {
            guard let (name, condition) = item.single else {
                problems.add(.shape, "\(item.kind) stands where a condition must", remedy: "write `- property: { greater_or_equal: 1 }`", at: item)
                continue
            }
            guard let type else { continue }
            guard let layers = type.layers(key, of: name) else {
                unknown(.propertyUnknown, "property of \(type.name)", name, among: type.layers(key).map(\.name), at: condition)
                continue
            }
            guard let schema = schema(layers) else { continue }
            for clause in condition.isList ? condition.items : [condition] {
                if clause.isMap { _ = Constraint(clause, of: schema, self) } else { check(clause, schema, Scope(isDefinition: true)) }
            }
        }
    }
}
