public import Cryptography
public import Primitives

/// "I am validator `index` of `epoch`": a signature of that validator's consensus key over both node keys and the nonce of whom
/// it is told. It is worth nothing on another connection, to another node, or after a restart.
struct ValidatorClaim: Equatable, Sendable, BCSCodable {
    var epoch: Epoch
    var index: ValidatorIndex
    var signature: Signature

    func encode(into encoder: inout BCSEncoder) {
        encoder.encode(epoch)
        encoder.encode(index)
        encoder.encode(signature)
    }

    init(epoch: Epoch, index: ValidatorIndex, signature: Signature) {
        self.epoch = epoch
        self.index = index
        self.signature = signature
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        index = try decoder.decode(ValidatorIndex.self)
        signature = try decoder.decode(Signature.self)
    }
}

/// What a claim's signature covers.
struct ClaimStatement: Equatable, Sendable, BCSCodable {
    var epoch: Epoch
    var index: ValidatorIndex
    /// The node that makes the claim.
    var claimant: PublicKey
    /// The node to which it is made.
    var listener: PublicKey
    /// From the listener's HELLO.
    var nonce: Digest

    func encode(into encoder: inout BCSEncoder) {
        encoder.encode(epoch)
        encoder.encode(index)
        encoder.encode(claimant)
        encoder.encode(listener)
        encoder.encode(nonce)
    }

    init(epoch: Epoch, index: ValidatorIndex, claimant: PublicKey, listener: PublicKey, nonce: Digest) {
        self.epoch = epoch
        self.index = index
        self.claimant = claimant
        self.listener = listener
        self.nonce = nonce
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        index = try decoder.decode(ValidatorIndex.self)
        claimant = try decoder.decode(PublicKey.self)
        listener = try decoder.decode(PublicKey.self)
        nonce = try decoder.decode(Digest.self)
    }
}

/// A claim with what it was made about: the shape in which it is checked.
struct MadeClaim: ValidatorSigned {
    let signedBody: ClaimStatement
    let signature: Signature
    var signingDomain: SigningDomain { .hello }
    var epoch: Epoch { signedBody.epoch }
    var signer: ValidatorIndex { signedBody.index }
}

/// The place of this node among the validators, and the key that proves it.
public struct ValidatorIdentity: Sendable {
    public let epoch: Epoch
    public let index: ValidatorIndex
    public let consensusKey: SigningKey

    public init(epoch: Epoch, index: ValidatorIndex, consensusKey: SigningKey) {
        self.epoch = epoch
        self.index = index
        self.consensusKey = consensusKey
    }

    func claim(by claimant: PublicKey, to listener: PublicKey, nonce: Digest, chainID: ChainID) -> ValidatorClaim {
        let statement = ClaimStatement(epoch: epoch, index: index, claimant: claimant, listener: listener, nonce: nonce)
        return ValidatorClaim(epoch: epoch, index: index, signature: consensusKey.sign(statement, as: .hello, chainID: chainID))
    }
}

/// What a peer has proved to be.
public struct ValidatorStanding: Hashable, Sendable {
    public let epoch: Epoch
    public let index: ValidatorIndex
    public let consensusKey: PublicKey
}

extension ValidatorClaim {
    /// The standing that the claim proves; nil when its epoch is not known here, which may only mean that this node is behind,
    /// or that the peer is. Throws when the epoch is known and the claim is wrong.
    func standing(
        by claimant: PublicKey, to listener: PublicKey, nonce: Digest, verifier: SignatureVerifier
    ) throws(NetworkError) -> ValidatorStanding? {
        guard let set = verifier.validatorSet(of: epoch) else { return nil }
        let statement = ClaimStatement(epoch: epoch, index: index, claimant: claimant, listener: listener, nonce: nonce)
        do throws(SignatureError) {
            _ = try verifier.verify(MadeClaim(signedBody: statement, signature: signature))
        } catch {
            throw NetworkError(.claimInvalid, "\(error)")
        }
        return set[index].map { ValidatorStanding(epoch: epoch, index: index, consensusKey: $0.consensusKey) }
    }
}
