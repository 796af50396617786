import Primitives

/// What peers said to a replica that lost its journal: of each the newest certified height, in answer to this replica's challenge.
struct RecoveryAnswers: Sendable {
    private(set) var heights: [(signer: ValidatorIndex, height: Height)] = []
    /// The highest certified height among the answers of a quorum, once there was one; later answers do not raise it.
    private(set) var highest: Height?

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

    mutating func close() { highest = heights.map(\.height).max() }
}

extension Replica {
    /// Takes an answer to the challenge. Its signature is fresh, because it covers the challenge, and its height is certified.
    mutating func receiveAnswer(_ status: Status) {
        guard let ownIndex, recovery.highest == nil, status.epoch == position.epoch.epoch, status.statement.progress != .recovering,
              let certified = status.statement.height.predecessor, certified == 0 || status.certificate != nil else { return }
        recovery.add(certified, of: status.signer)
        guard validators.isQuorum(recovery.weight(in: validators, without: ownIndex)) else { return }
        recovery.close()
        resolveLostJournal()
    }

    /// Ends the recovery, if it is time.
    ///
    /// With answers of a quorum of the epoch without this replica, it may have voted in the epoch at most at M + 2, where M is the
    /// highest certified height among them: it voted at H only after committing H − 1, a quorum sent COMMIT there, each of whose
    /// correct members had committed H − 2, and one of those is among the answers. Hence nothing is signed up to there.
    ///
    /// In the next epoch other voters speak, and of votes there these know nothing. To vote there this replica had to commit the
    /// last block of this epoch, which by the same reasoning is at M + 1 at most. So the recovery ends with a block above M that is not
    /// the last of the epoch; otherwise the voters of the next epoch are asked.
    mutating func resolveLostJournal() {
        guard case .recovering = health, let highest = recovery.highest, position.height > highest,
              let floor = highest.advanced(by: 2) else { return }
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
