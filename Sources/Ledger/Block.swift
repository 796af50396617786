public import Primitives

/// A final block as it is stored and sent to those who catch up: header, the certificate that makes it final, and the signed
/// transactions. Nothing hashes a certificate: two nodes may hold different quorums for one block.
///
/// Invariant: at most ``Limits/blockTransactionsMax`` transactions of at most ``Limits/blockBodyBytesMax`` bytes in all.
public struct Block: Hashable, Sendable {
    public let header: Header
    public let certificate: CommitCertificate
    public let transactions: [SignedTransaction]

    /// nil when the transactions break the invariant.
    public init?(header: Header, certificate: CommitCertificate, transactions: [SignedTransaction]) {
        guard transactions.count <= Limits.blockTransactionsMax,
              transactions.reduce(0, { $0 + $1.envelope.count }) <= Limits.blockBodyBytesMax else { return nil }
        self.header = header
        self.certificate = certificate
        self.transactions = transactions
    }

    /// The transactions tree, for inclusion proofs.
    public var transactionsTree: MerkleTree { MerkleTree(leafHashes: transactions.map(\.envelopeHash.leaf)) }

    /// Checks that the certificate speaks of this header; its signatures are `Cryptography`'s matter.
    public func checkCertificateMatches() throws(BlockRejection) { try certificate.check(speaksOf: header) }

    /// Checks the body against the header and the parent state: every transaction, the limits and the root.
    ///
    /// - Parameter account: reads a sender's account in the parent state.
    public func checkBody(
        rules: TransactionRules, account: (Address) -> AccountState?
    ) throws(BlockRejection) {
        var body = BlockBody(rules: rules)
        for transaction in transactions {
            let sender = transaction.transaction.sender
            try body.append(transaction, account: body.needsAccount(of: sender) ? account(sender) : nil)
        }
        guard body.transactionsRoot == header.draft.transactionsRoot else {
            throw .transactionsRootWrong(expected: header.draft.transactionsRoot, actual: body.transactionsRoot)
        }
    }

    /// Checks receipts and events against the roots in the header.
    public func check(receipts: [Receipt], events: [EventRecord]) throws(BlockRejection) {
        let receiptsRoot = MerkleAccumulator.root(of: receipts.lazy.map(\.leaf))
        guard receiptsRoot == header.result.receiptsRoot else {
            throw .receiptsRootWrong(expected: header.result.receiptsRoot, actual: receiptsRoot)
        }
        let eventsRoot = MerkleAccumulator.root(of: events.lazy.map(\.leaf))
        guard eventsRoot == header.result.eventsRoot else {
            throw .eventsRootWrong(expected: header.result.eventsRoot, actual: eventsRoot)
        }
    }
}

extension CommitCertificate {
    /// Checks that the statement is about `header`, in the view of its first proposal or a later one.
    public func check(speaksOf header: Header) throws(BlockRejection) {
        let draft = header.draft
        guard statement.height == draft.height else { throw .certificateMismatch(field: "height") }
        guard statement.epoch == draft.epoch else { throw .certificateMismatch(field: "epoch") }
        guard statement.view >= draft.originView else { throw .certificateMismatch(field: "view") }
        guard statement.draftDigest == draft.digest else { throw .certificateMismatch(field: "draftDigest") }
        guard statement.headerHash == header.digest else { throw .certificateMismatch(field: "headerHash") }
    }
}

extension Block: BCSCodable {
    /// Transactions are byte strings with their lengths, so that a body can be cut and counted without being understood.
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(header)
        encoder.encode(certificate)
        encoder.encodeLength(transactions.count)
        for transaction in transactions { encoder.encodeBytes(transaction.envelope) }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        header = try decoder.decode(Header.self)
        certificate = try decoder.decode(CommitCertificate.self)
        let count = try decoder.decodeLength(limit: Limits.blockTransactionsMax)
        var transactions: [SignedTransaction] = []
        var left = Limits.blockBodyBytesMax
        for _ in 0..<count {
            let envelope = try decoder.decodeBytes(limit: min(left, Limits.transactionBytesMax))
            left -= envelope.count
            transactions.append(try SignedTransaction(bcs: envelope))
        }
        self.transactions = transactions
    }
}
