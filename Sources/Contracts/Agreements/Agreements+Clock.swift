public import Execution
import Ledger
import Primitives

/// A chain that stood still must not read as an outage, nor as silence of those who could not speak.
extension Agreements {
    /// Two blocks further apart than this have a gap between them: ten minutes, as a chain with nothing to do still makes a block every
    /// heartbeat.
    public static let gapMillisecondsMin: UInt64 = 600_000
    /// Gaps of the chain that one call takes in.
    static let gapsAtOnceMax: UInt32 = 32

    public static let blockEnd = Method(
        "block_end", "Remembers the block's time as long as an agreement is active and the contract is not paused.", kind: .hook
    ) { context throws(CallError) in
        guard var kept = try context.read(clock), kept.active > 0 else { return Nothing() }
        // As long as an emergency decision has stopped this contract nobody can report or pay either: that is a gap, too.
        let now = context.block.time
        guard !(try context.pauses().contains { $0.contract == context.contract && now < $0.until }) else { return Nothing() }
        try recordGap(&kept, context)
        kept.last = context.block.time
        try context.write(clock, kept)
        return Nothing()
    }

    /// The clock at this block, with the gap before it if there is one. The first call of a block may find it before the hook does.
    static func currentClock(_ context: CallContext) throws(CallError) -> Clock {
        var kept = try context.read(clock) ?? Clock(active: 0, last: context.block.time, gaps: 0)
        if kept.active > 0, try recordGap(&kept, context) {
            kept.last = context.block.time
            try context.write(clock, kept)
        }
        return kept
    }

    @discardableResult
    private static func recordGap(_ clock: inout Clock, _ context: CallContext) throws(CallError) -> Bool {
        let now = context.block.time
        guard now > clock.last, now.rawValue - clock.last.rawValue > gapMillisecondsMin, clock.gaps < .max else { return false }
        let gap = Gap(from: clock.last, until: now)
        try context.write(gapRecords, clock.gaps, gap)
        clock.gaps += 1
        try context.emit(GapRecorded(gap: gap))
        return true
    }

    /// Counts an agreement that becomes active, or ends.
    static func count(active isMore: Bool, _ context: CallContext) throws(CallError) {
        var kept = try currentClock(context)
        if isMore {
            kept.active += 1
        } else {
            guard kept.active > 0 else { throw context.failure(.stateMalformed) }
            kept.active -= 1
        }
        kept.last = context.block.time
        try context.write(clock, kept)
    }

    /// Takes in the gaps of the chain that the agreement has not seen; false when there are more than one call may take in.
    static func takeGaps(_ agreement: inout Agreement, _ context: CallContext) throws(CallError) -> Bool {
        let clock = try currentClock(context)
        var list = agreement.gaps.elements
        for _ in 0..<gapsAtOnceMax where agreement.gapsSeen < clock.gaps {
            guard let gap = try context.read(gapRecords, agreement.gapsSeen) else { throw context.failure(.stateMalformed) }
            agreement.gapsSeen += 1
            // One gap too many is joined with the last: a little more is excluded, and nothing is forgotten.
            if list.count == 32, let last = list.popLast() { list.append(Gap(from: last.from, until: gap.until)) } else { list.append(gap) }
        }
        guard let gaps = Bounded<32, Gap>(list) else { throw context.failure(.stateMalformed) }
        agreement.gaps = gaps
        return agreement.gapsSeen == clock.gaps
    }
}
