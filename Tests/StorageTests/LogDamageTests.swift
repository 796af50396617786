import Foundation
import Primitives
import Storage
import Testing
import WorldState

/// Every way in which the bytes of a log can be wrong when it is opened: what was acknowledged is kept, or its loss is refused.
@Suite struct LogDamageTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/log" }
    var segment: String { path + "/00000000000000000000.log" }

    /// A log of `groups` groups of `records` records each, and where each record begins (as found from the sizes of the file).
    func write(groups: Int, records: Int = 1) async throws -> (bytes: [UInt8], ends: [Int]) {
        let log = try RecordLog(directory: path, kind: .journal, chainID: chainA)
        for group in 0..<groups { try await log.append((0..<records).map { Self.record(group * records + $0) }) }
        log.close()
        var ends = [64]
        for number in 0..<groups * records { ends.append(ends[number] + 24 + Self.record(number).count) }
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: segment)))
        #expect(bytes.count == ends.last, "the layout is the one that the format describes")
        return (bytes, ends)
    }

    func reopen(_ bytes: [UInt8], _ damage: LogOptions.Damage = .refuse) throws -> RecordLog {
        try Data(bytes).write(to: URL(fileURLWithPath: segment))
        return try RecordLog(directory: path, kind: .journal, chainID: chainA, options: LogOptions(damage: damage))
    }

    /// The log holds exactly the first `count` records, and goes on from there.
    func expectPrefix(_ log: RecordLog, _ count: Int, _ comment: Comment) async throws {
        #expect(log.bounds == 0..<UInt64(count), comment)
        for number in 0..<count { #expect(try log.read(UInt64(number)) == Self.record(number), comment) }
        try await log.append([[0xee]], at: UInt64(count))
        #expect(try log.read(UInt64(count)) == [0xee], comment)
        log.close()
        let again = try RecordLog(directory: path, kind: .journal, chainID: chainA)
        #expect(again.recovery.loss == nil && again.bounds == 0..<UInt64(count + 1), comment)
        again.close()
    }

    @Test func cutAtEveryByte() async throws {
        let (bytes, ends) = try await write(groups: 8)
        for size in 64..<bytes.count {
            let kept = ends.lastIndex { $0 <= size }!
            let log = try reopen(Array(bytes[..<size]))
            #expect((log.recovery.loss == nil) == ends.contains(size))
            if let loss = log.recovery.loss {
                #expect(loss.offset == ends[kept] && loss.bytes == size - ends[kept] && loss.index == UInt64(kept))
                #expect([.headerCutShort, .payloadCutShort].contains(loss.reason) && !loss.wasAcknowledged)
                #expect("\(log.recovery)".contains("dropped \(loss.bytes) bytes"))
            }
            try await expectPrefix(log, kept, "cut at \(size)")
        }
        for size in 0..<64 { #expect(refusal { _ = try reopen(Array(bytes[..<size])) } == .corrupt) }
    }

    @Test func zeroFilledFromEveryByte() async throws {
        let (bytes, ends) = try await write(groups: 8)
        for start in 64..<bytes.count {
            var damaged = bytes
            for position in start..<bytes.count { damaged[position] = 0 }
            // Bytes that were zero already are no damage.
            let kept = ends.lastIndex { $0 <= bytes.count && damaged[..<$0] == bytes[..<$0] }!
            let log = try reopen(damaged + [UInt8](repeating: 0, count: 4096))
            let loss = try #require(log.recovery.loss)
            #expect(loss.offset == ends[kept] && loss.bytes == bytes.count + 4096 - ends[kept] && !loss.wasAcknowledged)
            if ends.contains(start) { #expect(loss.reason == .zeros) }
            try await expectPrefix(log, kept, "zeros from \(start)")
        }
    }

    /// One wrong bit at every byte. In the last record it cannot be told from a torn write; in any other it is refused, and an
    /// operator who discards gets everything before it and a report that says so.
    @Test func oneBitFlippedAtEveryByte() async throws {
        let (bytes, ends) = try await write(groups: 6)
        for position in 0..<bytes.count {
            var damaged = bytes
            damaged[position] ^= 1 << UInt8(position % 8)
            if position < 64 {
                let code = refusal { _ = try reopen(damaged) }
                #expect(code == .corrupt)
                continue
            }
            let kept = ends.lastIndex { $0 <= position }!
            if kept == 5 {
                let log = try reopen(damaged)
                let loss = try #require(log.recovery.loss)
                #expect(loss.index == 5 && !loss.wasAcknowledged)
                try await expectPrefix(log, kept, "bit at \(position)")
            } else {
                #expect(refusal { _ = try reopen(damaged) } == .corrupt, "bit at \(position)")
                #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: segment))) == damaged, "a refusal changes nothing")
                let log = try reopen(damaged, .discard)
                let loss = try #require(log.recovery.loss)
                #expect(loss.wasAcknowledged && loss.index == UInt64(kept) && loss.recordsBehind == 5 - kept)
                #expect("\(log.recovery)".contains("ACKNOWLEDGED RECORDS WERE LOST"))
                try await expectPrefix(log, kept, "discarded from \(position)")
            }
        }
    }

    /// A crash can keep the last pages of a group and lose its first: good records behind a bad one that nobody was told of.
    @Test func aHoleInTheLastGroupIsATornTail() async throws {
        let (bytes, ends) = try await write(groups: 3, records: 4)
        for lost in 8..<11 {
            var damaged = bytes
            for position in ends[lost]..<ends[lost + 1] { damaged[position] = 0 }
            let log = try reopen(damaged)
            let loss = try #require(log.recovery.loss)
            #expect(loss.recordsBehind == 11 - lost && !loss.wasAcknowledged && loss.reason == .notARecord)
            try await expectPrefix(log, lost, "hole at \(lost)")
        }
        var damaged = bytes
        for position in ends[7]..<ends[8] { damaged[position] = 0 }
        #expect(refusal { _ = try reopen(damaged) } == .corrupt, "the group before had been acknowledged")
    }

    /// A record that is whole but belongs elsewhere: repeated, swapped, or of another chain.
    @Test func misplacedRecordsAreFound() async throws {
        let (bytes, ends) = try await write(groups: 4)
        func record(_ number: Int) -> [UInt8] { Array(bytes[ends[number]..<ends[number + 1]]) }
        func segment(_ numbers: [Int]) -> [UInt8] { Array(bytes[..<64]) + numbers.flatMap(record) }
        let repeated = try reopen(bytes + record(3))
        #expect(repeated.recovery.loss?.reason == .indexWrong)
        try await expectPrefix(repeated, 4, "repeated")
        #expect(refusal { _ = try reopen(segment([1, 0, 2, 3])) } == .corrupt)
        #expect(refusal { _ = try reopen(segment([0, 2, 3])) } == .corrupt)

        let other = try RecordLog(directory: scratch.path + "/other", kind: .journal, chainID: chainB)
        for number in 0..<5 { try await other.append([Self.record(number)]) }
        other.close()
        let foreign = try [UInt8](Data(contentsOf: URL(fileURLWithPath: scratch.path + "/other/00000000000000000000.log")))
        let log = try reopen(bytes + foreign[ends[4]...])
        #expect(log.recovery.loss?.reason == .notARecord)
        try await expectPrefix(log, 4, "of another chain")
    }

    /// A stranger knows chain, kind and index, and may put whole records of such a log into a transaction. Behind a torn record
    /// they must not look like records of this log.
    @Test func recordsInsideARecordAreNotFound() async throws {
        let (planted, _) = try await write(groups: 6)
        try FileManager.default.removeItem(atPath: path)
        let log = try RecordLog(directory: path, kind: .journal, chainID: chainA)
        for number in 0..<3 { try await log.append([Self.record(number)]) }
        try await log.append([planted])
        log.close()
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: segment)))
        let torn = try reopen(Array(bytes.dropLast(1)))
        #expect(torn.recovery.loss?.reason == .payloadCutShort && torn.recovery.loss?.recordsBehind == 0)
        try await expectPrefix(torn, 3, "planted")
    }

    /// In a segment that is not the last nothing can be torn.
    @Test func damageInASealedSegmentIsRefused() async throws {
        let options = LogOptions(segmentBytes: 4096)
        var log = try RecordLog(directory: path, kind: .journal, chainID: chainA, options: options)
        for number in 0..<80 { try await log.append([Self.record(number) + [UInt8](repeating: 1, count: 200)]) }
        log.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: segment))
        var damaged = whole
        damaged[whole.count - 10] ^= 4
        try damaged.write(to: URL(fileURLWithPath: segment))
        // Its index still fits, so that opening does not read it; reading the record does.
        log = try RecordLog(directory: path, kind: .journal, chainID: chainA, options: options)
        var bad: [UInt64] = []
        for index in log.bounds where refusal({ _ = try log.read(index) }) != nil { bad.append(index) }
        #expect(bad.count == 1)
        #expect(refusal { try log.verify() } == .corrupt)
        log.close()
        try Data(whole.dropLast(10)).write(to: URL(fileURLWithPath: segment))
        #expect(refusal { _ = try RecordLog(directory: path, kind: .journal, chainID: chainA, options: options) } == .corrupt)
        let kept = try RecordLog(
            directory: path, kind: .journal, chainID: chainA, options: LogOptions(segmentBytes: 4096, damage: .discard))
        #expect(kept.bounds == 0..<bad[0] && kept.recovery.loss?.wasAcknowledged == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }.count == 1)
    }

    /// Random damage of any kind: every record that is still readable is the one that was written, and the process goes on.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomDamageNeverChangesARecord(seed: UInt64) async throws {
        let (bytes, _) = try await write(groups: 5, records: 3)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<150 {
            var damaged = bytes
            for _ in 0...random.below(3) {
                let start = random.below(damaged.count), length = 1 + random.below(80)
                switch random.below(4) {
                case 0: damaged.removeSubrange(start..<min(damaged.count, start + length))
                case 1: damaged.insert(contentsOf: random.bytes(length), at: start)
                case 2: damaged.replaceSubrange(start..<min(damaged.count, start + length), with: random.bytes(length))
                default: damaged.insert(contentsOf: damaged[start..<min(damaged.count, start + length)], at: random.below(damaged.count))
                }
                if damaged.isEmpty { break }
            }
            guard let log = try? reopen(damaged, random.chance(1, in: 2) ? .refuse : .discard) else { continue }
            for index in log.bounds { #expect(try log.read(index) == Self.record(Int(index))) }
            if log.bounds.upperBound < 15 { #expect(log.recovery.loss != nil || damaged.count < bytes.count) }
            log.close()
        }
    }

    static func record(_ number: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(number))
        return random.bytes(random.below(60))
    }
}
