import CSodium
@_spi(Verification) public import Primitives

/// Ed25519 (RFC 8032) by one verifier, libsodium's `crypto_sign_verify_detached`, and no other.
///
/// Libraries disagree on signatures with small-order or non-canonical parts, therefore the verifier *is* the rule of the
/// network: S < L, R and A not of small order, A canonical, cofactorless equation, R compared as bytes. A cofactored or
/// batch verifier accepts more and would fork the chain. A registered key is also of prime order, so that every
/// cofactorless verifier agrees with this one except on R = identity, which only the key's holder can make.
public enum Ed25519 {
    /// Whether `signature` over `message` is acceptable for `key`.
    public static func isValid(_ signature: Signature, of message: [UInt8], by key: PublicKey) -> Bool {
        message.withUnsafeBytes { isValid(signature, of: $0, by: key) }
    }

    /// Whether `signature` over `message` is acceptable for `key`.
    public static func isValid(_ signature: Signature, of message: UnsafeRawBufferPointer, by key: PublicKey) -> Bool {
        Sodium.ready
        let start = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return signature.withBytes { signature in
            key.withBytes { key in
                crypto_sign_verify_detached(signature, start, UInt64(message.count), key) == 0
            }
        }
    }

    /// Whether `key` may be registered: its encoding is canonical and its point has prime order.
    public static func isAcceptable(_ key: PublicKey) -> Bool { EdwardsPoint(key).isValid }

    /// Whether `account` may register `key`: `possession` is a signature by ``SigningKey/provePossession(for:chainID:)``.
    /// Without the proof, a validator could register a key that is not its own and blame its owner.
    public static func isRegistrable(_ key: PublicKey, for account: Address, possession: Signature, chainID: ChainID) -> Bool {
        isAcceptable(key) && isValid(possession, of: KeyPossession(key, of: account).bytes(chainID: chainID), by: key)
    }

    /// `message` as a value that remembers its check, or nil when the signature is not acceptable for `key`.
    ///
    /// For messages of accounts use ``Authenticator``, for those of validators ``SignatureVerifier``.
    public static func verify<Message: Signed>(
        _ message: Message, by key: PublicKey, chainID: ChainID
    ) -> Verified<Message>? {
        let bytes = message.signingDomain.signedBytes(message.signedBody, chainID: chainID)
        return isValid(message.signature, of: bytes, by: key) ? Verified(checked: message) : nil
    }
}
