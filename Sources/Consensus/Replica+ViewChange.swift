import Primitives

extension Replica {
    /// Leaves the current view for `view`, which is higher. After this nothing of a lower view is signed.
    mutating func changeView(to view: View) {
        guard canVote, view > round.view.view, round.decision == nil else { return }
        let claimed = isBroken(.claimForgotten) ? nil : round.prepared
        let statement = ViewChangeStatement(
            epoch: position.epoch.epoch, height: round.height, view: view, parentHash: position.headerHash,
            prepared: claimed?.certificate.claim)
        // A height below the floor of a lost journal is only followed.
        guard sign(statement, { .viewChange(ViewChange(vote: $0, prepared: claimed)) }) else { return }
        round.view = ViewState(view: view, phase: .changing)
        timer.stop()
        movedAt = (tick, clock)
    }

    /// Joins the largest view v such that view changes for v or later hold a weak quorum: a correct replica is there, and enough
    /// of the others will be. This is what makes long timeouts safe: nobody waits alone in an old view.
    mutating func joinHigherView() -> Bool {
        guard canVote, !isBroken(.joinForgotten), let view = round.viewChanges.highestViewWithWeakQuorum(in: validators),
              view > round.view.view else { return false }
        changeView(to: view)
        return round.view.view == view
    }

    mutating func receive(_ change: ViewChange) {
        let statement = change.vote.statement
        guard statement.parentHash == position.headerHash, statement.view > 0, isSound(change.prepared) else { return }
        if let earlier = round.viewChanges.add(change) { accuse(.viewChange(earlier), .viewChange(change.vote)) }
        accuseForgotten(change.vote)
        // Whoever knows that a draft is decided and has not the draft takes it from those who prepared it: those that have the whole
        // block may all be faulty, and those that prepared it may never learn the decision from anybody else.
        if let prepared = change.prepared,
           prepared.certificate.statement.draftDigest == round.decision?.certificate.statement.draftDigest {
            adoptCandidate(prepared.proposal, check: .unknown)
        }
    }

    /// The claim's certificate was verified with the message; here the proposal beside it is compared with it.
    private func isSound(_ prepared: PreparedProposal?) -> Bool {
        guard let prepared else { return true }
        return cryptography.draftDigest(prepared.proposal.draft) == prepared.certificate.statement.draftDigest
            && fitsChain(prepared.proposal)
    }

    /// The primary of the view that this replica wants to enter starts it as soon as a quorum wants the same.
    mutating func openViewAsPrimary() -> Bool {
        let view = round.view.view
        guard canVote, case .changing = round.view.phase, round.primary(of: view) == ownIndex, round.decision == nil
        else { return false }
        let changes = round.viewChanges.changes(to: view)
        let weight = changes.reduce(0) { $0 + (validators[$1.signer]?.weight ?? 0) }
        guard isBroken(.newViewByWeakQuorum) ? validators.isWeakQuorum(weight) : isQuorum(weight) else { return false }
        let prepared = choice(among: changes)
        let statement = NewViewStatement(
            epoch: position.epoch.epoch, height: round.height, view: view, parentHash: position.headerHash,
            prepared: prepared?.certificate.claim)
        return sign(statement) { [parent = position.certificate] vote in
            guard let message = NewView(
                vote: vote, viewChanges: changes.map(\.vote), parentCertificate: parent, prepared: prepared)
            else { preconditionFailure("the tally is in ascending order of signers") }
            return .newView(message)
        }
    }

    /// The single highest prepared certificate of a quorum of view changes; nil when none claims one.
    private func choice(among changes: [ViewChange]) -> PreparedProposal? {
        if isBroken(.claimsIgnored) { return nil }
        let prepared = changes.compactMap(\.prepared)
        if isBroken(.lowestClaimChosen) {
            return prepared.min { $0.certificate.statement.view < $1.certificate.statement.view }
        }
        return prepared.max { $0.certificate.statement.view < $1.certificate.statement.view }
    }

    /// Enters a view on the word of its primary and the quorum behind it, after recomputing the primary's choice.
    mutating func receive(_ message: NewView, arrival: Timestamp) {
        let statement = message.vote.statement
        guard statement.view > 0, message.signer == round.primary(of: statement.view),
              statement.parentHash == position.headerHash, followsTip(message.parentCertificate) else { return }
        if case .conflict(let earlier) = round.newViews.add(message.vote) { accuse(.newView(earlier), .newView(message.vote)) }
        guard statement.view > round.view.view || (statement.view == round.view.view && round.view.open == nil),
              isJustified(message), isSound(message.prepared) else { return }
        round.view = ViewState(view: statement.view, phase: .open(ViewState.Open(newView: message, obligation: statement.prepared)))
        // The certificate may be of a draft that was prepared in secret: with what others kept, it convicts who prepared two.
        round.act(on: message.viewChanges.map { .viewChange($0) } + [.newView(message.vote)] + (message.prepared?.certificate.votes ?? []))
        for change in message.viewChanges { accuseForgotten(change) }
        if !isBroken(.timerNotReset) { timer.stop() }
        movedAt = (tick, clock)
        if let prepared = message.prepared {
            // A prepared certificate stands above this node's view of the time.
            adoptCandidate(prepared.proposal, check: .unknown)
            round.view.open?.current = ViewState.Current(
                digest: prepared.certificate.statement.draftDigest, mayVote: true, message: .newView(message))
        }
        takeEarly()
    }

    /// Recomputes what the view changes oblige the primary to: a quorum of them for this very (epoch, height, view, parent), and
    /// the highest claim among them, of which there is one draft.
    private func isJustified(_ message: NewView) -> Bool {
        if isBroken(.newViewUnchecked) { return true }
        let statement = message.vote.statement
        var weight: UInt64 = 0
        var highest: PreparedClaim?
        for change in message.viewChanges.map(\.statement) {
            guard change.epoch == statement.epoch, change.height == statement.height, change.view == statement.view,
                  change.parentHash == statement.parentHash else { return false }
            if let claim = change.prepared {
                guard claim.view < statement.view else { return false }
                if let known = highest {
                    if claim.view == known.view, claim.draftDigest != known.draftDigest { return false }
                    if claim.view > known.view { highest = claim }
                } else {
                    highest = claim
                }
            }
        }
        // Signers are strictly ascending by the message's own invariant, so that none counts twice.
        for change in message.viewChanges { weight += validators[change.signer]?.weight ?? 0 }
        let suffices = isBroken(.newViewByWeakQuorum) ? validators.isWeakQuorum(weight) : isQuorum(weight)
        return suffices && statement.prepared == highest
    }
}
