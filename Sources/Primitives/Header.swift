/// What a proposer decides before execution. Its digest is what PREPARE votes are for.
public struct HeaderDraft: Hashable, Sendable, BCSCodable {
    public let height: Height
    public let epoch: Epoch
    /// The view of the first proposal; it survives a re-proposal in a later view, as `proposer` does.
    public let originView: View
    /// Later than the parent's time.
    public let time: Timestamp
    public let proposer: ValidatorIndex
    /// The header hash of the block below; ``Digest/zero`` at height 0.
    public let parentHash: Digest
    /// The RFC 6962 root of the envelope hashes in block order.
    public let transactionsRoot: Digest
    /// The set that signs this block.
    public let validatorsHash: Digest
    /// The proposer's proof on `beacon/1 || chainID || le64 height || beacon(height − 1)`.
    public let vrfProof: VRFProof
    /// `SHA-256(beacon(height − 1) || beta)`.
    public let beacon: Beacon
    public let protocolVersion: UInt32
    /// Who signed the certificate of the parent that the proposer holds; for rewards and downtime.
    public let parentVotes: ValidatorBitmap

    public init(
        height: Height, epoch: Epoch, originView: View, time: Timestamp, proposer: ValidatorIndex, parentHash: Digest,
        transactionsRoot: Digest, validatorsHash: Digest, vrfProof: VRFProof, beacon: Beacon, protocolVersion: UInt32,
        parentVotes: ValidatorBitmap
    ) {
        self.height = height
        self.epoch = epoch
        self.originView = originView
        self.time = time
        self.proposer = proposer
        self.parentHash = parentHash
        self.transactionsRoot = transactionsRoot
        self.validatorsHash = validatorsHash
        self.vrfProof = vrfProof
        self.beacon = beacon
        self.protocolVersion = protocolVersion
        self.parentVotes = parentVotes
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        height.encode(into: &encoder)
        epoch.encode(into: &encoder)
        originView.encode(into: &encoder)
        time.encode(into: &encoder)
        proposer.encode(into: &encoder)
        parentHash.encode(into: &encoder)
        transactionsRoot.encode(into: &encoder)
        validatorsHash.encode(into: &encoder)
        vrfProof.encode(into: &encoder)
        beacon.encode(into: &encoder)
        encoder.encode(protocolVersion)
        parentVotes.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        height = try decoder.decode(Height.self)
        epoch = try decoder.decode(Epoch.self)
        originView = try decoder.decode(View.self)
        time = try decoder.decode(Timestamp.self)
        proposer = try decoder.decode(ValidatorIndex.self)
        parentHash = try decoder.decode(Digest.self)
        transactionsRoot = try decoder.decode(Digest.self)
        validatorsHash = try decoder.decode(Digest.self)
        vrfProof = try decoder.decode(VRFProof.self)
        beacon = try decoder.decode(Beacon.self)
        protocolVersion = try decoder.decode(UInt32.self)
        parentVotes = try decoder.decode(ValidatorBitmap.self)
    }
}

/// What execution of a block yields; every honest replica computes the same.
public struct HeaderResult: Hashable, Sendable, BCSCodable {
    /// The authenticated state after the block.
    public let stateRoot: Digest
    /// The RFC 6962 root of the receipts.
    public let receiptsRoot: Digest
    /// The RFC 6962 root of the events.
    public let eventsRoot: Digest
    public let gasUsed: Gas
    /// The set that signs the next block.
    public let nextValidatorsHash: Digest

    public init(stateRoot: Digest, receiptsRoot: Digest, eventsRoot: Digest, gasUsed: Gas, nextValidatorsHash: Digest) {
        self.stateRoot = stateRoot
        self.receiptsRoot = receiptsRoot
        self.eventsRoot = eventsRoot
        self.gasUsed = gasUsed
        self.nextValidatorsHash = nextValidatorsHash
    }

    public func encode(into encoder: inout BCSEncoder) {
        stateRoot.encode(into: &encoder)
        receiptsRoot.encode(into: &encoder)
        eventsRoot.encode(into: &encoder)
        gasUsed.encode(into: &encoder)
        nextValidatorsHash.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        stateRoot = try decoder.decode(Digest.self)
        receiptsRoot = try decoder.decode(Digest.self)
        eventsRoot = try decoder.decode(Digest.self)
        gasUsed = try decoder.decode(Gas.self)
        nextValidatorsHash = try decoder.decode(Digest.self)
    }
}

/// A block's header: the draft that was agreed on and the result of executing it. Its hash is the block's hash.
public struct Header: Hashable, Sendable, BCSCodable {
    public let draft: HeaderDraft
    public let result: HeaderResult

    public init(draft: HeaderDraft, result: HeaderResult) {
        self.draft = draft
        self.result = result
    }

    @inlinable public var height: Height { draft.height }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        draft.encode(into: &encoder)
        result.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        draft = try decoder.decode(HeaderDraft.self)
        result = try decoder.decode(HeaderResult.self)
    }
}
