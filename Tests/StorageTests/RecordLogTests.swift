import Foundation
import Primitives
import Storage
import Synchronization
import Testing
import WorldState

@Suite struct RecordLogTests {
    let scratch = Scratch()

    func open(_ options: LogOptions = LogOptions(), kind: LogKind = .blocks, chain: ChainID = chainA) throws -> RecordLog {
        try RecordLog(directory: scratch.path + "/log", kind: kind, chainID: chain, options: options)
    }

    @Test func keepsWhatWasAppended() async throws {
        var random = SeededGenerator(seed: 3)
        var expected: [[UInt8]] = []
        for round in 0..<4 {
            let log = try open()
            #expect(log.recovery.loss == nil)
            #expect(log.bounds == 0..<UInt64(expected.count))
            for _ in 0..<10 {
                let records = (0..<random.below(5)).map { _ in random.bytes(random.below(round == 3 ? 200_000 : 300)) }
                let range = try await log.append(records)
                #expect(range == UInt64(expected.count)..<UInt64(expected.count + records.count))
                expected += records
            }
            for (index, record) in expected.enumerated() { #expect(try log.read(UInt64(index)) == record) }
            #expect(try log.read(UInt64(expected.count)) == nil)
            log.close()
        }
    }

    @Test func manyWritersShareTheLog() async throws {
        let log = try open(LogOptions(firstIndex: 100, segmentBytes: 4096))
        let written = try await withThrowingTaskGroup(of: [(UInt64, [UInt8])].self) { group in
            for writer in 0..<20 {
                group.addTask {
                    var own: [(UInt64, [UInt8])] = []
                    for number in 0..<20 {
                        let records = (0...number % 3).map { Array("\(writer) \(number) \($0)".utf8) }
                        let range = try await log.append(records)
                        own += zip(range, records)
                    }
                    return own
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        log.close()
        let again = try open(LogOptions(segmentBytes: 4096))
        #expect(again.bounds == 100..<UInt64(100 + written.count))
        #expect(Set(written.map(\.0)).count == written.count, "every record has an index of its own")
        for (index, record) in written { #expect(try again.read(index) == record) }
        try again.verify()
    }

    /// Completions come in the order of submission, and each only when a new opener would find its record.
    @Test func acknowledgesInOrder() throws {
        let log = try open()
        let order = Mutex<[Int]>([])
        for number in 0..<200 {
            #expect(log.submit([[UInt8(number)]]) { result in
                if case .success(let range) = result, range == UInt64(number)..<UInt64(number + 1) {
                    order.withLock { $0.append(number) }
                }
            })
        }
        log.close()
        #expect(order.withLock { $0 } == Array(0..<200))
    }

    /// A record that must follow another is refused when it does not.
    @Test func anIndexThatDoesNotFollowIsRefused() async throws {
        let log = try open(LogOptions(firstIndex: 5))
        try await log.append([[1]], at: 5)
        await #expect(throws: StoreError.self) { try await log.append([[2]], at: 7) }
        await #expect(throws: StoreError.self) { try await log.append([[2]], at: 5) }
        try await log.append([[3], [4]], at: 6)
        #expect(log.bounds == 5..<8)
    }

    /// While the disk stands still, the mailbox fills up to its bound, refuses callers that do not suspend, and holds the others.
    @Test func aSlowDiskSlowsTheCallers() async throws {
        let log = try open()
        let gate = DispatchSemaphore(value: 0)
        let acknowledged = Mutex(0)
        #expect(log.submit([[0]]) { _ in gate.wait() })
        let large = [UInt8](repeating: 1, count: 15 << 20)
        var accepted = 0
        while log.submit([large], { _ in acknowledged.withLock { $0 += 1 } }) {
            accepted += 1
            if accepted > 20 { break }
        }
        #expect((3...5).contains(accepted), "64 MiB hold four records of 15 MiB, and one more may be in the thread's hands")
        let suspended = Task { try await log.append([[2]]) }
        async let last = suspended.value
        gate.signal()
        #expect(try await last == UInt64(accepted + 1)..<UInt64(accepted + 2))
        #expect(acknowledged.withLock { $0 } == accepted)
    }

    @Test func aClosedLogRefuses() async throws {
        let log = try open()
        log.close()
        await #expect(throws: StoreError(.closed, scratch.path + "/log")) { try await log.append([[1]]) }
        let refused = Mutex(false)
        _ = log.submit([[1]]) { if case .failure(let error) = $0, error.code == .closed { refused.withLock { $0 = true } } }
        #expect(refused.withLock { $0 })
    }

    @Test func anotherOpenerKindOrChainIsRefused() async throws {
        let log = try open()
        #expect(refusal { _ = try open() } == .locked)
        try await log.append([[1]])
        log.close()
        #expect(refusal { _ = try open(chain: chainB) } == .incompatible)
        #expect(refusal { _ = try open(kind: .journal) } == .incompatible)
        let again = try open()
        #expect(try again.read(0) == [1])
    }

    // MARK: Segments

    func filled(_ count: Int) async throws -> RecordLog {
        let log = try open(LogOptions(segmentBytes: 4096))
        for number in 0..<count { try await log.append([Self.record(number)]) }
        return log
    }

    @Test func segmentsAreFoundAgainWithoutTheirIndexes() async throws {
        var log = try await filled(100)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/log")
        let indexes = files.filter { $0.hasSuffix(".index") }.sorted()
        #expect(indexes.count >= 4 && files.filter { $0.hasSuffix(".log") }.count == indexes.count + 1)
        log.close()
        // One is missing, one damaged in its header, one in its body, one is cut short.
        let path = scratch.path + "/log/"
        try FileManager.default.removeItem(atPath: path + indexes[0])
        for (name, position) in [(indexes[1], 20), (indexes[2], 40)] {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path + name))
            bytes[position] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path + name))
        }
        try Data(try Data(contentsOf: URL(fileURLWithPath: path + indexes[3])).dropLast()).write(to: URL(fileURLWithPath: path + indexes[3]))
        log = try open(LogOptions(segmentBytes: 4096))
        #expect(log.bounds == 0..<100)
        for number in (0..<100).reversed() { #expect(try log.read(UInt64(number)) == Self.record(number)) }
    }

    @Test func pruningIsBoundedAndKeepsTheRest() async throws {
        var log = try await filled(100)
        #expect(try log.prune(below: 1_000, segmentsMax: 2) == 2)
        let first = log.bounds.lowerBound
        #expect(first > 0 && log.bounds.upperBound == 100)
        #expect(try log.read(first - 1) == nil)
        #expect(try log.prune(below: first) == 0, "a segment with a record that is still wanted stays")
        while try log.prune(below: 1_000) > 0 {}
        #expect(log.bounds.upperBound == 100, "the last segment stays")
        try await log.append([Self.record(100)], at: 100)
        let bounds = log.bounds
        log.close()
        log = try open(LogOptions(segmentBytes: 4096))
        #expect(log.bounds == bounds && log.recovery.loss == nil)
        for number in bounds { #expect(try log.read(number) == Self.record(Int(number))) }
        var scanned: [UInt64] = []
        try log.scan(from: 0) { index, record in
            #expect(record == Self.record(Int(index)))
            scanned.append(index)
            return true
        }
        #expect(scanned == Array(bounds))
    }

    @Test func aMissingSegmentIsDamage() async throws {
        let log = try await filled(100)
        log.close()
        let path = scratch.path + "/log/"
        let segments = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".log") }.sorted()
        try FileManager.default.removeItem(atPath: path + segments[1])
        #expect(refusal { _ = try open() } == .corrupt)
    }

    static func record(_ number: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(number))
        return random.bytes(100 + random.below(150))
    }
}
