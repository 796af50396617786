import Foundation
@testable import Monitoring
import Primitives
import Testing

@Suite struct JournalTests {
    private let scratch = Scratch()
    private let key = WatchKey(agreement: 7, metric: 2)
    private let schedule = IntervalSchedule.minutes(2_000)
    private var directory: String { scratch.path + "/journal" }
    private var file: URL { URL(fileURLWithPath: directory + "/journal") }

    private func measurements(_ range: Range<UInt64>, key: WatchKey? = nil) -> [IntervalMeasurement] {
        range.map {
            IntervalMeasurement(
                key ?? self.key, index: $0, window: schedule.window($0), outcome: .value(MeasuredValue(millionths: Int64($0))), query: .zero, answer: .zero,
                readAt: schedule.window($0).end)
        }
    }

    private var plan: SealingPlan { SealingPlan(parts: [key: .init(kind: .gauge(scale: 1), schedule: schedule)], gather: 0) }

    @Test func whatWasWrittenIsThereAgain() async throws {
        let now = Timestamp(schedule.window(70).end.rawValue + schedule.settle + SealingPlan.marginMilliseconds)
        do {
            let journal = try MeasurementJournal(directory: directory)
            #expect(try await journal.open(key, .zero) == 0)
            try await journal.decide(measurements(0..<80), next: 80)
            try await journal.advance(key, to: 90)
            try await journal.seal { [plan] in plan.records($0, now: now) }
            #expect(journal.sealed.map(\.measurements.count) == [64, 7])
            #expect(journal.waiting == 80)
            try await journal.told(1)
            #expect(throws: JournalError.self) { try MeasurementJournal(directory: directory) }
        }
        let journal = try MeasurementJournal(directory: directory)
        #expect(try await journal.open(key, .zero) == 90)
        #expect(journal.sealed.map(\.first) == [64])
        #expect(journal.waiting == 16)
        await #expect(throws: JournalError(.schedule, "agreement 7 was watched with other intervals before: its schedule does not change")) {
            try await journal.open(key, IntervalMeasurement.digest(ofQuery: "another"))
        }
    }

    /// A crash may leave any part of the last record. What came before it is there, and nothing else.
    @Test func aRecordThatWasBeingWrittenIsCutOff() async throws {
        var sizes: [Int] = []
        do {
            let journal = try MeasurementJournal(directory: directory)
            _ = try await journal.open(key, .zero)
            for index in 0..<4 as Range<UInt64> {
                try await journal.decide(measurements(index..<(index + 1)), next: index + 1)
                sizes.append(try Data(contentsOf: file).count)
            }
        }
        let whole = try Data(contentsOf: file), last = sizes[2]..<sizes[3]
        for length in last {
            try whole.prefix(length).write(to: file)
            #expect(try MeasurementJournal(directory: directory).next(key) == 3, "\(length) bytes")
            #expect(try Data(contentsOf: file).count == sizes[2])
        }
        // The file grew, and its bytes did not come.
        try (whole.prefix(sizes[2]) + Data(count: sizes[3] - sizes[2])).write(to: file)
        #expect(try MeasurementJournal(directory: directory).next(key) == 3)
        // A byte that went wrong in the last record; one before it is damage.
        for place in [sizes[3] - 1, sizes[1] + JournalRecord.headBytes, 3] {
            var damaged = whole
            damaged[place] ^= 0x40
            try damaged.write(to: file)
            if place >= sizes[2] {
                #expect(try MeasurementJournal(directory: directory).next(key) == 3)
            } else {
                #expect(throws: JournalError.self, "byte \(place)") { try MeasurementJournal(directory: directory) }
            }
        }
    }

    /// Altered journals are refused, cut or read; they never trap.
    @Test(arguments: 0..<6 as Range<UInt64>) func alteredJournalsAreSurvived(seed: UInt64) async throws {
        do {
            let journal = try MeasurementJournal(directory: directory)
            _ = try await journal.open(key, .zero)
            try await journal.decide(measurements(0..<70), next: 70)
            let now = schedule.settled(80)
            try await journal.seal { [plan] in plan.records($0, now: now) }
            try await journal.told(1)
        }
        let whole = try Data(contentsOf: file)
        var generator = SeededGenerator(seed: seed), opened = 0
        for _ in 0..<60 {
            var altered = whole
            for _ in 0..<(1 + generator.below(3)) {
                switch generator.below(3) {
                case 0: altered[generator.below(altered.count)] = UInt8(generator.below(256))
                case 1: altered = altered.prefix(generator.below(altered.count) + 1)
                default: altered.append(contentsOf: generator.bytes(generator.below(40)))
                }
            }
            try altered.write(to: file)
            do throws(JournalError) {
                let journal = try MeasurementJournal(directory: directory)
                #expect(journal.waiting <= 70)
                opened += 1
            } catch { #expect(error.code == .corrupt) }
        }
        #expect(opened > 0 && opened < 60)
    }

    /// Much is written; the file stays short, and the sum is the same.
    @Test func theFileIsWrittenAnew() async throws {
        let others = (0..<12 as Range<UInt8>).map { WatchKey(agreement: 9, metric: $0) }
        var expected: [Report] = []
        do {
            let journal = try MeasurementJournal(directory: directory)
            for other in others { _ = try await journal.open(other, .zero) }
            _ = try await journal.open(key, .zero)
            try await journal.decide(measurements(0..<3), next: 3)
            let parts = Dictionary(uniqueKeysWithValues: others.map { ($0, SealingPlan.Part(kind: .binary, schedule: schedule)) })
            let plan = SealingPlan(parts: parts, gather: 0)
            for round in 0..<30 as Range<UInt64> {
                for other in others { try await journal.decide(measurements((round * 64)..<(round * 64 + 64), key: other), next: round * 64 + 64) }
                let now = schedule.settled(round * 64 + 70)
                try await journal.seal { plan.records($0, now: now) }
                try await journal.told(round == 29 ? 10 : 12)
            }
            expected = journal.sealed
            #expect(expected.count == 2)
        }
        let size = try Data(contentsOf: file).count
        #expect(size < MonitoringLimits.journalBytesMax * 5 / 4 && size > 0)
        let journal = try MeasurementJournal(directory: directory)
        #expect(journal.sealed == expected)
        #expect(journal.next(key) == 3 && others.allSatisfy { journal.next($0) == 1_920 })
        #expect(journal.waiting == 3 + 128)
    }

    /// A state made of its own records is the same state.
    @Test(arguments: 0..<40 as Range<UInt64>) func recordsMakeTheStateAgain(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed), state = JournalState()
        let keys = (0..<3 as Range<UInt8>).map { WatchKey(agreement: UInt64($0 / 2), metric: $0) }
        let parts = Dictionary(uniqueKeysWithValues: keys.map { ($0, SealingPlan.Part(kind: .binary, schedule: schedule)) })
        func apply(_ record: JournalRecord, to state: inout JournalState) {
            let isApplied = state.apply(record)
            #expect(isApplied, "\(record)")
        }
        for key in keys { apply(.opened(key, schedule: .zero, next: 0), to: &state) }
        for _ in 0..<60 {
            let key = keys[generator.below(3)], next = try #require(state.watches[key]).next
            switch generator.below(5) {
            case 0, 1: apply(.decided(measurements(next..<(next + 1 + UInt64(generator.below(9))), key: key), next: next + 10), to: &state)
            case 2: apply(.advanced(key, next: next + UInt64(generator.below(20))), to: &state)
            case 3:
                let plan = SealingPlan(parts: parts, gather: UInt64(generator.below(3)) * 60_000)
                for record in plan.records(state, now: schedule.settled(UInt64(generator.below(700)))) { apply(record, to: &state) }
            default: apply(.told(UInt32(generator.below(state.sealed.count + 1))), to: &state)
            }
        }
        var again = JournalState()
        for record in state.records {
            #expect(try JournalRecord(bcs: record.bcs) == record)
            apply(record, to: &again)
        }
        #expect(again.sealed == state.sealed && again.sequences == state.sequences && again.pendingCount == state.pendingCount)
        for key in keys {
            #expect(again.watches[key]?.next == state.watches[key]?.next)
            #expect(again.watches[key]?.pending == state.watches[key]?.pending)
        }
    }
}
