@_spi(Mutants) import Consensus
import Cryptography
public import Primitives

/// A whole network in one thread: nodes with their disks, links, clocks and faults, driven by one queue of events and one
/// seed. The same plan gives the same run, event for event; ``Outcome/trace`` says so.
public final class Simulation {
    enum Event {
        case tick(Int)
        case letter(Packet, from: Int, to: Int)
        /// A letter whose signatures the receiver has checked, where that takes simulated time.
        case read(Packet, from: Int, to: Int)
        case flushed(Int, incarnation: Int, count: Int)
        case checked(Int, incarnation: Int, ProposalCheck)
        case built(Int, incarnation: Int, ProposalRequest)
        case executed(Int, incarnation: Int, ExecutionRequest)
        case delivered(Int, incarnation: Int, CertifiedBlock)
        case submit
        case fault
        case end(FaultInProgress)
        case heal
        case judge
    }

    public let plan: RunPlan
    let isRecording: Bool
    var nodes: [SimulatedNode] = []
    let genesis: ChainPosition
    let judge: Judge
    let adversary: Adversary
    var network: SimulatedNetwork
    var cost: ComputationCost?
    /// Microseconds since the start.
    private(set) var now: UInt64 = 0
    var queue = EventQueue<Event>()
    /// One source of chance per concern, so that a change in one leaves the others' draws alone.
    var faultChance: SeededGenerator
    var linkChance: SeededGenerator
    var shellChance: SeededGenerator
    var workChance: SeededGenerator
    var hasHealed = false
    var healedAt: UInt64 = 0
    private(set) var isOver = false
    private(set) var trace: UInt64 = 0
    private(set) var story: [String] = []
    private(set) var eventCount = 0
    public private(set) var submitted: [Digest] = []
    /// What a test sees of every message that leaves a node.
    var onSend: (Int, ConsensusMessage) -> Void = { _, _ in }
    /// What a test sees of every delivery.
    var onDeliver: (Int, Height) -> Void = { _, _ in }
    /// Which letters a script loses, by message and receiver.
    var loses: (ConsensusMessage, Int) -> Bool = { _, _ in false }

    let tickMicroseconds: UInt64
    static let genesisMilliseconds: UInt64 = 1_000_000

    /// - Parameters:
    ///   - isScripted: nothing happens of itself but ticks; a scenario submits, breaks and heals.
    ///   - mutant: the name of a deliberate bug of every honest replica; only in builds with the trait `Mutants`.
    public init(_ plan: RunPlan, recording: Bool = false, isScripted: Bool = false, mutant: String? = nil, tickMicroseconds: UInt64 = 50_000) {
        self.plan = plan
        isRecording = recording
        self.tickMicroseconds = tickMicroseconds
        var generator = SeededGenerator(seed: plan.seed ^ 0x51e1)
        faultChance = SeededGenerator(seed: generator.next())
        linkChance = SeededGenerator(seed: generator.next())
        shellChance = SeededGenerator(seed: generator.next())
        workChance = SeededGenerator(seed: generator.next())
        let signer = SimulatedSigner(Keys.consensus(0))
        let validators = Electorate.validators(plan.weights, epoch: 0)
        let beacon = Beacon(SHA256.hash([3]).bytes)!
        genesis = ChainPosition(
            genesisHash: SHA256.hash([4]), time: Timestamp(Self.genesisMilliseconds), beacon: beacon,
            epoch: EpochState(
                validators: validators, parameters: plan.parameters, startHeight: 0, startTime: Timestamp(Self.genesisMilliseconds),
                startBeacon: beacon, cryptography: signer))
        let keys = Array(plan.weights.indices) + plan.twins
        network = SimulatedNetwork(count: keys.count, baseMicroseconds: plan.latencyMicroseconds, chance: &linkChance)
        judge = Judge(plan: plan, genesis: genesis)
        adversary = Adversary(plan: plan, seed: generator.next())
        for (number, key) in keys.enumerated() {
            nodes.append(SimulatedNode(
                number: number, key: key, isHonest: plan.corrupt[key] == nil && !plan.twins.contains(key),
                configuration: configuration(key, mutant: mutant), genesis: genesis,
                application: SimulatedApplication(stakes: plan.weights)))
        }
        prepareNodes()
        if !isScripted {
            queue.schedule(at: 200_000, .submit)
            if plan.isOverwhelmed { splitForFork() }
            if !plan.kinds.isEmpty || !plan.diverges.isEmpty || !plan.losesJournal.isEmpty { queue.schedule(at: 400_000, .fault) }
            queue.schedule(at: plan.isCalm ? 6_000_000 : plan.faultMilliseconds * 1000, .heal)
        }
    }

    /// Timers are the same in time, however fine the ticks are.
    private func configuration(_ key: Int, mutant: String?) -> ReplicaConfiguration {
        let second = 1_000_000 / tickMicroseconds
        let patience = plan.viewTimeoutMilliseconds * 1000 / tickMicroseconds
        let configuration = ReplicaConfiguration(
            chainID: Keys.chainID, consensusKey: Keys.consensus(key), viewTimeoutTicks: patience,
            viewTimeoutTicksMax: plan.patienceGrowthMax * patience,
            statusTicks: second / 2, blockRequestTicks: second * 3 / 5)
        #if MUTANTS
        var broken = configuration
        broken.mutant = mutant.flatMap(Mutant.init)
        return broken
        #else
        precondition(mutant == nil, "mutants need a build with the trait Mutants")
        return configuration
        #endif
    }

    private func prepareNodes() {
        for node in nodes {
            if plan.kinds.contains(.skew) {
                let bound = UInt64(plan.menu.skewMillisecondsMax)
                node.skewMilliseconds = Int64(faultChance.below(2 * bound + 1)) - Int64(bound)
            }
            if plan.hasBadClock.contains(node.key) {
                let off = Int64(1_500 + faultChance.below(UInt64(60_000)))
                node.skewMilliseconds = faultChance.chance(1, in: 2) ? off : -off
            }
            if plan.kinds.contains(.slowDisks), faultChance.chance(1, in: 2) {
                node.slowDiskMicroseconds = faultChance.below(UInt64(plan.menu.slowDiskMillisecondsMax) * 1000 + 1)
            }
            queue.schedule(at: shellChance.below(tickMicroseconds), .tick(node.number))
            beginRecording(node, node.disk.state)
            give(.start(.journalIntact, now: reading(node)), to: node)
        }
    }

    /// Runs to the end and says what came of it.
    public func run() -> Outcome {
        while !isOver, judge.violation == nil, step() {}
        nodes.forEach(endRecording)
        return outcome
    }

    public var outcome: Outcome {
        Outcome(
            seed: plan.seed, nodes: plan.founders, violation: judge.violation, trace: trace, events: eventCount,
            height: nodes.map(\.height.rawValue).max() ?? 0, milliseconds: now / 1000, hasForked: judge.hasForked,
            operations: submitted.count, story: story)
    }

    /// Runs on to a moment, in microseconds since the start.
    func run(until end: UInt64) {
        queue.schedule(at: end, .judge)
        while now < end, judge.violation == nil, step() {}
    }

    func step() -> Bool {
        guard let (time, event) = queue.next() else { return false }
        now = max(now, time)
        eventCount += 1
        handle(event)
        if judge.violation != nil { note("VIOLATION: \(judge.violation!)") }
        return true
    }

    private func handle(_ event: Event) {
        switch event {
        case .tick(let number):
            let node = nodes[number]
            queue.schedule(at: now + tickMicroseconds, .tick(number))
            guard node.isUp else { return }
            mix(1, UInt64(number))
            give(.tick(now: reading(node)), to: node)
            if node.isUp { housekeeping(node) }
        case .letter(let packet, let from, let to): arrive(packet, from: from, to: to)
        case .read(let packet, let from, let to): read(packet, from: from, to: to)
        case .flushed(let number, let incarnation, let count):
            if let node = living(number, incarnation) { flushed(node, count) }
        case .checked(let number, let incarnation, let check):
            if let node = living(number, incarnation) { checked(node, check) }
        case .built(let number, let incarnation, let request):
            if let node = living(number, incarnation) { built(node, request) }
        case .executed(let number, let incarnation, let request):
            if let node = living(number, incarnation) { executed(node, request) }
        case .delivered(let number, let incarnation, let block):
            if let node = living(number, incarnation) { tellWork(node, after: block) }
        case .submit: submitNext()
        case .fault: nextFault()
        case .end(let fault): end(fault)
        case .heal: heal()
        case .judge: judgeProgress()
        }
    }

    private func living(_ number: Int, _ incarnation: Int) -> SimulatedNode? {
        let node = nodes[number]
        return node.isUp && node.incarnation == incarnation ? node : nil
    }

    // MARK: Clocks, trace and story

    func reading(_ node: SimulatedNode) -> Timestamp {
        Timestamp(UInt64(Int64(Self.genesisMilliseconds + 1_000 + now / 1000) + max(node.skewMilliseconds, -Int64(Self.genesisMilliseconds))))
    }

    /// Adds an event to the digest of the whole run.
    func mix(_ kind: UInt64, _ what: UInt64) {
        trace = KeyedHash.fold(trace ^ KeyedHash.fold(now ^ kind << 56 ^ KeyedHash.fold(what)))
    }

    /// Adds a line to the story, which is only written when somebody will read it.
    func note(_ line: @autoclosure () -> String) {
        guard isRecording else { return }
        let milliseconds = String(now / 1000)
        story.append(String(repeating: " ", count: max(0, 7 - milliseconds.count)) + milliseconds + " ms  " + line())
    }

    // MARK: Work

    func submitNext() {
        submit(to: workChance.below(nodes.count))
        let pause = 2_000_000 / plan.operationsPerSecond
        if !hasHealed { queue.schedule(at: now + workChance.below(pause) + 1000, .submit) }
    }

    /// Brings an operation to one node, which passes it on.
    func submit(to number: Int) {
        let operation = SimulatedApplication.operation(&workChance, changesStake: plan.changesStakes && workChance.chance(1, in: 8))
        noteSubmitted(operation)
        let node = nodes[number]
        // A client keeps an operation and tries again; the pool of a node that is down stands for that.
        _ = node.learn(operation)
        guard node.isUp else { return }
        share([operation], from: node)
        tellWork(node)
    }

    func noteSubmitted(_ operation: Digest) {
        submitted.append(operation)
        judge.issued.insert(operation)
    }

    func end() { isOver = true }
}

/// What came of a run.
public struct Outcome: Sendable {
    public let seed: UInt64
    public let nodes: Int
    public let violation: Violation?
    /// A digest of every event in order.
    public let trace: UInt64
    public let events: Int
    public let height: UInt64
    public let milliseconds: UInt64
    public let hasForked: Bool
    public let operations: Int
    public let story: [String]
}

/// A broken promise, and when.
public struct Violation: Sendable, CustomStringConvertible {
    public let checker: String
    public let text: String
    public var description: String { "\(checker): \(text)" }
}
