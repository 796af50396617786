import Primitives

/// What is known of peers for the purpose of catching up, the request under way, and blocks that came before their parents.
///
/// Peers' heights are hints: they choose whom to ask and influence nothing else. Each request has a deadline; a peer that lets
/// one pass is asked again only after all others, so that a peer that lies about its height costs one deadline.
struct CatchUp: Sendable {
    private struct Note: Sendable {
        let peer: Peer
        var hint: Height = 0
        var failures: UInt64 = 0
        var servedAt: Tick?
        var answeredAt: Tick?
        var askedAt: Tick = 0
    }

    struct Request: Sendable {
        let peer: Peer
        let heights: ClosedRange<Height>
        var deadline: Tick
    }

    /// In ascending order of peers.
    private var notes: [Note] = []
    private(set) var request: Request?
    /// In ascending order of heights, all above the height in flight.
    private var blocks: [AuthenticatedBlock] = []

    var hasBlocks: Bool { !blocks.isEmpty }
    var highestHint: Height { notes.map(\.hint).max() ?? 0 }

    private mutating func note(of peer: Peer, _ change: (inout Note) -> Void) {
        var position = notes.firstIndex { $0.peer >= peer } ?? notes.endIndex
        if position == notes.endIndex || notes[position].peer != peer {
            if notes.count >= ConsensusLimits.peersMax {
                // The least useful peer gives way: the one that claims the lowest height.
                guard let least = notes.indices.min(by: { notes[$0].hint < notes[$1].hint }) else { return }
                notes.remove(at: least)
                if least < position { position -= 1 }
            }
            notes.insert(Note(peer: peer), at: position)
        }
        change(&notes[position])
    }

    mutating func hint(_ peer: Peer, height: Height) { note(of: peer) { $0.hint = max($0.hint, height) } }

    mutating func lost(_ peer: Peer) {
        notes.removeAll { $0.peer == peer }
        if request?.peer == peer { request = nil }
    }

    /// Whether a block may be pushed to `peer` now: once per `pause` ticks.
    mutating func mayServe(_ peer: Peer, at now: Tick, pause: UInt64) -> Bool {
        var may = false
        note(of: peer) { note in
            may = note.servedAt.map { now.rawValue - $0.rawValue >= pause } ?? true
            if may { note.servedAt = now }
        }
        return may
    }

    /// Whether a STATUS of `peer` may be answered now: once per `pause` ticks.
    mutating func mayAnswer(_ peer: Peer, at now: Tick, pause: UInt64) -> Bool {
        var may = false
        note(of: peer) { note in
            may = note.answeredAt.map { now.rawValue - $0.rawValue >= pause } ?? true
            if may { note.answeredAt = now }
        }
        return may
    }

    /// Keeps a block above the height in flight, within the window, once. Returns whether it was of use.
    mutating func keep(_ block: AuthenticatedBlock, above height: Height) -> Bool {
        let own = block.block.height
        guard own > height, own.rawValue - height.rawValue <= UInt64(ConsensusLimits.blocksAheadMax) else { return false }
        let position = blocks.firstIndex { $0.block.height >= own } ?? blocks.endIndex
        if position < blocks.endIndex, blocks[position].block.height == own { return false }
        blocks.insert(block, at: position)
        return true
    }

    /// Takes out the block of `height` and drops all below.
    mutating func take(_ height: Height) -> AuthenticatedBlock? {
        blocks.removeAll { $0.block.height < height }
        guard blocks.first?.block.height == height else { return nil }
        return blocks.removeFirst()
    }

    /// Takes note that `peer` delivered a block that was of use; one that was not must not put off the deadline, or a peer could play
    /// for time without end.
    mutating func delivered(_ peer: Peer, at now: Tick, deadlineTicks: UInt64) {
        note(of: peer) { $0.failures = 0 }
        guard request?.peer == peer else { return }
        request?.deadline = now.advanced(by: deadlineTicks) ?? now
    }

    /// Takes note that `peer` sent a block that contradicts its own certificate or the chain.
    mutating func failed(_ peer: Peer) {
        note(of: peer) { note in
            note.failures += 1
            note.hint = 0
        }
        if request?.peer == peer { request = nil }
    }

    /// Forgets the request under way: blocks of a new epoch that came before its voters were known could not be verified, which
    /// is not the peer's failure.
    mutating func enterEpoch() { request = nil }

    /// Ends a request that is answered or overdue. `reached` is the highest height that is committed or kept without a gap.
    mutating func review(at now: Tick, reached: Height) {
        guard let request else { return }
        if reached >= request.heights.upperBound { self.request = nil } else if request.deadline <= now { failed(request.peer) }
    }

    /// The highest height up to which blocks are kept without a gap above `height`.
    func reach(from height: Height) -> Height {
        var reached = height
        for block in blocks where block.block.height == reached.successor { reached = reached.successor }
        return reached
    }

    /// Chooses a peer that claims to have `first` and records the request to it: the one with fewest failures, then the one not asked
    /// for longest. nil when a request is under way or no peer claims so much.
    mutating func ask(from first: Height, at now: Tick, deadlineTicks: UInt64) -> Request? {
        guard request == nil else { return nil }
        let able = notes.indices.filter { notes[$0].hint >= first }
        guard let best = able.min(by: { (notes[$0].failures, notes[$0].askedAt, $0) < (notes[$1].failures, notes[$1].askedAt, $1) })
        else { return nil }
        let last = first.advanced(by: UInt64(ConsensusLimits.blocksPerRequestMax - 1)) ?? first
        notes[best].askedAt = now
        let request = Request(
            peer: notes[best].peer, heights: first...min(notes[best].hint, last), deadline: now.advanced(by: deadlineTicks) ?? now)
        self.request = request
        return request
    }
}
