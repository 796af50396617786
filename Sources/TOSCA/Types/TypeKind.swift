import Contracts

/// The eight kinds of types, in the order in which documents list them.
enum TypeKind: CaseIterable {
    case artifact, data, capability, interface, relationship, node, group, policy

    var section: DocumentSection {
        switch self {
        case .artifact: .artifactTypes
        case .data: .dataTypes
        case .capability: .capabilityTypes
        case .interface: .interfaceTypes
        case .relationship: .relationshipTypes
        case .node: .nodeTypes
        case .group: .groupTypes
        case .policy: .policyTypes
        }
    }

    var entity: Entity {
        switch self {
        case .artifact: Grammar.artifactType
        case .data: Grammar.dataType
        case .capability: Grammar.capabilityType
        case .interface: Grammar.interfaceType
        case .relationship: Grammar.relationshipType
        case .node: Grammar.nodeType
        case .group: Grammar.groupType
        case .policy: Grammar.policyType
        }
    }

    /// For people.
    var title: String { entity.title }

    /// What the standard's types of this kind are called in front.
    var normativePrefix: String {
        switch self {
        case .artifact: "tosca.artifacts."
        case .data: "tosca.datatypes."
        case .capability: "tosca.capabilities."
        case .interface: "tosca.interfaces."
        case .relationship: "tosca.relationships."
        case .node: "tosca.nodes."
        case .group: "tosca.groups."
        case .policy: "tosca.policies."
        }
    }
}

/// A type with what it has from its ancestors.
final class TypeDefinition {
    let kind: TypeKind
    /// Unique among the types of its kind, prefixes of imports in front.
    let name: String
    let node: YAMLNode
    let isNormative: Bool
    /// Set once all types are known.
    fileprivate(set) var parent: TypeDefinition?

    init(_ kind: TypeKind, _ name: String, _ node: YAMLNode, isNormative: Bool) {
        self.kind = kind
        self.name = name
        self.node = node
        self.isNormative = isNormative
    }

    /// Itself first, its root last.
    var ancestry: [TypeDefinition] {
        var result = [self]
        while let parent = result[result.count - 1].parent { result.append(parent) }
        return result
    }

    /// How many things of names it defines itself.
    private(set) lazy var partCount = node.members.reduce(0) { $0 + $1.value.members.count + $1.value.items.count }

    func derives(from other: TypeDefinition) -> Bool { ancestry.contains { $0 === other } }
    func derives(from name: String) -> Bool { ancestry.contains { $0.name == name } }

    /// A list of names, which the nearest ancestor that has one decides.
    func inherited(_ key: String) -> YAMLNode? {
        for type in ancestry { if let found = type.node[key] { return found } }
        return nil
    }

    /// Everything of a map or list of names, from the root down: the same name again refines what an ancestor said of it.
    func layers(_ key: String) -> [(name: String, layers: [YAMLNode])] {
        if let known = layerCache[key] { return known }
        var order: [String] = [], found: [String: [YAMLNode]] = [:]
        for type in ancestry.reversed() {
            guard let node = type.node[key] else { continue }
            for (name, value) in node.isList ? node.singles : node.members {
                if found[name] == nil { order.append(name) }
                found[name, default: []].append(value)
            }
        }
        let result = order.map { ($0, found[$0]!) }
        layerCache[key] = result
        return result
    }

    func layers(_ key: String, of name: String) -> [YAMLNode]? { layers(key).first { $0.name == name }?.layers }

    private var layerCache: [String: [(name: String, layers: [YAMLNode])]] = [:]
}

/// All types that a document may name, and who derives from whom.
final class TypeCatalogue {
    let problems: ProblemList
    private var types: [TypeKind: [String: TypeDefinition]] = [:]
    /// In the order in which they were read.
    private(set) var own: [TypeDefinition] = []

    init(problems: ProblemList) { self.problems = problems }

    /// Adds the types of a file whose shape has been read.
    func add(_ file: YAMLNode, isNormative: Bool) {
        for kind in TypeKind.allCases {
            for (name, node) in file[kind.section.name]?.members ?? [] {
                let full = file.origin.prefix + name
                let type = TypeDefinition(kind, full, node, isNormative: isNormative)
                if !isNormative, full.hasPrefix("tosca.") || BuiltInType(full) != nil {
                    problems.add(.typeDuplicate, "the name `\(full)` belongs to the standard", remedy: "choose a name that does not begin with `tosca.`", at: node)
                }
                if let other = types[kind, default: [:]].updateValue(type, forKey: full) {
                    problems.add(.typeDuplicate, "the \(kind.title) `\(full)` is defined twice; also at \(other.node.place)", remedy: "rename or remove one of the two", at: node)
                }
                if !isNormative { own.append(type) }
            }
        }
    }

    /// Finds the parents of all types, and refuses circles.
    func link() {
        for kind in TypeKind.allCases {
            let all = (types[kind] ?? [:]).values.sorted { $0.name < $1.name }
            for type in all {
                guard let name = type.node["derived_from"] else { continue }
                // A data type may derive from a simple one, which is no type of a document.
                if kind == .data, let text = name.text, BuiltInType(text) != nil { continue }
                type.parent = find(kind, name)
            }
            for type in all { breakCircle(at: type) }
        }
        limitInheritance()
    }

    /// What types have from their ancestors is kept with each of them, and a file can ask for the product of its halves.
    private func limitInheritance() {
        var left = TemplateLimits.inheritedMax
        for type in own {
            left -= type.ancestry.reduce(0) { $0 + $1.partCount }
            guard left < 0 else { continue }
            problems.add(.yamlLimit, "the document's types have more than \(TemplateLimits.inheritedMax) parts, those of ancestors counted in each", remedy: "use fewer types, or fewer properties", at: type.node)
            type.parent = nil
        }
    }

    private func breakCircle(at type: TypeDefinition) {
        var seen: Set<ObjectIdentifier> = [], current = type, count = 0
        while let parent = current.parent {
            seen.insert(ObjectIdentifier(current))
            count += 1
            if seen.contains(ObjectIdentifier(parent)) || count > TemplateLimits.ancestorsMax {
                let isCircle = seen.contains(ObjectIdentifier(parent))
                problems.add(isCircle ? .typeCycle : .yamlLimit,
                             isCircle ? "the \(type.kind.title) `\(type.name)` derives from itself" : "the \(type.kind.title) `\(type.name)` has more than \(TemplateLimits.ancestorsMax) ancestors",
                             remedy: "change one derived_from of \(type.name)", at: type.node["derived_from"] ?? type.node)
                current.parent = nil
                return
            }
            current = parent
        }
    }

    /// The type that a word of a document names; a problem when there is none. The word becomes the type's full name.
    func find(_ kind: TypeKind, _ reference: YAMLNode) -> TypeDefinition? {
        guard let name = reference.text else { return nil }
        if let type = known(kind, name, prefix: reference.origin.prefix) {
            reference.typed = TypedScalar(.text(type.name))
            return type
        }
        problems.add(.typeUnknown, "there is no \(kind.title) `\(name)`",
                     remedy: Spelling.hint(name, among: (types[kind] ?? [:]).keys.sorted()) ?? "define it, or import the file that does", at: reference)
        return nil
    }

    /// The type of a name, without a problem when there is none.
    func known(_ kind: TypeKind, _ name: String, prefix: String) -> TypeDefinition? {
        guard let all = types[kind] else { return nil }
        if let own = all[prefix + name] ?? all[name] { return own }
        // Shorthand and qualified names of the standard (section 5.2): `Compute`, `tosca:Compute`.
        let short = name.hasPrefix("tosca:") ? String(name.dropFirst(6)) : name
        return all[kind.normativePrefix + short]
    }
}

/// The simple types of the standard, which no document defines.
enum BuiltInType: String {
    case string, integer, float, boolean, timestamp, null, version, range, list, map
    case size = "scalar-unit.size"
    case time = "scalar-unit.time"
    case frequency = "scalar-unit.frequency"
    case bitrate = "scalar-unit.bitrate"

    init?(_ name: String) {
        guard let type = BuiltInType(rawValue: name.hasPrefix("tosca:") ? String(name.dropFirst(6)) : name) else { return nil }
        self = type
    }
}
