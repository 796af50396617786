public import Primitives

/// A draft of the height in flight and how far this node is with it. Neither a view change nor a second proposal of the same
/// draft repeats a check or an execution.
struct Candidate: Sendable {
    enum Check: Equatable, Sendable { case unknown, asked, valid, invalid(StaticReason) }
    enum Execution: Sendable { case none, asked, done(ExecutedProposal) }

    let digest: Digest
    let proposal: Proposal
    var check: Check
    var execution: Execution = .none

    var executed: ExecutedProposal? {
        if case .done(let executed) = execution { executed } else { nil }
    }
}

/// The view in which a replica is. A proposal exists only in a view that is open.
struct ViewState: Sendable {
    /// What the primary of an open view proposed.
    struct Current: Sendable {
        let digest: Digest
        /// False for a proposal that came too early or too late: it gets no PREPARE from this node, but a prepared
        /// certificate overrides that.
        let mayVote: Bool
        /// The message that carried it, for peers that missed it; nil when it was restored from the journal.
        let message: ConsensusMessage?
    }

    enum Phase: Sendable {
        /// VIEW-CHANGE was sent, NEW-VIEW is awaited.
        case changing
        case open(Open)
    }

    struct Open: Sendable {
        /// nil in view 0, and after a restart in a later view.
        var newView: NewView?
        /// What NEW-VIEW obliges to; only a fresh proposal may follow when it is nil.
        var obligation: PreparedClaim?
        var current: Current?
        var buildAsked = false
    }

    let view: View
    var phase: Phase

    var open: Open? {
        get { if case .open(let open) = phase { open } else { nil } }
        set { if let newValue { phase = .open(newValue) } }
    }
}

/// Everything about the height in flight. It is made anew with each height, so that nothing of one height leaks into the next.
struct HeightRound: Sendable {
    let height: Height
    /// The primaries in order of views.
    let primaries: [ValidatorIndex]
    /// When a peer first claimed to have committed this height.
    var behindSince: Tick?
    var view: ViewState
    var candidates: [Candidate] = []
    var prePrepares: VoteTally<PrePrepareStatement>
    var prepares: VoteTally<PrepareStatement>
    var commits: VoteTally<CommitStatement>
    var newViews: VoteTally<NewViewStatement>
    var viewChanges: ViewChangeTally
    /// What each signer's newest COMMIT said the result is, for the report of a halt.
    var results: [HeaderResult?]
    /// Proposals for views not entered yet, each from that view's primary.
    var early: [(message: PrePrepare, arrival: Timestamp)] = []
    /// The prepared certificate of the highest view, and whether it is durable.
    var prepared: PreparedProposal?
    var preparedIsDurable = false
    var decision: Proven<CommitCertificate>?
    /// The votes this node acted on, for evidence.
    var acted: [AnyVote] = []
    var refusal: ProposalRefusal?
    var resultsAlarmed = false

    init(height: Height, primaries: [ValidatorIndex], validatorCount: Int) {
        self.height = height
        self.primaries = primaries
        view = ViewState(view: 0, phase: .open(ViewState.Open()))
        prePrepares = VoteTally(validatorCount: validatorCount)
        prepares = VoteTally(validatorCount: validatorCount)
        commits = VoteTally(validatorCount: validatorCount)
        newViews = VoteTally(validatorCount: validatorCount)
        viewChanges = ViewChangeTally(validatorCount: validatorCount)
        results = Array(repeating: nil, count: validatorCount)
    }

    func primary(of view: View) -> ValidatorIndex { primaries[Int(view.rawValue % UInt64(primaries.count))] }

    func candidate(_ digest: Digest) -> Candidate? { candidates.first { $0.digest == digest } }

    /// Changes the candidate with this digest, if it is known.
    mutating func update(_ digest: Digest, _ change: (inout Candidate) -> Void) {
        if let position = candidates.firstIndex(where: { $0.digest == digest }) { change(&candidates[position]) }
    }

    /// Adds a draft unless it is known. When there are too many, the oldest goes that is not current, prepared or decided.
    mutating func add(_ candidate: Candidate) {
        guard self.candidate(candidate.digest) == nil else { return }
        candidates.append(candidate)
        guard candidates.count > ConsensusLimits.candidatesMax else { return }
        let kept = [
            candidate.digest, view.open?.current?.digest, prepared?.certificate.statement.draftDigest,
            decision?.certificate.statement.draftDigest,
        ]
        if let superfluous = candidates.firstIndex(where: { !kept.contains($0.digest) }) { candidates.remove(at: superfluous) }
    }

    mutating func act(on votes: some Sequence<AnyVote>) {
        acted.append(contentsOf: votes)
        if acted.count > ConsensusLimits.archivedVotesMax { acted.removeFirst(acted.count - ConsensusLimits.archivedVotesMax) }
    }
}

/// Why a replica did not send PREPARE for the newest proposal it saw; for the operator, not for the protocol.
public enum ProposalRefusal: Equatable, Sendable {
    case notFromPrimary
    /// The draft contradicts the chain or the message around it.
    case malformed(StaticReason)
    /// The block's time is not later than its parent's.
    case timeNotIncreasing
    /// The block's time is too far from the arrival; positive when the proposal came late.
    case untimely(millisecondsLate: Int64)
    case invalid(StaticReason)
    /// It leaves out a transaction that a weak quorum says is being censored.
    case censoring(Digest)
}
