public import Primitives

/// A parameter that cannot work, and why.
public struct ParameterFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field's name, as in genesis documents and proposals.
    public let field: String
    public let reason: StaticReason

    public var description: String { "\(field): \(reason)" }
}

extension ConsensusParameters {
    /// Gas that the reference machine executes in a millisecond at least; a unit of gas is about a nanosecond.
    public static let gasPerMillisecond: UInt64 = 1_000_000
    /// The longest period, about a century: sums of times stay far below 64 bits.
    public static let periodMillisecondsMax: UInt64 = 100 * 365 * 86_400_000

    /// Refuses parameters with which blocks could not be made, finished, carried or judged.
    public func validate() throws(ParameterFailure) {
        func require(_ condition: Bool, _ field: String, _ reason: StaticReason) throws(ParameterFailure) {
            guard condition else { throw ParameterFailure(field: field, reason: reason) }
        }
        try require((1...UInt32(Limits.blockTransactionsMax)).contains(blockTransactionsMax),
                    "blockTransactionsMax", "must be from 1 to 5,000")
        try require((1_024...UInt32(Limits.blockBodyBytesMax)).contains(blockBytesMax),
                    "blockBytesMax", "must be from 1,024 bytes to 2 MiB, which a frame can carry")
        try require((1_024...UInt32(Limits.transactionBytesMax)).contains(transactionBytesMax),
                    "transactionBytesMax", "must be from 1,024 bytes to 640 KiB")
        try require(transactionBytesMax <= blockBytesMax, "transactionBytesMax", "must fit in a block")
        // Three times the worst execution time must pass within the largest timer below, which bounds gas as well.
        try require(blockGasMax >= 1 && blockGasMax <= 1 << 40, "blockGasMax", "must be from 1 to 2^40")
        try require(transactionGasMax >= 1 && transactionGasMax <= blockGasMax, "transactionGasMax", "must fit in a block")
        try require(transactionGasBase >= 1, "transactionGasBase", "must be at least 1")
        let (byteGas, overflow) = transactionGasPerByte.multipliedReportingOverflow(by: UInt64(transactionBytesMax))
        let (dueGas, dueOverflow) = byteGas.addingReportingOverflow(transactionGasBase)
        try require(!overflow && !dueOverflow && dueGas <= transactionGasMax, "transactionGasPerByte",
                    "must leave the largest transaction within the gas of one transaction")
        try require(gasPriceMin.multiplied(by: blockGasMax).map { $0 < Amount.supplyMax } ?? false,
                    "gasPriceMin", "must be payable for a whole block")

        try require((1...1 << 32).contains(epochHeights), "epochHeights", "must be from 1 to 2^32")
        try requirePeriod(epochMilliseconds, "epochMilliseconds")
        try requirePeriod(heartbeatMilliseconds, "heartbeatMilliseconds")
        try require(heartbeatMilliseconds <= epochMilliseconds, "heartbeatMilliseconds",
                    "must not be longer than an epoch, which would end late")

        try requirePeriod(viewTimeoutMilliseconds, "viewTimeoutMilliseconds")
        let worst = (blockGasMax + ConsensusParameters.gasPerMillisecond - 1) / ConsensusParameters.gasPerMillisecond
        try require(viewTimeoutMilliseconds >= 3 * worst, "viewTimeoutMilliseconds",
                    "must be at least three times the execution time of blockGasMax")
        try requirePeriod(viewTimeoutMillisecondsMax, "viewTimeoutMillisecondsMax")
        try require(viewTimeoutMillisecondsMax >= viewTimeoutMilliseconds, "viewTimeoutMillisecondsMax",
                    "must not be below viewTimeoutMilliseconds")
        try requirePeriod(precisionMilliseconds, "precisionMilliseconds")
        try requirePeriod(messageDelayMilliseconds, "messageDelayMilliseconds")

        try require((1...10_000).contains(proofWindow), "proofWindow", "must be from 1 to 10,000 blocks, kept in memory")
        try require((1...10_000).contains(drawDelay), "drawDelay", "must be from 1 to 10,000 blocks")
        try requirePeriod(evidenceMilliseconds, "evidenceMilliseconds")
        try requirePeriod(trustingMilliseconds, "trustingMilliseconds")
        try require(evidenceMilliseconds < trustingMilliseconds, "trustingMilliseconds",
                    "must be longer than evidenceMilliseconds")
        try requirePeriod(unbondingMilliseconds, "unbondingMilliseconds")
        try require(trustingMilliseconds < unbondingMilliseconds, "unbondingMilliseconds",
                    "must be longer than trustingMilliseconds")
    }

    private func requirePeriod(_ milliseconds: UInt64, _ field: String) throws(ParameterFailure) {
        guard (1...ConsensusParameters.periodMillisecondsMax).contains(milliseconds) else {
            throw ParameterFailure(field: field, reason: "must be from 1 ms to a century")
        }
    }

    /// Whether the block at `height` and `time` is the last of its epoch, which began behind the block `start`: the last of
    /// the epoch before, or genesis.
    public func endsEpoch(height: Height, time: Timestamp, start: EpochStart) -> Bool {
        // A block below the start is of an earlier epoch and has nothing to end here.
        guard height > start.height, time > start.time else { return false }
        return height.rawValue - start.height.rawValue >= epochHeights
            || time.rawValue - start.time.rawValue >= epochMilliseconds
    }
}

/// The block behind which an epoch begins: the last one of the epoch before, or genesis for epoch 0.
@frozen public struct EpochStart: Hashable, Sendable, BCSCodable {
    public let height: Height
    public let time: Timestamp

    public init(height: Height, time: Timestamp) {
        self.height = height
        self.time = time
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(height)
        encoder.encode(time)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        height = try decoder.decode(Height.self)
        time = try decoder.decode(Timestamp.self)
    }
}
