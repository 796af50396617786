import Cryptography
public import Execution
public import Ledger
public import Primitives

/// Changes that wait for those who may make them: anyone writes one down, and a vote or a group adopts it by its digest, so that what they
/// decide about is small and cannot change under their hands. A draft that was discarded meanwhile is written down again by anyone, word by word, and is
/// the one that was decided about.
extension Infrastructure {
    static let draftRecords = StoredMap(
        3, "drafts", "Changes that wait to be adopted.", KeyPair<ApplicationName, UInt64>.self, Draft.self)
    static let draftParts = StoredMap(
        4, "draft_parts", "Their content, in parts.", KeyPair<ApplicationName, KeyPair<UInt64, UInt8>>.self, BoundedBytes<61_440>.self)
    static let draftNumbers = StoredMap(
        20, "draft_numbers", "Their numbers by digest.", KeyPair<ApplicationName, Digest>.self, UInt64.self)

    /// A change that waits to be adopted.
    public struct Draft: Hashable, Record {
        public let number: UInt64
        public let author: Address
        public let height: Height
        public let base: UInt64
        public let reason: Reason
        /// SHA-256 of the encodings of base, change and reason, see ``digest(base:change:reason:)``.
        public let digest: Digest
        public let bytes: UInt32

        public static let fields = Fields(
            Field("number", "From 0 on.") { $0.number }, Field("author", "Who wrote it.") { $0.author }, Field("height", "When.") { $0.height },
            Field("base", "The revision that it changes.") { $0.base }, Field("reason", "Why.") { $0.reason },
            Field("digest", "SHA-256 of the encodings of base, change and reason.") { $0.digest }, Field("bytes", "Of the change.") { $0.bytes },
            make: { Draft(number: $0, author: $1, height: $2, base: $3, reason: $4, digest: $5, bytes: $6) })

        /// What adopting it does, whoever wrote it down.
        public static func digest(base: UInt64, change: Change, reason: Reason) -> Digest { digest(base: base, change: change.bcs, reason: reason) }

        static func digest(base: UInt64, change: [UInt8], reason: Reason) -> Digest { SHA256.hash(base.bcs + change + reason.bcs) }
    }

    public static let draft = Method(
        "draft", "Writes a change down for those who may make it, and returns its number. For anyone; adopt makes it a revision.",
        Argument("application", "Which.", ApplicationName.self), Argument("base", "The revision that it changes.", UInt64.self),
        Argument("change", "The whole document, or some objects.", Change.self), Argument("reason", "Why; may be empty.", Reason.self)
    ) { context, name, base, change, reason throws(CallError) in
        var application = try found(name, context)
        try context.require(base == application.revision, InfrastructureRejection.baseStale)
        try context.require(application.drafts < draftsMax, InfrastructureRejection.draftsOverLimit)
        let own = try context.entries(draftRecords, first: name, limit: Int(draftsMax)).count { $0.value.author == context.caller }
        try context.require(own < draftsOfAuthorMax, InfrastructureRejection.draftsOverLimit)
        let bytes = change.bcs
        try context.charge(GasSchedule.codecPerByte * UInt64(bytes.count) + GasSchedule.hash + GasSchedule.hashPerBlock * UInt64(bytes.count / 64 + 1))
        let number = application.nextDraft, digest = Draft.digest(base: base, change: bytes, reason: reason)
        try context.require(!(try context.contains(draftNumbers, KeyPair(name, digest))), InfrastructureRejection.nothingChanged)
        let draft = Draft(
            number: number, author: context.caller, height: context.block.height, base: base, reason: reason, digest: digest, bytes: UInt32(bytes.count))
        for (place, part) in chunks(bytes).enumerated() {
            try context.write(draftParts, KeyPair(name, KeyPair(number, UInt8(place))), part)
        }
        try context.write(draftRecords, KeyPair(name, number), draft)
        try context.write(draftNumbers, KeyPair(name, digest), number)
        application.nextDraft += 1
        application.drafts += 1
        try context.write(records, name, application)
        try context.emit(Drafted(application: name, draft: draft))
        return number
    }

    public static let adopt = Method(
        "adopt", "Makes a draft a revision and returns the revision's number. For the holder of the permission of topology: an account, a group's proposal, or a vote's.",
        Argument("application", "Which.", ApplicationName.self), Argument("digest", "Of the draft: what it says, and not who wrote it down.", Digest.self)
    ) { context, name, digest throws(CallError) in
        var application = try permitted(.topology, name, context)
        guard let number = try context.read(draftNumbers, KeyPair(name, digest)) else { throw context.rejection(InfrastructureRejection.draftUnknown) }
        let draft = try waiting(number, of: name, context)
        var bytes: [UInt8] = []
        for place in 0..<partCount(Int(draft.bytes)) {
            guard let part = try context.read(draftParts, KeyPair(name, KeyPair(number, UInt8(place)))) else { throw context.failure(.stateMalformed) }
            bytes += part.bytes
        }
        try context.charge(GasSchedule.codecPerByte * UInt64(bytes.count))
        let change: Change
        do { change = try Change(bcs: bytes) } catch { throw context.failure(.stateMalformed, "\(error)") }
        try erase(draft, of: name, context)
        application.drafts -= 1
        return try apply(change, to: application, base: draft.base, reason: draft.reason, draft: number, context)
    }

    public static let discard = Method(
        "discard", "Forgets a draft. For its author, the owner, and the holder of the permission of topology; for anyone when the document has moved on.",
        Argument("application", "Which.", ApplicationName.self), Argument("draft", "Its number.", UInt64.self)
    ) { context, name, number throws(CallError) in
        var application = try found(name, context)
        let draft = try waiting(number, of: name, context)
        let may = [draft.author, application.owner.current.holder, application.permission(of: .topology).holder]
        try context.require(may.contains(context.caller) || draft.base != application.revision, InfrastructureRejection.notYours)
        try erase(draft, of: name, context)
        application.drafts -= 1
        try context.write(records, name, application)
        try context.emit(Discarded(application: name, draft: number))
        return Nothing()
    }

    private static func waiting(_ number: UInt64, of name: ApplicationName, _ context: CallContext) throws(CallError) -> Draft {
        guard let draft = try context.read(draftRecords, KeyPair(name, number)) else { throw context.rejection(InfrastructureRejection.draftUnknown) }
        return draft
    }

    private static func erase(_ draft: Draft, of name: ApplicationName, _ context: CallContext) throws(CallError) {
        try context.remove(draftRecords, KeyPair(name, draft.number))
        try context.remove(draftNumbers, KeyPair(name, draft.digest))
        for place in 0..<partCount(Int(draft.bytes)) { try context.remove(draftParts, KeyPair(name, KeyPair(draft.number, UInt8(place)))) }
    }

    static func partCount(_ bytes: Int) -> Int { (bytes + partBytes - 1) / partBytes }

    /// Pieces of ``partBytes`` each but the last.
    static func chunks(_ bytes: [UInt8]) -> [BoundedBytes<61_440>] {
        stride(from: 0, to: bytes.count, by: partBytes).map { BoundedBytes(Array(bytes[$0..<min($0 + partBytes, bytes.count)]))! }
    }
}
