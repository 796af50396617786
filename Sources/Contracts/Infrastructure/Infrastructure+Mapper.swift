import Cryptography
public import Execution
public import Ledger
public import Primitives

/// Who runs what. `freeze` writes down everything that decides an assignment and asks for a beacon that does not exist yet; `map` computes the
/// assignment from both. Anyone may call either, and nobody can try again until the result suits: what was frozen is mapped before
/// anything else is frozen.
extension Infrastructure {
    static let mappings = StoredMap(
        12, "mappings", "Assignments, by number.", KeyPair<ApplicationName, UInt64>.self, MappingRecord.self)
    static let frozenParts = StoredMap(
        13, "mapping_inputs", "What decides the newest two assignments, in parts, by number modulo 2.",
        KeyPair<ApplicationName, KeyPair<UInt8, UInt8>>.self, BoundedBytes<61_440>.self)
    static let assignmentPages = StoredMap(
        14, "assignments", "The newest assignment, 1,024 slots a page.", KeyPair<ApplicationName, UInt32>.self, AssignmentPage.self)
    static let drawCount = StoredValue(18, "draws", "Draws of all applications so far.", UInt64.self)

    /// A part of an assignment.
    struct AssignmentPage: Hashable, Record {
        let operators: AssignedOperators
        let previous: AssignedOperators

        static let fields = Fields(
            Field("operators", "The operator number of each slot; 0 for none.") { $0.operators },
            Field("previous", "Whom the slot had before.") { $0.previous }, make: { AssignmentPage(operators: $0, previous: $1) })
    }

    /// An assignment, from the moment when what decides it was written down.
    public struct MappingRecord: Hashable, Record {
        public let number: UInt64
        public let revision: UInt64
        public let topology: Topology
        public let frozen: Height
        public let draw: UInt64
        /// The block whose beacon decides.
        public let beaconHeight: Height
        /// SHA-256 of the encoding of the ``MappingInput``, and its length.
        public let inputDigest: Digest
        public let inputBytes: UInt32
        /// Operators that were candidates.
        public let candidates: UInt32
        public internal(set) var outcome: Outcome?

        /// Whether the beacon that decides is no longer kept: that of a later block took its place.
        func isLost(at height: Height) -> Bool { height.rawValue >= beaconHeight.rawValue + UInt64(ChainRecords.beaconsKept) }

        /// What came of it.
        public struct Outcome: Hashable, Record {
            public let height: Height
            public let beacon: Beacon
            /// SHA-256 of the encoding of the operator numbers of all slots.
            public let assignmentDigest: Digest
            public let summary: MappingSummary

            public static let fields = Fields(
                Field("height", "The block that computed it.") { $0.height }, Field("beacon", "The beacon that decided.") { $0.beacon },
                Field("assignmentDigest", "SHA-256 of the encoding of the list of operator numbers.") { $0.assignmentDigest },
                Field("summary", "What it is like.") { $0.summary },
                make: { Outcome(height: $0, beacon: $1, assignmentDigest: $2, summary: $3) })
        }

        public static let fields = Fields(
            Field("number", "From 1 on.") { $0.number }, Field("revision", "The revision of the document.") { $0.revision },
            Field("topology", "What there was to assign.") { $0.topology }, Field("frozen", "The block that wrote down what decides it.") { $0.frozen },
            Field("draw", "The number of the request for a beacon.") { $0.draw },
            Field("beaconHeight", "The block whose beacon decides.") { $0.beaconHeight },
            Field("inputDigest", "SHA-256 of what decides it.") { $0.inputDigest }, Field("inputBytes", "The length of that.") { $0.inputBytes },
            Field("candidates", "Operators that were candidates.") { $0.candidates }, Field("outcome", "What came of it; none before.") { $0.outcome },
            make: {
                MappingRecord(
                    number: $0, revision: $1, topology: $2, frozen: $3, draw: $4, beaconHeight: $5, inputDigest: $6, inputBytes: $7,
                    candidates: $8, outcome: $9)
            })
    }

    // ── Calls ──

    public static let setMapper = Method(
        "set_mapper", "Sets rules that hold beside those of the document, and how much an epoch draws again. For the holder of the permission of mapper.",
        Argument("application", "Of which.", ApplicationName.self), Argument("policy", "The rules.", MappingPolicy.self),
        Argument("rotation", "The part of the nodes that an epoch draws again, in parts per million.", UInt32.self)
    ) { context, name, policy, rotation throws(CallError) in
        var application = try permitted(.mapper, name, context)
        try context.require(policy.isValid && rotation <= MappingPolicy.whole, InfrastructureRejection.policyInvalid)
        application.policy = policy
        application.rotation = rotation
        application.isMappingDirty = true
        try context.write(records, name, application)
        try context.emit(MapperChanged(application: name, policy: policy, rotation: rotation))
        return Nothing()
    }

    public static let freeze = Method(
        "freeze", "Writes down everything that decides the next assignment, and returns its number. For anyone, when something has changed or an epoch is over.",
        Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        var application = try found(name, context)
        try context.require(application.revision > 0, InfrastructureRejection.revisionUnknown)
        let last = try application.mapping == 0 ? nil : mappingRecord(application.mapping, name, context)
        var number = application.mapping + 1
        // An epoch is counted from the last time that nodes were drawn again, whatever was frozen in between.
        let isEpochOver = context.block.height.rawValue - application.lastRotation.rawValue >= application.settings.epochBlocks
        var rotation = isEpochOver && last != nil ? application.rotation : 0
        if let last, last.outcome == nil {
            // The beacon may have been forgotten: then nobody can map it any more, and it is frozen anew under its number.
            try context.require(last.isLost(at: context.block.height), InfrastructureRejection.mappingPending)
            try context.closeDraw(last.draw)
            number = last.number
            rotation = max(rotation, try frozenInput(last, name, context).rotation)
        } else {
            try context.require(application.isMappingDirty || isEpochOver || last == nil, InfrastructureRejection.nothingChanged)
        }

        let document = try topologyDocument(of: application, context)
        guard let topology = DocumentTopology.topology(of: document) else { throw context.rejection(InfrastructureRejection.topologyInvalid) }
        try context.require(topology.slotCount > 0, InfrastructureRejection.topologyEmpty)
        try context.charge(GasSchedule.step * UInt64(topology.slotCount / 4 + 64))
        let operators = try candidates(of: application, context)
        let input = MappingInput(
            application: name, number: number, revision: application.revision, topology: topology,
            policy: DocumentTopology.policy(of: document).combined(with: application.policy),
            reputationMin: application.settings.reputationMin, rotation: rotation,
            operators: Bounded(operators)!, previous: try previous(last, topology, application, context),
            exclusions: try exclusions(topology, name, context))
        let bytes = input.bcs
        try context.charge(GasSchedule.codecPerByte * UInt64(bytes.count) + GasSchedule.hash + GasSchedule.hashPerBlock * UInt64(bytes.count / 64 + 1))
        for (place, part) in chunks(bytes).enumerated() {
            try context.write(frozenParts, KeyPair(name, KeyPair(UInt8(number & 1), UInt8(place))), part)
        }
        let draw = try context.read(drawCount) ?? 0
        try context.write(drawCount, draw + 1)
        let beaconHeight = try context.requestDraw(draw)
        let record = MappingRecord(
            number: number, revision: application.revision, topology: topology, frozen: context.block.height, draw: draw,
            beaconHeight: beaconHeight, inputDigest: SHA256.hash(bytes), inputBytes: UInt32(bytes.count), candidates: UInt32(operators.count), outcome: nil)
        try context.write(mappings, KeyPair(name, number), record)
        application.mapping = number
        application.isMappingDirty = false
        if isEpochOver || last == nil { application.lastRotation = context.block.height }
        try context.write(records, name, application)
        try context.emit(MappingFrozen(
            application: name, number: number, revision: record.revision, inputDigest: record.inputDigest, slots: UInt32(topology.slotCount),
            candidates: record.candidates))
        return number
    }

    public static let map = Method(
        "map", "Computes the assignment that was frozen, when its beacon exists, and returns what it is like. For anyone.",
        Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        let application = try found(name, context)
        try context.require(application.mapping > 0, InfrastructureRejection.mappingUnknown)
        var record = try mappingRecord(application.mapping, name, context)
        try context.require(record.outcome == nil, InfrastructureRejection.mappingDone)
        let beacon = try context.draw(record.draw)
        let input = try frozenInput(record, name, context)
        // Nothing is held back for what comes behind: a limit that was found by trying the call out must suffice.
        let slotCount = record.topology.slotCount
        let steps = Int(clamping: context.gasLeft / gasPerMappingStep)
        guard let mapping = Mapping.compute(input, beacon: beacon, workMax: steps) else {
            // The work was done, if not to its end: whoever asked for it pays.
            try context.charge(UInt64(steps) * gasPerMappingStep)
            throw context.rejection(InfrastructureRejection.mappingTooLarge, "\(steps) steps were paid for")
        }
        try context.charge(UInt64(mapping.work) * gasPerMappingStep)

        let before = input.previous.numbers.count == slotCount ? input.previous.numbers : Array(repeating: 0, count: slotCount)
        let pageCount = (slotCount + slotsPerPage - 1) / slotsPerPage
        for page in 0..<pageCount {
            let range = page * slotsPerPage..<min(slotCount, (page + 1) * slotsPerPage)
            let written = AssignmentPage(operators: AssignedOperators(Array(mapping.slots[range]))!, previous: AssignedOperators(Array(before[range]))!)
            try context.write(assignmentPages, KeyPair(name, UInt32(page)), written)
        }
        for page in pageCount..<(Topology.slotsMax + slotsPerPage - 1) / slotsPerPage {
            guard try context.contains(assignmentPages, KeyPair(name, UInt32(page))) else { break }
            try context.remove(assignmentPages, KeyPair(name, UInt32(page)))
        }
        let encoded = AssignedOperators(mapping.slots)!.bcs
        try context.charge(GasSchedule.hash + GasSchedule.hashPerBlock * UInt64(encoded.count / 64 + 1))
        let outcome = MappingRecord.Outcome(
            height: context.block.height, beacon: beacon, assignmentDigest: SHA256.hash(encoded), summary: mapping.summary)
        record.outcome = outcome
        try context.write(mappings, KeyPair(name, record.number), record)
        try context.closeDraw(record.draw)
        try context.emit(Mapped(application: name, number: record.number, outcome: outcome))
        return mapping.summary
    }

    // ── What decides ──

    static func mappingRecord(_ number: UInt64, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> MappingRecord {
        guard let record = try context.read(mappings, KeyPair(name, number)) else { throw context.rejection(InfrastructureRejection.mappingUnknown) }
        return record
    }

    /// The newest assignment that was computed.
    static func newestOutcome(of application: Application, _ context: CallContext) throws(CallError) -> MappingRecord {
        guard application.mapping > 0 else { throw context.rejection(InfrastructureRejection.mappingUnknown) }
        let newest = try mappingRecord(application.mapping, application.name, context)
        guard newest.outcome == nil else { return newest }
        guard application.mapping > 1 else { throw context.rejection(InfrastructureRejection.mappingUnknown) }
        return try mappingRecord(application.mapping - 1, application.name, context)
    }

    /// The sections of the newest revision that the mapper reads.
    static func topologyDocument(of application: Application, _ context: CallContext) throws(CallError) -> Document {
        guard application.revision > 0 else { return .empty }
        let index = try stored(application.revision, of: application.name, context).index.elements
        let entries = index.filter { DocumentTopology.sections.contains($0.key.section) }
        let objects = try load(entries[...], of: application.name, context)
        let bytes = objects.reduce(0) { $0 + $1.encoded.count }
        // Values are decoded, and names looked up, a few times each.
        try context.charge(GasSchedule.step * UInt64(index.count) + 20 * UInt64(bytes))
        do { return try Document(objects) } catch { throw context.failure(.stateMalformed) }
    }

    private static func candidates(of application: Application, _ context: CallContext) throws(CallError) -> [MappingOperator] {
        let unit = application.settings.unitStake.units, threshold = application.settings.stakeThreshold
        var candidates: [MappingOperator] = []
        for entry in try context.entries(operatorRecords, first: application.name, limit: operatorsMax) {
            let one = entry.value
            // An operator whose stake no longer suffices stays in the list, without units.
            let units = one.stake >= threshold ? UInt32(clamping: one.stake.units / unit) : 0
            candidates.append(MappingOperator(
                number: one.number, units: units, reputation: one.reputation, continent: one.place.continent, region: one.place.region,
                provider: one.place.provider, isBarred: one.isBarred))
        }
        return candidates
    }

    private static func previous(
        _ last: MappingRecord?, _ topology: Topology, _ application: Application, _ context: CallContext
    ) throws(CallError) -> AssignedOperators {
        guard let last else { return AssignedOperators([])! }
        let mapped = try last.outcome != nil ? last : (last.number > 1 ? mappingRecord(last.number - 1, application.name, context) : nil)
        guard let mapped, mapped.outcome != nil else { return AssignedOperators([])! }
        var numbers: [UInt32] = []
        for entry in try context.entries(assignmentPages, first: application.name, limit: Topology.slotsMax / slotsPerPage + 1) {
            numbers += entry.value.operators.numbers
        }
        try context.charge(2 * UInt64(numbers.count + topology.slotCount) + GasSchedule.step * UInt64(mapped.topology.runs.count + topology.runs.count))
        return AssignedOperators(mapped.topology.carry(numbers, to: topology))!
    }

    private static func exclusions(
        _ topology: Topology, _ name: ApplicationName, _ context: CallContext
    ) throws(CallError) -> Bounded<1_024, Exclusion> {
        let places = GroupPlaces(topology)
        try context.charge(GasSchedule.step * UInt64(topology.groups.count))
        var exclusions: [Exclusion] = []
        for entry in try context.entries(banRecords, first: name, from: KeyPair(1, .zero), limit: Int(nodeBansMax)) {
            guard case .node(let seat) = entry.value.subject else { break }
            // Who has left, and what is no longer in the document, may come back.
            guard let place = places[seat.group, seat.copy], let number = try context.read(operatorNumbers, KeyPair(name, seat.account)) else { continue }
            exclusions.append(Exclusion(group: UInt32(place), number: number))
        }
        return Bounded(exclusions.sorted())!
    }

    static func frozenInput(_ record: MappingRecord, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> MappingInput {
        var bytes: [UInt8] = []
        for place in 0..<partCount(Int(record.inputBytes)) {
            guard let part = try context.read(frozenParts, KeyPair(name, KeyPair(UInt8(record.number & 1), UInt8(place)))) else {
                throw context.failure(.stateMalformed)
            }
            bytes += part.bytes
        }
        try context.charge(4 * UInt64(bytes.count))
        do { return try MappingInput(bcs: bytes) } catch { throw context.failure(.stateMalformed, "\(error)") }
    }
}
