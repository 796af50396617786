import Hummingbird
import Interface
import Ledger
import Primitives
import WorldState

/// Answers that carry their own proof.
enum ProofRoutes {
    static let group = "Proofs"

    static let all: [Route] = [
        Route(
            "POST /v1/proofs/state", group, "Prove what a state says about keys: values and absences", keys: [.height], takes: .resource(ProofRequest.self),
            answers: .resource(ProofResource.self),
            refuses: [.requestMalformed, .requestMediaType, .heightUnknown, .heightPruned, .proofUnavailable, .proofTooLarge], cost: 5
        ) { exchange in
            let keys = try exchange.resource(ProofRequest.self).keys.enumerated().map { place, bytes in
                guard let key = StateKey(bytes.bytes) else { throw Problem(.requestMalformed, "Must be a contract's address and a key of at most 256 bytes.", at: "keys[\(place)]") }
                return key
            }
            guard !keys.isEmpty else { throw Problem(.requestMalformed, "There must be a key.", at: "keys") }
            let state = try await exchange.state()
            let bundle = try await exchange.backend.workers.read { try Proofs.state(keys, in: state) }
            return reply(.state, bundle, hash: state.header.digest)
        },
        Route(
            "GET /v1/proofs/transactions/{transaction}", group, "Prove that a block contains a transaction", answers: .resource(ProofResource.self),
            refuses: [.requestPath, .transactionUnknown, .heightPruned, .proofUnavailable], cost: 5
        ) { exchange in
            let (block, place) = try await find(exchange)
            return reply(.transaction, try await Proofs.transaction(place, of: block, exchange), hash: block.hash)
        },
        Route(
            "GET /v1/proofs/receipts/{transaction}", group, "Prove what came of a transaction", answers: .resource(ProofResource.self),
            refuses: [.requestPath, .transactionUnknown, .heightPruned, .proofUnavailable], cost: 5
        ) { exchange in
            let (block, place) = try await find(exchange)
            return reply(.receipt, try await Proofs.receipt(place, of: block, exchange), hash: block.hash)
        },
        Route(
            "GET /v1/proofs/events/{event}", group, "Prove that an event was emitted, by whom and for what", answers: .resource(ProofResource.self),
            refuses: [.requestPath, .eventUnknown, .heightUnknown, .heightPruned, .proofUnavailable], cost: 5
        ) { exchange in
            guard let mark = EventMark(text: exchange.capture("event")), let receipt = mark.receipt, let event = mark.event else {
                throw exchange.refusePath("event", "height-receipt-event")
            }
            let block = try await exchange.block(at: mark.height)
            let index = BlockIndex(block)
            guard let place = block.events.firstIndex(where: { $0.index == event && index.receiptIndex(of: $0.origin) == Int(receipt) }) else {
                throw Problem(.eventUnknown, "The block has no such event.")
            }
            return reply(.event, try await Proofs.event(place, of: block, exchange), hash: block.hash)
        },
    ]

    private static func find(_ exchange: Exchange) async throws -> (FinalBlock, Int) {
        let id = try exchange.transactionID()
        guard case .final(let position)? = try await exchange.node.transaction(id) else {
            throw Problem(.transactionUnknown, "No block that is known contains \(FixedHex(id)).")
        }
        let block = try await exchange.block(at: position.height)
        guard Int(position.index) < block.transactions.count, Int(position.index) < block.receipts.count else {
            throw Problem(.internalFault, "The block is shorter than its index.")
        }
        return (block, Int(position.index))
    }

    private static func reply(_ kind: ProofKind, _ bundle: ProofBundle, hash: Digest) -> Reply {
        .json(
            ProofResource(kind: kind, height: bundle.block.height.rawValue, blockHash: FixedHex(hash), bundle: Hex(bundle.bcs)),
            at: Position(bundle.block.height, hash))
    }
}
