import Contracts

extension Checker {
    /// Checks every function in a value whose type is not known.
    func checkFunctions(in node: YAMLNode, _ scope: Scope) {
        if let call = FunctionCall(node) { return check(call, scope) }
        for item in node.items { checkFunctions(in: item, scope) }
        for member in node.members { checkFunctions(in: member.value, scope) }
    }

    func containsFunction(_ node: YAMLNode) -> Bool {
        FunctionCall(node) != nil || node.items.contains(where: containsFunction) || node.members.contains { containsFunction($0.value) }
    }

    func check(_ call: FunctionCall, _ scope: Scope) {
        let arguments = call.arguments
        func invalid(_ form: String) {
            problems.add(.functionInvalid, "\(call.name.rawValue) is not called like this", remedy: "write `\(call.name.rawValue): \(form)`", at: call.argument)
        }
        switch call.name {
        case .concat:
            guard call.argument.isList, !arguments.isEmpty else { return invalid("[ text, … ]") }
            for argument in arguments { checkFunctions(in: argument, scope) }
        case .join:
            guard call.argument.isList, (1...2).contains(arguments.count), arguments[0].isList || FunctionCall(arguments[0]) != nil,
                  arguments.count == 1 || arguments[1].isScalar else { return invalid("[ [ text, … ], delimiter ]") }
            for argument in arguments { checkFunctions(in: argument, scope) }
        case .token:
            guard arguments.count == 3, arguments[1].isScalar, arguments[1].text?.isEmpty == false,
                  arguments[2].text.flatMap(CoreSchema.integer).map({ $0 >= 0 }) ?? false else { return invalid("[ text, delimiter, index ]") }
            checkFunctions(in: arguments[0], scope)
        case .getInput:
            guard let name = arguments.first?.text, arguments.allSatisfy(\.isScalar) else { return invalid("NAME") }
            if hasTopology, inputs[name] == nil {
                problems.add(.inputUnknown, "there is no input `\(name)`",
                             remedy: Spelling.hint(name, among: inputs.keys.sorted()) ?? "declare it under topology_template.inputs", at: call.argument)
            }
        case .getProperty, .getAttribute:
            guard call.argument.isList, arguments.count >= 2, arguments.allSatisfy(\.isScalar) else { return invalid("[ NODE, property ]") }
            checkReference(call, arguments, scope)
        case .getOperationOutput:
            guard arguments.count == 4, arguments.allSatisfy(\.isScalar) else { return invalid("[ NODE, interface, operation, output ]") }
            guard let type = entity(arguments[0], scope)?.type, let interface = arguments[1].text, let operation = arguments[2].text else { return }
            guard let operations = operations(of: interface, in: type, template: entity(arguments[0], scope)?.template) else {
                problems.add(.interfaceUnknown, "`\(type.name)` has no interface `\(interface)`", remedy: "name one of its interfaces", at: arguments[1])
                return
            }
            if !operations.contains(operation) {
                problems.add(.operationUnknown, "the interface `\(interface)` has no operation `\(operation)`", remedy: "it has \(operations.sorted().joined(separator: ", "))", at: arguments[2])
            }
        case .getNodesOfType:
            guard arguments.count == 1, arguments[0].text != nil else { return invalid("TYPE") }
            _ = types.find(.node, arguments[0])
        case .getArtifact:
            guard call.argument.isList, (2...4).contains(arguments.count), arguments.allSatisfy(\.isScalar) else { return invalid("[ NODE, artifact ]") }
            guard let found = entity(arguments[0], scope), let name = arguments[1].text, !scope.isDefinition else { return }
            if found.type.layers("artifacts", of: name) == nil, found.template?.node["artifacts"]?[name] == nil {
                problems.add(.artifactReference, "`\(arguments[0].text ?? "")` has no artifact `\(name)`", remedy: "add it to the template, or name one that it has", at: arguments[1])
            }
        }
    }

    /// What the first argument of a reference stands for; a problem when it is nothing. nil too when only running tells.
    private func entity(_ node: YAMLNode, _ scope: Scope) -> (type: TypeDefinition, template: Template?)? {
        guard let name = node.text else { return nil }
        switch name {
        case "SELF": return scope.type.map { ($0, scope.template) }
        case "SOURCE": return scope.source.map { ($0.type, $0) }
        case "TARGET": return scope.target.map { ($0.type, $0) }
        case "HOST": return scope.template.flatMap(host).map { ($0.type, $0) }
        default:
            if let template = nodeTemplates[name] ?? relationshipTemplates[name] ?? groups[name] ?? policies[name] { return (template.type, template) }
            if hasTopology {
                problems.add(.functionReference, "there is no template `\(name)`",
                             remedy: Spelling.hint(name, among: nodeTemplates.keys.sorted()) ?? "name a template of this topology, or SELF", at: node)
            }
            return nil
        }
    }

    /// The node at the end of a node's chain of hosts, or the first one on it.
    private func host(_ template: Template) -> Template? { template.targets.first { $0.requirement == "host" }?.target }

    private func checkReference(_ call: FunctionCall, _ arguments: [YAMLNode], _ scope: Scope) {
        // HOST looks up the chain, which only a whole topology has.
        guard arguments[0].text != "HOST", let found = entity(arguments[0], scope) else { return }
        let names = arguments.dropFirst().compactMap(\.text), first = names[0], type = found.type
        if hasValue(first, type, call.name) { return }
        func unknown(_ owner: String, _ name: String, _ place: YAMLNode) {
            problems.add(.functionReference, "`\(owner)` has no \(call.name == .getProperty ? "property" : "property or attribute") `\(name)`", remedy: "name one that its type defines", at: place)
        }
        if type.kind == .node, names.count > 1 {
            if let layers = type.layers("capabilities", of: first) {
                guard let capability = capabilityType(layers) else { return }
                let own = layers.contains { $0["properties"]?[names[1]] != nil || $0["attributes"]?[names[1]] != nil }
                if !own, !hasValue(names[1], capability, call.name) { unknown(capability.name, names[1], arguments[2]) }
                return
            }
            // A requirement leads to a node or to its capability; which, is known when it is assigned.
            if type.layers("requirements", of: first) != nil { return }
        }
        unknown(arguments[0].text == "SELF" ? type.name : arguments[0].text ?? "", first, arguments[1])
    }

    private func hasValue(_ name: String, _ type: TypeDefinition, _ function: FunctionCall.Name) -> Bool {
        type.layers("properties", of: name) != nil || (function == .getAttribute && type.layers("attributes", of: name) != nil)
    }

    // MARK: - Values that are known before anything runs

    /// Counts work that functions make, which a short document could make long; false, and a problem once, when there was too much of it.
    func spend(_ count: Int = 1, at node: YAMLNode) -> Bool {
        guard evaluationsLeft >= 0 else { return false }
        evaluationsLeft -= count
        if evaluationsLeft < 0 {
            problems.add(.functionInvalid, "the document's functions take too long to follow", remedy: "write values out where functions lead to functions, or back to themselves", at: node)
        }
        return evaluationsLeft >= 0
    }

    /// The value that a node stands for, functions followed; nil when only running tells. At most `steps` are made.
    func resolve(_ node: YAMLNode, _ scope: Scope, _ steps: inout Int) -> YAMLNode? {
        steps -= 1
        guard steps > 0, spend(at: node) else { return nil }
        guard let call = FunctionCall(node) else { return node }
        let arguments = call.arguments
        func text(_ node: YAMLNode) -> String? {
            guard let value = resolve(node, scope, &steps), case .scalar(let scalar) = value.content, !value.isNull else { return nil }
            return scalar.text
        }
        func known(_ text: String?) -> YAMLNode? {
            guard let text, text.utf8.count <= TemplateLimits.evaluatedBytesMax else { return nil }
            return YAMLNode.text(text, like: node)
        }
        func texts(_ nodes: [YAMLNode]) -> [String]? {
            var result: [String] = [], count = 0
            for node in nodes {
                guard let text = text(node) else { return nil }
                count += text.utf8.count
                guard count <= TemplateLimits.evaluatedBytesMax else { return nil }
                result.append(text)
            }
            return result
        }
        switch call.name {
        case .concat: return known(texts(arguments)?.joined())
        case .join:
            guard let list = arguments.first.flatMap({ resolve($0, scope, &steps) }), let parts = texts(list.items) else { return nil }
            return known(parts.joined(separator: arguments.count > 1 ? arguments[1].text ?? "" : ""))
        case .token:
            guard arguments.count == 3, let whole = text(arguments[0]), let delimiter = arguments[1].text, !delimiter.isEmpty, let index = arguments[2].text.flatMap(CoreSchema.integer) else { return nil }
            let parts = whole.split(separator: delimiter, omittingEmptySubsequences: false)
            guard index >= 0, index < parts.count else { return nil }
            return known(String(parts[Int(index)]))
        case .getInput:
            guard let name = arguments.first?.text, let value = given[name] ?? inputs[name]?["default"] ?? inputs[name]?["value"] else { return nil }
            return follow(resolve(value, Scope(), &steps), arguments.dropFirst(), Scope(), &steps)
        case .getProperty:
            guard arguments.count >= 2, let name = arguments[0].text, let key = arguments[1].text else { return nil }
            let template: Template? = switch name {
            case "SELF": scope.template
            case "SOURCE": scope.source
            case "TARGET": scope.target
            case "HOST": scope.template.flatMap(host)
            default: nodeTemplates[name] ?? relationshipTemplates[name] ?? groups[name] ?? policies[name]
            }
            guard let template else { return nil }
            let inner = Scope(type: template.type, template: template)
            if let value = template.node["properties"]?[key] ?? template.type.layers("properties", of: key)?.last(where: { $0["default"] != nil })?["default"] {
                return follow(resolve(value, inner, &steps), arguments.dropFirst(2), inner, &steps)
            }
            guard arguments.count >= 3, let layers = template.type.layers("capabilities", of: key), let last = arguments[2].text else { return nil }
            guard let value = template.node["capabilities"]?[key]?["properties"]?[last] ?? layers.last(where: { $0["properties"]?[last]?["default"] != nil })?["properties"]?[last]?["default"]
                ?? capabilityType(layers)?.layers("properties", of: last)?.last(where: { $0["default"] != nil })?["default"] else { return nil }
            return follow(resolve(value, inner, &steps), arguments.dropFirst(3), inner, &steps)
        case .getAttribute, .getOperationOutput, .getNodesOfType, .getArtifact: return nil
        }
    }

    /// Goes down into a list or map by the rest of a reference.
    private func follow(_ value: YAMLNode?, _ path: ArraySlice<YAMLNode>, _ scope: Scope, _ steps: inout Int) -> YAMLNode? {
        var current = value
        for step in path {
            guard let here = current, let name = step.text else { return nil }
            let next: YAMLNode? = if here.isList, let index = CoreSchema.integer(name), index >= 0, index < here.items.count { here.items[Int(index)] } else { here[name] }
            current = next.flatMap { resolve($0, scope, &steps) }
        }
        return current
    }
}
