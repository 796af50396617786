import Interface
import Ledger
import Monitoring
import Primitives

/// A time that passes, as people write it: `30s`, `5m`, `1h30m`, `24h`, `30d`, `500ms`.
enum DurationText {
    private static let units: [(name: String, milliseconds: UInt64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// In milliseconds. Each unit once, the largest first.
    static func milliseconds(_ text: some StringProtocol) -> UInt64? {
        var rest = Substring(text), total: UInt64 = 0, next = 0
        guard !rest.isEmpty, rest.utf8.count <= 40 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }, name = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let number = UInt64(digits), let place = units[next...].firstIndex(where: { $0.name == name }) else { return nil }
            let (product, isTooMuch) = number.multipliedReportingOverflow(by: units[place].milliseconds)
            let (sum, isOver) = total.addingReportingOverflow(product)
            guard !isTooMuch, !isOver else { return nil }
            total = sum
            next = place + 1
            rest = rest.dropFirst(digits.count + name.count)
        }
        return total
    }

    /// In the largest unit of which it is a whole number.
    static func text(_ milliseconds: UInt64) -> String {
        guard milliseconds > 0, let unit = units.first(where: { milliseconds.isMultiple(of: $0.milliseconds) }) else { return "0s" }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Parts per million as people write them: `99.95%`, with at most four decimals.
enum ShareText {
    static func partsPerMillion(_ text: String) -> UInt32? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ part in !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }), parts[0].count <= 6,
              let whole = UInt64(parts[0]) else { return nil }
        guard parts.count == 2 else { return UInt32(exactly: whole * 10_000) }
        guard parts[1].count <= 4, let fraction = UInt64(parts[1] + String(repeating: "0", count: 4 - parts[1].count)) else { return nil }
        return UInt32(exactly: whole * 10_000 + fraction)
    }

    static func text(_ partsPerMillion: UInt32) -> String {
        let (whole, rest) = partsPerMillion.quotientAndRemainder(dividingBy: 10_000)
        guard rest > 0 else { return "\(whole)%" }
        var digits = String(String(rest + 10_000).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)%"
    }
}

/// Amounts of files and answers for people.
enum AmountWords {
    /// `12.5` or `12.5 TRL`.
    static func amount(_ text: String) -> Amount? { Amount(tokens: text.hasSuffix(" TRL") ? text.dropLast(4) : text[...]) }
    static func text(_ amount: Amount) -> String { amount.tokens + " TRL" }
}

/// Times of files: RFC 3339 in UTC, or `in` and how long from now.
struct TimeWords {
    /// The time that `in` is counted from.
    let now: Timestamp

    func time(_ text: String) -> Timestamp? {
        guard text.hasPrefix("in ") else { return TimeArgument(argument: text).flatMap { text.contains("T") ? $0.value : nil } }
        guard let milliseconds = DurationText.milliseconds(text.dropFirst(3)) else { return nil }
        let (sum, isOver) = now.rawValue.addingReportingOverflow(milliseconds)
        // Up to the next whole second, as monitors write times.
        guard !isOver, sum <= .max - 1_000 else { return nil }
        return Timestamp((sum + 999) / 1_000 * 1_000)
    }

    static func text(_ time: Timestamp) -> String {
        let text = TimeText(time).text
        return text.hasSuffix(".000Z") ? text.dropLast(5) + "Z" : text
    }
}

/// Values of files that have a form of their own.
extension ConfigurationReader {
    /// A value in a form that `parse` knows; nil when it is not there.
    mutating func value<Value>(_ name: String, _ remedy: String, _ parse: (String) -> Value?) throws(MonitorConfigurationError) -> Value? {
        guard let text = try text(name) else { return nil }
        guard let value = parse(text) else { throw error(name, "is `\(Terminal.printable(text))`", remedy) }
        return value
    }

    mutating func required<Value>(_ name: String, _ remedy: String, _ parse: (String) -> Value?) throws(MonitorConfigurationError) -> Value {
        guard let value = try value(name, remedy, parse) else { throw error(name, "is missing", remedy) }
        return value
    }

    private static let durationRemedy = "write how long, such as 30s, 5m, 24h or 30d"

    mutating func duration(_ name: String, in range: ClosedRange<UInt64> = 0 ... .max) throws(MonitorConfigurationError) -> UInt64? {
        guard let milliseconds = try value(name, Self.durationRemedy, { DurationText.milliseconds($0) }) else { return nil }
        guard range.contains(milliseconds) else {
            throw error(name, "is \(DurationText.text(milliseconds))", "write from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))")
        }
        return milliseconds
    }

    mutating func requiredDuration(_ name: String, in range: ClosedRange<UInt64>) throws(MonitorConfigurationError) -> UInt64 {
        guard let milliseconds = try duration(name, in: range) else { throw error(name, "is missing", Self.durationRemedy) }
        return milliseconds
    }

    mutating func amount(_ name: String) throws(MonitorConfigurationError) -> Amount? {
        try value(name, "write TRL with at most six decimals, such as 12.5") { AmountWords.amount($0) }
    }

    mutating func requiredAmount(_ name: String) throws(MonitorConfigurationError) -> Amount {
        guard let amount = try amount(name) else { throw error(name, "is missing", "write TRL with at most six decimals, such as `\(name): 12.5`") }
        return amount
    }

    /// In parts per million.
    mutating func share(_ name: String) throws(MonitorConfigurationError) -> UInt32? {
        try value(name, "write a percentage with at most four decimals, such as 99.95%") { ShareText.partsPerMillion($0) }
    }

    mutating func requiredShare(_ name: String) throws(MonitorConfigurationError) -> UInt32 {
        guard let share = try share(name) else { throw error(name, "is missing", "write a percentage, such as `\(name): 10%`") }
        return share
    }

    mutating func flag(_ name: String) throws(MonitorConfigurationError) -> Bool? {
        try value(name, "write yes or no") { ["yes": true, "true": true, "no": false, "false": false][$0] }
    }

    /// A text that fits its bytes.
    mutating func bounded<Bound: TextBound>(_ name: String, _ type: BoundedText<Bound>.Type) throws(MonitorConfigurationError) -> BoundedText<Bound>? {
        try value(name, "write at most \(Bound.bytesMax) bytes") { BoundedText($0) }
    }

    mutating func requiredBounded<Bound: TextBound>(_ name: String, example: String) throws(MonitorConfigurationError) -> BoundedText<Bound> {
        guard let text = try bounded(name, BoundedText<Bound>.self) else { throw error(name, "is missing", "write `\(name): \(example)`") }
        return text
    }

    /// A list of at most `max` maps, each read by `read` to its end.
    mutating func items<let max: Int, Item: BCSCodable>(
        _ name: String, _ read: (inout ConfigurationReader) throws(MonitorConfigurationError) -> Item
    ) throws(MonitorConfigurationError) -> Bounded<max, Item> {
        var items: [Item] = []
        for reader in try list(name, max: max) {
            var reader = reader
            items.append(try read(&reader))
            try reader.finish()
        }
        guard let bounded = Bounded<max, Item>(items) else { throw error(name, "has more than \(max) entries", "write at most \(max)") }
        return bounded
    }
}

extension CommandFailure {
    /// A mistake in a file that people write.
    init(_ error: MonitorConfigurationError, code: String, in path: String) {
        self = .usage(
            code, "\(path == "-" ? "stdin" : path): \(error.place) \(error.text)", next: error.remedy.prefix(1).uppercased() + error.remedy.dropFirst() + ".")
    }
}
