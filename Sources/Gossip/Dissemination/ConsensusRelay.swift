import Cryptography
import Primitives

/// Carries consensus messages to validators that their sender is not connected to: to all that are, and, when some are not,
/// through others. Each message is passed on once, and only after it has verified.
struct ConsensusRelay {
    private var seen = GenerationSet<Digest>(capacity: GossipLimits.relayedMax)
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    var seenCount: Int { seen.count }

    /// Sends an own message.
    mutating func send(_ bytes: [UInt8], to validator: PublicKey?, _ dissemination: Dissemination, _ outbox: inout Outbox) {
        guard bytes.count <= GossipLimits.consensusBytesMax else { return }
        if let validator, let link = dissemination.link(of: validator) {
            return outbox.send(.consensus(ConsensusEnvelope(relay: false, bytes: bytes)), to: link)
        }
        seen.insert(SHA256.hash(bytes))
        spread(bytes, relay: !dissemination.reachesAllValidators, but: nil, dissemination, &outbox)
    }

    /// Hands a message to the shell, unless it was seen before. It is remembered only when it has verified, so that nobody can
    /// stop a message by sending something first.
    func receive(_ envelope: ConsensusEnvelope, from link: Link, _ outbox: inout Outbox) {
        if envelope.relay, seen.contains(SHA256.hash(envelope.bytes)) { return }
        outbox.effects.append(.consensus(envelope, from: link))
    }

    /// Passes a message on that has verified and whose sender does not reach all validators.
    mutating func relay(_ envelope: ConsensusEnvelope, from link: Link, _ dissemination: Dissemination, _ outbox: inout Outbox) {
        guard envelope.relay, seen.insert(SHA256.hash(envelope.bytes)) else { return }
        spread(envelope.bytes, relay: true, but: link, dissemination, &outbox)
    }

    private mutating func spread(_ bytes: [UInt8], relay: Bool, but source: Link?, _ dissemination: Dissemination, _ outbox: inout Outbox) {
        let validators = dissemination.validatorLinks.filter { $0 != source }
        // All of a small set, and all of any set for the node that speaks; a few when a message is passed on among many.
        var links = source == nil || validators.count <= GossipLimits.meshValidatorsMax ? validators : pick(validators)
        if relay { links += pick(dissemination.peers.links.filter { $0 != source && !validators.contains($0) }) }
        outbox.send(.consensus(ConsensusEnvelope(relay: relay, bytes: bytes)), to: links)
    }

    /// At most ``GossipLimits/relayFanout`` of `links`.
    private mutating func pick(_ links: [Link]) -> [Link] {
        var links = links
        while links.count > GossipLimits.relayFanout { links.remove(at: random.below(links.count)) }
        return links
    }
}
