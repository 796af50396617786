import Cryptography
import Execution
import Interface
import Ledger
import Primitives

/// Makes resources of the ledger's values, decoded by the schemas of a book.
struct Renderer: Sendable {
    let network: NetworkKind
    let book: SchemaBook
    private let codec: SchemaCodec

    init(network: NetworkKind, book: SchemaBook) {
        self.network = network
        self.book = book
        codec = SchemaCodec(network: network, for: .programs)
    }

    func address(_ address: Address) -> AddressText { AddressText(address, on: network) }

    // ── Calls ──

    func call(_ call: Call) -> CallResource {
        let schema = book[call.contract]
        let method = schema?.methods.first { $0.name == call.method.text }
        return CallResource(
            contract: address(call.contract), contractName: schema?.name, method: call.method.text,
            arguments: method.flatMap { try? codec.decode(call.arguments, as: $0.arguments) }, data: Hex(call.arguments), value: AmountText(call.value))
    }

    func result(_ data: [UInt8], of method: MethodSchema?) -> ResultResource {
        let value = method.flatMap { try? codec.decode(data, as: $0.result) }
        // Nothing to say, and an option that is none, are left out like all that is absent.
        return ResultResource(value: value == .null ? nil : value, data: Hex(data))
    }

    /// Results of `calls`, which are known for transactions alone.
    func results(_ outcome: Outcome, of calls: [Call]) -> [ResultResource] {
        guard case .succeeded(let results) = outcome else { return [] }
        return results.values.enumerated().map { place, data in
            let call = place < calls.count ? calls[place] : nil
            return result(data, of: call.flatMap { call in book[call.contract]?.methods.first { $0.name == call.method.text } })
        }
    }

    func failure(_ outcome: Outcome) -> FailureResource? {
        guard let failure = outcome.failure else { return nil }
        let meaning = failure.code == 0 ? nil : book.error(failure.code, of: failure.contract)
        return FailureResource(
            callIndex: failure.callIndex, contract: address(failure.contract), contractName: book[failure.contract]?.name, code: failure.code,
            name: meaning?.name, message: failure.message.text, text: meaning?.text, hint: meaning?.hint)
    }

    static func word(_ outcome: Outcome) -> OutcomeWord {
        switch outcome {
        case .succeeded: .succeeded
        case .reverted: .reverted
        case .trapped: .trapped
        case .outOfGas: .outOfGas
        }
    }

    func fields(_ event: Event) -> DynamicValue? {
        book[event.contract]?.events.first { $0.name == event.name.text }.flatMap { try? codec.decode(event.data, as: $0.fields) }
    }

    func simulated(_ event: Event) -> SimulatedEvent {
        SimulatedEvent(
            contract: address(event.contract), contractName: book[event.contract]?.name, name: event.name.text, fields: fields(event), data: Hex(event.data))
    }

    // ── What blocks hold ──

    func transaction(_ signed: SignedTransaction, withEnvelope: Bool = false) -> TransactionResource {
        let transaction = signed.transaction
        return TransactionResource(
            id: FixedHex(signed.id), envelopeHash: FixedHex(signed.envelopeHash.digest), sender: address(transaction.sender),
            nonce: transaction.nonce.rawValue, validUntilHeight: transaction.validUntilHeight.rawValue, gasLimit: transaction.gasLimit.rawValue,
            gasPrice: AmountText(transaction.gasPrice), calls: transaction.calls.map(call), memo: transaction.memo.text,
            signatureCount: UInt32(signed.authenticator.signatureCount), bytes: UInt64(signed.envelope.count),
            envelope: withEnvelope ? Hex(signed.envelope) : nil)
    }

    func receipt(_ index: Int, of block: BlockIndex, withEvents: Bool = false) -> ReceiptResource {
        let receipt = block.block.receipts[index]
        let calls = index < block.block.transactions.count ? block.block.transactions[index].transaction.calls : []
        let (transaction, hook) = origin(receipt.origin)
        return ReceiptResource(
            height: block.height.rawValue, index: UInt32(index), transaction: transaction, hook: hook, outcome: Self.word(receipt.outcome),
            results: results(receipt.outcome, of: calls), failure: failure(receipt.outcome), gasUsed: receipt.gasUsed.rawValue,
            fee: AmountText(receipt.fee), eventCount: receipt.eventCount,
            events: withEvents ? block.events(ofReceipt: index).map { event($0, of: block) } : nil)
    }

    /// The event at a place among all of the block.
    func event(_ place: Int, of block: BlockIndex) -> EventResource {
        let record = block.block.events[place]
        let receipt = block.receiptIndex(of: record.origin)
        let (transaction, hook) = origin(record.origin)
        return EventResource(
            id: block.id(of: place), height: block.height.rawValue, time: TimeText(block.block.header.draft.time),
            receiptIndex: UInt32(receipt), index: record.index, transaction: transaction, hook: hook, contract: address(record.event.contract),
            contractName: book[record.event.contract]?.name, name: record.event.name.text, fields: fields(record.event), data: Hex(record.event.data))
    }

    private func origin(_ origin: Origin) -> (FixedHex<TransactionID>?, HookResource?) {
        switch origin {
        case .transaction(let id): (FixedHex(id), nil)
        case .hook(let contract, let method): (nil, HookResource(contract: address(contract), method: method.text))
        }
    }
}

/// A block with the way from its events to its receipts.
struct BlockIndex: Sendable {
    let block: FinalBlock
    private let receipts: [Origin: Int]

    /// For one receipt and its events alone.
    init(_ block: FinalBlock, ofOnly receipt: Int) {
        self.block = block
        receipts = block.receipts.indices.contains(receipt) ? [block.receipts[receipt].origin: receipt] : [:]
    }

    init(_ block: FinalBlock) {
        self.block = block
        receipts = Dictionary(block.receipts.enumerated().map { ($0.element.origin, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    var height: Height { block.header.height }

    /// The place of the receipt of what emitted an event; behind all when it has none.
    func receiptIndex(of origin: Origin) -> Int { receipts[origin] ?? block.receipts.count }

    /// `height-receipt-event`.
    func id(of place: Int) -> String { "\(height)-\(receiptIndex(of: block.events[place].origin))-\(block.events[place].index)" }

    /// Places of the events of a receipt.
    func events(ofReceipt index: Int) -> [Int] {
        let origin = block.receipts[index].origin
        return block.events.indices.filter { block.events[$0].origin == origin }
    }

    /// Contracts that something of the block mentions.
    var contracts: [Address] {
        block.transactions.flatMap { $0.transaction.calls.map(\.contract) } + block.events.map(\.event.contract)
            + block.receipts.compactMap { $0.outcome.failure?.contract }
    }
}

extension FixedBytes {
    /// The same bytes as a digest; only for types of 32 bytes.
    var digest: Digest {
        guard let digest = Digest(bytes) else { preconditionFailure("a value of another length than a digest's") }
        return digest
    }
}
