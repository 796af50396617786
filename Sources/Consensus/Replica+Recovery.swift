import Primitives

/// What peers said to a replica that lost its journal: of each the newest certified height, in answer to this replica's challenge.
struct RecoveryAnswers: Sendable {
    private(set) var heights: [(signer: ValidatorIndex, height: Height)] = []

    mutating func add(_ height: Height, of signer: ValidatorIndex) {
        if let known = heights.firstIndex(where: { $0.signer == signer }) {
            heights[known].height = max(heights[known].height, height)
        } else {
            heights.append((signer, height))
        }
    }

    func weight(in validators: ValidatorSet, without own: ValidatorIndex) -> UInt64 {
        heights.reduce(0) { $1.signer == own ? $0 : $0 + (validators[$1.signer]?.weight ?? 0) }
    }

    var highest: Height { heights.map(\.height).max() ?? 0 }
}

extension Replica {
    /// Takes an answer to the challenge. Its signature is fresh, because it covers the challenge, and its height is certified.
    ///
    /// With answers of a quorum without this replica, it may have voted at most at the highest certified height + 2: it voted at H
    /// only after committing H − 1, a quorum sent COMMIT there, each of whose correct members had committed H − 2, and one of
    /// those is among the answers. Hence nothing is signed up to there.
    mutating func receiveAnswer(_ status: Status) {
        guard let ownIndex, status.epoch == position.epoch.epoch, status.statement.progress != .recovering,
              let certified = status.statement.height.predecessor, certified == 0 || status.certificate != nil else { return }
        recovery.add(certified, of: status.signer)
        guard validators.isQuorum(recovery.weight(in: validators, without: ownIndex)) else { return }
        let floor = max(recovery.highest, position.height).advanced(by: 2) ?? position.height
        voteGuard.raiseFloor(to: floor)
        health = .voting
        persist(.floor(floor), then: .effect(.alarm(.journalLossResolved(floor: floor))))
    }

    /// The operator takes the risk that the alarm names. Only heights known to be committed are barred, because with more than a
    /// third of the journals lost a higher floor would stop the chain for good.
    mutating func overrideLostJournal() {
        voteGuard.raiseFloor(to: position.height)
        health = .voting
        persist(.floor(position.height), then: nil)
        effects.append(.alarm(.journalLossOverridden(floor: position.height)))
    }
}
