import Primitives

extension Replica {
    /// PREPARE: the proposal of the open view is complete, valid and timely. Body, draft and vote become durable together.
    mutating func votePrepare() -> Bool {
        guard canVote, round.decision == nil, let current = round.view.open?.current, current.mayVote,
              let candidate = round.candidate(current.digest), candidate.check == .valid else { return false }
        if round.view.open?.obligation == nil, let passedOver = censoredTransaction(missingFrom: candidate.proposal) {
            round.refusal = .censoring(passedOver)
            return false
        }
        let statement = PrepareStatement(
            epoch: position.epoch.epoch, height: round.height, view: round.view.view, draftDigest: current.digest)
        return sign(statement, proposal: candidate.proposal) { .prepare($0) }
    }

    /// Whether PREPAREs for this draft in the current view hold a quorum.
    func hasPreparedQuorum(_ digest: Digest) -> Bool {
        let weight = round.prepares.weight(in: validators) { $0.view == round.view.view && $0.draftDigest == digest }
        return isBroken(.prepareByWeakQuorum) ? validators.isWeakQuorum(weight) : isQuorum(weight)
    }

    /// A quorum of PREPAREs of the open view is a prepared certificate; it becomes durable before anything rests on it.
    mutating func notePrepared() -> Bool {
        let view = round.view.view
        guard !outbox.isFull, let digest = round.view.open?.current?.digest, let candidate = round.candidate(digest),
              candidate.check == .valid, round.prepared?.certificate.statement.view != view, hasPreparedQuorum(digest) else { return false }
        let statement = PrepareStatement(epoch: position.epoch.epoch, height: round.height, view: view, draftDigest: digest)
        let signatures = round.prepares.signatures(on: statement)
        guard let certificate = PreparedCertificate(statement: statement, signatures: signatures) else { return false }
        let prepared = PreparedProposal(certificate: certificate, proposal: candidate.proposal)
        round.prepared = prepared
        round.preparedIsDurable = false
        round.act(on: certificate.votes)
        persist(.prepared(prepared), then: .prepared(height: round.height, view: view))
        return true
    }

    /// COMMIT: prepared in the open view, durably, and executed.
    mutating func voteCommit() -> Bool {
        guard canVote, round.preparedIsDurable, !hasSigned(atLeast: .commit), let prepared = round.prepared,
              (round.view.open != nil && prepared.certificate.statement.view == round.view.view) || isBroken(.commitAfterLeaving),
              let executed = round.candidate(prepared.certificate.statement.draftDigest)?.executed else { return false }
        let header = Header(draft: prepared.proposal.draft, result: executed.result)
        let statement = CommitStatement(
            epoch: position.epoch.epoch, height: round.height, view: prepared.certificate.statement.view,
            draftDigest: prepared.certificate.statement.draftDigest, headerHash: cryptography.headerHash(header))
        return sign(statement) { .commit(Commit(vote: $0, result: executed.result)) }
    }

    /// A quorum of COMMITs of one view, whichever view this replica is in, decides the height. Asked for each new COMMIT.
    mutating func decide(by statement: CommitStatement) {
        guard round.decision == nil else { return }
        let weight = commitWeight(of: statement)
        guard isBroken(.commitByWeakQuorum) ? validators.isWeakQuorum(weight) : isQuorum(weight),
              let certificate = CommitCertificate(statement: statement, signatures: round.commits.signatures(on: statement))
        else { return }
        round.decision = Proven(established: certificate)
    }

    private func commitWeight(of statement: CommitStatement) -> UInt64 {
        if isBroken(.viewsAddedUp) {
            return round.commits.weight(in: validators) { $0.headerHash == statement.headerHash }
        }
        if isBroken(.duplicatesCounted) {
            return round.commits.votes(where: { $0.headerHash == statement.headerHash })
                .reduce(0) { $0 + (validators[$1.signer]?.weight ?? 0) }
        }
        return round.commits.weight(in: validators) { $0 == statement }
    }

    /// The certificate of the block below travels with proposals and new views.
    mutating func learnParent(_ certificate: CommitCertificate?, from peer: Peer?) {
        guard let certificate else { return }
        learn(Proven(established: certificate), from: peer)
    }

    /// A commit certificate learnt by any path decides its height. For a height decided before, it must agree.
    mutating func learn(_ proven: Proven<CommitCertificate>, from peer: Peer?) {
        let statement = proven.certificate.statement
        if let peer { catchUp.hint(peer, height: statement.height) }
        if statement.height < round.height { return compareWithArchive(proven.certificate) }
        guard statement.height == round.height, statement.epoch == position.epoch.epoch else { return }
        guard let decision = round.decision else {
            round.decision = proven
            return
        }
        if decision.certificate.statement.headerHash != statement.headerHash {
            accuse(decision.certificate.votes + proven.certificate.votes + round.acted)
            stop(.forked(decision.certificate, proven.certificate))
        }
    }

    /// Ends the height once its decision, its proposal and this node's own execution are there and agree.
    mutating func finishHeight() -> Bool {
        if case .stopped = health { return false }
        // A journal that lags this far behind stalls the replica; it must not gather blocks in memory.
        guard let decision = round.decision, !outbox.isFull else { return false }
        let statement = decision.certificate.statement
        guard let candidate = round.candidate(statement.draftDigest) else { return false }
        if case .invalid = candidate.check {
            stop(.certifiedInvalid(height: round.height, draftDigest: statement.draftDigest))
            return true
        }
        guard let executed = candidate.executed else { return false }
        let header = Header(draft: candidate.proposal.draft, result: executed.result)
        let own = cryptography.headerHash(header)
        guard own == statement.headerHash || isBroken(.resultNotCompared) else {
            stop(.diverged(height: round.height, own: own, certified: statement.headerHash))
            return true
        }
        commit(CertifiedBlock(header: header, certificate: decision.certificate, payload: candidate.proposal.payload), next: executed.next)
        return true
    }

    /// Writes the block to the journal, moves to the next height and view 0, and takes up what waited for that height.
    private mutating func commit(_ block: CertifiedBlock, next: NextEpoch?) {
        let draft = block.header.draft
        let nextState = next.map { next in
            EpochState(
                validators: isBroken(.epochIgnored)
                    ? (try? ValidatorSet(epoch: next.validators.epoch, validators: validators.validators)) ?? next.validators
                    : next.validators,
                parameters: next.parameters, startHeight: draft.height, startTime: draft.time, startBeacon: draft.beacon,
                cryptography: cryptography)
        }
        let origin = isBroken(.skipsFromOwnView) ? round.view.view : draft.originView
        let lost = Int(min(origin.rawValue, UInt64(round.primaries.count)))
        let losers = Array(round.primaries[..<lost])
        let acted = ArchivedHeight(certificate: block.certificate, votes: round.acted)
        let record = CommittedRecord(block: block, losers: losers, next: nextState, acted: acted)
        persist(.committed(record), then: .effect(.deliver(block, next: nextState)))
        evidence.committed(acted, time: draft.time, evidenceMilliseconds: position.epoch.parameters.evidenceMilliseconds)
        censorship.committed(block.payload)
        position.advance(by: block, losers: losers, next: nextState)
        newestCount = block.payload.count
        if nextState != nil { enterEpoch() }
        resolveLostJournal()
        enterHeight()
    }

    private mutating func enterEpoch() {
        rotation = Rotation(validators: validators, order: position.epoch.order)
        ownIndex = configuration.consensusKey.flatMap { validators.index(of: $0) }
        nextHeight = NextHeightBuffer(validatorCount: validators.validators.count)
        recovery = RecoveryAnswers()
        catchUp.enterEpoch()
        censorship.enterEpoch()
    }

    private mutating func enterHeight() {
        let count = validators.validators.count
        round = HeightRound(
            height: position.height.successor, primaries: position.primaries(in: rotation), validatorCount: count)
        if !isBroken(.timerNotReset) {
            timer.stop()
            // Whether transactions remain is the shell's to say again, once it has taken them out of its pool.
            hasExecutable = false
        }
        takeBufferedBlock()
        for entry in nextHeight.takeAll(validatorCount: count) {
            receive(entry.message, from: entry.peer, arrival: entry.arrival)
        }
    }
}
