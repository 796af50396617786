public import Contracts

/// A service template that was read and found good: its canonical document, and what reading it had to say.
///
/// Reading is the one way in: whoever holds a value of this type holds a document that every rule of the standard, and every limit of the
/// chain, lets pass.
public struct ServiceTemplate: Sendable {
    public let document: Document
    /// What is allowed and worth a look.
    public let warnings: [Problem]
    /// The files that artifacts and operations name, from the root, sorted.
    public let files: [String]

    public struct Options: Sendable {
        /// Whether artifacts and implementations must be among the files.
        public var checksFiles = true
        /// Values for inputs, by name.
        public var inputs: [String: DocumentValue] = [:]

        public init(checksFiles: Bool = true, inputs: [String: DocumentValue] = [:]) {
            self.checksFiles = checksFiles
            self.inputs = inputs
        }
    }

    /// Reads the template at `path` and what it imports.
    public init(_ path: String, from files: any FileSource, options: Options = Options()) throws(DocumentError) {
        let problems = ProblemList()
        guard let path = FilePath(path) else {
            problems.add(Problem(.fileRefused, "`\(path.prefix(120))` is no name of a file", remedy: "name a file below the directory", place: Place(file: path)))
            throw DocumentError(problems: problems.sorted, isCut: false)
        }
        let loader = FileLoader(files: files, problems: problems)
        loader.load(path)
        try self.init(loader.roots, files: options.checksFiles ? files : nil, options, problems)
        // Whoever reads an export has the document alone, and must find the same in it.
        do throws(DocumentError) { _ = try ServiceTemplate(checking: document) } catch {
            throw DocumentError(problems: error.problems.filter { $0.severity == .error }.prefix(1).map { first in
                Problem(.notRepresentable, "in one file the document would be refused: \(first.message) (\(first.path))", remedy: first.remedy, place: Place(file: path.description))
            })
        }
    }

    /// Reads an archive.
    public init(archive bytes: [UInt8], name: String, options: Options = Options()) throws(DocumentError) {
        let archive: ServiceArchive
        do throws(Problem) { archive = try ServiceArchive(bytes, name: name) } catch { throw DocumentError(problems: [error], isCut: false) }
        try self.init(archive.entry.description, from: archive, options: options)
    }

    /// Checks a document that came from elsewhere, such as a chain: a contract holds objects together, and does not know the standard.
    public init(checking document: Document, options: Options = Options()) throws(DocumentError) {
        let problems = ProblemList(), root = DocumentTree.root(of: document)
        ShapeReader(problems: problems).read(root, .entity(Grammar.serviceTemplate))
        try self.init([root], files: nil, options, problems)
    }

    private init(_ roots: [YAMLNode], files: (any FileSource)?, _ options: Options, _ problems: ProblemList) throws(DocumentError) {
        // What has no shape is not looked into further: most of what would be found would follow from that.
        try problems.check()
        let checker = try Self.check(roots, files: files, options, problems)
        guard let document = CanonicalForm(problems: problems).document(roots, contents: checker.contents), !problems.hasErrors else {
            throw DocumentError(problems: problems.sorted, isCut: problems.isCut)
        }
        checker.warnAboutMapping(of: document)
        try problems.check()
        self.document = document
        warnings = problems.sorted
        self.files = checker.namedFiles.sorted()
    }

    /// The document's parts, resolved once more; for what is made of it.
    func checkedAgain(inputs: [String: DocumentValue] = [:]) throws(DocumentError) -> Checker {
        let problems = ProblemList(), root = DocumentTree.root(of: document)
        ShapeReader(problems: problems).read(root, .entity(Grammar.serviceTemplate))
        return try Self.check([root], files: nil, .init(checksFiles: false, inputs: inputs), problems)
    }

    /// Checks trees whose shape was read, the template last.
    static func check(_ roots: [YAMLNode], files: (any FileSource)?, _ options: Options, _ problems: ProblemList) throws(DocumentError) -> Checker {
        let types = TypeCatalogue(problems: problems)
        types.add(NormativeTypes.tree(), isNormative: true)
        for root in roots { types.add(root, isNormative: false) }
        types.link()
        let checker = Checker(problems: problems, types: types, files: files)
        checker.given = options.inputs.mapValues { YAMLNode($0, place: Place(file: "inputs")) }
        for root in roots { checker.repositories.formUnion(root["repositories"]?.members.map(\.key) ?? []) }
        checker.checkTypes()
        if let topology = roots.last?["topology_template"] { checker.check(topology: topology) }
        try problems.check()
        return checker
    }
}

/// The standard's own types.
enum NormativeTypes {
    /// A tree of one's own: checking writes into it.
    static func tree() -> YAMLNode {
        let problems = ProblemList()
        var budget = YAMLReader.Budget()
        let root = YAMLReader.read(PackageResources.normative_yaml, file: "normative.yaml", origin: FileOrigin(directory: "", prefix: ""), problems: problems, budget: &budget)
        guard let root else { preconditionFailure("the standard's types are no YAML: \(problems.problems)") }
        ShapeReader(problems: problems).read(root, .entity(Grammar.serviceTemplate))
        precondition(!problems.hasErrors, "the standard's types have no shape: \(problems.problems)")
        return root
    }
}
