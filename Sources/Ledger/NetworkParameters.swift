import Cryptography
public import Primitives

/// The numbers that every node of a network must share. Genesis sets them, governance changes them from an epoch boundary on;
/// each has its unit in its name. ``fields`` lists them for encoding, proposals and people; ``validate()`` names the first one
/// that cannot work.
public struct NetworkParameters: Hashable, Sendable {
    // ── Block ──
    public var blockGasMax: UInt64 = 500_000_000
    public var blockBytesMax: UInt32 = 2 * 1024 * 1024
    public var blockTransactionsMax: UInt32 = 5_000

    // ── Transaction ──
    public var transactionGasMax: UInt64 = 100_000_000
    public var transactionBytesMax: UInt32 = 640 * 1024
    public var transactionGasBase: UInt64 = 50_000
    public var transactionGasPerByte: UInt64 = 20
    public var gasPriceMin: Amount = Amount(1)

    // ── Epoch and idle chain ──
    public var epochHeights: UInt64 = 10_000
    public var epochMilliseconds: UInt64 = 3_600_000
    public var heartbeatMilliseconds: UInt64 = 10_000
    public var blockIntervalMilliseconds: UInt64 = 0

    // ── Agreement ──
    public var viewTimeoutMilliseconds: UInt64 = 3_000
    public var viewTimeoutMillisecondsMax: UInt64 = 60_000
    public var precisionMilliseconds: UInt64 = 500
    public var messageDelayMilliseconds: UInt64 = 2_000

    // ── Trust ──
    public var proofWindow: UInt32 = 64
    public var drawDelay: UInt32 = 16
    public var evidenceMilliseconds: UInt64 = 10 * 86_400_000
    public var trustingMilliseconds: UInt64 = 14 * 86_400_000
    public var unbondingMilliseconds: UInt64 = 21 * 86_400_000

    // ── Fees and issuance ──
    public var feeBurnPartsPerMillion: UInt32 = 300_000
    public var feeProposerPartsPerMillion: UInt32 = 200_000
    public var issuancePerBlock: Amount = .zero

    // ── Staking ──
    public var validatorsMax: UInt32 = 100
    public var selfBondMin: Amount = Amount(1_000 * Amount.unitsPerToken)
    public var delegationMin: Amount = Amount(Amount.unitsPerToken)
    public var commissionRisePartsPerMillionMax: UInt32 = 10_000
    public var slashDoubleSignPartsPerMillion: UInt32 = 50_000
    public var slashCorrelationFactor: UInt32 = 3
    public var slashDowntimePartsPerMillion: UInt32 = 100
    public var reporterPartsPerMillion: UInt32 = 50_000
    public var signedPartsPerMillionMin: UInt32 = 500_000
    public var jailMilliseconds: UInt64 = 600_000

    // ── Governance ──
    public var proposalDeposit: Amount = Amount(100 * Amount.unitsPerToken)
    public var votingMilliseconds: UInt64 = 3 * 86_400_000
    public var timeLockMilliseconds: UInt64 = 2 * 86_400_000
    public var quorumPartsPerMillion: UInt32 = 334_000
    public var thresholdPartsPerMillion: UInt32 = 500_000
    public var vetoPartsPerMillion: UInt32 = 334_000
    public var emergencyPartsPerMillion: UInt32 = 666_667
    public var pauseMillisecondsMax: UInt64 = 7 * 86_400_000

    /// The defaults, which ``validate()`` accepts.
    public init() {}

    /// `SHA-256("trellis/parameters/1" || BCS)`.
    public var digest: Digest { SHA256.hash(.parameters, of: self) }
}

extension NetworkParameters: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        for field in Self.fields { field.encode(self, &encoder) }
    }

    /// Decoding does not validate: a governance proposal with a bad field must be readable to be refused by name.
    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        self.init()
        for field in Self.fields { try field.decode(&self, &decoder) }
    }
}

extension NetworkParameters {
    /// One parameter: its name, what it means and how to reach it.
    public struct Field: Sendable {
        public let name: StaticReason
        /// What it bounds or sets, with its unit.
        public let meaning: StaticReason
        public let kind: Kind
        public let get: @Sendable (NetworkParameters) -> UInt128
        /// Sets the field; false, and no change, when the number does not fit in it.
        public let set: @Sendable (inout NetworkParameters, UInt128) -> Bool
        /// How the field is encoded.
        public enum Kind: Sendable { case u32, u64, amount }

        let encode: @Sendable (NetworkParameters, inout BCSEncoder) -> Void
        let decode: @Sendable (inout NetworkParameters, inout BCSDecoder) throws(BCSError) -> Void

        init<Value: FixedWidthInteger & UnsignedInteger & BCSCodable & BitwiseCopyable>(
            _ name: StaticReason, _ path: any WritableKeyPath<NetworkParameters, Value> & Sendable, _ meaning: StaticReason
        ) {
            self.name = name
            self.meaning = meaning
            kind = Value.bitWidth == 32 ? .u32 : .u64
            get = { UInt128($0[keyPath: path]) }
            set = {
                guard let value = Value(exactly: $1) else { return false }
                $0[keyPath: path] = value
                return true
            }
            encode = { $1.encode($0[keyPath: path]) }
            decode = { parameters, decoder throws(BCSError) in parameters[keyPath: path] = try decoder.decode(Value.self) }
        }

        init(_ name: StaticReason, _ path: any WritableKeyPath<NetworkParameters, Amount> & Sendable, _ meaning: StaticReason) {
            self.name = name
            self.meaning = meaning
            kind = .amount
            get = { $0[keyPath: path].units }
            set = {
                $0[keyPath: path] = Amount($1)
                return true
            }
            encode = { $1.encode($0[keyPath: path]) }
            decode = { parameters, decoder throws(BCSError) in parameters[keyPath: path] = try decoder.decode(Amount.self) }
        }
    }

    /// The field called `name`, as in genesis documents and proposals.
    public static func field(_ name: String) -> Field? { fields.first { $0.name.description == name } }

    /// All fields, in the order of their encoding.
    public static let fields: [Field] = [
        Field("blockGasMax", \.blockGasMax, "The largest sum of gas limits of a block."),
        Field("blockBytesMax", \.blockBytesMax, "The largest sum of the signed transactions' bytes of a block."),
        Field("blockTransactionsMax", \.blockTransactionsMax, "Transactions of a block."),
        Field("transactionGasMax", \.transactionGasMax, "The largest gas limit of a transaction."),
        Field("transactionBytesMax", \.transactionBytesMax, "Bytes of a signed transaction."),
        Field("transactionGasBase", \.transactionGasBase, """
            Gas that a transaction costs for each signature before its first call, with its share of the block's work. A gas \
            limit below what is due beforehand is refused, therefore no transaction rides free.
            """),
        Field("transactionGasPerByte", \.transactionGasPerByte, "Gas for each byte of the signed transaction."),
        Field("gasPriceMin", \.gasPriceMin, "The lowest price of one unit of gas, in base units."),
        Field("epochHeights", \.epochHeights, "An epoch ends with the first block that is this far above the last block of the epoch before …"),
        Field("epochMilliseconds", \.epochMilliseconds, "… or this much later."),
        Field("heartbeatMilliseconds", \.heartbeatMilliseconds, "An idle chain makes a block at most this often."),
        Field("blockIntervalMilliseconds", \.blockIntervalMilliseconds, "The time between two blocks in which transactions gather; less behind a block with few of them, 0 for none."),
        Field("viewTimeoutMilliseconds", \.viewTimeoutMilliseconds, """
            The view timer of view 0: at least three times the worst execution time of a full block, so that no block is too \
            expensive to finish.
            """),
        Field("viewTimeoutMillisecondsMax", \.viewTimeoutMillisecondsMax, "Where the exponential growth of the view timer ends."),
        Field("precisionMilliseconds", \.precisionMilliseconds, "How far honest clocks differ at most."),
        Field("messageDelayMilliseconds", \.messageDelayMilliseconds, "How long a proposal travels at most; grows by a tenth with each view."),
        Field("proofWindow", \.proofWindow, "Blocks behind the newest for which nodes answer with proofs."),
        Field("drawDelay", \.drawDelay, "Blocks between a request for randomness and the beacon that answers it."),
        Field("evidenceMilliseconds", \.evidenceMilliseconds, "How old evidence may be to be punished."),
        Field("trustingMilliseconds", \.trustingMilliseconds, "How old a header may be to be a light client's ground."),
        Field("unbondingMilliseconds", \.unbondingMilliseconds, "How long stake stays punishable after it has left the validator set."),
        Field("feeBurnPartsPerMillion", \.feeBurnPartsPerMillion, "The part of each block's fees that is destroyed."),
        Field("feeProposerPartsPerMillion", \.feeProposerPartsPerMillion, "The part that the proposer earns; all validators that sign share the rest."),
        Field("issuancePerBlock", \.issuancePerBlock, "Base units made with each block and shared like the validators' part of the fees."),
        Field("validatorsMax", \.validatorsMax, "Validators of an epoch."),
        Field("selfBondMin", \.selfBondMin, "Base units of its own that a validator must bond."),
        Field("delegationMin", \.delegationMin, "The smallest delegation, in base units."),
        Field("commissionRisePartsPerMillionMax", \.commissionRisePartsPerMillionMax, "How far a commission may rise in one epoch."),
        Field("slashDoubleSignPartsPerMillion", \.slashDoubleSignPartsPerMillion, "The least part of a stake that contradictory votes cost."),
        Field("slashCorrelationFactor", \.slashCorrelationFactor, "Contradictory votes cost this many times the part of all power that offended in the same window, if that is more."),
        Field("slashDowntimePartsPerMillion", \.slashDowntimePartsPerMillion, "The part of a stake that missing an epoch's votes costs."),
        Field("reporterPartsPerMillion", \.reporterPartsPerMillion, "The part of a slash that its reporter earns; the rest is destroyed."),
        Field("signedPartsPerMillionMin", \.signedPartsPerMillionMin, "The part of an epoch's blocks that a validator must sign to stay."),
        Field("jailMilliseconds", \.jailMilliseconds, "How long a validator that missed too much must stay away."),
        Field("proposalDeposit", \.proposalDeposit, "Base units that a proposal holds until it is decided; a veto or a missed quorum destroys them."),
        Field("votingMilliseconds", \.votingMilliseconds, "How long a proposal can be voted on."),
        Field("timeLockMilliseconds", \.timeLockMilliseconds, "How long an accepted proposal waits before it is executed."),
        Field("quorumPartsPerMillion", \.quorumPartsPerMillion, "The part of all power that must vote."),
        Field("thresholdPartsPerMillion", \.thresholdPartsPerMillion, "The part of the votes other than abstentions that must be more than reached by yes."),
        Field("vetoPartsPerMillion", \.vetoPartsPerMillion, "The part of the votes that stops a proposal as a veto."),
        Field("emergencyPartsPerMillion", \.emergencyPartsPerMillion, "The part of all power that decides an emergency at once."),
        Field("pauseMillisecondsMax", \.pauseMillisecondsMax, "How long an emergency may pause a contract."),
    ]
}
