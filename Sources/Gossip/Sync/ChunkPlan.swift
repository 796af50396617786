import Primitives

/// Which parts of the space of paths are still missing, and where to ask next so that several peers can work at once.
///
/// A chunk covers what its sender puts into it, from a place on, and a restoration takes them in any order and merges them.
/// Therefore a request names a start only; when there are fewer gaps than requests to make, the largest gap is halved.
struct ChunkPlan {
    /// Disjoint ranges in ascending order that do not touch.
    private(set) var covered: [ClosedRange<Digest>]

    init(covered: [ClosedRange<Digest>]) {
        self.covered = []
        for range in covered.sorted(by: { $0.lowerBound < $1.lowerBound }) { add(range) }
    }

    var isComplete: Bool { covered == [Digest.zero...Digest(repeating: 0xff)] }

    mutating func add(_ range: ClosedRange<Digest>) {
        var result: [ClosedRange<Digest>] = []
        for next in (covered + [range]).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, next.lowerBound <= last.upperBound || last.upperBound.following == next.lowerBound {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
            } else {
                result.append(next)
            }
        }
        covered = result
    }

    var gaps: [ClosedRange<Digest>] {
        var result: [ClosedRange<Digest>] = []
        var start: Digest? = .zero
        for range in covered {
            if let first = start, first < range.lowerBound, let end = range.lowerBound.preceding { result.append(first...end) }
            start = range.upperBound.following
        }
        if let start { result.append(start...Digest(repeating: 0xff)) }
        return result
    }

    /// Where the next request starts, given those under way; nil when enough is asked for. The first request of all goes alone:
    /// a small state is one chunk.
    func nextStart(asked: [Digest]) -> Digest? {
        let gaps = gaps
        if let free = gaps.first(where: { gap in !asked.contains { gap.contains($0) } }) { return free.lowerBound }
        guard !covered.isEmpty, gaps.count + covered.count < 2 * GossipLimits.chunksMax else { return nil }
        // Each start under way ends the part of the gap before it.
        var parts: [ClosedRange<Digest>] = []
        for gap in gaps {
            var start = gap.lowerBound
            for place in asked.sorted() where gap.contains(place) && place > start {
                if let end = place.preceding { parts.append(start...end) }
                start = place
            }
            parts.append(start...gap.upperBound)
        }
        guard let widest = parts.max(by: { $0.width < $1.width }), widest.width >= ChunkPlan.splitWidthMin else { return nil }
        return widest.lowerBound.midpoint(to: widest.upperBound)
    }

    /// Parts narrower than 2^-10 of all paths are not worth a second request.
    private static let splitWidthMin: UInt64 = 1 << 54

    /// Thousandths of all paths that are covered.
    var permille: UInt64 {
        isComplete ? 1_000 : covered.reduce(0) { $0 + $1.width / (UInt64.max / 1_000) }
    }
}

extension ClosedRange<Digest> {
    /// In units of 2^-64 of all paths, rounded down.
    fileprivate var width: UInt64 { upperBound.words.0.bigEndian - lowerBound.words.0.bigEndian }
}

extension Digest {
    init(repeating byte: UInt8) {
        self.init()
        let word = UInt64(byte) &* 0x0101_0101_0101_0101
        words = (word, word, word, word)
    }

    /// The path behind this one; nil at the last.
    var following: Digest? { stepped { $0 &+ 1 } carriesAt: { $0 == 0 } }
    /// The path before this one; nil at the first.
    var preceding: Digest? { stepped { $0 &- 1 } carriesAt: { $0 == .max } }

    private func stepped(_ step: (UInt64) -> UInt64, carriesAt: (UInt64) -> Bool) -> Digest? {
        var result = self
        result.words.3 = step(words.3.bigEndian).bigEndian
        guard carriesAt(result.words.3.bigEndian) else { return result }
        result.words.2 = step(words.2.bigEndian).bigEndian
        guard carriesAt(result.words.2.bigEndian) else { return result }
        result.words.1 = step(words.1.bigEndian).bigEndian
        guard carriesAt(result.words.1.bigEndian) else { return result }
        result.words.0 = step(words.0.bigEndian).bigEndian
        return carriesAt(result.words.0.bigEndian) ? nil : result
    }

    /// About half way to `end`: by the first 64 bits, which is all that balance needs.
    fileprivate func midpoint(to end: Digest) -> Digest {
        let low = words.0.bigEndian, high = end.words.0.bigEndian
        var result = Digest.zero
        result.words.0 = (low + (high - low) / 2 + 1).bigEndian
        return result
    }
}
