public import Primitives

extension Replica {
    /// Keeps two votes as evidence if they prove an offence. Equivocation is an input like any other.
    mutating func accuse(_ one: AnyVote, _ other: AnyVote) {
        guard let found = Evidence(one, other, chainID: configuration.chainID, hash: cryptography.hash),
              evidence.add(found, time: position.time) else { return }
        // This node did not sign both: the guard would have had to. Someone else has its key, or an old copy of it runs.
        let isOwn = found.epoch == position.epoch.epoch && found.signer == ownIndex
        persist(.evidence(found, time: position.time), then: .effect(isOwn ? .alarm(.ownKeyElsewhere(found)) : .submitEvidence(found)))
    }

    /// Keeps whatever these votes prove against anyone.
    mutating func accuse(_ votes: [AnyVote]) {
        for found in offences(among: votes, chainID: configuration.chainID, cryptography: cryptography) {
            accuse(found.first, found.second)
        }
    }

    /// Compares a view change with the COMMITs of its signer.
    mutating func accuseForgotten(_ change: Vote<ViewChangeStatement>) {
        for vote in round.commits.votes(of: change.signer) { accuse(.commit(vote), .viewChange(change)) }
    }

    /// Compares a vote for a committed height with what was kept of that height.
    mutating func accuseLate(_ vote: AnyVote) {
        guard let archived = evidence.archived(vote.place.height), archived.certificate.statement.epoch == vote.place.epoch
        else { return }
        for other in archived.allVotes where other.signer == vote.signer { accuse(other, vote) }
    }

    /// A certificate of a committed height must agree with the one that was acted on. If it does not, more than a third of the
    /// weight is faulty, and all that is left is to say who.
    mutating func compareWithArchive(_ certificate: CommitCertificate) {
        guard let archived = evidence.archived(certificate.statement.height),
              archived.certificate.statement.headerHash != certificate.statement.headerHash else { return }
        accuse(archived.allVotes + certificate.votes)
        stop(.forked(archived.certificate, certificate))
    }

    /// The evidence that has not expired, for blocks that still have to bring it before the staking contract.
    public var pendingEvidence: [Evidence] { evidence.items.map(\.evidence) }

    /// What this replica acted on at recent heights, newest last; both sides of a fork together convict its authors.
    public var archive: [ArchivedHeight] { evidence.archive }
}
