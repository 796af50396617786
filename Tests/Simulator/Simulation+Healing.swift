import Consensus
import Primitives

/// The end of a run: faults stop, everybody returns, and the network owes an answer to every operation.
extension Simulation {
    static let judgePauseMicroseconds: UInt64 = 250_000

    func heal() {
        hasHealed = true
        healedAt = now
        note("the network heals")
        network.walls = Array(repeating: 0, count: network.walls.count)
        network.cloggedUntil = Array(repeating: 0, count: network.cloggedUntil.count)
        network.unheard = nil
        network.lossShare = 0
        network.duplicationShare = 0
        network.jitterMicroseconds = 0
        for node in nodes {
            node.crashPoint = nil
            node.lettersUntilCrash = nil
            node.slowDiskMicroseconds = 0
            node.stalledUntil = 0
            node.divergesNext = false
            if plan.hasBadClock.contains(node.key) { node.skewMilliseconds = 0 }
            // They return one by one, most within two seconds.
            if !node.isUp { queue.schedule(at: now + faultChance.below(2_000_000), .end(.restart(node.number))) }
        }
        // Something to do for everybody, beside what is left.
        for _ in 0..<3 { submit(to: faultChance.below(nodes.count)) }
        queue.schedule(at: now + Self.judgePauseMicroseconds, .judge)
    }

    /// How long the network may take to settle: a view of the longest kind to begin with, one for each corrupt validator that may be
    /// primary in a row, and some for those that have to find each other again.
    var settleMicrosecondsMax: UInt64 {
        let faulty = UInt64(plan.electorate.impaired.count)
        return 40_000_000 + (2 + faulty) * 12_000_000
    }

    /// Those that must keep up: honest, and not stopped by an alarm that they rightly raised.
    var obliged: [SimulatedNode] { nodes.filter { $0.isHonest } }

    func judgeProgress() {
        guard hasHealed else { return }
        judge.examineMemory(in: self)
        if plan.isOverwhelmed {
            if now - healedAt > 4_000_000 {
                judge.examineFork(in: self)
                end()
            } else {
                queue.schedule(at: now + Self.judgePauseMicroseconds, .judge)
            }
            return
        }
        if hasSettled {
            if plan.isCalm, judge.viewChanges > 0 { judge.fail("progress", "a view change although nothing went wrong") }
            return runLap()
        }
        if now - healedAt > settleMicrosecondsMax {
            let reports = obliged.map { node in
                let left = submitted.count { !node.included.contains($0) }
                return "node \(node.number) at height \(node.height)\(node.isUp ? "" : " (down)"), \(left) operations open: \(node.replica.report)"
            }
            return judge.fail("progress", "the network does not settle:\n    " + reports.joined(separator: "\n    "))
        }
        queue.schedule(at: now + Self.judgePauseMicroseconds, .judge)
    }

    /// Every operation that was ever submitted is delivered everywhere, and heights are within one.
    private var hasSettled: Bool {
        let heights = obliged.map(\.delivered)
        guard let lowest = heights.min(), let highest = heights.max(), highest.rawValue - lowest.rawValue <= 1 else { return false }
        return obliged.allSatisfy { node in node.isUp && node.included.count == submitted.count }
    }
}

/// The last lap: when all have settled, a few more operations show that nothing of the faults is left.
extension Simulation {
    /// Begins the lap, or ends the run when it is over.
    func runLap() {
        guard judge.lap == nil else { return end() }
        let highest = nodes.map(\.height).max() ?? 0
        // A node that lost its journal does not vote at first, and as primary costs a view; the corrupt each cost one.
        let excused = plan.electorate.impaired.count
        judge.lap = Lap(height: highest.successor, viewMax: View(UInt64(excused)))
        note("the last lap")
        // One after the other over more than the longest patience, so that a timer which does not begin anew with a height is seen.
        for number in 0..<UInt64(10) { queue.schedule(at: now + 1 + number * 240_000, .submit) }
        queue.schedule(at: now + 3_000_000, .judge)
    }
}
