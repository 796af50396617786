public import Primitives

/// What a replica wants done. One step's effects come in the order persist → send → work → deliver, and the shell does them in
/// that order. What must wait for a durable record is not among them until the record is acknowledged, therefore the shell
/// may do each effect as soon as it has it.
public enum Effect: Hashable, Sendable {
    /// Append to the journal; answered by ``Input/persisted(through:)``, in order.
    case persist(JournalRecord, sequence: UInt64)
    case send(ConsensusMessage, to: Destination)
    /// Send the committed blocks of these heights, with bodies, to a peer that is behind.
    case serveBlocks(ClosedRange<Height>, to: Peer)
    /// Ask a peer for committed blocks. The shell verifies and gives back whatever comes, in any order.
    case requestBlocks(ClosedRange<Height>, of: Peer)
    /// Get the bodies, judge the block, verify the VRF proof; answered by ``Input/proposalChecked(draftDigest:_:)``.
    case check(ProposalCheck)
    /// Put a block together; answered by ``Input/proposalBuilt(_:)``, at once even when there is no transaction.
    case build(ProposalRequest)
    /// Execute on an overlay of the parent state; answered by ``Input/executed(_:)``.
    case execute(ExecutionRequest)
    /// Send the oldest executable transactions to all validators: the view timer runs.
    case shareTransactions
    /// Fetch these transactions if need be and include them first: a weak quorum complains of their censorship.
    case prioritise([Digest])
    /// The block is final and durable in the journal. `next` is the epoch that it opens.
    case deliver(CertifiedBlock, next: EpochState?)
    /// Bring this before the staking contract.
    case submitEvidence(Evidence)
    case alarm(Alarm)

    /// The order within one step.
    var phase: Int {
        switch self {
        case .persist: 0
        case .send, .serveBlocks, .requestBlocks: 1
        case .check, .build, .execute, .shareTransactions, .prioritise: 2
        case .deliver, .submitEvidence, .alarm: 3
        }
    }
}

public enum Destination: Hashable, Sendable {
    /// All other validators of the current epoch.
    case validators
    case peer(Peer)
}

/// A question about a proposal.
public struct ProposalCheck: Hashable, Sendable {
    public let draftDigest: Digest
    public let proposal: Proposal
    /// The proposer's VRF key and the beacon below the block, with which the proof is verified.
    public let vrfKey: VRFPublicKey
    public let parentBeacon: Beacon
}

/// An order for a proposal.
public struct ProposalRequest: Hashable, Sendable {
    public let height: Height
    public let view: View
    public let parentHash: Digest
    /// The beacon below the block, on which this node proves its VRF.
    public let parentBeacon: Beacon
}

/// An order to execute.
public struct ExecutionRequest: Hashable, Sendable {
    public let draftDigest: Digest
    public let proposal: Proposal
    /// Whether the result must name the next epoch.
    public let endsEpoch: Bool
}

/// What an operator must hear of.
public enum Alarm: Hashable, Sendable {
    /// This node computed another header than a certified one. It stops voting and must be resynchronised from a peer's state.
    case diverged(height: Height, own: Digest, certified: Digest)
    /// A certified draft that this node's shell judged invalid; as serious as a divergence.
    case certifiedInvalid(height: Height, draftDigest: Digest)
    /// Replicas computed different results for one draft and no result can reach a quorum: the chain halts.
    case resultsDiffer(height: Height, [ResultGroup])
    /// Two certificates for one height: more than a third of the weight is faulty. This node stops voting.
    case forked(CommitCertificate, CommitCertificate)
    /// Two votes with this node's own key contradict each other, and the guard let at most one pass: a second copy of the node
    /// runs, or the key is stolen.
    case ownKeyElsewhere(Evidence)
    /// The operator overrode a lost journal. Should another node still hold votes that this one signed before, the two may
    /// contradict each other: this node can be slashed, and with more than a third such nodes the chain can fork.
    case journalLossOverridden(floor: Height)
    /// A quorum has told this node how far it may have voted before it lost its journal, and the epoch has gone on since.
    case journalLossResolved(floor: Height)
}

/// Who computed one result.
public struct ResultGroup: Hashable, Sendable {
    public let headerHash: Digest
    public let result: HeaderResult
    public let signers: [ValidatorIndex]
}
