import Consensus
import Primitives

/// A fault that ends of itself.
enum FaultInProgress {
    case partition([Int])
    /// A wall around a primary; until then, the next primary gets one too.
    case pursuit([Int], until: UInt64)
    case deafness
    case restart(Int)
    /// A node that diverged is stopped and started again with a state computed anew.
    case rebuild(Int)
}

extension Simulation {
    /// Does the next mischief and schedules the one after it.
    func nextFault() {
        guard !hasHealed else { return }
        let menu = plan.menu
        var choices: [(rate: Int, act: () -> Void)] = []
        if plan.kinds.contains(.partitions) { choices.append((menu.partitionsPerMinute, partition)) }
        if plan.kinds.contains(.hunts) { choices.append((menu.huntsPerMinute, huntPrimary)) }
        if plan.kinds.contains(.deafness) { choices.append((menu.deafnessPerMinute, deafen)) }
        if plan.kinds.contains(.clogs) { choices.append((menu.clogsPerMinute, clog)) }
        if plan.kinds.contains(.crashes) { choices.append((menu.crashesPerMinute, planCrash)) }
        if plan.kinds.contains(.powerLosses) { choices.append((menu.powerLossesPerMinute, losePower)) }
        if plan.kinds.contains(.stalls) { choices.append((menu.diskStallsPerMinute, stall)) }
        if !plan.losesJournal.isEmpty { choices.append((8, loseJournal)) }
        if !plan.diverges.isEmpty { choices.append((8, diverge)) }
        network.lossShare = plan.lossShare
        network.duplicationShare = plan.duplicationShare
        network.jitterMicroseconds = plan.jitterMilliseconds * 1000
        let total = choices.reduce(0) { $0 + $1.rate }
        guard total > 0 else { return }
        var pick = faultChance.below(total)
        for choice in choices {
            if pick < choice.rate {
                choice.act()
                break
            }
            pick -= choice.rate
        }
        queue.schedule(at: now + 1 + faultChance.below(UInt64(120_000_000 / total)), .fault)
    }

    private func span(upTo milliseconds: UInt64) -> UInt64 { 100_000 + faultChance.below(milliseconds * 1000) }

    // MARK: The network

    private func partition() {
        let isAsymmetric = faultChance.chance(UInt64(plan.menu.asymmetricShare), in: 1000)
        let side = nodes.map { _ in faultChance.chance(1, in: 2) }
        wall(side, isAsymmetric: isAsymmetric, until: now + span(upTo: 6_000))
    }

    /// Builds a wall between the two sides; through an asymmetric one letters pass from false to true.
    func wall(_ side: [Bool], isAsymmetric: Bool, until end: UInt64?) {
        let links = wall(side, isAsymmetric: isAsymmetric)
        if let end { queue.schedule(at: end, .end(.partition(links))) }
    }

    private func wall(_ side: [Bool], isAsymmetric: Bool) -> [Int] {
        var links: [Int] = []
        for from in nodes.indices {
            for to in nodes.indices where side[from] != side[to] && !(isAsymmetric && !side[from]) { links.append(network.link(from, to)) }
        }
        for link in links { network.walls[link] += 1 }
        let members = nodes.indices.filter { side[$0] }
        note("\(isAsymmetric ? "letters no longer leave" : "a wall around") \(members)")
        return links
    }

    /// Walls in the primary of somebody's view, in both directions or one, for about as long as others have patience; or one primary
    /// after the other for a while.
    private func huntPrimary() {
        guard let side = primaries() else { return }
        let isOutside = faultChance.chance(1, in: 3)
        let isAsymmetric = faultChance.chance(1, in: 2)
        let end = now + span(upTo: 2_500)
        if faultChance.chance(UInt64(plan.menu.pursuitShare), in: 1000) {
            pursue(until: now + 4 * (end - now))
        } else {
            wall(side.map { $0 != isOutside }, isAsymmetric: isAsymmetric, until: end)
        }
    }

    /// Which nodes have the key of the primary in the view of the first honest node that is up.
    private func primaries() -> [Bool]? {
        guard let node = nodes.first(where: { $0.isUp && $0.isHonest }) else { return nil }
        let key = judge.key(node.replica.report.primary, in: node.replica.position.epoch.epoch)
        return nodes.map { $0.key == key }
    }

    private func pursue(until end: UInt64) {
        guard now < end, let side = primaries() else { return }
        let links = wall(side, isAsymmetric: true)
        queue.schedule(at: min(end, now + 150_000), .end(.pursuit(links, until: end)))
    }

    private func deafen() {
        let step = Step.allCases[faultChance.below(Step.allCases.count)]
        let listeners = nodes.map { _ in faultChance.chance(1, in: 2) }
        network.unheard = (step, listeners)
        note("nothing of \(step) reaches \(nodes.indices.filter { listeners[$0] })")
        queue.schedule(at: now + span(upTo: 3_000), .end(.deafness))
    }

    private func clog() {
        let (from, to) = (faultChance.below(nodes.count), faultChance.below(nodes.count))
        network.cloggedUntil[network.link(from, to)] = now + span(upTo: 5_000)
        note("the link from \(from) to \(to) is clogged")
    }

    /// An overwhelmed network is split so that each side has a copy of every corrupt node.
    func splitForFork() {
        var side = nodes.indices.map { $0 >= plan.weights.count }
        let honest = nodes.indices.filter { nodes[$0].isHonest }
        for (position, number) in honest.enumerated() { side[number] = position % 2 == 1 }
        wall(side, isAsymmetric: false, until: plan.faultMilliseconds * 1000)
    }

    // MARK: Machines

    private func planCrash() {
        let node = nodes[faultChance.below(nodes.count)]
        guard node.isUp, node.crashPoint == nil else { return }
        if faultChance.chance(1, in: 5) {
            note("node \(node.number) crashes")
            crash(node, survivors: faultChance.below(4), torn: torn)
        } else {
            let points = SimulatedNode.CrashPoint.allCases
            node.crashPoint = (faultChance.below(8), points[faultChance.below(points.count)])
        }
    }

    private var torn: Int? {
        faultChance.chance(UInt64(plan.menu.tornShare), in: 1000) ? faultChance.below(1000) : nil
    }

    /// Stops a node; it returns after a while unless a script says otherwise.
    func crash(_ node: SimulatedNode, survivors: Int, torn: Int?, returns: Bool = true) {
        guard node.isUp else { return }
        endRecording(node)
        node.isUp = false
        node.incarnation += 1
        node.crashPoint = nil
        node.lettersUntilCrash = nil
        node.disk.crash(survivors: survivors, torn: torn)
        judge.durable(node.disk.takeFreshVotes(), of: node)
        mix(8, UInt64(node.number))
        if returns { queue.schedule(at: now + span(upTo: faultChance.chance(1, in: 3) ? 8_000 : 1_500), .end(.restart(node.number))) }
    }

    private func losePower() {
        let all = faultChance.chance(1, in: 2)
        note(all ? "all nodes lose their power" : "many nodes lose their power")
        for node in nodes where node.isUp && (all || faultChance.chance(1, in: 2)) {
            crash(node, survivors: faultChance.below(4), torn: torn)
        }
    }

    func restart(_ node: SimulatedNode) {
        guard !node.isUp else { return }
        guard let state = node.disk.recover() else {
            return judge.fail("journal", "node \(node.number) read back another state than the one that was acknowledged")
        }
        let blocks = node.disk.blocks
        // The flushed state may be some blocks old; the block log gives the rest, and must give the certified roots.
        let flushed = max(0, min(node.states.count - 1, blocks.count - shellChance.below(8)))
        node.states.removeLast(node.states.count - 1 - flushed)
        for record in blocks[flushed...] {
            var state = node.application
            _ = state.execute(
                record.block.payload, height: record.block.height, endsEpoch: record.next != nil, electorate: plan.electorate)
            if node.isHonest, state.root != record.block.header.result.stateRoot {
                return judge.fail("replay", "node \(node.number) replays height \(record.block.height) to another state")
            }
            node.states.append(state)
        }
        node.included = Set(blocks.flatMap(\.block.payload))
        node.pool = submitted.filter { node.known.contains($0) && !node.included.contains($0) }
        node.overlays = [:]
        node.toldExecutable = false
        node.delivered = state.position.height
        node.replica = SimulatedReplica(configuration: node.replica.configuration, cryptography: node.signer, state: state)
        beginRecording(node, state)
        node.isUp = true
        node.incarnation += 1
        mix(9, UInt64(node.number))
        note("node \(node.number) starts at height \(state.position.height)\(node.disk.isInitialised ? "" : " without a journal")")
        let mode: StartMode = node.disk.isInitialised ? .journalIntact : .journalLost(challenge: 1 + shellChance.below(UInt64.max - 1))
        give(.start(mode, now: reading(node)), to: node)
        tellWork(node)
    }

    private func stall() {
        let node = nodes[faultChance.below(nodes.count)]
        node.stalledUntil = now + span(upTo: 4_000)
        note("the disk of node \(node.number) stalls")
    }

    private func loseJournal() {
        guard let node = nodes.first(where: { plan.losesJournal.contains($0.key) }), node.isUp, node.disk.isInitialised else { return }
        note("node \(node.number) loses its journal")
        crash(node, survivors: 0, torn: nil)
        loseJournal(of: node, keepingBlocks: faultChance.chance(1, in: 2) ? .max : faultChance.below(node.disk.blocks.count + 1))
    }

    /// The machine is down; its journal file goes, and of the block log `count` blocks stay.
    func loseJournal(of node: SimulatedNode, keepingBlocks count: Int) {
        node.disk.loseJournal(genesis: genesis, keepingBlocks: count)
        let left = node.disk.blocks.count
        if node.states.count > left + 1 { node.states.removeLast(node.states.count - left - 1) }
    }

    private func diverge() {
        if let node = nodes.first(where: { plan.diverges.contains($0.key) }) { node.divergesNext = true }
    }

    func end(_ fault: FaultInProgress) {
        switch fault {
        case .partition(let links):
            // The end of all faults has torn down every wall already.
            guard !hasHealed else { return }
            note("a wall falls")
            for link in links { network.walls[link] -= 1 }
        case .pursuit(let links, let end):
            guard !hasHealed else { return }
            for link in links { network.walls[link] -= 1 }
            pursue(until: end)
        case .deafness: network.unheard = nil
        case .restart(let number): restart(nodes[number])
        case .rebuild(let number):
            let node = nodes[number]
            crash(node, survivors: .max, torn: nil, returns: false)
            restart(node)
        }
    }
}
