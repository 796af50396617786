import Ledger
public import Primitives

/// Assigns operators to nodes: a pure function of what was frozen and the beacon that came later, so that anyone gets the same.
///
/// 1. Operators count that are not barred, have the reputation, and units: one unit is one node. Rules on coalitions lower the units.
/// 2. Nodes keep their operators as far as the rules allow, except for the part that the rotation draws.
/// 3. Units are drawn without replacement, each as likely as any other, and each gets a random free node among those that it fits.
/// 4. What is still free is filled by exchanges, the shortest first, until no exchange helps; then the cut says which rules bind.
///
/// Steps 2 and 3 move nobody who need not move; step 4 moves others only where a node would stay empty otherwise. Numbers are integers.
public struct Mapping: Hashable, Sendable {
    /// An operator's number for each slot; 0 for nobody.
    public let slots: [UInt32]
    public let summary: MappingSummary
    /// Steps that it took, about two nanoseconds each: a draw counts for some hundred.
    public let work: Int

    /// Steps after which no more exchanges are tried, so that one block can hold the largest case. What is still free then stays free.
    public static let workMost = 35_000_000

    /// nil when it would take more than `workMax` steps and those are fewer than ``workMost``.
    public static func compute(_ input: MappingInput, beacon: Beacon, workMax: Int = workMost) -> Mapping? {
        do throws(MappingWork.OverLimit) {
            var solver = try MappingSolver(input, MappingDraw(input.seed(beacon)), MappingWork(most: min(workMax, workMost)))
            return try solver.solve()
        } catch { return nil }
    }
}

/// The steps of ``Mapping/compute(_:beacon:workMax:)``.
struct MappingSolver {
    let input: MappingInput
    let operators: [MappingOperator]
    let sizes: [Int]
    let slotCount: Int
    /// Units that rules on coalitions withhold.
    let withheld: Int
    let groupOfSlot: [Int]
    /// The operator of each slot before, by place among `operators`; -1 for none that counts.
    let before: [Int]
    var draw: MappingDraw
    var flow: MappingFlow

    init(_ input: MappingInput, _ generator: MappingDraw, _ allowed: MappingWork) throws(MappingWork.OverLimit) {
        self.input = input
        var draw = generator, work = allowed
        let policy = input.policy
        let sizes = input.topology.sizes
        let slotCount = sizes.reduce(0, +)
        let operators = input.operators.filter { !$0.isBarred && $0.reputation >= input.reputationMin && $0.units > 0 }
        // Tables by operator and group, names that are sorted, draws: what is done once, whatever comes of it.
        try work.charge(8 * operators.count * sizes.count + 512 * operators.count + 64 * slotCount)
        self.operators = operators
        self.sizes = sizes
        self.slotCount = slotCount
        groupOfSlot = sizes.indices.flatMap { Array(repeating: $0, count: sizes[$0]) }

        var placeOf: [UInt32: Int] = [:]
        for (place, one) in operators.enumerated() { placeOf[one.number] = place }
        let hasPrevious = input.previous.numbers.count == slotCount
        let before = (0..<slotCount).map { hasPrevious ? placeOf[input.previous.numbers[$0]] ?? -1 : -1 }
        self.before = before
        var held = Array(repeating: 0, count: operators.count)
        for place in before where place >= 0 { held[place] += 1 }

        let units = operators.map { min(Int($0.units), slotCount) }
        // Whoever holds more than others is asked first, so that a limit moves as little as it can.
        let order = draw.shuffled(Array(operators.indices)).enumerated()
            .sorted { (held[$1.element], $0.offset) < (held[$0.element], $1.offset) }.map(\.element)
        var allowance = units
        if let most = policy.coalition {
            allowance = CoalitionLimit(members: Int(most), slots: slotCount).applied(to: allowance, order: order, among: Array(operators.indices))
        }
        if let most = policy.continentCoalition {
            for continent in Continent.all {
                let among = operators.indices.filter { operators[$0].continent == continent }
                allowance = CoalitionLimit(members: Int(most), slots: slotCount).applied(to: allowance, order: order, among: among)
            }
        }
        withheld = units.reduce(0, +) - allowance.reduce(0, +)

        func share(_ whole: Int, _ parts: UInt32?) -> Int { parts.map { whole * Int($0) / Int(MappingPolicy.whole) } ?? whole }
        let regions = Array(Set(operators.map { $0.region.text.utf8.map(\.self) })).sorted { $0.lexicographicallyPrecedes($1) }
        let providers = Array(Set(operators.compactMap { $0.provider?.text.utf8.map(\.self) })).sorted { $0.lexicographicallyPrecedes($1) }
        var regionPlace: [[UInt8]: Int] = [:], providerPlace: [[UInt8]: Int] = [:]
        for (place, name) in regions.enumerated() { regionPlace[name] = place }
        for (place, name) in providers.enumerated() { providerPlace[name] = place }
        // Without a rule on regions all are one.
        let hasRegions = policy.regionShare != nil
        var placeMax = Array(repeating: Int32(0), count: operators.count * sizes.count)
        for group in sizes.indices {
            let most = Int32(min(sizes[group], Int(policy.perOperatorInGroup ?? .max)))
            for place in operators.indices { placeMax[place * sizes.count + group] = most }
        }
        for exclusion in input.exclusions {
            guard let place = placeOf[exclusion.number], Int(exclusion.group) < sizes.count else { continue }
            placeMax[place * sizes.count + Int(exclusion.group)] = 0
        }
        flow = MappingFlow(
            allowance: allowance,
            regionOf: operators.map { hasRegions ? regionPlace[$0.region.text.utf8.map(\.self)]! : 0 }, regionCount: hasRegions ? max(1, regions.count) : 1,
            providerOf: operators.map { $0.provider.map { providerPlace[$0.text.utf8.map(\.self)]! } ?? -1 }, providerCount: providers.count,
            cloudMax: share(slotCount, policy.cloudShare), providerMax: max(1, share(slotCount, policy.providerShare)),
            regionMax: sizes.map { max(1, share($0, policy.regionShare)) }, sizes: sizes, placeMax: placeMax, work: work)
        self.draw = draw
    }

    mutating func solve() throws(MappingWork.OverLimit) -> Mapping {
        try keep()
        try fill()
        var isStuck = false
        do throws(MappingWork.OverLimit) {
            while flow.total < slotCount, !isStuck { isStuck = try !flow.augment() }
        } catch {
            guard flow.work.most >= Mapping.workMost else { throw error }
        }
        let slots = materialised()
        return Mapping(slots: slots, summary: summary(slots, isStuck: isStuck), work: flow.work.done)
    }

    /// Step 2.
    private mutating func keep() throws(MappingWork.OverLimit) {
        let kept = draw.shuffled((0..<slotCount).filter { before[$0] >= 0 })
        try flow.work.charge(64 * kept.count)
        let rotated = kept.count * Int(min(input.rotation, MappingPolicy.whole)) / Int(MappingPolicy.whole)
        for slot in kept.dropFirst(rotated) where flow.hasUnit(before[slot]) && flow.fits(before[slot], groupOfSlot[slot]) {
            flow.place(before[slot], groupOfSlot[slot])
        }
    }

    /// Step 3, with all units, also those that a limit withholds. One that fits nowhere will not fit later either: its operator leaves the draw.
    private mutating func fill() throws(MappingWork.OverLimit) {
        var weights = WeightTree(operators.indices.map { Int(operators[$0].units) - flow.used[$0] })
        try flow.work.charge(4 * operators.count)
        while flow.total < slotCount, weights.total > 0 {
            let one = weights.index(at: draw.below(weights.total))
            try flow.work.charge(400 + 3 * sizes.count)
            guard flow.hasUnit(one), let group = freeGroup(for: one) else {
                weights.set(one, 0)
                continue
            }
            flow.place(one, group)
            weights.set(one, weights[one] - 1)
        }
    }

    /// The group of a random free node among those that the operator fits.
    private mutating func freeGroup(for one: Int) -> Int? {
        let free = sizes.indices.map { flow.fits(one, $0) ? sizes[$0] - flow.filled[$0] : 0 }
        let total = free.reduce(0, +)
        guard total > 0 else { return nil }
        var rest = draw.below(total), group = 0
        while rest >= free[group] {
            rest -= free[group]
            group += 1
        }
        return group
    }

    /// The operators of each slot: nodes keep theirs where the flow still has them in the group; the others are put in at random.
    private mutating func materialised() -> [UInt32] {
        var left = flow.placed
        var slots = Array(repeating: UInt32(0), count: slotCount)
        for slot in 0..<slotCount where before[slot] >= 0 {
            let place = before[slot] * sizes.count + groupOfSlot[slot]
            guard left[place] > 0 else { continue }
            left[place] -= 1
            slots[slot] = operators[before[slot]].number
        }
        var first = 0
        for group in sizes.indices {
            var newcomers: [Int] = []
            for place in operators.indices {
                for _ in 0..<left[place * sizes.count + group] { newcomers.append(place) }
            }
            newcomers = draw.shuffled(newcomers)
            for slot in first..<first + sizes[group] where slots[slot] == 0 && !newcomers.isEmpty {
                slots[slot] = operators[newcomers.removeLast()].number
            }
            first += sizes[group]
        }
        return slots
    }

    private func summary(_ slots: [UInt32], isStuck: Bool) -> MappingSummary {
        let previous = input.previous.numbers.count == slotCount ? input.previous.numbers : Array(repeating: 0, count: slotCount)
        var moved: UInt32 = 0, added: UInt32 = 0, emptied: UInt32 = 0
        for (old, new) in zip(previous, slots) where old != new {
            if old == 0 { added += 1 } else if new == 0 { emptied += 1 } else { moved += 1 }
        }
        let holdings = flow.used.filter { $0 > 0 }.sorted(by: >)
        var majority = 0, sum = 0
        while majority < holdings.count, 2 * sum <= slotCount {
            sum += holdings[majority]
            majority += 1
        }
        var binding: [BindingRule] = []
        if isStuck {
            let bounds = flow.cut()
            binding = MappingRule.all.compactMap { rule in
                bounds[rule].flatMap { $0 > 0 ? BindingRule(rule: rule, allows: UInt32(clamping: $0)) : nil }
            }
            if withheld > 0 { binding.append(BindingRule(rule: .coalition, allows: UInt32(clamping: withheld))) }
        }
        return MappingSummary(
            slots: UInt32(slotCount), assigned: UInt32(flow.total), operators: UInt32(holdings.count), moved: moved, added: added,
            emptied: emptied, largest: UInt32(holdings.first ?? 0), majority: 2 * sum > slotCount ? UInt32(majority) : 0,
            binding: Bounded(binding)!)
    }
}
