import Contracts

extension Checker {
    /// The requirements of a node: each leads to a node that is there, has the type, and offers the capability.
    func checkRequirements(_ template: Template) {
        let definitions = template.type.layers("requirements")
        var counts: [String: Int] = [:]
        for (name, assignment) in template.node["requirements"]?.singles ?? [] {
            guard let layers = definitions.first(where: { $0.name == name })?.layers else {
                unknown(.requirementUnknown, "requirement of \(template.type.name)", name, among: definitions.map(\.name), at: assignment)
                continue
            }
            counts[name, default: 0] += 1
            check(assignment, name, layers, template)
        }
        guard !template.isSelected else { return }
        for (name, layers) in definitions {
            let allowed = value(layers, "occurrences").flatMap { Occurrences($0) } ?? .one, count = counts[name] ?? 0
            if count < allowed.min || count > allowed.max ?? .max {
                problems.add(.requirementCount, "`\(template.name)` has \(count) of the requirement `\(name)`, and \(allowed.text) are allowed",
                             remedy: count < allowed.min ? "add `- \(name): NODE` to its requirements" : "remove some, or change `occurrences` in the type", at: template.node["requirements"] ?? template.node)
            }
        }
    }

    private func check(_ assignment: YAMLNode, _ name: String, _ layers: [YAMLNode], _ template: Template) {
        let required = value(layers, "capability").flatMap { types.find(.capability, $0) }
        let requiredNode = value(layers, "node").flatMap { types.find(.node, $0) }
        let relationship = checkRelationship(assignment, layers, template)
        if let filter = assignment["node_filter"] { check(filter: filter, of: requiredNode) }
        guard let reference = assignment["node"], let targetName = reference.text else {
            // Left to an orchestrator, who needs to know what to look for.
            if assignment["node_filter"] == nil, assignment["capability"] == nil, assignment["relationship"] == nil {
                problems.add(.requirementTarget, "the requirement `\(name)` names no node", remedy: "write `- \(name): NODE`", at: assignment)
            }
            if let capability = assignment["capability"] { _ = types.find(.capability, capability) }
            return
        }
        guard let target = nodeTemplates[targetName] else {
            if let type = types.known(.node, targetName, prefix: reference.origin.prefix) {
                reference.typed = TypedScalar(.text(type.name))
                if let requiredNode, !type.derives(from: requiredNode) { wrongTarget(type.name, requiredNode.name, name, reference) }
            } else {
                unknown(.requirementTarget, "node template", targetName, among: nodeTemplates.keys.sorted(), at: reference)
            }
            return
        }
        template.targets.append((name, target, assignment))
        if let requiredNode, !target.type.derives(from: requiredNode) { return wrongTarget("\(targetName)` is a `\(target.type.name)", requiredNode.name, name, reference) }
        guard let capability = capability(assignment, required, of: target, name) else { return }
        target.uses[capability.name, default: 0] += 1
        if let valid = relationship?.inherited("valid_target_types")?.items.compactMap({ types.find(.capability, $0) }), !valid.isEmpty, !valid.contains(where: capability.type.derives) {
            problems.add(.requirementTarget, "a `\(relationship?.name ?? "")` cannot lead to a `\(capability.type.name)`", remedy: "it leads to \(valid.map(\.name).joined(separator: ", "))", at: reference)
        }
        let layers = target.type.layers("capabilities", of: capability.name) ?? []
        let sources = (value(layers, "valid_source_types") ?? capability.type.inherited("valid_source_types"))?.items.compactMap { types.find(.node, $0) } ?? []
        if !sources.isEmpty, !sources.contains(where: template.type.derives) {
            // Tools differ here, and public templates rely on that.
            problems.add(.requirementTarget, "`\(targetName)` offers `\(capability.name)` to \(sources.map(\.name).joined(separator: ", ")), and `\(template.name)` is a \(template.type.name)",
                         remedy: "widen valid_source_types, or choose another node", at: reference, severity: .warning)
        }
    }

    private func wrongTarget(_ found: String, _ expected: String, _ name: String, _ node: YAMLNode) {
        problems.add(.requirementTarget, "`\(found)`, and the requirement `\(name)` needs a `\(expected)`", remedy: "name a node of that type", at: node)
    }

    /// The capability of the target that a requirement is satisfied by.
    private func capability(_ assignment: YAMLNode, _ required: TypeDefinition?, of target: Template, _ name: String) -> (name: String, type: TypeDefinition)? {
        let offered = target.type.layers("capabilities").compactMap { name, layers in capabilityType(layers).map { (name: name, type: $0) } }
        if let word = assignment["capability"], let text = word.text {
            if let named = offered.first(where: { $0.name == text }) {
                if let required, !named.type.derives(from: required) {
                    problems.add(.requirementTarget, "the capability `\(text)` is a `\(named.type.name)`, and the requirement `\(name)` needs a `\(required.name)`", remedy: "name another capability", at: word)
                    return nil
                }
                return named
            }
            guard let type = types.known(.capability, text, prefix: word.origin.prefix), let found = offered.first(where: { $0.type.derives(from: type) }) else {
                unknown(.capabilityUnknown, "capability of `\(target.name)`", text, among: offered.map(\.name), at: word)
                return nil
            }
            word.typed = TypedScalar(.text(type.name))
            return found
        }
        guard let required else { return nil }
        if let found = offered.first(where: { $0.type.derives(from: required) }) { return found }
        problems.add(.requirementTarget, "`\(target.name)` has no capability of the type `\(required.name)`, which the requirement `\(name)` needs",
                     remedy: "name a node that has one", at: assignment["node"] ?? assignment)
        return nil
    }

    /// The relationship that a requirement makes: a template, a type with values, or that of the definition.
    private func checkRelationship(_ assignment: YAMLNode, _ layers: [YAMLNode], _ template: Template) -> TypeDefinition? {
        let declared = value(layers, "relationship")?["type"].flatMap { types.find(.relationship, $0) }
        guard let own = assignment["relationship"], let word = own["type"], let name = word.text else {
            if let declared { requireValues(declared, nil, assignment) }
            return declared
        }
        let type: TypeDefinition
        if let named = relationshipTemplates[name] {
            type = named.type
        } else {
            guard let found = types.known(.relationship, name, prefix: word.origin.prefix) else {
                unknown(.typeUnknown, "relationship template or type", name, among: relationshipTemplates.keys.sorted(), at: word)
                return nil
            }
            type = found
            word.typed = TypedScalar(.text(found.name))
            requireValues(type, own["properties"], own)
        }
        if let declared, !type.derives(from: declared) {
            problems.add(.typeWrong, "`\(type.name)` does not derive from `\(declared.name)`, which the definition asks for", remedy: "use a relationship that derives from it", at: word)
        }
        checkInterfaces(own["interfaces"], of: type, Scope(type: type, source: template, isDefinition: true), artifacts: [])
        return type
    }

    private func requireValues(_ type: TypeDefinition, _ values: YAMLNode?, _ owner: YAMLNode) {
        checkProperties(values, of: type, "properties", Scope(type: type), owner: owner)
    }

    /// No capability has more relationships than it takes.
    func checkCapabilityUse(_ templates: [Template]) {
        for template in templates {
            for (name, layers) in template.type.layers("capabilities") {
                let own = template.node["capabilities"]?[name]?["occurrences"] ?? value(layers, "occurrences")
                guard let max = own.flatMap({ Occurrences($0) })?.max, let count = template.uses[name], count > max else { continue }
                problems.add(.requirementCount, "the capability `\(name)` of `\(template.name)` takes \(max) relationships, and \(count) lead to it", remedy: "lead some elsewhere", at: template.node)
            }
        }
    }

    /// What is hosted is not its own host, however long the way.
    func refuseHostCycles(_ templates: [Template]) {
        var done: Set<String> = []
        for template in templates where !done.contains(template.name) {
            var path: [Template] = [], current: Template? = template
            while let node = current, !done.contains(node.name) {
                if let start = path.firstIndex(where: { $0 === node }) {
                    problems.add(.requirementCycle, "the node is hosted on itself: \((path[start...].map(\.name) + [node.name]).joined(separator: " → "))", remedy: "host one of them elsewhere", at: node.node)
                    break
                }
                path.append(node)
                current = node.targets.first { $0.requirement == "host" }?.target
            }
            done.formUnion(path.map(\.name))
        }
    }
}
