public import Execution
public import Ledger
public import Primitives

/// Blacklists, reputation, and what no document may say.
extension Infrastructure {
    static let banRecords = StoredMap(
        15, "bans", "What is on the blacklist, by kind and subject.", KeyPair<ApplicationName, KeyPair<UInt8, Digest>>.self, Ban.self)
    static let ratings = StoredMap(
        16, "ratings", "The reputation of accounts that were rated.", KeyPair<ApplicationName, Address>.self, Rating.self)
    static let patternLists = StoredMap(
        17, "patterns", "What no object may be.", ApplicationName.self, Bounded<32, ForbiddenPattern>.self)

    /// The highest reputation; who was never rated has half of it.
    public static let reputationMost: UInt32 = 1_000_000
    /// Nodes on the blacklist of one application: as many as an assignment can leave out.
    public static let nodeBansMax: UInt32 = 1_024

    /// An operator's nodes in one copy of a group. Slots get other numbers when the document changes, and operators when they come back; this
    /// stays what it is.
    public struct Seat: Hashable, Record {
        public let group: DocumentKey.Name
        /// From 1.
        public let copy: UInt32
        public let account: Address

        public init(group: DocumentKey.Name, copy: UInt32, account: Address) {
            self.group = group
            self.copy = copy
            self.account = account
        }

        public static let fields = Fields(
            Field("group", "The template of the shard, or of the nodes.") { $0.group }, Field("copy", "Which copy of it, from 1.") { $0.copy },
            Field("account", "The operator's.") { $0.account }, make: { Seat(group: $0, copy: $1, account: $2) })
    }

    /// Who or what is kept out.
    public enum Subject: Hashable, Choice {
        case `operator`(Address)
        /// What an operator runs in a group: it stays out of the group, and its reports from there are refused.
        case node(Seat)
        /// The SHA-256 of a certificate that may be in wrong hands: whoever shows it gets no node.
        case credential(Digest)

        public static let cases: [Case<Subject>] = [
            Case("operator", "An account.", Subject.operator) { if case .operator(let account) = $0 { account } else { nil } },
            Case("node", "What an operator runs in a group.", Subject.node) { if case .node(let seat) = $0 { seat } else { nil } },
            Case("credential", "The SHA-256 of a certificate.", Subject.credential) { if case .credential(let digest) = $0 { digest } else { nil } },
        ]

        func key(_ context: CallContext) throws(CallError) -> KeyPair<UInt8, Digest> {
            switch self {
            case .operator(let account): KeyPair(0, Digest(account.bytes + Array(repeating: 0, count: Digest.byteCount - Address.byteCount))!)
            case .node(let seat): KeyPair(1, try context.sha256(seat.bcs))
            case .credential(let digest): KeyPair(2, digest)
            }
        }
    }

    /// An entry of the blacklist.
    public struct Ban: Hashable, Record {
        public let subject: Subject
        public let author: Address
        public let height: Height
        public let reason: Reason

        public static let fields = Fields(
            Field("subject", "Who or what.") { $0.subject }, Field("author", "Who said so.") { $0.author }, Field("height", "When.") { $0.height },
            Field("reason", "Why.") { $0.reason }, make: { Ban(subject: $0, author: $1, height: $2, reason: $3) })
    }

    /// A reputation that somebody gave, and what for.
    public struct Rating: Hashable, Record {
        public let score: UInt32
        public let evidence: Digest
        public let author: Address
        public let height: Height

        public static let fields = Fields(
            Field("score", "From 0 to 1,000,000.") { $0.score }, Field("evidence", "The hash of what it rests on.") { $0.evidence },
            Field("author", "Who gave it.") { $0.author }, Field("height", "When.") { $0.height },
            make: { Rating(score: $0, evidence: $1, author: $2, height: $3) })
    }

    // ── Calls ──

    public static let ban = Method(
        "ban", "Puts somebody or something on the blacklist. For the holder of the permission of security.",
        Argument("application", "Of which.", ApplicationName.self), Argument("subject", "Who or what.", Subject.self), Argument("reason", "Why.", Reason.self)
    ) { context, name, subject, reason throws(CallError) in
        var application = try permitted(.security, name, context)
        let key = KeyPair(name, try subject.key(context)), ban = Ban(subject: subject, author: context.caller, height: context.block.height, reason: reason)
        if case .node = subject, !(try context.contains(banRecords, key)) {
            try context.require(application.nodeBans < nodeBansMax, InfrastructureRejection.bansOverLimit)
            application.nodeBans += 1
        }
        try context.write(banRecords, key, ban)
        try judge(subject, name, context)
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.emit(Banned(application: name, ban: ban))
        return Nothing()
    }

    public static let unban = Method(
        "unban", "Takes somebody or something off the blacklist. For the holder of the permission of security.",
        Argument("application", "Of which.", ApplicationName.self), Argument("subject", "Who or what.", Subject.self), Argument("reason", "Why.", Reason.self)
    ) { context, name, subject, reason throws(CallError) in
        var application = try permitted(.security, name, context)
        let key = KeyPair(name, try subject.key(context))
        try context.require(try context.contains(banRecords, key), InfrastructureRejection.notBanned)
        try context.remove(banRecords, key)
        if case .node = subject { application.nodeBans -= 1 }
        try judge(subject, name, context)
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.emit(Unbanned(application: name, subject: subject, reason: reason))
        return Nothing()
    }

    public static let rate = Method(
        "rate", "Gives an account a reputation in this application. For the holder of the permission of security.",
        Argument("application", "Of which.", ApplicationName.self), Argument("account", "Whose.", Address.self),
        Argument("score", "From 0 to 1,000,000.", UInt32.self), Argument("evidence", "The hash of what it rests on.", Digest.self)
    ) { context, name, account, score, evidence throws(CallError) in
        var application = try permitted(.security, name, context)
        try context.require(score <= reputationMost, InfrastructureRejection.settingsInvalid)
        let rating = Rating(score: score, evidence: evidence, author: context.caller, height: context.block.height)
        try context.write(ratings, KeyPair(name, account), rating)
        if let number = try context.read(operatorNumbers, KeyPair(name, account)) {
            var record = try record(number, name, context)
            record.reputation = score
            try context.write(operatorRecords, KeyPair(name, number), record)
            application.isMappingDirty = true
            try context.write(records, name, application)
        }
        try context.emit(Rated(application: name, account: account, rating: rating))
        return Nothing()
    }

    public static let forbid = Method(
        "forbid", "Adds a pattern that no object may have from now on, whoever wants it. For the holder of the permission of security.",
        Argument("application", "Of which.", ApplicationName.self), Argument("pattern", "Which.", ForbiddenPattern.self)
    ) { context, name, pattern throws(CallError) in
        var application = try permitted(.security, name, context)
        var list = try context.read(patternLists, name)?.elements ?? []
        try context.require(list.count < patternsMax, InfrastructureRejection.patternsOverLimit)
        try context.require(!pattern.name.text.isEmpty && pattern.path.allSatisfy { !$0.text.isEmpty }, InfrastructureRejection.patternInvalid)
        list.append(pattern)
        try write(list, &application, context)
        try context.emit(PatternChanged(application: name, pattern: pattern, isForbidden: true))
        return Nothing()
    }

    public static let allow = Method(
        "allow", "Takes a pattern back that is not permanent. For the holder of the permission of security.",
        Argument("application", "Of which.", ApplicationName.self), Argument("pattern", "Its place in the list, from 0.", UInt8.self)
    ) { context, name, place throws(CallError) in
        var application = try permitted(.security, name, context)
        var list = try context.read(patternLists, name)?.elements ?? []
        try context.require(Int(place) < list.count, InfrastructureRejection.patternUnknown)
        let pattern = list.remove(at: Int(place))
        try context.require(!pattern.isPermanent, InfrastructureRejection.patternPermanent)
        try write(list, &application, context)
        try context.emit(PatternChanged(application: name, pattern: pattern, isForbidden: false))
        return Nothing()
    }

    // ── Rules ──

    private static func write(_ list: [ForbiddenPattern], _ application: inout Application, _ context: CallContext) throws(CallError) {
        try context.write(patternLists, application.name, Bounded(list)!)
        application.patterns = UInt8(list.count)
        try context.write(records, application.name, application)
    }

    static func isBanned(_ subject: Subject, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Bool {
        try context.contains(banRecords, KeyPair(name, try subject.key(context)))
    }

    /// Whether an operator gets no node at all: it is on the blacklist itself, or what its machines show is.
    static func isBarred(_ account: Address, _ credential: Digest?, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Bool {
        if try isBanned(.operator(account), name, context) { return true }
        guard let credential else { return false }
        return try isBanned(.credential(credential), name, context)
    }

    static func reputation(of account: Address, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> UInt32 {
        try context.read(ratings, KeyPair(name, account))?.score ?? reputationMost / 2
    }

    static func record(_ number: UInt32, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Operator {
        guard let record = try context.read(operatorRecords, KeyPair(name, number)) else { throw context.failure(.stateMalformed) }
        return record
    }

    /// Has the operator that a ban is about, if there is one, know what the blacklist says now.
    private static func judge(_ subject: Subject, _ name: ApplicationName, _ context: CallContext) throws(CallError) {
        let number: UInt32? = switch subject {
        case .operator(let account): try context.read(operatorNumbers, KeyPair(name, account))
        case .credential(let digest): try context.read(credentials, KeyPair(name, digest))
        case .node: nil
        }
        guard let number else { return }
        var record = try record(number, name, context)
        record.isBarred = try isBarred(record.account, record.credential, name, context)
        try context.write(operatorRecords, KeyPair(name, number), record)
        try context.emit(OperatorChanged(application: name, operator: record))
    }
}
