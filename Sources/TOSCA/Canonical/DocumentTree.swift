import Contracts

/// A document as the one tree that a service template is: what is written to files, and what is checked again.
enum DocumentTree {
    /// The tree with every notation written out.
    static func root(of document: Document) -> YAMLNode { YAMLNode(value(of: document, isShort: false), place: Place(file: "document")) }

    /// The tree as a value, in the order and notation of an export.
    static func value(of document: Document, isShort: Bool = true) -> DocumentValue {
        let version = document.object(.header, "tosca_definitions_version")?.value ?? .text(Grammar.versions[3])
        let shortener = Shortener(version: version, isShort: isShort)
        var members: [DocumentValue.Member] = [.init("tosca_definitions_version", version)]
        for key in ["namespace", "description", "metadata"] {
            if let object = document.object(.header, key) { members.append(.init(key, object.value)) }
        }
        func section(_ section: DocumentSection, _ shape: Shape) -> DocumentValue? {
            let objects = document.objects(in: section)
            guard !objects.isEmpty else { return nil }
            return .map(objects.map { .init($0.name, shortener.value($0.value, shape)) })
        }
        if let repositories = section(.repositories, .entity(Grammar.repository)) { members.append(.init("repositories", repositories)) }
        for kind in TypeKind.allCases {
            if let types = section(kind.section, .entity(kind.entity)) { members.append(.init(kind.section.name, types)) }
        }
        var topology: [DocumentValue.Member] = []
        if let object = document.object(.header, CanonicalForm.topologyDescription) { topology.append(.init("description", object.value)) }
        for part in CanonicalForm.topologySections {
            let shape = Grammar.topology.shape(of: part.name)!
            switch (part, shape) {
            case (.substitutionMappings, _):
                if let object = document.object(part, CanonicalForm.substitutionName) { topology.append(.init(part.name, shortener.value(object.value, shape))) }
            case (_, .singles(let item)):
                let objects = document.objects(in: part)
                if !objects.isEmpty { topology.append(.init(part.name, .list(objects.map { .map([.init($0.name, shortener.value($0.value, item))]) }))) }
            case (_, .map(let item)):
                if let named = section(part, item) { topology.append(.init(part.name, named)) }
            default: preconditionFailure("a section of a topology is a map or list of names")
            }
        }
        if !topology.isEmpty { members.append(.init("topology_template", .map(topology))) }
        return .map(members)
    }

    /// Writes a canonical value in the notation that other tools expect: short where nothing but the short key is there, keys in the
    /// order of the grammar, and operations as the version has them.
    private struct Shortener {
        let isShort: Bool
        let hasOperations: Bool

        init(version: DocumentValue, isShort: Bool) {
            self.isShort = isShort
            hasOperations = version == .text(Grammar.versions[3])
        }

        func value(_ value: DocumentValue, _ shape: Shape) -> DocumentValue {
            guard isShort else { return value }
            switch (shape, value) {
            case (.list(let item), .list(let values)), (.oneOrMore(let item), .list(let values)): return .list(values.map { self.value($0, item) })
            case (.map(let item), .map(let members)): return .map(members.map { .init($0.name, self.value($0.value, item)) })
            case (.singles(let item), .list(let values)): return .list(values.map { self.value($0, .map(item)) })
            case (.entity(let entity), .map(let members)), (.word(let entity), .map(let members)): return self.entity(entity, members)
            case (.word, _), (.entity, _), (.text, _), (.boolean, _), (.value, _), (.occurrences, _), (.list, _), (.oneOrMore, _), (.map, _), (.singles, _): return value
            }
        }

        private func entity(_ entity: Entity, _ members: [DocumentValue.Member]) -> DocumentValue {
            if entity.isWrittenShort, members.count == 1, members[0].name == entity.short, let shape = entity.shape(of: members[0].name) {
                let inner = value(members[0].value, shape)
                if case .text = inner { return inner }
            }
            var result: [DocumentValue.Member] = []
            for (name, shape) in entity.keys {
                guard let member = members.first(where: { $0.name == name }) else { continue }
                let inner = value(member.value, shape)
                if name == entity.others, !hasOperations, case .map(let operations) = inner { result += operations } else { result.append(.init(name, inner)) }
            }
            return .map(result)
        }
    }
}
