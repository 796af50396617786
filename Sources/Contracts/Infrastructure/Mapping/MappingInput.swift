import Cryptography
public import Execution
public import Ledger
public import Primitives

/// Everything that decides an assignment, but for the beacon: frozen before the beacon exists, and enough for anyone to compute the
/// assignment again.
public struct MappingInput: Hashable, Record {
    /// Whose nodes are assigned, and the how-manyeth time.
    public let application: ApplicationName
    public let number: UInt64
    /// The revision of the document that the topology is of.
    public let revision: UInt64
    public let topology: Topology
    public let policy: MappingPolicy
    /// Operators with a lower reputation get nothing.
    public let reputationMin: UInt32
    /// The part of the nodes that get a new draw although nothing is wrong with them, in parts per million.
    public let rotation: UInt32
    /// Ascending by number.
    public let operators: Bounded<5_000, MappingOperator>
    /// Whom each slot had before, by operator number; 0 for nobody. As long as there are slots, or empty.
    public let previous: AssignedOperators
    /// Operators that must stay out of a group, because a node of theirs there was found bad; ascending.
    public let exclusions: Bounded<1_024, Exclusion>

    public init(
        application: ApplicationName, number: UInt64, revision: UInt64 = 1, topology: Topology, policy: MappingPolicy = MappingPolicy(),
        reputationMin: UInt32 = 0, rotation: UInt32 = 0, operators: Bounded<5_000, MappingOperator>,
        previous: AssignedOperators = AssignedOperators([])!, exclusions: Bounded<1_024, Exclusion> = Bounded()
    ) {
        self.application = application
        self.number = number
        self.revision = revision
        self.topology = topology
        self.policy = policy
        self.reputationMin = reputationMin
        self.rotation = rotation
        self.operators = operators
        self.previous = previous
        self.exclusions = exclusions
    }

    public static let fields = Fields(
        Field("application", "Whose nodes are assigned.") { $0.application },
        Field("number", "The how-manyeth assignment it is.") { $0.number },
        Field("revision", "The revision of the document that the topology is of.") { $0.revision },
        Field("topology", "What there is to assign.") { $0.topology }, Field("policy", "What must be kept.") { $0.policy },
        Field("reputationMin", "Operators with a lower reputation get nothing.") { $0.reputationMin },
        Field("rotation", "The part of the nodes that get a new draw, in parts per million.") { $0.rotation },
        Field("operators", "Ascending by number.") { $0.operators },
        Field("previous", "Whom each slot had before.") { $0.previous },
        Field("exclusions", "Operators that must stay out of a group.") { $0.exclusions },
        make: {
            MappingInput(
                application: $0, number: $1, revision: $2, topology: $3, policy: $4, reputationMin: $5, rotation: $6, operators: $7,
                previous: $8, exclusions: $9)
        })

    /// What the draws are made from: `SHA-256("trellis/mapping/1" || beacon || application || number)`.
    public func seed(_ beacon: Beacon) -> Digest {
        var encoder = BCSEncoder()
        encoder.encode(beacon)
        encoder.encode(application)
        encoder.encode(number)
        return SHA256.hash(.mapping, encoder.bytes)
    }
}

/// An operator as the mapper sees it.
public struct MappingOperator: Hashable, Record {
    /// Never 0; an operator keeps it as long as it is one.
    public let number: UInt32
    /// Nodes that its stake is good for.
    public let units: UInt32
    public let reputation: UInt32
    public let continent: Continent
    public let region: RegionName
    /// Whose cloud its machines are in; none for machines of its own.
    public let provider: ProviderName?
    /// Whether it is on the blacklist.
    public let isBarred: Bool

    public init(
        number: UInt32, units: UInt32, reputation: UInt32 = 0, continent: Continent, region: RegionName, provider: ProviderName? = nil,
        isBarred: Bool = false
    ) {
        self.number = number
        self.units = units
        self.reputation = reputation
        self.continent = continent
        self.region = region
        self.provider = provider
        self.isBarred = isBarred
    }

    public static let fields = Fields(
        Field("number", "Its number in the application.") { $0.number }, Field("units", "Nodes that its stake is good for.") { $0.units },
        Field("reputation", "Its reputation.") { $0.reputation }, Field("continent", "Where its machines are.") { $0.continent },
        Field("region", "Where on the continent.") { $0.region }, Field("provider", "Whose cloud they are in, if any.") { $0.provider },
        Field("isBarred", "Whether it is on the blacklist.") { $0.isBarred },
        make: {
            MappingOperator(number: $0, units: $1, reputation: $2, continent: $3, region: $4, provider: $5, isBarred: $6)
        })
}

/// An operator that must stay out of a group.
public struct Exclusion: Hashable, Comparable, Record {
    public let group: UInt32
    public let number: UInt32

    public init(group: UInt32, number: UInt32) {
        self.group = group
        self.number = number
    }

    public static func < (left: Exclusion, right: Exclusion) -> Bool {
        left.group == right.group ? left.number < right.number : left.group < right.group
    }

    public static let fields = Fields(
        Field("group", "The place of the group.") { $0.group }, Field("number", "The operator's number.") { $0.number },
        make: { Exclusion(group: $0, number: $1) })
}

/// An operator number for each slot, 0 for nobody, as four bytes each.
public struct AssignedOperators: Hashable, SchemaValue {
    public let numbers: [UInt32]

    /// nil above ``Topology/slotsMax``.
    public init?(_ numbers: [UInt32]) {
        guard numbers.count <= Topology.slotsMax else { return nil }
        self.numbers = numbers
    }

    public func encode(into encoder: inout BCSEncoder) { encoder.encode(numbers) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let count = try decoder.decodeLength(limit: Topology.slotsMax)
        guard count * 4 <= decoder.remaining else {
            throw .truncated(offset: decoder.offset, needed: count * 4, available: decoder.remaining)
        }
        var numbers: [UInt32] = []
        numbers.reserveCapacity(count)
        for _ in 0..<count { numbers.append(try decoder.decode(UInt32.self)) }
        self.numbers = numbers
    }

    public static var schema: TypeSchema { .list(of: UInt32.schema, max: Topology.slotsMax) }
}

public enum ApplicationNameBound: TextBound { public static var bytesMax: Int { 63 } }
public enum RegionNameBound: TextBound { public static var bytesMax: Int { 16 } }
public enum ProviderNameBound: TextBound { public static var bytesMax: Int { 32 } }

/// The name of an application: lower-case letters, digits, hyphens and dots.
public typealias ApplicationName = BoundedText<ApplicationNameBound>
/// A part of a continent, as its operators call it: `DE`, `us-east-1`.
public typealias RegionName = BoundedText<RegionNameBound>
/// A provider of cloud machines.
public typealias ProviderName = BoundedText<ProviderNameBound>
