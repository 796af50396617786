import Primitives

/// Messages of one signer for the height after the one in flight, kept for a replica that is one step behind.
struct NextHeightBuffer: Sendable {
    struct Entry: Sendable {
        let message: ConsensusMessage
        let peer: Peer?
        let arrival: Timestamp
    }

    private var entries: [[Entry]]

    init(validatorCount: Int) { entries = Array(repeating: [], count: validatorCount) }

    /// Keeps a message once; each signer has ``ConsensusLimits/nextHeightMessagesPerSignerMax`` places and pushes out only its own
    /// oldest.
    mutating func keep(_ entry: Entry, unbounded: Bool) {
        let signer = Int(entry.message.signer.rawValue)
        guard signer < entries.count, !entries[signer].contains(where: { $0.message == entry.message }) else { return }
        entries[signer].append(entry)
        if !unbounded, entries[signer].count > ConsensusLimits.nextHeightMessagesPerSignerMax { entries[signer].removeFirst() }
    }

    /// All messages, in ascending order of signers and in order of arrival within one.
    mutating func takeAll(validatorCount: Int) -> [Entry] {
        defer { entries = Array(repeating: [], count: validatorCount) }
        return entries.flatMap { $0 }
    }

    var count: Int { entries.reduce(0) { $0 + $1.count } }
}

extension Replica {
    /// Sends a verified message to the rule of its kind. `peer` is nil for own messages.
    mutating func receive(_ message: ConsensusMessage, from peer: Peer?, arrival: Timestamp) {
        switch message {
        case .status(let status): return receive(status, from: peer)
        case .complaint(let complaint): return receive(complaint)
        case .prePrepare(let proposal): learnParent(proposal.parentCertificate, from: peer)
        case .newView(let newView): learnParent(newView.parentCertificate, from: peer)
        default: break
        }
        let height = message.height
        if let vote = message.vote, vote.place.view > ConsensusLimits.viewMax { return }
        // Whoever works on a height has committed the one below; it is a hint like any other.
        if let peer, let below = height.predecessor { catchUp.hint(peer, height: below) }
        if height < round.height { return receiveLate(message, from: peer) }
        guard message.epoch == position.epoch.epoch else { return }
        if height == round.height.successor {
            let entry = NextHeightBuffer.Entry(message: message, peer: peer, arrival: arrival)
            return nextHeight.keep(entry, unbounded: isBroken(.nextHeightUnbounded))
        }
        guard height == round.height else { return }
        switch message {
        case .viewChange(let change): receive(change)
        case .newView(let newView): receive(newView, arrival: arrival)
        case .prePrepare(let proposal): receive(proposal, arrival: arrival)
        case .prepare(let vote): receive(vote)
        case .commit(let commit): receive(commit)
        case .status, .complaint: break
        }
    }

    private mutating func receive(_ vote: Vote<PrepareStatement>) {
        if case .conflict(let earlier) = round.prepares.add(vote) { accuse(.prepare(earlier), .prepare(vote)) }
    }

    private mutating func receive(_ commit: Commit) {
        switch round.commits.add(commit.vote) {
        case .counted:
            round.results[Int(commit.signer.rawValue)] = commit.result
            if let change = round.viewChanges[commit.signer] { accuse(.commit(commit.vote), .viewChange(change.vote)) }
            noteResults(of: commit.vote.statement)
            decide(by: commit.vote.statement)
        case .duplicate: break
        case .conflict(let earlier): accuse(.commit(earlier), .commit(commit.vote))
        }
    }

    /// A message of a committed height: its sender may need the block, and its vote may be evidence.
    private mutating func receiveLate(_ message: ConsensusMessage, from peer: Peer?) {
        if let vote = message.vote { accuseLate(vote) }
        if case .viewChange(let change) = message, let peer, catchUp.mayServe(peer, at: tick, pause: configuration.statusTicks) {
            let height = change.vote.statement.height
            effects.append(.serveBlocks(height...height, to: peer))
        }
    }

    /// Raises the alarm when no result of a draft can still reach a quorum: the chain halts rather than forks.
    private mutating func noteResults(of statement: CommitStatement) {
        let statements = round.commits.statements(in: statement.view)
        guard statements.count > 1, !round.resultsAlarmed else { return }
        let heard = round.commits.weight(in: validators) { $0.view == statement.view }
        let best = statements.map { candidate in round.commits.weight(in: validators) { $0 == candidate } }.max() ?? 0
        guard !validators.isQuorum(best + (validators.totalWeight - heard)) else { return }
        round.resultsAlarmed = true
        effects.append(.alarm(.resultsDiffer(height: round.height, resultGroups(in: statement.view))))
    }

    /// Who voted for which header in `view`.
    func resultGroups(in view: View) -> [ResultGroup] {
        round.commits.statements(in: view).compactMap { statement in
            let signers = round.commits.signatures(on: statement).map(\.signer)
            guard let first = signers.first, let result = round.results[Int(first.rawValue)] else { return nil }
            return ResultGroup(headerHash: statement.headerHash, result: result, signers: signers)
        }
    }
}
