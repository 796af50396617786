public import Primitives

/// Fills a block under construction and judges a proposed one: the same rules for both, so that an honest proposer never makes
/// what an honest replica refuses.
///
/// It checks every transaction without its signature (see ``TransactionRules``), the limits of the block, and per sender in
/// block order that nonces are consecutive from the parent state and that the parent balance covers all reserves. So a block
/// holds no free riders and no replays: a transaction cannot be in it twice, because its nonce cannot.
public struct BlockBody: Sendable {
    public let rules: TransactionRules
    public private(set) var count = 0
    /// Σ bytes of the signed transactions.
    public private(set) var bytes = 0
    /// Σ gas limits.
    public private(set) var gasLimit: UInt64 = 0
    // Looked up by key only, never walked.
    private var senders: [Address: Progress] = [:]
    private var tree = MerkleAccumulator()

    private struct Progress {
        var nonce: Nonce
        var balance: Amount
    }

    public init(rules: TransactionRules) { self.rules = rules }

    /// The RFC 6962 root over the envelope hashes so far.
    public var transactionsRoot: Digest { tree.root }

    /// Whether ``append(_:account:)`` will read the account of `sender`: for its first transaction in the block.
    public func needsAccount(of sender: Address) -> Bool { senders[sender] == nil }

    /// Takes the next transaction, or says why it cannot be the next one and stays as it was.
    ///
    /// - Parameter account: the sender's account in the parent state; read when ``needsAccount(of:)`` is true.
    public mutating func append(_ signed: SignedTransaction, account: AccountState?) throws(BlockRejection) {
        let parameters = rules.parameters
        guard count < parameters.blockTransactionsMax else {
            throw .transactionsOverLimit(count: count + 1, limit: Int(parameters.blockTransactionsMax))
        }
        guard bytes + signed.envelope.count <= parameters.blockBytesMax else {
            throw .bytesOverLimit(bytes: bytes + signed.envelope.count, limit: Int(parameters.blockBytesMax))
        }
        do { try rules.check(signed) } catch { throw .transaction(index: count, error) }
        // Both terms are below 2^41 by now.
        let gasTotal = gasLimit + signed.transaction.gasLimit.rawValue
        guard gasTotal <= parameters.blockGasMax else {
            throw .gasOverLimit(gas: gasTotal, limit: parameters.blockGasMax)
        }
        let progress: Progress
        do { progress = try advance(signed.transaction, account: account) } catch {
            throw .transaction(index: count, error)
        }
        senders[signed.transaction.sender] = progress
        gasLimit = gasTotal
        count += 1
        bytes += signed.envelope.count
        tree.append(leafHash: signed.envelopeHash.leaf)
    }

    private func advance(_ transaction: Transaction, account: AccountState?) throws(TransactionRejection) -> Progress {
        let current: Progress
        if let known = senders[transaction.sender] {
            current = known
        } else if let account {
            current = Progress(nonce: account.nonce, balance: account.balance)
        } else {
            throw .senderUnknown(transaction.sender)
        }
        guard transaction.nonce == current.nonce else {
            throw .nonceNotConsecutive(transaction.nonce, expected: current.nonce)
        }
        guard let reserve = transaction.reserve, let next = current.nonce.advanced(by: 1) else { throw .reserveOverflow }
        guard let rest = current.balance.subtracting(reserve) else {
            throw .balanceTooLow(required: reserve, available: current.balance)
        }
        return Progress(nonce: next, balance: rest)
    }
}
