import Interface
import Ledger
import Primitives
import Synchronization

/// The events of recent blocks as they go to streams: read once, and what anybody wants of it decoded and written once for all who listen.
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
        return FeedBlock(block, renderer)
    }
}

/// A block as it goes to streams. An event is decoded and written when the first stream wants it.
final class FeedBlock: Sendable {
    let height: Height
    let json: [UInt8]
    let index: BlockIndex
    private let renderer: Renderer
    private let events: Mutex<[FeedEvent?]>

    init(_ block: FinalBlock, _ renderer: Renderer) {
        height = block.header.height
        json = BlockResource(block, isAlone: false).json
        index = BlockIndex(block)
        self.renderer = renderer
        events = Mutex(Array(repeating: nil, count: block.events.count))
    }

    var places: Range<Int> { index.block.events.indices }

    func mark(_ place: Int) -> EventMark {
        let record = index.block.events[place]
        return EventMark(height: height, receipt: UInt32(index.receiptIndex(of: record.origin)), event: record.index)
    }

    /// Who signed the transaction that caused an event.
    func sender(_ place: Int) -> Address? {
        let receipt = index.receiptIndex(of: index.block.events[place].origin), transactions = index.block.transactions
        return receipt < transactions.count ? transactions[receipt].sender : nil
    }

    func event(_ place: Int) -> FeedEvent {
        if let known = events.withLock({ $0[place] }) { return known }
        let resource = renderer.event(place, of: index)
        let event = FeedEvent(resource: resource, sender: sender(place)?.text(on: renderer.network), json: resource.json)
        events.withLock { $0[place] = event }
        return event
    }
}

struct FeedEvent: Sendable {
    let resource: EventResource
    /// Who signed the transaction that caused it.
    let sender: String?
    let json: [UInt8]
}
