public import Primitives

/// Which primaries are skipped because they lost their turns. It is derived from committed drafts alone, therefore equal on
/// every replica, and starts empty with each epoch, so that a snapshot at a boundary needs none of it.
///
/// A validator loses a turn when a committed draft's `originView` shows that its view of the height came to nothing; k lost
/// turns in a row cost it `2^k` heights, k ≤ ``ConsensusLimits/skipExponentMax``. Making a block ends the row.
///
/// Invariant: `3 * (weight of skipped validators) ≤ total`; when a new skip would break it, the oldest returns first.
public struct SkipList: Hashable, Sendable, BCSCodable {
    struct Row: Hashable, Sendable {
        let validator: ValidatorIndex
        var lostTurns: UInt8
        /// The height whose draft showed the newest loss, and the last height at which the validator is skipped. `until`
        /// falls to `since` when it returns early.
        var since: Height
        var until: Height
    }

    /// In ascending order of validators; only those that lost their newest turn.
    private(set) var rows: [Row] = []

    public init() {}

    /// Whether `validator` is passed over at `height`.
    func isSkipped(_ validator: ValidatorIndex, at height: Height) -> Bool {
        rows.contains { $0.validator == validator && height <= $0.until && height > $0.since }
    }

    /// Takes note of a committed height: `losers` had a view and made no block, `proposer` did.
    mutating func committed(height: Height, losers: some Sequence<ValidatorIndex>, proposer: ValidatorIndex, in validators: ValidatorSet) {
        rows.removeAll { $0.validator == proposer }
        for loser in losers where loser != proposer {
            let position = rows.firstIndex { $0.validator >= loser } ?? rows.endIndex
            if position == rows.endIndex || rows[position].validator != loser {
                rows.insert(Row(validator: loser, lostTurns: 0, since: height, until: height), at: position)
            }
            rows[position].lostTurns = min(rows[position].lostTurns + 1, ConsensusLimits.skipExponentMax)
            rows[position].since = height
            rows[position].until = height.advanced(by: 1 << UInt64(rows[position].lostTurns)) ?? height
        }
        returnOldest(after: height, in: validators)
    }

    private mutating func returnOldest(after height: Height, in validators: ValidatorSet) {
        func skippedWeight() -> UInt64 {
            rows.reduce(0) { $1.until > height ? $0 + (validators[$1.validator]?.weight ?? 0) : $0 }
        }
        while 3 * skippedWeight() > validators.totalWeight {
            let oldest = rows.indices.filter { rows[$0].until > height }.min { (rows[$0].since, $0) < (rows[$1].since, $1) }
            guard let oldest else { return }
            rows[oldest].until = rows[oldest].since
        }
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeLength(rows.count)
        for row in rows {
            row.validator.encode(into: &encoder)
            encoder.encode(row.lostTurns)
            row.since.encode(into: &encoder)
            row.until.encode(into: &encoder)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        for _ in 0..<(try decoder.decodeLength(limit: Limits.validatorsMax)) {
            let row = Row(
                validator: try decoder.decode(ValidatorIndex.self), lostTurns: try decoder.decode(UInt8.self),
                since: try decoder.decode(Height.self), until: try decoder.decode(Height.self))
            guard (rows.last?.validator).map({ $0 < row.validator }) ?? true, row.lostTurns <= ConsensusLimits.skipExponentMax
            else { throw decoder.refuse("a skip list is out of order") }
            rows.append(row)
        }
    }
}

/// The order in which the validators of one epoch are primary: a cycle in which each has slots in proportion to its stake, at
/// least one, spread evenly. The epoch's beacon decides who goes first among equals.
///
/// Height `start + 1 + i` begins at slot i of the cycle; view v has the v-th distinct validator from there that is not skipped.
/// Hence the next height has the next primary, and n views in a row reach every validator.
struct Rotation: Sendable {
    let cycle: [ValidatorIndex]

    /// `order` breaks ties; see ``EpochState``.
    init(validators: ValidatorSet, order: [ValidatorIndex]) {
        let count = UInt128(validators.validators.count * ConsensusLimits.cycleSlotsPerValidator)
        // A share is at most the number of slots, which fits any integer.
        let shares = validators.validators.map { Int64(max(1, UInt128($0.weight) * count / UInt128(validators.totalWeight))) }
        let total = shares.reduce(0, +)
        // Smooth weighted round robin: everyone gains its share, the richest takes the slot and pays for the whole round.
        var credit = [Int64](repeating: 0, count: shares.count)
        var cycle: [ValidatorIndex] = []
        cycle.reserveCapacity(Int(total))
        for _ in 0..<total {
            var best = order[0]
            for candidate in order {
                let position = Int(candidate.rawValue)
                credit[position] += shares[position]
                if credit[position] > credit[Int(best.rawValue)] { best = candidate }
            }
            credit[Int(best.rawValue)] -= total
            cycle.append(best)
        }
        self.cycle = cycle
    }

    /// The primaries of `height` in order of views, without the skipped: view v has number v modulo their count. Never empty,
    /// because at most a third of the weight is skipped.
    func primaries(at height: Height, epochStart: Height, skipping skips: SkipList) -> [ValidatorIndex] {
        precondition(height > epochStart)
        let start = Int((height.rawValue - epochStart.rawValue - 1) % UInt64(cycle.count))
        var seen = ValidatorBitmap()
        var primaries: [ValidatorIndex] = []
        for offset in cycle.indices {
            let candidate = cycle[(start + offset) % cycle.count]
            guard !seen.contains(candidate) else { continue }
            seen.insert(candidate)
            if !skips.isSkipped(candidate, at: height) { primaries.append(candidate) }
        }
        return primaries
    }
}
