public import Primitives

/// What holds for the heights of one epoch.
public struct EpochState: Hashable, Sendable, BCSCodable {
    /// The voters; `validators.epoch` is the epoch.
    public let validators: ValidatorSet
    public let validatorsHash: Digest
    public let parameters: ConsensusParameters
    /// The boundary block below the epoch, and its time; genesis for the first.
    public let startHeight: Height
    public let startTime: Timestamp
    /// All validators in ascending order of `SHA-256("trellis/rotation/1" || beacon of the boundary block || le16 index)`.
    public let order: [ValidatorIndex]

    /// The epoch that begins after the boundary block with this height, time and beacon.
    public init(
        validators: ValidatorSet, parameters: ConsensusParameters, startHeight: Height, startTime: Timestamp, startBeacon: Beacon,
        cryptography: some ReplicaCryptography
    ) {
        self.validators = validators
        validatorsHash = cryptography.validatorsHash(validators)
        self.parameters = parameters
        self.startHeight = startHeight
        self.startTime = startTime
        order = validators.validators.indices
            .map { index in
                let index = ValidatorIndex(UInt16(index))
                return (index, cryptography.hash(.rotation, startBeacon.bytes + index.bcs))
            }
            .sorted { $0.1 < $1.1 }
            .map(\.0)
    }

    public var epoch: Epoch { validators.epoch }

    /// Whether a block of this height and time is the last of the epoch.
    public func ends(at height: Height, time: Timestamp) -> Bool {
        height.rawValue - startHeight.rawValue >= parameters.epochBlocks
            || time.rawValue - min(startTime.rawValue, time.rawValue) >= parameters.epochMilliseconds
    }

    public func encode(into encoder: inout BCSEncoder) {
        validators.encode(into: &encoder)
        validatorsHash.encode(into: &encoder)
        parameters.encode(into: &encoder)
        startHeight.encode(into: &encoder)
        startTime.encode(into: &encoder)
        encoder.encode(order)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        validators = try decoder.decode(ValidatorSet.self)
        validatorsHash = try decoder.decode(Digest.self)
        parameters = try decoder.decode(ConsensusParameters.self)
        startHeight = try decoder.decode(Height.self)
        startTime = try decoder.decode(Timestamp.self)
        order = try decoder.decodeSequence(of: ValidatorIndex.self, limit: Limits.validatorsMax)
        guard order.sorted().elementsEqual(validators.validators.indices.lazy.map { ValidatorIndex(UInt16($0)) }) else {
            throw decoder.refuse("an epoch's order is no permutation of its validators")
        }
    }
}

/// The newest committed block and what is needed to decide the one above it.
public struct ChainPosition: Hashable, Sendable, BCSCodable {
    public private(set) var height: Height
    public private(set) var headerHash: Digest
    public private(set) var time: Timestamp
    public private(set) var beacon: Beacon
    /// nil at genesis, and only there.
    public private(set) var certificate: CommitCertificate?
    public private(set) var epoch: EpochState
    /// The voters of the epoch before, whose certificates the first messages of an epoch carry.
    public private(set) var previousValidators: ValidatorSet?
    public private(set) var skips: SkipList

    /// The position at the first block of all.
    public init(genesisHash: Digest, time: Timestamp, beacon: Beacon, epoch: EpochState) {
        precondition(epoch.startHeight == 0)
        height = 0
        headerHash = genesisHash
        self.time = time
        self.beacon = beacon
        self.epoch = epoch
        certificate = nil
        previousValidators = nil
        skips = SkipList()
    }

    /// The position at an epoch boundary, for a node that starts from a snapshot there; `previousValidators` signed the boundary block.
    public init(boundary: Header, certificate: Proven<CommitCertificate>, epoch: EpochState, previousValidators: ValidatorSet) {
        precondition(epoch.startHeight == boundary.height && certificate.certificate.statement.height == boundary.height)
        height = boundary.height
        headerHash = certificate.certificate.statement.headerHash
        time = boundary.draft.time
        beacon = boundary.draft.beacon
        self.certificate = certificate.certificate
        self.epoch = epoch
        self.previousValidators = previousValidators
        skips = SkipList()
    }

    /// The sets that messages for the height in flight may be signed by.
    public var validatorSets: [ValidatorSet] { [epoch.validators] + (previousValidators.map { [$0] } ?? []) }

    /// The primaries of the height in flight, in order of views.
    func primaries(in rotation: Rotation) -> [ValidatorIndex] {
        rotation.primaries(at: height.successor, epochStart: epoch.startHeight, skipping: skips)
    }

    /// Moves up by one committed block. `losers` are the primaries whose views of the height came to nothing; `next` is the
    /// epoch that begins behind a boundary block.
    mutating func advance(by block: CertifiedBlock, losers: [ValidatorIndex], next: EpochState?) {
        let draft = block.header.draft
        skips.committed(height: draft.height, losers: losers, proposer: draft.proposer, in: epoch.validators)
        height = draft.height
        headerHash = block.certificate.statement.headerHash
        time = draft.time
        beacon = draft.beacon
        certificate = block.certificate
        guard let next else { return }
        previousValidators = epoch.validators
        epoch = next
        skips = SkipList()
    }

    public func encode(into encoder: inout BCSEncoder) {
        height.encode(into: &encoder)
        headerHash.encode(into: &encoder)
        time.encode(into: &encoder)
        beacon.encode(into: &encoder)
        encoder.encode(certificate)
        epoch.encode(into: &encoder)
        encoder.encode(previousValidators)
        skips.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        height = try decoder.decode(Height.self)
        headerHash = try decoder.decode(Digest.self)
        time = try decoder.decode(Timestamp.self)
        beacon = try decoder.decode(Beacon.self)
        certificate = try decoder.decodeOption(CommitCertificate.self)
        epoch = try decoder.decode(EpochState.self)
        previousValidators = try decoder.decodeOption(ValidatorSet.self)
        skips = try decoder.decode(SkipList.self)
        guard height >= epoch.startHeight, (certificate == nil) == (height == 0) else {
            throw decoder.refuse("a position does not fit its epoch")
        }
    }
}

extension ChainPosition {
    /// Moves up by a final block that the node holds in its log, for a node that has lost its journal: everything that a position
    /// consists of follows from blocks. False when the block does not follow.
    public mutating func follow(_ block: CertifiedBlock, next: EpochState?) -> Bool {
        let draft = block.header.draft
        guard draft.height == height.successor, draft.parentHash == headerHash, draft.epoch == epoch.epoch else { return false }
        let primaries = primaries(in: Rotation(validators: epoch.validators, order: epoch.order))
        let lost = Int(min(draft.originView.rawValue, UInt64(primaries.count)))
        advance(by: block, losers: Array(primaries[..<lost]), next: next)
        return true
    }
}
