/// Nodes placed in groups as a flow of units: from operators, through their clouds' and providers' shares, into groups, through their
/// regions' shares. Whatever can be placed at all is found by chains of exchanges (Ford and Fulkerson 1956), and where nothing more can
/// be placed, the cut names the rules that bind.
///
/// Invariants: every count is within its bound; `used[o]` is the sum of `placed[o]` over the groups; likewise for the other counts.
struct MappingFlow {
    let operatorCount: Int
    let groupCount: Int
    let regionCount: Int

    /// Units that an operator may place.
    let allowance: [Int]
    let regionOf: [Int]
    /// -1 for machines of its own.
    let providerOf: [Int]
    let operatorsIn: [[Int]]
    let operatorsAt: [[Int]]
    let cloudMax: Int
    let providerMax: Int
    let regionMax: [Int]
    let sizes: [Int]
    /// By operator and group.
    let placeMax: [Int32]

    private(set) var placed: [Int32]
    private(set) var used: [Int]
    private(set) var filled: [Int]
    private(set) var total = 0
    private(set) var regionUsed: [Int32]
    private(set) var providerUsed: [Int]
    private(set) var cloudUsed = 0
    var work: MappingWork
    /// Of each place, from where the last search reached it; and the places that it reached, in their order.
    private var origins: [Int32]
    private var reached: [Int] = []

    init(
        allowance: [Int], regionOf: [Int], regionCount: Int, providerOf: [Int], providerCount: Int, cloudMax: Int, providerMax: Int,
        regionMax: [Int], sizes: [Int], placeMax: [Int32], work: MappingWork
    ) {
        operatorCount = allowance.count
        groupCount = sizes.count
        self.regionCount = regionCount
        self.allowance = allowance
        self.regionOf = regionOf
        self.providerOf = providerOf
        var operatorsIn = Array(repeating: [Int](), count: regionCount), operatorsAt = Array(repeating: [Int](), count: providerCount)
        for (index, region) in regionOf.enumerated() { operatorsIn[region].append(index) }
        for (index, provider) in providerOf.enumerated() where provider >= 0 { operatorsAt[provider].append(index) }
        self.operatorsIn = operatorsIn
        self.operatorsAt = operatorsAt
        self.cloudMax = cloudMax
        self.providerMax = providerMax
        self.regionMax = regionMax
        self.sizes = sizes
        self.placeMax = placeMax
        self.work = work
        placed = Array(repeating: 0, count: allowance.count * sizes.count)
        used = Array(repeating: 0, count: allowance.count)
        filled = Array(repeating: 0, count: sizes.count)
        regionUsed = Array(repeating: 0, count: regionCount * sizes.count)
        providerUsed = Array(repeating: 0, count: providerCount)
        origins = Array(repeating: Self.unseen, count: allowance.count + (regionCount + 1) * sizes.count + providerCount + 1)
    }

    /// Whether the operator may place one more, wherever.
    func hasUnit(_ operator: Int) -> Bool {
        guard used[`operator`] < allowance[`operator`] else { return false }
        let provider = providerOf[`operator`]
        return provider < 0 || (cloudUsed < cloudMax && providerUsed[provider] < providerMax)
    }

    /// Whether the group takes one more from the operator.
    func fits(_ operator: Int, _ group: Int) -> Bool {
        let place = `operator` * groupCount + group, region = regionOf[`operator`] * groupCount + group
        return filled[group] < sizes[group] && placed[place] < placeMax[place] && Int(regionUsed[region]) < regionMax[group]
    }

    /// Places one unit that ``hasUnit(_:)`` and ``fits(_:_:)``.
    mutating func place(_ operator: Int, _ group: Int) {
        placed[`operator` * groupCount + group] += 1
        regionUsed[regionOf[`operator`] * groupCount + group] += 1
        filled[group] += 1
        used[`operator`] += 1
        total += 1
        guard providerOf[`operator`] >= 0 else { return }
        providerUsed[providerOf[`operator`]] += 1
        cloudUsed += 1
    }

    // ── Exchanges ──

    /// Where units pass through; each has a number, in the order of the cases.
    private enum Place { case `operator`(Int), region(Int, group: Int), group(Int), provider(Int), clouds }

    private func atRegion(_ region: Int, _ group: Int) -> Int { operatorCount + region * groupCount + group }
    private func atGroup(_ group: Int) -> Int { operatorCount + regionCount * groupCount + group }
    private func atProvider(_ provider: Int) -> Int { operatorCount + (regionCount + 1) * groupCount + provider }
    private var atClouds: Int { origins.count - 1 }

    private func place(at number: Int) -> Place {
        if number < operatorCount { return .operator(number) }
        if number < atGroup(0) { return .region((number - operatorCount) / groupCount, group: (number - operatorCount) % groupCount) }
        if number < atProvider(0) { return .group(number - atGroup(0)) }
        return number < atClouds ? .provider(number - atProvider(0)) : .clouds
    }

    private static let unseen: Int32 = -2
    private static let start: Int32 = -1
    /// What it takes to come to a place, beside looking at its neighbours.
    private static let placeSteps = 8

    private func isReached(_ place: Int) -> Bool { origins[place] != Self.unseen }

    private mutating func visit(_ place: Int, from origin: Int32) {
        guard origins[place] == Self.unseen else { return }
        origins[place] = origin
        reached.append(place)
    }

    /// Places one unit more by the shortest chain of exchanges. False where there is none: then ``cut()`` says why.
    mutating func augment() throws(MappingWork.OverLimit) -> Bool {
        for place in reached { origins[place] = Self.unseen }
        reached.removeAll(keepingCapacity: true)
        try work.charge(operatorCount)
        if cloudUsed < cloudMax, !providerUsed.isEmpty { visit(atClouds, from: Self.start) }
        for index in 0..<operatorCount where providerOf[index] < 0 && used[index] < allowance[index] { visit(index, from: Self.start) }
        var next = 0
        while next < reached.count {
            if case .group(let group) = place(at: reached[next]), filled[group] < sizes[group] {
                apply(endingAt: reached[next])
                filled[group] += 1
                total += 1
                return true
            }
            try expand(reached[next])
            next += 1
        }
        return false
    }

    /// Visits the places to which one more unit could go from here, or from which one could come back.
    private mutating func expand(_ number: Int) throws(MappingWork.OverLimit) {
        let origin = Int32(number)
        switch place(at: number) {
        case .operator(let index):
            try work.charge(Self.placeSteps + groupCount)
            let base = index * groupCount, region = regionOf[index]
            for group in 0..<groupCount where placed[base + group] < placeMax[base + group] { visit(atRegion(region, group), from: origin) }
            // It gives a unit up, so that another one at its provider may place one.
            if providerOf[index] >= 0, used[index] > 0 { visit(atProvider(providerOf[index]), from: origin) }
        case .region(let region, let group):
            try work.charge(Self.placeSteps + operatorsIn[region].count)
            if Int(regionUsed[region * groupCount + group]) < regionMax[group] { visit(atGroup(group), from: origin) }
            for index in operatorsIn[region] where placed[index * groupCount + group] > 0 { visit(index, from: origin) }
        case .group(let group):
            try work.charge(Self.placeSteps + regionCount)
            for region in 0..<regionCount where regionUsed[region * groupCount + group] > 0 { visit(atRegion(region, group), from: origin) }
        case .provider(let provider):
            try work.charge(Self.placeSteps + operatorsAt[provider].count)
            for index in operatorsAt[provider] where used[index] < allowance[index] { visit(index, from: origin) }
            if providerUsed[provider] > 0 { visit(atClouds, from: origin) }
        case .clouds:
            try work.charge(Self.placeSteps + providerUsed.count)
            for provider in providerUsed.indices where providerUsed[provider] < providerMax { visit(atProvider(provider), from: origin) }
        }
    }

    /// Walks a chain back from its end. Each of its steps takes a unit forth, or one back that had gone the other way.
    private mutating func apply(endingAt end: Int) {
        var here = end
        while origins[here] != Self.start {
            let origin = Int(origins[here])
            switch (place(at: origin), place(at: here)) {
            case (.clouds, .provider(let provider)): providerUsed[provider] += 1
            case (.provider(let provider), .clouds): providerUsed[provider] -= 1
            case (.provider, .operator(let index)): used[index] += 1
            case (.operator(let index), .provider): used[index] -= 1
            case (.operator(let index), .region(_, let group)): placed[index * groupCount + group] += 1
            case (.region(_, let group), .operator(let index)): placed[index * groupCount + group] -= 1
            case (.region(let region, let group), .group): regionUsed[region * groupCount + group] += 1
            case (.group, .region(let region, let group)): regionUsed[region * groupCount + group] -= 1
            default: preconditionFailure("a step that no search takes")
            }
            here = origin
        }
        if here < operatorCount { used[here] += 1 } else { cloudUsed += 1 }
    }

    // ── Why not more ──

    /// The bounds between what the last search has reached without success and the rest: together they allow exactly what is placed.
    func cut() -> [MappingRule: Int] {
        var bounds: [MappingRule: Int] = [:]
        func add(_ rule: MappingRule, _ bound: Int) { bounds[rule, default: 0] += bound }
        let seesClouds = isReached(atClouds)
        if !seesClouds, !providerUsed.isEmpty { add(.cloudShare, cloudMax) }
        for provider in providerUsed.indices where seesClouds && !isReached(atProvider(provider)) { add(.providerShare, providerMax) }
        for index in 0..<operatorCount {
            let provider = providerOf[index]
            guard isReached(index) else {
                if provider < 0 || isReached(atProvider(provider)) { add(.units, allowance[index]) }
                continue
            }
            for group in 0..<groupCount where !isReached(atRegion(regionOf[index], group)) {
                add(.perOperatorInGroup, Int(placeMax[index * groupCount + group]))
            }
        }
        for region in 0..<regionCount {
            for group in 0..<groupCount where isReached(atRegion(region, group)) && !isReached(atGroup(group)) {
                add(.regionShare, regionMax[group])
            }
        }
        for group in 0..<groupCount where isReached(atGroup(group)) { add(.slots, sizes[group]) }
        return bounds
    }
}
