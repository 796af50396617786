import Interface
import Ledger
import Primitives

/// The events of recent blocks as they go to streams: read, decoded and written as JSON once for all who listen.
actor EventFeed {
    private let node: any NodeView
    private let schemas: SchemaShelf
    private var blocks: [Height: Task<FeedBlock?, any Error>] = [:]
    /// In the order in which they were asked for.
    private var recent: [Height] = []
    private var replays = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Blocks that are kept: streams that follow the head are never further apart.
    private static let blocksMax = 8
    /// Streams that read old blocks at the same time: whoever catches up does not hold up those who follow.
    private static let replaysMax = 4

    init(node: any NodeView, schemas: SchemaShelf) {
        self.node = node
        self.schemas = schemas
    }

    /// The block of a height; nil when it is not kept.
    func block(at height: Height) async throws -> FeedBlock? {
        guard height.rawValue + UInt64(Self.blocksMax) > node.head.height.rawValue else { return try await replayed(height) }
        let task: Task<FeedBlock?, any Error>
        if let known = blocks[height] {
            task = known
        } else {
            task = Task { try await Self.read(height, node, schemas) }
            blocks[height] = task
            recent.append(height)
            if recent.count > Self.blocksMax { blocks[recent.removeFirst()] = nil }
        }
        do { return try await task.value } catch {
            if blocks[height] == task {
                blocks[height] = nil
                recent.removeAll { $0 == height }
            }
            throw error
        }
    }

    private func replayed(_ height: Height) async throws -> FeedBlock? {
        if replays < Self.replaysMax { replays += 1 } else { await withCheckedContinuation { waiting.append($0) } }
        // The place goes on to whoever waits longest.
        defer { if waiting.isEmpty { replays -= 1 } else { waiting.removeFirst().resume() } }
        return try await Self.read(height, node, schemas)
    }

    private static func read(_ height: Height, _ node: any NodeView, _ schemas: SchemaShelf) async throws -> FeedBlock? {
        guard let block = try await node.block(at: height) else { return nil }
        let renderer = Renderer(network: node.genesis.charter.network, book: await schemas.book(block.events.lazy.map(\.event.contract)))
        let index = BlockIndex(block)
        return FeedBlock(
            height: height, json: BlockResource(block, isAlone: false).json,
            events: block.events.indices.map { place in
                let resource = renderer.event(place, of: index)
                let receipt = Int(resource.receiptIndex)
                let sender = receipt < block.transactions.count ? block.transactions[receipt].sender.text(on: renderer.network) : nil
                return FeedEvent(resource: resource, sender: sender, json: resource.json)
            })
    }
}

/// A block as it goes to streams.
struct FeedBlock: Sendable {
    let height: Height
    let json: [UInt8]
    let events: [FeedEvent]
}

struct FeedEvent: Sendable {
    let resource: EventResource
    /// Who signed the transaction that caused it.
    let sender: String?
    let json: [UInt8]

    var mark: EventMark { EventMark(height: Height(resource.height), receipt: resource.receiptIndex, event: resource.index) }
}
