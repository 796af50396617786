import API
import Consensus
import Dispatch
import Gossip
import Ledger
import Logging
import Primitives
import Storage
import Verification

/// Blocks and headers for those who are behind, and from those who are ahead.
extension Core {
    /// Where blocks are read and decoded for peers; they wait for each other and for nothing else.
    static let reading = DispatchQueue(label: "trellis.reading")

    // ── For others ──

    func readBlocks(_ heights: ClosedRange<Height>, for link: Link) {
        let store = environment.stores.chain, owner = owner!, log = environment.log, published = environment.published
        Self.reading.async {
            var found: [[UInt8]] = []
            var bytes = 0
            var height = heights.lowerBound
            while height <= heights.upperBound, bytes < GossipLimits.blocksBytesMax {
                do {
                    guard let block = try StoredBlock.read(height, in: store, or: published)?.block else { break }
                    let encoded = block.bcs
                    bytes += encoded.count
                    found.append(encoded)
                } catch {
                    log.error("reading block \(height) for a peer: \(error)")
                    break
                }
                height = height.successor
            }
            let first = heights.lowerBound
            owner.post { [found] in $0.give(.blocksRead(first: first, found, for: link)) }
        }
    }

    // ── From others ──

    /// Judges the next block that came, if it follows the newest one.
    func judgeNext() {
        guard delivered == replica.position.height, let item = judging.next(above: delivered) else { return }
        let verifier = verifier, pool = environment.pool, chainID = environment.chainID, owner = owner!
        Task {
            let judged = await CatchUpBlock.judge(item.bytes, at: item.height, verifier, pool, chainID: chainID)
            owner.post { $0.judged(judged, item) }
        }
    }

    private func judged(_ judged: CatchUpBlock?, _ item: JudgementQueue.Item) {
        guard let judged else {
            judging.refused(item.height)
            return give(.blockJudged(item.height, accepted: false))
        }
        let block = judged.authenticated.block
        bodies[block.header.draft.digest] = Bodies(height: block.height, transactions: judged.transactions)
        // It counts as accepted when it is final here: `delivered` says so.
        give(.block(judged.authenticated, from: Peer(item.link.rawValue)))
    }
}

extension StoredBlock {
    /// The block of a height: from memory while it is new, else from the log; nil when it is nowhere.
    static func read(_ height: Height, in store: ChainStore, or published: Published) throws -> StoredBlock? {
        if let recent = published.recent(height) {
            return StoredBlock(
                header: recent.header, certificate: recent.certificate, transactions: recent.transactions, receipts: recent.receipts, events: recent.events)
        }
        return try store.blocks.read(height).map { try StoredBlock($0) }
    }
}
