public import Primitives

/// What all validators of an epoch must hold equal for consensus to work. The state carries them; an epoch boundary may
/// change them. Times are milliseconds of block time.
public struct ConsensusParameters: Hashable, Sendable, BCSCodable {
    /// The version that every draft of the epoch names.
    public let protocolVersion: UInt32
    /// N: an epoch ends with the first block at `height ≥ start + N`, where start is the boundary block before the epoch.
    public let epochBlocks: UInt64
    /// T: or with the first block at `time ≥ start time + T`.
    public let epochMilliseconds: UInt64
    /// H: an idle chain makes a block once this much time has passed since the last.
    public let heartbeatMilliseconds: UInt64
    /// The time between two blocks in which transactions gather; less behind a block with few of them. 0 for none.
    public let blockIntervalMilliseconds: UInt64
    /// How far two correct clocks may be apart.
    public let precisionMilliseconds: UInt64
    /// How long a proposal may take to every correct replica in view 0; one tenth longer with each view.
    public let messageDelayMilliseconds: UInt64
    /// How long an offence can be reported, in block time; below the trusting period, which is below unbonding.
    public let evidenceMilliseconds: UInt64

    public init(
        protocolVersion: UInt32, epochBlocks: UInt64, epochMilliseconds: UInt64, heartbeatMilliseconds: UInt64,
        blockIntervalMilliseconds: UInt64, precisionMilliseconds: UInt64, messageDelayMilliseconds: UInt64,
        evidenceMilliseconds: UInt64
    ) {
        self.protocolVersion = protocolVersion
        self.epochBlocks = epochBlocks
        self.epochMilliseconds = epochMilliseconds
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.blockIntervalMilliseconds = blockIntervalMilliseconds
        self.precisionMilliseconds = precisionMilliseconds
        self.messageDelayMilliseconds = messageDelayMilliseconds
        self.evidenceMilliseconds = evidenceMilliseconds
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(protocolVersion)
        encoder.encode(epochBlocks)
        encoder.encode(epochMilliseconds)
        encoder.encode(heartbeatMilliseconds)
        encoder.encode(blockIntervalMilliseconds)
        encoder.encode(precisionMilliseconds)
        encoder.encode(messageDelayMilliseconds)
        encoder.encode(evidenceMilliseconds)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        protocolVersion = try decoder.decode(UInt32.self)
        epochBlocks = try decoder.decode(UInt64.self)
        epochMilliseconds = try decoder.decode(UInt64.self)
        heartbeatMilliseconds = try decoder.decode(UInt64.self)
        blockIntervalMilliseconds = try decoder.decode(UInt64.self)
        precisionMilliseconds = try decoder.decode(UInt64.self)
        messageDelayMilliseconds = try decoder.decode(UInt64.self)
        evidenceMilliseconds = try decoder.decode(UInt64.self)
    }
}
