import Primitives

extension Replica {
    // MARK: The primary

    /// Asks for a proposal when it is this node's turn and there is work: an executable transaction, or the view change of a peer
    /// that sees some, once enough time has passed for transactions to gather; a due heartbeat; or a view that followed another, in which the height
    /// must end even with an empty block. Whatever makes the backups' timers run is a reason here.
    mutating func proposeIfDue() {
        guard canVote, let open = round.view.open, open.current == nil, open.obligation == nil, !open.buildAsked,
              round.decision == nil, round.primary(of: round.view.view) == ownIndex,
              // The journal may hold a proposal of this view already; its message is resent, not made anew.
              !hasSigned(atLeast: .prePrepare) || isBroken(.prePrepareUnguarded),
              clock > position.time
        else { return }
        let age = clock.rawValue - position.time.rawValue
        let hasReason = hasExecutable || !round.viewChanges.isEmpty
        let isDue = age >= gatheringMilliseconds && hasReason
        guard isDue || isHeartbeatDue || round.view.view > 0 else { return }
        round.view.open?.buildAsked = true
        effects.append(.build(ProposalRequest(
            height: round.height, view: round.view.view, parentHash: position.headerHash, parentBeacon: position.beacon)))
    }

    /// How long transactions gather for the next block: the block interval behind a block of ``ConsensusLimits/gatheringTransactions`` or more,
    /// and less the fewer there were. An idle chain answers at once, and a busy one makes fewer and larger blocks.
    private var gatheringMilliseconds: UInt64 {
        let interval = position.epoch.parameters.blockIntervalMilliseconds, whole = UInt64(ConsensusLimits.gatheringTransactions)
        let part = min(UInt64(newestCount), whole)
        return interval / whole * part + interval % whole * part / whole
    }

    var isHeartbeatDue: Bool {
        clock > position.time && clock.rawValue - position.time.rawValue >= position.epoch.parameters.heartbeatMilliseconds
    }

    mutating func proposalBuilt(_ built: BuiltProposal) {
        guard canVote, let ownIndex, built.height == round.height, built.view == round.view.view, let open = round.view.open,
              open.buildAsked, open.current == nil, open.obligation == nil, round.primary(of: built.view) == ownIndex
        else { return }
        precondition(built.payload.count <= Limits.blockTransactionsMax)
        let draft = HeaderDraft(
            height: round.height, epoch: position.epoch.epoch, originView: built.view,
            time: max(built.now, position.time.successor), proposer: ownIndex, parentHash: position.headerHash,
            transactionsRoot: cryptography.transactionsRoot(of: built.payload), validatorsHash: position.epoch.validatorsHash,
            vrfProof: built.vrfProof, beacon: built.beacon, protocolVersion: position.epoch.parameters.protocolVersion,
            parentVotes: position.certificate?.signers ?? ValidatorBitmap())
        let proposal = Proposal(draft: draft, payload: built.payload)
        let digest = cryptography.draftDigest(draft)
        adoptCandidate(proposal, check: .valid)
        let statement = PrePrepareStatement(
            epoch: position.epoch.epoch, height: round.height, view: built.view, draftDigest: digest)
        _ = sign(statement) { [parent = position.certificate] vote in
            .prePrepare(PrePrepare(vote: vote, proposal: proposal, parentCertificate: parent))
        }
    }

    // MARK: The backups; the primary treats its own proposal like any other

    mutating func receive(_ message: PrePrepare, arrival: Timestamp) {
        let statement = message.vote.statement
        guard statement.view >= round.view.view else { return }
        guard message.signer == round.primary(of: statement.view) || isBroken(.anyPrimary) else {
            round.refusal = .notFromPrimary
            return
        }
        guard statement.view == round.view.view, let open = round.view.open else { return keepEarly(message, arrival: arrival) }
        if case .conflict(let earlier) = round.prePrepares.add(message.vote) {
            accuse(.prePrepare(earlier), .prePrepare(message.vote))
        }
        // Only the first proposal of a view counts, unless a quorum of PREPAREs shows that another one did for the others.
        if let current = open.current, !isBroken(.everyProposalAccepted) {
            guard current.digest != statement.draftDigest, hasPreparedQuorum(statement.draftDigest) else { return }
        }
        guard open.obligation == nil else { return }
        if let refusal = refusal(of: message) {
            round.refusal = refusal
            return
        }
        // An own proposal bears the time of an own clock, which a reading per tick may still be behind.
        let lateness = message.signer == ownIndex ? 0 : lateness(of: message.proposal.draft, arrival: arrival)
        if lateness != 0 { round.refusal = .untimely(millisecondsLate: lateness) }
        adoptCandidate(message.proposal, check: .unknown)
        round.act(on: [.prePrepare(message.vote)])
        let mayVote = lateness == 0 || isBroken(.timeUnchecked)
        round.view.open?.current = ViewState.Current(
            digest: statement.draftDigest, mayVote: mayVote, message: .prePrepare(message))
    }

    /// A proposal may overtake the NEW-VIEW that it follows. One is kept per view, from that view's primary, for a few views. It must
    /// be a proposal that could be accepted: the draft is not under the signature, and anyone may have put another one there.
    private mutating func keepEarly(_ message: PrePrepare, arrival: Timestamp) {
        let view = message.vote.statement.view
        round.early.removeAll { $0.message.vote.statement.view < round.view.view }
        guard !round.early.contains(where: { $0.message.vote.statement.view == view }), refusal(of: message) == nil else { return }
        round.early.append((message, arrival))
        round.early.sort { $0.message.vote.statement.view < $1.message.vote.statement.view }
        // Near views come first: a faulty primary of a far view must not push out the next one's proposal.
        if round.early.count > ConsensusLimits.earlyProposalsMax { round.early.removeLast() }
    }

    /// Takes up the proposal of a view that has just opened, if it came early.
    mutating func takeEarly() {
        let view = round.view.view
        guard let position = round.early.firstIndex(where: { $0.message.vote.statement.view == view }) else { return }
        let (message, arrival) = round.early[position]
        round.early.removeAll { $0.message.vote.statement.view <= view }
        receive(message, arrival: arrival)
    }

    /// What is wrong with a fresh proposal as far as consensus can see; the bodies are the shell's to judge.
    private func refusal(of message: PrePrepare) -> ProposalRefusal? {
        let (draft, statement) = (message.proposal.draft, message.vote.statement)
        guard cryptography.draftDigest(draft) == statement.draftDigest else { return .malformed("the digest is of another draft") }
        guard draft.height == round.height, draft.epoch == position.epoch.epoch, draft.originView == statement.view else {
            return .malformed("the draft is of another height, epoch or view")
        }
        guard draft.proposer == message.signer else { return .malformed("the draft names another proposer") }
        guard draft.protocolVersion == position.epoch.parameters.protocolVersion else {
            return .malformed("the draft is of another protocol version")
        }
        guard draft.time > position.time else { return .timeNotIncreasing }
        guard followsTip(message.parentCertificate) else { return .malformed("the certificate is not of the parent") }
        guard draft.parentVotes == message.parentCertificate?.signers ?? ValidatorBitmap() else {
            return .malformed("the parent's voters are not those of the certificate")
        }
        return fitsChain(message.proposal) ? nil : .malformed("the draft does not follow from its parent or its payload")
    }

    /// Whether a certificate is that of the newest committed block, or rightly absent above genesis. Its view may differ from
    /// the one stored here, because certificates of several views can exist for one header.
    func followsTip(_ certificate: CommitCertificate?) -> Bool {
        guard let certificate else { return position.height == 0 }
        return certificate.statement.height == position.height && certificate.statement.headerHash == position.headerHash
    }

    /// Whether a draft stands on the newest committed block and covers its payload: true of every fresh proposal that may be
    /// voted for, and of every one that was.
    func fitsChain(_ proposal: Proposal) -> Bool {
        let draft = proposal.draft
        return draft.height == round.height && draft.epoch == position.epoch.epoch && draft.parentHash == position.headerHash
            && draft.validatorsHash == position.epoch.validatorsHash
            && draft.time <= ConsensusLimits.timeMax
            && draft.transactionsRoot == cryptography.transactionsRoot(of: proposal.payload)
    }

    /// How many milliseconds the proposal is outside the span in which it is timely: negative when its time lies in this node's
    /// future, positive when it came late, 0 when timely (proposer-based timestamps; Zarko Milosevic and others, CometBFT ADR 071).
    func lateness(of draft: HeaderDraft, arrival: Timestamp) -> Int64 {
        let parameters = position.epoch.parameters
        var delay = parameters.messageDelayMilliseconds
        for _ in 0..<min(draft.originView.rawValue, ConsensusLimits.delayGrowthViewsMax) {
            // A parameter near the end of its range is as good as no bound.
            let (product, overflow) = delay.multipliedReportingOverflow(by: 11)
            delay = overflow ? .max / 2 : product / 10
        }
        let earliest = draft.time.rawValue.subtractingClamped(parameters.precisionMilliseconds)
        let latest = draft.time.rawValue.addingClamped(delay).addingClamped(parameters.precisionMilliseconds)
        if arrival.rawValue < earliest { return -Int64(clamping: earliest - arrival.rawValue) }
        if arrival.rawValue > latest { return Int64(clamping: arrival.rawValue - latest) }
        return 0
    }

    // MARK: Checks and executions

    mutating func adoptCandidate(_ proposal: Proposal, check: Candidate.Check) {
        let digest = cryptography.draftDigest(proposal.draft)
        round.add(Candidate(digest: digest, proposal: proposal, check: check))
        if check == .valid { round.update(digest) { $0.check = .valid } }
    }

    /// Orders checks and executions of the drafts that matter now. Returns whether anything was ordered.
    mutating func orderWork() -> Bool {
        if case .stopped = health { return false }
        let current = round.view.open?.current
        let wanted = [
            // An untimely proposal is worth executing only once others prepared it.
            (current?.digest, current?.mayVote ?? false),
            (round.prepared?.certificate.statement.draftDigest, true), (round.decision?.certificate.statement.draftDigest, true),
        ]
        var ordered = false
        for (digest, executes) in wanted {
            guard let digest, let candidate = round.candidate(digest) else { continue }
            if candidate.check == .unknown {
                guard let proposer = validators[candidate.proposal.draft.proposer] else { continue }
                effects.append(.check(ProposalCheck(
                    draftDigest: digest, proposal: candidate.proposal, vrfKey: proposer.vrfKey, parentBeacon: position.beacon)))
                round.update(digest) { $0.check = .asked }
                ordered = true
            }
            if executes, candidate.check == .valid, case .none = candidate.execution {
                let draft = candidate.proposal.draft
                effects.append(.execute(ExecutionRequest(
                    draftDigest: digest, proposal: candidate.proposal,
                    endsEpoch: position.epoch.ends(at: draft.height, time: draft.time))))
                round.update(digest) { $0.execution = .asked }
                ordered = true
            }
        }
        return ordered
    }

    mutating func proposalChecked(_ digest: Digest, _ verdict: ProposalVerdict) {
        guard let candidate = round.candidate(digest), candidate.check == .asked else { return }
        switch verdict {
        case .valid(let beacon) where beacon == candidate.proposal.draft.beacon: round.update(digest) { $0.check = .valid }
        case .valid: reject("the beacon does not follow from the proof")
        case .invalid(let reason): reject(reason)
        }
        func reject(_ reason: StaticReason) {
            round.refusal = .invalid(reason)
            round.update(digest) { $0.check = .invalid(reason) }
        }
    }

    mutating func proposalExecuted(_ executed: ExecutedProposal) {
        guard let candidate = round.candidate(executed.draftDigest) else { return }
        let draft = candidate.proposal.draft
        // The executor is ours; that it keeps its contract is not a peer's to decide.
        precondition((executed.next != nil) == position.epoch.ends(at: draft.height, time: draft.time))
        if let next = executed.next {
            precondition(next.validators.epoch == position.epoch.epoch.successor)
            precondition(cryptography.validatorsHash(next.validators) == executed.result.nextValidatorsHash)
        } else {
            precondition(executed.result.nextValidatorsHash == position.epoch.validatorsHash)
        }
        round.update(executed.draftDigest) { $0.execution = .done(executed) }
    }
}

extension UInt64 {
    fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func subtractingClamped(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
