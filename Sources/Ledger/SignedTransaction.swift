public import Cryptography
public import Primitives

/// A transaction with its sender's authenticator: what travels, is proposed and is kept. It remembers its own bytes and their two
/// hashes, so that nothing on the way from the wire to the block log encodes or hashes it again.
///
/// Invariant: `envelope` is the encoding of `transaction` and `authenticator`, at most ``Limits/transactionBytesMax`` bytes;
/// `id` and `envelopeHash` are its hashes.
public struct SignedTransaction: Sendable {
    /// Pools, batches and blocks pass it on many times: one reference is all that is copied then.
    @usableFromInline let content: Content

    @usableFromInline final class Content: Sendable {
        @usableFromInline let transaction: Transaction
        @usableFromInline let authenticator: Authenticator
        @usableFromInline let envelope: [UInt8]
        @usableFromInline let id: TransactionID
        @usableFromInline let envelopeHash: EnvelopeHash
        /// Where the unsigned transaction ends in `envelope`; it starts behind the version tag.
        let unsignedEnd: Int

        init(_ transaction: Transaction, _ authenticator: Authenticator, envelope: [UInt8], unsignedEnd: Int) {
            self.transaction = transaction
            self.authenticator = authenticator
            self.envelope = envelope
            self.unsignedEnd = unsignedEnd
            id = TransactionID(envelope.withUnsafeBytes { bytes in
                var hasher = SHA256Hasher()
                hasher.update(SignedTransaction.identifierPrefix)
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[SignedTransaction.unsignedStart..<unsignedEnd]))
                return hasher.finalize()
            })
            envelopeHash = EnvelopeHash(SHA256.hash(.envelope, envelope))
        }
    }

    @inlinable public var transaction: Transaction { content.transaction }
    @inlinable public var authenticator: Authenticator { content.authenticator }
    /// The encoding of the whole.
    @inlinable public var envelope: [UInt8] { content.envelope }
    @inlinable public var id: TransactionID { content.id }
    @inlinable public var envelopeHash: EnvelopeHash { content.envelopeHash }

    fileprivate static let unsignedStart = 1

    /// nil when the whole is larger than ``Limits/transactionBytesMax``.
    public init?(_ transaction: Transaction, authenticator: Authenticator) {
        var encoder = BCSEncoder(reserving: 512)
        encoder.encodeVariant(0)
        encoder.encode(transaction)
        let unsignedEnd = encoder.bytes.count
        encoder.encode(authenticator)
        guard encoder.bytes.count <= Limits.transactionBytesMax else { return nil }
        self.init(transaction, authenticator, envelope: encoder.bytes, unsignedEnd: unsignedEnd)
    }

    /// Decodes a signed transaction that fills `envelope` exactly, and keeps the bytes.
    public init(bcs envelope: [UInt8]) throws(BCSError) {
        guard envelope.count <= Limits.transactionBytesMax else {
            throw .lengthOverLimit(offset: 0, length: envelope.count, limit: Limits.transactionBytesMax)
        }
        var decoder = BCSDecoder(envelope)
        let (transaction, unsignedEnd, authenticator) = try Self.fields(from: &decoder)
        try decoder.finish()
        self.init(transaction, authenticator, envelope: envelope, unsignedEnd: unsignedEnd)
    }

    private init(_ transaction: Transaction, _ authenticator: Authenticator, envelope: [UInt8], unsignedEnd: Int) {
        content = Content(transaction, authenticator, envelope: envelope, unsignedEnd: unsignedEnd)
    }

    fileprivate static let identifierPrefix = HashDomain.transaction.prefix

    private static func fields(
        from decoder: inout BCSDecoder
    ) throws(BCSError) -> (transaction: Transaction, unsignedEnd: Int, authenticator: Authenticator) {
        let start = decoder.offset
        _ = try decoder.decodeVariant(count: 1)
        let transaction = try decoder.decode(Transaction.self)
        let unsignedEnd = decoder.offset - start
        return (transaction, unsignedEnd, try decoder.decode(Authenticator.self))
    }
}

extension SignedTransaction: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) { encoder.append(envelope) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let start = decoder.offset
        let (transaction, unsignedEnd, authenticator) = try Self.fields(from: &decoder)
        let envelope = decoder.consumed(since: start)
        guard envelope.count <= Limits.transactionBytesMax else {
            throw .lengthOverLimit(offset: start, length: envelope.count, limit: Limits.transactionBytesMax)
        }
        self.init(transaction, authenticator, envelope: envelope, unsignedEnd: unsignedEnd)
    }

    /// The kept bytes.
    public var bcs: [UInt8] { envelope }
}

extension SignedTransaction: Hashable {
    public static func == (left: Self, right: Self) -> Bool { left.envelope == right.envelope }
    public func hash(into hasher: inout Hasher) { hasher.combine(envelopeHash) }
}

extension SignedTransaction: AccountSigned {
    public var signingDomain: SigningDomain { .transaction }
    public var sender: Address { transaction.sender }
    public var registersKeys: Bool { transaction.nonce == 0 }

    public var signedBody: UnsignedTransaction {
        UnsignedTransaction(bytes: [UInt8](envelope[Self.unsignedStart..<content.unsignedEnd]))
    }

    /// The last step of admission, taken once per node: keys and signatures. The result remembers it.
    public func checkedSignature(chainID: ChainID) throws(TransactionRejection) -> Verified<SignedTransaction> {
        do {
            return try verified(chainID: chainID)
        } catch .addressMismatch(let expected, let found) {
            throw .senderMismatch(expected: expected, actual: found)
        } catch {
            throw .signatureInvalid(error)
        }
    }
}

/// The unsigned bytes of a transaction, kept from its envelope: what a sender signs.
public struct UnsignedTransaction: Hashable, Sendable, BCSCodable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    public init(_ transaction: Transaction) { bytes = transaction.bcs }

    public func encode(into encoder: inout BCSEncoder) { encoder.append(bytes) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let start = decoder.offset
        _ = try decoder.decode(Transaction.self)
        bytes = decoder.consumed(since: start)
    }
}

extension Transaction {
    /// The bytes that the sender signs.
    public var signedBytes: [UInt8] { SigningDomain.transaction.signedBytes(self, chainID: chainID) }

    /// `SHA-256("trellis/transaction/1" || BCS)`.
    public var id: TransactionID { TransactionID(SHA256.hash(.transaction, of: self)) }

    /// Signed with one key. nil when the whole is larger than ``Limits/transactionBytesMax``.
    public func signed(by key: SigningKey) -> SignedTransaction? {
        SignedTransaction(self, authenticator: .single(key.publicKey, key.sign(signedBytes)))
    }

    /// Signed by as many of the account's keys as its threshold asks. nil when the whole is larger than
    /// ``Limits/transactionBytesMax``.
    public func signed(by signingKeys: [SigningKey], of keys: MultisigKeys) -> SignedTransaction? {
        let signature = MultisigSignature(signedBytes, keys: keys, signingKeys: signingKeys)
        return SignedTransaction(self, authenticator: .multisig(keys, signature))
    }
}
