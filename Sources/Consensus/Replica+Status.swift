import Primitives

extension Replica {
    var progress: Progress {
        if case .recovering = health { return .recovering }
        guard let open = round.view.open else { return .changingView }
        if hasSigned(atLeast: .commit) { return .commitSent }
        if hasSigned(atLeast: .prepare) { return .prepareSent }
        return open.current == nil ? .awaitingProposal : .proposalKnown
    }

    mutating func sendStatus() {
        let challenge: UInt64 = if case .recovering(let challenge) = health { challenge } else { 0 }
        sendStatus(challenge: challenge, certificate: nil, to: .validators)
    }

    private mutating func sendStatus(challenge: UInt64, certificate: CommitCertificate?, to destination: Destination) {
        guard let ownIndex, health != .idle else { return }
        let statement = StatusStatement(
            epoch: position.epoch.epoch, height: round.height, view: round.view.view, progress: progress, challenge: challenge)
        let bytes = SigningDomain.status.signedBytes(statement, chainID: configuration.chainID)
        effects.append(.send(.status(Status(
            signer: ownIndex, statement: statement, signature: cryptography.sign(bytes), certificate: certificate)), to: destination))
    }

    /// Answers a peer's STATUS with the newest messages it lacks. This, not the sender's patience, repairs loss.
    mutating func receive(_ status: Status, from peer: Peer?) {
        guard let peer else { return }
        let statement = status.statement
        if let below = statement.height.predecessor { catchUp.hint(peer, height: below) }
        if let certificate = status.certificate { learn(Proven(established: certificate), from: peer) }
        if case .recovering(let challenge) = health, statement.challenge == challenge { return receiveAnswer(status) }
        guard !isBroken(.statusUnanswered), health == .voting else { return }
        // STATUS is small and its answers are large. Half a period lets through what a correct peer sends, however it is delayed.
        guard catchUp.mayAnswer(peer, at: tick, pause: (configuration.statusTicks + 1) / 2) else { return }
        if statement.progress == .recovering {
            sendStatus(challenge: statement.challenge, certificate: position.certificate, to: .peer(peer))
        }
        guard statement.height == round.height, statement.epoch == position.epoch.epoch,
              statement.view <= round.view.view else { return }
        let isBelow = statement.view < round.view.view
        if isBelow || statement.progress <= .changingView {
            resend(.viewChange, to: peer)
            if let newView = round.view.open?.newView, relays(newView.signer, to: status.signer) {
                effects.append(.send(.newView(newView), to: .peer(peer)))
            }
        }
        if isBelow || statement.progress <= .awaitingProposal, let message = round.view.open?.current?.message,
           relays(message.signer, to: status.signer) {
            effects.append(.send(message, to: .peer(peer)))
        }
        if isBelow || statement.progress <= .prepareSent { resend(.prepare, to: peer) }
        resend(.commit, to: peer)
    }

    /// The author of a large message resends it; of the others one per status period and peer relays it, in turn, so that a
    /// replica that missed it gets it a few times and not once from everybody.
    private func relays(_ author: ValidatorIndex, to reader: ValidatorIndex) -> Bool {
        guard let ownIndex else { return false }
        if author == ownIndex { return true }
        let count = UInt64(validators.validators.count)
        return (tick.rawValue / configuration.statusTicks + UInt64(ownIndex.rawValue)) % count == UInt64(reader.rawValue) % count
    }

    /// Resends the own vote of this step in the current view, once it is durable, which it is when it has come back as received.
    private mutating func resend(_ step: Step, to peer: Peer) {
        guard let ownIndex else { return }
        for entry in voteGuard.entries(at: round.height) {
            guard let vote = entry.vote, vote.step == step, vote.place.view == round.view.view else { continue }
            let isDurable = switch vote {
            case .viewChange(let vote): round.viewChanges[ownIndex]?.vote == vote
            case .prepare(let vote): round.prepares.votes(of: ownIndex).contains(vote)
            case .commit(let vote): round.commits.votes(of: ownIndex).contains(vote)
            case .newView, .prePrepare: false
            }
            if isDurable { effects.append(.send(entry, to: .peer(peer))) }
        }
    }
}
