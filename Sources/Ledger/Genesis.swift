import Cryptography
public import Primitives

/// What a network is and starts from. Its hash is the ``chainID``, which every signature on the network covers, so that a node
/// needs nothing but this document to refuse what belongs elsewhere.
public struct Genesis: Hashable, Sendable, BCSCodable {
    public let charter: GenesisCharter
    /// The validators of epoch 0 in index order.
    public let validators: [GenesisValidator]
    /// Accounts that start with a balance, in ascending order of address.
    public let allocations: [GenesisAllocation]
    /// The authenticated state that charter, validators and allocations make; computed by the execution of genesis and checked
    /// by each node that starts from the document.
    public let stateRoot: Digest

    /// Accounts of a document: each costs a leaf of the first state, built in memory.
    public static let allocationsMax = 100_000

    public init(
        charter: GenesisCharter, validators: [GenesisValidator], allocations: [GenesisAllocation], stateRoot: Digest
    ) {
        self.charter = charter
        self.validators = validators
        self.allocations = allocations
        self.stateRoot = stateRoot
    }

    /// `SHA-256("trellis/genesis/1" || BCS)`. The document does not contain it.
    public var chainID: ChainID { ChainID(SHA256.hash(.genesis, of: self)) }

    /// The same document for another first state.
    public func with(stateRoot: Digest) -> Genesis {
        Genesis(charter: charter, validators: validators, allocations: allocations, stateRoot: stateRoot)
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(charter)
        encoder.encode(validators)
        encoder.encode(allocations)
        encoder.encode(stateRoot)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        charter = try decoder.decode(GenesisCharter.self)
        validators = try decoder.decodeSequence(of: GenesisValidator.self, limit: Limits.validatorsMax)
        allocations = try decoder.decodeSequence(of: GenesisAllocation.self, limit: Genesis.allocationsMax)
        stateRoot = try decoder.decode(Digest.self)
    }
}

/// The part of a genesis document that is settled before anyone joins: what the founders' proofs of possession are made for.
/// They cannot cover the chain identifier, which covers them.
public struct GenesisCharter: Hashable, Sendable, BCSCodable {
    public let chainName: ChainName
    public let network: NetworkKind
    /// The time of the genesis block.
    public let time: Timestamp
    public let protocolVersion: UInt32
    public let parameters: NetworkParameters

    public init(
        chainName: ChainName, network: NetworkKind, time: Timestamp, protocolVersion: UInt32 = 1,
        parameters: NetworkParameters
    ) {
        self.chainName = chainName
        self.network = network
        self.time = time
        self.protocolVersion = protocolVersion
        self.parameters = parameters
    }

    /// `SHA-256("trellis/charter/1" || BCS)`: stands for the chain in the founders' proofs of possession.
    public var id: ChainID { ChainID(SHA256.hash(.charter, of: self)) }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(chainName)
        encoder.encode(network)
        encoder.encode(time)
        encoder.encode(protocolVersion)
        encoder.encode(parameters)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        chainName = try decoder.decode(ChainName.self)
        network = try decoder.decode(NetworkKind.self)
        time = try decoder.decode(Timestamp.self)
        protocolVersion = try decoder.decode(UInt32.self)
        parameters = try decoder.decode(NetworkParameters.self)
    }
}

/// A founder: a validator of epoch 0.
public struct GenesisValidator: Hashable, Sendable, BCSCodable {
    /// The account that bonds the stake and earns the rewards.
    public let account: Address
    public let validator: Validator
    /// Proof for `account` and the charter's ``GenesisCharter/id`` that the founder holds the consensus key.
    public let consensusPossession: Signature
    /// The same for the VRF key.
    public let vrfPossession: VRFProof

    public init(account: Address, validator: Validator, consensusPossession: Signature, vrfPossession: VRFProof) {
        self.account = account
        self.validator = validator
        self.consensusPossession = consensusPossession
        self.vrfPossession = vrfPossession
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(account)
        encoder.encode(validator)
        encoder.encode(consensusPossession)
        encoder.encode(vrfPossession)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        account = try decoder.decode(Address.self)
        validator = try decoder.decode(Validator.self)
        consensusPossession = try decoder.decode(Signature.self)
        vrfPossession = try decoder.decode(VRFProof.self)
    }
}

/// A balance that an account starts with.
public struct GenesisAllocation: Hashable, Sendable, BCSCodable {
    public let account: Address
    public let balance: Amount

    public init(account: Address, balance: Amount) {
        self.account = account
        self.balance = balance
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(account)
        encoder.encode(balance)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        account = try decoder.decode(Address.self)
        balance = try decoder.decode(Amount.self)
    }
}

public enum ChainNameBound: TextBound {
    /// A name is shown in one line.
    public static var bytesMax: Int { 64 }
}

/// What people call a chain.
public typealias ChainName = BoundedText<ChainNameBound>

extension NetworkKind: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .main: encoder.encodeVariant(0)
        case .development: encoder.encodeVariant(1)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self = try decoder.decodeVariant(count: 2) == 0 ? .main : .development
    }
}

extension ChainID {
    init(_ digest: Digest) {
        self.init()
        words = digest.words
    }
}
