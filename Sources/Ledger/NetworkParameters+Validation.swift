public import Primitives

/// A parameter that cannot work, and why.
public struct ParameterFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field's name, as in genesis documents and proposals.
    public let field: String
    public let reason: StaticReason

    public var description: String { "\(field): \(reason)" }
}

extension NetworkParameters {
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
        try require(transactionGasBase <= transactionGasMax / UInt64(Limits.multisigKeysMax), "transactionGasBase",
                    "must leave as many signatures as an account can have within the gas of one transaction")
        let (byteGas, overflow) = transactionGasPerByte.multipliedReportingOverflow(by: UInt64(transactionBytesMax))
        let (dueGas, dueOverflow) = byteGas.addingReportingOverflow(transactionGasBase * UInt64(Limits.multisigKeysMax))
        try require(!overflow && !dueOverflow && dueGas <= transactionGasMax, "transactionGasPerByte",
                    "must leave the largest transaction within the gas of one transaction")
        try require(gasPriceMin.multiplied(by: blockGasMax).map { $0 < Amount.supplyMax } ?? false,
                    "gasPriceMin", "must be payable for a whole block")

        // A validator that lost its journal learns in blocks that end no epoch how far it may have voted.
        try require((3...1 << 32).contains(epochHeights), "epochHeights", "must be from 3 to 2^32")
        try requirePeriod(epochMilliseconds, "epochMilliseconds")
        try requirePeriod(heartbeatMilliseconds, "heartbeatMilliseconds")
        try require(heartbeatMilliseconds <= epochMilliseconds, "heartbeatMilliseconds",
                    "must not be longer than an epoch, which would end late")
        try require(blockIntervalMilliseconds <= heartbeatMilliseconds, "blockIntervalMilliseconds",
                    "must not be longer than heartbeatMilliseconds")

        try requirePeriod(viewTimeoutMilliseconds, "viewTimeoutMilliseconds")
        let worst = (blockGasMax + NetworkParameters.gasPerMillisecond - 1) / NetworkParameters.gasPerMillisecond
        try require(viewTimeoutMilliseconds >= 3 * worst, "viewTimeoutMilliseconds",
                    "must be at least three times the execution time of blockGasMax")
        try requirePeriod(viewTimeoutMillisecondsMax, "viewTimeoutMillisecondsMax")
        try require(viewTimeoutMillisecondsMax >= viewTimeoutMilliseconds, "viewTimeoutMillisecondsMax",
                    "must not be below viewTimeoutMilliseconds")
        try requirePeriod(precisionMilliseconds, "precisionMilliseconds")
        try requirePeriod(messageDelayMilliseconds, "messageDelayMilliseconds")
        // The primary waits for the interval and for its clock to pass the parent's time while the others' timers run.
        try require(viewTimeoutMilliseconds > blockIntervalMilliseconds + precisionMilliseconds, "viewTimeoutMilliseconds",
                    "must be longer than blockIntervalMilliseconds and precisionMilliseconds together")

        try require((1...10_000).contains(proofWindow), "proofWindow", "must be from 1 to 10,000 blocks, kept in memory")
        try require((1...10_000).contains(drawDelay), "drawDelay", "must be from 1 to 10,000 blocks")
        try requirePeriod(evidenceMilliseconds, "evidenceMilliseconds")
        try requirePeriod(trustingMilliseconds, "trustingMilliseconds")
        try require(evidenceMilliseconds < trustingMilliseconds, "trustingMilliseconds",
                    "must be longer than evidenceMilliseconds")
        try requirePeriod(unbondingMilliseconds, "unbondingMilliseconds")
        try require(trustingMilliseconds < unbondingMilliseconds, "unbondingMilliseconds",
                    "must be longer than trustingMilliseconds")
        try validateEconomy()
    }

    private func validateEconomy() throws(ParameterFailure) {
        func require(_ condition: Bool, _ field: String, _ reason: StaticReason) throws(ParameterFailure) {
            guard condition else { throw ParameterFailure(field: field, reason: reason) }
        }
        func requirePart(_ part: UInt32, _ field: String) throws(ParameterFailure) {
            try require(part <= NetworkParameters.whole, field, "must be at most 1,000,000 parts per million")
        }
        func requireMajority(_ part: UInt32, _ field: String) throws(ParameterFailure) {
            try require((1...NetworkParameters.whole).contains(part), field, "must be from 1 to 1,000,000 parts per million")
        }
        try requirePart(feeBurnPartsPerMillion, "feeBurnPartsPerMillion")
        try require(feeProposerPartsPerMillion <= NetworkParameters.whole - feeBurnPartsPerMillion, "feeProposerPartsPerMillion",
                    "must leave the burnt part: together at most 1,000,000 parts per million")
        try require(issuancePerBlock < Amount(1 << 64), "issuancePerBlock", "must be below 2^64 base units")

        // A set is one value of the state, of at most 64 KiB.
        try require((1...800).contains(validatorsMax), "validatorsMax", "must be from 1 to 800")
        // A whole token is one unit of weight; without it a validator could not vote.
        try require(selfBondMin >= Amount(Amount.unitsPerToken) && selfBondMin < Amount.supplyMax, "selfBondMin", "must be from 1 TRL")
        try require(delegationMin >= Amount(1) && delegationMin < Amount.supplyMax, "delegationMin", "must be from 1 base unit")
        try requirePart(commissionRisePartsPerMillionMax, "commissionRisePartsPerMillionMax")
        try requireMajority(slashDoubleSignPartsPerMillion, "slashDoubleSignPartsPerMillion")
        try require(slashCorrelationFactor <= 100, "slashCorrelationFactor", "must be at most 100")
        try requirePart(slashDowntimePartsPerMillion, "slashDowntimePartsPerMillion")
        // With half or more, two accomplices would punish each other at little cost.
        try require(reporterPartsPerMillion < NetworkParameters.whole / 2, "reporterPartsPerMillion", "must be less than half")
        try requirePart(signedPartsPerMillionMin, "signedPartsPerMillionMin")
        try requirePeriod(jailMilliseconds, "jailMilliseconds")

        try require(proposalDeposit < Amount.supplyMax, "proposalDeposit", "must be below the largest supply")
        try requirePeriod(votingMilliseconds, "votingMilliseconds")
        try requirePeriod(timeLockMilliseconds, "timeLockMilliseconds")
        // Whoever voted must still be punishable when the decision takes effect.
        try require(votingMilliseconds + timeLockMilliseconds < unbondingMilliseconds, "unbondingMilliseconds",
                    "must be longer than votingMilliseconds and timeLockMilliseconds together")
        try requireMajority(quorumPartsPerMillion, "quorumPartsPerMillion")
        try requireMajority(thresholdPartsPerMillion, "thresholdPartsPerMillion")
        try require(thresholdPartsPerMillion < NetworkParameters.whole, "thresholdPartsPerMillion",
                    "must be below 1,000,000 parts per million, because yes must have more than it")
        try requireMajority(vetoPartsPerMillion, "vetoPartsPerMillion")
        try require((500_000...NetworkParameters.whole).contains(emergencyPartsPerMillion), "emergencyPartsPerMillion",
                    "must be from half to the whole of all power")
        try requirePeriod(pauseMillisecondsMax, "pauseMillisecondsMax")
    }

    /// All parts of a whole.
    public static let whole: UInt32 = 1_000_000

    private func requirePeriod(_ milliseconds: UInt64, _ field: String) throws(ParameterFailure) {
        guard (1...NetworkParameters.periodMillisecondsMax).contains(milliseconds) else {
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
