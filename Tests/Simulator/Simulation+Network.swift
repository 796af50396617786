import Consensus
import Primitives

/// Links between nodes: delays, losses, copies, walls.
struct SimulatedNetwork {
    let count: Int
    /// The least one-way delay of each link.
    var baseMicroseconds: [UInt64]
    /// How many walls stand on a link, in this direction.
    var walls: [Int]
    /// A clogged link holds its letters until then.
    var cloggedUntil: [UInt64]
    /// A kind of message, and who does not get it.
    var unheard: (step: Step, by: [Bool])?
    var lossShare: UInt64 = 0
    var duplicationShare: UInt64 = 0
    var jitterMicroseconds: UInt64 = 0
    var letters = 0
    var bytes = 0

    init(count: Int, baseMicroseconds base: UInt64, chance: inout SeededGenerator) {
        self.count = count
        var delays = Array(repeating: base, count: count * count)
        for link in delays.indices { delays[link] = base / 2 + chance.below(base + 1) }
        baseMicroseconds = delays
        walls = Array(repeating: 0, count: count * count)
        cloggedUntil = Array(repeating: 0, count: count * count)
    }

    func link(_ from: Int, _ to: Int) -> Int { from * count + to }
}

extension Simulation {
    /// Sends a consensus message of a node; what a corrupt one says goes through the adversary.
    func send(_ message: ConsensusMessage, to destination: Destination, from node: SimulatedNode) {
        let receivers: [Int] = switch destination {
        case .validators: nodes.indices.filter { $0 != node.number }
        case .peer(let peer): nodes.indices.contains(Int(peer.rawValue)) ? [Int(peer.rawValue)] : []
        }
        guard plan.corrupt[node.key] == nil else {
            for (message, receivers) in adversary.transform(message, of: node, to: receivers, in: self) {
                broadcast(message, from: node, to: receivers)
            }
            return
        }
        broadcast(message, from: node, to: receivers)
    }

    func broadcast(_ message: ConsensusMessage, from node: SimulatedNode, to receivers: [Int]) {
        let packet = Packet(.consensus(message))
        judge.sent(message, packet.digest, by: node)
        onSend(node.number, message)
        cost?.charge(signing: message, node: node, at: now)
        for receiver in receivers { post(packet, from: node, to: receiver) }
    }

    /// Puts one letter on its way.
    func post(_ packet: Packet, from node: SimulatedNode, to receiver: Int) {
        guard node.isUp, receiver != node.number else { return }
        if let left = node.lettersUntilCrash {
            node.lettersUntilCrash = left - 1
            if left == 0 {
                note("node \(node.number) crashes in the middle of sending")
                return crash(node, survivors: 0, torn: nil)
            }
        }
        network.letters += 1
        network.bytes += packet.byteCount
        let link = network.link(node.number, receiver)
        guard network.walls[link] == 0 else { return }
        if case .consensus(let message) = packet.content {
            if loses(message, receiver) { return }
            if let unheard = network.unheard, unheard.by[receiver], message.vote?.step == unheard.step { return }
        }
        if network.lossShare > 0, linkChance.chance(network.lossShare, in: 1000) { return }
        let copies = network.duplicationShare > 0 && linkChance.chance(network.duplicationShare, in: 1000) ? 2 : 1
        for _ in 0..<copies {
            var delay = network.baseMicroseconds[link]
            if cost == nil { delay += linkChance.below(delay / 4 + 1) }
            // Most letters are in time and some are very late.
            if network.jitterMicroseconds > 0, linkChance.chance(1, in: 4) { delay += linkChance.below(network.jitterMicroseconds) }
            let departure = max(now, node.busyUntil)
            queue.schedule(at: max(departure + delay, network.cloggedUntil[link]), .letter(packet, from: node.number, to: receiver))
        }
    }

    func arrive(_ packet: Packet, from: Int, to: Int) {
        guard nodes[to].isUp, network.walls[network.link(from, to)] == 0 else { return }
        if let ready = cost?.charge(reading: packet, node: nodes[to], at: now) {
            queue.schedule(at: ready, .read(packet, from: from, to: to))
        } else {
            read(packet, from: from, to: to)
        }
    }

    func read(_ packet: Packet, from: Int, to: Int) {
        let node = nodes[to]
        guard node.isUp else { return }
        mix(7, packet.digest ^ UInt64(to))
        let peer = Peer(UInt64(from))
        switch packet.content {
        case .operations(let operations):
            var isNew = false
            for operation in operations where SimulatedApplication.isWellFormed(operation) { isNew = node.learn(operation) || isNew }
            if isNew { tellWork(node) }
        case .request(let heights): serve(heights, to: from, from: node)
        case .block(let block):
            switch packet.authenticated(at: node.replica.position) {
            case .block(let authenticated): give(.block(authenticated, from: peer), to: node)
            case .ahead: give(.peerHeight(peer, block.height), to: node)
            case .message, .refused: break
            }
        case .consensus(let message):
            switch packet.authenticated(at: node.replica.position) {
            case .message(let authenticated):
                judge.read(message, by: node, at: reading(node))
                if plan.corrupt[node.key] != nil { adversary.observe(message, at: node, in: self) }
                give(.message(authenticated, from: peer, arrival: reading(node)), to: node)
            case .ahead: if let below = message.height.predecessor { give(.peerHeight(peer, below), to: node) }
            case .block, .refused: break
            }
        }
    }

    /// Sends the durable blocks of `heights`.
    func serve(_ heights: ClosedRange<Height>, to receiver: Int, from node: SimulatedNode) {
        guard nodes.indices.contains(receiver) else { return }
        let blocks = node.disk.blocks
        guard heights.lowerBound > 0, heights.lowerBound.rawValue <= UInt64(blocks.count) else { return }
        let first = Int(heights.lowerBound.rawValue) - 1
        let last = min(Int(clamping: heights.upperBound.rawValue), blocks.count, first + ConsensusLimits.blocksPerRequestMax)
        guard first < last else { return }
        for record in blocks[first..<last] {
            let block = plan.corrupt[node.key] == nil ? record.block : adversary.distort(record.block, of: node)
            post(Packet(.block(block)), from: node, to: receiver)
        }
    }

    /// Tells all other nodes of operations.
    func share(_ operations: [Digest], from node: SimulatedNode) {
        guard !operations.isEmpty else { return }
        let packet = Packet(.operations(operations))
        for operation in operations where node.sharedAt[operation] == nil { node.sharedAt[operation] = now }
        for receiver in nodes.indices { post(packet, from: node, to: receiver) }
    }
}
