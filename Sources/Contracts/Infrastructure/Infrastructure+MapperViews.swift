public import Execution
public import Ledger
public import Primitives

/// What an assignment is, what decided it, and how decentralised it came out.
extension Infrastructure {
    public static let topologyOf = Method(
        "topology", "The nodes that the newest revision asks operators for; none when it cannot be assigned.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        DocumentTopology.topology(of: try topologyDocument(of: try found(name, context), context))
    }

    public static let mapping = Method(
        "mapping", "An assignment; none when there is none of this number.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("number", "The how-manyeth; none for the newest.", UInt64?.self)
    ) { context, name, number throws(CallError) in
        let newest = try found(name, context).mapping
        return try context.read(mappings, KeyPair(name, number ?? newest))
    }

    public static let mappingInput = Method(
        "mapping_input", "A part of what decides one of the newest two assignments, none behind the last: parts together are the encoding of a mapping input.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self), Argument("number", "Of which assignment.", UInt64.self),
        Argument("part", "From 0.", UInt8.self)
    ) { context, name, number, part throws(CallError) -> BoundedBytes<61_440>? in
        let application = try found(name, context)
        try context.require(number <= application.mapping && application.mapping - number <= 1, InfrastructureRejection.mappingUnknown)
        // Behind them may stand parts of an input that was longer.
        guard try Int(part) < partCount(Int(mappingRecord(number, name, context).inputBytes)) else { return nil }
        return try context.read(frozenParts, KeyPair(name, KeyPair(UInt8(number & 1), part)))
    }

    /// A node of the newest assignment.
    public struct Assigned: Hashable, Record {
        public let slot: UInt32
        /// With the copy, what a ban of the node names.
        public let group: DocumentKey.Name
        public let copy: UInt32
        public let instance: BoundedText<InstanceNameBound>
        public let operatorNumber: UInt32
        /// none when it has left since.
        public let account: Address?
        public let operatorName: OperatorName?
        public let previous: UInt32

        public static let fields = Fields(
            Field("slot", "Its place.") { $0.slot }, Field("group", "Its group: the template of the shard, or its own.") { $0.group },
            Field("copy", "Which copy of the group, from 1.") { $0.copy }, Field("instance", "Its name: that of its template, with numbers.") { $0.instance },
            Field("operatorNumber", "Whose it is; 0 for nobody's.") { $0.operatorNumber },
            Field("account", "The operator's account; none when it has left.") { $0.account },
            Field("operatorName", "The operator's name; none when it has left.") { $0.operatorName },
            Field("previous", "Whose it was before; 0 for nobody's.") { $0.previous },
            make: {
                Assigned(slot: $0, group: $1, copy: $2, instance: $3, operatorNumber: $4, account: $5, operatorName: $6, previous: $7)
            })
    }

    public enum InstanceNameBound: TextBound { public static var bytesMax: Int { DocumentLimits.nameBytesMax + 24 } }

    public static let assignment = Method(
        "assignment", "The newest assignment by slot, at most 100 slots.", kind: .view, Argument("application", "Of which.", ApplicationName.self),
        Argument("from", "The first slot.", UInt32.self), Argument("movesOnly", "Only slots that went to another operator.", Bool.self)
    ) { context, name, start, movesOnly throws(CallError) in
        let record = try newestOutcome(of: try found(name, context), context)
        let runs = record.topology.runs
        try context.charge(GasSchedule.step * UInt64(runs.count))
        var found: [Assigned] = [], slot = Int(start), page: AssignmentPage?
        let count = record.topology.slotCount
        while slot < count, found.count < pageMax {
            if page == nil || slot % slotsPerPage == 0 { page = try context.read(assignmentPages, KeyPair(name, UInt32(slot / slotsPerPage))) }
            guard let page, slot % slotsPerPage < page.operators.numbers.count else { throw context.failure(.stateMalformed) }
            let number = page.operators.numbers[slot % slotsPerPage], previous = page.previous.numbers[slot % slotsPerPage]
            if !movesOnly || number != previous {
                let holder = try number == 0 ? nil : context.read(operatorRecords, KeyPair(name, number))
                guard let run = runs.last(where: { $0.firstSlot <= slot }) else { throw context.failure(.stateMalformed) }
                found.append(Assigned(
                    slot: UInt32(slot), group: run.group.name, copy: UInt32(run.copy), instance: BoundedText(truncating: run.instance(slot - run.firstSlot)), operatorNumber: number,
                    account: holder?.account, operatorName: holder?.name, previous: previous))
            }
            slot += 1
        }
        return Bounded<100, Assigned>(found)!
    }

    /// How many nodes stand somewhere.
    public struct Share: Hashable, Record {
        public let name: ProviderName
        public let nodes: UInt32

        public static let fields = Fields(
            Field("name", "Where.") { $0.name }, Field("nodes", "How many.") { $0.nodes }, make: { Share(name: $0, nodes: $1) })
    }

    /// Who may change what, and how decentralised the newest assignment is.
    public struct Report: Hashable, Record {
        /// Of the eight modules in the order of their list.
        public let permissions: Bounded<8, Permission>
        public let operators: UInt32
        /// Of all operators.
        public let stake: Amount
        public let summary: MappingSummary?
        /// Nodes by continent, by cloud provider and by region, the most first.
        public let continents: Bounded<7, Share>
        public let providers: Bounded<32, Share>
        public let regions: Bounded<32, Share>
        /// Nodes in no cloud.
        public let outsideClouds: UInt32

        public static let fields = Fields(
            Field("permissions", "Of core, governance, names, artifacts, topology, templates, mapper, security.") { $0.permissions },
            Field("operators", "How many there are.") { $0.operators }, Field("stake", "Of all operators.") { $0.stake },
            Field("summary", "Of the newest assignment.") { $0.summary }, Field("continents", "Nodes by continent, the most first.") { $0.continents },
            Field("providers", "Nodes by cloud provider, the most first.") { $0.providers },
            Field("regions", "Nodes by region, the most first.") { $0.regions }, Field("outsideClouds", "Nodes in no cloud.") { $0.outsideClouds },
            make: {
                Report(
                    permissions: $0, operators: $1, stake: $2, summary: $3, continents: $4, providers: $5, regions: $6, outsideClouds: $7)
            })
    }

    public static let decentralisation = Method(
        "report_decentralisation", "Who may change what, and how the nodes of the newest assignment are spread.", kind: .view,
        Argument("application", "Of which.", ApplicationName.self)
    ) { context, name throws(CallError) in
        let application = try found(name, context)
        var nodes: [UInt32: UInt32] = [:]
        for entry in try context.entries(assignmentPages, first: name, limit: Topology.slotsMax / slotsPerPage + 1) {
            try context.charge(GasSchedule.step * UInt64(entry.value.operators.numbers.count))
            for number in entry.value.operators.numbers where number != 0 { nodes[number, default: 0] += 1 }
        }
        var stake = Amount.zero, outside: UInt32 = 0
        var continents = Tally(), providers = Tally(), regions = Tally()
        for entry in try context.entries(operatorRecords, first: name, limit: operatorsMax) {
            let one = entry.value
            guard let sum = stake.adding(one.stake) else { throw context.failure(.stateMalformed) }
            stake = sum
            guard let count = nodes[one.number] else { continue }
            continents.add(one.place.continent.caseName, count)
            regions.add(one.place.region.text, count)
            if let provider = one.place.provider { providers.add(provider.text, count) } else { outside += count }
        }
        let summary = try application.mapping == 0 ? nil : context.read(mappings, KeyPair(name, application.mapping))?.outcome?.summary
        return Report(
            permissions: Bounded(Module.all.map { application.permission(of: $0) })!, operators: application.operators, stake: stake, summary: summary,
            continents: Bounded(continents.most(7))!, providers: Bounded(providers.most(32))!, regions: Bounded(regions.most(32))!,
            outsideClouds: outside)
    }

    /// Counts by name, in one order.
    private struct Tally {
        private var counts: [[UInt8]: UInt32] = [:]
        private var names: [[UInt8]] = []

        mutating func add(_ name: String, _ count: UInt32) {
            let key = Array(name.utf8)
            if counts[key] == nil { names.append(key) }
            counts[key, default: 0] += count
        }

        func most(_ limit: Int) -> [Share] {
            let sorted = names.map { (name: $0, count: counts[$0] ?? 0) }
                .sorted { $0.count == $1.count ? $0.name.lexicographicallyPrecedes($1.name) : $0.count > $1.count }
            return sorted.prefix(limit).map { Share(name: ProviderName(truncating: String(decoding: $0.name, as: UTF8.self)), nodes: $0.count) }
        }
    }
}
