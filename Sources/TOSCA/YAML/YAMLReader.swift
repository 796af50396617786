import Yams

/// Reads the YAML of anybody into a tree of bounded size.
///
/// libyaml below Yams nests at most a thousand levels, which the stack holds; what becomes of aliases is counted while they are followed.
struct YAMLReader {
    let file: String
    let problems: ProblemList
    private var nodesLeft: Int

    init(file: String, problems: ProblemList, nodesMax: Int) {
        self.file = file
        self.problems = problems
        nodesLeft = nodesMax
    }

    /// The one document of `bytes`; nil when it is none, and then a problem says why.
    /// `nodesLeft` is lowered by the nodes of the tree.
    static func read(_ bytes: [UInt8], file: String, origin: FileOrigin, problems: ProblemList, nodesLeft: inout Int) -> YAMLNode? {
        var reader = YAMLReader(file: file, problems: problems, nodesMax: nodesLeft)
        do throws(Problem) {
            let node = try reader.document(bytes, origin)
            nodesLeft = reader.nodesLeft
            return node
        } catch {
            problems.add(error)
            return nil
        }
    }

    private mutating func document(_ bytes: [UInt8], _ origin: FileOrigin) throws(Problem) -> YAMLNode {
        guard bytes.count <= TemplateLimits.fileBytesMax else {
            throw fault(.yamlLimit, "the file has \(bytes.count) bytes", "split it: a file has at most \(TemplateLimits.fileBytesMax)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fault(.yamlEncoding, "the file is not UTF-8", "save it as UTF-8")
        }
        if AliasKeys.areSuspected(in: bytes) {
            throw fault(.yamlKey, "an alias stands in or as the key of a map", "write keys out")
        }
        let root: Node?
        do { root = try Yams.Parser(yaml: text, encoding: .utf8).singleRoot() } catch { throw problem(error) }
        guard let root else { throw fault(.yamlSyntax, "the file holds no document", "write a map with tosca_definitions_version first") }
        return try convert(root, origin, depth: 0)
    }

    private mutating func convert(_ node: Node, _ origin: FileOrigin, depth: Int) throws(Problem) -> YAMLNode {
        let place = place(node.mark)
        nodesLeft -= 1
        guard nodesLeft >= 0 else {
            throw Problem(.yamlLimit, "the document has too many values when aliases are followed",
                          remedy: "a document has at most \(TemplateLimits.nodesMax)", place: place)
        }
        guard depth <= TemplateLimits.depthMax else {
            throw Problem(.yamlLimit, "values are nested deeper than \(TemplateLimits.depthMax) levels", remedy: "flatten them", place: place)
        }
        switch node {
        case .scalar(let scalar):
            guard scalar.string.utf8.count <= TemplateLimits.scalarBytesMax else {
                throw Problem(.yamlLimit, "a text of \(scalar.string.utf8.count) bytes", remedy: "keep long texts in files of their own", place: place)
            }
            let isQuoted = try isText(scalar.tag, style: scalar.style, place)
            return YAMLNode(.scalar(.init(text: scalar.string, isQuoted: isQuoted)), place: place, origin: origin)
        case .sequence(let sequence):
            try checkTag(sequence.tag, ["tag:yaml.org,2002:seq"], place)
            var items: [YAMLNode] = []
            for item in sequence { items.append(try convert(item, origin, depth: depth + 1)) }
            return YAMLNode(.list(items), place: place, origin: origin)
        case .mapping(let mapping):
            try checkTag(mapping.tag, ["tag:yaml.org,2002:map"], place)
            var members: [(key: String, value: YAMLNode)] = [], keys: Set<String> = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw Problem(.yamlKey, "the key of a map is not a word", remedy: "use names as keys", place: self.place(key.mark))
                }
                guard name.string != "<<" || name.style != .plain else {
                    throw Problem(.yamlKey, "`<<` merges maps, which YAML 1.2 does not know", remedy: "write the members out", place: self.place(key.mark))
                }
                guard !name.string.isEmpty, name.string.utf8.count <= TemplateLimits.nameBytesMax else {
                    throw Problem(.yamlKey, "a key of \(name.string.utf8.count) bytes", remedy: "use 1 to \(TemplateLimits.nameBytesMax) bytes", place: self.place(key.mark))
                }
                // Yams compares keys with their tags; here a name is a name.
                guard keys.insert(name.string).inserted else { throw duplicate(name.string, self.place(key.mark)) }
                members.append((name.string, try convert(value, origin, depth: depth + 1)))
            }
            return YAMLNode(.map(members), place: place, origin: origin)
        case .alias:
            throw Problem(.yamlSyntax, "an alias without its anchor", remedy: "write the value out", place: place)
        }
    }

    /// Whether a scalar is a text whatever it looks like.
    private func isText(_ tag: Tag, style: Node.Scalar.Style, _ place: Place) throws(Problem) -> Bool {
        switch tag.description {
        case "": return style != .plain && style != .any
        case "!", "tag:yaml.org,2002:str": return true
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null", "tag:yaml.org,2002:timestamp": return false
        default: throw unknownTag(tag, place)
        }
    }

    private func checkTag(_ tag: Tag, _ allowed: [String], _ place: Place) throws(Problem) {
        guard ["", "!"].contains(tag.description) || allowed.contains(tag.description) else { throw unknownTag(tag, place) }
    }

    private func unknownTag(_ tag: Tag, _ place: Place) -> Problem {
        Problem(.yamlTag, "the tag \(tag.description.prefix(80)) has no meaning here", remedy: "leave it out", place: place)
    }

    private func duplicate(_ key: String, _ place: Place) -> Problem {
        Problem(.yamlDuplicateKey, "the key `\(key)` is there twice", remedy: "rename or remove one of the two", place: place)
    }

    private func place(_ mark: Mark?) -> Place { Place(file: file, line: mark?.line ?? 0, column: mark?.column ?? 0) }

    private func fault(_ code: ProblemCode, _ message: String, _ remedy: String) -> Problem {
        Problem(code, message, remedy: remedy, place: Place(file: file))
    }

    private func problem(_ error: any Error) -> Problem {
        let remedy = "mend the YAML there; indentation and missing quotes are the usual reasons"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return Problem(.yamlSyntax, "this is not YAML: \(problem)", remedy: remedy, place: place(mark))
        case .duplicatedKeysInMapping(let keys, let context): return duplicate(keys.first ?? "", place(context.mark))
        case .reader(let problem, _, _, _): return fault(.yamlEncoding, "this is not YAML: \(problem)", "remove control characters and save the file as UTF-8")
        default: return fault(.yamlSyntax, "this is not YAML", remedy)
        }
    }
}

/// Finds what could make an alias part of a key. Yams compares the keys of each map, and the time that takes grows with what aliases stand
/// for; where both kinds of signs are in a file, it is refused before Yams reads it. Files of people have neither.
enum AliasKeys {
    static func areSuspected(in bytes: [UInt8]) -> Bool {
        var hasAlias = false, hasKey = false
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
            switch byte {
            case UInt8(ascii: "*"):
                var end = index + 1
                while end < bytes.count, isWord(bytes[end]) { end += 1 }
                guard end > index + 1, index == 0 || !isWord(bytes[index - 1]) else { continue }
                hasAlias = true
                if isColon(after: end, bytes) { hasKey = true }
            case UInt8(ascii: "?"):
                if index + 1 >= bytes.count || isBlank(bytes[index + 1]), index == 0 || isBlank(bytes[index - 1]) || [0x5b, 0x7b, 0x2c].contains(bytes[index - 1]) { hasKey = true }
            default: if isColon(after: index + 1, bytes) { hasKey = true }
            }
            if hasAlias && hasKey { return true }
        }
        return false
    }

    private static func isColon(after index: Int, _ bytes: [UInt8]) -> Bool {
        var index = index
        while index < bytes.count, isBlank(bytes[index]) { index += 1 }
        return index < bytes.count && bytes[index] == UInt8(ascii: ":")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    private static func isWord(_ byte: UInt8) -> Bool {
        Digits.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
