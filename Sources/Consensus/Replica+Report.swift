import Primitives

extension Replica {
    /// The current answer to "why is nothing happening?".
    public var report: StallReport {
        let (awaiting, missing) = waiting
        let groups = resultGroups(in: round.view.view)
        let alarm: Alarm? = if case .stopped(let alarm) = health { alarm } else { nil }
        return StallReport(
            height: round.height, view: round.view.view, progress: progress, primary: round.primary(of: round.view.view),
            awaiting: awaiting, missing: missing, sinceTicks: tick.rawValue - movedAt.tick.rawValue, since: movedAt.clock,
            refusal: round.refusal, results: groups.count > 1 ? groups : [], floor: voteGuard.floor, alarm: alarm)
    }

    private var waiting: (StallReport.Awaiting, [ValidatorIndex]) {
        let view = round.view.view
        let primary = round.primary(of: view)
        switch health {
        case .idle, .stopped: return (.operatorDecision, [])
        case .recovering:
            let isHeard = recovery.highest != nil
            return (.recovery, all { index in isHeard || recovery.heights.contains { $0.signer == index } || index == ownIndex })
        case .voting: break
        }
        if let decision = round.decision {
            let candidate = round.candidate(decision.certificate.statement.draftDigest)
            return (candidate?.check == .valid ? .execution : .block, [])
        }
        guard let open = round.view.open else {
            let missing = all { round.viewChanges[$0].map { $0.vote.statement.view >= view } ?? false }
            let isQuorum = validators.isQuorum(round.viewChanges.weight(atLeast: view, in: validators))
            return isQuorum ? (.newView, [primary]) : (.viewChanges, missing)
        }
        guard let digest = open.current?.digest, let candidate = round.candidate(digest) else {
            return hasWork ? (.proposal, [primary]) : (.work, [])
        }
        guard candidate.check == .valid else { return (.check, []) }
        guard round.prepared?.certificate.statement.view == view else {
            return (.prepares, all { index in round.prepares.votes(of: index).contains { $0.statement.view == view } })
        }
        guard candidate.executed != nil else { return (.execution, []) }
        guard round.preparedIsDurable else { return (.journal, []) }
        return (.commits, all { index in round.commits.votes(of: index).contains { $0.statement.view == view } })
    }

    /// All validators that have not answered.
    private func all(without hasAnswered: (ValidatorIndex) -> Bool) -> [ValidatorIndex] {
        validators.validators.indices.map { ValidatorIndex(UInt16($0)) }.filter { !hasAnswered($0) }
    }
}
