import Cryptography
public import Execution
public import Ledger
public import Primitives

extension Agreements {
    /// What the parties agree on, whole: one canonical encoding, which all of them sign.
    ///
    /// What is signed is `trellis/terms/1 || chainID || contract || BCS(terms)`, and the digest is the SHA-256 of that. The salt makes each
    /// agreement's digest its own: terms become an agreement once.
    public struct Terms: Hashable, Record {
        public let consumer: Address
        /// The service that is bought, by the parties' own key for it.
        public let service: ServiceKey
        /// The offer of the knowledge mesh that it came from.
        public let offer: UInt64?
        public let providers: Bounded<8, Provider>
        public let monitors: Bounded<16, Monitor>
        /// Who decides where monitors disagree, and what held-back money may be used for; none for nobody.
        public let arbiter: Address?
        /// Whether parties may be among the monitors, or be the arbiter.
        public let partiesMayMonitor: Bool
        public let level: ServiceLevel
        public let schedule: Schedule
        public let payment: Payment
        public let windows: Windows
        /// The SHA-256 of what the parties agreed on besides and keep to themselves, salted.
        public let confidential: Digest?
        /// Block time from which the agreement can no longer become active.
        public let expires: Timestamp
        public let salt: Digest

        public init(
            consumer: Address, service: ServiceKey, offer: UInt64? = nil, providers: Bounded<8, Provider>, monitors: Bounded<16, Monitor>,
            arbiter: Address? = nil, partiesMayMonitor: Bool = false, level: ServiceLevel, schedule: Schedule, payment: Payment,
            windows: Windows, confidential: Digest? = nil, expires: Timestamp, salt: Digest
        ) {
            self.consumer = consumer
            self.service = service
            self.offer = offer
            self.providers = providers
            self.monitors = monitors
            self.arbiter = arbiter
            self.partiesMayMonitor = partiesMayMonitor
            self.level = level
            self.schedule = schedule
            self.payment = payment
            self.windows = windows
            self.confidential = confidential
            self.expires = expires
            self.salt = salt
        }

        public static let fields = Fields(
            Field("consumer", "Who buys.") { $0.consumer }, Field("service", "The parties' key for the service.") { $0.service },
            Field("offer", "The offer of the knowledge mesh that it came from.") { $0.offer }, Field("providers", "Who provides.") { $0.providers },
            Field("monitors", "Who measures.") { $0.monitors }, Field("arbiter", "Who decides where monitors disagree.") { $0.arbiter },
            Field("partiesMayMonitor", "Whether parties may monitor or arbitrate.") { $0.partiesMayMonitor },
            Field("level", "What is promised.") { $0.level }, Field("schedule", "When.") { $0.schedule },
            Field("payment", "For how much.") { $0.payment }, Field("windows", "Delays and deadlines.") { $0.windows },
            Field("confidential", "The salted SHA-256 of what the parties keep to themselves.") { $0.confidential },
            Field("expires", "Block time from which it can no longer become active.") { $0.expires },
            Field("salt", "Any 32 bytes that make it unique.") { $0.salt },
            make: {
                Terms(
                    consumer: $0, service: $1, offer: $2, providers: $3, monitors: $4, arbiter: $5, partiesMayMonitor: $6, level: $7,
                    schedule: $8, payment: $9, windows: $10, confidential: $11, expires: $12, salt: $13)
            })

        /// What every party signs.
        public func signedBytes(chainID: ChainID) -> [UInt8] {
            SigningDomain.terms.signedBytes(SignedTerms(contract: Agreements.address, terms: self), chainID: chainID)
        }

        public func digest(chainID: ChainID) -> Digest { SHA256.hash(signedBytes(chainID: chainID)) }

        /// Consumer and providers, in the order of their acceptances.
        public var parties: [Address] { [consumer] + providers.map(\.account) }
    }

    public enum ServiceKeyBound: TextBound { public static var bytesMax: Int { 64 } }
    public typealias ServiceKey = BoundedText<ServiceKeyBound>
    public enum SourceBound: TextBound { public static var bytesMax: Int { 32 } }
    public typealias Source = BoundedText<SourceBound>

    private struct SignedTerms: BCSCodable {
        let contract: Address
        let terms: Terms

        init(contract: Address, terms: Terms) {
            self.contract = contract
            self.terms = terms
        }

        init(from decoder: inout BCSDecoder) throws(BCSError) {
            self.init(contract: try decoder.decode(Address.self), terms: try decoder.decode(Terms.self))
        }

        func encode(into encoder: inout BCSEncoder) {
            contract.encode(into: &encoder)
            terms.encode(into: &encoder)
        }
    }

    /// One of those who provide the service together.
    public struct Provider: Hashable, Record {
        public let account: Address
        /// Of the fee; all shares are 1,000,000.
        public let sharePartsPerMillion: UInt32
        /// What it must have deposited when a period begins.
        public let collateral: Amount

        public init(account: Address, sharePartsPerMillion: UInt32 = 1_000_000, collateral: Amount = .zero) {
            self.account = account
            self.sharePartsPerMillion = sharePartsPerMillion
            self.collateral = collateral
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account }, Field("sharePartsPerMillion", "Its share of the fee.") { $0.sharePartsPerMillion },
            Field("collateral", "What it must have deposited when a period begins.") { $0.collateral },
            make: { Provider(account: $0, sharePartsPerMillion: $1, collateral: $2) })
    }

    /// One of those who measure.
    public struct Monitor: Hashable, Record {
        public let account: Address
        public let weight: UInt16
        /// Where it gets its data from: a token. Monitors of one source should share the weight of one.
        public let source: Source

        public init(account: Address, weight: UInt16 = 1, source: Source) {
            self.account = account
            self.weight = weight
            self.source = source
        }

        public static let fields = Fields(
            Field("account", "Who.") { $0.account }, Field("weight", "What its word counts.") { $0.weight },
            Field("source", "Where its data come from: a token.") { $0.source }, make: { Monitor(account: $0, weight: $1, source: $2) })
    }

    /// When the service runs. Intervals are half-open and aligned to the start.
    public struct Schedule: Hashable, Record {
        public let start: Timestamp
        public let intervalMilliseconds: UInt64
        /// Intervals of one billing period.
        public let periodIntervals: UInt32
        public let periods: UInt32

        public init(start: Timestamp, intervalMilliseconds: UInt64, periodIntervals: UInt32, periods: UInt32) {
            self.start = start
            self.intervalMilliseconds = intervalMilliseconds
            self.periodIntervals = periodIntervals
            self.periods = periods
        }

        public static let fields = Fields(
            Field("start", "When the first interval begins.") { $0.start },
            Field("intervalMilliseconds", "How long one lasts.") { $0.intervalMilliseconds },
            Field("periodIntervals", "Intervals of one billing period.") { $0.periodIntervals }, Field("periods", "Billing periods.") { $0.periods },
            make: { Schedule(start: $0, intervalMilliseconds: $1, periodIntervals: $2, periods: $3) })
    }

    /// What is paid for each billing period, and when.
    public struct Payment: Hashable, Record {
        public let fee: Amount
        /// Periods that must be paid for before the agreement becomes active; all of them for full prepayment.
        public let prepaidPeriods: UInt32
        /// Of what providers earn in each period, kept until the end.
        public let holdBackPartsPerMillion: UInt32
        /// For each monitor and period, as far as it reported.
        public let monitorFee: Amount
        /// What each monitor deposits, and loses when it contradicts itself.
        public let monitorBond: Amount
        /// For whoever closes a period.
        public let keeperFee: Amount

        public init(
            fee: Amount, prepaidPeriods: UInt32 = 1, holdBackPartsPerMillion: UInt32 = 0, monitorFee: Amount = .zero,
            monitorBond: Amount = .zero, keeperFee: Amount = .zero
        ) {
            self.fee = fee
            self.prepaidPeriods = prepaidPeriods
            self.holdBackPartsPerMillion = holdBackPartsPerMillion
            self.monitorFee = monitorFee
            self.monitorBond = monitorBond
            self.keeperFee = keeperFee
        }

        public static let fields = Fields(
            Field("fee", "For one period.") { $0.fee }, Field("prepaidPeriods", "Periods that are paid for before it becomes active.") { $0.prepaidPeriods },
            Field("holdBackPartsPerMillion", "Of what providers earn, kept until the end.") { $0.holdBackPartsPerMillion },
            Field("monitorFee", "For each monitor and period, as far as it reported.") { $0.monitorFee },
            Field("monitorBond", "What each monitor deposits.") { $0.monitorBond }, Field("keeperFee", "For whoever closes a period.") { $0.keeperFee },
            make: {
                Payment(
                    fee: $0, prepaidPeriods: $1, holdBackPartsPerMillion: $2, monitorFee: $3, monitorBond: $4, keeperFee: $5)
            })
    }

    /// Delays and deadlines, in milliseconds of block time.
    public struct Windows: Hashable, Record {
        /// From the end of an interval until it may be reported: sources need time to know.
        public let settleMilliseconds: UInt64
        /// How long it may be reported then.
        public let lateMilliseconds: UInt64
        /// How long the arbiter has after that where monitors disagree.
        public let rulingMilliseconds: UInt64
        /// From the close of the last period until deposits and what was held back are paid out.
        public let challengeMilliseconds: UInt64
        /// From a termination until the period in which it takes effect may end.
        public let noticeMilliseconds: UInt64
        /// How long before its start a period is to be paid for. What is overdue is told, and can still be paid until the start.
        public let graceMilliseconds: UInt64
        /// How long before it begins maintenance must be announced.
        public let maintenanceNoticeMilliseconds: UInt64

        public init(
            settleMilliseconds: UInt64 = 900_000, lateMilliseconds: UInt64 = 86_400_000, rulingMilliseconds: UInt64 = 0,
            challengeMilliseconds: UInt64 = 0, noticeMilliseconds: UInt64 = 0, graceMilliseconds: UInt64 = 0,
            maintenanceNoticeMilliseconds: UInt64 = 0
        ) {
            self.settleMilliseconds = settleMilliseconds
            self.lateMilliseconds = lateMilliseconds
            self.rulingMilliseconds = rulingMilliseconds
            self.challengeMilliseconds = challengeMilliseconds
            self.noticeMilliseconds = noticeMilliseconds
            self.graceMilliseconds = graceMilliseconds
            self.maintenanceNoticeMilliseconds = maintenanceNoticeMilliseconds
        }

        public static let fields = Fields(
            Field("settleMilliseconds", "From the end of an interval until it may be reported.") { $0.settleMilliseconds },
            Field("lateMilliseconds", "How long it may be reported then.") { $0.lateMilliseconds },
            Field("rulingMilliseconds", "How long the arbiter has after that.") { $0.rulingMilliseconds },
            Field("challengeMilliseconds", "From the close of the last period until deposits are paid out.") { $0.challengeMilliseconds },
            Field("noticeMilliseconds", "From a termination until the period may end in which it takes effect.") { $0.noticeMilliseconds },
            Field("graceMilliseconds", "How long before its start a period is to be paid for.") { $0.graceMilliseconds },
            Field("maintenanceNoticeMilliseconds", "How long before it begins maintenance must be announced.") { $0.maintenanceNoticeMilliseconds },
            make: {
                Windows(
                    settleMilliseconds: $0, lateMilliseconds: $1, rulingMilliseconds: $2, challengeMilliseconds: $3, noticeMilliseconds: $4,
                    graceMilliseconds: $5, maintenanceNoticeMilliseconds: $6)
            })
    }
}
