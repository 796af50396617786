import Primitives

extension Replica {
    /// Whether there is a reason to expect a block: an executable transaction, a due heartbeat, a valid view change for this
    /// height, or a proposal that passed all checks, which is one of the first two seen by another node.
    var hasWork: Bool {
        if hasExecutable || isHeartbeatDue || !round.viewChanges.isEmpty || round.view.view > 0 { return true }
        guard let digest = round.view.open?.current?.digest else { return false }
        return round.candidate(digest)?.check == .valid
    }

    /// Whether verified certificates, not hints, show that the height in flight is decided elsewhere: then no view change helps.
    var isProvablyBehind: Bool {
        if isBroken(.hintBelieved), catchUp.highestHint > position.height { return true }
        return round.decision != nil || catchUp.hasBlocks
    }

    mutating func passTick(now: Timestamp) {
        tick = tick.successor
        clock = now
        if timer.hasExpired(at: tick) {
            timer.stop()
            if canVote, !isProvablyBehind { changeView(to: round.view.view.successor) }
        }
        if tick.rawValue % configuration.statusTicks == 0 {
            sendStatus()
            complain()
        }
    }

    /// Starts or stops the view timer, whichever the state calls for. While a view is open, it runs if there is work; while one
    /// is awaited, from the moment a quorum has left the views below it, so that replicas that waited alone do not run ahead.
    mutating func updateTimer() {
        guard canVote, !isProvablyBehind, !isBroken(.timerNeverStarts) else { return timer.stop() }
        switch round.view.phase {
        case .open:
            guard hasWork else { return timer.stop() }
            guard !timer.isRunning else { return }
            timer.start(at: tick, view: round.view.view)
            effects.append(.shareTransactions)
        case .changing:
            guard isQuorum(round.viewChanges.weight(atLeast: round.view.view, in: validators)) else { return timer.stop() }
            if !timer.isRunning { timer.start(at: tick, view: round.view.view) }
        }
    }
}
