public import Primitives

/// One PBFT replica: weighted, proposer-rotating, one height in flight (Castro and Liskov, "Practical Byzantine Fault
/// Tolerance", 1999, with the changes that the article of this room lists).
///
/// It is a value and does no input or output: ``step(_:into:)`` takes one ``Input`` and appends the ``Effect``s it wants. The same
/// inputs give the same effects. A node wraps one in an owner that drains a mailbox; a simulation drives many.
///
/// A node that is no validator of the current epoch runs the same replica: it follows and never signs.
public struct Replica<Cryptography: ReplicaCryptography>: Sendable {
    /// Whether this replica may vote.
    public enum Health: Hashable, Sendable {
        /// Before ``Input/start(_:now:)``.
        case idle
        case voting
        /// The journal is lost; a quorum must say how far this replica may have voted.
        case recovering(challenge: UInt64)
        /// It cannot trust its own state; see the alarm. It stays so until it is made anew.
        case stopped(Alarm)
    }

    public let configuration: ReplicaConfiguration
    let cryptography: Cryptography
    public internal(set) var position: ChainPosition
    public internal(set) var health = Health.idle

    var rotation: Rotation
    /// This node's place in the current epoch.
    var ownIndex: ValidatorIndex?
    var round: HeightRound
    var voteGuard: VoteGuard
    var outbox = Outbox()
    var timer: ViewTimer
    var nextHeight: NextHeightBuffer
    var catchUp = CatchUp()
    var recovery = RecoveryAnswers()
    var evidence: EvidencePool
    var censorship = CensorshipClock()
    var hasExecutable = false
    /// Transactions of the newest block; 0 when this process did not see it made.
    var newestCount = 0
    /// What was in flight when the replica stopped; used up by start.
    var resumption: ReplicaState?
    public internal(set) var tick: Tick = 0
    /// The newest reading of the local clock that an input brought.
    public internal(set) var clock: Timestamp = 0
    /// When the newest change of height, view or step happened, for the stall report.
    var movedAt: (tick: Tick, clock: Timestamp) = (0, 0)
    var effects: [Effect] = []

    /// A replica that resumes with `state`; it does nothing until ``Input/start(_:now:)``.
    public init(configuration: ReplicaConfiguration, cryptography: Cryptography, state: ReplicaState) {
        self.configuration = configuration
        self.cryptography = cryptography
        position = state.position
        let validators = state.position.epoch.validators
        rotation = Rotation(validators: validators, order: state.position.epoch.order)
        ownIndex = configuration.consensusKey.flatMap { validators.index(of: $0) }
        voteGuard = state.voteGuard
        timer = ViewTimer(ticks: configuration.viewTimeoutTicks, ticksMax: configuration.viewTimeoutTicksMax)
        nextHeight = NextHeightBuffer(validatorCount: validators.validators.count)
        evidence = EvidencePool(items: state.evidence, archive: state.archive)
        round = HeightRound(
            height: state.position.height.successor, primaries: state.position.primaries(in: rotation),
            validatorCount: validators.validators.count)
        resumption = state
        if isBroken(.guardNotRestored) { voteGuard = VoteGuard() }
        if isBroken(.prePrepareUnguarded) { voteGuard.forget(.prePrepare) }
    }

    /// Takes one input and appends what should be done, in the order persist → send → work → deliver.
    public mutating func step(_ input: Input, into effects: inout [Effect]) {
        take(input)
        if health != .idle { settle() }
        if isBroken(.sendsInOrderOfASet) {
            let sends = Set(self.effects.filter { $0.phase == 1 })
            self.effects = self.effects.filter { $0.phase != 1 } + sends
        }
        // A stable sort by phase; a step has few effects.
        for phase in 0...3 { effects.append(contentsOf: self.effects.filter { $0.phase == phase }) }
        self.effects.removeAll(keepingCapacity: true)
    }

    private mutating func take(_ input: Input) {
        if case .start(let mode, let now) = input { return start(mode, now: now) }
        guard health != .idle else { return }
        switch input {
        case .start: break
        case .tick(let now): passTick(now: now)
        case .message(let authenticated, let peer, let arrival):
            receive(authenticated.message, from: peer, arrival: arrival)
        case .persisted(let sequence): release(outbox.release(through: sequence))
        case .proposalChecked(let digest, let verdict): proposalChecked(digest, verdict)
        case .proposalBuilt(let built): proposalBuilt(built)
        case .executed(let executed): proposalExecuted(executed)
        case .work(let hasExecutable): self.hasExecutable = hasExecutable
        case .passedOver(let transactions, let height):
            if height == position.height { passedOver(transactions) }
        case .block(let authenticated, let peer): receive(authenticated, from: peer)
        case .peerHeight(let peer, let height): catchUp.hint(peer, height: height)
        case .peerLost(let peer): catchUp.lost(peer)
        }
    }

    /// Applies every rule until none moves anything. Each rule looks at the state alone, so that it does not matter which
    /// input, in which order, made it apply.
    private mutating func settle() {
        if case .stopped = health { return }
        for _ in 0..<ConsensusLimits.settlePassesMax {
            let moved = finishHeight() || joinHigherView() || openViewAsPrimary() || orderWork() || votePrepare()
                || notePrepared() || voteCommit()
            guard moved else { break }
            movedAt = (tick, clock)
        }
        proposeIfDue()
        updateTimer()
        updateCatchUp()
    }

    // MARK: What every aspect uses

    var validators: ValidatorSet { position.epoch.validators }

    /// The height in flight.
    public var height: Height { round.height }
    public var view: View { round.view.view }

    /// Whether this node signs votes now. The guard has the last word on each.
    var canVote: Bool { health == .voting && ownIndex != nil && round.height > voteGuard.floor && !outbox.isFull }

    func isQuorum(_ weight: UInt64) -> Bool {
        if isBroken(.quorumOffByOne) { return 3 * weight + 3 >= 2 * validators.totalWeight }
        return validators.isQuorum(weight)
    }

    /// Whether this node signed a message of this step or a later one in the current view.
    func hasSigned(atLeast step: Step) -> Bool {
        voteGuard.entries(at: round.height).contains { entry in
            entry.vote.map { $0.place.view == round.view.view && $0.step >= step } ?? false
        }
    }

    /// Passes a statement through the guard and, if it may be signed, writes its record; the message leaves when that is
    /// durable. Returns whether something was signed.
    mutating func sign<Statement: ConsensusStatement>(
        _ statement: Statement, proposal: Proposal? = nil, _ message: (Vote<Statement>) -> ConsensusMessage
    ) -> Bool {
        guard canVote, let ownIndex else { return false }
        switch voteGuard.verdict(for: statement, chainID: configuration.chainID) {
        case .sign: break
        case .again: return false
        case .refuse:
            guard isBroken(.guardForgotten) || (isBroken(.everyProposalAccepted) && Statement.step == .prepare)
                || (isBroken(.commitAfterLeaving) && Statement.step == .commit) else { return false }
        }
        let bytes = Statement.signingDomain.signedBytes(statement, chainID: configuration.chainID)
        let vote = Vote(signer: ownIndex, statement: statement, signature: cryptography.sign(bytes))
        let signed = message(vote)
        voteGuard.record(signed)
        if isBroken(.sendBeforePersist) {
            persist(.vote(signed, proposal: proposal), then: nil)
            release([.vote(signed)])
        } else {
            persist(.vote(signed, proposal: proposal), then: .vote(signed))
        }
        return true
    }

    mutating func persist(_ record: JournalRecord, then consequence: Outbox.Consequence?) {
        effects.append(.persist(record, sequence: outbox.enqueue(consequence)))
    }

    mutating func release(_ consequences: [Outbox.Consequence]) {
        for consequence in consequences {
            switch consequence {
            case .vote(let message):
                // A vote of a height that ended meanwhile helps nobody.
                guard message.height == round.height else { continue }
                effects.append(.send(message, to: .validators))
                receive(message, from: nil, arrival: clock)
            case .prepared(let height, let view):
                if height == round.height, round.prepared?.certificate.statement.view == view { round.preparedIsDurable = true }
            case .effect(let effect): effects.append(effect)
            }
        }
    }

    mutating func stop(_ alarm: Alarm) {
        if case .stopped = health { return }
        health = .stopped(alarm)
        timer.stop()
        effects.append(.alarm(alarm))
    }

    /// Whether `mutant` is switched on; false in every build without the trait `Mutants`.
    @inline(__always) func isBroken(_ mutant: Mutant) -> Bool {
        #if MUTANTS
        configuration.mutant == mutant
        #else
        false
        #endif
    }
}
