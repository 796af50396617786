import Primitives

extension Replica {
    /// Resumes at max(commit, prepared, view change) of the journal.
    mutating func start(_ mode: StartMode, now: Timestamp) {
        guard health == .idle, let state = resumption else { return }
        resumption = nil
        clock = now
        movedAt = (tick, clock)
        switch mode {
        case .journalIntact: health = .voting
        case .journalLost(let challenge):
            // Whoever has a key may have voted with it, though perhaps not in the epoch that this node knows of.
            let isObserver = configuration.consensusKey == nil
            health = isObserver || isBroken(.lostJournalIgnored) ? .voting : .recovering(challenge: challenge)
        case .journalLostOverridden: overrideLostJournal()
        }
        resume(state)
        sendStatus()
    }

    /// Puts the own votes of the height in flight back in their places. They were durable, so they are received as if they had
    /// just been acknowledged; peers get them when their STATUS shows that they lack them.
    private mutating func resume(_ state: ReplicaState) {
        // The proposal that an own PREPARE is for has its bodies in the journal.
        if let proposal = state.proposal, proposal.draft.height == round.height { adoptCandidate(proposal, check: .valid) }
        let entries = voteGuard.entries(at: round.height)
        enterView(entries.last?.vote?.place.view ?? 0)
        if !isBroken(.preparedNotRestored), let prepared = state.prepared, prepared.certificate.statement.height == round.height {
            round.prepared = prepared
            round.preparedIsDurable = true
            round.act(on: prepared.certificate.votes)
            adoptCandidate(prepared.proposal, check: .valid)
            let claim = prepared.certificate.claim
            if claim.view > round.view.view { enterView(claim.view) }
            if claim.view == round.view.view { open(with: claim.draftDigest) }
        }
        for entry in entries {
            receive(entry, from: nil, arrival: clock)
            // A backup that sent PREPARE had entered the view, though the journal has not the message that opened it.
            if case .prepare(let vote) = entry { open(with: vote.statement.draftDigest) }
        }
    }

    /// View 0 is open from the start; any other is entered by VIEW-CHANGE and opened by NEW-VIEW.
    private mutating func enterView(_ view: View) {
        round.view = ViewState(view: view, phase: view == 0 ? .open(ViewState.Open()) : .changing)
    }

    private mutating func open(with digest: Digest) {
        var open = round.view.open ?? ViewState.Open()
        guard open.current == nil, round.candidate(digest) != nil else { return }
        open.current = ViewState.Current(digest: digest, mayVote: true, message: nil)
        round.view.open = open
    }
}
