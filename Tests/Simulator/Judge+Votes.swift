import Consensus
import Cryptography
import Primitives

/// What one honest key has signed, durably.
struct SignedPlaces {
    var newest: (height: Height, view: View, step: Step)?
    /// The highest view of a COMMIT, of the newest height with one.
    var commit: (height: Height, view: View)?
}

/// One attempt to decide one height.
struct ViewPlace: Hashable {
    let height: Height
    let view: View
}

/// What honest nodes prepared at a height, and the draft that enough COMMITs make final there.
struct Binding {
    var prepared: [(view: View, digest: Digest)] = []
    var decided: (view: View, digest: Digest)?
}

/// The rules of voting.
extension Judge {
    /// A node is about to write a vote. All honest nodes agree who is primary, and a fresh proposal is the primary's.
    func signing(_ message: ConsensusMessage, _ proposal: Proposal?, by node: SimulatedNode) {
        guard node.isHonest, case .prepare(let vote) = message, let draft = proposal?.draft, !plan.isOverwhelmed else { return }
        let place = ViewPlace(height: vote.statement.height, view: vote.statement.view)
        let primary = node.replica.report.primary
        if let known = primaries.updateValue(primary, forKey: place), known != primary {
            fail("rotation", "node \(node.number) takes \(primary) for the primary of view \(place.view) of height \(place.height), others \(known)")
        }
        if draft.originView == place.view, draft.proposer != primary {
            fail("rotation", "node \(node.number) prepares a fresh proposal of \(draft.proposer) while \(primary) is primary")
        }
        if SHA256.hash(.draft, of: draft) != vote.statement.draftDigest {
            fail("durability", "node \(node.number) writes its PREPARE beside another proposal than the one it is for")
        }
    }

    /// Votes have become durable: they may leave now, and whatever happens, they must not be contradicted.
    func durable(_ votes: [(message: ConsensusMessage, proposal: Proposal?)], of node: SimulatedNode) {
        for (message, _) in votes {
            count(message)
            guard node.isHonest, let vote = message.vote else { continue }
            examineOrder(vote, node)
            guard !plan.isOverwhelmed, let set = sets[message.epoch] else { continue }
            switch message {
            case .viewChange(let change): examine(change, set, node)
            case .newView(let newView): examine(newView, set, node)
            case .prepare(let vote): examine(vote.statement, node)
            case .commit(let commit):
                let statement = commit.vote.statement
                let prepare = PrepareStatement(
                    epoch: statement.epoch, height: statement.height, view: statement.view, draftDigest: statement.draftDigest)
                if !isQuorum(prepares[prepare], of: set) {
                    fail("commit", "node \(node.number) signs COMMIT for height \(statement.height), view \(statement.view) without a quorum of PREPAREs")
                }
            case .prePrepare, .status, .complaint: break
            }
        }
    }

    /// A message leaves a node.
    func sent(_ message: ConsensusMessage, _ digest: UInt64, by node: SimulatedNode) {
        if !node.isHonest { count(message) }
        // A replica also relays what a primary said.
        guard node.isHonest, message.vote != nil, key(message.signer, in: message.epoch) == node.key else { return }
        if !node.disk.votes.contains(digest) {
            fail("durability", "node \(node.number) sends \(message.vote!.step) of height \(message.height) before it is durable")
        }
    }

    /// Each key signs at strictly rising places: (height, view, step). Hence never two things at one.
    private func examineOrder(_ vote: AnyVote, _ node: SimulatedNode) {
        let place = (vote.place.height, vote.place.view, vote.step)
        var places = signed[node.key] ?? SignedPlaces()
        if let newest = places.newest, place <= (newest.height, newest.view, newest.step) {
            fail("signing", "node \(node.number) signs \(place.2) of height \(place.0), view \(place.1) after \(newest.step) of height \(newest.height), view \(newest.view)")
        }
        places.newest = (place.0, place.1, place.2)
        if case .commit = vote { places.commit = (place.0, place.1) }
        if case .viewChange(let change) = vote {
            viewChanges += 1
            if let lap { examineLap(lap, change.statement, node) }
            if let commit = places.commit, commit.height == place.0, (change.statement.prepared?.view).map({ $0 < commit.view }) ?? true {
                fail("memory", "node \(node.number) forgets in view \(place.1) what it committed to in view \(commit.view) of height \(place.0)")
            }
        }
        signed[node.key] = places
    }

    /// A claim comes with a certificate that holds.
    private func examine(_ change: ViewChange, _ set: ValidatorSet, _ node: SimulatedNode) {
        guard let prepared = change.prepared else { return }
        let holds = (try? SimulatedChecker(sets: [set]).verify(prepared.certificate)) != nil
        if !holds || prepared.certificate.claim != change.vote.statement.prepared {
            fail("claim", "node \(node.number) changes the view with a certificate that does not hold")
        }
    }

    /// NEW-VIEW is what a quorum of view changes obliges to.
    private func examine(_ message: NewView, _ set: ValidatorSet, _ node: SimulatedNode) {
        let statement = message.vote.statement
        var signers = ValidatorBitmap()
        var highest: PreparedClaim?
        for change in message.viewChanges {
            let said = change.statement
            guard said.height == statement.height, said.view == statement.view, said.parentHash == statement.parentHash else {
                return fail("new view", "node \(node.number) starts a view with view changes for another one")
            }
            signers.insert(change.signer)
            if let claim = said.prepared, highest.map({ claim.view > $0.view }) ?? true { highest = claim }
        }
        if !isQuorum(signers, of: set) { fail("new view", "node \(node.number) starts view \(statement.view) without a quorum") }
        if statement.prepared != highest { fail("new view", "node \(node.number) starts view \(statement.view) without the highest claim") }
    }

    private func examine(_ statement: PrepareStatement, _ node: SimulatedNode) {
        var binding = bindings[statement.height] ?? Binding()
        if let decided = binding.decided, statement.view > decided.view, statement.draftDigest != decided.digest {
            fail("lock", "node \(node.number) prepares another draft in view \(statement.view) of height \(statement.height) than the one decided in view \(decided.view)")
        }
        binding.prepared.append((statement.view, statement.draftDigest))
        bindings[statement.height] = binding
    }

    /// Counts a vote that exists, whoever gets it.
    private func count(_ message: ConsensusMessage) {
        switch message {
        case .prepare(let vote): prepares[vote.statement, default: ValidatorBitmap()].insert(vote.signer)
        case .commit(let commit):
            let statement = commit.vote.statement
            commits[statement, default: ValidatorBitmap()].insert(commit.signer)
            guard !plan.isOverwhelmed, bindings[statement.height]?.decided == nil, let set = sets[statement.epoch] else { return }
            // The corrupt may have signed in secret.
            var signers = commits[statement]!
            for key in faulty { if let index = set.index(of: Keys.consensus(key)) { signers.insert(index) } }
            guard isQuorum(signers, of: set) else { return }
            bindings[statement.height, default: Binding()].decided = (statement.view, statement.draftDigest)
            for prepared in bindings[statement.height]!.prepared where prepared.view > statement.view && prepared.digest != statement.draftDigest {
                fail("lock", "height \(statement.height) is decided in view \(statement.view), and view \(prepared.view) prepared another draft")
            }
        default: break
        }
    }

    private func isQuorum(_ signers: ValidatorBitmap?, of set: ValidatorSet) -> Bool {
        let weight = (signers ?? ValidatorBitmap()).indices.reduce(0) { $0 + (set[$1]?.weight ?? 0) }
        return 3 * weight > 2 * set.totalWeight
    }
}
