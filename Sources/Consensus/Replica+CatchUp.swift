import Primitives

extension Replica {
    /// A block with a verified certificate: it decides the height in flight, waits for those below it, or is compared with the
    /// archive.
    mutating func receive(_ authenticated: AuthenticatedBlock, from peer: Peer) {
        let block = authenticated.block
        catchUp.hint(peer, height: block.height)
        if block.height < round.height { return compareWithArchive(block.certificate) }
        guard block.certificate.statement.epoch == position.epoch.epoch else { return }
        guard isConsistent(block) || isBroken(.catchUpUnchecked) else { return catchUp.failed(peer) }
        let isOfUse = block.height > round.height ? catchUp.keep(authenticated, above: round.height) : !haveDecidedProposal
        if isOfUse { catchUp.delivered(peer, at: tick, deadlineTicks: configuration.blockRequestTicks) }
        if block.height == round.height { adopt(authenticated) }
    }

    /// Whether header, draft and payload are those of the certificate. Its signatures are verified already.
    private func isConsistent(_ block: CertifiedBlock) -> Bool {
        let (draft, statement) = (block.header.draft, block.certificate.statement)
        return draft.height == statement.height && draft.epoch == statement.epoch && draft.time <= ConsensusLimits.timeMax
            && cryptography.draftDigest(draft) == statement.draftDigest
            && cryptography.headerHash(block.header) == statement.headerHash
            && draft.transactionsRoot == cryptography.transactionsRoot(of: block.payload)
    }

    /// Takes up a block of the height in flight. Its proposal needs no check, because a quorum checked it; it is executed like any
    /// other, and the results are compared.
    private mutating func adopt(_ authenticated: AuthenticatedBlock) {
        // A certified block on another parent means a fork below, which the archive shows; it must not be executed here.
        guard authenticated.block.header.draft.parentHash == position.headerHash else { return }
        learn(authenticated.certificate, from: nil)
        adoptCandidate(authenticated.block.proposal, check: .valid)
    }

    /// Takes up the kept block of the new height, if there is one.
    mutating func takeBufferedBlock() {
        if let block = catchUp.take(round.height) { adopt(block) }
    }

    /// Asks for blocks when peers claim to have committed what this replica has not: at once when they are two or more heights
    /// ahead or the height is known to be decided, otherwise after one status period, within which a replica in step would commit.
    mutating func updateCatchUp() {
        if case .stopped = health { return }
        let reached = catchUp.reach(from: haveDecidedProposal ? round.height : position.height)
        catchUp.review(at: tick, reached: reached)
        let first = reached.successor
        if catchUp.highestHint >= round.height, round.behindSince == nil { round.behindSince = tick }
        let isFar = catchUp.highestHint > first || first > round.height
        let hasWaited = round.behindSince.map { tick.rawValue - $0.rawValue >= configuration.statusTicks } ?? false
        guard isFar || hasWaited || lacksDecidedProposal,
              first.rawValue - position.height.rawValue <= UInt64(ConsensusLimits.blocksAheadMax),
              let request = catchUp.ask(from: first, at: tick, deadlineTicks: configuration.blockRequestTicks) else { return }
        effects.append(.requestBlocks(request.heights, of: request.peer))
    }

    private var lacksDecidedProposal: Bool {
        round.decision.map { round.candidate($0.certificate.statement.draftDigest) == nil } ?? false
    }

    /// Whether the decided proposal of the height in flight is here with its bodies.
    private var haveDecidedProposal: Bool {
        guard let digest = round.decision?.certificate.statement.draftDigest else { return false }
        return round.candidate(digest)?.check == .valid
    }
}
