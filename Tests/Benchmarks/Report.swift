import Foundation

/// A named set of measurements of one hot path.
struct Suite: Sendable {
    let name: String
    let summary: String
    /// Fills the report; with `quick` set, a tenth of the work.
    let measure: @Sendable (inout Report, _ quick: Bool) throws -> Void
}

/// One measured quantity: median and spread over its samples.
struct Figure: Codable {
    var median: Double
    var min: Double
    var max: Double
    var unit: String
}

/// What a suite saw: `{suite, setup, figures: {name: {median, min, max, unit}}}`.
struct Report: Encodable {
    let suite: String
    var setup: [String: String]
    private(set) var figures: [String: Figure] = [:]
    private var order: [String] = []

    enum CodingKeys: CodingKey { case suite, setup, figures }

    init(suite: String) {
        self.suite = suite
        setup = ["processor": Machine.processor, "cores": "\(ProcessInfo.processInfo.activeProcessorCount)"]
    }

    /// Adds a figure from at least one sample.
    mutating func add(_ name: String, _ samples: [Double], unit: String) {
        precondition(!samples.isEmpty && figures[name] == nil)
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        let median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        figures[name] = Figure(median: median, min: sorted.first!, max: sorted.last!, unit: unit)
        order.append(name)
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var table: String {
        var lines = ["\(suite)"]
        for (key, value) in setup.sorted(by: { $0.key < $1.key }) { lines.append("  \(key): \(value)") }
        let width = (order.map(\.count).max() ?? 0) + 2
        for name in order {
            let figure = figures[name]!
            let columns = [figure.median, figure.min, figure.max].map { Self.number($0).leftPadded(to: 12) }.joined()
            lines.append("  \(name.padding(toLength: width, withPad: " ", startingAt: 0))\(columns)  \(figure.unit)")
        }
        let heads = ["median", "min", "max"].map { $0.leftPadded(to: 12) }.joined()
        lines.insert("  " + String(repeating: " ", count: width) + heads, at: lines.count - order.count)
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double) -> String {
        switch abs(value) {
        case 1000...: String(format: "%.0f", value)
        case 10...: String(format: "%.1f", value)
        default: String(format: "%.3f", value)
        }
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

/// Processor and wall time of a stretch of work, in seconds.
struct Stopwatch {
    private let wallStart = Self.read(CLOCK_MONOTONIC)
    private let cpuStart = Self.read(CLOCK_PROCESS_CPUTIME_ID)
    private let threadStart = Self.read(CLOCK_THREAD_CPUTIME_ID)

    var wall: Double { Self.read(CLOCK_MONOTONIC) - wallStart }
    /// Of all threads of the process.
    var cpu: Double { Self.read(CLOCK_PROCESS_CPUTIME_ID) - cpuStart }
    /// Of the calling thread alone.
    var threadCPU: Double { Self.read(CLOCK_THREAD_CPUTIME_ID) - threadStart }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Keeps a result from being optimised away.
@inline(never) func consume<Value>(_ value: Value) {}
