import Cryptography
import Execution
public import Ledger
import Primitives
public import WorldState

/// Computes an assignment again from values of the state and nothing else: what was frozen, the beacon, and what the contract made of both.
/// Whoever has these values proven by a header that it trusts believes no node, and no operator.
///
/// 1. The parts of what was frozen, together, have the digest that the record names.
/// 2. The chain kept the record's beacon for the record's block, as far as it still keeps beacons of that time.
/// 3. The mapper makes of both the assignment that the contract keeps, slot by slot, with the same digest and summary.
public struct MappingAudit: Sendable {
    public let application: ApplicationName
    public let record: Infrastructure.MappingRecord
    private let outcome: Infrastructure.MappingRecord.Outcome

    /// nil when `record` has no outcome yet.
    public init?(application: ApplicationName, record: Infrastructure.MappingRecord) {
        guard let outcome = record.outcome else { return nil }
        self.application = application
        self.record = record
        self.outcome = outcome
    }

    /// Where the record of an application is kept: it names its newest assignment.
    public static func applicationKey(_ name: ApplicationName) -> StateKey { Infrastructure.records.stateKey(name, of: .infrastructure) }

    /// Where an assignment is kept that was frozen under `number`.
    public static func recordKey(_ name: ApplicationName, _ number: UInt64) -> StateKey {
        Infrastructure.mappings.stateKey(KeyPair(name, number), of: .infrastructure)
    }

    private var partCount: Int { Infrastructure.partCount(Int(record.inputBytes)) }
    private var pageCount: Int { (record.topology.slotCount + Infrastructure.slotsPerPage - 1) / Infrastructure.slotsPerPage }

    /// What has to be read, all of it after the same block: application, record, the record after it, beacon, frozen parts, pages of the
    /// assignment.
    public var keys: [StateKey] {
        [Self.applicationKey(application), Self.recordKey(application, record.number), Self.recordKey(application, record.number + 1)]
            + [ChainRecords.beaconKey(record.beaconHeight)]
            + (0..<partCount).map { part in
                Infrastructure.frozenParts.stateKey(
                    KeyPair(application, KeyPair(UInt8(record.number & 1), UInt8(part))), of: .infrastructure)
            }
            + (0..<pageCount).map { page in
                Infrastructure.assignmentPages.stateKey(KeyPair(application, UInt32(page)), of: .infrastructure)
            }
    }

    /// - Parameter values: of ``keys``, in their order.
    public func run(_ values: [[UInt8]?]) throws(MappingFault) -> AuditedMapping {
        precondition(values.count == 4 + partCount + pageCount)
        // A newer assignment takes the place of the older one.
        let newest: Infrastructure.Application = try read(values[0], "application")
        let stored: Infrastructure.MappingRecord = try read(values[1], "record")
        guard stored == record else { throw .superseded }
        if newest.mapping != record.number {
            let next: Infrastructure.MappingRecord = try read(values[2], "record")
            guard newest.mapping == record.number + 1, next.outcome == nil else { throw .superseded }
        }

        var bytes: [UInt8] = []
        for part in values[4..<4 + partCount] { bytes += (try read(part, "frozen input") as BoundedBytes<61_440>).bytes }
        guard bytes.count == Int(record.inputBytes), SHA256.hash(bytes) == record.inputDigest else { throw .inputDiffers }
        let input: MappingInput = try read(bytes, "frozen input")
        guard input.application == application, input.number == record.number, input.topology == record.topology else { throw .inputDiffers }

        let kept: Beacon?
        do throws(BCSError) { kept = try values[3].flatMap { value throws(BCSError) in try ChainRecords.beacon(record.beaconHeight, in: value) } } catch {
            throw .malformed("beacon")
        }
        guard kept == nil || kept == outcome.beacon else { throw .beaconDiffers }

        // The contract asks for less work only where it refuses what needs more.
        guard let mapping = Mapping.compute(input, beacon: outcome.beacon) else { throw .inputDiffers }
        var slots: [UInt32] = []
        for page in values[(4 + partCount)...] { slots += (try read(page, "assignment") as Infrastructure.AssignmentPage).operators.numbers }
        guard slots.count == mapping.slots.count else { throw .assignmentDiffers(slot: min(slots.count, mapping.slots.count)) }
        if let slot = slots.indices.first(where: { slots[$0] != mapping.slots[$0] }) { throw .assignmentDiffers(slot: slot) }
        guard let assigned = AssignedOperators(slots), SHA256.hash(assigned.bcs) == outcome.assignmentDigest, mapping.summary == outcome.summary else {
            throw .summaryDiffers
        }
        return AuditedMapping(record: record, input: input, mapping: mapping, isBeaconProven: kept != nil)
    }

    private func read<Value: BCSCodable>(_ bytes: [UInt8]?, _ what: String) throws(MappingFault) -> Value {
        guard let bytes else { throw .missing(what) }
        do throws(BCSError) { return try Value(bcs: bytes) } catch { throw .malformed(what) }
    }
}

/// An assignment that was computed again and found to be the contract's.
public struct AuditedMapping: Sendable {
    public let record: Infrastructure.MappingRecord
    public let input: MappingInput
    public let mapping: Mapping
    /// False when the chain no longer keeps beacons of that time; then the beacon is the one that the contract noted.
    public let isBeaconProven: Bool
}

/// Why an assignment could not be confirmed.
public enum MappingFault: Error, Equatable, Sendable {
    /// The state has no such value.
    case missing(String)
    /// A value of the state is not what it should be.
    case malformed(String)
    /// Another assignment was frozen or computed in between: what decided this one is no longer kept together.
    case superseded
    /// What was frozen has another digest than the record says, or is about something else.
    case inputDiffers
    /// The chain had another beacon at that block.
    case beaconDiffers
    /// The mapper gives this slot to somebody else.
    case assignmentDiffers(slot: Int)
    /// Slots agree, and their digest or summary does not.
    case summaryDiffers

    /// Stable words.
    public var code: String {
        switch self {
        case .missing: "mapping.missing"
        case .malformed: "mapping.malformed"
        case .superseded: "mapping.superseded"
        case .inputDiffers: "mapping.input-differs"
        case .beaconDiffers: "mapping.beacon-differs"
        case .assignmentDiffers: "mapping.assignment-differs"
        case .summaryDiffers: "mapping.summary-differs"
        }
    }
}
