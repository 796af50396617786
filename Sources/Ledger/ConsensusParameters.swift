import Cryptography
public import Primitives

/// The numbers that every node of a network must share. Genesis sets them, governance changes them from an epoch boundary on;
/// each has its unit in its name. ``validate()`` names the first field that cannot work.
public struct ConsensusParameters: Hashable, Sendable {
    // ── Block ──
    /// The largest Σ gasLimit of a block.
    public var blockGasMax: UInt64 = 500_000_000
    /// The largest Σ of the signed transactions' bytes.
    public var blockBytesMax: UInt32 = 2 * 1024 * 1024
    public var blockTransactionsMax: UInt32 = 5_000

    // ── Transaction ──
    public var transactionGasMax: UInt64 = 100_000_000
    public var transactionBytesMax: UInt32 = 640 * 1024
    /// Gas that a transaction costs before its first call: the check of its signature and its share of the block's work.
    /// A gas limit below what is due beforehand is refused, therefore no transaction rides free.
    public var transactionGasBase: UInt64 = 50_000
    /// Gas for each byte of the signed transaction.
    public var transactionGasPerByte: UInt64 = 20
    /// The lowest price of one unit of gas, in base units.
    public var gasPriceMin: Amount = Amount(1)

    // ── Epoch and idle chain ──
    /// An epoch ends with the first block that is this far above the last block of the epoch before …
    public var epochHeights: UInt64 = 10_000
    /// … or this much later.
    public var epochMilliseconds: UInt64 = 3_600_000
    /// An idle chain makes a block at most this often.
    public var heartbeatMilliseconds: UInt64 = 10_000

    // ── Agreement ──
    /// The view timer of view 0. At least three times the worst execution time of a full block, so that no block is too
    /// expensive to finish.
    public var viewTimeoutMilliseconds: UInt64 = 3_000
    /// Where the exponential growth of the view timer ends.
    public var viewTimeoutMillisecondsMax: UInt64 = 60_000
    /// How far honest clocks differ at most.
    public var precisionMilliseconds: UInt64 = 500
    /// How long a proposal travels at most; grows by a tenth with each view.
    public var messageDelayMilliseconds: UInt64 = 2_000

    // ── Trust ──
    /// Blocks behind the newest for which nodes answer with proofs.
    public var proofWindow: UInt32 = 64
    /// Blocks between a request for randomness and the beacon that answers it.
    public var drawDelay: UInt32 = 16
    /// How old evidence may be to be punished.
    public var evidenceMilliseconds: UInt64 = 10 * 86_400_000
    /// How old a header may be to be a light client's ground.
    public var trustingMilliseconds: UInt64 = 14 * 86_400_000
    /// How long stake stays punishable after it was withdrawn.
    public var unbondingMilliseconds: UInt64 = 21 * 86_400_000

    /// The defaults, which ``validate()`` accepts.
    public init() {}

    /// `SHA-256("trellis/parameters/1" || BCS)`.
    public var digest: Digest { SHA256.hash(.parameters, of: self) }
}

extension ConsensusParameters: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(blockGasMax)
        encoder.encode(blockBytesMax)
        encoder.encode(blockTransactionsMax)
        encoder.encode(transactionGasMax)
        encoder.encode(transactionBytesMax)
        encoder.encode(transactionGasBase)
        encoder.encode(transactionGasPerByte)
        encoder.encode(gasPriceMin)
        encoder.encode(epochHeights)
        encoder.encode(epochMilliseconds)
        encoder.encode(heartbeatMilliseconds)
        encoder.encode(viewTimeoutMilliseconds)
        encoder.encode(viewTimeoutMillisecondsMax)
        encoder.encode(precisionMilliseconds)
        encoder.encode(messageDelayMilliseconds)
        encoder.encode(proofWindow)
        encoder.encode(drawDelay)
        encoder.encode(evidenceMilliseconds)
        encoder.encode(trustingMilliseconds)
        encoder.encode(unbondingMilliseconds)
    }

    /// Decoding does not validate: a governance proposal with a bad field must be readable to be refused by name.
    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        blockGasMax = try decoder.decode(UInt64.self)
        blockBytesMax = try decoder.decode(UInt32.self)
        blockTransactionsMax = try decoder.decode(UInt32.self)
        transactionGasMax = try decoder.decode(UInt64.self)
        transactionBytesMax = try decoder.decode(UInt32.self)
        transactionGasBase = try decoder.decode(UInt64.self)
        transactionGasPerByte = try decoder.decode(UInt64.self)
        gasPriceMin = try decoder.decode(Amount.self)
        epochHeights = try decoder.decode(UInt64.self)
        epochMilliseconds = try decoder.decode(UInt64.self)
        heartbeatMilliseconds = try decoder.decode(UInt64.self)
        viewTimeoutMilliseconds = try decoder.decode(UInt64.self)
        viewTimeoutMillisecondsMax = try decoder.decode(UInt64.self)
        precisionMilliseconds = try decoder.decode(UInt64.self)
        messageDelayMilliseconds = try decoder.decode(UInt64.self)
        proofWindow = try decoder.decode(UInt32.self)
        drawDelay = try decoder.decode(UInt32.self)
        evidenceMilliseconds = try decoder.decode(UInt64.self)
        trustingMilliseconds = try decoder.decode(UInt64.self)
        unbondingMilliseconds = try decoder.decode(UInt64.self)
    }
}
