import Consensus
import Contracts
import Execution
import Ledger
import Primitives
import Storage

/// A final block with what came of it, as the block log keeps it. The genesis block has neither certificate nor bodies.
struct StoredBlock: Sendable {
    let header: Header
    let certificate: CommitCertificate?
    let transactions: [SignedTransaction]
    let receipts: [Receipt]
    let events: [EventRecord]

    /// Receipts of a block: one for each transaction and hook.
    private static let receiptsMax = Limits.blockTransactionsMax + 4_096
    private static let eventsMax = 1 << 20

    var record: BlockRecord {
        var bodies = BCSEncoder(reserving: transactions.reduce(4096) { $0 + $1.envelope.count + 128 })
        bodies.encodeVariant(0)
        Envelopes.encode(transactions, into: &bodies)
        bodies.encode(receipts)
        bodies.encode(events)
        return BlockRecord(header: header.bcs, certificate: certificate?.bcs ?? [], bodies: bodies.bytes)
    }

    init(header: Header, certificate: CommitCertificate?, transactions: [SignedTransaction], receipts: [Receipt], events: [EventRecord]) {
        self.header = header
        self.certificate = certificate
        self.transactions = transactions
        self.receipts = receipts
        self.events = events
    }

    init(_ record: BlockRecord) throws(BCSError) {
        header = try Header(bcs: record.header)
        certificate = record.certificate.isEmpty ? nil : try CommitCertificate(bcs: record.certificate)
        var decoder = BCSDecoder(record.bodies)
        _ = try decoder.decodeVariant(count: 1)
        transactions = try Envelopes.decode(from: &decoder)
        receipts = try decoder.decodeSequence(of: Receipt.self, limit: Self.receiptsMax)
        events = try decoder.decodeSequence(of: EventRecord.self, limit: Self.eventsMax)
        try decoder.finish()
    }

    /// What consensus calls the block; nil for genesis.
    var certified: CertifiedBlock? {
        certificate.map { CertifiedBlock(header: header, certificate: $0, payload: transactions.map(\.envelopeHash.digest)) }
    }

    /// The block as peers get it; nil for genesis.
    var block: Block? { certificate.flatMap { Block(header: header, certificate: $0, transactions: transactions) } }
}

extension StoredBlock {
    /// What the index notes of each transaction: its identifier, its sender, whom it paid, and of which agreements it told.
    var indexed: [(id: Digest, accounts: [Address])] {
        var accounts: [TransactionID: [Address]] = [:]
        for record in events {
            guard case .transaction(let id) = record.origin else { continue }
            if let agreement = Agreements.account(of: record.event) { accounts[id, default: []].append(agreement) }
            guard record.event.contract == .accounts, record.event.name == Transferred.name, let payment = try? Transferred(bcs: record.event.data) else { continue }
            accounts[id, default: []] += [payment.from, payment.to]
        }
        return transactions.map { signed in
            var seen: [Address] = []
            for account in [signed.transaction.sender] + (accounts[signed.id] ?? []) where !seen.contains(account) { seen.append(account) }
            return (Digest(signed.id.bytes)!, seen)
        }
    }
}

/// The bodies of a block as byte strings with their lengths.
enum Envelopes {
    static func encode(_ transactions: [SignedTransaction], into encoder: inout BCSEncoder) {
        encoder.encodeLength(transactions.count)
        for transaction in transactions { encoder.encodeBytes(transaction.envelope) }
    }

    static func decode(from decoder: inout BCSDecoder) throws(BCSError) -> [SignedTransaction] {
        let count = try decoder.decodeLength(limit: Limits.blockTransactionsMax)
        var transactions: [SignedTransaction] = []
        var left = Limits.blockBodyBytesMax
        for _ in 0..<count {
            let envelope = try decoder.decodeBytes(limit: min(left, Limits.transactionBytesMax))
            left -= envelope.count
            transactions.append(try SignedTransaction(bcs: envelope))
        }
        return transactions
    }
}

extension EnvelopeHash {
    var digest: Digest { Digest(bytes)! }
}
