import Primitives

extension Agreements {
    /// What is known of one metric in one interval.
    enum MetricVerdict: Equatable {
        case up, down
        /// The source had nothing to say, or too few monitors reported.
        case unknown
        /// All monitors reported, and no quorum of them agrees.
        case disputed
    }

    /// One monitor's word on one interval.
    struct Report: Equatable {
        let weight: UInt32
        /// nil when the source had nothing to say.
        let value: UInt64?
    }

    /// The conflict rule: what monitors' reports say together. It is the same whoever computes it and however often.
    ///
    /// Two thirds of the weight of all monitors are a quorum. Binary values are decided by a quorum that says the same; numbers by the
    /// lower weighted median of a quorum's reports, if a quorum lies close enough to it; a missing value by a quorum that misses it. What
    /// a quorum has decided stays so, whatever comes later: with fewer than a third of the weight at fault, honest monitors' values lie on both
    /// sides of the median, or at it.
    struct Judgement {
        let metric: ServiceMetric
        /// Of all monitors that are not expelled.
        let totalWeight: UInt32

        /// nil as long as further reports could decide.
        func verdict(_ reports: [Report]) -> MetricVerdict? {
            guard totalWeight > 0 else { return nil }
            let quorum = quorum
            let missing = reports.reduce(UInt32(0)) { $1.value == nil ? $0 + $1.weight : $0 }
            if missing >= quorum { return metric.missing == .breach ? .down : .unknown }
            if let value = value(reports) { return metric.objective.isMet(by: value) ? .up : .down }
            return reports.reduce(0) { $0 + $1.weight } >= totalWeight ? .disputed : nil
        }

        /// The value that a quorum agrees on; nil when none does.
        func value(_ reports: [Report]) -> UInt64? {
            let values = reports.compactMap { report in report.value.map { (value: $0, weight: report.weight) } }
            guard totalWeight > 0, values.reduce(0, { $0 + $1.weight }) >= quorum else { return nil }
            return agreed(values, quorum)
        }

        private var quorum: UInt32 { (2 * totalWeight + 2) / 3 }

        private func agreed(_ values: [(value: UInt64, weight: UInt32)], _ quorum: UInt32) -> UInt64? {
            if metric.kind == .binary {
                for candidate: UInt64 in [0, 1] where values.reduce(0, { $0 + ($1.value == candidate ? $1.weight : 0) }) >= quorum { return candidate }
                return nil
            }
            let sorted = values.sorted { $0.value < $1.value }
            let total = sorted.reduce(0) { $0 + $1.weight }
            var below: UInt32 = 0
            var median: UInt64 = 0
            for entry in sorted {
                below += entry.weight
                median = entry.value
                if 2 * below >= total { break }
            }
            guard let deviation = metric.deviationPartsPerMillion else { return median }
            let room = UInt128(median) * UInt128(deviation)
            let close = sorted.reduce(UInt32(0)) { sum, entry in
                let distance = entry.value > median ? entry.value - median : median - entry.value
                return UInt128(distance) * UInt128(ServiceLevel.whole) <= room ? sum + entry.weight : sum
            }
            return close >= quorum ? median : nil
        }
    }
}
