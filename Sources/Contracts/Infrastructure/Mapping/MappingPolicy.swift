public import Execution

/// What an assignment of nodes to operators must keep. Every rule is optional; without any, only the operators' units count.
///
/// Shares are parts per million and rounded down; a share of a group or a provider allows one node at least.
public struct MappingPolicy: Hashable, Record {
    /// Nodes of one operator in one group, at most.
    public var perOperatorInGroup: UInt32?
    /// The part of a group's nodes in one region, at most.
    public var regionShare: UInt32?
    /// The part of all nodes at one cloud provider, at most.
    public var providerShare: UInt32?
    /// The part of all nodes in clouds of any provider, at most.
    public var cloudShare: UInt32?
    /// No so many operators hold more than half of the nodes together.
    public var coalition: UInt32?
    /// No so many operators of one continent hold more than half of the nodes together.
    public var continentCoalition: UInt32?

    public init(
        perOperatorInGroup: UInt32? = nil, regionShare: UInt32? = nil, providerShare: UInt32? = nil, cloudShare: UInt32? = nil,
        coalition: UInt32? = nil, continentCoalition: UInt32? = nil
    ) {
        self.perOperatorInGroup = perOperatorInGroup
        self.regionShare = regionShare
        self.providerShare = providerShare
        self.cloudShare = cloudShare
        self.coalition = coalition
        self.continentCoalition = continentCoalition
    }

    /// The whole, in the unit of shares.
    public static let whole: UInt32 = 1_000_000

    /// Whether every rule can mean something.
    public var isValid: Bool {
        [regionShare, providerShare, cloudShare].allSatisfy { ($0 ?? 0) <= Self.whole }
            && [perOperatorInGroup, coalition, continentCoalition].allSatisfy { $0 != 0 }
    }

    /// The stricter of both, rule by rule.
    public func combined(with other: MappingPolicy) -> MappingPolicy {
        func least(_ a: UInt32?, _ b: UInt32?) -> UInt32? { [a, b].compactMap(\.self).min() }
        func most(_ a: UInt32?, _ b: UInt32?) -> UInt32? { [a, b].compactMap(\.self).max() }
        return MappingPolicy(
            perOperatorInGroup: least(perOperatorInGroup, other.perOperatorInGroup), regionShare: least(regionShare, other.regionShare),
            providerShare: least(providerShare, other.providerShare), cloudShare: least(cloudShare, other.cloudShare),
            coalition: most(coalition, other.coalition), continentCoalition: most(continentCoalition, other.continentCoalition))
    }

    public static let fields = Fields(
        Field("perOperatorInGroup", "Nodes of one operator in one group, at most.") { $0.perOperatorInGroup },
        Field("regionShare", "The part of a group's nodes in one region, at most, in parts per million.") { $0.regionShare },
        Field("providerShare", "The part of all nodes at one cloud provider, at most, in parts per million.") { $0.providerShare },
        Field("cloudShare", "The part of all nodes in clouds, at most, in parts per million.") { $0.cloudShare },
        Field("coalition", "No so many operators hold more than half of the nodes.") { $0.coalition },
        Field("continentCoalition", "No so many operators of one continent hold more than half of the nodes.") { $0.continentCoalition },
        make: {
            MappingPolicy(perOperatorInGroup: $0, regionShare: $1, providerShare: $2, cloudShare: $3, coalition: $4, continentCoalition: $5)
        })
}

/// Where a machine stands, in the large. Whoever states it answers for it.
public enum Continent: Hashable, Choice {
    case africa, antarctica, asia, europe, northAmerica, oceania, southAmerica

    public static let all: [Continent] = [.africa, .antarctica, .asia, .europe, .northAmerica, .oceania, .southAmerica]

    public static let cases: [Case<Continent>] = [
        Case("africa", "Africa.", .africa), Case("antarctica", "Antarctica.", .antarctica), Case("asia", "Asia.", .asia),
        Case("europe", "Europe.", .europe), Case("northAmerica", "North and Central America.", .northAmerica),
        Case("oceania", "Oceania.", .oceania), Case("southAmerica", "South America.", .southAmerica),
    ]
}
