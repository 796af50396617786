import Primitives

/// The votes of one step for the height in flight, of all views. It counts a signer once per view, reports a second, different
/// vote as a conflict instead of counting it, and never adds votes of different statements.
///
/// Memory is bounded per signer by ``ConsensusLimits/votesPerSignerMax``: a signer that votes in more views pushes out only its
/// own vote of the lowest view. What came first does not matter, because anyone can send a validator's old votes again.
struct VoteTally<Statement: ConsensusStatement>: Sendable {
    enum Outcome {
        case counted
        /// It is known, or of a view below all that are kept.
        case duplicate
        /// The signer said something else at the same place before.
        case conflict(with: Vote<Statement>)
    }

    private var votes: [[Vote<Statement>]]

    init(validatorCount: Int) { votes = Array(repeating: [], count: validatorCount) }

    /// Takes a verified vote of a member of the set.
    mutating func add(_ vote: Vote<Statement>) -> Outcome {
        let signer = Int(vote.signer.rawValue)
        guard signer < votes.count else { return .duplicate }
        if let earlier = votes[signer].first(where: { $0.statement.view == vote.statement.view }) {
            return earlier.statement == vote.statement ? .duplicate : .conflict(with: earlier)
        }
        votes[signer].append(vote)
        guard votes[signer].count > ConsensusLimits.votesPerSignerMax else { return .counted }
        votes[signer].sort { $0.statement.view < $1.statement.view }
        return votes[signer].removeFirst().statement.view == vote.statement.view ? .duplicate : .counted
    }

    func votes(of signer: ValidatorIndex) -> [Vote<Statement>] {
        Int(signer.rawValue) < votes.count ? votes[Int(signer.rawValue)] : []
    }

    /// All votes that satisfy `predicate`, in ascending order of signers.
    func votes(where predicate: (Statement) -> Bool) -> [Vote<Statement>] {
        votes.lazy.joined().filter { predicate($0.statement) }
    }

    func weight(in validators: ValidatorSet, where predicate: (Statement) -> Bool) -> UInt64 {
        votes.reduce(into: 0) { total, own in
            if let vote = own.first(where: { predicate($0.statement) }) { total += validators[vote.signer]?.weight ?? 0 }
        }
    }

    /// The signatures on exactly this statement, for a certificate.
    func signatures(on statement: Statement) -> [CertificateSignature] {
        votes(where: { $0 == statement }).map { CertificateSignature(signer: $0.signer, signature: $0.signature) }
    }

    /// The distinct statements of `view`, in order of their first signer.
    func statements(in view: View) -> [Statement] {
        var found: [Statement] = []
        for vote in votes(where: { $0.view == view }) where !found.contains(vote.statement) { found.append(vote.statement) }
        return found
    }
}

/// The view changes for the height in flight: of each signer the one for the highest view, because a correct replica has left
/// all views below it. A faulty one cannot fill more than its own place, however far it looks ahead.
struct ViewChangeTally: Sendable {
    private var newest: [ViewChange?]

    init(validatorCount: Int) { newest = Array(repeating: nil, count: validatorCount) }

    /// Takes a verified view change; returns what the signer said before if it was for the same view and differs.
    mutating func add(_ change: ViewChange) -> Vote<ViewChangeStatement>? {
        let signer = Int(change.signer.rawValue)
        guard signer < newest.count else { return nil }
        if let earlier = newest[signer]?.vote.statement {
            if earlier.view == change.vote.statement.view, earlier != change.vote.statement { return newest[signer]?.vote }
            guard earlier.view < change.vote.statement.view else { return nil }
        }
        newest[signer] = change
        return nil
    }

    subscript(signer: ValidatorIndex) -> ViewChange? {
        Int(signer.rawValue) < newest.count ? newest[Int(signer.rawValue)] : nil
    }

    var isEmpty: Bool { newest.allSatisfy { $0 == nil } }

    /// The view changes for exactly `view`, in ascending order of signers.
    func changes(to view: View) -> [ViewChange] { newest.compactMap { $0 }.filter { $0.vote.statement.view == view } }

    /// The weight of the signers that left all views below `view`.
    func weight(atLeast view: View, in validators: ValidatorSet) -> UInt64 {
        newest.reduce(into: 0) { total, change in
            if let change, change.vote.statement.view >= view { total += validators[change.signer]?.weight ?? 0 }
        }
    }

    /// The largest view v such that the view changes for v or later hold a weak quorum: at least one correct replica is there.
    func highestViewWithWeakQuorum(in validators: ValidatorSet) -> View? {
        var weight: UInt64 = 0
        for change in newest.compactMap({ $0 }).sorted(by: { $0.vote.statement.view > $1.vote.statement.view }) {
            weight += validators[change.signer]?.weight ?? 0
            if validators.isWeakQuorum(weight) { return change.vote.statement.view }
        }
        return nil
    }
}
