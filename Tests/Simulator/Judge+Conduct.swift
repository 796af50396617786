import Consensus
import Cryptography
import Primitives

/// A last stretch after the network has settled, in which there is no reason left for delay.
struct Lap {
    /// Heights above this one were begun in the lap.
    let height: Height
    /// As many views may fail as there are corrupt primaries.
    let viewMax: View
}

/// The rules about time, work, memory, blame and progress.
extension Judge {
    // MARK: Time

    /// Takes note that an honest node with a fair clock had a proposal in time, by the protocol's formula.
    func read(_ message: ConsensusMessage, by node: SimulatedNode, at arrival: Timestamp) {
        guard case .prePrepare(let proposal) = message, node.isHonest, !plan.hasBadClock.contains(node.key) else { return }
        let draft = proposal.proposal.draft
        var delay = plan.parameters.messageDelayMilliseconds
        for _ in 0..<min(draft.originView.rawValue, 50) { delay = delay * 11 / 10 }
        let precision = plan.parameters.precisionMilliseconds
        let (time, at) = (draft.time.rawValue, arrival.rawValue)
        if at + precision >= time, at <= time + delay + precision { timely.insert(proposal.vote.statement.draftDigest) }
    }

    /// A block's time was right for some honest clock: its proposer's, or one that saw the proposal arrive.
    func examineTime(_ block: CertifiedBlock) {
        let draft = block.header.draft
        if let proposer = key(draft.proposer, in: draft.epoch), !faulty.contains(proposer), !plan.hasBadClock.contains(proposer) { return }
        if !timely.contains(block.certificate.statement.draftDigest) {
            fail("time", "height \(block.height) has a time that no fair clock agreed with")
        }
    }

    // MARK: Work and memory

    /// One primary must not make a node check one draft after the other.
    func ordered(_ check: ProposalCheck, by node: SimulatedNode) {
        let place = (check.proposal.draft.height, node.replica.view)
        if node.checks.height == place.0, node.checks.view == place.1 {
            node.checks.count += 1
        } else {
            node.checks = (place.0, place.1, 1)
        }
        if node.isHonest, node.checks.count > 4 {
            fail("work", "node \(node.number) checks a fifth proposal in view \(place.1) of height \(place.0)")
        }
    }

    /// Counts every element that a replica holds, by reflection, so that no collection is forgotten here.
    func examineMemory(in simulation: Simulation) {
        let validators = plan.weights.count
        let perPeer = ConsensusLimits.nextHeightMessagesPerSignerMax + 4 * ConsensusLimits.votesPerSignerMax + 32
        let bound = validators * perPeer + simulation.nodes.count * 8 + 160
        for node in simulation.nodes where node.isHonest && node.isUp {
            for (name, count) in held(by: node.replica) where count > bound {
                fail("memory", "node \(node.number) holds \(count) elements in \(name), the bound is \(bound)")
            }
        }
    }

    private func held(by replica: SimulatedReplica) -> [(String, Int)] {
        // The archive has a bound of its own in heights; the rest of these does not grow with what peers send.
        let exempt: Set = ["evidence", "position", "rotation", "configuration", "cryptography", "resumption"]
        return Mirror(reflecting: replica).children.compactMap { child in
            guard let name = child.label, !exempt.contains(name) else { return nil }
            return (name, elements(of: child.value, depth: 0))
        }
    }

    private func elements(of value: Any, depth: Int) -> Int {
        let mirror = Mirror(reflecting: value)
        guard depth < 6 else { return 0 }
        if mirror.displayStyle == .collection || mirror.displayStyle == .dictionary || mirror.displayStyle == .set {
            // Elements of a collection are counted; only collections of collections are entered.
            guard let first = mirror.children.first else { return 0 }
            let style = Mirror(reflecting: first.value).displayStyle
            guard style == .collection || style == .dictionary || style == .set else { return mirror.children.count }
            return mirror.children.reduce(0) { $0 + elements(of: $1.value, depth: depth + 1) }
        }
        if mirror.displayStyle == .optional || mirror.displayStyle == .struct || mirror.displayStyle == .enum {
            return mirror.children.reduce(0) { $0 + elements(of: $1.value, depth: depth + 1) }
        }
        return 0
    }

    // MARK: Blame

    func accused(_ evidence: Evidence, by node: SimulatedNode) {
        guard node.isHonest else { return }
        if let set = sets[evidence.epoch], (try? evidence.verify(with: SimulatedChecker(sets: [set]))) == nil {
            fail("evidence", "node \(node.number) submits evidence whose signatures do not hold")
        }
        if let key = key(evidence.signer, in: evidence.epoch), !faulty.contains(key) {
            fail("evidence", "node \(node.number) accuses the honest validator \(key) of \(evidence.offence) at height \(evidence.height)")
        }
    }

    func alarmed(_ alarm: Alarm, _ node: SimulatedNode) {
        guard node.isHonest, !plan.isOverwhelmed else { return }
        switch alarm {
        case .journalLossResolved, .journalLossOverridden: break
        case .diverged where plan.diverges.contains(node.key): break
        default: fail("alarm", "node \(node.number) raises \(alarm) without a reason")
        }
    }

    /// After a fork, what both sides kept must convict at least a third of the weight, and nobody honest.
    func examineFork(in simulation: Simulation) {
        guard let set = sets[0] else { return }
        let archives = simulation.nodes.filter(\.isHonest).flatMap(\.replica.archive)
        var culprits: Set<Int> = []
        for height in Set(archives.map(\.height)).sorted() {
            let votes = archives.filter { $0.height == height }.flatMap(\.allVotes)
            for found in offences(among: votes, chainID: Keys.chainID, cryptography: SimulatedSigner(Keys.consensus(0))) {
                if let key = key(found.signer, in: found.epoch) { culprits.insert(key) }
            }
        }
        if let honest = culprits.first(where: { !faulty.contains($0) }) { return fail("evidence", "the archives accuse the honest validator \(honest)") }
        guard hasForked else { return }
        let weight = culprits.reduce(0) { $0 + plan.weights[$1] }
        simulation.note("the archives of both sides convict \(culprits.sorted()), weight \(weight) of \(set.totalWeight)")
        if 3 * weight < set.totalWeight {
            fail("accountability", "a fork, and the archives convict only \(weight) of \(set.totalWeight)")
        }
    }

    // MARK: Progress

    func examineLap(_ lap: Lap, _ change: ViewChangeStatement, _ node: SimulatedNode) {
        if change.height > lap.height, change.view > lap.viewMax {
            fail("progress", "node \(node.number) goes to view \(change.view) of height \(change.height), although the network has settled and \(lap.viewMax) primaries are corrupt")
        }
    }
}
