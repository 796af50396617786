import Ledger
import Primitives

/// Answers what peers ask for, a few requests of each at a time; the shell reads, this cuts the answers to what a frame holds.
struct SyncServer {
    let peers: SyncPeers

    func serve(_ message: GossipMessage, to link: Link, _ outbox: inout Outbox) {
        guard let peer = peers[link] else { return }
        guard peer.serving < GossipLimits.servingPerLinkMax else { return outbox.offend(link, .requestFlood) }
        switch message {
        case .blocksRequest(let request): outbox.effects.append(.readBlocks(request.heights, for: link))
        case .lightRequest(let request): outbox.effects.append(.readLight(request, for: link))
        case .chunkRequest(let request): outbox.effects.append(.readChunk(request, for: link))
        default: return
        }
        peer.serving += 1
    }

    func answer(_ message: GossipMessage, to link: Link, _ outbox: inout Outbox) {
        guard let peer = peers[link] else { return }
        if peer.serving > 0 { peer.serving -= 1 }
        outbox.send(message, to: link)
    }

    /// As many headers as a frame holds.
    static func fitting(_ blocks: [LightBlock]) -> [LightBlock] {
        var left = GossipLimits.blocksBytesMax
        return Array(blocks.prefix(GossipLimits.lightBlocksMax).prefix { block in
            left -= block.bcs.count
            return left >= 0
        })
    }
}
