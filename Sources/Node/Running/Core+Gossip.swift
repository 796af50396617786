import Consensus
import Cryptography
import Dispatch
import Gossip
import Ledger
import Logging
import Networking
import Primitives
import Verification

/// What the gossip node wants done.
extension Core {
    func perform(_ effect: GossipEffect) {
        switch effect {
        case .send(let message, let links): send(message, to: links)
        case .verify(let transactions): verify(transactions)
        case .admitted(let id, let hash, _): submissions.admitted(id, hash)
        case .refused(let id, let hash, let rejection): submissions.refused(id, hash, rejection)
        case .dropped(let transactions):
            for transaction in transactions { environment.published.drop(transaction.id, code: transaction.reason.code) }
        case .work(let hasExecutable): give(.work(hasExecutable: hasExecutable))
        case .passedOver(let hashes, let height): give(.passedOver(hashes.map(\.digest), at: height))
        case .bodies(let digest, let transactions): bodiesCame(digest, transactions)
        case .bodiesInvalid(let digest): bodiesAreInvalid(digest)
        case .consensus(let envelope, let link): authenticate(envelope, from: link)
        case .peerHeight(let link, let height): give(.peerHeight(Peer(link.rawValue), height))
        case .readBlocks(let heights, let link): readBlocks(heights, for: link)
        case .readLight(let request, let link): readLight(request, for: link)
        case .readChunk(let request, let link): readChunk(request, for: link)
        case .judgeBlock(let height, let bytes, let link):
            judging.append(height, bytes, link)
            judgeNext()
        case .judgeLight(let blocks, let ground, _): judgeLight(blocks, by: ground)
        case .openRestore(let header): openRestore(header)
        case .judgeChunk(let request, let bytes, _): judgeChunk(request, bytes)
        case .finishRestore(let header): finishRestore(header)
        case .abandonRestore: abandonRestore()
        case .progress(let progress):
            sync = progress
            environment.log.info("catching up", metadata: ["phase": "\(progress.phase.rawValue)", "have": "\(progress.have)", "of": "\(progress.of)"])
        case .dial(let address):
            guard let network = address.network else { return }
            if dials.count >= Self.dialsMax { dials.removeAll() }
            dials[network.description] = address
            environment.transport.dial(network, expecting: address.key)
        case .disconnect(let link, let reason):
            guard let entry = links[link] else { return }
            environment.log.debug("disconnecting a peer", metadata: ["peer": "\(entry.key)", "code": "\(reason.rawValue)"])
            environment.transport.disconnect(entry.key)
        case .offended(let link, let misbehaviour):
            environment.log.debug("a peer misbehaves", metadata: ["peer": "\(links[link].map { "\($0.key)" } ?? "gone")", "code": "\(misbehaviour.rawValue)"])
        case .ban(let key, let ticks):
            environment.log.notice("banning a peer", metadata: ["peer": "\(key)"])
            enforceBan(of: key, ticks: ticks)
            haveBansChanged = true
        }
    }

    /// Dials under way that are remembered; gossip itself has few, and gives up what it hears nothing of.
    private static let dialsMax = 256

    func send(_ message: GossipMessage, to receivers: [Link]) {
        guard !receivers.isEmpty else { return }
        let bytes = message.bcs, trafficClass = message.messageClass.traffic
        for link in receivers {
            guard let entry = links[link] else { continue }
            let result = environment.transport.send(bytes, as: trafficClass, to: entry.key)
            switch result {
            case .queued(dropped: 0), .notConnected, .notValidator, .lengthInvalid: continue
            case .queued, .queueFull:
                if trafficClass == .transactions, links.noteCongestion(link) { give(.congested(link, true)) }
            }
        }
    }

    // ── Signatures ──

    private func verify(_ transactions: [SignedTransaction]) {
        var rest = transactions[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(VerificationPool.submissionMessagesMax)), owner = owner!
            rest = rest.dropFirst(batch.count)
            let reception = environment.pool.submit(batch, as: .account(chainID: environment.chainID), lane: .bulk) { verdicts in
                let answers = zip(batch, verdicts).map { signed, verdict in
                    switch verdict {
                    case .verified(let verified): VerificationVerdict.verified(verified)
                    case .refused(let error): VerificationVerdict.refused(signed, .signatureInvalid(error))
                    case .cancelled: VerificationVerdict.cancelled(signed)
                    }
                }
                owner.post { $0.give(.verdicts(answers)) }
            }
            guard case .accepted = reception else {
                give(.verdicts(batch.map { .cancelled($0) }))
                continue
            }
        }
    }

    /// Decodes and checks a consensus message away from this queue, in the order in which messages came.
    private func authenticate(_ envelope: ConsensusEnvelope, from link: Link) {
        // A peer that sends more than can be checked is heard later: STATUS repairs what is lost.
        guard links.begin(link, max: ConsensusGate.waitingPerPeerMax) else { return }
        let arrival = Timestamp.now, verifier = verifier, owner = owner!
        ConsensusGate.owner.post { _ in
            let outcome = ConsensusGate.judge(envelope.bytes, verifier)
            owner.post { $0.authenticated(outcome, envelope, from: link, arrival: arrival) }
        }
    }

    private func authenticated(_ outcome: ConsensusGate.Outcome, _ envelope: ConsensusEnvelope, from link: Link, arrival: Timestamp) {
        links.end(link)
        switch outcome {
        case .good(let message):
            give(.message(message, from: Peer(link.rawValue), arrival: arrival))
            if envelope.relay { give(.relayConsensus(envelope, from: link)) }
        // The sender may be ahead, or far behind.
        case .otherEpoch(let height):
            if height > delivered { give(.peerHeight(Peer(link.rawValue), Height(height.rawValue - 1))) }
        case .bad(let misbehaviour): give(.misbehaved(link, misbehaviour))
        }
    }
}

/// Where consensus messages are decoded and their signatures checked: votes are few beside transactions, and wait for none of them.
enum ConsensusGate {
    enum Outcome: Sendable {
        case good(AuthenticatedMessage)
        case otherEpoch(Height)
        case bad(Misbehaviour)
    }

    /// Messages of one peer that wait: a height of a thousand validators, and a tenth of a second of one core.
    static let waitingPerPeerMax = 2_048

    static let owner = Owner<Void>("votes", ())
    static var cpuSeconds: Double { owner.cpuSeconds }

    static func judge(_ bytes: [UInt8], _ verifier: SignatureVerifier) -> Outcome {
        guard let message = try? ConsensusMessage(bcs: bytes) else { return .bad(.malformed) }
        do throws(SignatureError) { return .good(try message.authenticated(by: verifier)) } catch {
            if case .epochUnknown = error { return .otherEpoch(message.height) }
            return .bad(.consensusInvalid)
        }
    }
}
