import Primitives

/// What a monitor is told by its file: where it keeps its journal, whom it tells, and what it watches.
///
/// ```yaml
/// journal: /var/lib/trellis/monitor
/// node: http://127.0.0.1:26651
/// watches:
///   - agreement: 12
///     metric: 0
///     kind: binary
///     schedule: {start: 2026-12-01T00:00:00Z, interval-seconds: 60, period-intervals: 43200, periods: 12}
///     source:
///       http: {url: "https://shop.example/health", timeout-seconds: 5, attempts: 3}
/// ```
public struct MonitorConfiguration: Sendable {
    /// The directory of the journal.
    public let journal: String
    /// A node's interface.
    public let node: String?
    /// Milliseconds for which measurements wait for others that can be posted with them.
    public let gather: UInt64
    public let watches: [Watch]

    /// Reads a file's text. Everything is checked here, except what servers and secrets will say.
    public init(yaml text: String) throws(MonitorConfigurationError) {
        var file = try ConfigurationReader.file(text, example: "`watches:` and at least one watch")
        journal = try file.text("journal", example: "/var/lib/trellis/monitor")
        node = file.has("node") ? try file.url("node", example: "http://127.0.0.1:26651") : nil
        gather = (try file.number("gather-seconds", in: 0...86_400) ?? 0) * 1_000
        var watches: [Watch] = [], azure = AzureAccesses()
        for reader in try file.list("watches", max: MonitoringLimits.watchesMax) {
            let watch = try Self.watch(reader, &azure)
            guard !watches.contains(where: { $0.key == watch.key }) else {
                throw reader.error("metric", "is watched twice for agreement \(watch.key.agreement)", "remove one of the two watches")
            }
            watches.append(watch)
        }
        guard !watches.isEmpty else { throw file.error("watches", "is missing or empty", "write a list with at least one watch") }
        try file.finish()
        self.watches = watches
    }

    private enum Kind: String, CaseIterable { case binary, gauge, counter }

    private static func watch(_ reader: ConfigurationReader, _ azure: inout AzureAccesses) throws(MonitorConfigurationError) -> Watch {
        var reader = reader
        let key = WatchKey(
            agreement: try reader.number("agreement", in: 0 ... .max, example: 12),
            metric: UInt8(try reader.number("metric", in: 0...255, example: 0)))
        let word = try reader.word("kind", Kind.self) ?? .binary
        let scale = UInt32(try reader.number("scale", in: 1...1_000_000_000) ?? 1)
        if word == .binary, reader.has("scale") { throw reader.error("scale", "does not suit a binary metric", "remove it") }
        guard let times = try reader.map("schedule") else {
            throw reader.error("schedule", "is missing", "write `start`, `interval-seconds`, `period-intervals` and `periods` of the agreement below it")
        }
        let schedule = try schedule(times)
        guard let map = try reader.map("source") else { throw reader.error("source", "is missing", "name one of: \(SourceConfiguration.names)") }
        let source = try SourceConfiguration(schedule: schedule, kind: word == .binary ? .binary : word == .counter ? .counter : .gauge).source(map, &azure)
        let maintenance = try maintenance(&reader), controls = try controls(&reader, source.presence)
        try reader.finish()
        let kind: ReadingKind = switch word {
        case .binary: .binary
        case .gauge: .gauge(scale: scale)
        case .counter: .counter(scale: scale)
        }
        return Watch(key, kind: kind, schedule: schedule, source: source, maintenance: maintenance, controls: controls)
    }

    private static func schedule(_ reader: ConfigurationReader) throws(MonitorConfigurationError) -> IntervalSchedule {
        var reader = reader
        let start = try reader.time("start"), interval = try reader.number("interval-seconds", in: 1...86_400, example: 60)
        let periodIntervals = try reader.number("period-intervals", in: 1...(1 << 20), example: 43_200)
        let periods = try reader.number("periods", in: 1...1_200, example: 12)
        let settle = try reader.number("settle-seconds", in: 0...(7 * 86_400)) ?? 900
        let late = try reader.number("late-seconds", in: 1...(30 * 86_400)) ?? 86_400
        try reader.finish()
        guard let schedule = IntervalSchedule(
            start: start, interval: interval * 1_000, periodIntervals: UInt32(periodIntervals), periods: UInt32(periods), settle: settle * 1_000,
            late: (settle + late) * 1_000)
        else { throw MonitorConfigurationError(reader.key, "ends after the year 9999", "write the times of the agreement") }
        return schedule
    }

    private static func maintenance(_ reader: inout ConfigurationReader) throws(MonitorConfigurationError) -> [TimeWindow] {
        var windows: [TimeWindow] = []
        for entry in try reader.list("maintenance", max: MonitoringLimits.exclusionsMax) {
            var entry = entry
            let from = try entry.time("from"), to = try entry.time("to")
            try entry.finish()
            guard let window = TimeWindow(from, to) else { throw entry.error("to", "is not after `from`", "write a later time") }
            windows.append(window)
        }
        return windows
    }

    private static func controls(_ reader: inout ConfigurationReader, _ presence: Presence) throws(MonitorConfigurationError) -> [any MeasurementSource] {
        let texts = try reader.texts("controls", max: 8)
        guard !texts.isEmpty else { return [] }
        guard case .live(let effort) = presence else { throw reader.error("controls", "do not suit a source that keeps its points", "remove them") }
        var controls: [any MeasurementSource] = []
        for text in texts {
            controls.append(HTTPProbe(
                try reader.checkedURL(text, "controls", "https://example.org/"), method: "HEAD", statuses: 100...599,
                effort: ProbeEffort(attempts: 1, seconds: effort.seconds)))
        }
        return controls
    }
}
