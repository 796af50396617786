import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// Balances, nonces and histories.
enum AccountRoutes {
    static let group = "Accounts"

    static let all: [Route] = [
        Route(
            "GET /v1/accounts/{account}", group, "An account; one that never had anything is empty", keys: [.height, .proof],
            answers: .resource(AccountResource.self), refuses: [.requestPath, .heightUnknown, .heightPruned, .proofUnavailable]
        ) { exchange in
            let address = try exchange.account()
            let wantsProof = try exchange.query.flag(.proof)
            let state = try await exchange.state()
            let (record, proof) = try await exchange.backend.workers.read {
                (try AccountRecords.account(address, in: state.reader), wantsProof ? try Proofs.state([AccountRecords.key(address)], in: state) : nil)
            }
            return .json(
                AccountResource(
                    address: AddressText(address, on: exchange.network), height: state.header.height.rawValue, exists: record != nil,
                    balance: AmountText(record?.balance ?? .zero), nonce: record?.nonce.rawValue ?? 0,
                    nextNonce: await exchange.node.nextNonce(of: address).rawValue, proof: proof.map { Hex($0.bcs) }),
                at: Position(state))
        },
        Route(
            "GET /v1/accounts/{account}/transactions", group, "Transactions that the account sent, or that paid it, newest first", keys: [.limit, .cursor],
            answers: .resource(PageResource<TransactionReport>.self), refuses: [.requestPath, .cursorMalformed], cost: 5, handler: transactions),
        Route(
            "GET /v1/accounts/{account}/pending", group, "Transactions of the account that wait", answers: .resource(PendingListResource.self),
            refuses: [.requestPath]
        ) { exchange in
            let address = try exchange.account()
            return .json(PendingListResource(
                address: AddressText(address, on: exchange.network), nextNonce: await exchange.node.nextNonce(of: address).rawValue,
                items: await exchange.node.pending(of: address).map { PendingResource($0) }))
        },
    ]

    @Sendable private static func transactions(_ exchange: Exchange) async throws -> Reply {
        let address = try exchange.account()
        let limit = try exchange.query.limit()
        let cursor = try Cursor(exchange.query, .accountTransactions)
        let pin = cursor?.pin ?? exchange.head.height
        // Below the first position above the pin, to begin with.
        let below = cursor.map { TransactionPosition(height: $0.height, index: $0.index) } ?? TransactionPosition(height: pin.successor, index: 0)
        // One more tells whether the list goes on.
        let positions = try await exchange.node.transactions(of: address, below: below, limit: limit + 1)
        var items: [TransactionReport] = []
        var open: BlockIndex?
        for position in positions.prefix(limit) {
            if open?.height != position.height { open = try await exchange.node.block(at: position.height).map { BlockIndex($0) } }
            guard let index = open, Int(position.index) < index.block.transactions.count else { break }
            let id = index.block.transactions[Int(position.index)].id
            items.append(await TransactionRoutes.report(on: id, at: position, in: index, exchange, isAlone: false))
        }
        let last = items.count == limit && positions.count > limit ? positions[limit - 1] : nil
        return .json(PageResource(
            items: items, next: last.map { Cursor(.accountTransactions, pin: pin, height: $0.height, index: $0.index).text }, height: pin.rawValue))
    }
}
