import Contracts
import Foundation
@testable import Monitoring
import Primitives
import PythonRunner
import Testing

@Suite struct ValueTests {
    @Test func decimalsAreReadExactly() {
        let cases: [(String, Int64?)] = [
            ("0", 0), ("-0.0", 0), ("1", 1_000_000), ("0.1", 100_000), ("+5", 5_000_000), ("1e-05", 10), ("5e-7", 0), ("1.5e-6", 2), ("2.5e-6", 2),
            ("2.5000001e-6", 3), ("0.0000005", 0), ("0.0000015", 2), ("123456789.1234565", 123_456_789_123_456), ("1E3", 1_000_000_000), (".5", 500_000),
            ("5.", 5_000_000), ("9223372036854.775807", .max), ("-9223372036854.775808", .min), ("9223372036854.775808", nil), ("1e300", nil),
            ("-9223372036854.775809", nil), ("1e-300", 0), ("", nil), (".", nil), ("-", nil), ("NaN", nil), ("+Inf", nil), ("1,5", nil), ("1e", nil),
            ("0x10", nil), ("1 ", nil), ("--1", nil), (String(repeating: "0", count: 399) + "7", 7_000_000), (String(repeating: "0", count: 400) + "7", nil),
            ("1e99999999999999999999", nil), ("0e99999", 0), ("18446744073709.551616", nil),
        ]
        for (text, expected) in cases { #expect(MeasuredValue(decimal: text)?.millionths == expected, "\(text.suffix(24))") }
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func decimalsSurviveBeingWritten(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let value = MeasuredValue(millionths: Int64(bitPattern: generator.next()) >> Int64(generator.below(60)))
            #expect(MeasuredValue(decimal: value.description) == value)
        }
    }

    /// Python's decimal arithmetic, with halves to even, says the same of random digits.
    @Test(.enabled(if: Python.path != nil, Python.missing)) func decimalsAreThoseOfPython() throws {
        var generator = SeededGenerator(seed: 7)
        let texts = (0..<3_000).map { _ -> String in
            let digits = (0..<(1 + generator.below(12))).map { _ in String(generator.below(10)) }.joined()
            let fraction = generator.chance(1, in: 2) ? "." + (0..<(1 + generator.below(10))).map { _ in String(generator.chance(1, in: 2) ? 5 : generator.below(10)) }.joined() : ""
            return (generator.chance(1, in: 3) ? "-" : "") + digits + fraction + (generator.chance(1, in: 2) ? "e\(Int(generator.below(20)) - 12)" : "")
        }
        let program = """
            import sys, decimal
            decimal.getcontext().prec = 60
            for line in sys.stdin:
                value = int((decimal.Decimal(line.strip()) * 1000000).to_integral_value(rounding=decimal.ROUND_HALF_EVEN))
                print(value if -2**63 <= value < 2**63 else "none")
            """
        let answers = try Python.run(#require(Python.path), ["-c", program], input: Array(texts.joined(separator: "\n").utf8))
        let lines = String(decoding: answers, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == texts.count)
        for (text, line) in zip(texts, lines) { #expect(MeasuredValue(decimal: text).map { String($0.millionths) } ?? "none" == line, "\(text)") }
    }

    @Test func timesAreReadAsServicesWriteThem() {
        let time = Timestamp(1_796_083_201_000)
        #expect(SourceTime.seconds(time) == "2026-12-01T00:00:01Z")
        #expect(SourceTime.basic(time) == "20261201T000001Z")
        for text in ["2026-12-01T00:00:01Z", "2026-12-01T00:00:01+00:00", "2026-12-01T00:00:01.0000000Z", "2026-12-01T00:00:01.0009Z"] {
            #expect(SourceTime.read(text) == time, "\(text)")
        }
        #expect(SourceTime.read("2026-12-01T00:00:01.5Z") == Timestamp(1_796_083_201_500))
        for text in ["", "2026-12-01", "2026-12-01T00:00:01", "2026-02-30T00:00:00Z", "2026-12-01T00:00:01.Z", "2026-12-01T00:00:01+01:00", "2026-12-01T00:00:01.x1Z"] {
            #expect(SourceTime.read(text) == nil, "\(text)")
        }
        #expect(SourceTime.unix(time) == "1796083201")
        #expect(SourceTime.unix(Timestamp(1_500)) == "1.500")
    }

    @Test func numbersAreNotBentToSuitAMetric() {
        let half = Outcome.value(MeasuredValue(millionths: 500_000)), negative = Outcome.value(MeasuredValue(millionths: -1))
        #expect(ReadingKind.binary.reading(.value(.one)) == .state(true))
        #expect(ReadingKind.binary.reading(.value(.zero)) == .state(false))
        #expect(ReadingKind.binary.reading(half) == .missing)
        #expect(ReadingKind.gauge(scale: 1_000).reading(half) == .value(500))
        #expect(ReadingKind.gauge(scale: 1).reading(half) == .value(1))
        #expect(ReadingKind.gauge(scale: 1).reading(negative) == .missing)
        #expect(ReadingKind.gauge(scale: .max).reading(.value(MeasuredValue(millionths: .max))) == .missing)
        #expect(ReadingKind.counter(scale: 1).reading(half) == .missing)
        #expect(ReadingKind.counter(scale: 2).reading(.counter(from: .zero, to: .one)) == .counter(Agreements.Count(from: 0, to: 2)))
        #expect(ReadingKind.binary.reading(.missing(.gap)) == .missing)
    }

    @Test func availabilityIsAComparison() throws {
        let value = MeasuredValue(millionths: 500_000)
        for (text, expected) in [("= 0", false), ("=0.5", true), (">= 0.5", true), ("> 0.5", false), ("<= 0.4", false), ("< 1", true)] {
            #expect(try #require(Availability(text)).outcome(value) == (expected ? .one : .zero), "\(text)")
        }
        for text in ["", "0", "== 0", "=", "> x", "!= 1"] { #expect(Availability(text) == nil, "\(text)") }
    }

    @Test func encodingsSurvive() throws {
        let window = try #require(TimeWindow(Timestamp(5), Timestamp(9)))
        for outcome in [Outcome.value(.one), .counter(from: .zero, to: .one)] + MissingReason.allCases.map(Outcome.missing) {
            let measurement = IntervalMeasurement(
                WatchKey(agreement: 3, metric: 1), index: 4, window: window, outcome: outcome, query: IntervalMeasurement.digest(ofQuery: "q"), answer: .zero, readAt: Timestamp(8))
            #expect(try IntervalMeasurement(bcs: measurement.bcs) == measurement)
        }
        #expect(throws: BCSError.self) { try Outcome(bcs: [2, 99]) }
        #expect(throws: BCSError.self) { try TimeWindow(bcs: [UInt8](repeating: 0, count: 16)) }
    }

    /// The digests of a question and of what was asked about when, as Python makes them.
    @Test func digestsAreThoseOfTheirDefinition() throws {
        let query = IntervalMeasurement.digest(ofQuery: "tcp\nshop.example 443")
        #expect(query.hex == "05c6d83a6e56f4b6292b2ff3412ec0931b5478f4818bfbc5c4c4da981244c277")
        let window = try #require(TimeWindow(Timestamp(1_796_083_200_000), Timestamp(1_796_083_260_000)))
        let measurement = IntervalMeasurement(
            WatchKey(agreement: 1, metric: 0), index: 0, window: window, outcome: .value(.one), query: query, answer: .zero, readAt: window.end)
        #expect(measurement.windowDigest.hex == "d2fb73c06fcb0899473da77cc2be44f4799e6aae093029e1eb4f9fe8f031c4d7")
    }
}
