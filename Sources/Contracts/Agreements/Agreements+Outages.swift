public import Execution
import Ledger
public import Primitives

/// What failed in a period, and what each failure brought.
extension Agreements {
    /// Outages that one answer holds.
    static let outagesMax = 100
    /// Pages of verdicts that are looked at together.
    private static let pagesAtOnce = 64

    public static let outages = Method(
        "outages", """
            The outages of a period in the order of time, at most 100, each with what the consumer gets back because of it: what is due with all \
            outages up to it, less what is due without it.
            """, kind: .view,
        Argument("agreement", "Which.", UInt64.self), Argument("period", "From 0.", UInt32.self),
        Argument("from", "Only outages that begin with this interval of the period or later.", UInt32.self)
    ) { context, number, period, from throws(CallError) in
        guard let terms = try context.read(termRecords, number), let tally = try context.read(tallies, KeyPair(number, period)) else {
            return OutageList?.none
        }
        var found: [Outage] = [], next: UInt32?, page: UInt32 = 0
        var ledger = OutageLedger(terms, tally)
        let unknown = ledger.due
        scan: while true {
            let pages = try context.entries(verdictPages, first: KeyPair(number, period), from: page, limit: pagesAtOnce)
            for (key, verdicts) in pages {
                try context.charge(GasSchedule.step * (ledger.passes(verdicts) ? 1 : 2 * UInt64(pageIntervals)))
                for outage in ledger.add(verdicts, page: key.second) where outage.first >= from {
                    guard found.count < outagesMax else {
                        next = outage.first
                        break scan
                    }
                    found.append(outage)
                }
            }
            guard pages.count == pagesAtOnce, let last = pages.last else { break }
            page = last.key.second + 1
        }
        if next == nil, let last = ledger.close(), last.first >= from {
            if found.count < outagesMax { found.append(last) } else { next = last.first }
        }
        return OutageList(outages: Bounded(found) ?? Bounded(), unknownCredit: unknown, next: next)
    }

    /// A longest run of intervals of a period that were down.
    public struct Outage: Hashable, Record {
        /// The first interval within the period.
        public let first: UInt32
        public let count: UInt32
        /// Bit i for metric i, if it was down in one of them.
        public let metrics: UInt8
        /// Bit i for provider i, if it had a part in it.
        public let providers: UInt8
        public let credit: Amount

        public static let fields = Fields(
            Field("first", "The first interval within the period.") { $0.first }, Field("count", "How many.") { $0.count },
            Field("metrics", "Bit i for metric i, if it was down in one of them.") { $0.metrics },
            Field("providers", "Bit i for provider i, if it had a part in it.") { $0.providers },
            Field("credit", "What it adds to what is due.") { $0.credit },
            make: { Outage(first: $0, count: $1, metrics: $2, providers: $3, credit: $4) })
    }

    public struct OutageList: Hashable, Record {
        public let outages: Bounded<100, Outage>
        /// What is due, whatever was down: for intervals of which nothing is known.
        public let unknownCredit: Amount
        /// Where the list goes on; none when this was the end.
        public let next: UInt32?

        public static let fields = Fields(
            Field("outages", "In the order of time.") { $0.outages },
            Field("unknownCredit", "What is due for intervals of which nothing is known.") { $0.unknownCredit },
            Field("next", "Where the list goes on; none when this was the end.") { $0.next },
            make: { OutageList(outages: $0, unknownCredit: $1, next: $2) })
    }

    /// Gathers the outages of a period page by page, and divides what is due among them.
    private struct OutageLedger {
        let terms: Terms
        /// The period as counted, with no more down than the outages so far.
        var tally: Tally
        /// What is due with the outages so far.
        private(set) var due: Amount
        private var first: UInt32 = 0, count: UInt32 = 0, metrics: UInt8 = 0

        init(_ terms: Terms, _ tally: Tally) {
            self.terms = terms
            self.tally = tally
            self.tally.down = 0
            self.tally.incident = 0
            due = creditRule(terms).due(self.tally, isFinal: tally.isClosed)
        }

        /// Whether a page has nothing to tell.
        func passes(_ page: VerdictPage) -> Bool { page.down == 0 && count == 0 }

        /// The outages that end in the page, or before it.
        mutating func add(_ page: VerdictPage, page number: UInt32) -> [Outage] {
            guard !passes(page) else { return [] }
            var ended: [Outage] = []
            for place in 0..<pageIntervals {
                let bit: UInt64 = 1 << UInt64(place), interval = number * pageIntervals + place
                if count > 0, page.down & bit == 0 || first + count != interval, let outage = close() { ended.append(outage) }
                guard page.down & bit != 0 else { continue }
                if count == 0 { first = interval }
                count += 1
                for (metric, bits) in page.metrics.enumerated() where bits.down & bit != 0 { metrics |= 1 << UInt8(metric) }
            }
            return ended
        }

        /// The outage that was under way, if there was one.
        mutating func close() -> Outage? {
            guard count > 0 else { return nil }
            let grace = UInt32(terms.level.incident?.graceIntervals ?? 0), before = due
            tally.down += count
            if terms.level.incident != nil { tally.incident += count - min(count, grace) }
            due = creditRule(terms).due(tally, isFinal: tally.isClosed)
            var providers: UInt8 = 0
            for (place, metric) in terms.level.metrics.enumerated() where metrics >> UInt8(place) & 1 == 1 { providers |= 1 << metric.provider }
            // More outages never make less due.
            let outage = Outage(
                first: first, count: count, metrics: metrics, providers: providers, credit: due.subtracting(before) ?? .zero)
            (count, metrics) = (0, 0)
            return outage
        }
    }
}
