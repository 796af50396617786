public import Primitives

/// One record of the consensus journal. Records are written in the order of their sequence numbers; that a record is durable
/// implies that all before it are.
public enum JournalRecord: Hashable, Sendable, BCSCodable {
    /// An own vote: the message, which is also the guard's entry. With a PREPARE comes the proposal it is for; the shell makes
    /// its bodies durable with this record, not after it.
    case vote(ConsensusMessage, proposal: Proposal?)
    /// A prepared certificate, before COMMIT. The bodies of its proposal become durable with it, unless an own PREPARE brought
    /// them before.
    case prepared(PreparedProposal)
    case committed(CommittedRecord)
    case evidence(Evidence, time: Timestamp)
    /// After a lost journal: nothing is signed at this height or below.
    case floor(Height)

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        switch self {
        case .vote(let message, let proposal):
            encoder.encodeVariant(0)
            message.encode(into: &encoder)
            encoder.encode(proposal)
        case .prepared(let prepared):
            encoder.encodeVariant(1)
            prepared.encode(into: &encoder)
        case .committed(let record):
            encoder.encodeVariant(2)
            record.encode(into: &encoder)
        case .evidence(let evidence, let time):
            encoder.encodeVariant(3)
            evidence.encode(into: &encoder)
            time.encode(into: &encoder)
        case .floor(let height):
            encoder.encodeVariant(4)
            height.encode(into: &encoder)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        switch try decoder.decodeVariant(count: 5) {
        case 0:
            let message = try decoder.decode(ConsensusMessage.self)
            guard message.vote != nil else { throw decoder.refuse("a vote record without a vote") }
            self = .vote(message, proposal: try decoder.decodeOption(Proposal.self))
        case 1: self = .prepared(try decoder.decode(PreparedProposal.self))
        case 2: self = .committed(try decoder.decode(CommittedRecord.self))
        case 3: self = .evidence(try decoder.decode(Evidence.self), time: try decoder.decode(Timestamp.self))
        default: self = .floor(try decoder.decode(Height.self))
        }
    }
}

/// A committed height: the block, what the position above it needs, and the messages that the replica acted on, kept until
/// evidence about the height expires.
public struct CommittedRecord: Hashable, Sendable, BCSCodable {
    public let block: CertifiedBlock
    /// The primaries whose views of the height came to nothing.
    public let losers: [ValidatorIndex]
    /// The epoch that begins behind the block, if the block ends one.
    public let next: EpochState?
    public let acted: ArchivedHeight

    public func encode(into encoder: inout BCSEncoder) {
        block.encode(into: &encoder)
        encoder.encode(losers)
        encoder.encode(next)
        acted.encode(into: &encoder)
    }

    init(block: CertifiedBlock, losers: [ValidatorIndex], next: EpochState?, acted: ArchivedHeight) {
        self.block = block
        self.losers = losers
        self.next = next
        self.acted = acted
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        block = try decoder.decode(CertifiedBlock.self)
        losers = try decoder.decodeSequence(of: ValidatorIndex.self, limit: Limits.validatorsMax)
        next = try decoder.decodeOption(EpochState.self)
        acted = try decoder.decode(ArchivedHeight.self)
    }
}

/// What a replica resumes with: the fold of its journal. The shell keeps it up to date with ``apply(_:)`` or rebuilds it from
/// the records, and may write it whole as a checkpoint, after which older records are dispensable except as archive.
public struct ReplicaState: Hashable, Sendable, BCSCodable {
    public private(set) var position: ChainPosition
    public private(set) var voteGuard = VoteGuard()
    /// The newest prepared certificate of the height in flight.
    public private(set) var prepared: PreparedProposal?
    /// The newest proposal of the height in flight that this replica sent PREPARE for.
    public private(set) var proposal: Proposal?
    public private(set) var archive: [ArchivedHeight] = []
    public private(set) var evidence: [TimedEvidence] = []

    public init(position: ChainPosition) { self.position = position }

    /// Takes one record, in the order of the journal. A `committed` record that does not follow the position is ignored: the
    /// shell may have restored a newer position from its block log.
    public mutating func apply(_ record: JournalRecord) {
        switch record {
        case .vote(let message, let proposal):
            voteGuard.record(message)
            if let proposal { self.proposal = proposal }
        case .prepared(let prepared): self.prepared = prepared
        case .committed(let record):
            guard record.block.height == position.height.successor else { return }
            position.advance(by: record.block, losers: record.losers, next: record.next)
            prepared = nil
            proposal = nil
            archive.append(record.acted)
            if archive.count > ConsensusLimits.archiveHeightsMax { archive.removeFirst() }
        case .evidence(let item, let time):
            evidence.append(TimedEvidence(evidence: item, time: time))
            if evidence.count > ConsensusLimits.evidenceMax { evidence.removeFirst() }
        case .floor(let height): voteGuard.raiseFloor(to: height)
        }
    }

    /// Moves to a position that the node has from elsewhere, such as a restored snapshot. What was in flight below it is over; the
    /// guard stays, for what was promised above it still binds.
    public mutating func move(to position: ChainPosition) {
        precondition(position.height >= self.position.height)
        self.position = position
        prepared = nil
        proposal = nil
        archive = []
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        position.encode(into: &encoder)
        voteGuard.encode(into: &encoder)
        encoder.encode(prepared)
        encoder.encode(proposal)
        encoder.encode(archive)
        encoder.encode(evidence)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        position = try decoder.decode(ChainPosition.self)
        voteGuard = try decoder.decode(VoteGuard.self)
        prepared = try decoder.decodeOption(PreparedProposal.self)
        proposal = try decoder.decodeOption(Proposal.self)
        archive = try decoder.decodeSequence(of: ArchivedHeight.self, limit: ConsensusLimits.archiveHeightsMax)
        evidence = try decoder.decodeSequence(of: TimedEvidence.self, limit: ConsensusLimits.evidenceMax)
    }
}
