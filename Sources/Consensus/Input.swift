public import Primitives

/// A moment of the replica's own time: how many ticks its shell has given it. Only differences mean anything.
@frozen public struct Tick: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The shell's number for a connection. Consensus attaches nothing to it but the bounds of what one peer may cost.
@frozen public struct Peer: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func < (left: Peer, right: Peer) -> Bool { left.rawValue < right.rawValue }
    public var description: String { "peer \(rawValue)" }
}

/// Everything that can happen to a replica. It is a value, so that a recorded run replays.
public enum Input: Sendable {
    /// The first input, once. `now` is the reading of the local clock, as in every input that has one.
    case start(StartMode, now: Timestamp)
    /// One tick has passed.
    case tick(now: Timestamp)
    /// A verified message. `arrival` is the clock reading that the shell stamped, and journalled, at its first receipt.
    case message(AuthenticatedMessage, from: Peer, arrival: Timestamp)
    /// All records up to this sequence number are durable, bodies of proposals included.
    case persisted(through: UInt64)
    /// The answer to ``Effect/check(_:)``. A shell that cannot get the bodies keeps trying and does not answer.
    case proposalChecked(draftDigest: Digest, ProposalVerdict)
    /// The answer to ``Effect/build(_:)``.
    case proposalBuilt(BuiltProposal)
    /// The answer to ``Effect/execute(_:)``.
    case executed(ExecutedProposal)
    /// Whether the node holds a transaction that is executable at the newest committed state. Told whenever it changes, and
    /// after each delivered block.
    case work(hasExecutable: Bool)
    /// Once per delivered block: the transactions that its primary passed over although each was executable at its parent state,
    /// priced above the lowest included, and sent by this node to that primary before, while the block had room.
    case passedOver([Digest], at: Height)
    /// A block from a peer, with the bodies in the shell's hands; the envelope hashes in `payload` were computed from them.
    case block(AuthenticatedBlock, from: Peer)
    /// A peer's word about its newest committed height: a hint, believed by nobody.
    case peerHeight(Peer, Height)
    /// The connection is gone.
    case peerLost(Peer)
}

/// With what a replica begins.
public enum StartMode: Hashable, Sendable {
    /// The journal was read to its end, or was written by `init` and holds its first record.
    case journalIntact
    /// There is no journal. `challenge` is a fresh random number other than 0.
    case journalLost(challenge: UInt64)
    /// There is no journal, and the operator orders the replica to vote nevertheless.
    case journalLostOverridden
}

/// What the shell found out about a proposal's bodies, rules and randomness.
public enum ProposalVerdict: Equatable, Sendable {
    /// All bodies are there, the block obeys the rules at its parent state, and the proposer's VRF proof holds and leads to this beacon.
    case valid(beacon: Beacon)
    case invalid(reason: StaticReason)
}

/// A proposal of this node. The replica adds the rest of the draft.
public struct BuiltProposal: Hashable, Sendable {
    public let height: Height
    public let view: View
    public let payload: [Digest]
    public let vrfProof: VRFProof
    public let beacon: Beacon
    /// The clock reading when it was built; it becomes the block's time.
    public let now: Timestamp

    public init(height: Height, view: View, payload: [Digest], vrfProof: VRFProof, beacon: Beacon, now: Timestamp) {
        self.height = height
        self.view = view
        self.payload = payload
        self.vrfProof = vrfProof
        self.beacon = beacon
        self.now = now
    }
}

/// What executing a proposal gave.
public struct ExecutedProposal: Hashable, Sendable {
    public let draftDigest: Digest
    public let result: HeaderResult
    /// The voters and parameters of the next epoch. Present exactly when the request said that the block ends an epoch; the
    /// set's epoch is the next, and `result.nextValidatorsHash` is its hash.
    public let next: NextEpoch?

    public init(draftDigest: Digest, result: HeaderResult, next: NextEpoch?) {
        self.draftDigest = draftDigest
        self.result = result
        self.next = next
    }
}

public struct NextEpoch: Hashable, Sendable {
    public let validators: ValidatorSet
    public let parameters: ConsensusParameters

    public init(validators: ValidatorSet, parameters: ConsensusParameters) {
        self.validators = validators
        self.parameters = parameters
    }
}
