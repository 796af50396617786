import Hummingbird
import Interface
import Ledger
import Primitives

/// Submitting transactions, and what became of them.
enum TransactionRoutes {
    static let group = "Transactions"
    private static let wait = QueryKey("wait", "`committed`: answer when the transaction is in a block.", .words(["committed"]))
    private static let brief = QueryKey("brief", "Whether to leave the transaction itself out of the answer: who submits it knows it.", .bool)
    private static let timeout = QueryKey("timeout", "Seconds to wait at most, from 1 to 60; 20 when absent.", .integer)

    static let all: [Route] = [
        Route(
            "POST /v1/transactions", group, "Submit a signed transaction; the same bytes have the same answer however often they are sent",
            keys: [wait, timeout, brief], takes: .resourceOrBytes(SubmissionRequest.self, "The signed transaction in BCS."),
            answers: .resource(SubmissionResource.self, .accepted), .resource(TransactionReport.self),
            refuses: [.requestMalformed, .requestMediaType, .transactionRefused, .nodeBusy], cost: 2, handler: submit),
        Route(
            "POST /v1/transactions/batch", group, "Submit many signed transactions",
            takes: .bytes("A BCS sequence of byte strings, each a signed transaction: a ULEB128 count, then each with its length as ULEB128 before it."),
            answers: .resource(BatchResource.self), refuses: [.requestMalformed, .requestMediaType, .nodeBusy], cost: 10, handler: submitMany),
        Route(
            "GET /v1/transactions/{transaction}", group, "All that is known of a transaction", answers: .resource(TransactionReport.self),
            refuses: [.requestPath, .transactionUnknown]
        ) { exchange in
            let id = try exchange.transactionID()
            guard let (report, position) = try await report(on: id, exchange) else { throw Problem(.transactionUnknown, "Nothing is known of \(FixedHex(id)).") }
            return .json(report, at: position)
        },
        Route("GET /v1/fees", group, "What a unit of gas should be offered", answers: .resource(FeesResource.self)) { exchange in
            let fees = await exchange.node.fees()
            return .json(FeesResource(
                minimum: AmountText(fees.minimum), low: AmountText(fees.low), medium: AmountText(fees.medium), high: AmountText(fees.high)))
        },
    ]

    // ── One ──

    @Sendable private static func submit(_ exchange: Exchange) async throws -> Reply {
        let waits = try exchange.query.text(wait).map { text in
            guard text == "committed" else { throw Problem(.requestQuery, "Must be committed.", at: "wait") }
            return true
        } ?? false
        let seconds = try exchange.query.number(timeout, 1...RequestLimits.waitSecondsMax) ?? RequestLimits.waitSecondsDefault
        let signed = try transaction(try envelope(exchange))
        let id = signed.id
        let isBrief = try exchange.query.flag(brief)
        var isFinal = false
        switch await exchange.node.submit([signed]).first {
        case .admitted: break
        case .final: isFinal = true
        case .refused(_, let code, let reason): throw Problem(transaction: code, reason: reason)
        case .busy, nil: throw Problem(.nodeBusy, "The pool takes no more for now; the same bytes may be sent again.")
        }
        if waits, let (report, position) = try await committed(id, isFinal, within: Double(seconds), isBrief: isBrief, exchange) {
            return .json(report, at: position)
        }
        var reply = Reply.json(SubmissionResource(id: FixedHex(id)), .accepted)
        reply.headers[.location] = "/v1/transactions/\(FixedHex(id))"
        return reply
    }

    private static func envelope(_ exchange: Exchange) throws -> [UInt8] {
        switch exchange.mediaType {
        case "application/octet-stream": exchange.body
        case "text/plain":
            if let bytes = [UInt8](hex: String(decoding: exchange.body, as: UTF8.self).filter { !$0.isWhitespace }) { bytes } else {
                throw Problem(.requestMalformed, "The body is not hexadecimal.")
            }
        default: try exchange.resource(SubmissionRequest.self).transaction.bytes
        }
    }

    private static func transaction(_ envelope: [UInt8]) throws -> SignedTransaction {
        do { return try SignedTransaction(bcs: envelope) } catch {
            throw Problem(transaction: TransactionRejection.malformed(error).code, reason: "The bytes are no signed transaction: \(error).")
        }
    }

    /// The report on `id` as soon as it is in a block; nil when that does not happen in time.
    private static func committed(
        _ id: TransactionID, _ isFinal: Bool, within seconds: Double, isBrief: Bool, _ exchange: Exchange
    ) async throws -> (TransactionReport, Position?)? {
        let tallies = exchange.backend.tallies
        guard tallies.enter(.waiters, max: exchange.backend.configuration.waitersMax) else { throw Problem(.nodeBusy, "Too many requests wait for a block.") }
        defer { tallies.leave(.waiters) }
        if !isFinal { try await within(seconds) { await exchange.node.settled(id) } }
        guard let (report, position) = try await report(on: id, isBrief: isBrief, exchange), report.state != .pending else { return nil }
        if report.state == .dropped { throw Problem(transaction: report.code ?? "tx.dropped", reason: "The transaction left the pool without being committed.") }
        return (report, position)
    }

    // ── Many ──

    @Sendable private static func submitMany(_ exchange: Exchange) async throws -> Reply {
        guard exchange.mediaType == "application/octet-stream" else {
            throw Problem(.requestMediaType, "Must be application/octet-stream.", at: "Content-Type")
        }
        var envelopes: [[UInt8]] = []
        do throws(BCSError) {
            var decoder = BCSDecoder(exchange.body)
            for _ in 0..<(try decoder.decodeLength(limit: RequestLimits.batchMax)) {
                envelopes.append(try decoder.decodeBytes(limit: Limits.transactionBytesMax))
            }
            try decoder.finish()
        } catch { throw Problem(.requestMalformed, "The body is no sequence of byte strings: \(error).") }

        var items: [BatchItemResource?] = []
        var signed: [SignedTransaction] = []
        for envelope in envelopes {
            do throws(BCSError) {
                signed.append(try SignedTransaction(bcs: envelope))
                items.append(nil)
            } catch {
                items.append(BatchItemResource(state: .refused, code: TransactionRejection.malformed(error).code, detail: "\(error)"))
            }
        }
        let answers = signed.isEmpty ? [] : await exchange.node.submit(signed)
        if !answers.isEmpty, answers.allSatisfy({ if case .busy = $0 { true } else { false } }) {
            throw Problem(.nodeBusy, "The pool takes no more for now; the same bytes may be sent again.")
        }
        var next = answers.makeIterator()
        return .json(BatchResource(items: items.map { $0 ?? next.next().map(item) ?? BatchItemResource(state: .busy) }))
    }

    private static func item(_ answer: SubmissionAnswer) -> BatchItemResource {
        switch answer {
        case .admitted(let id): BatchItemResource(id: FixedHex(id), state: .accepted)
        case .final(let id, _): BatchItemResource(id: FixedHex(id), state: .committed)
        case .refused(let id, let code, let reason): BatchItemResource(id: FixedHex(id), state: .refused, code: code, detail: reason)
        case .busy(let id): BatchItemResource(id: FixedHex(id), state: .busy, code: ProblemCode.nodeBusy.rawValue)
        }
    }

    // ── Reports ──

    static func report(on id: TransactionID, isBrief: Bool = false, _ exchange: Exchange) async throws -> (TransactionReport, Position?)? {
        switch try await exchange.node.transaction(id) {
        case nil: nil
        case .pending(let pending): (TransactionReport(id: FixedHex(id), state: .pending, pending: PendingResource(pending)), nil)
        case .dropped(let code): (TransactionReport(id: FixedHex(id), state: .dropped, code: code), nil)
        case .final(let position):
            if let block = try await exchange.node.block(at: position.height) {
                (await report(on: id, at: position, in: BlockIndex(block, ofOnly: Int(position.index)), exchange, isAlone: true, isBrief: isBrief), Position(block))
            } else {
                // The place of a transaction is remembered longer than its block.
                (TransactionReport(id: FixedHex(id), state: .committed, height: position.height.rawValue, index: position.index), nil)
            }
        }
    }

    /// - Parameters:
    ///   - isAlone: with its envelope and its events.
    ///   - isBrief: without the transaction itself.
    static func report(
        on id: TransactionID, at position: TransactionPosition, in index: BlockIndex, _ exchange: Exchange, isAlone: Bool, isBrief: Bool = false
    ) async -> TransactionReport {
        let block = index.block
        let place = Int(position.index)
        guard place < block.transactions.count, place < block.receipts.count else {
            return TransactionReport(id: FixedHex(id), state: .committed, height: position.height.rawValue, index: position.index)
        }
        let events = isAlone ? index.events(ofReceipt: place).map { block.events[$0].event.contract } : []
        let mentioned = block.transactions[place].transaction.calls.map(\.contract) + events + [block.receipts[place].outcome.failure?.contract].compactMap { $0 }
        let renderer = Renderer(network: exchange.network, book: await exchange.backend.schemas.book(mentioned))
        return TransactionReport(
            id: FixedHex(id), state: .committed, height: position.height.rawValue, index: position.index, blockHash: FixedHex(block.hash),
            time: TimeText(block.header.draft.time), transaction: isBrief ? nil : renderer.transaction(block.transactions[place], withEnvelope: isAlone),
            receipt: renderer.receipt(place, of: index, withEvents: isAlone))
    }
}

/// Runs `body`, and cancels it after some seconds.
func within(_ seconds: Double, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(operation: body)
        group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
        try await group.next()
        group.cancelAll()
    }
}
