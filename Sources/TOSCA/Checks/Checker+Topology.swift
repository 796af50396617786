import Contracts

extension Checker {
    /// A topology whose shape was read.
    func check(topology: YAMLNode) {
        hasTopology = true
        for (name, node) in topology["inputs"]?.members ?? [] { inputs[name] = node }
        gather(topology)
        for (_, input) in topology["inputs"]?.members ?? [] {
            if input["type"] == nil { problems.add(.keyMissing, "the input has no `type`", remedy: "add `type`", at: input) }
            checkParameter(input, Scope())
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let input = inputs[name] else {
                unknown(.inputUnknown, "input", name, among: inputs.keys.sorted(), at: value)
                continue
            }
            if let schema = schema([input]) { check(value, schema, Scope()) }
        }
        let nodes = ordered(nodeTemplates)
        for template in nodes { checkRequirements(template) }
        for template in nodes { check(node: template) }
        for template in ordered(relationshipTemplates) { check(relationship: template) }
        for template in ordered(groups) { check(group: template) }
        for template in ordered(policies) { check(policy: template) }
        checkCapabilityUse(nodes)
        refuseHostCycles(nodes)
        for (_, output) in topology["outputs"]?.members ?? [] {
            if output["value"] == nil { problems.add(.keyMissing, "the output has no `value`", remedy: "add `value`", at: output) }
            checkParameter(output, Scope())
        }
        if let mapping = topology["substitution_mappings"] { check(substitution: mapping) }
        for (_, workflow) in topology["workflows"]?.members ?? [] { check(workflow: workflow, in: topology) }
    }

    /// By name, so that problems and figures do not depend on hashes.
    func ordered(_ templates: [String: Template]) -> [Template] { templates.values.sorted { $0.name < $1.name } }

    private func gather(_ topology: YAMLNode) {
        for (key, kind) in [("node_templates", TypeKind.node), ("relationship_templates", .relationship), ("groups", .group), ("policies", .policy)] {
            expandCopies(topology[key])
            var found: [String: Template] = [:]
            let section = topology[key]
            let named = section?.isList == true ? section?.singles : section?.members
            for (name, node) in named ?? [] {
                guard let reference = node["type"], let type = types.find(kind, reference) else { continue }
                if found[name] != nil { problems.add(.name, "`\(name)` is there twice", remedy: "rename one of the two", at: node) }
                if let other = nodeTemplates[name] ?? groups[name], kind == .group || kind == .policy || kind == .relationship {
                    problems.add(.name, "`\(name)` is also the name of a \(other.type.kind == .node ? "node template" : "group")", remedy: "rename one of the two", at: node)
                }
                found[name] = Template(name: name, node: node, type: type)
            }
            switch kind {
            case .node: nodeTemplates = found
            case .relationship: relationshipTemplates = found
            case .group: groups = found
            default: policies = found
            }
        }
    }

    /// `copy` takes another template's keys where a template has none of its own (section 3.8.3.4); the canonical form has them written out.
    private func expandCopies(_ section: YAMLNode?) {
        guard let section, section.isMap else { return }
        for (_, node) in section.members {
            guard let reference = node["copy"], let name = reference.text else { continue }
            guard let source = section[name], source["copy"] == nil, source !== node else {
                unknown(.templateUnknown, "template to copy", name, among: section.members.map(\.key), at: reference)
                continue
            }
            var members = node.members.filter { $0.key != "copy" }
            for (key, value) in source.members {
                guard let place = members.firstIndex(where: { $0.key == key }) else { members.append((key, value.copy())); continue }
                guard members[place].value.isMap, value.isMap else { continue }
                let own = members[place].value
                own.replace(.map(own.members + value.members.filter { own[$0.key] == nil }.map { ($0.key, $0.value.copy()) }))
            }
            node.replace(.map(members))
        }
    }

    private func check(node template: Template) {
        let node = template.node, type = template.type, scope = Scope(type: type, template: template)
        checkProperties(node["properties"], of: type, "properties", scope, owner: node, requiresAll: !template.isSelected)
        checkProperties(node["attributes"], of: type, "attributes", scope, owner: node)
        for (name, assignment) in node["capabilities"]?.members ?? [] where type.layers("capabilities", of: name) == nil {
            unknown(.capabilityUnknown, "capability of \(type.name)", name, among: type.layers("capabilities").map(\.name), at: assignment)
        }
        for (name, layers) in type.layers("capabilities") {
            guard let capability = capabilityType(layers) else { continue }
            let assignment = node["capabilities"]?[name]
            let isOptional = value(layers, "occurrences").flatMap { Occurrences($0) }?.min == 0
            guard assignment != nil || !(isOptional || template.isSelected) else { continue }
            for key in ["properties", "attributes"] {
                let refined = layers.flatMap { $0[key]?.members ?? [] }
                let extra = refined.map { member in (name: member.key, layers: [member.value]) }
                checkProperties(assignment?[key], of: capability, key, extra: extra, scope, owner: assignment ?? node, requiresAll: !template.isSelected)
            }
        }
        var artifacts = Set(type.layers("artifacts").map(\.name))
        for (name, artifact) in node["artifacts"]?.members ?? [] {
            artifacts.insert(name)
            checkArtifact((type.layers("artifacts", of: name) ?? []) + [artifact])
        }
        checkInterfaces(node["interfaces"], of: type, scope, artifacts: artifacts)
        if let filter = node["node_filter"] { check(filter: filter, of: type) }
        for directive in node["directives"]?.items ?? [] where !["select", "selectable", "substitute", "substitutable"].contains(directive.text ?? "") {
            problems.add(.shape, "\(directive.kind) is no directive", remedy: "use select or substitute", at: directive)
        }
    }

    private func check(relationship template: Template) {
        let scope = Scope(type: template.type, template: template)
        checkProperties(template.node["properties"], of: template.type, "properties", scope, owner: template.node)
        checkProperties(template.node["attributes"], of: template.type, "attributes", scope, owner: template.node)
        checkInterfaces(template.node["interfaces"], of: template.type, scope, artifacts: [])
    }

    private func check(group template: Template) {
        let scope = Scope(type: template.type, template: template)
        checkProperties(template.node["properties"], of: template.type, "properties", scope, owner: template.node)
        checkProperties(template.node["attributes"], of: template.type, "attributes", scope, owner: template.node)
        let allowed = template.type.inherited("members")?.items.compactMap { types.find(.node, $0) } ?? []
        var seen: Set<String> = []
        for member in template.node["members"]?.items ?? [] {
            guard let name = member.text else { continue }
            guard let node = nodeTemplates[name] else {
                unknown(.groupMember, "node template", name, among: nodeTemplates.keys.sorted(), at: member)
                continue
            }
            if !seen.insert(name).inserted { problems.add(.groupMember, "`\(name)` is a member twice", remedy: "name it once", at: member) }
            if !allowed.isEmpty, !allowed.contains(where: node.type.derives) {
                problems.add(.groupMember, "`\(name)` is a \(node.type.name), which \(template.type.name) does not take", remedy: "its members are \(allowed.map(\.name).joined(separator: ", "))", at: member)
            }
        }
        checkInterfaces(template.node["interfaces"], of: template.type, scope, artifacts: [])
    }

    private func check(policy template: Template) {
        checkProperties(template.node["properties"], of: template.type, "properties", Scope(type: template.type, template: template), owner: template.node)
        let allowed = template.type.inherited("targets")?.items.compactMap { types.known(.group, $0.text ?? "", prefix: $0.origin.prefix) ?? types.known(.node, $0.text ?? "", prefix: $0.origin.prefix) } ?? []
        for target in template.node["targets"]?.items ?? [] {
            guard let name = target.text else { continue }
            guard let found = nodeTemplates[name] ?? groups[name] else {
                unknown(.policyTarget, "node template or group", name, among: (Array(nodeTemplates.keys) + Array(groups.keys)).sorted(), at: target)
                continue
            }
            // A group stands for itself or for all its members.
            let members = found.node["members"]?.items.compactMap { nodeTemplates[$0.text ?? ""] } ?? []
            let fits = allowed.isEmpty || allowed.contains(where: found.type.derives) || (!members.isEmpty && members.allSatisfy { member in allowed.contains(where: member.type.derives) })
            if !fits {
                problems.add(.policyTarget, "`\(name)` is a \(found.type.name), for which \(template.type.name) is not meant", remedy: "its targets are \(allowed.map(\.name).joined(separator: ", "))", at: target)
            }
        }
        for (_, trigger) in template.node["triggers"]?.members ?? [] { check(trigger: trigger) }
    }

    private func check(substitution node: YAMLNode) {
        guard let reference = node["node_type"], let type = types.find(.node, reference) else { return }
        for (key, owner, code) in [("capabilities", "capability", ProblemCode.capabilityUnknown), ("requirements", "requirement", .requirementUnknown)] {
            for (name, body) in node[key]?.members ?? [] {
                if type.layers(key, of: name) == nil { unknown(code, "\(owner) of \(type.name)", name, among: type.layers(key).map(\.name), at: body) }
                let pair = body.isList ? body : body["mapping"] ?? body
                guard pair.items.count == 2, let template = pair.items[0].text, let inner = pair.items[1].text else {
                    problems.add(.substitution, "\(body.kind) is no mapping", remedy: "write `[ template, \(owner) ]`", at: body)
                    continue
                }
                guard let found = nodeTemplates[template] else { unknown(.substitution, "node template", template, among: nodeTemplates.keys.sorted(), at: pair); continue }
                if found.type.layers(key, of: inner) == nil { unknown(.substitution, "\(owner) of \(found.type.name)", inner, among: found.type.layers(key).map(\.name), at: pair) }
            }
        }
        for (name, body) in node["properties"]?.members ?? [] {
            if type.layers("properties", of: name) == nil { unknown(.propertyUnknown, "property of \(type.name)", name, among: type.layers("properties").map(\.name), at: body) }
            let path = body.isList ? body : body["mapping"] ?? body
            if path.isList, path.items.count == 1, let input = path.items[0].text, inputs[input] == nil { unknown(.inputUnknown, "input", input, among: inputs.keys.sorted(), at: path) }
        }
    }

    private func check(workflow: YAMLNode, in topology: YAMLNode) {
        for (_, input) in workflow["inputs"]?.members ?? [] { checkParameter(input, Scope()) }
        let steps = workflow["steps"]?.members ?? []
        for (_, step) in steps {
            let target = step.text("target").flatMap { nodeTemplates[$0] }
            if let name = step["target"], target == nil, groups[name.text ?? ""] == nil {
                unknown(.workflow, "node template or group", name.text ?? "", among: nodeTemplates.keys.sorted(), at: name)
            }
            for activity in step["activities"]?.items ?? [] {
                check(activity: activity)
                guard let target, step["target_relationship"] == nil, let call = activity["call_operation"], let word = call.text ?? call.text("operation"), let dot = word.lastIndex(of: ".") else { continue }
                guard let known = operations(of: String(word[..<dot]), in: target.type, template: target) else {
                    problems.add(.interfaceUnknown, "`\(target.type.name)` has no interface `\(word[..<dot])`", remedy: "call one that it has", at: call)
                    continue
                }
                let operation = String(word[word.index(after: dot)...])
                if !known.contains(operation) { unknown(.operationUnknown, "operation", operation, among: known.sorted(), at: call) }
            }
            for key in ["on_success", "on_failure"] {
                for next in step[key]?.items ?? [] where !steps.contains(where: { $0.key == next.text }) { unknown(.workflow, "step", next.text ?? "", among: steps.map(\.key), at: next) }
            }
        }
    }
}
