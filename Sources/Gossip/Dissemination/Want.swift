import Ledger
import Primitives

/// A body that this node wants and who may have it.
///
/// Invariant: `assignee` is among those that said they have it; the other holders have not been asked.
struct Want {
    /// Who is asked, or is about to be.
    var assignee: Link
    /// The pull under way that names the body; nil while it waits to be asked for.
    var pull: UInt64?
    var holders: [Link] = []
    /// A proposal waits for it.
    var isUrgent: Bool
}

/// Hashes asked of one peer together.
struct Pull {
    let number: UInt64
    let deadline: GossipTick
    let hashes: [EnvelopeHash]
    /// How many are still outstanding.
    var left: Int
}

/// What spreading knows of one peer. Every list has its bound in ``GossipLimits``.
final class SpreadingPeer {
    let link: Link
    /// The consensus key, if it is a validator of this epoch.
    var validator: PublicKey?
    /// Whether bodies are pushed to it: both are validators of a small set.
    var isMeshed = false
    var isCongested = false
    /// Announcements were left out while it was congested or flooded.
    var needsInventory = false

    // ── Going out ──
    var pushes: [Verified<SignedTransaction>] = []
    var pushBytes = 0
    var announcements: [EnvelopeHash] = []
    /// Hashes that the peer has: it sent or announced them, or was sent the body.
    var has = GenerationSet<EnvelopeHash>(capacity: GossipLimits.knownPerLinkMax)
    /// Hashes that were announced to it.
    var told = GenerationSet<EnvelopeHash>(capacity: GossipLimits.knownPerLinkMax)
    /// Bytes that it may still pull.
    var serveCredit = 4 * GossipLimits.serveBytesPerSecond

    // ── Coming in ──
    /// Wants assigned to it that were not asked for yet, some of them forgotten since; those of proposals first.
    var urgentQueue: [EnvelopeHash] = []
    var queue: [EnvelopeHash] = []
    var pulls: [Pull] = []
    /// Wants assigned to it in all.
    var assigned = 0

    init(link: Link, validator: PublicKey?) {
        self.link = link
        self.validator = validator
    }
}
