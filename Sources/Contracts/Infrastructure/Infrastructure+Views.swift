public import Execution
public import Ledger
public import Primitives
import WorldState

/// What an application says of itself, its document and its operators. Pages end where the answer would pass what one call may return.
extension Infrastructure {
    public static let application = Method(
        "application", "An application; none when there is none of this name.", kind: .view,
        Argument("application", "Its name.", ApplicationName.self)
    ) { context, name throws(CallError) in
        try context.read(records, name)
    }

    public static let applications = Method(
        "applications", "The applications, shorter names first and then by name, at most 50.", kind: .view,
        Argument("from", "Only this name and those behind it; none to begin with the first.", ApplicationName?.self)
    ) { context, start throws(CallError) in
        Bounded<50, Application>(try context.entries(records, from: start, limit: 50).map(\.value))!
    }

    // ── Documents ──

    public static let revision = Method(
        "revision", "A revision; none when there is none of this number.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self), Argument("revision", "Its number.", UInt64.self)
    ) { context, name, number throws(CallError) in
        try context.read(revisions, KeyPair(name, number))?.revision
    }

    public static let history = Method(
        "history", "The revisions, the newest first, at most 50.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("before", "Only those with a smaller number; none to begin with the newest.", UInt64?.self)
    ) { context, name, before throws(CallError) in
        let found = try context.entries(revisions, first: name, from: before, .descending, limit: 50)
        return Bounded<50, Revision>(found.map(\.value.revision))!
    }

    /// Some objects of a revision.
    public struct ObjectPage: Hashable, Record {
        public let revision: Revision
        public let objects: Document
        /// Where the next page begins; none behind the last.
        public let next: DocumentKey?

        public static let fields = Fields(
            Field("revision", "Of which revision.") { $0.revision }, Field("objects", "Ascending by section and name.") { $0.objects },
            Field("next", "Where the next page begins; none behind the last.") { $0.next },
            make: { ObjectPage(revision: $0, objects: $1, next: $2) })
    }

    public static let objects = Method(
        "objects", "The objects of a revision, for export, as many as fit.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("revision", "Its number; none for the newest.", UInt64?.self),
        Argument("from", "Only this key and those behind it; none to begin with the first.", DocumentKey?.self)
    ) { context, name, number, start throws(CallError) in
        let stored = try stored(try chosen(number, name, context), of: name, context)
        let index = stored.index.elements
        try context.charge(GasSchedule.step * UInt64(index.count))
        let first = start.map { start in index.firstIndex { $0.key >= start } ?? index.count } ?? 0
        var end = first, bytes = 0
        while end < index.count, bytes + Int(index[end].bytes) + 8 <= resultBytes {
            bytes += Int(index[end].bytes) + 8
            end += 1
        }
        let objects: Document
        let list = try load(index[first..<end], of: name, context)
        do { objects = try Document(list) } catch { throw context.failure(.stateMalformed) }
        return ObjectPage(revision: stored.revision, objects: objects, next: end < index.count ? index[end].key : nil)
    }

    public static let object = Method(
        "object", "An object of a revision; none when the revision has none of this key.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self), Argument("revision", "Its number; none for the newest.", UInt64?.self),
        Argument("key", "Its section and name.", DocumentKey.self)
    ) { context, name, number, key throws(CallError) -> DocumentObject? in
        let index = try stored(try chosen(number, name, context), of: name, context).index.elements
        try context.charge(GasSchedule.step * UInt64(index.count))
        guard let place = index.firstIndex(where: { $0.key == key }) else { return nil }
        return try load(index[place...place], of: name, context).first
    }

    /// The revision asked for, or the newest.
    private static func chosen(_ number: UInt64?, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> UInt64 {
        if let number { return number }
        return try found(name, context).revision
    }

    /// What became of an object between two revisions.
    public struct KeyChange: Hashable, Record {
        public let key: DocumentKey
        public let kind: ChangeKind

        public static let fields = Fields(
            Field("key", "Which.") { $0.key }, Field("kind", "What became of it.") { $0.kind }, make: { KeyChange(key: $0, kind: $1) })
    }

    public enum ChangeKind: Hashable, Choice {
        case added, changed, removed

        public static let cases: [Case<ChangeKind>] = [
            Case("added", "It is new.", .added), Case("changed", "It is different.", .changed), Case("removed", "It has gone.", .removed),
        ]
    }

    public static let changes = Method(
        "changes", "What is different between two revisions, at most 256 keys.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self), Argument("from", "The older revision; 0 for the empty document.", UInt64.self),
        Argument("to", "The newer one.", UInt64.self), Argument("start", "Only this key and those behind it; none for all.", DocumentKey?.self)
    ) { context, name, old, new, start throws(CallError) in
        let before = try old == 0 ? [] : stored(old, of: name, context).index.elements
        let after = try stored(new, of: name, context).index.elements
        try context.charge(GasSchedule.step * UInt64(before.count + after.count))
        var found: [KeyChange] = [], one = 0, other = 0
        while one < before.count || other < after.count, found.count < 256 {
            let isOld = one < before.count && (other == after.count || before[one].key <= after[other].key)
            let isNew = other < after.count && (one == before.count || after[other].key <= before[one].key)
            let key = isNew ? after[other].key : before[one].key
            let isSame = isOld && isNew && before[one].digest == after[other].digest
            if !isSame, start.map({ key >= $0 }) ?? true {
                found.append(KeyChange(key: key, kind: isOld && isNew ? .changed : isNew ? .added : .removed))
            }
            if isOld { one += 1 }
            if isNew { other += 1 }
        }
        return Bounded<256, KeyChange>(found)!
    }

    public static let drafts = Method(
        "drafts", "The drafts that wait, the oldest first, at most 50.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("from", "Only those with this number or a larger one; none for all.", UInt64?.self)
    ) { context, name, start throws(CallError) in
        Bounded<50, Draft>(try context.entries(draftRecords, first: name, from: start, limit: 50).map(\.value))!
    }

    // ── Operators, artifacts, instances, the blacklist ──

    public static let operators = Method(
        "operators", "The operators by number, at most 100.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("from", "Only those with this number or a larger one; none for all.", UInt32?.self)
    ) { context, name, start throws(CallError) in
        Bounded<100, Operator>(try context.entries(operatorRecords, first: name, from: start, limit: pageMax).map(\.value))!
    }

    public static let operatorInfo = Method(
        "operator", "An operator, and what waits for it when it has left.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("account", "Whose account.", Address.self)
    ) { context, name, account throws(CallError) in
        let number = try context.read(operatorNumbers, KeyPair(name, account))
        return OperatorInfo(
            record: try number.map { number throws(CallError) in try record(number, name, context) },
            leaving: try context.read(leaving, KeyPair(name, account)), rating: try context.read(ratings, KeyPair(name, account)))
    }

    /// What an application knows of an account.
    public struct OperatorInfo: Hashable, Record {
        public let record: Operator?
        public let leaving: Leaving?
        public let rating: Rating?

        public static let fields = Fields(
            Field("record", "Its record; none when it is no operator.") { $0.record },
            Field("leaving", "Its stake, when it has left.") { $0.leaving }, Field("rating", "Its reputation, when somebody gave one.") { $0.rating },
            make: { OperatorInfo(record: $0, leaving: $1, rating: $2) })
    }

    public static let artifacts = Method(
        "artifacts", "The artifacts by name, at most 100.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("from", "Only this name and those behind it; none for all.", ArtifactName?.self)
    ) { context, name, start throws(CallError) in
        let found = try context.entries(artifactRecords, first: name, from: start, limit: pageMax)
        return Bounded<100, NamedArtifact>(found.map { NamedArtifact(name: $0.key.second, artifact: $0.value) })!
    }

    public static let instances = Method(
        "instances", "What was reported of nodes, by slot, at most 50.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("from", "Only this slot and those behind it; none for all.", UInt32?.self)
    ) { context, name, start throws(CallError) in
        let application = try found(name, context)
        var views: [InstanceView] = []
        for entry in try context.entries(instanceRecords, first: name, from: start, limit: 50) {
            let instance = entry.value
            let page = try context.read(assignmentPages, KeyPair(name, instance.slot / UInt32(slotsPerPage)))?.operators.numbers ?? []
            let place = Int(instance.slot) % slotsPerPage
            let isSame = place < page.count && page[place] == instance.operatorNumber
            views.append(InstanceView(instance: instance, isCurrent: isSame && instance.revision >= application.topologyRevision))
        }
        return Bounded<50, InstanceView>(views)!
    }

    public static let bans = Method(
        "bans", "The blacklist, at most 50 entries.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("behind", "Only those behind this one; none for all.", Subject?.self)
    ) { context, name, behind throws(CallError) in
        let start = try behind.map { subject throws(CallError) in try subject.key(context) }
        let found = try context.entries(banRecords, first: name, from: start, limit: 51).map(\.value)
        return Bounded<50, Ban>(Array(found.filter { $0.subject != behind }.prefix(50)))!
    }

    public static let patterns = Method(
        "patterns", "What no object of the document may be.", kind: .view, Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        try context.read(patternLists, name) ?? Bounded()
    }

    public static let books = Method("books", "What the contract owes to operators of all applications.", kind: .view) { context throws(CallError) in
        try context.read(held) ?? Books()
    }

    /// Bytes of objects in one answer, with room for what stands around them.
    static let resultBytes = 60_000
}
