import Primitives

extension DERReader {
    /// A Time of RFC 5280 §4.1.2.5 as milliseconds since 1970: UTCTime `YYMMDDHHMMSSZ` through 2049, GeneralizedTime
    /// `YYYYMMDDHHMMSSZ` from 2050 on. Seconds end at 59; times before 1970 are refused.
    mutating func time() throws(CertificateFailure) -> Timestamp {
        let isLong = nextTag == Tag.generalizedTime
        let content = bytes[try element(isLong ? Tag.generalizedTime : Tag.utcTime)]
        guard content.count == (isLong ? 15 : 13), content.last == UInt8(ascii: "Z") else { throw fail("a time has another form") }
        let digits = content.dropLast().map { $0 &- UInt8(ascii: "0") }
        guard digits.allSatisfy({ $0 <= 9 }) else { throw fail("a time has another form") }
        let pairs = stride(from: 0, to: digits.count, by: 2).map { 10 * UInt64(digits[$0]) + UInt64(digits[$0 + 1]) }
        let rest = pairs.suffix(5).map { $0 }
        let year: UInt64
        if isLong {
            year = 100 * pairs[0] + pairs[1]
            guard year >= 2050 else { throw fail("a time before 2050 has the long form") }
        } else {
            year = pairs[0] + (pairs[0] < 50 ? 2000 : 1900)
            guard year >= 1970 else { throw fail("a time is before 1970") }
        }
        guard let days = Calendar.days(year: year, month: rest[0], day: rest[1]), rest[2] < 24, rest[3] < 60, rest[4] < 60 else {
            throw fail("there is no such time")
        }
        return Timestamp((((days * 24 + rest[2]) * 60 + rest[3]) * 60 + rest[4]) * 1_000)
    }
}

/// The Gregorian calendar in whole numbers.
enum Calendar {
    /// Days since 1970-01-01 of a date from that day on; nil when there is no such date.
    static func days(year: UInt64, month: UInt64, day: UInt64) -> UInt64? {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...length(month, year)).contains(day) else { return nil }
        let before = (1..<month).reduce(UInt64(0)) { $0 + length($1, year) }
        let past = year - 1
        let leaps = past / 4 - past / 100 + past / 400 - 477
        return 365 * (year - 1970) + leaps + before + day - 1
    }

    private static func length(_ month: UInt64, _ year: UInt64) -> UInt64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
