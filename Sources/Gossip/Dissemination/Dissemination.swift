import Ledger
import Primitives

/// Spreads transactions: pushed once from the entry node to every other validator of a small set, announced by hash and
/// pulled on demand between all others. It also gets the bodies of proposals.
///
/// A body that arrives is judged by the pool, then by the verification pool, once, and only then passed on, so that a node
/// vouches for what it spreads.
final class Dissemination {
    let pool: Mempool
    /// This node's consensus key, if it has one.
    let ownValidator: PublicKey?
    var desk = VerificationDesk()
    var bodies = ProposalBodies()
    var peers = LinkTable<SpreadingPeer>()
    var wants: [EnvelopeHash: Want] = [:]
    var nextPull: UInt64 = 0
    /// Validators of the epoch but this one, in the order of the set.
    private(set) var validators: [PublicKey] = []
    /// Whether the validators are few enough to push to each other, and this node is one of them.
    private(set) var isMeshNetwork = false
    private(set) var isMeshMember = false
    /// Connections to validators, and by their keys.
    private(set) var validatorLinks: [Link] = []
    private var linkByValidator: [PublicKey: Link] = [:]
    /// Transactions to be announced to whoever has not shown that it has them, if they are still here then.
    var secondAnnouncements = TickQueue<EnvelopeHash>()
    var watch = CensorshipWatch()
    var prioritised: [EnvelopeHash] = []
    var now: GossipTick = 0
    private var saidExecutable: Bool?

    init(pool: Mempool, ownValidator: PublicKey?) {
        self.pool = pool
        self.ownValidator = ownValidator
    }

    // ── Connections ──

    func connect(_ link: Link, validator: PublicKey?) {
        peers[link] = SpreadingPeer(link: link, validator: validator)
        classify()
        desk.connect(link, isValidator: peers[link]?.isMeshed ?? false)
        queueInventory(link)
    }

    /// A peer is a validator from now on, or no longer; what it was asked for and told stays.
    func standingChanged(_ link: Link, validator: PublicKey?) {
        peers[link]?.validator = validator
        classify()
    }

    func disconnect(_ link: Link) {
        guard let peer = peers[link] else { return }
        for pull in peer.pulls { for hash in pull.hashes { fail(hash, at: link, pull: pull.number) } }
        for hash in peer.urgentQueue + peer.queue { fail(hash, at: link, pull: nil) }
        desk.disconnect(link)
        peers[link] = nil
        classify()
    }

    func setValidators(_ keys: [PublicKey]) {
        isMeshNetwork = keys.count <= GossipLimits.meshValidatorsMax
        isMeshMember = isMeshNetwork && ownValidator.map(keys.contains) ?? false
        validators = keys.filter { $0 != ownValidator }
        classify()
    }

    func congested(_ link: Link, _ isCongested: Bool) { peers[link]?.isCongested = isCongested }

    /// Sees anew which connections lead to validators, after a change of either.
    private func classify() {
        let members = Set(validators)
        linkByValidator = [:]
        validatorLinks = []
        for link in peers.links {
            let member = peers[link]?.validator.flatMap { members.contains($0) ? $0 : nil }
            peers[link]?.isMeshed = isMeshMember && member != nil
            guard let member else { continue }
            validatorLinks.append(link)
            linkByValidator[member] = link
        }
    }

    func link(of validator: PublicKey) -> Link? { linkByValidator[validator] }

    /// Whether every other validator is connected, and a push therefore reaches all.
    var reachesAllValidators: Bool { linkByValidator.count == validators.count }

    // ── Transactions coming in ──

    func submit(_ transactions: [SignedTransaction], _ outbox: inout Outbox) {
        for signed in transactions {
            do throws(MempoolRejection) {
                guard !desk.holds(signed.envelopeHash) else { throw .known }
                try pool.precheck(signed)
                guard desk.submit(signed, .client) else { throw .busy }
            } catch { outbox.effects.append(.refused(signed.id, signed.envelopeHash, error)) }
        }
        flushVerifications(&outbox)
    }

    func receive(_ batch: TransactionBatch, from link: Link, _ outbox: inout Outbox) {
        guard let peer = peers[link] else { return }
        var isUnsolicited = false
        for signed in batch.transactions {
            let hash = signed.envelopeHash
            peer.has.insert(hash)
            // A late answer to a pull that went elsewhere is no offence, as long as the body is not news.
            guard peer.isMeshed || wants[hash] != nil || desk.holds(hash) || pool.knows(hash) || bodies.body(hash) != nil else {
                isUnsolicited = true
                continue
            }
            forgetWant(hash)
            if desk.holds(hash) { continue }
            let isNeeded = bodies.needs(hash)
            if isNeeded, let body = pool.transaction(hash) {
                bodies.add(body, &outbox)
                continue
            }
            do throws(MempoolRejection) { try pool.precheck(signed) } catch {
                if case .transaction(let rejection) = error, rejection.isHopeless { outbox.offend(link, .transactionHopeless) }
                guard isNeeded else { continue }
            }
            _ = desk.submit(signed, .peer(link, relay: batch.relay))
        }
        if isUnsolicited { outbox.offend(link, .unsolicited) }
        flushVerifications(&outbox)
    }

    func flushVerifications(_ outbox: inout Outbox) {
        let batch = desk.takeBatch()
        if !batch.isEmpty { outbox.effects.append(.verify(batch)) }
    }

    func judge(_ verdicts: [VerificationVerdict], _ outbox: inout Outbox) {
        for verdict in verdicts {
            guard let origin = desk.finish(verdict) else { continue }
            switch verdict {
            case .verified(let verified): accept(verified, origin, &outbox)
            case .refused(let signed, let rejection):
                bodies.refuse(signed.envelopeHash, &outbox)
                switch origin {
                case .client: outbox.effects.append(.refused(signed.id, signed.envelopeHash, .transaction(rejection)))
                case .peer(let link, _): outbox.offend(link, .signatureInvalid)
                }
            case .cancelled(let signed):
                if origin == .client { outbox.effects.append(.refused(signed.id, signed.envelopeHash, .busy)) }
            }
        }
        desk.advance()
        flushVerifications(&outbox)
        sayWork(&outbox)
    }

    private func accept(_ verified: Verified<SignedTransaction>, _ origin: Origin, _ outbox: inout Outbox) {
        let signed = verified.value
        bodies.add(verified, &outbox)
        do throws(MempoolRejection) {
            let admission = try pool.admit(verified, now: now)
            if !admission.dropped.isEmpty { outbox.effects.append(.dropped(admission.dropped)) }
            outbox.effects.append(.admitted(signed.id, signed.envelopeHash, isExecutable: admission.isExecutable))
            spread(verified, from: origin)
        } catch {
            if origin == .client { outbox.effects.append(.refused(signed.id, signed.envelopeHash, error)) }
        }
    }

    /// Says whether there is work when that has changed, or when it is asked for.
    func sayWork(always: Bool = false, _ outbox: inout Outbox) {
        let hasExecutable = pool.hasExecutable
        guard always || saidExecutable != hasExecutable else { return }
        saidExecutable = hasExecutable
        outbox.effects.append(.work(hasExecutable: hasExecutable))
    }

    // ── The chain ──

    func commit(_ block: CommittedBlock, _ outbox: inout Outbox) {
        let passedOver = watch.review(block, pool: pool)
        let dropped = pool.commit(block)
        if !dropped.isEmpty { outbox.effects.append(.dropped(dropped)) }
        bodies.commit(block.height)
        prioritised.removeAll { pool.knows($0) && !pool.contains($0) }
        for signed in block.transactions { forgetWant(signed.envelopeHash) }
        watch.note(pool: pool, validators: validators) { hash, validator in
            self.link(of: validator).flatMap { self.peers[$0]?.has.contains(hash) } ?? false
        }
        outbox.effects.append(.passedOver(passedOver, at: block.height))
        sayWork(always: true, &outbox)
    }

    /// The chain was moved by a snapshot: everything is looked at again.
    func move(to height: Height, parameters: NetworkParameters, _ outbox: inout Outbox) {
        let dropped = pool.move(to: height, parameters: parameters)
        if !dropped.isEmpty { outbox.effects.append(.dropped(dropped)) }
        bodies.commit(height)
        sayWork(always: true, &outbox)
    }

    func prioritise(_ hashes: [EnvelopeHash]) {
        prioritised += hashes.filter { !prioritised.contains($0) }
        // The newest complaints count.
        prioritised.removeFirst(max(0, prioritised.count - GossipLimits.prioritisedMax))
    }

    // ── Time ──

    func tick(_ now: GossipTick, _ outbox: inout Outbox) {
        self.now = now
        if now.rawValue % GossipLimits.ticksPerSecond == 0 {
            let aged = pool.age(now: now)
            if !aged.isEmpty {
                outbox.effects.append(.dropped(aged))
                sayWork(&outbox)
            }
            for link in peers.links {
                let credit = (peers[link]?.serveCredit ?? 0) + GossipLimits.serveBytesPerSecond
                peers[link]?.serveCredit = min(credit, 4 * GossipLimits.serveBytesPerSecond)
            }
        }
        // A new proposal waits for the next tick: bodies that were pushed at the same time are on their way.
        if bodies.hasUnasked || now.rawValue % GossipLimits.urgentPullTicks == 0 { askForProposals() }
        reviewPulls(&outbox)
        announceSecond()
        for link in peers.links { flush(link, &outbox) }
        desk.advance()
        flushVerifications(&outbox)
    }
}

extension TransactionRejection {
    /// Whether no honest node can have thought that others would take it: nothing that depends on the height, the state or this
    /// node's view of them.
    var isHopeless: Bool {
        switch self {
        case .malformed, .chainMismatch, .reserveOverflow, .senderMismatch, .signatureInvalid: true
        default: false
        }
    }
}
