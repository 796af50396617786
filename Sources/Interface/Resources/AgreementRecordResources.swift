public import Ledger
public import Primitives

/// What a piece of evidence is.
public enum EvidenceWord: String, WordValue {
    /// A monitor posted a measurement.
    case measured
    /// The service was down.
    case violated
    /// Monitors disagree.
    case disputed
    /// The arbiter decided.
    case ruled
    /// A monitor contradicted itself.
    case expelled
}

/// What a payment is.
public enum PaymentWord: String, WordValue {
    // Into the escrow.
    case advance, collateral, bond
    // Out of it.
    case credit, fee, monitoring, keeping, refund, deposit, award, reward
    /// Destroyed.
    case forfeit
}

public struct EvidenceResource: Resource {
    public let id: String
    public let height: UInt64
    public let time: TimeText
    public let transaction: FixedHex<TransactionID>
    public let kind: EvidenceWord
    public let account: AddressText?
    public let source: String?
    public let metric: String?
    public let period: UInt32?
    public let intervals: [UInt32]
    public let begin: TimeText?
    public let end: TimeText?
    public let readings: [String]?
    public let ruling: String?
    public let evidence: FixedHex<Digest>?
    public let bond: AmountText?

    public init(
        id: String, height: UInt64, time: TimeText, transaction: FixedHex<TransactionID>, kind: EvidenceWord, account: AddressText? = nil,
        source: String? = nil, metric: String? = nil, period: UInt32? = nil, intervals: [UInt32], begin: TimeText? = nil, end: TimeText? =
        nil, readings: [String]? = nil, ruling: String? = nil, evidence: FixedHex<Digest>? = nil, bond: AmountText? = nil
    ) {
        self.id = id
        self.height = height
        self.time = time
        self.transaction = transaction
        self.kind = kind
        self.account = account
        self.source = source
        self.metric = metric
        self.period = period
        self.intervals = intervals
        self.begin = begin
        self.end = end
        self.readings = readings
        self.ruling = ruling
        self.evidence = evidence
        self.bond = bond
    }

    public static let documentation = "Something that tells how the service was, where it stands in the chain."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "`height-receipt-event`: its place, and the name of its proof at /v1/proofs/events.",
            "height": "The block.",
            "time": "The block's time.",
            "transaction": "Who said it signed this.",
            "kind": "What it is.",
            "account": "The monitor, or the arbiter; absent for what the contract says itself.",
            "source": "Where the monitor has its data from.",
            "metric": "Of what.",
            "period": "The billing period.",
            "intervals": "Within the period, of which it tells.",
            "begin": "When the first of them begins.",
            "end": "When the last of them ends.",
            "readings": "Of a measurement: a number, `up`, `down` or `missing` for each interval; absent when another contract posted it.",
            "ruling": "Of a ruling: `up`, `down` or `unknown`.",
            "evidence": "Of a measurement: the SHA-256 of query, time window and answers, which the monitor keeps.",
            "bond": "Of an expulsion: what the monitor lost.",
        ]
    }
}

public struct AgreementPaymentResource: Resource {
    public let id: String
    public let height: UInt64
    public let time: TimeText
    public let transaction: FixedHex<TransactionID>
    public let isIncoming: Bool
    public let purpose: PaymentWord
    public let account: AddressText?
    public let amount: AmountText

    public init(
        id: String, height: UInt64, time: TimeText, transaction: FixedHex<TransactionID>, isIncoming: Bool, purpose: PaymentWord, account:
        AddressText? = nil, amount: AmountText
    ) {
        self.id = id
        self.height = height
        self.time = time
        self.transaction = transaction
        self.isIncoming = isIncoming
        self.purpose = purpose
        self.account = account
        self.amount = amount
    }

    public static let documentation = "Money that came into the escrow of an agreement, or left it."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "`height-receipt-event`: its place, and the name of its proof at /v1/proofs/events.",
            "height": "The block.",
            "time": "The block's time.",
            "transaction": "In which.",
            "isIncoming": "Whether it came in.",
            "purpose": "What it is.",
            "account": "Who paid, or was paid; absent for what was destroyed.",
            "amount": "Base units.",
        ]
    }
}
