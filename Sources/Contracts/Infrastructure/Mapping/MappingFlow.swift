/// Nodes placed in groups as a flow of units: from operators, through their clouds' and providers' shares, into groups, through their
/// regions' shares. Whatever can be placed at all is found by chains of exchanges (Ford and Fulkerson 1956), and where nothing more can
/// be placed, the cut names the rules that bind.
///
/// Invariants: every count is within its bound; `used[o]` is the sum of `placed[o]` over the groups; likewise for the other counts.
struct MappingFlow {
    /// One more would pass the work that was allowed.
    struct WorkOverLimit: Error {}

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
    private var regionUsed: [Int]
    private var providerUsed: [Int]
    private var cloudUsed = 0
    private var work = 0
    private let workMax: Int

    init(
        allowance: [Int], regionOf: [Int], regionCount: Int, providerOf: [Int], providerCount: Int, cloudMax: Int, providerMax: Int,
        regionMax: [Int], sizes: [Int], placeMax: [Int32], workMax: Int
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
        self.workMax = workMax
        placed = Array(repeating: 0, count: allowance.count * sizes.count)
        used = Array(repeating: 0, count: allowance.count)
        filled = Array(repeating: 0, count: sizes.count)
        regionUsed = Array(repeating: 0, count: regionCount * sizes.count)
        providerUsed = Array(repeating: 0, count: providerCount)
    }

    mutating func charge(_ steps: Int) throws(WorkOverLimit) {
        work += steps
        if work > workMax { throw WorkOverLimit() }
    }

    var workDone: Int { work }

    /// Whether the operator may place one more, wherever.
    func hasUnit(_ operator: Int) -> Bool {
        guard used[`operator`] < allowance[`operator`] else { return false }
        let provider = providerOf[`operator`]
        return provider < 0 || (cloudUsed < cloudMax && providerUsed[provider] < providerMax)
    }

    /// Whether the group takes one more from the operator.
    func fits(_ operator: Int, _ group: Int) -> Bool {
        let place = `operator` * groupCount + group, region = regionOf[`operator`] * groupCount + group
        return filled[group] < sizes[group] && placed[place] < placeMax[place] && regionUsed[region] < regionMax[group]
    }

    /// Places one unit that ``hasUnit(_:)`` and ``fits(_:_:)``.
    mutating func place(_ operator: Int, _ group: Int) {
        shift(`operator`, group, by: 1)
        count(`operator`, by: 1)
        total += 1
    }

    private mutating func shift(_ operator: Int, _ group: Int, by change: Int) {
        placed[`operator` * groupCount + group] += Int32(change)
        regionUsed[regionOf[`operator`] * groupCount + group] += change
        filled[group] += change
    }

    private mutating func count(_ operator: Int, by change: Int) {
        used[`operator`] += change
        guard providerOf[`operator`] >= 0 else { return }
        providerUsed[providerOf[`operator`]] += change
        cloudUsed += change
    }

    // ── Exchanges ──

    /// What a search has reached, and from where. A place is an operator, a region of a group, a group, a provider, or the clouds.
    struct Reach {
        fileprivate var from: [Int32]
        fileprivate static let unseen: Int32 = -2
        fileprivate static let start: Int32 = -1
        func contains(_ place: Int) -> Bool { from[place] != Self.unseen }
    }

    private func atRegion(_ region: Int, _ group: Int) -> Int { operatorCount + region * groupCount + group }
    private func atGroup(_ group: Int) -> Int { operatorCount + regionCount * groupCount + group }
    private func atProvider(_ provider: Int) -> Int { operatorCount + (regionCount + 1) * groupCount + provider }
    private var atClouds: Int { operatorCount + (regionCount + 1) * groupCount + providerUsed.count }

    /// Places one unit more by the shortest chain of exchanges; the reach of the search where there is none.
    mutating func augment() throws(WorkOverLimit) -> Reach? {
        var reach = Reach(from: Array(repeating: Reach.unseen, count: atClouds + 1))
        var queue: [Int] = []
        queue.reserveCapacity(atClouds + 1)
        func visit(_ place: Int, _ origin: Int32) {
            guard reach.from[place] == Reach.unseen else { return }
            reach.from[place] = origin
            queue.append(place)
        }
        if cloudUsed < cloudMax, !providerUsed.isEmpty { visit(atClouds, Reach.start) }
        for index in 0..<operatorCount where providerOf[index] < 0 && used[index] < allowance[index] { visit(index, Reach.start) }
        var next = 0
        while next < queue.count {
            let place = queue[next], origin = Int32(place)
            next += 1
            if place < operatorCount {
                try charge(groupCount)
                let base = place * groupCount, region = regionOf[place]
                for group in 0..<groupCount where placed[base + group] < placeMax[base + group] { visit(atRegion(region, group), origin) }
                // It gives a unit up, so that another one at its provider may place one.
                if providerOf[place] >= 0, used[place] > 0 { visit(atProvider(providerOf[place]), origin) }
            } else if place < atGroup(0) {
                let region = (place - operatorCount) / groupCount, group = (place - operatorCount) % groupCount
                try charge(operatorsIn[region].count)
                if regionUsed[place - operatorCount] < regionMax[group] { visit(atGroup(group), origin) }
                for index in operatorsIn[region] where placed[index * groupCount + group] > 0 { visit(index, origin) }
            } else if place < atProvider(0) {
                let group = place - atGroup(0)
                if filled[group] < sizes[group] {
                    apply(reach, endingAt: place)
                    return nil
                }
                try charge(regionCount)
                for region in 0..<regionCount where regionUsed[region * groupCount + group] > 0 { visit(atRegion(region, group), origin) }
            } else if place < atClouds {
                let provider = place - atProvider(0)
                try charge(operatorsAt[provider].count)
                for index in operatorsAt[provider] where used[index] < allowance[index] { visit(index, origin) }
                if providerUsed[provider] > 0 { visit(atClouds, origin) }
            } else {
                try charge(providerUsed.count)
                for provider in providerUsed.indices where providerUsed[provider] < providerMax { visit(atProvider(provider), origin) }
            }
        }
        return reach
    }

    /// Walks a chain back from its end and does what it says. A step between an operator and a region of a group moves a unit in or out.
    private mutating func apply(_ reach: Reach, endingAt end: Int) {
        var place = end
        while true {
            let origin = Int(reach.from[place])
            let isOperator = place < operatorCount
            if origin < 0 {
                if isOperator { used[place] += 1 }
                break
            }
            if origin < operatorCount, place < atGroup(0), !isOperator {
                placed[origin * groupCount + (place - operatorCount) % groupCount] += 1
            } else if isOperator, origin < atGroup(0) {
                placed[place * groupCount + (origin - operatorCount) % groupCount] -= 1
            } else if isOperator {
                used[place] += 1
            } else if origin < operatorCount {
                used[origin] -= 1
            }
            place = origin
        }
        recount()
    }

    /// The other counts follow from what is placed and used.
    private mutating func recount() {
        for index in regionUsed.indices { regionUsed[index] = 0 }
        for index in filled.indices { filled[index] = 0 }
        for index in providerUsed.indices { providerUsed[index] = 0 }
        cloudUsed = 0
        total = 0
        for index in 0..<operatorCount {
            let base = index * groupCount, region = regionOf[index] * groupCount
            for group in 0..<groupCount {
                let here = Int(placed[base + group])
                guard here > 0 else { continue }
                regionUsed[region + group] += here
                filled[group] += here
            }
            total += used[index]
            guard providerOf[index] >= 0 else { continue }
            providerUsed[providerOf[index]] += used[index]
            cloudUsed += used[index]
        }
    }

    // ── Why not more ──

    /// The bounds between what a search without success has reached and the rest: together they allow exactly what is placed.
    func cut(_ reach: Reach) -> [MappingRule: Int] {
        var bounds: [MappingRule: Int] = [:]
        func add(_ rule: MappingRule, _ bound: Int) { bounds[rule, default: 0] += bound }
        let seesClouds = reach.contains(atClouds)
        if !seesClouds, !providerUsed.isEmpty { add(.cloudShare, cloudMax) }
        for provider in providerUsed.indices where seesClouds && !reach.contains(atProvider(provider)) { add(.providerShare, providerMax) }
        for index in 0..<operatorCount {
            let provider = providerOf[index]
            guard reach.contains(index) else {
                if provider < 0 || reach.contains(atProvider(provider)) { add(.units, allowance[index]) }
                continue
            }
            for group in 0..<groupCount where !reach.contains(atRegion(regionOf[index], group)) {
                add(.perOperatorInGroup, Int(placeMax[index * groupCount + group]))
            }
        }
        for region in 0..<regionCount {
            for group in 0..<groupCount where reach.contains(atRegion(region, group)) && !reach.contains(atGroup(group)) {
                add(.regionShare, regionMax[group])
            }
        }
        for group in 0..<groupCount where reach.contains(atGroup(group)) { add(.slots, sizes[group]) }
        return bounds
    }
}
