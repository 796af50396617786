import Execution
import Primitives

extension Agreements {
    /// Decides intervals of one page, and counts what it decided. Whatever the order of the reports, the same intervals are decided the same
    /// way and counted once.
    struct PageJudge {
        let terms: Terms
        let timeline: Timeline
        let period: UInt32
        let page: UInt32
        /// Of the neighbouring pages in the same period: where the service was down.
        let downBefore: UInt64
        let downAfter: UInt64
        private(set) var verdicts: VerdictPage
        private(set) var tally: Tally
        private let threshold: UInt32

        init(
            _ terms: Terms, _ timeline: Timeline, period: UInt32, page: UInt32, verdicts: VerdictPage, tally: Tally, downBefore: UInt64, downAfter: UInt64
        ) {
            self.terms = terms
            self.timeline = timeline
            self.period = period
            self.page = page
            self.verdicts = verdicts
            self.tally = tally
            self.downBefore = downBefore
            self.downAfter = downAfter
            // Terms were validated, so that there is one.
            threshold = terms.level.rule.threshold(of: terms.level.metrics.elements) ?? 1
        }

        /// What a metric gave in the interval `place` of the page; a ruling takes the place of a dispute.
        mutating func set(_ metric: Int, _ place: Int, _ verdict: MetricVerdict) {
            let bit: UInt64 = 1 << UInt64(place), provider = Int(terms.level.metrics[metric].provider)
            // Another metric may already have decided the interval; who else had a part in it is still counted.
            if verdict == .down && verdicts.down & bit != 0 && !isAtFault(provider, bit) { blame(provider) }
            var bits = verdicts.metrics[metric]
            bits.disputed &= ~bit
            bits.set(verdict, bit)
            verdicts.metrics = verdicts.metrics.replacing(metric, bits)
        }

        private func isAtFault(_ provider: Int, _ bit: UInt64) -> Bool {
            zip(terms.level.metrics, verdicts.metrics).contains { Int($0.provider) == provider && $1.down & bit != 0 }
        }

        private mutating func blame(_ provider: Int) { tally.faults = tally.faults.replacing(provider, tally.faults[provider] + 1) }

        /// Counts readings of a monitor.
        mutating func count(reports: Int, of monitor: Int) {
            tally.reports = tally.reports.replacing(monitor, tally.reports[monitor] + UInt32(reports))
        }

        /// Decides an interval if its metrics do, whatever may still come; when it `isFinal`, as they are.
        mutating func decide(_ place: Int, isFinal: Bool) {
            let bit: UInt64 = 1 << UInt64(place)
            guard verdicts.decided & bit == 0 else { return }
            if timeline.isExcluded(timeline.interval(page * pageIntervals + UInt32(place), ofPeriod: period)) {
                verdicts.excluded |= bit
                tally.excluded += 1
                return
            }
            let level = terms.level
            var met: UInt32 = 0, open: UInt32 = 0
            var isPending = false
            for (metric, bits) in zip(level.metrics, verdicts.metrics) where bits.down & bit == 0 {
                let weight = level.rule.weight(of: metric)
                if bits.up & bit != 0 {
                    met += weight
                } else {
                    open += weight
                    // A dispute waits for the arbiter, if there is one.
                    if bits.unknown & bit == 0 && (bits.disputed & bit == 0 || terms.arbiter != nil) { isPending = true }
                }
            }
            if met >= threshold {
                verdicts.up |= bit
                tally.up += 1
            } else if met + open < threshold {
                fail(place)
            } else if isFinal || !isPending {
                verdicts.unknown |= bit
                tally.unknown += 1
            }
        }

        private mutating func fail(_ place: Int) {
            let bit: UInt64 = 1 << UInt64(place)
            for provider in terms.providers.indices where isAtFault(provider, bit) { blame(provider) }
            if let incident = terms.level.incident {
                // An outage of n intervals costs max(0, n − grace) of them. This interval joins the outages on its sides, of which no more than
                // a grace need be seen: beyond that each further interval costs one.
                let grace = Int(incident.graceIntervals)
                tally.incident += UInt32(max(0, run(from: place, step: -1, grace) + 1 + run(from: place, step: 1, grace) - grace))
            }
            verdicts.down |= bit
            tally.down += 1
        }

        /// How many intervals on one side of `place` were down without a break, up to `limit`, which is less than a page.
        private func run(from place: Int, step: Int, _ limit: Int) -> Int {
            var length = 0
            while length < limit {
                let next = place + step * (length + 1)
                let isDown = switch next {
                case ..<0: downBefore >> UInt64(next + 64) & 1 == 1
                case 64...: downAfter >> UInt64(next - 64) & 1 == 1
                default: verdicts.down >> UInt64(next) & 1 == 1
                }
                guard isDown else { break }
                length += 1
            }
            return length
        }

        /// Steps of deciding one interval.
        static func steps(_ terms: Terms, _ timeline: Timeline) -> UInt64 {
            UInt64((2 + terms.providers.count) * terms.level.metrics.count) + 8 + timeline.exclusionSteps
        }
    }
}
