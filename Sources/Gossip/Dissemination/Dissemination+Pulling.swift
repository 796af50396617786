import Ledger
import Primitives

/// Bodies coming in on demand, and going out to those who ask.
extension Dissemination {
    /// Notes that `link` says it has these, and plans to ask for those that are news.
    func hear(_ hashes: [EnvelopeHash], from link: Link) {
        guard peers[link] != nil else { return }
        for hash in hashes {
            peers[link]?.has.insert(hash)
            if pool.knows(hash) || desk.holds(hash) { continue }
            want(hash, holders: [link], isUrgent: false)
        }
    }

    /// Wants a body from the first of `holders` that may be asked for more.
    func want(_ hash: EnvelopeHash, holders: [Link], isUrgent: Bool) {
        var holders = holders
        if let known = wants[hash], isUrgent, !known.isUrgent {
            // A height waits for what was only news: it is asked for anew, with the short deadline.
            forgetWant(hash)
            holders += ([known.assignee] + known.holders).filter { !holders.contains($0) }
        }
        if var known = wants[hash] {
            for link in holders where link != known.assignee && !known.holders.contains(link) && known.holders.count < GossipLimits.holdersMax {
                known.holders.append(link)
            }
            wants[hash] = known
            return
        }
        // Proposals are bounded by themselves and may not be kept out by announcements.
        guard isUrgent || wants.count < GossipLimits.wantsMax else { return }
        let able = holders.filter { (peers[$0]?.assigned ?? .max) < GossipLimits.wantsPerLinkMax }
        guard let first = able.first else { return }
        wants[hash] = Want(assignee: first, holders: Array(able.dropFirst().prefix(GossipLimits.holdersMax)), isUrgent: isUrgent)
        enqueue(hash, at: first, isUrgent: isUrgent)
    }

    private func enqueue(_ hash: EnvelopeHash, at link: Link, isUrgent: Bool) {
        guard let peer = peers[link] else { return }
        peer.assigned += 1
        if isUrgent { peer.urgentQueue.append(hash) } else { peer.queue.append(hash) }
        // What was forgotten since it was queued makes room; the rest is bounded by `assigned`.
        if peer.queue.count > 2 * GossipLimits.wantsPerLinkMax { peer.queue.removeAll { wants[$0]?.assignee != link || wants[$0]?.pull != nil } }
    }

    /// Asks a peer for what it was assigned, as far as its pulls under way allow.
    func ask(_ link: Link, _ outbox: inout Outbox) {
        guard let peer = peers[link] else { return }
        while peer.pulls.count < GossipLimits.pullsPerLinkMax, !peer.urgentQueue.isEmpty || !peer.queue.isEmpty {
            let isUrgent = !peer.urgentQueue.isEmpty
            let queue = isUrgent ? peer.urgentQueue : peer.queue
            var hashes: [EnvelopeHash] = []
            var taken = 0
            for hash in queue where hashes.count < GossipLimits.pullMax {
                taken += 1
                guard var want = wants[hash], want.assignee == link, want.pull == nil else { continue }
                want.pull = nextPull
                wants[hash] = want
                hashes.append(hash)
            }
            if isUrgent { peer.urgentQueue.removeFirst(taken) } else { peer.queue.removeFirst(taken) }
            guard !hashes.isEmpty else { continue }
            let deadline = now.after(isUrgent ? GossipLimits.urgentPullTicks : GossipLimits.pullTicks)
            peer.pulls.append(Pull(number: nextPull, deadline: deadline, hashes: hashes, left: hashes.count))
            nextPull += 1
            outbox.send(.pull(hashes), to: link)
        }
    }

    /// Drops a want, whoever it was assigned to.
    func forgetWant(_ hash: EnvelopeHash) {
        guard let want = wants.removeValue(forKey: hash) else { return }
        peers[want.assignee]?.assigned -= 1
        // What waits in a queue is skipped when its turn comes.
        guard let peer = peers[want.assignee], let index = peer.pulls.firstIndex(where: { $0.number == want.pull }) else { return }
        peer.pulls[index].left -= 1
        if peer.pulls[index].left == 0 { peer.pulls.remove(at: index) }
    }

    /// `link` does not deliver `hash`: the next holder is asked, or nobody.
    func fail(_ hash: EnvelopeHash, at link: Link, pull: UInt64?) {
        guard let want = wants[hash], want.assignee == link, want.pull == pull else { return }
        forgetWant(hash)
        let others = want.holders.filter { $0 != link && peers[$0] != nil }
        if !others.isEmpty { self.want(hash, holders: others, isUrgent: want.isUrgent) }
    }

    func missing(_ hashes: [EnvelopeHash], at link: Link, _ outbox: inout Outbox) {
        var isHollow = false
        for hash in hashes {
            guard let want = wants[hash], want.assignee == link, let pull = want.pull else { continue }
            // A holder that was only guessed, for a proposal, said nothing false.
            isHollow = isHollow || !want.isUrgent
            fail(hash, at: link, pull: pull)
        }
        if isHollow { outbox.offend(link, .announcementHollow) }
    }

    /// Pulls that were not answered in time go to other holders.
    func reviewPulls(_ outbox: inout Outbox) {
        for link in peers.links {
            guard let pulls = peers[link]?.pulls, pulls.contains(where: { $0.deadline <= now }) else { continue }
            for pull in pulls where pull.deadline <= now {
                var isLate = false
                for hash in pull.hashes {
                    guard let want = wants[hash], want.assignee == link, want.pull == pull.number else { continue }
                    isLate = isLate || !want.isUrgent
                    fail(hash, at: link, pull: pull.number)
                }
                if isLate { outbox.offend(link, .pullUnanswered) }
                peers[link]?.pulls.removeAll { $0.number == pull.number }
            }
        }
    }

    // ── Proposals ──

    func fetch(_ request: BodiesRequest, _ outbox: inout Outbox) {
        bodies.open(request)
        bodies.fill(request.draftDigest, find: { pool.transaction($0) }, &outbox)
    }

    /// Asks for what open proposals miss: the proposer first, later its voters and all validators in turn, each asking round
    /// beginning with another.
    func askForProposals() {
        for (hashes, keys, round) in bodies.nextRound() {
            var holders = keys.prefix(GossipLimits.proposalHoldersMax).compactMap { link(of: $0) }
            if round > 0 || holders.isEmpty {
                for link in validatorLinks where !holders.contains(link) { holders.append(link) }
                if holders.isEmpty { holders = peers.links }
            }
            guard !holders.isEmpty else { continue }
            let turned = Array(holders[(round % holders.count)...] + holders[..<(round % holders.count)])
            for hash in hashes where !desk.holds(hash) { want(hash, holders: turned, isUrgent: true) }
        }
        for hash in prioritised where !pool.knows(hash) && !desk.holds(hash) { want(hash, holders: validatorLinks, isUrgent: true) }
    }

    // ── Serving ──

    /// Answers a pull from the pool and the proposals, within what the peer may take a second.
    func serve(_ hashes: [EnvelopeHash], to link: Link, _ outbox: inout Outbox) {
        guard var credit = peers[link]?.serveCredit else { return }
        var found: [Verified<SignedTransaction>] = [], missing: [EnvelopeHash] = []
        for hash in hashes {
            if credit > 0, let body = pool.transaction(hash) ?? bodies.body(hash) {
                credit -= body.value.envelope.count
                peers[link]?.has.insert(hash)
                found.append(body)
            } else {
                missing.append(hash)
            }
        }
        if credit <= 0 { outbox.offend(link, .requestFlood) }
        peers[link]?.serveCredit = credit
        // Whoever of the mesh has to ask was not reached by a push, and others may not have been either.
        let relay = peers[link]?.isMeshed ?? false
        for batch in Dissemination.batches(found) { outbox.send(.transactions(TransactionBatch(relay: relay, transactions: batch)), to: link) }
        if !missing.isEmpty { outbox.send(.missing(missing), to: link) }
    }
}
