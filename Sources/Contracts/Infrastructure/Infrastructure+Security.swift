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

    /// Who or what is kept out.
    public enum Subject: Hashable, Choice {
        case `operator`(Address)
        /// What runs at a slot: its operator stays out of the slot's group, and its reports are refused.
        case node(UInt32)
        /// The SHA-256 of a certificate that may be in wrong hands: whoever shows it gets no node.
        case credential(Digest)

        public static let cases: [Case<Subject>] = [
            Case("operator", "An account.", Subject.operator) { if case .operator(let account) = $0 { account } else { nil } },
            Case("node", "What runs at a slot.", Subject.node) { if case .node(let slot) = $0 { slot } else { nil } },
            Case("credential", "The SHA-256 of a certificate.", Subject.credential) { if case .credential(let digest) = $0 { digest } else { nil } },
        ]

        var key: KeyPair<UInt8, Digest> {
            func filled(_ bytes: [UInt8]) -> Digest { Digest(bytes + Array(repeating: 0, count: Digest.byteCount - bytes.count))! }
            switch self {
            case .operator(let account): return KeyPair(0, filled(account.bytes))
            case .node(let slot):
                var bytes: [UInt8] = []
                slot.append(to: &bytes)
                return KeyPair(1, filled(bytes))
            case .credential(let digest): return KeyPair(2, digest)
            }
        }
    }

    /// An entry of the blacklist.
    public struct Ban: Hashable, Record {
        public let subject: Subject
        public let author: Address
        public let height: Height
        public let reason: Reason
        /// Of a node: who ran it, and in which copy of which group.
        public let operatorNumber: UInt32
        public let group: DocumentKey.Name
        public let copy: UInt32

        public static let fields = Fields(
            Field("subject", "Who or what.") { $0.subject }, Field("author", "Who said so.") { $0.author }, Field("height", "When.") { $0.height },
            Field("reason", "Why.") { $0.reason }, Field("operatorNumber", "Of a node, who ran it; otherwise 0.") { $0.operatorNumber },
            Field("group", "Of a node, its group; otherwise empty.") { $0.group }, Field("copy", "Of a node, the copy of the group; otherwise 0.") { $0.copy },
            make: { Ban(subject: $0, author: $1, height: $2, reason: $3, operatorNumber: $4, group: $5, copy: $6) })
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
        var number: UInt32 = 0, group: DocumentKey.Name = "", copy: UInt32 = 0
        switch subject {
        case .operator(let account): try mark(try context.read(operatorNumbers, KeyPair(name, account)), isBarred: true, name, context)
        case .credential(let digest): try mark(try context.read(credentials, KeyPair(name, digest)), isBarred: true, name, context)
        case .node(let slot):
            number = try assigned(slot, name, context)
            let runs = try newestOutcome(of: application, context).topology.runs
            try context.charge(GasSchedule.step * UInt64(runs.count))
            guard let run = runs.last(where: { $0.firstSlot <= Int(slot) }) else { throw context.rejection(InfrastructureRejection.slotUnknown) }
            group = run.group.name
            copy = UInt32(run.copy)
        }
        let ban = Ban(
            subject: subject, author: context.caller, height: context.block.height, reason: reason, operatorNumber: number, group: group, copy: copy)
        try context.write(banRecords, KeyPair(name, subject.key), ban)
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
        let key = KeyPair(name, subject.key)
        try context.require(try context.contains(banRecords, key), InfrastructureRejection.notBanned)
        try context.remove(banRecords, key)
        switch subject {
        case .operator(let account): try mark(try context.read(operatorNumbers, KeyPair(name, account)), isBarred: nil, name, context)
        case .credential(let digest): try mark(try context.read(credentials, KeyPair(name, digest)), isBarred: nil, name, context)
        case .node: break
        }
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

    /// Whether the subject is on the blacklist; a node only when it is still this operator's.
    static func isBanned(_ subject: Subject, _ name: ApplicationName, _ context: CallContext, number: UInt32? = nil) throws(CallError) -> Bool {
        guard let ban = try context.read(banRecords, KeyPair(name, subject.key)) else { return false }
        return number == nil || ban.operatorNumber == number
    }

    static func reputation(of account: Address, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> UInt32 {
        try context.read(ratings, KeyPair(name, account))?.score ?? reputationMost / 2
    }

    static func record(_ number: UInt32, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Operator {
        guard let record = try context.read(operatorRecords, KeyPair(name, number)) else { throw context.failure(.stateMalformed) }
        return record
    }

    /// Bars an operator, or, with nil, as far as the blacklist still says.
    private static func mark(_ number: UInt32?, isBarred: Bool?, _ name: ApplicationName, _ context: CallContext) throws(CallError) {
        guard let number else { return }
        var record = try record(number, name, context)
        if let isBarred {
            record.isBarred = isBarred
        } else {
            var stays = try isBanned(.operator(record.account), name, context)
            if !stays, let credential = record.credential { stays = try isBanned(.credential(credential), name, context) }
            record.isBarred = stays
        }
        try context.write(operatorRecords, KeyPair(name, number), record)
        try context.emit(OperatorChanged(application: name, operator: record))
    }
}
