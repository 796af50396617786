import Ledger
import Primitives

/// What a document says about nodes that want operators, read from its node templates, groups of types and policies.
///
/// - A node is mapped when its type, followed through the document's own node types, reaches one of ``nodeTypes``, unless a requirement
///   `operated_by` already names its operator. Its property `count` is how many there are of it.
/// - A template whose type reaches ``shardType`` makes groups, as many as its property `count` says, of the nodes that its requirements
///   `composed_of` name. Mapped nodes that are in no shard are groups of their own.
/// - Policies whose type reaches ``policyType`` are rules for the whole application; of several the strictest counts.
public enum DocumentTopology {
    public static let nodeTypes = ["diac.nodes.Node", "diac.nodes.Worker", "diac.nodes.Validator", "diac.nodes.Proxy"]
    public static let shardType = "diac.nodes.Shard"
    public static let policyType = "diac.policies.Decentralization"

    /// The sections that matter; the others can be left out.
    public static let sections: [DocumentSection] = [.nodeTypes, .policyTypes, .nodeTemplates, .policies]

    /// nil when there are more groups, nodes, parts or names than a topology may have, or a count that is none.
    public static func topology(of document: Document) -> Topology? {
        let nodeTypes = Descendants(of: Self.nodeTypes, in: .nodeTypes, document), shardTypes = Descendants(of: [shardType], in: .nodeTypes, document)
        var parts: [TopologyPart] = [], isInShard: [Bool] = [], places: [[UInt8]: Int] = [:]
        var shards: [(DocumentObject, DocumentValue)] = []
        for object in document.objects(in: .nodeTemplates) {
            let value = object.value
            if shardTypes.contains(value["type"]) {
                shards.append((object, value))
            } else if nodeTypes.contains(value["type"]), targets(of: "operated_by", value).isEmpty {
                guard let count = count(value) else { return nil }
                places[Array(object.name.utf8)] = parts.count
                parts.append(TopologyPart(template: object.key.name, count: count))
                isInShard.append(false)
            }
        }
        var groups: [TopologyGroup] = []
        for (object, value) in shards {
            var members: [TopologyPart] = []
            for name in targets(of: "composed_of", value) {
                guard let place = places[Array(name.utf8)] else { continue }
                isInShard[place] = true
                members.append(parts[place])
            }
            guard let copies = count(value), let bounded = Bounded<64, TopologyPart>(members) else { return nil }
            if !members.isEmpty { groups.append(TopologyGroup(name: object.key.name, isShard: true, copies: copies, parts: bounded)) }
        }
        for (part, isTaken) in zip(parts, isInShard) where !isTaken {
            groups.append(TopologyGroup(name: part.template, isShard: false, copies: 1, parts: Bounded<64, TopologyPart>([part])!))
        }
        return Topology(groups)
    }

    /// The rules of all policies; one that is out of its bounds counts as none.
    public static func policy(of document: Document) -> MappingPolicy {
        let types = Descendants(of: [policyType], in: .policyTypes, document)
        var policy = MappingPolicy()
        for object in document.objects(in: .policies) {
            let value = object.value
            guard types.contains(value["type"]) else { continue }
            func number(_ name: String) -> UInt32? {
                guard case .integer(let number)? = value["properties"]?[name], number > 0 else { return nil }
                return UInt32(exactly: number)
            }
            func share(_ name: String) -> UInt32? {
                guard case .integer(let percent)? = value["properties"]?[name], (0...100).contains(percent) else { return nil }
                return UInt32(percent) * (MappingPolicy.whole / 100)
            }
            policy = policy.combined(with: MappingPolicy(
                perOperatorInGroup: number("max_per_operator_per_shard"), regionShare: share("region_share"),
                providerShare: share("provider_share"), cloudShare: share("cloud_share"), coalition: number("coalition"),
                continentCoalition: number("continent_coalition")))
        }
        return policy
    }

    /// The types that are one of `goals`, or derived from one in fewer than ``typeDepthMax`` steps.
    private struct Descendants {
        // Looked up by the bytes of names, never walked.
        private var names: Set<[UInt8]>

        init(of goals: [String], in section: DocumentSection, _ document: Document) {
            var children: [[UInt8]: [[UInt8]]] = [:]
            for object in document.objects(in: section) {
                if let parent = object.value["derived_from"]?.asText { children[Array(parent.utf8), default: []].append(Array(object.name.utf8)) }
            }
            var level = goals.map { Array($0.utf8) }
            names = Set(level)
            // Each type is come to once, also where some are derived from each other.
            for _ in 1..<DocumentTopology.typeDepthMax {
                level = level.flatMap { children[$0] ?? [] }.filter { names.insert($0).inserted }
            }
        }

        func contains(_ type: DocumentValue?) -> Bool { type?.asText.map { names.contains(Array($0.utf8)) } ?? false }
    }

    static let typeDepthMax = 32

    private static func count(_ template: DocumentValue) -> UInt32? {
        guard let value = template["properties"]?["count"] else { return 1 }
        guard case .integer(let count) = value, (1...Int64(Topology.slotsMax)).contains(count) else { return nil }
        return UInt32(count)
    }

    /// The nodes that requirements of this name lead to, in their order: `[{name: node}]` or `[{name: {node: node}}]`.
    private static func targets(of name: String, _ template: DocumentValue) -> [String] {
        guard case .list(let requirements)? = template["requirements"] else { return [] }
        return requirements.compactMap { $0[name].flatMap { $0.asText ?? $0["node"]?.asText } }
    }
}

extension DocumentValue {
    /// The text, if it is one.
    var asText: String? { if case .text(let text) = self { text } else { nil } }
}
