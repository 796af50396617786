import Ledger
import Primitives

/// The bodies of recent proposals, whether the pool has them or not: fetched for the replica, and served to others until the
/// height is final.
///
/// Invariant: at most ``GossipLimits/proposalsMax`` proposals of at most ``Limits/blockBodyBytesMax`` bytes each.
struct ProposalBodies {
    struct Proposal {
        let request: BodiesRequest
        var bodies: [EnvelopeHash: Verified<SignedTransaction>] = [:]
        var bytes = 0
        var isComplete = false
        var isDead = false
        /// How often holders were asked.
        var rounds = 0

        var missing: [EnvelopeHash] { request.hashes.filter { bodies[$0] == nil } }
    }

    private(set) var proposals: [Proposal] = []

    /// Begins to gather, or gives again what is complete. The oldest of the lowest height gives way.
    mutating func open(_ request: BodiesRequest) {
        guard !proposals.contains(where: { $0.request.draftDigest == request.draftDigest }) else { return }
        if proposals.count >= GossipLimits.proposalsMax, let lowest = proposals.indices.min(by: { proposals[$0].request.height < proposals[$1].request.height }) {
            members[proposals.remove(at: lowest).request.draftDigest] = nil
        }
        proposals.append(Proposal(request: request))
    }

    func needs(_ hash: EnvelopeHash) -> Bool { proposals.contains { !$0.isComplete && !$0.isDead && $0.bodies[hash] == nil && wants($0, hash) } }

    private func wants(_ proposal: Proposal, _ hash: EnvelopeHash) -> Bool { members[proposal.request.draftDigest]?.contains(hash) ?? false }

    /// The hashes of each open proposal, for the question above.
    private var members: [Digest: Set<EnvelopeHash>] = [:]

    func body(_ hash: EnvelopeHash) -> Verified<SignedTransaction>? {
        for proposal in proposals { if let body = proposal.bodies[hash] { return body } }
        return nil
    }

    /// Looks through the bodies that `find` has, and keeps them.
    mutating func fill(_ draftDigest: Digest, find: (EnvelopeHash) -> Verified<SignedTransaction>?, _ outbox: inout Outbox) {
        guard let index = proposals.firstIndex(where: { $0.request.draftDigest == draftDigest }) else { return }
        if proposals[index].isComplete { return announce(index, &outbox) }
        members[draftDigest] = Set(proposals[index].request.hashes)
        for hash in proposals[index].request.hashes where proposals[index].bodies[hash] == nil {
            if let body = find(hash) { keep(body, in: index) }
        }
        settle(index, &outbox)
    }

    mutating func add(_ body: Verified<SignedTransaction>, _ outbox: inout Outbox) {
        let hash = body.value.envelopeHash
        for index in proposals.indices where wants(proposals[index], hash) && proposals[index].bodies[hash] == nil {
            keep(body, in: index)
            settle(index, &outbox)
        }
    }

    /// A body whose signature does not hold makes every proposal with it invalid: the hash covers the signature.
    mutating func refuse(_ hash: EnvelopeHash, _ outbox: inout Outbox) {
        for index in proposals.indices where !proposals[index].isDead && wants(proposals[index], hash) { kill(index, &outbox) }
    }

    private mutating func keep(_ body: Verified<SignedTransaction>, in index: Int) {
        proposals[index].bodies[body.value.envelopeHash] = body
        proposals[index].bytes += body.value.envelope.count
    }

    private mutating func settle(_ index: Int, _ outbox: inout Outbox) {
        let proposal = proposals[index]
        guard !proposal.isComplete, !proposal.isDead else { return }
        if proposal.bytes > Limits.blockBodyBytesMax { return kill(index, &outbox) }
        guard proposal.bodies.count == members[proposal.request.draftDigest]?.count else { return }
        proposals[index].isComplete = true
        members[proposal.request.draftDigest] = nil
        announce(index, &outbox)
    }

    private mutating func kill(_ index: Int, _ outbox: inout Outbox) {
        proposals[index].isDead = true
        proposals[index].bodies = [:]
        members[proposals[index].request.draftDigest] = nil
        outbox.effects.append(.bodiesInvalid(draftDigest: proposals[index].request.draftDigest))
    }

    private func announce(_ index: Int, _ outbox: inout Outbox) {
        let proposal = proposals[index]
        outbox.effects.append(.bodies(draftDigest: proposal.request.draftDigest, proposal.request.hashes.compactMap { proposal.bodies[$0] }))
    }

    /// Whether a proposal misses bodies and nobody was asked.
    var hasUnasked: Bool { proposals.contains { $0.rounds == 0 && !$0.isComplete && !$0.isDead } }

    /// The open proposals' missing bodies, with the holders to ask in this round.
    mutating func nextRound() -> [(hashes: [EnvelopeHash], holders: [PublicKey], round: Int)] {
        var result: [(hashes: [EnvelopeHash], holders: [PublicKey], round: Int)] = []
        for index in proposals.indices where !proposals[index].isComplete && !proposals[index].isDead {
            result.append((proposals[index].missing, proposals[index].request.holders, proposals[index].rounds))
            proposals[index].rounds += 1
        }
        return result
    }

    /// A height is final. Its bodies stay for one more, for replicas that are a step behind; later they are served as blocks.
    mutating func commit(_ height: Height) {
        for proposal in proposals where proposal.request.height < height { members[proposal.request.draftDigest] = nil }
        proposals.removeAll { $0.request.height < height }
        for index in proposals.indices where proposals[index].request.height == height && !proposals[index].isComplete {
            members[proposals[index].request.draftDigest] = nil
            proposals[index].isDead = true
        }
    }
}
