public struct AgreementPeriodResource: Resource {
    public let period: UInt32
    public let begin: TimeText
    public let end: TimeText
    public let isPaid: Bool
    public let isClosed: Bool
    public let intervals: UInt32
    public let up: UInt32
    public let down: UInt32
    public let excluded: UInt32
    public let unknown: UInt32
    public let availability: UInt32
    public let due: AmountText
    public let credit: AmountText
    public let reports: [UInt32]

    public init(
        period: UInt32, begin: TimeText, end: TimeText, isPaid: Bool, isClosed: Bool, intervals: UInt32, up: UInt32, down: UInt32,
        excluded: UInt32, unknown: UInt32, availability: UInt32, due: AmountText, credit: AmountText, reports: [UInt32]
    ) {
        self.period = period
        self.begin = begin
        self.end = end
        self.isPaid = isPaid
        self.isClosed = isClosed
        self.intervals = intervals
        self.up = up
        self.down = down
        self.excluded = excluded
        self.unknown = unknown
        self.availability = availability
        self.due = due
        self.credit = credit
        self.reports = reports
    }

    public static let documentation = "A billing period of an agreement."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "period": "From 0.",
            "begin": "When its first interval begins.",
            "end": "When its last interval ends.",
            "isPaid": "Whether the consumer has paid for it.",
            "isClosed": "Whether all its intervals are final and it is paid out.",
            "intervals": "Of the whole period.",
            "up": "Intervals that were up.",
            "down": "Intervals that were down.",
            "excluded": "Intervals that do not count.",
            "unknown": "Intervals of which nothing is known for good.",
            "availability": "Parts per million; of an open period, as if all that is open were up.",
            "due": "What the consumer gets back for it, as far as is known.",
            "credit": "What the consumer got back for it so far.",
            "reports": "Readings of each monitor, in the order of the terms.",
        ]
    }
}

public struct AgreementPeriodListResource: Resource {
    public let items: [AgreementPeriodResource]
    public let next: UInt32?

    public init(items: [AgreementPeriodResource], next: UInt32? = nil) {
        self.items = items
        self.next = next
    }

    public static let documentation = "Billing periods of an agreement."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "items": "In their order, at most 50.",
            "next": "Where the list goes on; absent at the end.",
        ]
    }
}

/// What is known of an interval, or of a metric in it.
public enum IntervalWord: String, WordValue {
    case up, down, unknown, disputed, excluded, open
}

public struct TimelineMetricResource: Resource {
    public let name: String
    public let unit: String
    public let kind: String
    public let provider: UInt8
    public let lowest: NumberText?
    public let highest: NumberText?
    public let window: UInt8

    public init(
        name: String, unit: String, kind: String, provider: UInt8, lowest: NumberText? = nil, highest: NumberText? = nil, window: UInt8
    ) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.provider = provider
        self.lowest = lowest
        self.highest = highest
        self.window = window
    }

    public static let documentation = "What is measured, and what it should be."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "name": "Of the metric.",
            "unit": "Of its values.",
            "kind": "`binary`, `gauge` or `counter`.",
            "provider": "Whose service it tells of: the place in the terms.",
            "lowest": "The lowest value that meets the objective; absent when any is low enough.",
            "highest": "The highest one; absent when any is high enough.",
            "window": "Intervals over which monitors take the aggregate that they report for the last of them.",
        ]
    }
}

public struct TimelineReportResource: Resource {
    public let monitor: UInt8
    public let value: NumberText?

    public init(monitor: UInt8, value: NumberText? = nil) {
        self.monitor = monitor
        self.value = value
    }

    public static let documentation = "What a monitor reported."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "monitor": "Its place in the terms.",
            "value": "Of a counter what was counted, of a binary metric 1 or 0; absent when its source had nothing to say.",
        ]
    }
}

public struct TimelineReadingResource: Resource {
    public let state: IntervalWord
    public let value: NumberText?
    public let reports: [TimelineReportResource]

    public init(state: IntervalWord, value: NumberText? = nil, reports: [TimelineReportResource]) {
        self.state = state
        self.value = value
        self.reports = reports
    }

    public static let documentation = "A metric in an interval."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "state": "What was decided; never `excluded`.",
            "value": "What a quorum of the reports says; absent when none agrees.",
            "reports": "In the order of the terms; those of expelled monitors do not count.",
        ]
    }
}

public struct TimelineIntervalResource: Resource {
    public let interval: UInt32
    public let begin: TimeText
    public let end: TimeText
    public let state: IntervalWord
    public let metrics: [TimelineReadingResource]

    public init(
        interval: UInt32, begin: TimeText, end: TimeText, state: IntervalWord, metrics: [TimelineReadingResource]
    ) {
        self.interval = interval
        self.begin = begin
        self.end = end
        self.state = state
        self.metrics = metrics
    }

    public static let documentation = "An interval of an agreement."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "interval": "From 0 within the period.",
            "begin": "When it begins.",
            "end": "When it ends; that moment belongs to the next one.",
            "state": "What was decided.",
            "metrics": "In the order of the service level.",
        ]
    }
}

public struct TimelineResource: Resource {
    public let agreement: UInt64
    public let period: UInt32
    public let intervalMilliseconds: UInt64
    public let periodIntervals: UInt32
    public let metrics: [TimelineMetricResource]
    public let intervals: [TimelineIntervalResource]
    public let next: UInt32?

    public init(
        agreement: UInt64, period: UInt32, intervalMilliseconds: UInt64, periodIntervals: UInt32, metrics: [TimelineMetricResource],
        intervals: [TimelineIntervalResource], next: UInt32? = nil
    ) {
        self.agreement = agreement
        self.period = period
        self.intervalMilliseconds = intervalMilliseconds
        self.periodIntervals = periodIntervals
        self.metrics = metrics
        self.intervals = intervals
        self.next = next
    }

    public static let documentation = "Intervals of a billing period, as monitors saw them."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "agreement": "Its number.",
            "period": "From 0.",
            "intervalMilliseconds": "How long an interval lasts.",
            "periodIntervals": "Intervals of the whole period.",
            "metrics": "In the order of the service level.",
            "intervals": "In their order.",
            "next": "The interval with which the next part begins; absent at the end of the period.",
        ]
    }
}

public struct ViolationResource: Resource {
    public let first: UInt32
    public let count: UInt32
    public let begin: TimeText
    public let end: TimeText
    public let metrics: [String]
    public let providers: [AddressText]
    public let credit: AmountText

    public init(
        first: UInt32, count: UInt32, begin: TimeText, end: TimeText, metrics: [String], providers: [AddressText], credit: AmountText
    ) {
        self.first = first
        self.count = count
        self.begin = begin
        self.end = end
        self.metrics = metrics
        self.providers = providers
        self.credit = credit
    }

    public static let documentation = "A longest run of intervals that were down."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "first": "The first interval within the period.",
            "count": "How many.",
            "begin": "When it began.",
            "end": "When it ended, as far as is decided.",
            "metrics": "Those that were down in one of the intervals.",
            "providers": "Those that had a part in it.",
            "credit": "What the consumer gets back because of it: what is due with all outages up to it, less what is due without it.",
        ]
    }
}

public struct ViolationListResource: Resource {
    public let agreement: UInt64
    public let period: AgreementPeriodResource
    public let items: [ViolationResource]
    public let unknownCredit: AmountText
    public let next: UInt32?

    public init(
        agreement: UInt64, period: AgreementPeriodResource, items: [ViolationResource], unknownCredit: AmountText, next: UInt32? = nil
    ) {
        self.agreement = agreement
        self.period = period
        self.items = items
        self.unknownCredit = unknownCredit
        self.next = next
    }

    public static let documentation = "The outages of a billing period, and what they brought."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "agreement": "Its number.",
            "period": "Which period, and how it stands.",
            "items": "In the order of time, at most 100.",
            "unknownCredit": "What is due for intervals of which nothing is known: part of no outage.",
            "next": "The interval with which the next part begins; absent at the end.",
        ]
    }
}
