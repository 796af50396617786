/// Reads the YAML of anybody into a tree of bounded size: what aliases stand for is counted before it is copied, and nothing is deeper
/// than ``TemplateLimits/depthMax``.
struct YAMLReader {
    /// What the files of one document may still become.
    struct Budget {
        var nodes = TemplateLimits.nodesMax
        var bytes = TemplateLimits.documentBytesMax
    }

    /// A part of the tree with its size.
    private struct Part {
        let node: YAMLNode
        var nodes = 1
        var bytes = 0
        /// Levels below it.
        var height = 0

        mutating func add(_ inner: Part) {
            nodes += inner.nodes
            bytes += inner.bytes
            height = max(height, inner.height + 1)
        }
    }

    private let file: String
    private let origin: FileOrigin
    private let events: YAMLEvents
    private var budget: Budget
    /// The newest of each name.
    private var anchors: [String: Part] = [:]

    private init(_ bytes: [UInt8], file: String, origin: FileOrigin, budget: Budget) {
        self.file = file
        self.origin = origin
        self.budget = budget
        events = YAMLEvents(bytes, file: file)
    }

    /// The one document of `bytes`; nil when it is none, and then a problem says why. `budget` is lowered by what the tree takes.
    static func read(_ bytes: [UInt8], file: String, origin: FileOrigin, problems: ProblemList, budget: inout Budget) -> YAMLNode? {
        func refuse(_ code: ProblemCode, _ message: String, _ remedy: String) -> YAMLNode? {
            problems.add(Problem(code, message, remedy: remedy, place: Place(file: file)))
            return nil
        }
        guard bytes.count <= TemplateLimits.fileBytesMax else {
            return refuse(.yamlLimit, "the file has \(bytes.count) bytes", "split it: a file has at most \(TemplateLimits.fileBytesMax)")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { return refuse(.yamlEncoding, "the file is not UTF-8", "save it as UTF-8") }
        var reader = YAMLReader(bytes, file: file, origin: origin, budget: budget)
        do throws(Problem) {
            let node = try reader.document()
            budget = reader.budget
            return node
        } catch {
            problems.add(error)
            return nil
        }
    }

    private mutating func document() throws(Problem) -> YAMLNode {
        _ = try events.next()
        guard case .documentStart = try events.next().event else {
            throw Problem(.yamlSyntax, "the file holds no document", remedy: "write a map with tosca_definitions_version first", place: Place(file: file))
        }
        let root = try part(depth: 0)
        guard let root else { preconditionFailure("a document begins with a value") }
        _ = try events.next()
        let (rest, place) = try events.next()
        guard case .streamEnd = rest else {
            throw Problem(.yamlSyntax, "the file holds more than one document", remedy: "keep one of them", place: place)
        }
        return root.node
    }

    /// The next value; nil at the end of a list or map.
    private mutating func part(depth: Int) throws(Problem) -> Part? {
        let (event, place) = try events.next()
        switch event {
        case .scalar(let text, let tag, let isPlain, let anchor):
            guard text.utf8.count <= TemplateLimits.scalarBytesMax else {
                throw Problem(.yamlLimit, "a text of \(text.utf8.count) bytes", remedy: "keep long texts in files of their own", place: place)
            }
            let scalar = YAMLNode.Scalar(text: text, isQuoted: try isText(tag, isPlain: isPlain, place))
            let part = Part(node: YAMLNode(.scalar(scalar), place: place, origin: origin), bytes: text.utf8.count)
            try spend(part, depth, place)
            return named(anchor, part)
        case .listStart(let tag, let anchor):
            try check(tag, "tag:yaml.org,2002:seq", place)
            var whole = Part(node: YAMLNode(.list([]), place: place, origin: origin)), items: [YAMLNode] = []
            try spend(whole, depth, place)
            while let item = try part(depth: depth + 1) {
                whole.add(item)
                items.append(item.node)
            }
            whole.node.replace(.list(items))
            return named(anchor, whole)
        case .mapStart(let tag, let anchor):
            try check(tag, "tag:yaml.org,2002:map", place)
            var whole = Part(node: YAMLNode(.map([]), place: place, origin: origin)), members: [(key: String, value: YAMLNode)] = [], keys: Set<String> = []
            try spend(whole, depth, place)
            while let (name, place) = try key() {
                guard keys.insert(name).inserted else {
                    throw Problem(.yamlDuplicateKey, "the key `\(name)` is there twice", remedy: "rename or remove one of the two", place: place)
                }
                guard let value = try part(depth: depth + 1) else { preconditionFailure("a key has a value") }
                whole.add(value)
                members.append((name, value.node))
            }
            whole.node.replace(.map(members))
            return named(anchor, whole)
        case .alias(let name):
            guard let known = anchors[name] else { throw Problem(.yamlSyntax, "an alias without its anchor", remedy: "write the value out", place: place) }
            try spend(known, depth, place)
            return Part(node: known.node.copy(), nodes: known.nodes, bytes: known.bytes, height: known.height)
        case .listEnd, .mapEnd: return nil
        case .documentStart, .documentEnd, .streamEnd: preconditionFailure("a document ends behind its value")
        }
    }

    /// The next key of a map; nil at its end. It is a word: what an alias stands for is never compared.
    private mutating func key() throws(Problem) -> (name: String, place: Place)? {
        let (event, place) = try events.next()
        if case .mapEnd = event { return nil }
        guard case .scalar(let name, _, let isPlain, let anchor) = event else {
            throw Problem(.yamlKey, "the key of a map is not a word", remedy: "use names as keys", place: place)
        }
        guard name != "<<" || !isPlain else {
            throw Problem(.yamlKey, "`<<` merges maps, which YAML 1.2 does not know", remedy: "write the members out", place: place)
        }
        guard !name.isEmpty, name.utf8.count <= TemplateLimits.nameBytesMax else {
            throw Problem(.yamlKey, "a key of \(name.utf8.count) bytes", remedy: "use 1 to \(TemplateLimits.nameBytesMax) bytes", place: place)
        }
        _ = named(anchor, Part(node: YAMLNode(.scalar(.init(text: name, isQuoted: !isPlain)), place: place, origin: origin), bytes: name.utf8.count))
        return (name, place)
    }

    private mutating func named(_ anchor: String?, _ part: Part) -> Part {
        if let anchor { anchors[anchor] = part }
        return part
    }

    private mutating func spend(_ part: Part, _ depth: Int, _ place: Place) throws(Problem) {
        budget.nodes -= part.nodes
        budget.bytes -= part.bytes
        guard budget.nodes >= 0 else {
            throw Problem(.yamlLimit, "the document has too many values when aliases are followed", remedy: "a document has at most \(TemplateLimits.nodesMax)", place: place)
        }
        guard budget.bytes >= 0 else {
            throw Problem(.yamlLimit, "the document has too much text when aliases are followed", remedy: "a document has at most \(TemplateLimits.documentBytesMax) bytes", place: place)
        }
        guard depth + part.height <= TemplateLimits.depthMax else {
            throw Problem(.yamlLimit, "values are nested deeper than \(TemplateLimits.depthMax) levels", remedy: "flatten them", place: place)
        }
    }

    /// Whether a scalar is a text whatever it looks like.
    private func isText(_ tag: String?, isPlain: Bool, _ place: Place) throws(Problem) -> Bool {
        switch tag {
        case nil: return !isPlain
        case "!", "tag:yaml.org,2002:str": return true
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:timestamp": return false
        default: throw unknownTag(tag, place)
        }
    }

    private func check(_ tag: String?, _ allowed: String, _ place: Place) throws(Problem) {
        guard tag == nil || tag == "!" || tag == allowed else { throw unknownTag(tag, place) }
    }

    private func unknownTag(_ tag: String?, _ place: Place) -> Problem {
        Problem(.yamlTag, "the tag \((tag ?? "").prefix(80)) has no meaning here", remedy: "leave it out", place: place)
    }
}
