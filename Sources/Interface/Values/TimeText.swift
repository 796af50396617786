public import Primitives

/// A time of the chain as text: RFC 3339 in UTC with milliseconds, `2026-11-21T16:30:00.250Z`.
public struct TimeText: TextValue {
    public let value: Timestamp

    public init(_ value: Timestamp) { self.value = value }

    private static let dayMilliseconds: UInt64 = 86_400_000
    /// The last millisecond of the year 9999: what is later has no such text, and is shown as this.
    private static let last: UInt64 = 253_402_300_799_999

    /// Reads exactly the form that is written.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24 else { return nil }
        func number(_ range: Range<Int>) -> UInt64? { DecimalDigits.read(bytes[range]) }
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "."), (23, "Z")]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }),
              let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
              let minute = number(14..<16), let second = number(17..<19), let milli = number(20..<23),
              year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        guard Self.date(day: days) == (year, month, day) else { return nil }
        value = Timestamp(days * Self.dayMilliseconds + ((hour * 60 + minute) * 60 + second) * 1_000 + milli)
    }

    public var text: String {
        let time = min(value.rawValue, Self.last)
        let (day, rest) = time.quotientAndRemainder(dividingBy: Self.dayMilliseconds)
        let date = Self.date(day: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ number: UInt64, _ digits: Int, _ mark: Character) {
            var scale: UInt64 = 1
            for _ in 1..<digits { scale *= 10 }
            for _ in 0..<digits {
                text.append(UInt8(ascii: "0") + UInt8(number / scale % 10))
                scale /= 10
            }
            text.append(mark.asciiValue ?? 0)
        }
        append(date.year, 4, "-")
        append(date.month, 2, "-")
        append(date.day, 2, "T")
        append(rest / 3_600_000, 2, ":")
        append(rest / 60_000 % 60, 2, ":")
        append(rest / 1_000 % 60, 2, ".")
        append(rest % 1_000, 3, "Z")
        return String(decoding: text, as: UTF8.self)
    }

    // Days since 1970-01-01 in the proleptic Gregorian calendar, by eras of 400 years that begin in March, so that a leap day is
    // the last day of its year (H. Hinnant, "chrono-compatible low-level date algorithms").

    private static func days(year: UInt64, month: UInt64, day: UInt64) -> UInt64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, ofEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    private static func date(day: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        let (era, ofEra) = (day + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * ofYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, ofYear - (153 * shifted + 2) / 5 + 1)
    }

    public static let expectation = "a time such as 2026-11-21T16:30:00.250Z"
    public static var schema: JSONSchema { .text(format: "date-time", pattern: nil, "RFC 3339 in UTC with milliseconds.") }
    public static var sample: Self { Self(Timestamp(0)) }
}

private enum DecimalDigits {
    static func read(_ digits: some Collection<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
