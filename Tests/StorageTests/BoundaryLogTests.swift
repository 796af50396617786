import Foundation
import Primitives
import Storage
import Testing
import WorldState

@Suite struct BoundaryLogTests {
    let scratch = Scratch()

    func open(first: Epoch = 0, chain: ChainID = chainA) throws -> BoundaryLog {
        try BoundaryLog(directory: scratch.path + "/boundaries", chainID: chain, first: first, segmentBytes: 4096)
    }

    static func boundaries(_ epochs: Range<UInt64>, seed: UInt64) -> [BoundaryLog.Boundary] {
        var random = SeededGenerator(seed: seed)
        var height: UInt64 = epochs.lowerBound * 100
        return epochs.map { epoch in
            height += 1 + random.below(40)
            return BoundaryLog.Boundary(epoch: Epoch(epoch), height: Height(height), bytes: random.bytes(random.below(900)))
        }
    }

    /// Every height is asked for, over restarts; the oracle is a list.
    @Test(arguments: [0, 7] as [UInt64]) func answersByHeightAndByNextAbove(first: UInt64) async throws {
        let all = Self.boundaries(first..<first + 60, seed: 3)
        var log = try open(first: Epoch(first))
        #expect(try log.newest == nil && log.next == Epoch(first) && log.boundaries(above: 0, limit: 5).isEmpty)
        for (number, boundary) in all.enumerated() {
            try await log.append(boundary)
            if number % 20 == 9 {
                log.close()
                log = try open(first: 99)
                #expect(log.recovery.loss == nil)
            }
        }
        #expect(try log.newest == all.last && log.epochs == Epoch(first)..<Epoch(first + 60))
        for height in 0..<all.last!.height.rawValue + 5 {
            let height = Height(height)
            #expect(try log.boundary(at: height) == all.first { $0.height == height })
            let behind = all.filter { $0.height > height }
            // What is before the first one is known only when the log begins with the chain.
            let isKnown = first == 0 || height >= all[0].height
            #expect(try log.boundaries(above: height, limit: 3) == (isKnown ? Array(behind.prefix(3)) : []))
        }
        #expect(try log.boundaries(above: Height(.max), limit: 3).isEmpty && log.boundaries(above: 0, limit: 0).isEmpty)
        let some = try log.boundaries(above: all[0].height, limit: 60, bytesMax: 2_000)
        #expect(some.dropFirst().reduce(0) { $0 + $1.bytes.count } <= 2_000 && some.first == all[1])
        #expect(try log.boundaries(above: all[4].height, limit: 60, bytesMax: 0) == [all[5]])
    }

    @Test func keepsTheOrder() async throws {
        let all = Self.boundaries(0..<3, seed: 4)
        let log = try open()
        try await log.append(all[0])
        await #expect(throws: StoreError.self) { try await log.append(all[2]) }
        await #expect(throws: StoreError.self) {
            try await log.append(BoundaryLog.Boundary(epoch: 1, height: all[0].height, bytes: []))
        }
        try await log.append(all[1])
        log.close()
        #expect(refusal { _ = try open(chain: chainB) } == .incompatible)
        try BoundaryLog.remove(scratch.path + "/boundaries")
        let later = try open(first: 40)
        #expect(later.next == 40)
    }
}

@Suite struct NamedRecordsTests {
    let scratch = Scratch()
    static let name = NamedRecords.Name("address-book")

    @Test func keepsAndReplaces() throws {
        var records = try NamedRecords(directory: scratch.path + "/records", chainID: chainA)
        #expect(try records.read(Self.name) == nil)
        var random = SeededGenerator(seed: 9)
        for size in [0, 1, 300, NamedRecords.bytesMax, 5] {
            let bytes = random.bytes(size)
            try records.write(Self.name, bytes)
            try records.write(NamedRecords.Name("trust"), [1])
            records = try NamedRecords(directory: scratch.path + "/records", chainID: chainA)
            #expect(try records.read(Self.name) == bytes)
        }
        try records.remove(Self.name)
        try records.remove(Self.name)
        #expect(try records.read(Self.name) == nil && records.read(NamedRecords.Name("trust")) == [1])
        let other = try NamedRecords(directory: scratch.path + "/records", chainID: chainB)
        #expect(refusal { _ = try other.read(NamedRecords.Name("trust")) } == .incompatible)
    }

    @Test func damageIsFoundAtEveryByte() throws {
        let records = try NamedRecords(directory: scratch.path, chainID: chainA)
        try records.write(Self.name, Array("what was known".utf8))
        let url = URL(fileURLWithPath: scratch.path + "/address-book.record")
        let whole = try [UInt8](Data(contentsOf: url))
        for position in whole.indices {
            var bytes = whole
            bytes[position] ^= 1 << UInt8(position % 8)
            try Data(bytes).write(to: url)
            #expect(refusal { _ = try records.read(Self.name) } == ((8..<12).contains(position) ? .incompatible : .corrupt), "\(position)")
            try Data(whole[..<position]).write(to: url)
            #expect(refusal { _ = try records.read(Self.name) } == .corrupt, "cut to \(position)")
        }
        try Data(whole + [0]).write(to: url)
        #expect(refusal { _ = try records.read(Self.name) } == .corrupt)
    }
}
