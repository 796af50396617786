import Consensus
import Primitives

/// Everything that is decided before a run begins: who there is, who is corrupt, and which faults are on the table.
public struct RunPlan: Sendable {
    /// A kind of fault that a run has or has not.
    enum Kind: CaseIterable { case loss, duplication, jitter, partitions, clogs, crashes, powerLosses, stalls, slowDisks, skew, hunts, deafness }

    public let seed: UInt64
    let menu: FaultMenu
    /// The weights of all keys at the start; 0 for those that only follow at first.
    let weights: [UInt64]
    /// The corrupt keys and what they do.
    let corrupt: [Int: Set<Behaviour>]
    /// Corrupt keys of which there are two copies that do nothing wrong but exist.
    let twins: [Int]
    let losesJournal: Set<Int>
    let hasBadClock: Set<Int>
    let diverges: Set<Int>
    let kinds: Set<Kind>
    let parameters: ConsensusParameters
    let isCalm: Bool
    /// More than a third is corrupt: a fork is possible, and what is asked of the others is to name the culprits.
    let isOverwhelmed: Bool
    let lossShare: UInt64
    let duplicationShare: UInt64
    let jitterMilliseconds: UInt64
    let latencyMicroseconds: UInt64
    let operationsPerSecond: UInt64
    /// The patience of view 0. It is short where distances are, so that some runs go through many views.
    let viewTimeoutMilliseconds: UInt64
    /// By how much patience grows at most; runs in which it does not grow see views that others never reach.
    let patienceGrowthMax: UInt64
    let changesStakes: Bool
    /// How long faults last; shorter in large networks, whose runs cost the square of their size.
    let faultMilliseconds: UInt64

    var founders: Int { weights.count { $0 > 0 } }
    var electorate: Electorate {
        Electorate(
            impaired: Set(corrupt.keys).union(twins).union(losesJournal).union(hasBadClock).union(diverges),
            founders: founders, isOverwhelmed: isOverwhelmed)
    }

    /// Draws a plan. `nodes` fixes the number of validators, which is drawn otherwise: mostly 4, sometimes up to 16, rarely more.
    public init(seed: UInt64, menu: FaultMenu = FaultMenu(), nodes: Int? = nil) {
        var generator = SeededGenerator(seed: seed)
        func draw(_ share: Int) -> Bool { generator.chance(UInt64(share), in: 1000) }
        func upTo(_ bound: Int) -> UInt64 { generator.below(UInt64(bound) + 1) }
        self.seed = seed
        self.menu = menu
        let size = generator.below(1000)
        let extra = generator.below(1000)
        let founders = nodes ?? (size < 550 ? 4 : size < 900 ? 5 + Int(extra % 3) : size < 997 ? 8 + Int(extra % 9) : 17 + Int(extra % 84))
        let isWeighted = draw(350)
        let standby = founders <= 16 ? Int(upTo(2)) : 0
        let isOverwhelmed = draw(menu.overwhelmedShare)
        let isCalm = !isOverwhelmed && draw(menu.calmShare)
        self.isOverwhelmed = isOverwhelmed
        self.isCalm = isCalm
        let weights: [UInt64] = (0..<founders).map { _ in isWeighted ? 1 + upTo(3) : 1 } + Array(repeating: 0, count: standby)
        self.weights = weights
        let total = weights.reduce(0, +)

        // Whoever is impaired counts against one budget of less than a third; an overwhelmed run spends more than a third on corruption.
        var order = Array(0..<founders)
        for index in order.indices { order.swapAt(index, index + generator.below(order.count - index)) }
        var spent: UInt64 = 0
        func afford(_ share: Int) -> Int? {
            guard draw(share), !isCalm, let key = order.last, 3 * (spent + weights[key]) < total else { return nil }
            order.removeLast()
            spent += weights[key]
            return key
        }
        var corrupt: [Int: Set<Behaviour>] = [:]
        var twins: [Int] = []
        if isOverwhelmed {
            while 3 * spent <= total, order.count > 2, let key = order.popLast() {
                spent += weights[key]
                twins.append(key)
            }
            // Twins that only exist are easy to convict. Others also contradict themselves, or hide what they prepared.
            let repertoire: [Behaviour] = [.withhold, .sendPartially, .equivocate, .voteForAll, .forget, .distortNewView]
            for key in draw(menu.twinsShare) ? [] : twins { corrupt[key] = Set(repertoire.filter { _ in draw(350) }) }
        }
        let hasCorrupt = draw(menu.corruptShare), hasTwins = draw(menu.twinsShare)
        if hasCorrupt, !isOverwhelmed {
            // A small repertoire each: whoever does everything at once convinces nobody.
            let repertoire = Behaviour.allCases.filter { _ in draw(300) }
            while let key = afford(900) {
                if hasTwins { twins.append(key) } else { corrupt[key] = Set(repertoire.filter { _ in draw(700) }) }
            }
        }
        losesJournal = Set([afford(menu.journalLossShare)].compactMap { $0 })
        hasBadClock = Set([afford(menu.badClockShare)].compactMap { $0 })
        diverges = Set([afford(menu.divergenceShare)].compactMap { $0 })
        self.corrupt = corrupt
        self.twins = twins
        kinds = isCalm || isOverwhelmed ? [] : Set(Kind.allCases.filter { _ in draw(menu.selectionShare) })
        lossShare = kinds.contains(.loss) ? upTo(menu.lossShareMax) : 0
        duplicationShare = kinds.contains(.duplication) ? upTo(menu.duplicationShareMax) : 0
        jitterMilliseconds = kinds.contains(.jitter) ? upTo(menu.jitterMillisecondsMax) : 0
        latencyMicroseconds = isCalm ? 1_000 : 500 + upTo(60_000)
        operationsPerSecond = 1 + upTo(4)
        let interval: UInt64 = draw(300) ? 200 : 0
        // Patience must be longer than the pause between blocks, the difference of two clocks, three delays and the disks' time.
        let isNear = latencyMicroseconds < 20_000 && interval == 0 && kinds.isDisjoint(with: [.slowDisks, .skew])
        viewTimeoutMilliseconds = isNear && draw(500) ? 400 : 1_000
        faultMilliseconds = UInt64(menu.faultMilliseconds) / (founders > 16 ? 3 : 1)
        changesStakes = !isOverwhelmed && draw(500)
        let epochBlocks = !isOverwhelmed && draw(menu.shortEpochsShare) ? 3 + upTo(25) : 1_000
        parameters = ConsensusParameters(
            protocolVersion: 1, epochBlocks: epochBlocks, epochMilliseconds: !isOverwhelmed && draw(200) ? 10_000 : 1_000_000,
            heartbeatMilliseconds: 4_000 + upTo(20_000), blockIntervalMilliseconds: interval,
            precisionMilliseconds: 500, messageDelayMilliseconds: 2_000, evidenceMilliseconds: 10_000_000)
        patienceGrowthMax = draw(menu.steadyPatienceShare) ? 1 : 8
    }

    /// A plan in which nothing happens of itself, for a script or a measurement.
    init(
        weights: [UInt64], standby: Int = 0, corrupt: [Int: Set<Behaviour>] = [:], twins: [Int] = [], losesJournal: Set<Int> = [],
        hasBadClock: Set<Int> = [], epochBlocks: UInt64 = 1_000, heartbeatMilliseconds: UInt64 = 10_000, latencyMicroseconds: UInt64 = 1_000,
        changesStakes: Bool = false, isOverwhelmed: Bool = false, seed: UInt64 = 1
    ) {
        self.seed = seed
        menu = .nothing
        self.weights = weights + Array(repeating: 0, count: standby)
        self.corrupt = corrupt
        self.twins = twins
        self.losesJournal = losesJournal
        self.hasBadClock = hasBadClock
        diverges = []
        kinds = []
        isCalm = false
        self.isOverwhelmed = isOverwhelmed
        lossShare = 0
        duplicationShare = 0
        jitterMilliseconds = 0
        self.latencyMicroseconds = latencyMicroseconds
        operationsPerSecond = 1
        viewTimeoutMilliseconds = 1_000
        patienceGrowthMax = 8
        self.changesStakes = changesStakes
        faultMilliseconds = 10_000
        parameters = ConsensusParameters(
            protocolVersion: 1, epochBlocks: epochBlocks, epochMilliseconds: 1_000_000_000, heartbeatMilliseconds: heartbeatMilliseconds,
            blockIntervalMilliseconds: 0, precisionMilliseconds: 500, messageDelayMilliseconds: 2_000, evidenceMilliseconds: 10_000_000)
    }
}
