import Contracts

/// A scalar whose type is known: its canonical form, and what it is compared by.
struct TypedScalar: Hashable {
    /// What constraints compare. Values of different cases have no order.
    enum Order: Hashable {
        case number(Decimal)
        case version(Version)
        case time(Timestamp)
    }

    let value: DocumentValue
    let order: Order?

    init(_ value: DocumentValue, order: Order? = nil) {
        self.value = value
        self.order = order
    }

    /// Whether the first of two is smaller; nil when they have no order.
    static func precedes(_ left: TypedScalar, _ right: TypedScalar) -> Bool? {
        switch (left.order, right.order) {
        case (.number(let left)?, .number(let right)?): left < right
        case (.version(let left)?, .version(let right)?): left < right
        case (.time(let left)?, .time(let right)?): left < right
        default: nil
        }
    }

    /// Two ways of writing one thing are equal: 1 GB and 1000 MB, 1.0 and 1.
    static func areEqual(_ left: TypedScalar, _ right: TypedScalar) -> Bool {
        if let first = left.order, let second = right.order { return first == second }
        return left.value == right.value
    }

    /// Reads a scalar as a simple type that is no list, map or range; nil when it is none.
    init?(_ scalar: YAMLNode.Scalar, as type: BuiltInType) {
        let text = scalar.text, plain = scalar.isQuoted ? nil : CoreSchema.value(text)
        switch type {
        case .string:
            if scalar.isQuoted { self.init(.text(text)) } else if case .text(let text)? = plain { self.init(.text(text)) } else { return nil }
        case .integer:
            guard case .integer(let number)? = plain else { return nil }
            self.init(.integer(number), order: .number(Decimal(number)))
        case .float:
            guard !scalar.isQuoted, let number = CoreSchema.integer(text).map(Decimal.init) ?? Decimal(text), let value = number.value else { return nil }
            self.init(value, order: .number(number))
        case .boolean:
            guard case .boolean? = plain else { return nil }
            self.init(plain!)
        case .null:
            guard case .null? = plain else { return nil }
            self.init(.null)
        case .timestamp:
            guard let time = Timestamp(text) else { return nil }
            self.init(.text(text), order: .time(time))
        case .version:
            guard let version = Version(text) else { return nil }
            self.init(.text(text), order: .version(version))
        case .size, .time, .frequency, .bitrate:
            guard let amount = ScalarUnit(text, type) else { return nil }
            self.init(.text(amount.text), order: .number(amount.amount))
        case .range, .list, .map: return nil
        }
    }
}

/// A version of TOSCA (section 3.3.2): `major.minor[.fix[.qualifier[-build]]]`.
struct Version: Hashable, Comparable {
    private let numbers: [Int]
    private let qualifier: String
    private let build: Int

    init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        // A single 0 is the version of what has none.
        if text == "0" { (numbers, qualifier, build) = ([0, 0, 0], "", 0); return }
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init), build = 0
        guard (2...4).contains(parts.count) else { return nil }
        if parts.count == 4, let dash = parts[3].firstIndex(of: "-") {
            guard let number = Self.number(String(parts[3][parts[3].index(after: dash)...])) else { return nil }
            build = number
            parts[3] = String(parts[3][..<dash])
        }
        let numbers = parts.prefix(3).compactMap(Self.number)
        guard numbers.count == min(parts.count, 3) else { return nil }
        if parts.count == 4 {
            guard !parts[3].isEmpty, parts[3].utf8.allSatisfy({ Digits.isDigit($0) || (97...122).contains($0 | 0x20) || $0 == 95 }) else { return nil }
        }
        self.numbers = numbers + repeatElement(0, count: 3 - numbers.count)
        qualifier = parts.count == 4 ? parts[3] : ""
        self.build = build
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.count <= 18 && !text.isEmpty && text.utf8.allSatisfy(Digits.isDigit) ? Int(text) : nil
    }

    static func < (left: Version, right: Version) -> Bool {
        if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
        // What has a qualifier comes before what has none: 1.0.0.beta before 1.0.0.
        if left.qualifier != right.qualifier { return right.qualifier.isEmpty || (!left.qualifier.isEmpty && left.qualifier < right.qualifier) }
        return left.build < right.build
    }
}

/// A point in time as YAML's timestamp type writes it: a date, or a date and a time with or without a zone.
struct Timestamp: Hashable, Comparable {
    /// Since the first day of year 0, in UTC; what has no zone is UTC.
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ text: String) {
        guard text.utf8.count <= 40 else { return nil }
        var rest = Substring(text)
        func digits(_ count: ClosedRange<Int>) -> Int? {
            let found = rest.prefix { $0.isASCII && $0.isNumber }
            guard count.contains(found.count) else { return nil }
            rest = rest[found.endIndex...]
            return Int(found)
        }
        func take(_ characters: String) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4...4), take("-"), let month = digits(1...2), take("-"), let day = digits(1...2),
              (1...12).contains(month), (1...Self.days(month, year)).contains(day) else { return nil }
        var seconds = 0, fraction = 0
        if !rest.isEmpty {
            guard take("Tt ") else { return nil }
            rest = rest.drop { $0 == " " }
            guard let hour = digits(1...2), take(":"), let minute = digits(2...2), take(":"), let second = digits(2...2),
                  hour < 24, minute < 60, second <= 60 else { return nil }
            seconds = (hour * 60 + minute) * 60 + second
            if take(".") {
                let found = rest.prefix { $0.isASCII && $0.isNumber }
                guard (1...9).contains(found.count), let number = Int(found + String(repeating: "0", count: 9 - found.count)) else { return nil }
                fraction = number
                rest = rest[found.endIndex...]
            }
            rest = rest.drop { $0 == " " }
            if !rest.isEmpty, !take("Z") {
                let isBehind = rest.first == "-"
                guard take("+-"), let hours = digits(1...2), hours < 24 else { return nil }
                var minutes = 0
                if take(":") {
                    guard let number = digits(2...2), number < 60 else { return nil }
                    minutes = number
                }
                seconds -= (isBehind ? -1 : 1) * (hours * 60 + minutes) * 60
            }
        }
        guard rest.isEmpty else { return nil }
        var day0 = day - 1
        for earlier in 1..<month { day0 += Self.days(earlier, year) }
        // Leap days of the years before this one; year 0 is one.
        day0 += year * 365 + (year == 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1)
        self.seconds = day0 * 86_400 + seconds
        nanoseconds = fraction
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds) }
}

/// An amount with a unit (section 3.3.6): `4 GB`, `0.1 GHz`.
struct ScalarUnit: Hashable {
    /// The canonical text: the number without superfluous zeros, a space, the unit as the standard spells it.
    let text: String
    /// In the smallest unit.
    let amount: Decimal

    init?(_ text: String, _ type: BuiltInType) {
        guard let unit = text.firstIndex(where: { $0.isLetter && $0.isASCII }), text.utf8.count <= 64 else { return nil }
        let number = text[..<unit].reversed().drop { $0 == " " }.reversed(), name = text[unit...]
        guard let known = Self.units(type).first(where: { $0.name.lowercased() == name.lowercased() }), let scalar = Decimal(String(number)), scalar >= Decimal(0),
              let amount = scalar.multiplied(by: known.factor) else { return nil }
        var digits = scalar.text
        if digits.hasSuffix(".0") { digits.removeLast(2) }
        self.text = "\(digits) \(known.name)"
        self.amount = amount
    }

    private static func units(_ type: BuiltInType) -> [(name: String, factor: Int64)] {
        switch type {
        case .size: sizes.map { ($0.name, $0.factor) }
        // In nanoseconds.
        case .time: [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000)]
        case .frequency: [("Hz", 1), ("kHz", 1_000), ("MHz", 1_000_000), ("GHz", 1_000_000_000)]
        case .bitrate: sizes.flatMap { [($0.name.replacing("B", with: "bps"), $0.factor)] } + sizes.map { ("\($0.name)ps", $0.factor * 8) }
        default: []
        }
    }

    private static let sizes: [(name: String, factor: Int64)] = [
        ("B", 1), ("kB", 1_000), ("KiB", 1_024), ("MB", 1_000_000), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
    ]
}
