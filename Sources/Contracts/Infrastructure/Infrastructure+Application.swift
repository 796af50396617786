public import Execution
public import Ledger
public import Primitives

extension Infrastructure {
    static let records = StoredMap(0, "applications", "Each application.", ApplicationName.self, Application.self)

    /// The parts of an application that have permissions of their own.
    public enum Module: Hashable, Choice {
        case core, governance, names, artifacts, topology, templates, mapper, security

        public static let all: [Module] = [.core, .governance, .names, .artifacts, .topology, .templates, .mapper, .security]

        public static let cases: [Case<Module>] = [
            Case("core", "Settings.", .core), Case("governance", "The owner, who sets the permissions of the others.", .governance),
            Case("names", "Operators.", .names), Case("artifacts", "Images and other files.", .artifacts),
            Case("topology", "The document.", .topology), Case("templates", "What runs.", .templates),
            Case("mapper", "The rules for who runs what.", .mapper), Case("security", "Blacklists, reputation, forbidden patterns.", .security),
        ]
    }

    /// What an application asks of its operators, and how often it draws.
    public struct Settings: Hashable, Record {
        /// The stake of an operator, at least.
        public var stakeThreshold: Amount
        /// So much stake is good for one node.
        public var unitStake: Amount
        public var operatorsMax: UInt32
        /// Blocks after which a new assignment may be drawn although nothing has changed.
        public var epochBlocks: UInt64
        /// Of an operator, at least; from 0 to ``reputationMost``.
        public var reputationMin: UInt32
        /// The time between blocks that the application reckons with; the network decides.
        public var blockIntervalMilliseconds: UInt32

        public init(
            stakeThreshold: Amount = Amount(100 * Amount.unitsPerToken), unitStake: Amount = Amount(100 * Amount.unitsPerToken),
            operatorsMax: UInt32 = 5_000, epochBlocks: UInt64 = 500, reputationMin: UInt32 = 0, blockIntervalMilliseconds: UInt32 = 5_000
        ) {
            self.stakeThreshold = stakeThreshold
            self.unitStake = unitStake
            self.operatorsMax = operatorsMax
            self.epochBlocks = epochBlocks
            self.reputationMin = reputationMin
            self.blockIntervalMilliseconds = blockIntervalMilliseconds
        }

        var isValid: Bool {
            unitStake > .zero && (1...UInt32(Infrastructure.operatorsMax)).contains(operatorsMax)
                && Infrastructure.epochBlocksRange.contains(epochBlocks) && reputationMin <= Infrastructure.reputationMost
                && stakeThreshold <= Amount.supplyMax && unitStake <= Amount.supplyMax
        }

        public static let fields = Fields(
            Field("stakeThreshold", "The stake of an operator, at least.") { $0.stakeThreshold },
            Field("unitStake", "So much stake is good for one node.") { $0.unitStake },
            Field("operatorsMax", "Operators, at most 5,000.") { $0.operatorsMax },
            Field("epochBlocks", "Blocks after which a new assignment may be drawn although nothing has changed.") { $0.epochBlocks },
            Field("reputationMin", "The reputation of an operator, at least, from 0 to 1,000,000.") { $0.reputationMin },
            Field("blockIntervalMilliseconds", "The time between blocks that the application reckons with.") { $0.blockIntervalMilliseconds },
            make: {
                Settings(
                    stakeThreshold: $0, unitStake: $1, operatorsMax: $2, epochBlocks: $3, reputationMin: $4, blockIntervalMilliseconds: $5)
            })
    }

    /// Who may change each module beside governance; none for the owner, whoever that is.
    public struct Modes: Hashable, Record {
        var list: Bounded<7, Permission?>

        static let modules: [Module] = [.core, .names, .artifacts, .topology, .templates, .mapper, .security]

        init() { list = Bounded(Array(repeating: nil, count: Self.modules.count))! }

        private init?(list: Bounded<7, Permission?>) {
            guard list.count == 7 else { return nil }
            self.list = list
        }

        subscript(module: Module) -> Permission? {
            get { Self.modules.firstIndex(of: module).flatMap { list[$0] } }
            set {
                guard let place = Self.modules.firstIndex(of: module) else { return }
                var all = list.elements
                all[place] = newValue
                list = Bounded(all)!
            }
        }

        public static let fields = Fields(
            Field("list", "Of core, names, artifacts, topology, templates, mapper, security; none for the owner.") { $0.list }, make: { Modes(list: $0) })
    }

    /// A namespace, with what every call needs of it.
    public struct Application: Hashable, Record {
        public let name: ApplicationName
        public internal(set) var owner: HeldPermission
        public internal(set) var modes: Modes
        public internal(set) var settings: Settings
        public let created: Height
        /// The newest revision of the document; 0 for none.
        public internal(set) var revision: UInt64
        /// Of that revision's document.
        public internal(set) var digest: Digest
        /// The newest revision that changed what the mapper reads.
        public internal(set) var topologyRevision: UInt64
        public internal(set) var operators: UInt32
        /// The number of the next operator.
        public internal(set) var nextOperator: UInt32
        public internal(set) var drafts: UInt32
        public internal(set) var nextDraft: UInt64
        public internal(set) var patterns: UInt8
        /// Nodes on the blacklist.
        public internal(set) var nodeBans: UInt32
        public internal(set) var policy: MappingPolicy
        public internal(set) var rotation: UInt32
        /// Assignments so far, the frozen one included.
        public internal(set) var mapping: UInt64
        /// Whether something has changed since the newest assignment was frozen.
        public internal(set) var isMappingDirty: Bool
        /// The block that froze the newest assignment that draws a part of the nodes again, or the first one: an epoch ends so many blocks later.
        public internal(set) var lastRotation: Height

        init(name: ApplicationName, owner: Permission, settings: Settings, created: Height) {
            self.init(
                name: name, owner: HeldPermission(owner), modes: Modes(), settings: settings, created: created, revision: 0,
                digest: Document.empty.digest, topologyRevision: 0, operators: 0, nextOperator: 1, drafts: 0, nextDraft: 0, patterns: 0,
                nodeBans: 0, policy: MappingPolicy(), rotation: MappingPolicy.whole, mapping: 0, isMappingDirty: false, lastRotation: created)
        }

        private init(
            name: ApplicationName, owner: HeldPermission, modes: Modes, settings: Settings, created: Height, revision: UInt64, digest: Digest,
            topologyRevision: UInt64, operators: UInt32, nextOperator: UInt32, drafts: UInt32, nextDraft: UInt64, patterns: UInt8,
            nodeBans: UInt32, policy: MappingPolicy, rotation: UInt32, mapping: UInt64, isMappingDirty: Bool, lastRotation: Height
        ) {
            self.name = name
            self.owner = owner
            self.modes = modes
            self.settings = settings
            self.created = created
            self.revision = revision
            self.digest = digest
            self.topologyRevision = topologyRevision
            self.operators = operators
            self.nextOperator = nextOperator
            self.drafts = drafts
            self.nextDraft = nextDraft
            self.patterns = patterns
            self.nodeBans = nodeBans
            self.policy = policy
            self.rotation = rotation
            self.mapping = mapping
            self.isMappingDirty = isMappingDirty
            self.lastRotation = lastRotation
        }

        /// Who may change `module`.
        public func permission(of module: Module) -> Permission { modes[module] ?? owner.current }

        public static let fields = Fields(
            Field("name", "Its name.") { $0.name }, Field("owner", "Who sets permissions.") { $0.owner },
            Field("modes", "Who may change what.") { $0.modes }, Field("settings", "What it asks of operators.") { $0.settings },
            Field("created", "The block that made it.") { $0.created }, Field("revision", "The newest revision of its document; 0 for none.") { $0.revision },
            Field("digest", "Of that document.") { $0.digest },
            Field("topologyRevision", "The newest revision that changed what the mapper reads.") { $0.topologyRevision },
            Field("operators", "How many operators there are.") { $0.operators },
            Field("nextOperator", "The number of the next operator.") { $0.nextOperator },
            Field("drafts", "Drafts that wait to be adopted.") { $0.drafts }, Field("nextDraft", "The number of the next draft.") { $0.nextDraft },
            Field("patterns", "Forbidden patterns.") { $0.patterns }, Field("nodeBans", "Nodes on the blacklist.") { $0.nodeBans },
            Field("policy", "The mapper's rules beside the document's.") { $0.policy },
            Field("rotation", "The part of nodes that an epoch draws again, in parts per million.") { $0.rotation },
            Field("mapping", "Assignments so far, the frozen one included.") { $0.mapping },
            Field("isMappingDirty", "Whether something has changed since the newest assignment was frozen.") { $0.isMappingDirty },
            Field("lastRotation", "The block that froze the newest assignment that draws nodes again, or the first one.") { $0.lastRotation },
            make: {
                Application(
                    name: $0, owner: $1, modes: $2, settings: $3, created: $4, revision: $5, digest: $6, topologyRevision: $7, operators: $8,
                    nextOperator: $9, drafts: $10, nextDraft: $11, patterns: $12, nodeBans: $13, policy: $14, rotation: $15, mapping: $16,
                    isMappingDirty: $17, lastRotation: $18)
            })
    }

    // ── Calls ──

    public static let create = Method(
        "create", "Makes an application. Its owner holds the permissions of all modules until they are set otherwise.",
        Argument("name", "Lower-case letters, digits, hyphens and dots; free.", ApplicationName.self),
        Argument("owner", "Who owns it.", Permission.self), Argument("settings", "What it asks of its operators.", Settings.self)
    ) { context, name, owner, settings throws(CallError) in
        try context.charge(GasSchedule.step * UInt64(name.text.utf8.count))
        try context.require(isName(name.text), InfrastructureRejection.nameInvalid)
        try context.require(settings.isValid, InfrastructureRejection.settingsInvalid)
        try context.require(owner.holder != Address(), InfrastructureRejection.permissionInvalid)
        try context.require(!(try context.contains(records, name)), InfrastructureRejection.nameTaken)
        let application = Application(name: name, owner: owner, settings: settings, created: context.block.height)
        try context.write(records, name, application)
        try context.emit(Created(application: name, owner: owner, settings: settings))
        return Nothing()
    }

    public static let configure = Method(
        "configure", "Changes the settings. For the holder of the permission of core.",
        Argument("application", "Which.", ApplicationName.self), Argument("settings", "The new ones.", Settings.self)
    ) { context, name, settings throws(CallError) in
        var application = try permitted(.core, name, context)
        try context.require(settings.isValid, InfrastructureRejection.settingsInvalid)
        application.settings = settings
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.emit(Configured(application: name, settings: settings))
        return Nothing()
    }

    public static let setPermission = Method(
        "set_permission", "Sets who may change a module, or leaves it to the owner. For the owner; the owner's own permission is offered instead.",
        Argument("application", "Which.", ApplicationName.self), Argument("module", "Which of its modules; not governance.", Module.self),
        Argument("permission", "Who may change it; none for the owner, whoever that is.", Permission?.self)
    ) { context, name, module, permission throws(CallError) in
        var application = try permitted(.governance, name, context)
        try context.require(module != .governance && permission?.holder != Address(), InfrastructureRejection.permissionInvalid)
        application.modes[module] = permission
        try context.write(records, name, application)
        try context.emit(PermissionChanged(application: name, module: module, permission: permission))
        return Nothing()
    }

    public static let offerOwnership = Method(
        "offer_ownership", "Offers the application to somebody, or takes the offer back. For the owner.",
        Argument("application", "Which.", ApplicationName.self), Argument("permission", "To whom; none to take it back.", Permission?.self)
    ) { context, name, permission throws(CallError) in
        var application = try permitted(.governance, name, context)
        try application.owner.offer(permission, context)
        try context.write(records, name, application)
        try context.emit(OwnershipOffered(application: name, permission: permission))
        return Nothing()
    }

    public static let acceptOwnership = Method(
        "accept_ownership", "Takes an application that was offered to the caller.", Argument("application", "Which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        var application = try found(name, context)
        try application.owner.accept(context)
        try context.write(records, name, application)
        try context.emit(OwnershipAccepted(application: name, permission: application.owner.current))
        return Nothing()
    }

    // ── Whether ──

    static func found(_ name: ApplicationName, _ context: CallContext) throws(CallError) -> Application {
        guard let application = try context.read(records, name) else { throw context.rejection(InfrastructureRejection.applicationUnknown) }
        return application
    }

    /// The application, if the caller may change `module`.
    static func permitted(_ module: Module, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> Application {
        let application = try found(name, context)
        try application.permission(of: module).require(context)
        return application
    }

    /// Lower-case letters, digits, hyphens and dots, a letter or digit at both ends.
    static func isName(_ text: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last) else { return false }
        return text.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}
