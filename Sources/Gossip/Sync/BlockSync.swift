import Primitives

/// Gets committed blocks from several peers at once and hands them over in ascending order. Blocks are bytes to it; whether one
/// is good is for the shell and the replica to say, and a bad one is asked of somebody else.
///
/// Invariants: everything is above `height` and at most ``GossipLimits/blocksAheadMax`` above it; kept bytes are at most
/// ``GossipLimits/blocksAheadBytesMax`` and what the requests under way may still bring; requests do not overlap.
final class BlockSync {
    private struct Request {
        let link: Link
        let heights: ClosedRange<Height>
        let deadline: GossipTick
    }

    private struct Order {
        let heights: ClosedRange<Height>
        let link: Link
    }

    private struct Kept {
        let height: Height
        let bytes: [UInt8]
        let link: Link
        var isInJudgement = false
    }

    let peers: SyncPeers
    /// The newest committed block.
    private(set) var height: Height
    private var requests: [Request] = []
    /// In ascending order of heights.
    private var kept: [Kept] = []
    private var keptBytes = 0
    /// Who sent a bad block of a height is not asked for it again, while there is anyone else.
    private var blamed: [(height: Height, link: Link)] = []
    /// Ranges that the replica asked for by itself, with the peer that it chose.
    private var ordered: [Order] = []
    /// Set while a snapshot replaces the state.
    var isPaused = false

    init(peers: SyncPeers, height: Height) {
        self.peers = peers
        self.height = height
    }

    var keptCount: Int { kept.count }
    var keptByteCount: Int { keptBytes }
    var requestCount: Int { requests.count }
    var isBehind: Bool { peers.highest.rawValue > height.rawValue + GossipLimits.blockSyncGap }

    /// The chain has come to `height`, by whatever way.
    func reached(_ height: Height) {
        guard height > self.height else { return }
        self.height = height
        keptBytes -= kept.filter { $0.height <= height }.reduce(0) { $0 + $1.bytes.count }
        kept.removeAll { $0.height <= height }
        blamed.removeAll { $0.height <= height }
    }

    /// Asks `link` for a range, as the replica wishes.
    func order(_ heights: ClosedRange<Height>, of link: Link) {
        if ordered.count < GossipLimits.syncRequestsMax { ordered.append(Order(heights: heights, link: link)) }
    }

    func step(_ now: GossipTick, _ outbox: inout Outbox) {
        for request in requests where request.deadline <= now {
            outbox.offend(request.link, .syncUnanswered)
            peers.ended(request.link, well: false)
        }
        requests.removeAll { $0.deadline <= now }
        handOver(&outbox)
        guard !isPaused else { return }
        for order in ordered {
            guard let peer = peers[order.link], peer.requests < GossipLimits.syncRequestsPerLinkMax, let gap = gap(in: order.heights) else { continue }
            ask(gap, of: order.link, now, &outbox)
        }
        ordered = []
        while isBehind, keptBytes < GossipLimits.blocksAheadBytesMax, let gap = nextGap() {
            let able: (SyncPeers.Peer) -> Bool = { peer in
                peer.status.map { $0.height >= gap.lowerBound && $0.oldestBlock <= gap.lowerBound } ?? false
            }
            let blamed = blamed.filter { $0.height == gap.lowerBound }.map(\.link)
            guard let link = peers.choose(at: now, where: { able($0) && !self.isBlamed($0, blamed) }) ?? peers.choose(at: now, where: able) else { return }
            let last = min(gap.upperBound, peers[link]?.status?.height ?? gap.lowerBound)
            ask(gap.lowerBound...max(gap.lowerBound, last), of: link, now, &outbox)
        }
    }

    private func isBlamed(_ peer: SyncPeers.Peer, _ links: [Link]) -> Bool { links.contains { peers[$0] === peer } }

    /// The first heights in the window that are neither kept nor asked for.
    private func nextGap() -> ClosedRange<Height>? {
        guard let first = height.advanced(by: 1) else { return nil }
        let end = min(height.advanced(by: UInt64(GossipLimits.blocksAheadMax)) ?? first, peers.highest)
        return first <= end ? gap(in: first...end) : nil
    }

    private func gap(in range: ClosedRange<Height>) -> ClosedRange<Height>? {
        func isTaken(_ height: Height) -> Bool {
            height <= self.height || kept.contains { $0.height == height } || requests.contains { $0.heights.contains(height) }
        }
        let windowEnd = min(range.upperBound.rawValue, height.advanced(by: UInt64(GossipLimits.blocksAheadMax))?.rawValue ?? range.upperBound.rawValue)
        var next = max(range.lowerBound.rawValue, height.rawValue &+ 1)
        while next <= windowEnd, isTaken(Height(next)) { next += 1 }
        guard next <= windowEnd else { return nil }
        var last = next
        while last < windowEnd, last - next + 1 < UInt64(GossipLimits.blocksPerRequestMax), !isTaken(Height(last + 1)) { last += 1 }
        return Height(next)...Height(last)
    }

    private func ask(_ heights: ClosedRange<Height>, of link: Link, _ now: GossipTick, _ outbox: inout Outbox) {
        guard let request = BlocksRequest(heights) else { return }
        requests.append(Request(link: link, heights: heights, deadline: now.after(GossipLimits.syncTicks)))
        peers.asked(link, at: now)
        outbox.send(.blocksRequest(request), to: link)
    }

    func receive(_ answer: BlocksAnswer, from link: Link, _ outbox: inout Outbox) {
        guard let index = requests.firstIndex(where: { $0.link == link && $0.heights.lowerBound == answer.first }) else {
            // An answer that came too late, or that nobody asked for; it costs nothing but the bytes.
            return outbox.offend(link, .unsolicited)
        }
        let request = requests.remove(at: index)
        peers.ended(link, well: !answer.blocks.isEmpty)
        for (offset, bytes) in answer.blocks.enumerated() {
            let height = Height(answer.first.rawValue + UInt64(offset))
            guard request.heights.contains(height), height > self.height, !kept.contains(where: { $0.height == height }) else { continue }
            let position = kept.firstIndex { $0.height > height } ?? kept.count
            kept.insert(Kept(height: height, bytes: bytes, link: link), at: position)
            keptBytes += bytes.count
        }
        handOver(&outbox)
    }

    /// Hands over what follows the chain without a gap, a few at a time.
    private func handOver(_ outbox: inout Outbox) {
        guard !isPaused else { return }
        var next = height.successor
        for index in kept.indices.prefix(GossipLimits.blocksInJudgementMax) {
            guard kept[index].height == next else { return }
            if !kept[index].isInJudgement {
                kept[index].isInJudgement = true
                outbox.effects.append(.judgeBlock(next, kept[index].bytes, from: kept[index].link))
            }
            next = next.successor
        }
    }

    func judged(_ height: Height, accepted: Bool, _ outbox: inout Outbox) {
        guard let index = kept.firstIndex(where: { $0.height == height }) else { return }
        // What was judged behind a bad block was judged on a wrong ground, and nobody is to blame for it.
        guard height == self.height.successor else { return kept[index].isInJudgement = false }
        if accepted {
            reached(height)
        } else {
            let bad = kept.remove(at: index)
            keptBytes -= bad.bytes.count
            outbox.offend(bad.link, .syncInvalid)
            if blamed.count >= GossipLimits.blocksAheadMax { blamed.removeFirst() }
            blamed.append((height, bad.link))
            // Those behind it were judged on top of it.
            for later in kept.indices where kept[later].height > height { kept[later].isInJudgement = false }
        }
        handOver(&outbox)
    }

    func disconnect(_ link: Link) { requests.removeAll { $0.link == link } }
}
