import Primitives

/// Who votes next, from who was planned and what the staking contract decided. The rules protect the chain from a decision that
/// would leave it without voters, or replace too many at once for those who follow it.
///
/// - Changes of stake take effect at the boundary after the next: the set of epoch e + 2 is chosen at the end of epoch e.
/// - Validators that must leave do so at once, unless that would empty the set or take more than a third of its weight: then the
///   set of the epoch that ends goes on, without those, as far as the same rule allows.
struct EpochTransition: Equatable {
    /// Of the epoch that begins.
    let next: ValidatorSet
    /// Of the epoch after it; nil when there was no decision that could stand.
    let following: ValidatorSet?

    /// Epochs that one boundary forgets.
    static let forgottenMax = 8

    init(current: ValidatorSet, planned: ValidatorSet, schedule: ValidatorSchedule?) {
        let epoch = current.epoch.successor
        let removed = Set(schedule?.removed ?? [])
        let next = Self.without(removed, planned, epoch) ?? Self.without(removed, current, epoch) ?? Self.renamed(planned, epoch)
        self.next = next
        following = schedule.flatMap { schedule in
            let validators = schedule.candidates.filter { !removed.contains($0.consensusKey) }
            return try? ValidatorSet(epoch: epoch.successor, validators: validators)
        } ?? schedule.map { _ in Self.renamed(next, epoch.successor) }
    }

    /// `set` without `removed`, if enough of it remains.
    private static func without(_ removed: Set<PublicKey>, _ set: ValidatorSet, _ epoch: Epoch) -> ValidatorSet? {
        let kept = set.validators.filter { !removed.contains($0.consensusKey) }
        let weight = kept.reduce(UInt64(0)) { $0 + $1.weight }
        // Two thirds must remain; weights of a set add up without overflow.
        guard 3 * weight >= 2 * set.totalWeight else { return nil }
        return try? ValidatorSet(epoch: epoch, validators: kept)
    }

    private static func renamed(_ set: ValidatorSet, _ epoch: Epoch) -> ValidatorSet {
        guard let renamed = try? ValidatorSet(epoch: epoch, validators: set.validators) else {
            preconditionFailure("a set that holds its invariants for one epoch holds them for all")
        }
        return renamed
    }
}
