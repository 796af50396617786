import Hummingbird
import Interface
import Ledger
import Primitives

/// Blocks and what is in them.
enum BlockRoutes {
    static let group = "Blocks"

    static let all: [Route] = [
        Route(
            "GET /v1/blocks", group, "Blocks, newest first", keys: [.limit, .cursor], answers: .resource(PageResource<BlockResource>.self),
            refuses: [.cursorMalformed], cost: 3, handler: list),
        Route(
            "GET /v1/blocks/{block}", group, "A block", answers: .resource(BlockResource.self), refuses: refusals
        ) { exchange in
            let block = try await find(exchange)
            return .json(BlockResource(block, isAlone: true), at: Position(block))
        },
        Route(
            "GET /v1/blocks/{block}/transactions", group, "The transactions of a block, in their order", keys: [.limit, .cursor],
            answers: .resource(PageResource<TransactionResource>.self), refuses: refusals + [.cursorMalformed], cost: 3
        ) { exchange in
            try await part(exchange, .transactions, count: \.transactions.count, contracts: { block, range in
                block.transactions[range].flatMap { $0.transaction.calls.map(\.contract) }
            }) { renderer, index, place in renderer.transaction(index.block.transactions[place]) }
        },
        Route(
            "GET /v1/blocks/{block}/receipts", group, "What came of the transactions and hooks of a block, in their order", keys: [.limit, .cursor],
            answers: .resource(PageResource<ReceiptResource>.self), refuses: refusals + [.cursorMalformed], cost: 3
        ) { exchange in
            try await part(exchange, .receipts, count: \.receipts.count, contracts: { block, range in
                block.receipts[range].compactMap { $0.outcome.failure?.contract }
                    + block.transactions[range.clamped(to: block.transactions.indices)].flatMap { $0.transaction.calls.map(\.contract) }
            }) { renderer, index, place in renderer.receipt(place, of: index) }
        },
        Route(
            "GET /v1/blocks/{block}/events", group, "What contracts told in a block, in its order", keys: [.limit, .cursor],
            answers: .resource(PageResource<EventResource>.self), refuses: refusals + [.cursorMalformed], cost: 3
        ) { exchange in
            try await part(exchange, .events, count: \.events.count, contracts: { block, range in block.events[range].map(\.event.contract) }) {
                renderer, index, place in renderer.event(place, of: index)
            }
        },
    ]

    private static let refusals: [ProblemCode] = [.blockUnknown, .heightUnknown, .heightPruned]

    /// The block that the path names.
    static func find(_ exchange: Exchange) async throws -> FinalBlock {
        let text = exchange.capture("block")
        if text == "head" { return try await exchange.block(at: exchange.head.height) }
        if text.utf8.count >= 2 * Digest.byteCount {
            guard let hash = Digest(hex: text) else { throw exchange.refusePath("block", "a height, 32 bytes in hexadecimal, or head") }
            guard let height = try await exchange.node.height(ofBlock: hash), let block = try await exchange.node.block(at: height) else {
                throw Problem(.blockUnknown, "No block of this hash is kept.", oldestHeight: exchange.head.oldestBlock.rawValue)
            }
            return block
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let height = UInt64(text) else {
            throw exchange.refusePath("block", "a height, 32 bytes in hexadecimal, or head")
        }
        return try await exchange.block(at: Height(height))
    }

    @Sendable private static func list(_ exchange: Exchange) async throws -> Reply {
        let cursor = try Cursor(exchange.query, .blocks)
        let limit = try exchange.query.limit()
        let pin = cursor?.pin ?? exchange.head.height
        var next: Height? = cursor?.height ?? pin
        var items: [BlockResource] = []
        while let height = next, items.count < limit, height >= exchange.head.oldestBlock {
            // Gone since the request came: the list ends here.
            guard let block = try await exchange.node.block(at: height) else { next = nil; break }
            items.append(BlockResource(block, isAlone: false))
            next = height.predecessor
        }
        let more = next.flatMap { $0 >= exchange.head.oldestBlock ? Cursor(.blocks, pin: pin, height: $0).text : nil }
        return .json(PageResource(items: items, next: more, height: pin.rawValue))
    }

    /// A part of a list within one block.
    private static func part<Item: Resource>(
        _ exchange: Exchange, _ list: Cursor.List, count: (FinalBlock) -> Int, contracts: (FinalBlock, Range<Int>) -> [Address],
        item: (Renderer, BlockIndex, Int) -> Item
    ) async throws -> Reply {
        let cursor = try Cursor(exchange.query, list)
        let limit = try exchange.query.limit()
        let block = try await find(exchange)
        let height = block.header.height
        guard cursor.map({ $0.pin == height }) ?? true else { throw Problem(.cursorMalformed, "The cursor is of another block.", at: "cursor") }
        let count = count(block)
        let begin = min(Int(cursor?.index ?? 0), count)
        let range = begin..<min(begin + limit, count)
        let renderer = Renderer(network: exchange.network, book: await exchange.backend.schemas.book(contracts(block, range)))
        let index = BlockIndex(block)
        let next = range.upperBound < count ? Cursor(list, pin: height, height: height, index: UInt32(range.upperBound)).text : nil
        return .json(PageResource(items: range.map { item(renderer, index, $0) }, next: next, height: height.rawValue), at: Position(index.block))
    }
}
