public import Contracts

/// What changes from one document to another, thing by thing and value by value.
public struct DocumentDifference: Sendable, Equatable {
    public enum Kind: String, Sendable { case added = "+", changed = "~", removed = "-" }

    public struct Change: Sendable, Equatable, CustomStringConvertible {
        public let kind: Kind
        /// `node_templates.worker_1.properties.count`.
        public let path: String
        public let before: DocumentValue?
        public let after: DocumentValue?

        public var description: String {
            switch kind {
            case .added: "+ \(path)" + (after.map { Self.isScalar($0) ? ": \(JSONText.line($0))" : "" } ?? "")
            case .removed: "- \(path)" + (before.map { Self.isScalar($0) ? ": \(JSONText.line($0))" : "" } ?? "")
            case .changed: "~ \(path): \(before.map(JSONText.line) ?? "nothing") → \(after.map(JSONText.line) ?? "nothing")"
            }
        }

        private static func isScalar(_ value: DocumentValue) -> Bool {
            switch value {
            case .map, .list: false
            default: true
            }
        }
    }

    /// In the order of the documents' objects.
    public let changes: [Change]

    public init(from before: Document, to after: Document) {
        var changes: [Change] = [], left = before.objects[...], right = after.objects[...]
        func path(_ object: DocumentObject) -> String { "\(object.section.name).\(object.name)" }
        while let first = left.first ?? right.first {
            if let old = left.first, let new = right.first, old.key == new.key {
                if old.encoded != new.encoded { Self.compare(old.value, new.value, path(old), &changes) }
                left.removeFirst()
                right.removeFirst()
            } else if let old = left.first, right.first.map({ old.key < $0.key }) ?? true {
                changes.append(Change(kind: .removed, path: path(old), before: old.value, after: nil))
                left.removeFirst()
            } else {
                let new = right.first ?? first
                changes.append(Change(kind: .added, path: path(new), before: nil, after: new.value))
                right.removeFirst()
            }
        }
        self.changes = changes
    }

    public var isEmpty: Bool { changes.isEmpty }
    /// A line for each change.
    public var text: String { changes.map { "\($0)\n" }.joined() }

    /// Maps are compared member by member; a list counts as a whole, since its order means something.
    private static func compare(_ old: DocumentValue, _ new: DocumentValue, _ path: String, _ changes: inout [Change]) {
        guard case .map(let before) = old, case .map(let after) = new else {
            if old != new { changes.append(Change(kind: .changed, path: path, before: old, after: new)) }
            return
        }
        for member in before where new[member.name] == nil { changes.append(Change(kind: .removed, path: "\(path).\(member.name)", before: member.value, after: nil)) }
        for member in after {
            if let value = old[member.name] { compare(value, member.value, "\(path).\(member.name)", &changes) } else {
                changes.append(Change(kind: .added, path: "\(path).\(member.name)", before: nil, after: member.value))
            }
        }
    }
}
