/// A deliberate bug. The mutation gate runs the simulator once per case and expects some checker to object; a case that no
/// checker catches shows a hole in the suite.
///
/// Mutants exist only in builds with the package trait `Mutants`, which defines `MUTANTS` for this room: there
/// `ReplicaConfiguration.mutant` selects one. In every other build the selector is absent, ``Replica/isBroken(_:)`` is the
/// constant false, and the optimiser removes the branches, so that no configuration can weaken a real node.
@_spi(Mutants) public enum Mutant: String, CaseIterable, Sendable {
    /// A quorum is reached one vote's weight early: `3 * weight ≥ 2 * total − 1`.
    case quorumOffByOne
    /// One third counts as a quorum for commits.
    case commitByWeakQuorum
    /// COMMITs of different views are added up.
    case viewsAddedUp
    /// A signer's second vote counts again.
    case duplicatesCounted
    /// Messages leave before their record is durable.
    case sendBeforePersist
    /// The guard lets everything pass.
    case guardForgotten
    /// The guard does not cover PRE-PREPARE: after a restart the primary does not know what it proposed.
    case prePrepareUnguarded
    /// COMMIT is signed also when its view has been left.
    case commitAfterLeaving
    /// The guard is not restored after a restart.
    case guardNotRestored
    /// VIEW-CHANGE claims nothing although a prepared certificate is held.
    case claimForgotten
    /// The prepared certificate is not restored after a restart.
    case preparedNotRestored
    /// Backups do not recompute the choice of a NEW-VIEW.
    case newViewUnchecked
    /// The primary of a new view takes the lowest claim.
    case lowestClaimChosen
    /// The primary of a new view always makes a fresh proposal.
    case claimsIgnored
    /// NEW-VIEW needs only a weak quorum of view changes.
    case newViewByWeakQuorum
    /// COMMIT is sent on a weak quorum of PREPAREs.
    case prepareByWeakQuorum
    /// A replica sends PREPARE for every proposal of a view, not only the first; the guard looks away.
    case everyProposalAccepted
    /// The proposer of a fresh proposal is not checked.
    case anyPrimary
    /// The view timer is not stopped when the height ends.
    case timerNotReset
    /// The view timer never starts.
    case timerNeverStarts
    /// A weak quorum of view changes does not make a replica join.
    case joinForgotten
    /// STATUS is never answered.
    case statusUnanswered
    /// The chain moves on without comparing the own result with the certified one.
    case resultNotCompared
    /// Block time is not checked against the arrival time.
    case timeUnchecked
    /// After a lost journal the replica votes at once.
    case lostJournalIgnored
    /// The validator set does not change at the boundary.
    case epochIgnored
    /// Blocks of peers are not compared with their certificates.
    case catchUpUnchecked
    /// Messages for the next height are kept without bound.
    case nextHeightUnbounded
    /// A peer's hint about its height stops this node's timers.
    case hintBelieved
    /// Lost turns are counted from this replica's own view, not from the draft, and differ between replicas.
    case skipsFromOwnView
    /// Messages leave in the order of a set, which no two runs share.
    case sendsInOrderOfASet
}
