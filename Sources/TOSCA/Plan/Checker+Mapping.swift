import Contracts

extension Checker {
    /// What the chain's mapper would read otherwise than a plan does, told before anybody relies on it: the mapper follows no functions
    /// and knows no defaults of types.
    func warnAboutMapping(of document: Document) {
        var isPlain = true
        func warn(_ message: String, remedy: String, at node: YAMLNode) {
            isPlain = false
            problems.add(.planMapping, message, remedy: remedy, at: node, severity: .warning)
        }
        for template in ordered(nodeTemplates) {
            let isCounted = [InstanceTopology.shardType, InstanceTopology.nodeType].contains { template.type.derives(from: $0) }
            guard isCounted, template.type.layers("properties", of: "count") != nil else { continue }
            let read = document.object(.nodeTemplates, template.name)?.value["properties"]?["count"] ?? .integer(1)
            let meant = evaluated(property: "count", of: template, Scope(type: template.type, template: template))
            if case .integer = read, read == meant { continue }
            warn("the chain does not see how many of `\(template.name)` there are", remedy: "write the number as its property `count`", at: template.node["properties"]?["count"] ?? template.node)
        }
        for policy in ordered(policies) where [DocumentTopology.policyType, StakePolicy.type].contains(where: policy.type.derives) {
            for (name, value) in policy.node["properties"]?.members ?? [] where FunctionCall(value) != nil {
                warn("the chain does not see what `\(name)` is", remedy: "write the value itself", at: value)
            }
        }
        if isPlain, DocumentTopology.topology(of: document) == nil, let first = ordered(nodeTemplates).first {
            warn("these are more nodes than the chain assigns: \(Topology.slotsMax) nodes in \(Topology.groupsMax) groups", remedy: "lower the counts", at: first.node)
        }
    }
}
