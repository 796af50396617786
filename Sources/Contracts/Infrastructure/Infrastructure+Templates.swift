public import Execution
public import Ledger
public import Primitives

/// What runs: instance records that operators and those who test them keep, one for each slot of the assignment.
extension Infrastructure {
    static let instanceRecords = StoredMap(
        11, "instances", "What runs, by slot.", KeyPair<ApplicationName, UInt32>.self, Instance.self)

    public enum EndpointBound: TextBound { public static var bytesMax: Int { 128 } }
    public typealias Endpoint = BoundedText<EndpointBound>

    /// How an instance does.
    public enum InstanceStatus: Hashable, Choice {
        case provisioning, running, degraded, stopped, failed

        public static let cases: [Case<InstanceStatus>] = [
            Case("provisioning", "It is being set up.", .provisioning), Case("running", "It works.", .running),
            Case("degraded", "It works in part.", .degraded), Case("stopped", "It was stopped.", .stopped), Case("failed", "It does not work.", .failed),
        ]
    }

    /// Something that was measured: a number in a unit that its name says.
    public struct Measurement: Hashable, Record {
        public let name: ArtifactName
        public let value: UInt64

        public init(name: ArtifactName, value: UInt64) {
            self.name = name
            self.value = value
        }

        public static let fields = Fields(
            Field("name", "What was measured, with its unit last.") { $0.name }, Field("value", "How much.") { $0.value },
            make: { Measurement(name: $0, value: $1) })
    }

    /// What those who test nodes found.
    public struct TestResult: Hashable, Record {
        public let tester: Address
        public let time: Timestamp
        public let hasPassed: Bool
        public let milliseconds: UInt32
        /// Of what the tester can show.
        public let evidence: Digest

        public static let fields = Fields(
            Field("tester", "Who tested it.") { $0.tester }, Field("time", "When.") { $0.time }, Field("hasPassed", "Whether it did what it should.") { $0.hasPassed },
            Field("milliseconds", "How long it took.") { $0.milliseconds }, Field("evidence", "The hash of what the tester can show.") { $0.evidence },
            make: { TestResult(tester: $0, time: $1, hasPassed: $2, milliseconds: $3, evidence: $4) })
    }

    /// A node that runs, or should.
    public struct Instance: Hashable, Record {
        public let slot: UInt32
        /// The number of the operator that reported it.
        public let operatorNumber: UInt32
        /// The assignment that it is part of, and the revision of the document that it follows.
        public let mapping: UInt64
        public let revision: UInt64
        public let address: Endpoint
        public let status: InstanceStatus
        public let lastAlive: Timestamp
        public let measurements: Bounded<8, Measurement>
        public internal(set) var test: TestResult?

        public static let fields = Fields(
            Field("slot", "Its place in the assignment.") { $0.slot }, Field("operatorNumber", "Whose it is.") { $0.operatorNumber },
            Field("mapping", "The assignment that it is part of.") { $0.mapping }, Field("revision", "The revision of the document that it follows.") { $0.revision },
            Field("address", "How it is reached.") { $0.address }, Field("status", "How it does.") { $0.status },
            Field("lastAlive", "When it was reported last.") { $0.lastAlive }, Field("measurements", "What was measured.") { $0.measurements },
            Field("test", "The last test of this operator at this slot, if any.") { $0.test },
            make: {
                Instance(
                    slot: $0, operatorNumber: $1, mapping: $2, revision: $3, address: $4, status: $5, lastAlive: $6, measurements: $7, test: $8)
            })
    }

    /// An instance, and whether it is what the application wants now.
    public struct InstanceView: Hashable, Record {
        public let instance: Instance
        public let isCurrent: Bool

        public static let fields = Fields(
            Field("instance", "What was reported.") { $0.instance },
            Field("isCurrent", "Whether its operator has the slot now, and it follows the newest topology.") { $0.isCurrent },
            make: { InstanceView(instance: $0, isCurrent: $1) })
    }

    public static let report = Method(
        "report", "Says how a node does. For the operator that it is assigned to, and for the holder of the permission of templates.",
        Argument("application", "Of which.", ApplicationName.self), Argument("slot", "The node's place in the assignment.", UInt32.self),
        Argument("revision", "The revision of the document that it follows.", UInt64.self), Argument("address", "How it is reached.", Endpoint.self),
        Argument("status", "How it does.", InstanceStatus.self), Argument("measurements", "What was measured.", Bounded<8, Measurement>.self)
    ) { context, name, slot, revision, address, status, measurements throws(CallError) in
        let application = try found(name, context)
        let number = try assigned(slot, name, context), account = try context.read(operatorRecords, KeyPair(name, number))?.account
        try context.require(
            context.caller == application.permission(of: .templates).holder || context.caller == account, InfrastructureRejection.notYours)
        try context.require(revision >= 1 && revision <= application.revision, InfrastructureRejection.revisionUnknown)
        try context.charge(GasSchedule.step * UInt64(address.text.utf8.count))
        try context.require(address.text.isEmpty || TextRule.isReadable(address.text), InfrastructureRejection.reportInvalid)
        try context.require(measurements.allSatisfy { TextRule.isToken($0.name.text) }, InfrastructureRejection.reportInvalid)
        let mapping = try newestOutcome(of: application, context)
        try context.charge(GasSchedule.step * UInt64(mapping.topology.runs.count))
        if let account, let run = mapping.topology.run(of: Int(slot)) {
            let seat = Seat(group: run.group.name, copy: UInt32(run.copy), account: account)
            try context.require(!(try isBanned(.node(seat), name, context)), InfrastructureRejection.banned)
        }
        let before = try context.read(instanceRecords, KeyPair(name, slot))
        let instance = Instance(
            slot: slot, operatorNumber: number, mapping: mapping.number, revision: revision, address: address, status: status,
            lastAlive: context.block.time, measurements: measurements, test: before?.operatorNumber == number ? before?.test : nil)
        try context.write(instanceRecords, KeyPair(name, slot), instance)
        try context.emit(InstanceReported(application: name, instance: instance))
        return Nothing()
    }

    public static let recordTest = Method(
        "record_test", "Records what a test of a node found. For the holder of the permission of templates.",
        Argument("application", "Of which.", ApplicationName.self), Argument("slot", "The node's place in the assignment.", UInt32.self),
        Argument("passed", "Whether it did what it should.", Bool.self), Argument("milliseconds", "How long it took.", UInt32.self),
        Argument("evidence", "The hash of what the tester can show.", Digest.self)
    ) { context, name, slot, passed, milliseconds, evidence throws(CallError) in
        _ = try permitted(.templates, name, context)
        guard var instance = try context.read(instanceRecords, KeyPair(name, slot)) else {
            throw context.rejection(InfrastructureRejection.instanceUnknown)
        }
        let test = TestResult(
            tester: context.caller, time: context.block.time, hasPassed: passed, milliseconds: milliseconds, evidence: evidence)
        instance.test = test
        try context.write(instanceRecords, KeyPair(name, slot), instance)
        try context.emit(InstanceTested(application: name, slot: slot, operatorNumber: instance.operatorNumber, test: test))
        return Nothing()
    }

    /// The operator of a slot in the newest assignment.
    static func assigned(_ slot: UInt32, _ name: ApplicationName, _ context: CallContext) throws(CallError) -> UInt32 {
        let key = KeyPair(name, slot / UInt32(slotsPerPage))
        guard let page = try context.read(assignmentPages, key), Int(slot) % slotsPerPage < page.operators.numbers.count else {
            throw context.rejection(InfrastructureRejection.slotUnknown)
        }
        let number = page.operators.numbers[Int(slot) % slotsPerPage]
        try context.require(number != 0, InfrastructureRejection.slotUnknown, "slot \(slot) has no operator")
        return number
    }
}
