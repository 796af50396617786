@_spi(Verification) public import Primitives

/// What lets an account's message through: the key or keys behind the account's address, and their signatures.
///
/// The index of a case is also the scheme byte of its addresses, `SHA-256(scheme || …)`, so that a single key and a group of
/// keys never share one.
public enum Authenticator: Hashable, Sendable, BCSCodable {
    case single(PublicKey, Signature)
    case multisig(MultisigKeys, MultisigSignature)

    /// The account that this authenticator speaks for.
    public var address: Address {
        switch self {
        case .single(let key, _): Address(of: key)
        case .multisig(let keys, _): Address(of: keys)
        }
    }

    /// The number of signatures, for fees and budgets.
    public var signatureCount: Int {
        switch self {
        case .single: 1
        case .multisig(_, let signature): signature.signatures.count
        }
    }

    /// Checks every signature over `message`.
    public func check(_ message: [UInt8]) throws(AuthenticationError) {
        switch self {
        case .single(let key, let signature):
            guard Ed25519.isValid(signature, of: message, by: key) else { throw .signatureInvalid(key: 0) }
        case .multisig(let keys, let signature):
            let beyond = keys.keys.count == UInt32.bitWidth ? 0 : signature.signers >> UInt32(keys.keys.count)
            guard beyond == 0 else { throw .signerUnknown }
            guard signature.signatures.count == keys.threshold else {
                throw .signatureCount(found: signature.signatures.count, threshold: keys.threshold)
            }
            var next = 0
            for (position, key) in keys.keys.enumerated() where signature.signers >> UInt32(position) & 1 == 1 {
                guard Ed25519.isValid(signature.signatures[next], of: message, by: key) else {
                    throw .signatureInvalid(key: position)
                }
                next += 1
            }
        }
    }

    /// Checks that every key may be registered: canonical and of prime order.
    public func checkKeys() throws(AuthenticationError) {
        let keys = switch self {
        case .single(let key, _): [key]
        case .multisig(let keys, _): keys.keys
        }
        for (position, key) in keys.enumerated() where !Ed25519.isAcceptable(key) { throw .keyNotAcceptable(key: position) }
    }

    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .single(let key, let signature):
            encoder.encodeVariant(Int(Scheme.single.rawValue))
            key.encode(into: &encoder)
            signature.encode(into: &encoder)
        case .multisig(let keys, let signature):
            encoder.encodeVariant(Int(Scheme.multisig.rawValue))
            keys.encode(into: &encoder)
            signature.encode(into: &encoder)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 2) {
        case Int(Scheme.single.rawValue):
            self = .single(try decoder.decode(PublicKey.self), try decoder.decode(Signature.self))
        default:
            self = .multisig(try decoder.decode(MultisigKeys.self), try decoder.decode(MultisigSignature.self))
        }
    }
}

/// The first byte under the hash of an address.
enum Scheme: UInt8 {
    case single = 0
    case multisig = 1
}

extension Address {
    /// The account of one key: the first 20 bytes of `SHA-256(0x00 || key)`.
    public init(of key: PublicKey) {
        self.init(truncating: SHA256.hash([Scheme.single.rawValue] + key.bytes))
    }

    /// The account of k-of-n keys: the first 20 bytes of `SHA-256(0x01 || keys in ascending order || threshold)`.
    public init(of keys: MultisigKeys) {
        var bytes = [Scheme.multisig.rawValue]
        bytes.reserveCapacity(2 + keys.keys.count * PublicKey.byteCount)
        for key in keys.keys { bytes.append(contentsOf: key.bytes) }
        bytes.append(UInt8(keys.threshold))
        self.init(truncating: SHA256.hash(bytes))
    }
}

/// A message of an account, such as a transaction.
public protocol AccountSigned: Sendable {
    associatedtype Body: BCSCodable
    var signingDomain: SigningDomain { get }
    /// What the signatures cover.
    var signedBody: Body { get }
    /// The account in whose name the message is.
    var sender: Address { get }
    var authenticator: Authenticator { get }
    /// Whether this is the first message of its account, a transaction with nonce 0. It registers the keys, which must then be
    /// of prime order; the address ties all later messages to the same keys, so that none is checked twice.
    var registersKeys: Bool { get }
}

extension AccountSigned {
    /// The message as a value that remembers its check. The cheap parts come first: address, then keys if this message registers
    /// them, then signatures.
    public func verified(chainID: ChainID) throws(AuthenticationError) -> Verified<Self> {
        guard authenticator.address == sender else {
            throw .addressMismatch(expected: sender, found: authenticator.address)
        }
        if registersKeys { try authenticator.checkKeys() }
        try authenticator.check(signingDomain.signedBytes(signedBody, chainID: chainID))
        return Verified(checked: self)
    }
}

/// Why an account's message is not let through. Keys are named by their position.
public enum AuthenticationError: Error, Equatable, Sendable {
    /// The keys belong to another account than the sender.
    case addressMismatch(expected: Address, found: Address)
    /// A key that is not canonical or not of prime order.
    case keyNotAcceptable(key: Int)
    /// The bitmap names a key that the account does not have.
    case signerUnknown
    /// More or fewer signatures than the threshold.
    case signatureCount(found: Int, threshold: Int)
    case signatureInvalid(key: Int)
}
