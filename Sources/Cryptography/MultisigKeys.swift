public import Primitives

/// The keys of a k-of-n account. Any `threshold` of them speak for it.
///
/// Invariants: 1 ≤ threshold ≤ number of keys ≤ ``Limits/multisigKeysMax``; keys strictly ascending, so that one set of keys has
/// one address.
public struct MultisigKeys: Hashable, Sendable, BCSCodable {
    public let keys: [PublicKey]
    public let threshold: Int

    /// Sorts `keys`; nil when an invariant does not hold.
    public init?(threshold: Int, keys: [PublicKey]) {
        self.init(threshold: threshold, ascending: keys.sorted())
    }

    private init?(threshold: Int, ascending keys: [PublicKey]) {
        guard keys.count <= Limits.multisigKeysMax, (1...max(1, keys.count)).contains(threshold), !keys.isEmpty,
              zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.keys = keys
        self.threshold = threshold
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(keys)
        encoder.encode(UInt8(threshold))
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let keys = try decoder.decodeSequence(of: PublicKey.self, limit: Limits.multisigKeysMax)
        let threshold = try decoder.decode(UInt8.self)
        guard let value = MultisigKeys(threshold: Int(threshold), ascending: keys) else {
            throw decoder.refuse("multisig keys are not ascending or do not reach their threshold")
        }
        self = value
    }
}

/// Signatures of a k-of-n account: who signed, as bits, and the signatures in the order of the keys.
///
/// Invariant: as many signatures as bits. A valid one has exactly `threshold`, because anyone could strip a superfluous one and
/// so change the hash of the envelope without its owner.
public struct MultisigSignature: Hashable, Sendable, BCSCodable {
    /// Bit `i`, the least significant first, stands for key `i`.
    public let signers: UInt32
    public let signatures: [Signature]

    /// nil when the counts differ.
    public init?(signers: UInt32, signatures: [Signature]) {
        guard signatures.count == signers.nonzeroBitCount else { return nil }
        self.signers = signers
        self.signatures = signatures
    }

    /// Signs `message` with `signingKeys`, which must be `keys.threshold` distinct ones of the account.
    public init(_ message: [UInt8], keys: MultisigKeys, signingKeys: [SigningKey]) {
        precondition(signingKeys.count == keys.threshold)
        var signers: UInt32 = 0
        var signatures: [Signature] = []
        for (position, key) in keys.keys.enumerated() {
            guard let signingKey = signingKeys.first(where: { $0.publicKey == key }) else { continue }
            signers |= 1 << UInt32(position)
            signatures.append(signingKey.sign(message))
        }
        precondition(signatures.count == keys.threshold, "a signing key is not of the account, or named twice")
        self.signers = signers
        self.signatures = signatures
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(signers)
        encoder.encode(signatures)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let signers = try decoder.decode(UInt32.self)
        let signatures = try decoder.decodeSequence(of: Signature.self, limit: Limits.multisigKeysMax)
        guard let value = MultisigSignature(signers: signers, signatures: signatures) else {
            throw decoder.refuse("a multisig bitmap and its signatures differ in number")
        }
        self = value
    }
}
