import Cryptography
public import Execution
public import Ledger
public import Primitives

/// The document, revision by revision. What a revision changes is stored with it, once; its index says for every object in which revision
/// its bytes lie. So a revision costs one write, however many objects it has, and every revision stays readable. Objects that lie in too many revisions
/// are written together again, and a whole document always is, so that reading never takes more than a few of them.
extension Infrastructure {
    static let revisions = StoredMap(
        1, "revisions", "Each revision: what it is, its index, and what it changed.", KeyPair<ApplicationName, UInt64>.self, StoredRevision.self)
    static let revisionParts = StoredMap(
        2, "revision_parts", "What a revision changed and one value cannot hold.", KeyPair<ApplicationName, KeyPair<UInt64, UInt8>>.self,
        BoundedBytes<61_440>.self)

    public enum ReasonBound: TextBound { public static var bytesMax: Int { 256 } }
    public typealias Reason = BoundedText<ReasonBound>

    /// What a revision does to the one before.
    public enum Change: Hashable, Choice {
        /// The whole document.
        case full(Document)
        case delta(Delta)

        public static let cases: [Case<Change>] = [
            Case("full", "The whole document.", Change.full) { if case .full(let document) = $0 { document } else { nil } },
            Case("delta", "Some objects.", Change.delta) { if case .delta(let delta) = $0 { delta } else { nil } },
        ]

        var objects: [DocumentObject] {
            switch self {
            case .full(let document): document.objects
            case .delta(let delta): delta.objects.objects
            }
        }
    }

    /// Objects that are new or different, and keys that go; both ascend, and no key is in both.
    public struct Delta: Hashable, Record {
        public let objects: Document
        public let removed: Bounded<1_024, DocumentKey>

        public init?(objects: Document, removed: Bounded<1_024, DocumentKey> = Bounded()) {
            guard zip(removed, removed.dropFirst()).allSatisfy({ $0 < $1 }), removed.allSatisfy({ objects.object($0) == nil }) else { return nil }
            self.objects = objects
            self.removed = removed
        }

        public static let fields = Fields(
            Field("objects", "New or different, ascending.") { $0.objects }, Field("removed", "Keys of objects that go, ascending.") { $0.removed },
            make: { Delta(objects: $0, removed: $1) })
    }

    /// A revision of a document, as the audit trail has it.
    public struct Revision: Hashable, Record {
        public let number: UInt64
        public let author: Address
        public let height: Height
        public let time: Timestamp
        public let reason: Reason
        public let base: UInt64
        /// Of the whole document.
        public let digest: Digest
        public let added: UInt32
        public let changed: UInt32
        public let removed: UInt32
        public let objects: UInt32
        /// Of names and values.
        public let bytes: UInt32
        /// The draft that was adopted, if one was.
        public let draft: UInt64?

        public static let fields = Fields(
            Field("number", "From 1 on.") { $0.number }, Field("author", "Who changed the document.") { $0.author },
            Field("height", "In which block.") { $0.height }, Field("time", "Its time.") { $0.time }, Field("reason", "Why.") { $0.reason },
            Field("base", "The revision that it changed.") { $0.base }, Field("digest", "Of the whole document.") { $0.digest },
            Field("added", "Objects that are new.") { $0.added }, Field("changed", "Objects that are different.") { $0.changed },
            Field("removed", "Objects that went.") { $0.removed }, Field("objects", "Objects of the document.") { $0.objects },
            Field("bytes", "Bytes of their names and values.") { $0.bytes }, Field("draft", "The draft that was adopted, if one was.") { $0.draft },
            make: {
                Revision(
                    number: $0, author: $1, height: $2, time: $3, reason: $4, base: $5, digest: $6, added: $7, changed: $8, removed: $9,
                    objects: $10, bytes: $11, draft: $12)
            })
    }

    /// Where the bytes of an object lie.
    struct IndexEntry: Hashable, SchemaValue {
        let key: DocumentKey
        let digest: Digest
        let bytes: UInt32
        let revision: UInt64
        /// 0 for the revision's own value, or the number of a part.
        let part: UInt8

        func encode(into encoder: inout BCSEncoder) {
            encoder.encode(key.section)
            encoder.encode(key.name)
            encoder.encode(digest)
            encoder.encode(bytes)
            encoder.encode(revision)
            encoder.encode(part)
        }

        init(key: DocumentKey, digest: Digest, bytes: UInt32, revision: UInt64, part: UInt8) {
            self.key = key
            self.digest = digest
            self.bytes = bytes
            self.revision = revision
            self.part = part
        }

        init(from decoder: inout BCSDecoder) throws(BCSError) {
            key = DocumentKey(try decoder.decode(DocumentSection.self), try decoder.decode(DocumentKey.Name.self))
            digest = try decoder.decode(Digest.self)
            bytes = try decoder.decode(UInt32.self)
            revision = try decoder.decode(UInt64.self)
            part = try decoder.decode(UInt8.self)
        }

        static var schema: TypeSchema {
            .record(name: "IndexEntry", [
                FieldSchema(name: "section", documentation: "The part of the document.", type: DocumentSection.schema),
                FieldSchema(name: "name", documentation: "Unique in its section.", type: DocumentKey.Name.schema),
                FieldSchema(name: "digest", documentation: "Of the object.", type: Digest.schema),
                FieldSchema(name: "bytes", documentation: "Of name and value.", type: UInt32.schema),
                FieldSchema(name: "revision", documentation: "Where its bytes lie.", type: UInt64.schema),
                FieldSchema(name: "part", documentation: "In the revision's own value, 0, or in a part.", type: UInt8.schema),
            ])
        }
    }

    /// A revision with its index, ascending by key, and the encoding of the objects that it changed.
    struct StoredRevision: Hashable, Record {
        let revision: Revision
        let index: Bounded<1_024, IndexEntry>
        let objects: BoundedBytes<61_440>

        static let fields = Fields(
            Field("revision", "What it is.") { $0.revision }, Field("index", "Where each object of the document lies.") { $0.index },
            Field("objects", "The encoding of a list of the objects that it changed.") { $0.objects },
            make: { StoredRevision(revision: $0, index: $1, objects: $2) })
    }

    // ── Calls ──

    public static let importDocument = Method(
        "import", "Makes a new revision of the document and returns its number. For the holder of the permission of topology.",
        Argument("application", "Which.", ApplicationName.self),
        Argument("base", "The revision that is changed: the newest, or the call is refused; 0 for none.", UInt64.self),
        Argument("change", "The whole document, or some objects.", Change.self), Argument("reason", "Why; may be empty.", Reason.self)
    ) { context, name, base, change, reason throws(CallError) in
        let application = try permitted(.topology, name, context)
        return try apply(change, to: application, base: base, reason: reason, draft: nil, context)
    }

    static func apply(
        _ change: Change, to application: Application, base: UInt64, reason: Reason, draft: UInt64?, _ context: CallContext
    ) throws(CallError) -> UInt64 {
        try context.require(
            base == application.revision, InfrastructureRejection.baseStale, "the change is of revision \(base), the newest is \(application.revision)")
        let before = try base == 0 ? [] : stored(base, of: application.name, context).index.elements
        let objects = change.objects
        try checkObjects(objects, of: application, context)
        let digests = try digests(of: objects, context)
        let number = application.revision + 1
        var merge = RevisionMerge(before: before, change: change, digests: digests, number: number)
        try context.charge(GasSchedule.step * UInt64(before.count + objects.count))
        try context.require(merge.run(), InfrastructureRejection.removedUnknown)
        try context.require(merge.hasChanges, InfrastructureRejection.nothingChanged)
        try context.require(merge.index.count <= DocumentLimits.objectsMax, InfrastructureRejection.documentTooLarge, "\(merge.index.count) objects")
        let bytes = merge.index.reduce(0) { $0 + Int($1.bytes) }
        try context.require(bytes <= DocumentLimits.documentBytesMax, InfrastructureRejection.documentTooLarge, "\(bytes) bytes")
        if merge.isScattered { merge.gather(try load(merge.kept[...], of: application.name, context)) }

        let parts = try merge.pack(context)
        try context.charge(GasSchedule.hash + GasSchedule.hashPerBlock * UInt64(merge.index.count / 2 + 1))
        let digest = Document.digest(of: merge.index.map(\.digest))
        let revision = Revision(
            number: number, author: context.caller, height: context.block.height, time: context.block.time, reason: reason, base: base,
            digest: digest, added: merge.added, changed: merge.changed, removed: merge.removed, objects: UInt32(merge.index.count),
            bytes: UInt32(bytes), draft: draft)
        var application = application
        application.revision = number
        application.digest = digest
        if merge.touchesTopology {
            application.topologyRevision = number
            application.isMappingDirty = true
        }
        try context.write(
            revisions, KeyPair(application.name, number), StoredRevision(revision: revision, index: Bounded(merge.index)!, objects: parts[0]))
        for (place, part) in parts.enumerated().dropFirst() {
            try context.write(revisionParts, KeyPair(application.name, KeyPair(number, UInt8(place))), part)
        }
        try context.write(records, application.name, application)
        try context.emit(Imported(application: application.name, revision: revision))
        return number
    }

    /// What must hold of every object, whoever brings it.
    private static func checkObjects(_ objects: [DocumentObject], of application: Application, _ context: CallContext) throws(CallError) {
        for object in objects where object.section == .files {
            try context.charge(GasSchedule.codecPerByte * UInt64(object.encoded.count) + GasSchedule.step * UInt64(ContentIdentifier.textBytesMax))
            try context.require(
                object.value["cid"]?.asText.map { ContentIdentifier($0) != nil } ?? true, InfrastructureRejection.contentIdentifierInvalid,
                "file \(object.name)")
        }
        guard application.patterns > 0 else { return }
        for pattern in try context.read(patternLists, application.name) ?? Bounded() {
            for object in objects {
                try context.charge(pattern.gas(for: object))
                try context.require(
                    !pattern.applies(to: object), InfrastructureRejection.patternForbidden,
                    "\(object.section.name) \(object.name): \(pattern.reason)")
            }
        }
    }

    private static func digests(of objects: [DocumentObject], _ context: CallContext) throws(CallError) -> [Digest] {
        var digests: [Digest] = []
        digests.reserveCapacity(objects.count)
        for object in objects {
            try context.charge(GasSchedule.hash + GasSchedule.hashPerBlock * UInt64((object.encoded.count + object.name.utf8.count) / 64 + 1))
            digests.append(object.digest)
        }
        return digests
    }

    static func stored(_ number: UInt64, of name: ApplicationName, _ context: CallContext) throws(CallError) -> StoredRevision {
        guard let stored = try context.read(revisions, KeyPair(name, number)) else { throw context.rejection(InfrastructureRejection.revisionUnknown) }
        return stored
    }

    /// The objects of the entries, in their order. Each value that holds some is read once.
    static func load(_ entries: ArraySlice<IndexEntry>, of name: ApplicationName, _ context: CallContext) throws(CallError) -> [DocumentObject] {
        var held: [KeyPair<UInt64, UInt8>: Document] = [:]
        var objects: [DocumentObject] = []
        for entry in entries {
            let place = KeyPair(entry.revision, entry.part)
            if held[place] == nil {
                let bytes = entry.part == 0
                    ? try stored(entry.revision, of: name, context).objects.bytes
                    : try context.read(revisionParts, KeyPair(name, place))?.bytes ?? []
                try context.charge(GasSchedule.codecPerByte * UInt64(bytes.count))
                do { held[place] = try Document(bcs: bytes) } catch { throw context.failure(.stateMalformed, "\(error)") }
            }
            guard let object = held[place]?.object(entry.key) else { throw context.failure(.stateMalformed) }
            objects.append(object)
        }
        return objects
    }
}

/// The index of a revision, from that of the one before and a change.
struct RevisionMerge {
    let before: [Infrastructure.IndexEntry]
    let change: Infrastructure.Change
    let digests: [Digest]
    let number: UInt64
    private(set) var index: [Infrastructure.IndexEntry] = []
    /// What is stored with this revision, ascending by place.
    private var fresh: [Fresh] = []
    private(set) var added: UInt32 = 0
    private(set) var changed: UInt32 = 0
    private(set) var removed: UInt32 = 0
    private(set) var touchesTopology = false

    private struct Fresh {
        /// Of its entry in `index`.
        let place: Int
        let object: DocumentObject
    }

    init(before: [Infrastructure.IndexEntry], change: Infrastructure.Change, digests: [Digest], number: UInt64) {
        self.before = before
        self.change = change
        self.digests = digests
        self.number = number
    }

    var hasChanges: Bool { added + changed + removed > 0 }

    /// False when a key that should go is not there.
    mutating func run() -> Bool {
        let objects = change.objects
        var removing: ArraySlice<DocumentKey> = [], isFull = true
        if case .delta(let delta) = change {
            removing = delta.removed.elements[...]
            isFull = false
        }
        index.reserveCapacity(before.count + objects.count)
        var old = 0, new = 0
        while old < before.count || new < objects.count {
            let isOld = old < before.count && (new == objects.count || before[old].key <= objects[new].key)
            let isNew = new < objects.count && (old == before.count || objects[new].key <= before[old].key)
            if isNew {
                let isSame = isOld && before[old].digest == digests[new]
                if !isSame {
                    if isOld { changed += 1 } else { added += 1 }
                    note(objects[new].key)
                }
                if isSame, !isFull {
                    index.append(before[old])
                } else {
                    fresh.append(Fresh(place: index.count, object: objects[new]))
                    let bytes = UInt32(objects[new].encoded.count + objects[new].name.utf8.count)
                    index.append(.init(key: objects[new].key, digest: digests[new], bytes: bytes, revision: number, part: 0))
                }
                new += 1
            } else {
                let goes = removing.first == before[old].key
                if goes { removing.removeFirst() }
                if goes || isFull {
                    removed += 1
                    note(before[old].key)
                } else {
                    index.append(before[old])
                }
            }
            if isOld { old += 1 }
        }
        return removing.isEmpty
    }

    private mutating func note(_ key: DocumentKey) {
        if DocumentTopology.sections.contains(key.section) { touchesTopology = true }
    }

    // ── What lies elsewhere ──

    /// Entries whose bytes lie in earlier revisions, ascending by key.
    var kept: [Infrastructure.IndexEntry] { index.filter { $0.revision != number } }

    /// Whether they lie in more revisions than a reader should have to look at.
    var isScattered: Bool { Set(kept.map(\.revision)).count > Infrastructure.scatterMax }

    /// Takes the objects of ``kept``, in their order, to be stored with this revision.
    mutating func gather(_ objects: [DocumentObject]) {
        var own = fresh[...], other = objects[...]
        fresh = index.indices.map { place in
            own.first?.place == place ? own.removeFirst() : Fresh(place: place, object: other.removeFirst())
        }
    }

    /// The encodings of what is new, the first to stand beside the index.
    mutating func pack(_ context: CallContext) throws(CallError) -> [BoundedBytes<61_440>] {
        let indexBytes = index.reduce(16) { $0 + 48 + $1.key.name.text.utf8.count }
        var room = Infrastructure.valueBytes - indexBytes
        try context.require(room > 0, InfrastructureRejection.documentTooLarge, "the index takes \(indexBytes) bytes")
        var parts: [[DocumentObject]] = [[]]
        for one in fresh {
            let size = one.object.encoded.count + one.object.name.utf8.count + 8
            if size > room {
                parts.append([])
                room = Infrastructure.valueBytes
            }
            room -= size
            parts[parts.count - 1].append(one.object)
            let entry = index[one.place]
            index[one.place] = .init(key: entry.key, digest: entry.digest, bytes: entry.bytes, revision: number, part: UInt8(parts.count - 1))
        }
        return parts.map { part in
            var encoder = BCSEncoder(reserving: 4_096)
            encoder.encode(part)
            guard let bytes = BoundedBytes<61_440>(encoder.bytes) else { preconditionFailure("a part above its limit") }
            return bytes
        }
    }
}

extension Infrastructure {
    /// Bytes of names and values in one stored value, with room for what stands around them.
    static let valueBytes = 60_000
    /// Earlier revisions in which the objects of one may lie.
    static let scatterMax = 32
}

extension ForbiddenPattern {
    /// A walk through the object, and for a text with stars in it one over the text for each byte of the pattern.
    func gas(for object: DocumentObject) -> UInt64 {
        let width: Int = if case .matches(let glob) = test { 1 + glob.text.utf8.count } else { 4 }
        return GasSchedule.step * 4 + UInt64(object.encoded.count * width + object.name.utf8.count * name.text.utf8.count)
    }
}
