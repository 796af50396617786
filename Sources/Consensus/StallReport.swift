public import Primitives

/// Why the chain is not moving, as far as one node can say: where it is, what it waits for, for whose votes, and since when.
public struct StallReport: Equatable, Sendable {
    /// What the replica waits for.
    public enum Awaiting: Hashable, Sendable {
        /// A reason for a block.
        case work
        /// VIEW-CHANGEs, then the primary's NEW-VIEW.
        case viewChanges
        case newView
        case proposal
        /// The bodies or the judgement of the current proposal.
        case check
        case prepares
        /// The journal: the prepared certificate is not durable yet.
        case journal
        case execution
        case commits
        /// The block of a height that is decided.
        case block
        /// A quorum's answers about this node's lost journal, then one more block of the epoch.
        case recovery
        /// An operator: see the alarm in ``health``.
        case operatorDecision
    }

    public let height: Height
    public let view: View
    public let progress: Progress
    public let primary: ValidatorIndex
    public let awaiting: Awaiting
    /// Whose messages are missing, in ascending order.
    public let missing: [ValidatorIndex]
    /// When height, view or step last changed: ticks ago, and the local clock then.
    public let sinceTicks: UInt64
    public let since: Timestamp
    /// Why this node has not voted for the newest proposal, if it had a reason.
    public let refusal: ProposalRefusal?
    /// The results that differ, if COMMITs of the current view name more than one.
    public let results: [ResultGroup]
    /// Nothing is signed at or below this height after a lost journal.
    public let floor: Height
    public let alarm: Alarm?
}
