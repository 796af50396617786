/// A node of a document that remembers where it was written.
///
/// It is a class because reading happens in passes over one tree: the shape pass writes short notations out, the value pass
/// puts typed values in the place of words. What leaves this room is a ``Contracts/DocumentValue``.
final class YAMLNode {
    enum Content {
        case scalar(Scalar)
        case list([YAMLNode])
        /// Keys are distinct.
        case map([(key: String, value: YAMLNode)])
    }

    struct Scalar: Equatable {
        let text: String
        /// Quoted, or a block: a text, whatever it looks like.
        let isQuoted: Bool
    }

    var content: Content
    let place: Place
    let origin: FileOrigin
    /// What a value is when its declared type is known; decides its canonical form.
    var typed: TypedScalar?
    private(set) weak var parent: YAMLNode?
    private var step = ""

    init(_ content: Content, place: Place, origin: FileOrigin) {
        self.content = content
        self.place = place
        self.origin = origin
        adopt()
    }

    /// A node that a pass made of `origin`.
    convenience init(_ content: Content, like origin: YAMLNode) {
        self.init(content, place: origin.place, origin: origin.origin)
        parent = origin.parent
        step = origin.step
    }

    static func text(_ text: String, like origin: YAMLNode) -> YAMLNode { YAMLNode(.scalar(Scalar(text: text, isQuoted: true)), like: origin) }

    /// Makes this the parent of what it holds.
    private func adopt() {
        switch content {
        case .scalar: break
        case .list(let items): for (index, item) in items.enumerated() { (item.parent, item.step) = (self, "[\(index)]") }
        case .map(let members): for member in members { (member.value.parent, member.value.step) = (self, member.key) }
        }
    }

    func replace(_ content: Content) {
        self.content = content
        adopt()
    }

    /// The same tree once more, for another parent.
    func copy() -> YAMLNode {
        let content: Content = switch content {
        case .scalar: content
        case .list(let items): .list(items.map { $0.copy() })
        case .map(let members): .map(members.map { ($0.key, $0.value.copy()) })
        }
        return YAMLNode(content, like: self)
    }

    /// How many nodes it is.
    var size: Int { items.reduce(1) { $0 + $1.size } + members.reduce(0) { $0 + $1.value.size } }

    /// From the root of its file, with dots.
    var path: String {
        var steps: [String] = [], node: YAMLNode? = self
        while let current = node, steps.count <= TemplateLimits.depthMax * 2 {
            if !current.step.isEmpty { steps.append(current.step) }
            node = current.parent
        }
        return steps.reversed().reduce(into: "") { path, step in path += path.isEmpty || step.hasPrefix("[") ? step : ".\(step)" }
    }
}

/// What names in a file are relative to.
struct FileOrigin {
    /// From the root of all files.
    let directory: String
    /// What the file's types are called in front, with a colon behind; empty for most files.
    let prefix: String
}

// MARK: - Reading

extension YAMLNode {
    subscript(key: String) -> YAMLNode? {
        guard case .map(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The members of a map; none of anything else.
    var members: [(key: String, value: YAMLNode)] {
        if case .map(let members) = content { members } else { [] }
    }

    /// The items of a list; none of anything else.
    var items: [YAMLNode] {
        if case .list(let items) = content { items } else { [] }
    }

    /// Any scalar's words, except null.
    var text: String? {
        guard case .scalar(let scalar) = content, !isNull else { return nil }
        return scalar.text
    }

    func text(_ key: String) -> String? { self[key]?.text }

    var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return !scalar.isQuoted && CoreSchema.isNull(scalar.text)
    }

    var isScalar: Bool { if case .scalar = content { true } else { false } }
    var isMap: Bool { if case .map = content { true } else { false } }
    var isList: Bool { if case .list = content { true } else { false } }

    /// The one member of a map with one.
    var single: (key: String, value: YAMLNode)? { members.count == 1 ? members[0] : nil }

    /// The members of each item of a list of maps with one member each, as requirements and policies are written.
    var singles: [(key: String, value: YAMLNode)] { items.compactMap(\.single) }

    /// What it is, in words for people.
    var kind: String {
        switch content {
        case .scalar(let scalar): isNull ? "nothing" : scalar.text.utf8.count > 40 ? "a text" : "`\(scalar.text)`"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
