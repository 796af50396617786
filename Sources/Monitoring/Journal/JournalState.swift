import Primitives

/// What a monitor knows: what it has decided, sealed and told. It is the sum of the journal's records, and changes by them alone.
struct JournalState: Sendable {
    struct WatchState: Sendable {
        let schedule: Digest
        /// The first interval that is not decided.
        var next: UInt64
        /// Decided and not yet in a report, by ascending intervals below `next`.
        var pending: [IntervalMeasurement] = []
    }

    private(set) var watches: [WatchKey: WatchState] = [:]
    /// Reports that are not told yet, in the order of their numbers.
    private(set) var sealed: [Report] = []
    /// The last number of a report, by agreement.
    private(set) var sequences: [UInt64: UInt64] = [:]
    private(set) var pendingCount = 0

    /// Applies a record; false for one that cannot follow what is known. Then nothing has changed.
    mutating func apply(_ record: JournalRecord) -> Bool {
        switch record {
        case .opened(let key, let schedule, let next):
            guard watches[key] == nil else { return false }
            watches[key] = WatchState(schedule: schedule, next: next)
        case .decided(let measurements, let next): return decide(measurements, next)
        case .advanced(let key, let next):
            guard let watch = watches[key], next >= watch.next else { return false }
            watches[key]?.next = next
        case .sealed(let reports): return seal(reports)
        case .told(let count):
            guard Int(count) <= sealed.count else { return false }
            sealed.removeFirst(Int(count))
        case .discarded(let key, let count):
            guard let watch = watches[key], Int(count) <= watch.pending.count else { return false }
            watches[key]?.pending.removeFirst(Int(count))
            pendingCount -= Int(count)
        case .numbered(let agreement, let sequence):
            guard sequence >= sequences[agreement, default: 0] else { return false }
            sequences[agreement] = sequence
        }
        return true
    }

    private mutating func decide(_ measurements: [IntervalMeasurement], _ next: UInt64) -> Bool {
        guard let key = measurements.first?.key, let watch = watches[key], let last = measurements.last else { return false }
        var expected = watch.next
        for measurement in measurements {
            guard measurement.key == key, measurement.index >= expected, measurement.index < .max else { return false }
            expected = measurement.index + 1
        }
        guard next > last.index else { return false }
        watches[key]?.pending += measurements
        watches[key]?.next = next
        pendingCount += measurements.count
        return true
    }

    private mutating func seal(_ reports: [Report]) -> Bool {
        var taken: [WatchKey: Int] = [:], last = sequences
        for report in reports {
            let start = taken[report.key, default: 0], count = report.measurements.count
            guard let watch = watches[report.key], start + count <= watch.pending.count,
                  watch.pending[start..<(start + count)].elementsEqual(report.measurements),
                  report.sequence > last[report.key.agreement, default: 0] else { return false }
            taken[report.key] = start + count
            last[report.key.agreement] = report.sequence
        }
        for (key, count) in taken {
            watches[key]?.pending.removeFirst(count)
            pendingCount -= count
        }
        sequences = last
        sealed += reports
        return true
    }

    /// The records that make this state from nothing.
    var records: [JournalRecord] {
        var records: [JournalRecord] = []
        for (key, watch) in watches.sorted(by: { $0.key < $1.key }) {
            // What is sealed is written as decided first: that is how it came about.
            let decided = sealed.filter { $0.key == key }.flatMap(\.measurements) + watch.pending
            records.append(.opened(key, schedule: watch.schedule, next: decided.first?.index ?? watch.next))
            for start in stride(from: 0, to: decided.count, by: MonitoringLimits.windowsMax) {
                let part = Array(decided[start..<min(start + MonitoringLimits.windowsMax, decided.count)])
                records.append(.decided(part, next: part[part.count - 1].index + 1))
            }
            if !decided.isEmpty { records.append(.advanced(key, next: watch.next)) }
        }
        if !sealed.isEmpty { records.append(.sealed(sealed)) }
        for (agreement, sequence) in sequences.sorted(by: { $0.key < $1.key }) { records.append(.numbered(agreement: agreement, sequence: sequence)) }
        return records
    }
}
