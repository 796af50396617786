import Primitives

/// What a monitor tells the person who runs it. Nothing in it is secret.
public enum MonitorEvent: Sendable, CustomStringConvertible {
    /// An interval is decided; of a probe that failed with the reason.
    case measured(IntervalMeasurement, fault: SourceError?)
    /// Maintenance, or intervals that the contract takes no more.
    case passedOver(WatchKey, Range<UInt64>, isMaintenance: Bool)
    /// A source did not answer; it is asked again after the pause.
    case failing(WatchKey, SourceError, pause: Duration)
    /// So many measurements wait for the chain that no further ones are made.
    case full(WatchKey)
    case posted(reports: Int, place: String)
    /// The chain did not take reports; they are posted again after the pause.
    case waiting(SinkError, pause: Duration)
    /// A report that will never be taken.
    case refused(Report, SinkError)
    /// The journal did not take a record, and is asked again after the pause.
    case unwritten(JournalError, pause: Duration)

    /// Whether somebody should look.
    public var isTrouble: Bool {
        switch self {
        case .measured(_, let fault): fault != nil
        case .passedOver(_, _, let isMaintenance): !isMaintenance
        case .posted: false
        case .failing, .full, .waiting, .refused, .unwritten: true
        }
    }

    public var description: String {
        switch self {
        case .measured(let measurement, let fault):
            "\(measurement.key) interval \(measurement.index): \(measurement.outcome)" + (fault.map { " (\($0))" } ?? "")
        case .passedOver(let key, let range, let isMaintenance):
            "\(key) intervals \(range.lowerBound) to \(range.upperBound - 1): \(isMaintenance ? "maintenance" : "too late to be told")"
        case .failing(let key, let error, let pause): "\(key) has no answer yet, again in \(pause): \(error)"
        case .full(let key): "\(key) waits: \(MonitoringLimits.pendingMax) measurements are not posted yet"
        case .posted(let reports, let place): "\(reports) report\(reports == 1 ? "" : "s") posted: \(place)"
        case .waiting(let error, let pause): "the chain does not take reports now, again in \(pause): \(error)"
        case .refused(let report, let error):
            "\(report.key) intervals \(report.first) to \(report.first + UInt64(report.measurements.count) - 1) are refused: \(error)"
        case .unwritten(let error, let pause): "the journal cannot be written, again in \(pause): \(error)"
        }
    }
}
