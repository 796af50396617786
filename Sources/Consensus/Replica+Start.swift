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
            health = ownIndex == nil || isBroken(.lostJournalIgnored) ? .voting : .recovering(challenge: challenge)
        case .journalLostOverridden: overrideLostJournal()
        }
        resume(state)
        sendStatus()
    }

    /// Puts the own votes of the height in flight back in their places. They were durable, so they are received as if they had
    /// just been acknowledged; peers get them when their STATUS shows that they lack them.
    private mutating func resume(_ state: ReplicaState) {
        if !isBroken(.preparedNotRestored), let prepared = state.prepared,
           prepared.certificate.statement.height == round.height {
            round.prepared = prepared
            round.preparedIsDurable = true
            adoptCandidate(prepared.proposal, check: .valid)
        }
        // The proposal that an own PREPARE is for has its bodies in the journal.
        if let proposal = state.proposal, proposal.draft.height == round.height { adoptCandidate(proposal, check: .valid) }
        let entries = voteGuard.entries(at: round.height)
        guard let newest = entries.last?.vote else { return }
        let isOpen = newest.place.view == 0 || newest.step > .viewChange
        round.view = ViewState(view: newest.place.view, phase: isOpen ? .open(ViewState.Open()) : .changing)
        for entry in entries {
            receive(entry, from: nil, arrival: clock)
            restoreCurrent(by: entry, proposal: state.proposal)
        }
    }

    /// A backup that sent PREPARE holds the proposal, though not the message that brought it.
    private mutating func restoreCurrent(by entry: ConsensusMessage, proposal: Proposal?) {
        guard case .prepare(let vote) = entry, round.view.open?.current == nil,
              let candidate = round.candidate(vote.statement.draftDigest) else { return }
        round.view.open?.current = ViewState.Current(digest: candidate.digest, mayVote: true, message: nil)
    }
}
