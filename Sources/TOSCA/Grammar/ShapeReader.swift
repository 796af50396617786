import Contracts

/// Compares a tree with the grammar, and writes short notations out, so that everything behind it meets one notation only.
struct ShapeReader {
    let problems: ProblemList

    func read(_ node: YAMLNode, _ shape: Shape) {
        switch shape {
        case .value: break
        case .text: readText(node)
        case .boolean:
            guard case .scalar(let scalar) = node.content, !scalar.isQuoted, CoreSchema.boolean(scalar.text) != nil else {
                return refuse(node, "true or false")
            }
        case .occurrences: readOccurrences(node)
        case .list(let item):
            guard node.isList else { return refuse(node, "a list") }
            for child in node.items { read(child, item) }
        case .oneOrMore(let item):
            if !node.isList { node.replace(.list([YAMLNode(node.content, like: node)])) }
            read(node, .list(item))
        case .map(let value):
            if node.isNull { node.replace(.map([])) }
            guard node.isMap else { return refuse(node, "a map of names") }
            for member in node.members { read(member.value, value) }
        case .singles(let value):
            if node.isNull { node.replace(.list([])) }
            guard node.isList else { return refuse(node, "a list of maps with one name each", "write a dash in front of each name") }
            for item in node.items {
                guard let member = item.single else { refuse(item, "a map with one name"); continue }
                read(member.value, value)
            }
        case .entity(let entity): read(node, entity)
        case .word(let entity): if node.isScalar { readText(node) } else { read(node, entity) }
        }
    }

    private func read(_ node: YAMLNode, _ entity: Entity) {
        if let short = entity.short, node.text != nil { node.replace(.map([(short, YAMLNode(node.content, like: node))])) }
        if node.isNull, entity.required.isEmpty { node.replace(.map([])) }
        guard case .map(var members) = node.content else { return refuse(node, "a \(entity.title) with its keys") }
        if let others = entity.others { members = gather(members, into: others, of: entity, node) }
        for key in entity.required where !members.contains(where: { $0.key == key }) {
            problems.add(.keyMissing, "the \(entity.title) has no `\(key)`", remedy: "add `\(key)`", at: node)
        }
        for (key, value) in members {
            guard let shape = entity.shape(of: key) else {
                let names = entity.keys.map(\.name)
                problems.add(.keyUnknown, "`\(key)` is no key of a \(entity.title)",
                             remedy: Spelling.hint(key, among: names) ?? "remove it; keys are \(names.joined(separator: ", "))", at: value)
                continue
            }
            read(value, shape)
        }
        // What is there and empty says no more than what is not there.
        node.replace(.map(members.filter { key, value in
            switch entity.shape(of: key) {
            case .map, .singles: !(value.members.isEmpty && value.items.isEmpty)
            case nil: false
            default: true
            }
        }))
    }

    private func gather(_ members: [(key: String, value: YAMLNode)], into key: String, of entity: Entity, _ node: YAMLNode) -> [(key: String, value: YAMLNode)] {
        let others = members.filter { entity.shape(of: $0.key) == nil }
        guard !others.isEmpty else { return members }
        var kept = members.filter { entity.shape(of: $0.key) != nil }
        guard !kept.contains(where: { $0.key == key }) else { return members }
        kept.append((key, YAMLNode(.map(others), like: node)))
        return kept
    }

    private func readText(_ node: YAMLNode) {
        guard let text = node.text else { return refuse(node, "a word or text") }
        node.typed = TypedScalar(.text(text))
    }

    private func readOccurrences(_ node: YAMLNode) {
        guard Occurrences(node) != nil else { return refuse(node, "two whole numbers in brackets, the second not smaller, or UNBOUNDED") }
    }

    private func refuse(_ node: YAMLNode, _ expected: String, _ remedy: String? = nil) {
        problems.add(.shape, "\(node.kind) stands where \(expected) must", remedy: remedy ?? "write \(expected)", at: node)
    }
}

/// How often something is there: from `min` to `max`, or without an end.
struct Occurrences {
    let min: Int
    let max: Int?

    static let one = Occurrences(min: 1, max: 1)

    private init(min: Int, max: Int?) { (self.min, self.max) = (min, max) }

    init?(_ node: YAMLNode) {
        guard node.items.count == 2, let low = node.items[0].text.flatMap(CoreSchema.integer), low >= 0, let high = node.items[1].text else { return nil }
        if high == "UNBOUNDED" {
            self.init(min: Int(low), max: nil)
        } else {
            guard let high = CoreSchema.integer(high), high >= low else { return nil }
            self.init(min: Int(low), max: Int(high))
        }
    }

    var text: String { "[\(min), \(max.map(String.init) ?? "UNBOUNDED")]" }
}

/// Finds what was meant.
enum Spelling {
    /// The name that differs from `word` by a third of its letters at most.
    static func nearest(to word: String, among names: [String]) -> String? {
        guard word.count <= 64 else { return nil }
        let found = names.filter { abs($0.count - word.count) <= 3 }.map { ($0, distance(Array(word.lowercased()), Array($0.lowercased()))) }.min { $0.1 < $1.1 }
        return found.flatMap { $0.1 <= max(1, word.count / 3) ? $0.0 : nil }
    }

    static func hint(_ word: String, among names: [String]) -> String? { nearest(to: word, among: names).map { "did you mean `\($0)`?" } }

    /// Of Levenshtein.
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var row = Array(0...second.count)
        for (line, letter) in first.enumerated() {
            var corner = row[0]
            row[0] = line + 1
            for (column, other) in second.enumerated() {
                let replaced = corner + (letter == other ? 0 : 1)
                corner = row[column + 1]
                row[column + 1] = min(replaced, corner + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }
}
