import Contracts

/// Reads a service template and everything that it imports.
final class FileLoader {
    private let files: any FileSource
    private let problems: ProblemList
    private var budget = YAMLReader.Budget()
    private var bytesLeft = TemplateLimits.documentBytesMax
    private var loaded: Set<String> = []
    private var stack: [String] = []
    /// Imported files before those that import them.
    private(set) var roots: [YAMLNode] = []

    init(files: any FileSource, problems: ProblemList) {
        self.files = files
        self.problems = problems
    }

    func load(_ path: FilePath) { load(path, prefix: "", from: nil) }

    private func load(_ path: FilePath, prefix: String, from reference: YAMLNode?) {
        func refuse(_ code: ProblemCode, _ message: String, _ remedy: String) {
            problems.add(Problem(code, message, remedy: remedy, place: reference?.place ?? Place(file: path.description), path: reference?.path ?? ""))
        }
        if stack.contains(path.description) {
            return refuse(.importCycle, "the import leads back to itself: \((stack + [path.description]).joined(separator: " → "))", "remove one of these imports")
        }
        guard loaded.insert(prefix + path.description).inserted else { return }
        guard loaded.count <= TemplateLimits.filesMax else { return refuse(.fileLimit, "the document reads more than \(TemplateLimits.filesMax) files", "merge some") }
        let bytes: [UInt8]
        do throws(Problem) {
            guard let found = try files.bytes(of: path) else { return refuse(.fileMissing, "there is no file `\(path)`", "name one that is there, relative to the file that imports it") }
            bytes = found
        } catch { return refuse(error.code, error.message, error.remedy) }
        bytesLeft -= bytes.count
        guard bytesLeft >= 0 else { return refuse(.fileLimit, "the document's files have more than \(TemplateLimits.documentBytesMax) bytes", "leave out what is not needed") }
        let origin = FileOrigin(directory: path.directory, prefix: prefix)
        guard let root = YAMLReader.read(bytes, file: path.description, origin: origin, problems: problems, budget: &budget) else { return }
        ShapeReader(problems: problems).read(root, .entity(Grammar.serviceTemplate))
        checkVersion(root)
        if !prefix.isEmpty, TypeKind.allCases.contains(where: { root[$0.section.name]?.members.contains { $0.key.hasPrefix("diac.") } ?? false }) {
            refuse(.name, "types of the profile `diac` keep their names: plans and the chain know them by these", "leave `namespace_prefix` out")
        }
        stack.append(path.description)
        for item in root["imports"]?.items ?? [] { follow(item, root) }
        stack.removeLast()
        if reference != nil, let topology = root["topology_template"] {
            problems.add(.shape, "the topology of an imported file is not read", remedy: "move it into the template that is read first", at: topology, severity: .warning)
        }
        roots.append(root)
    }

    private func checkVersion(_ root: YAMLNode) {
        guard let version = root["tosca_definitions_version"], let text = version.text, !Grammar.versions.contains(text) else { return }
        problems.add(.versionUnknown, "`\(text)` is no version that is known", remedy: "use \(Grammar.versions.joined(separator: ", "))", at: version)
    }

    private func follow(_ item: YAMLNode, _ root: YAMLNode) {
        var definition = item
        if let (name, body) = item.single, Grammar.importDefinition.shape(of: name) == nil {
            // Up to 1.2 an import could have a name.
            guard root.text("tosca_definitions_version") != Grammar.versions.last else {
                problems.add(.shape, "an import has no name since version 1.3", remedy: "write `- \(body.text ?? body.text("file") ?? "FILE")`", at: body)
                return
            }
            definition = body
        }
        ShapeReader(problems: problems).read(definition, .entity(Grammar.importDefinition))
        guard let file = definition["file"], let name = file.text else { return }
        guard definition["repository"] == nil else {
            problems.add(.fileRefused, "files of repositories are not fetched", remedy: "ship `\(name)` with the document", at: file)
            return
        }
        guard let path = FilePath(name, in: root.origin.directory) else {
            problems.add(.fileRefused, "`\(name.prefix(120))` is outside of the document's files", remedy: "ship the file with the document and name it relative to this one", at: file)
            return
        }
        var prefix = root.origin.prefix
        if let own = definition.text("namespace_prefix"), !own.isEmpty { prefix += own + ":" }
        load(path, prefix: prefix, from: file)
    }
}
