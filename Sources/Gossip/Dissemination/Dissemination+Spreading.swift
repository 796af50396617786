import Ledger
import Primitives

/// Bodies and announcements going out.
extension Dissemination {
    /// Passes on a transaction that has entered the pool.
    func spread(_ verified: Verified<SignedTransaction>, from origin: Origin) {
        let hash = verified.value.envelopeHash
        var source: Link?, isFromMesh = false, asksRelay = false
        if case .peer(let link, let relay) = origin {
            source = link
            isFromMesh = peers[link]?.isMeshed ?? false
            asksRelay = relay
        }
        // From outside the mesh, one validator becomes the entry node; the others hear of it if that was not enough.
        let entries = isMeshNetwork && !isMeshMember ? validatorLinks : []
        for link in peers.links where link != source && !entries.contains(link) {
            guard let peer = peers[link] else { continue }
            // The entry node pushes; what comes from the mesh has reached the mesh, or its sender asks for help.
            if peer.isMeshed, isFromMesh, !asksRelay { continue }
            guard !peer.has.contains(hash) else { continue }
            if peer.isMeshed, !isFromMesh { push(verified, to: link) } else { announce(hash, to: link) }
        }
        if secondAnnouncements.count < GossipLimits.secondAnnouncementsMax {
            let ticks = isMeshMember ? GossipLimits.repairTicks : GossipLimits.secondAnnouncementTicks
            secondAnnouncements.append(hash, due: now.after(ticks))
        }
        guard !entries.isEmpty else { return }
        let chosen = entries[Int(truncatingIfNeeded: hash.words.0.littleEndian % UInt64(entries.count))]
        if chosen != source { announce(hash, to: chosen) }
    }

    func push(_ verified: Verified<SignedTransaction>, to link: Link) {
        guard let peer = peers[link] else { return }
        let signed = verified.value
        guard peer.pushes.count < GossipLimits.pushesPerLinkMax,
              peer.pushBytes + signed.envelope.count <= GossipLimits.pushBytesPerLinkMax else {
            announce(signed.envelopeHash, to: link)
            return
        }
        peer.has.insert(signed.envelopeHash)
        peer.pushes.append(verified)
        peer.pushBytes += signed.envelope.count
    }

    func announce(_ hash: EnvelopeHash, to link: Link) {
        guard let peer = peers[link], !peer.has.contains(hash), !peer.told.contains(hash) else { return }
        guard peer.announcements.count < GossipLimits.announcementsPerLinkMax else {
            peer.needsInventory = true
            return
        }
        peer.told.insert(hash)
        peer.announcements.append(hash)
    }

    /// Announces what has waited for long to whoever may have missed it: validators beside the entry node, and all whose
    /// connections broke in between. In good times blocks have taken it by then.
    func announceSecond() {
        for hash in secondAnnouncements.take(until: now) where pool.contains(hash) {
            for link in peers.links { announce(hash, to: link) }
        }
    }

    /// Sends what waits for a peer: pulls at once, bodies at every tick, announcements less often.
    func flush(_ link: Link, _ outbox: inout Outbox) {
        ask(link, &outbox)
        guard let peer = peers[link], !peer.isCongested else { return }
        if !peer.pushes.isEmpty { flushPushes(link, &outbox) }
        guard now.rawValue % GossipLimits.announcementTicks == 0 else { return }
        if peer.needsInventory { queueInventory(link) }
        let announcements = peer.announcements
        peer.announcements = []
        for start in stride(from: 0, to: announcements.count, by: GossipLimits.announcementMax) {
            let end = min(start + GossipLimits.announcementMax, announcements.count)
            outbox.send(.announcement(Array(announcements[start..<end])), to: link)
        }
    }

    /// Sends the waiting bodies. Links that wait for the same ones are served by one message, which is encoded once.
    private func flushPushes(_ link: Link, _ outbox: inout Outbox) {
        guard let pushes = peers[link]?.pushes else { return }
        var links: [Link] = []
        for other in peers.links where other >= link {
            guard let peer = peers[other], !peer.isCongested, peer.pushes.count == pushes.count,
                  zip(peer.pushes, pushes).allSatisfy({ $0.value.envelopeHash == $1.value.envelopeHash }) else { continue }
            links.append(other)
        }
        let relay = isMeshMember && !reachesAllValidators
        for batch in Dissemination.batches(pushes) { outbox.send(.transactions(TransactionBatch(relay: relay, transactions: batch)), to: links) }
        for other in links {
            peers[other]?.pushes = []
            peers[other]?.pushBytes = 0
        }
    }

    /// When a push is large enough not to wait for the tick.
    func flushLargePushes(_ outbox: inout Outbox) {
        for link in peers.links {
            guard let peer = peers[link], peer.pushBytes >= GossipLimits.pushBytesMin, !peer.isCongested else { continue }
            flushPushes(link, &outbox)
        }
    }

    /// Cuts transactions into messages.
    static func batches(_ transactions: [Verified<SignedTransaction>]) -> [[SignedTransaction]] {
        var result: [[SignedTransaction]] = []
        var batch: [SignedTransaction] = [], bytes = 0
        for verified in transactions {
            if batch.count == GossipLimits.batchCountMax || bytes + verified.value.envelope.count > GossipLimits.batchBytesMax, !batch.isEmpty {
                result.append(batch)
                (batch, bytes) = ([], 0)
            }
            batch.append(verified.value)
            bytes += verified.value.envelope.count
        }
        if !batch.isEmpty { result.append(batch) }
        return result
    }

    /// Queues what a peer that has just come, or that was congested, may have missed.
    func queueInventory(_ link: Link) {
        peers[link]?.needsInventory = false
        var count = 0
        pool.forEachTransaction { verified in
            announce(verified.value.envelopeHash, to: link)
            count += 1
            return count < GossipLimits.inventoryMax
        }
    }

    /// Sends the oldest executable transactions to all validators: bodies to those that have not got them from here or shown
    /// that they have them, and to the others the hashes once more, in case they lost them.
    func share(_ outbox: inout Outbox) {
        let oldest = pool.oldestExecutable()
        let hashes = oldest.map(\.value.envelopeHash)
        for link in validatorLinks {
            for verified in oldest where !(peers[link]?.has.contains(verified.value.envelopeHash) ?? true) { push(verified, to: link) }
            if !hashes.isEmpty, !(peers[link]?.isCongested ?? true) { outbox.send(.announcement(hashes), to: link) }
        }
        for link in validatorLinks where !(peers[link]?.pushes.isEmpty ?? true) && !(peers[link]?.isCongested ?? true) { flushPushes(link, &outbox) }
    }
}
