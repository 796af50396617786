public import Execution
public import Ledger
public import Primitives

/// Who runs nodes: accounts that joined by themselves with a stake that this contract holds for them.
extension Infrastructure {
    static let operatorRecords = StoredMap(
        5, "operators", "Operators by number.", KeyPair<ApplicationName, UInt32>.self, Operator.self)
    static let operatorNumbers = StoredMap(
        6, "operator_numbers", "Their numbers by account.", KeyPair<ApplicationName, Address>.self, UInt32.self)
    static let operatorNames = StoredMap(
        7, "operator_names", "Their numbers by name.", KeyPair<ApplicationName, OperatorName>.self, UInt32.self)
    static let credentials = StoredMap(
        8, "credentials", "Their numbers by credential.", KeyPair<ApplicationName, Digest>.self, UInt32.self)
    static let leaving = StoredMap(
        9, "leaving", "Stakes of those who have left.", KeyPair<ApplicationName, Address>.self, Leaving.self)
    static let held = StoredValue(19, "held", "What the contract owes.", Books.self)

    public enum OperatorNameBound: TextBound { public static var bytesMax: Int { 64 } }
    public typealias OperatorName = BoundedText<OperatorNameBound>

    /// Where an operator's machines are; it answers for that.
    public struct Place: Hashable, Record {
        public let continent: Continent
        public let region: RegionName
        /// Whose cloud; none for machines of its own.
        public let provider: ProviderName?

        public init(continent: Continent, region: RegionName, provider: ProviderName? = nil) {
            self.continent = continent
            self.region = region
            self.provider = provider
        }

        var isValid: Bool { TextRule.isToken(region.text) && provider.map { TextRule.isToken($0.text) } ?? true }

        public static let fields = Fields(
            Field("continent", "Which continent.") { $0.continent }, Field("region", "Where on it; a token.") { $0.region },
            Field("provider", "Whose cloud; none for machines of its own.") { $0.provider },
            make: { Place(continent: $0, region: $1, provider: $2) })
    }

    /// An operator of an application.
    public struct Operator: Hashable, Record {
        public let number: UInt32
        public let account: Address
        public let name: OperatorName
        public let joined: Height
        public internal(set) var stake: Amount
        public internal(set) var place: Place
        /// The SHA-256 of the certificate that its machines show, if it says so.
        public internal(set) var credential: Digest?
        public internal(set) var reputation: UInt32
        public internal(set) var isBarred: Bool
        /// Blocks that it waits for its stake when it leaves, at most: the epoch when it joined. A longer one binds those who join later.
        public let exitBlocks: UInt64

        public static let fields = Fields(
            Field("number", "From 1 on, never used again.") { $0.number }, Field("account", "Who it is.") { $0.account },
            Field("name", "Unique in the application.") { $0.name }, Field("joined", "Since when.") { $0.joined },
            Field("stake", "Base units that the contract holds for it.") { $0.stake }, Field("place", "Where its machines are.") { $0.place },
            Field("credential", "The SHA-256 of the certificate that its machines show.") { $0.credential },
            Field("reputation", "From 0 to 1,000,000.") { $0.reputation }, Field("isBarred", "Whether it is on the blacklist.") { $0.isBarred },
            Field("exitBlocks", "Blocks that it waits for its stake when it leaves, at most.") { $0.exitBlocks },
            make: {
                Operator(
                    number: $0, account: $1, name: $2, joined: $3, stake: $4, place: $5, credential: $6, reputation: $7, isBarred: $8, exitBlocks: $9)
            })
    }

    /// The stake of somebody who has left.
    public struct Leaving: Hashable, Record {
        public let stake: Amount
        /// From when on it can be taken.
        public let due: Height

        public static let fields = Fields(
            Field("stake", "Base units.") { $0.stake }, Field("due", "The block from which on it can be taken.") { $0.due },
            make: { Leaving(stake: $0, due: $1) })
    }

    /// What the contract owes: its balance is the sum, and what people sent it for nothing.
    public struct Books: Hashable, Record {
        public var stakes = Amount.zero
        public var leaving = Amount.zero

        public static let fields = Fields(
            Field("stakes", "Of operators.") { $0.stakes }, Field("leaving", "Of those who have left.") { $0.leaving },
            make: { Books(stakes: $0, leaving: $1) })
    }

    // ── Calls ──

    public static let join = Method(
        "join", "Makes the caller an operator and returns its number. The attached value is its stake.", takesValue: true,
        Argument("application", "Of which.", ApplicationName.self), Argument("name", "Its name there: a token.", OperatorName.self),
        Argument("place", "Where its machines are.", Place.self), Argument("credential", "The SHA-256 of their certificate, if any.", Digest?.self)
    ) { context, name, operatorName, place, credential throws(CallError) in
        var application = try found(name, context)
        let account = context.caller
        try context.charge(GasSchedule.step * 128)
        try context.require(TextRule.isToken(operatorName.text) && place.isValid, InfrastructureRejection.operatorInvalid)
        try context.require(!(try context.contains(operatorNumbers, KeyPair(name, account))), InfrastructureRejection.operatorKnown)
        try context.require(
            context.value >= application.settings.stakeThreshold, InfrastructureRejection.stakeTooLow,
            "\(context.value) is attached, \(application.settings.stakeThreshold) is needed")
        try context.require(application.operators < application.settings.operatorsMax, InfrastructureRejection.operatorsOverLimit)
        let reputation = try reputation(of: account, name, context)
        try context.require(reputation >= application.settings.reputationMin, InfrastructureRejection.reputationTooLow)
        try context.require(!(try isBanned(.operator(account), name, context)), InfrastructureRejection.banned)
        try context.require(!(try context.contains(operatorNames, KeyPair(name, operatorName))), InfrastructureRejection.operatorNameTaken)
        try take(credential, for: application.nextOperator, name, context)

        let number = application.nextOperator
        let record = Operator(
            number: number, account: account, name: operatorName, joined: context.block.height, stake: context.value, place: place,
            credential: credential, reputation: reputation, isBarred: false, exitBlocks: application.settings.epochBlocks)
        try context.write(operatorRecords, KeyPair(name, number), record)
        try context.write(operatorNumbers, KeyPair(name, account), number)
        try context.write(operatorNames, KeyPair(name, operatorName), number)
        application.nextOperator += 1
        application.operators += 1
        application.isMappingDirty = true
        try context.write(records, name, application)
        try enter(context) { $0.stakes = $0.stakes.adding(context.value) }
        try context.emit(OperatorJoined(application: name, operator: record))
        return number
    }

    public static let addStake = Method(
        "add_stake", "Adds the attached value to the caller's stake.", takesValue: true, Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        var record = try own(name, context)
        try context.require(context.value > .zero, InfrastructureRejection.stakeTooLow)
        guard let stake = record.stake.adding(context.value) else { throw context.failure(.supplyOverflow) }
        record.stake = stake
        try enter(context) { $0.stakes = $0.stakes.adding(context.value) }
        try rewrite(record, name, context)
        return Nothing()
    }

    public static let updateOperator = Method(
        "update_operator", "Changes where the caller's machines are, and what they show.",
        Argument("application", "Of which.", ApplicationName.self), Argument("place", "Where they are.", Place.self),
        Argument("credential", "The SHA-256 of their certificate, if any.", Digest?.self)
    ) { context, name, place, credential throws(CallError) in
        var record = try own(name, context)
        try context.charge(GasSchedule.step * 128)
        try context.require(place.isValid, InfrastructureRejection.operatorInvalid)
        try context.require(place != record.place || credential != record.credential, InfrastructureRejection.nothingChanged)
        if credential != record.credential {
            if let old = record.credential { try context.remove(credentials, KeyPair(name, old)) }
            try take(credential, for: record.number, name, context)
        }
        record.place = place
        record.credential = credential
        record.isBarred = try isBarred(record.account, credential, name, context)
        try rewrite(record, name, context)
        return Nothing()
    }

    public static let leave = Method(
        "leave", "The caller is no operator any more. Its stake can be withdrawn after an epoch: that of now or that of when it joined, the shorter.",
        Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        try remove(try own(name, context), name, reason: nil, context)
        return Nothing()
    }

    public static let removeOperator = Method(
        "remove_operator", "Removes an operator; its stake stays its own. For the holder of the permission of names.",
        Argument("application", "Of which.", ApplicationName.self), Argument("account", "Whom.", Address.self), Argument("reason", "Why.", Reason.self)
    ) { context, name, account, reason throws(CallError) in
        _ = try permitted(.names, name, context)
        try remove(try found(account, name, context), name, reason: reason, context)
        return Nothing()
    }

    public static let withdraw = Method(
        "withdraw", "Pays the caller the stake with which it left.", Argument("application", "Which it left.", ApplicationName.self)
    ) { context, name throws(CallError) in
        let key = KeyPair(name, context.caller)
        guard let waiting = try context.read(leaving, key) else { throw context.rejection(InfrastructureRejection.nothingToWithdraw) }
        try context.require(context.block.height >= waiting.due, InfrastructureRejection.withdrawalTooEarly, "it can be taken from block \(waiting.due) on")
        try context.remove(leaving, key)
        try enter(context) { $0.leaving = $0.leaving.subtracting(waiting.stake) }
        try context.transfer(waiting.stake, to: context.caller)
        try context.emit(StakeWithdrawn(application: name, account: context.caller, stake: waiting.stake))
        return waiting.stake
    }

    // ── Rules ──

    static func found(_ account: Address, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Operator {
        guard let number = try context.read(operatorNumbers, KeyPair(name, account)) else {
            throw context.rejection(InfrastructureRejection.operatorUnknown)
        }
        guard let record = try context.read(operatorRecords, KeyPair(name, number)) else { throw context.failure(.stateMalformed) }
        return record
    }

    private static func own(_ name: ApplicationName, _ context: CallContext) throws(CallError) -> Operator {
        try found(context.caller, name, context)
    }

    /// A credential belongs to one operator.
    private static func take(_ credential: Digest?, for number: UInt32, _ name: ApplicationName, _ context: CallContext) throws(CallError) {
        guard let credential else { return }
        try context.require(!(try isBanned(.credential(credential), name, context)), InfrastructureRejection.banned)
        try context.require(!(try context.contains(credentials, KeyPair(name, credential))), InfrastructureRejection.credentialTaken)
        try context.write(credentials, KeyPair(name, credential), number)
    }

    /// Writes an operator that has changed in what the mapper sees.
    static func rewrite(_ record: Operator, _ name: ApplicationName, _ context: CallContext) throws(CallError) {
        var application = try found(name, context)
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.write(operatorRecords, KeyPair(name, record.number), record)
        try context.emit(OperatorChanged(application: name, operator: record))
    }

    private static func remove(_ record: Operator, _ name: ApplicationName, reason: Reason?, _ context: CallContext) throws(CallError) {
        var application = try found(name, context)
        try context.remove(operatorRecords, KeyPair(name, record.number))
        try context.remove(operatorNumbers, KeyPair(name, record.account))
        try context.remove(operatorNames, KeyPair(name, record.name))
        if let credential = record.credential { try context.remove(credentials, KeyPair(name, credential)) }
        // Whoever leaves again before it has withdrawn waits for all of it.
        let before = try context.read(leaving, KeyPair(name, record.account))?.stake ?? .zero
        guard let stake = before.adding(record.stake),
              let due = context.block.height.advanced(by: min(record.exitBlocks, application.settings.epochBlocks)) else {
            throw context.failure(.stateMalformed)
        }
        try context.write(leaving, KeyPair(name, record.account), Leaving(stake: stake, due: due))
        try enter(context) {
            $0.stakes = $0.stakes.subtracting(record.stake)
            $0.leaving = $0.leaving.adding(record.stake)
        }
        application.operators -= 1
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.emit(OperatorLeft(application: name, operator: record, due: due, reason: reason))
    }

    private static func enter(_ context: CallContext, _ change: (inout OptionalBooks) -> Void) throws(CallError) {
        var open = OptionalBooks(try context.read(held) ?? Books())
        change(&open)
        guard let books = open.closed else { throw context.failure(.stateMalformed) }
        try context.write(held, books)
    }
}

/// Sums that may fail, checked once at the end.
struct OptionalBooks {
    struct Sum {
        fileprivate var amount: Amount?
        func adding(_ other: Amount) -> Sum { Sum(amount: amount?.adding(other)) }
        func subtracting(_ other: Amount) -> Sum { Sum(amount: amount?.subtracting(other)) }
    }

    var stakes: Sum
    var leaving: Sum

    init(_ books: Infrastructure.Books) {
        stakes = Sum(amount: books.stakes)
        leaving = Sum(amount: books.leaving)
    }

    var closed: Infrastructure.Books? {
        guard let stakes = stakes.amount, let leaving = leaving.amount else { return nil }
        return Infrastructure.Books(stakes: stakes, leaving: leaving)
    }
}
