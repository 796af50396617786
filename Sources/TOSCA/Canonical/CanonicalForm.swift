import Contracts

/// The canonical form of a checked tree: what a document says, without the ways of saying one thing twice.
struct CanonicalForm {
    let problems: ProblemList

    /// The document of a service template and the files that it imports, the template last; `contents` are the files that artifacts name.
    func document(_ files: [YAMLNode], contents: [String: DocumentValue]) -> Document? {
        guard let root = files.last else { return nil }
        var objects: [DocumentObject] = [], repositories: Set<String> = []
        func add(_ section: DocumentSection, _ name: String, _ node: YAMLNode, _ value: DocumentValue?) {
            guard let value else { return }
            do throws(DocumentFault) { objects.append(try DocumentObject(section, name, value)) } catch {
                problems.add(.notRepresentable, "`\(name)` is larger or deeper than a document holds", remedy: "split it, or flatten it", at: node)
            }
        }
        for (path, content) in contents { add(.files, path, root, content) }
        for key in ["tosca_definitions_version", "description", "metadata", "namespace"] {
            if let node = root[key] { add(.header, key, node, value(node)) }
        }
        for file in files {
            for (name, node) in file["repositories"]?.members ?? [] where file === root || root["repositories"]?[name] == nil {
                guard repositories.insert(name).inserted else { continue }
                add(.repositories, name, node, value(node))
            }
            for kind in TypeKind.allCases {
                for (name, node) in file[kind.section.name]?.members ?? [] { add(kind.section, file.origin.prefix + name, node, value(node)) }
            }
        }
        guard let topology = root["topology_template"] else { return finish(objects, root) }
        if let node = topology["description"] { add(.header, Self.topologyDescription, node, value(node)) }
        for section in Self.topologySections {
            guard let node = topology[section.name] else { continue }
            if section == .substitutionMappings {
                add(section, Self.substitutionName, node, value(node))
            } else {
                for (name, member) in node.isList ? node.singles : node.members { add(section, name, member, value(member)) }
            }
        }
        return finish(objects, root)
    }

    static let topologyDescription = "topology_description"
    static let substitutionName = "mapping"
    static let topologySections: [DocumentSection] = [
        .inputs, .nodeTemplates, .relationshipTemplates, .groups, .policies, .outputs, .substitutionMappings, .workflows,
    ]

    private func finish(_ objects: [DocumentObject], _ root: YAMLNode) -> Document? {
        do throws(DocumentFault) { return try Document(sorting: objects) } catch {
            let what = switch error {
            case .bytesOverLimit(let bytes): "the document has \(bytes) bytes in its canonical form"
            case .objectsOverLimit(let count): "the document has \(count) named things"
            default: "the document has two things of one name"
            }
            problems.add(.notRepresentable, what, remedy: "split it into several", at: root)
            return nil
        }
    }

    /// A node as a value; nil when it has no canonical form, and then a problem says so.
    func value(_ node: YAMLNode) -> DocumentValue? {
        switch node.content {
        case .scalar(let scalar):
            if let typed = node.typed { return typed.value }
            if scalar.isQuoted { return .text(scalar.text) }
            guard let value = CoreSchema.value(scalar.text) else {
                problems.add(.notRepresentable, "the number \(scalar.text.prefix(40)) has no canonical form", remedy: "use one of at most 18 digits", at: node)
                return nil
            }
            return value
        case .list(let items): return .list(items.compactMap(value))
        case .map(let members):
            return .map(sorting: members.compactMap { key, node in value(node).map { .init(key, $0) } })
        }
    }
}

extension YAMLNode {
    /// The tree of a value, as if somebody had written it at `place`.
    convenience init(_ value: DocumentValue, place: Place) {
        let content: Content = switch value {
        case .null: .scalar(.init(text: "null", isQuoted: false))
        case .boolean(let flag): .scalar(.init(text: flag ? "true" : "false", isQuoted: false))
        case .integer(let number): .scalar(.init(text: String(number), isQuoted: false))
        case .decimal(let number): .scalar(.init(text: number.text, isQuoted: false))
        case .text(let text): .scalar(.init(text: text, isQuoted: true))
        case .list(let values): .list(values.map { YAMLNode($0, place: place) })
        case .map(let members): .map(members.map { ($0.name, YAMLNode($0.value, place: place)) })
        }
        self.init(content, place: place, origin: FileOrigin(directory: "", prefix: ""))
    }
}
