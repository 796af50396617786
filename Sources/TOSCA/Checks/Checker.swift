import Contracts

/// Holds a whole document against the standard: every name resolved, every value typed, every reference followed. It works on trees
/// whose shape was read, and collects problems instead of stopping at the first.
final class Checker {
    let problems: ProblemList
    let types: TypeCatalogue
    /// Where artifacts must be; nil when nobody looks.
    let files: (any FileSource)?
    var schemas: [ObjectIdentifier: Schema] = [:]

    /// Comparisons that may still be made.
    var workLeft = TemplateLimits.comparisonsMax
    /// What may still be spent on following functions.
    var evaluationsLeft = TemplateLimits.evaluationsMax
    var hasTopology = false
    /// Declarations of inputs, and values that are given for them.
    var inputs: [String: YAMLNode] = [:]
    var given: [String: YAMLNode] = [:]
    var repositories: Set<String> = []
    /// Files that are found by a content identifier, by their path.
    var contents: [String: DocumentValue] = [:]
    /// From the root.
    var namedFiles: Set<String> = []
    var nodeTemplates: [String: Template] = [:]
    var relationshipTemplates: [String: Template] = [:]
    var groups: [String: Template] = [:]
    var policies: [String: Template] = [:]

    init(problems: ProblemList, types: TypeCatalogue, files: (any FileSource)?) {
        self.problems = problems
        self.types = types
        self.files = files
    }

    /// The nearest layer that says something under a key.
    func value(_ layers: [YAMLNode], _ key: String) -> YAMLNode? { layers.last { $0[key] != nil }?[key] }

    func capabilityType(_ layers: [YAMLNode]) -> TypeDefinition? { value(layers, "type").flatMap { types.find(.capability, $0) } }

    func unknown(_ code: ProblemCode, _ what: String, _ name: String, among names: @autoclosure () -> [String], at node: YAMLNode) {
        func remedy() -> String {
            let names = names()
            return Spelling.hint(name, among: names) ?? (names.isEmpty ? "there is none to name" : "name one of \(names.sorted().prefix(12).joined(separator: ", "))")
        }
        problems.add(code, "there is no \(what) `\(name)`", remedy: remedy(), at: node)
    }

    /// Counts comparisons of values with definitions and constraints, of which a file can ask for the product of its halves; false, and a problem
    /// once, when there were too many.
    func work(_ count: Int, at node: YAMLNode) -> Bool {
        guard workLeft >= 0 else { return false }
        workLeft -= count
        if workLeft < 0 {
            problems.add(.yamlLimit, "it takes too long to hold the document's values against their types", remedy: "use fewer properties in one type, and shorter constraints", at: node)
        }
        return workLeft >= 0
    }

    // MARK: - Interfaces

    /// The operations of an interface of a type; nil when it has no such interface. Before 1.3 the name of the interface's type could stand
    /// for the interface's own.
    func operations(of interface: String, in type: TypeDefinition, template: Template?) -> Set<String>? {
        guard let layers = interfaceLayers(interface, in: type) else { return nil }
        var result: Set<String> = []
        let definition = value(layers, "type").flatMap { types.find(.interface, $0) }
        for node in (definition?.ancestry.map(\.node) ?? []) + layers { result.formUnion(node["operations"]?.members.map(\.key) ?? []) }
        return result
    }

    private func interfaceLayers(_ name: String, in type: TypeDefinition) -> [YAMLNode]? {
        if let layers = type.layers("interfaces", of: name) { return layers }
        return type.layers("interfaces").first { _, layers in
            value(layers, "type").flatMap { types.known(.interface, $0.text ?? "", prefix: $0.origin.prefix) }.map { $0 === types.known(.interface, name, prefix: "") } ?? false
        }?.layers
    }

    /// The interfaces of a template against those of its type.
    func checkInterfaces(_ interfaces: YAMLNode?, of type: TypeDefinition, _ scope: Scope, artifacts: Set<String>) {
        for (name, node) in interfaces?.members ?? [] {
            guard let known = operations(of: name, in: type, template: scope.template) else {
                unknown(.interfaceUnknown, "interface of \(type.name)", name, among: type.layers("interfaces").map(\.name), at: node)
                continue
            }
            if let named = node["type"] { _ = types.find(.interface, named) }
            for (operation, body) in node["operations"]?.members ?? [] where !known.contains(operation) {
                unknown(.operationUnknown, "operation of \(name)", operation, among: known.sorted(), at: body)
            }
            checkOperations(node, scope, artifacts)
        }
    }

    /// The inputs and files of an interface.
    func checkOperations(_ interface: YAMLNode, _ scope: Scope, _ artifacts: Set<String>) {
        checkOperationInputs(interface["inputs"], scope)
        for (_, operation) in (interface["operations"]?.members ?? []) + (interface["notifications"]?.members ?? []) {
            checkOperationInputs(operation["inputs"], scope)
            for (_, output) in operation["outputs"]?.members ?? [] where !output.isList && !output.isMap {
                problems.add(.shape, "\(output.kind) stands where an attribute must", remedy: "write `[ SELF, attribute ]`", at: output)
            }
            guard let implementation = operation["implementation"] else { continue }
            for file in [implementation["primary"]].compactMap({ $0 }) + (implementation["dependencies"]?.items ?? []) {
                if file.isMap { checkArtifact([file]) } else if let name = file.text, !artifacts.contains(name) { checkFile(file) }
            }
        }
    }

    /// Inputs are definitions with a type, or values.
    private func checkOperationInputs(_ inputs: YAMLNode?, _ scope: Scope) {
        for (_, input) in inputs?.members ?? [] {
            let isDefinition = input["type"]?.isScalar == true && input.members.allSatisfy { Grammar.parameter.shape(of: $0.key) != nil }
            guard isDefinition else { checkFunctions(in: input, scope); continue }
            checkParameter(input, scope)
        }
    }

    /// A parameter with its type: what it holds must have it.
    func checkParameter(_ node: YAMLNode, _ scope: Scope) {
        ShapeReader(problems: problems).read(node, .entity(Grammar.parameter))
        let schema = node["type"] == nil ? nil : schema([node])
        for key in ["default", "value"] {
            guard let value = node[key] else { continue }
            if let schema { check(value, schema, scope) } else { checkFunctions(in: value, scope) }
        }
    }

    // MARK: - Artifacts

    /// An artifact and what ancestors say of it.
    func checkArtifact(_ layers: [YAMLNode]) {
        guard let node = layers.last else { return }
        let type = value(layers, "type").flatMap { types.find(.artifact, $0) }
        if let type { checkProperties(node["properties"], of: type, "properties", Scope(), owner: node) } else if let values = node["properties"], !values.members.isEmpty {
            problems.add(.typeUnknown, "an artifact without a type has no properties", remedy: "add `type`", at: values)
        }
        guard let file = node["file"] else { return }
        if let repository = node["repository"] {
            if let name = repository.text, !repositories.contains(name) { unknown(.artifactReference, "repository", name, among: Array(repositories), at: repository) }
            return
        }
        checkFile(file)
        guard let type, let identifier = node["properties"]?["cid"]?.text, let path = file.typed?.value, case .text(let name) = path else { return }
        let content = DocumentValue.map([.init("cid", .text(identifier)), .init("type", .text(type.name))])
        if let other = contents.updateValue(content, forKey: name), other != content {
            problems.add(.artifactReference, "`\(name)` has two content identifiers or types", remedy: "give each file one", at: file)
        }
    }

    /// A file that is named by a document: below its root, and there. Its canonical name starts at the root.
    private func checkFile(_ node: YAMLNode) {
        guard let name = node.text else { return }
        guard let path = FilePath(name, in: node.origin.directory) else {
            let remedy = name.contains("://") ? "ship a file with the document and put the address into a property of the artifact's type" : "name a file below the document's directory"
            problems.add(.artifactMissing, "`\(name.prefix(120))` names no file that can come with the document", remedy: remedy, at: node)
            return
        }
        node.typed = TypedScalar(.text(path.description))
        namedFiles.insert(path.description)
        if let files, !files.contains(path) {
            problems.add(.artifactMissing, "there is no file `\(path)`", remedy: "put it there, or leave files unchecked", at: node)
        }
    }
}
