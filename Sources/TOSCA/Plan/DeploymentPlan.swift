public import Contracts
import Primitives

/// What has to be done, in which order and by whom, so that a document's nodes run: one step for each instance.
///
/// Invariant: a step depends only on steps before it.
public struct DeploymentPlan: Sendable, Equatable {
    public static let schema = "trellis/deployment-plan/1"

    public struct Step: Sendable, Equatable {
        /// The instance, unique in the plan.
        public let id: String
        public let template: String
        public let type: String
        /// Who runs it; nil while nobody is assigned, and for what nobody runs.
        public let operatorName: String?
        /// The copy of a shard that it belongs to.
        public let group: String?
        public let dependsOn: [String]
        public let operations: [DocumentValue]
        public let artifacts: [DocumentValue]
        /// Properties with their defaults; functions that only running tells are kept.
        public let parameters: DocumentValue
    }

    /// Of the document, in hexadecimal.
    public let document: String
    public let steps: [Step]

    /// The plan of a template. `assignment` names an operator by instance; requirements `operated_by` name the others.
    public init(_ template: ServiceTemplate, assignment: [String: String] = [:], inputs: [String: DocumentValue] = [:]) throws(DocumentError) {
        let checker = try template.checkedAgain(inputs: inputs), problems = checker.problems
        guard let topology = InstanceTopology(checker) else { throw DocumentError(problems: problems.sorted, isCut: problems.isCut) }
        let known = Set(topology.instances.map(\.name))
        for name in assignment.keys.sorted() where !known.contains(name) {
            problems.add(Problem(.planAssignment, "there is no instance `\(name)`", remedy: "assign operators to instances of this document", place: Place(file: "assignment")))
        }
        try problems.check()
        let edges = try Self.edges(topology, problems)
        let order = try Self.order(topology, edges, problems)
        var parts: [String: Self.Parts] = [:]
        document = template.document.digest.hex
        steps = order.map { place in
            let instance = topology.instances[place], template = instance.template
            let common = parts[template.name] ?? Parts(template, checker)
            parts[template.name] = common
            let named = template.targets.first { $0.requirement == "operated_by" }?.target.name
            return Step(
                id: instance.name, template: template.name, type: template.type.name, operatorName: named ?? assignment[instance.name], group: instance.group,
                dependsOn: edges[place].map { topology.instances[$0].name }, operations: common.operations, artifacts: common.artifacts, parameters: common.parameters)
        }
        try problems.check()
    }

    private init(document: String, steps: [Step]) {
        self.document = document
        self.steps = steps
    }

    /// What one operator needs to know: its own steps, and for what they wait.
    public func part(of operatorName: String) -> DeploymentPlan {
        DeploymentPlan(document: document, steps: steps.filter { $0.operatorName == operatorName })
    }

    /// Everyone who has a step.
    public var operators: [String] { Array(Set(steps.compactMap(\.operatorName))).sorted() }

    /// The plan as JSON by the published schema.
    public var json: String { JSONText.text(value) }

    /// The plan as a value, its members in the order in which people read them.
    public var value: DocumentValue {
        .map([
            .init("schema", .text(Self.schema)), .init("document", .text(document)), .init("operators", .list(operators.map { .text($0) })),
            .init("steps", .list(steps.map { step in
                .map([
                    .init("id", .text(step.id)), .init("template", .text(step.template)), .init("type", .text(step.type)),
                    .init("operator", step.operatorName.map { .text($0) } ?? .null), .init("group", step.group.map { .text($0) } ?? .null),
                    .init("dependsOn", .list(step.dependsOn.map { .text($0) })), .init("operations", .list(step.operations)),
                    .init("artifacts", .list(step.artifacts)), .init("parameters", step.parameters),
                ])
            })),
        ])
    }

    // MARK: - Order

    /// For each instance, the instances that its requirements lead to.
    private static func edges(_ topology: InstanceTopology, _ problems: ProblemList) throws(DocumentError) -> [[Int]] {
        var result: [[Int]] = [], total = 0
        for instance in topology.instances {
            var targets: Set<Int> = []
            for edge in instance.template.targets where !edge.target.type.derives(from: InstanceTopology.operatorType) {
                targets.formUnion(topology.targets(of: instance, edge.target))
                guard total + targets.count <= TemplateLimits.dependenciesMax else {
                    problems.add(.planInstances, "the plan has more than \(TemplateLimits.dependenciesMax) dependencies", remedy: "lower the counts, or put what belongs together into shards", at: edge.assignment)
                    throw DocumentError(problems: problems.sorted, isCut: false)
                }
            }
            total += targets.count
            result.append(targets.sorted())
        }
        return result
    }

    /// Kahn's order; of those that may come next the first one does.
    private static func order(_ topology: InstanceTopology, _ edges: [[Int]], _ problems: ProblemList) throws(DocumentError) -> [Int] {
        var waits = edges.map(\.count), followers = [[Int]](repeating: [], count: edges.count), order: [Int] = []
        for (place, targets) in edges.enumerated() { for target in targets { followers[target].append(place) } }
        var ready = waits.indices.filter { waits[$0] == 0 }, next = 0
        while next < ready.count {
            let place = ready[next]
            next += 1
            order.append(place)
            for follower in followers[place] {
                waits[follower] -= 1
                if waits[follower] == 0 { ready.append(follower) }
            }
        }
        guard order.count == edges.count else {
            let first = waits.indices.first { waits[$0] > 0 }!
            problems.add(.requirementCycle, "`\(topology.instances[first].name)` and others wait for one another", remedy: "remove one of the requirements between them", at: topology.instances[first].template.node)
            throw DocumentError(problems: problems.sorted, isCut: false)
        }
        return order
    }

    /// What all instances of a template have in common.
    private struct Parts {
        let operations: [DocumentValue]
        let artifacts: [DocumentValue]
        let parameters: DocumentValue

        init(_ template: Template, _ checker: Checker) {
            let scope = Scope(type: template.type, template: template)
            let properties = template.type.layers("properties").compactMap { name, _ in checker.evaluated(property: name, of: template, scope).map { DocumentValue.Member(name, $0) } }
            parameters = .map(sorting: properties) ?? .map([])
            var artifacts: [DocumentValue] = [], names = template.type.layers("artifacts").map(\.name)
            names += (template.node["artifacts"]?.members.map(\.key) ?? []).filter { !names.contains($0) }
            for name in names.sorted() {
                let layers = (template.type.layers("artifacts", of: name) ?? []) + [template.node["artifacts"]?[name]].compactMap { $0 }
                var members: [DocumentValue.Member] = [.init("name", .text(name))]
                for key in ["type", "file", "repository", "deploy_path", "properties"] {
                    if let node = checker.value(layers, key), let value = checker.evaluated(node, scope) { members.append(.init(key, value)) }
                }
                artifacts.append(.map(members))
            }
            self.artifacts = artifacts
            operations = Self.operations(template, checker, scope)
        }

        /// The standard's three steps to a running node, as far as something is to be done in them.
        private static func operations(_ template: Template, _ checker: Checker, _ scope: Scope) -> [DocumentValue] {
            let layers = (template.type.layers("interfaces", of: "Standard") ?? []) + [template.node["interfaces"]?["Standard"]].compactMap { $0 }
            return ["create", "configure", "start"].compactMap { name in
                let bodies = layers.compactMap { $0["operations"]?[name] }
                guard let implementation = checker.value(bodies, "implementation"), let work = checker.evaluated(implementation, scope) else { return nil }
                var inputs: [String: DocumentValue] = [:]
                for layer in layers.compactMap({ $0["inputs"] }) + bodies.compactMap({ $0["inputs"] }) {
                    for (key, node) in layer.members {
                        let isDefinition = node["type"]?.isScalar == true
                        if let held = isDefinition ? node["value"] ?? node["default"] : node, let value = checker.evaluated(held, scope) { inputs[key] = value }
                    }
                }
                let members = inputs.sorted { $0.key < $1.key }.map { DocumentValue.Member($0.key, $0.value) }
                return .map([.init("name", .text("Standard.\(name)")), .init("implementation", work), .init("inputs", .map(sorting: members) ?? .map([]))])
            }
        }
    }
}
