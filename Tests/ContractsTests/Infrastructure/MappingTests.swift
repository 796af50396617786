import Contracts
import Execution
import Ledger
import Primitives
import Testing

/// The mapper against rules that are counted by hand, brute force on small cases, and chance.
@Suite struct MappingTests {
    static func group(_ name: String, copies: UInt32 = 1, _ count: UInt32) -> TopologyGroup {
        TopologyGroup(name: .init(name)!, isShard: copies > 1, copies: copies, parts: Bounded([TopologyPart(template: "worker", count: count)])!)
    }

    static func beacon(_ number: UInt64) -> Beacon {
        var generator = SeededGenerator(seed: number)
        return Beacon(generator.bytes(32))!
    }

    static func input(
        _ groups: [TopologyGroup], _ operators: [MappingOperator], policy: MappingPolicy = MappingPolicy(), number: UInt64 = 1,
        previous: [UInt32] = [], rotation: UInt32 = 0, reputationMin: UInt32 = 0, exclusions: [Exclusion] = []
    ) -> MappingInput {
        MappingInput(
            application: "app", number: number, topology: Topology(groups)!, policy: policy, reputationMin: reputationMin, rotation: rotation,
            operators: Bounded(operators)!, previous: AssignedOperators(previous)!, exclusions: Bounded(exclusions)!)
    }

    static func plain(_ units: [UInt32]) -> [MappingOperator] {
        units.enumerated().map { MappingOperator(number: UInt32($0.offset + 1), units: $0.element, continent: .europe, region: "DE") }
    }

    static func random(_ generator: inout SeededGenerator) -> MappingInput {
        let continents = Array(Continent.all.prefix(3)), regions: [RegionName] = ["a", "b", "c"], providers: [ProviderName?] = [nil, "x", "y"]
        let groups = (0..<(1 + generator.below(3))).map { group("g\($0)", UInt32(1 + generator.below(3))) }
        let operators = (0..<(1 + generator.below(5))).map { place in
            let where_ = generator.below(3)
            return MappingOperator(
                number: UInt32(place + 1), units: UInt32(generator.below(5)), reputation: UInt32(generator.below(4)), continent: continents[where_],
                region: regions[where_], provider: providers[generator.below(3)], isBarred: generator.chance(1, in: 12))
        }
        func maybe(_ value: UInt32) -> UInt32? { generator.chance(1, in: 2) ? value : nil }
        let policy = MappingPolicy(
            perOperatorInGroup: maybe(UInt32(1 + generator.below(2))), regionShare: maybe(UInt32(generator.below(11)) * 100_000),
            providerShare: maybe(UInt32(generator.below(11)) * 100_000), cloudShare: maybe(UInt32(generator.below(11)) * 100_000))
        let slots = groups.reduce(0) { $0 + $1.size }
        let previous = generator.chance(1, in: 2) ? (0..<slots).map { _ in UInt32(generator.below(operators.count + 2)) } : []
        let exclusions = generator.chance(1, in: 4) ? [Exclusion(group: UInt32(generator.below(groups.count)), number: UInt32(1 + generator.below(operators.count)))] : []
        return input(groups, operators, policy: policy, previous: previous, rotation: generator.chance(1, in: 3) ? 300_000 : 0,
                     reputationMin: UInt32(generator.below(2)), exclusions: exclusions)
    }

    /// Counts every rule from the slots alone.
    static func broken(_ input: MappingInput, _ slots: [UInt32]) -> String? {
        let sizes = input.topology.sizes, total = slots.count, policy = input.policy
        guard sizes.reduce(0, +) == total else { return "wrong number of slots" }
        let byNumber = Dictionary(uniqueKeysWithValues: input.operators.map { ($0.number, $0) })
        func share(_ whole: Int, _ parts: UInt32?) -> Int { parts.map { whole * Int($0) / 1_000_000 } ?? whole }
        var held: [UInt32: Int] = [:], first = 0
        for (place, size) in sizes.enumerated() {
            let here = slots[first..<first + size].filter { $0 != 0 }
            first += size
            for number in here {
                guard let one = byNumber[number] else { return "an unknown operator" }
                if one.isBarred || one.reputation < input.reputationMin { return "an operator that may not" }
                if input.exclusions.contains(Exclusion(group: UInt32(place), number: number)) { return "an excluded operator" }
                held[number, default: 0] += 1
                if here.count(where: { $0 == number }) > Int(policy.perOperatorInGroup ?? .max) { return "too many of one operator in a group" }
                let same = here.count(where: { byNumber[$0]?.region == one.region })
                if same > max(1, share(size, policy.regionShare)) { return "a region above its share" }
            }
        }
        for (number, count) in held where count > Int(byNumber[number]!.units) { return "more than its units" }
        let clouds = slots.compactMap { byNumber[$0]?.provider }
        if clouds.count > share(total, policy.cloudShare) { return "clouds above their share" }
        for provider in clouds where clouds.count(where: { $0 == provider }) > max(1, share(total, policy.providerShare)) { return "a provider above its share" }
        func top(_ list: [UInt32], _ members: UInt32?) -> Bool {
            guard let members else { return false }
            return list.map { held[$0] ?? 0 }.sorted(by: >).prefix(Int(members)).reduce(0, +) > total / 2
        }
        if top(input.operators.map(\.number), policy.coalition) { return "a coalition above half" }
        for continent in Continent.all where top(input.operators.filter { $0.continent == continent }.map(\.number), policy.continentCoalition) {
            return "a coalition of one continent above half"
        }
        return nil
    }

    /// The most slots that any assignment fills, by trying all.
    static func most(_ input: MappingInput) -> Int {
        let count = input.topology.slotCount
        var best = 0, slots = Array(repeating: UInt32(0), count: count)
        func go(_ slot: Int, _ filled: Int) {
            if filled + count - slot <= best { return }
            if slot == count {
                if broken(input, slots) == nil { best = filled }
                return
            }
            for number in input.operators.map(\.number) {
                slots[slot] = number
                // Rules of bounds never heal: an assignment that breaks one with empty slots behind it breaks it for ever.
                if broken(input, slots) == nil { go(slot + 1, filled + 1) }
            }
            slots[slot] = 0
            go(slot + 1, filled)
        }
        go(0, 0)
        return best
    }

    @Test(arguments: 0..<400 as Range<UInt64>) func theMapperFillsAsManyAsBruteForceAndTheCutSaysWhy(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let input = Self.random(&generator)
        let mapping = try #require(Mapping.compute(input, beacon: Self.beacon(seed)))
        #expect(Self.broken(input, mapping.slots) == nil)
        let most = Self.most(input)
        #expect(mapping.slots.count(where: { $0 != 0 }) == most && Int(mapping.summary.assigned) == most)
        if !mapping.summary.isComplete {
            let allowed = mapping.summary.binding.filter { $0.rule != .coalition }.reduce(0) { $0 + Int($1.allows) }
            #expect(allowed == most, "the cut allows \(allowed), \(most) are possible: \(mapping.summary.binding)")
        }
        #expect(Mapping.compute(input, beacon: Self.beacon(seed)) == mapping)
        #expect(try MappingInput(bcs: input.bcs) == input)
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func coalitionsAloneAreExactToo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 5_000)
        let operators = Self.plain((0..<(1 + generator.below(5))).map { _ in UInt32(generator.below(6)) })
        let policy = MappingPolicy(coalition: UInt32(1 + generator.below(3)))
        let input = Self.input([Self.group("g", UInt32(2 + generator.below(5)))], operators, policy: policy)
        let mapping = try #require(Mapping.compute(input, beacon: Self.beacon(seed)))
        #expect(Self.broken(input, mapping.slots) == nil)
        #expect(Int(mapping.summary.assigned) == Self.most(input))
        if !mapping.summary.isComplete, operators.reduce(0, { $0 + Int($1.units) }) >= input.topology.slotCount {
            #expect(mapping.summary.binding.contains { $0.rule == .coalition })
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func allRulesTogetherAreKept(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 9_000)
        let operators = (0..<60).map { place in
            let where_ = generator.below(7)
            return MappingOperator(
                number: UInt32(place + 1), units: UInt32(generator.below(9)), continent: Continent.all[where_], region: .init("r\(where_)")!,
                provider: generator.chance(1, in: 2) ? .init("p\(generator.below(3))")! : nil)
        }
        let policy = MappingPolicy(
            perOperatorInGroup: UInt32(1 + generator.below(3)), regionShare: 400_000, providerShare: 300_000, cloudShare: 500_000, coalition: 5,
            continentCoalition: 8)
        let input = Self.input([Self.group("s", copies: 8, 16)], operators, policy: policy)
        let mapping = try #require(Mapping.compute(input, beacon: Self.beacon(seed)))
        #expect(Self.broken(input, mapping.slots) == nil)
        #expect(mapping.summary.assigned > 100)
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func nobodyMovesWhoNeedNot(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var operators = Self.plain((0..<40).map { _ in UInt32(1 + generator.below(6)) })
        let groups = [Self.group("s", copies: 5, 16)], policy = MappingPolicy(perOperatorInGroup: 2)
        let first = try #require(Mapping.compute(Self.input(groups, operators, policy: policy), beacon: Self.beacon(seed)))
        #expect(first.summary.isComplete && first.summary.added == 80)
        // Nothing has changed: nothing moves, whatever the beacon.
        let same = try #require(Mapping.compute(
            Self.input(groups, operators, policy: policy, number: 2, previous: first.slots), beacon: Self.beacon(seed + 1)))
        #expect(same.slots == first.slots && same.summary.moved == 0)
        // An operator leaves: its nodes move, and no others, as long as others' units fit.
        let gone = first.slots[generator.below(80)]
        operators.removeAll { $0.number == gone }
        let after = try #require(Mapping.compute(
            Self.input(groups, operators, policy: policy, number: 3, previous: first.slots), beacon: Self.beacon(seed + 2)))
        #expect(after.summary.isComplete)
        for (old, new) in zip(first.slots, after.slots) where old != gone { #expect(old == new) }
        #expect(Int(after.summary.moved) == first.slots.count(where: { $0 == gone }))
        // A rotation draws a part again; the rest stays.
        let rotated = try #require(Mapping.compute(
            Self.input(groups, operators, policy: policy, number: 4, previous: after.slots, rotation: 250_000), beacon: Self.beacon(seed + 3)))
        #expect(rotated.summary.moved > 0 && rotated.summary.moved <= 20 && rotated.summary.isComplete)
    }

    @Test func everyUnitIsAsLikelyAsAnyOther() throws {
        // 10 slots for 4 + 8 + 12 + 16 units: an operator holds a quarter of its units on average.
        let operators = Self.plain([4, 8, 12, 16]), rounds = 4_000
        var held = [0, 0, 0, 0]
        for round in 0..<rounds {
            let mapping = try #require(Mapping.compute(Self.input([Self.group("g", copies: 2, 5)], operators), beacon: Self.beacon(UInt64(round))))
            for number in mapping.slots { held[Int(number) - 1] += 1 }
        }
        // Four standard deviations of a hypergeometric count are below 4 % of each mean here.
        for (place, count) in held.enumerated() {
            let mean = rounds * (place + 1)
            #expect(abs(count - mean) * 25 < mean, "operator \(place): \(count), expected \(mean)")
        }
    }

    @Test func everyGroupIsAsLikelyAsAnyOther() throws {
        let operators = Self.plain([1, 1, 1, 1, 1, 1])
        var inFirst = Array(repeating: 0, count: 6), atSlot = Array(repeating: 0, count: 6)
        for round in 0..<3_000 {
            let mapping = try #require(Mapping.compute(Self.input([Self.group("g", copies: 3, 2)], operators), beacon: Self.beacon(UInt64(round))))
            for number in mapping.slots.prefix(2) { inFirst[Int(number) - 1] += 1 }
            atSlot[mapping.slots.firstIndex(of: 1)!] += 1
        }
        for count in inFirst { #expect((900...1_100).contains(count)) }
        for count in atSlot { #expect((400...600).contains(count)) }
    }

    /// A group that does not take an operator gives its share to all others alike, and not to its neighbour.
    @Test func everyFreeNodeThatFitsIsAsLikelyAsAnyOther() throws {
        let groups = [Self.group("a", 1), Self.group("b", 8), Self.group("c", 3)], operators = Self.plain([1])
        var inFirst = 0
        for round in 0..<2_000 {
            let mapping = try #require(Mapping.compute(
                Self.input(groups, operators, exclusions: [Exclusion(group: 1, number: 1)]), beacon: Self.beacon(UInt64(round))))
            let slot = try #require(mapping.slots.firstIndex(of: 1))
            #expect(slot == 0 || slot > 8)
            if slot == 0 { inFirst += 1 }
        }
        // One of four nodes; four standard deviations are 78.
        #expect((422...578).contains(inFirst), "\(inFirst)")
    }

    @Test func theBeaconDecidesAndNothingElseDoes() throws {
        let operators = Self.plain(Array(repeating: 1, count: 50)), groups = [Self.group("s", copies: 5, 10)]
        let one = try #require(Mapping.compute(Self.input(groups, operators), beacon: Self.beacon(1)))
        #expect(Mapping.compute(Self.input(groups, operators), beacon: Self.beacon(2))?.slots != one.slots)
        #expect(Mapping.compute(Self.input(groups, operators, number: 2), beacon: Self.beacon(1))?.slots != one.slots)
    }

    @Test func aTopologyThatGrowsKeepsItsNodes() {
        let small = Topology([Self.group("s", copies: 2, 2)])!, large = Topology([Self.group("a", 1), Self.group("s", copies: 3, 3)])!
        #expect(large.slotCount == 10 && large.sizes == [1, 3, 3, 3])
        #expect(large.runs.map(\.firstSlot) == [0, 1, 4, 7])
        #expect(large.runs[2].instance(0) == "worker_2_1" && large.runs[0].instance(0) == "worker")
        #expect(Topology([Self.group("s", copies: 257, 1)]) == nil && Topology([Self.group("s", copies: 101, 100)]) == nil)
        #expect(small.slotCount == 4)
    }

    /// The sharding case of the paper: 5,000 workers in 20 shards of 250, 5,000 operators with a unit each.
    @Test func fiveThousandWorkersFindTheirShards() throws {
        var operators: [MappingOperator] = []
        for place in 0..<5_000 {
            let region = RegionName("r\(place % 20)"), provider = ProviderName("p\(place % 5)")
            operators.append(MappingOperator(
                number: UInt32(place + 1), units: 1, continent: Continent.all[place % 7], region: try #require(region),
                provider: place % 2 == 0 ? provider : nil))
        }
        let policy = MappingPolicy(perOperatorInGroup: 1, regionShare: 100_000, providerShare: 250_000, cloudShare: 500_000, coalition: 100)
        let input = Self.input([Self.group("shard", copies: 20, 250)], operators, policy: policy)
        let mapping = try #require(Mapping.compute(input, beacon: Self.beacon(7)))
        #expect(mapping.summary.isComplete && Set(mapping.slots).count == 5_000)
        #expect(Self.broken(input, mapping.slots) == nil)
        #expect(mapping.work < 40_000_000, "\(mapping.work) steps")
        #expect(Mapping.compute(input, beacon: Self.beacon(7), workMax: 100_000) == nil)
    }
}
