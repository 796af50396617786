import Contracts

/// A topology with its counts written out: one instance for each node that will run.
///
/// A template stands for `count` instances, and in a shard for that many in each copy of it. Instances are named as the mapper names them:
/// `worker`, `worker_3`, and in shards `worker_2_17`, the copy first.
struct InstanceTopology {
    struct Instance {
        let name: String
        let template: Template
        /// The copy of a shard that it belongs to, such as `shard_2`; a shard belongs to itself.
        let group: String?
        let copy: Int?
    }

    static let shardType = "diac.nodes.Shard"
    static let operatorType = "diac.nodes.Operator"
    static let nodeType = "diac.nodes.Node"

    let instances: [Instance]
    /// By template.
    private(set) var places: [String: [Int]] = [:]
    private var shards: [String: Template] = [:]
    /// Nodes for which a template stands, in a shard in each copy.
    private let counts: [String: Int]

    /// nil when the counts are more than a plan holds or contradict one another, and then problems say so.
    init?(_ checker: Checker) {
        let problems = checker.problems
        let nodes = checker.ordered(checker.nodeTemplates).filter { !$0.type.derives(from: Self.operatorType) }
        func number(_ template: Template, _ key: String) -> Int? {
            guard template.type.layers("properties", of: key) != nil else { return nil }
            let scope = Scope(type: template.type, template: template)
            guard case .integer(let number)? = checker.evaluated(property: key, of: template, scope) else { return nil }
            return Int(number)
        }
        var counts: [String: Int] = [:]
        for template in nodes {
            let isCounted = template.type.derives(from: Self.shardType) || template.type.derives(from: Self.nodeType)
            let count = isCounted ? max(1, number(template, "count") ?? 1) : 1
            guard count <= TemplateLimits.instancesMax else {
                checker.refuseInstances(of: template)
                return nil
            }
            counts[template.name] = count
        }
        for shard in nodes where shard.type.derives(from: Self.shardType) {
            var workers = 0
            for edge in shard.targets where edge.requirement == "composed_of" {
                if let other = shards.updateValue(shard, forKey: edge.target.name) {
                    problems.add(.planInstances, "`\(edge.target.name)` is part of `\(other.name)` and of `\(shard.name)`", remedy: "give each shard templates of its own", at: edge.assignment)
                }
                workers += counts[edge.target.name] ?? 1
            }
            if let told = number(shard, "workers_per_shard"), workers > 0, told != workers {
                problems.add(.planInstances, "`\(shard.name)` has \(workers) nodes in each copy, and workers_per_shard says \(told)", remedy: "change `count` of its nodes, or workers_per_shard", at: shard.node)
            }
        }
        var instances: [Instance] = [], names: Set<String> = []
        for template in nodes {
            let shard = shards[template.name], own = counts[template.name] ?? 1, isShard = template.type.derives(from: Self.shardType)
            let copies = shard.flatMap { counts[$0.name] } ?? 1
            guard instances.count + own * copies <= TemplateLimits.instancesMax else {
                checker.refuseInstances(of: template)
                return nil
            }
            for copy in 1...copies {
                for index in 1...own {
                    let name = shard != nil ? "\(template.name)_\(copy)_\(index)" : own == 1 ? template.name : "\(template.name)_\(index)"
                    if !names.insert(name).inserted {
                        problems.add(.planInstances, "two instances are called `\(name)`", remedy: "rename the template `\(template.name)`", at: template.node)
                    }
                    let group = shard.map { copies == 1 ? $0.name : "\($0.name)_\(copy)" } ?? (isShard ? name : nil)
                    places[template.name, default: []].append(instances.count)
                    instances.append(Instance(name: name, template: template, group: group, copy: shard != nil ? copy : isShard ? index : nil))
                }
            }
        }
        if problems.hasErrors { return nil }
        self.instances = instances
        self.counts = counts
    }

    /// The instances that one of `instance`'s requirements leads to: within a shard those of the same copy, otherwise all of the template.
    func targets(of instance: Instance, _ target: Template) -> [Int] {
        let all = places[target.name] ?? []
        guard let shard = shards[target.name], instance.template === shard || shards[instance.template.name] === shard else { return all }
        // Copy by copy they stand one behind the other.
        let size = counts[target.name] ?? 1
        return Array(all.dropFirst(((instance.copy ?? 1) - 1) * size).prefix(size))
    }
}

extension Checker {
    fileprivate func refuseInstances(of template: Template) {
        problems.add(.planInstances, "the plan has more than \(TemplateLimits.instancesMax) instances", remedy: "lower the counts", at: template.node)
    }

    /// A property of a template as far as it is known before anything runs: its value, or its default.
    func evaluated(property key: String, of template: Template, _ scope: Scope) -> DocumentValue? {
        guard let layers = template.type.layers("properties", of: key) else { return nil }
        guard let node = template.node["properties"]?[key] ?? value(layers, "default") else { return nil }
        return evaluated(node, scope)
    }

    /// A value with the functions in it followed; those that only running tells stay as they are written. `depth` counts the levels above it,
    /// those that functions add too: what holds itself has no end.
    func evaluated(_ node: YAMLNode, _ scope: Scope, depth: Int = 0) -> DocumentValue? {
        guard spend(at: node) else { return nil }
        guard depth <= TemplateLimits.depthMax else {
            // What holds itself twice would be followed as often as the rest of the budget lets it.
            _ = spend(TemplateLimits.evaluationsMax, at: node)
            return nil
        }
        if FunctionCall(node) != nil {
            var steps = TemplateLimits.evaluationStepsMax
            guard let found = resolve(node, scope, &steps), FunctionCall(found) == nil else { return CanonicalForm(problems: problems).value(node) }
            return evaluated(found, scope, depth: depth + 1)
        }
        switch node.content {
        case .scalar: return CanonicalForm(problems: problems).value(node)
        case .list(let items): return .list(items.compactMap { evaluated($0, scope, depth: depth + 1) })
        case .map(let members): return .map(sorting: members.compactMap { key, node in evaluated(node, scope, depth: depth + 1).map { .init(key, $0) } })
        }
    }
}
