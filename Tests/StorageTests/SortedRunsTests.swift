import Foundation
import Primitives
import Storage
import Synchronization
import Testing
import WorldState

/// What an index should say, kept the slow way: everything that happened, in a list.
private struct IndexModel {
    var heights: [UInt64: [(key: IndexKey, index: UInt32)]] = [:]
    var floor: UInt64 = 0
    var head: UInt64 = 0

    func places(_ key: IndexKey, below bound: IndexPosition? = nil) -> [IndexPosition] {
        heights.filter { $0.key >= floor }.flatMap { height, entries in
            entries.filter { $0.key == key }.map { IndexPosition(height: Height(height), index: $0.index) }
        }.filter { position in bound.map { position < $0 } ?? true }.sorted(by: >)
    }
}

@Suite struct SortedRunsTests {
    let scratch = Scratch()
    static let keys = (0..<24).map { number in
        IndexKey(UInt8(number % 3), Digest((0..<32).map { _ in UInt8(number / 3) })!)
    }

    static var options: SortedRuns.Options {
        var options = SortedRuns.Options()
        options.tableEntriesMax = 40
        options.tableHeightsMax = 8
        options.tablesFrozenMax = 2
        options.mergeWidth = 3
        return options
    }

    func open(first: UInt64 = 0, _ options: SortedRuns.Options = options, chain: ChainID = chainA) throws -> SortedRuns {
        try SortedRuns(directory: scratch.path + "/index", chainID: chain, first: Height(first), options: options)
    }

    var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/index").filter { $0.hasSuffix(".run") }.sorted()
        }
    }

    static func entries(_ random: inout SeededGenerator) -> [(key: IndexKey, index: UInt32)] {
        var entries: [(key: IndexKey, index: UInt32)] = []
        for index in 0..<UInt32(random.below(6)) {
            for _ in 0...random.below(3) {
                // A few keys are everywhere, as busy accounts are.
                let key = random.chance(1, in: 3) ? keys[0] : keys[random.below(keys.count)]
                if !entries.contains(where: { $0 == (key, index) }) { entries.append((key, index)) }
            }
        }
        return entries
    }

    /// Random sequences of everything that can happen to an index, with files lost and damaged, against the model. At any time an
    /// answer has only what is true, and all of it below `next`; when the gaps are filled, exactly what the model has.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func agreesWithAModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var model = IndexModel()
        model.floor = UInt64(random.below(50))
        model.head = model.floor
        var index = try open(first: model.floor)
        for _ in 0..<400 {
            switch random.below(24) {
            case 0..<14:
                for _ in 0...random.below(8) {
                    let height = index.next.rawValue
                    if height == model.head {
                        model.heights[height] = Self.entries(&random)
                        model.head += 1
                    }
                    if !index.add(Height(height), model.heights[height]!) { try index.maintain() }
                }
            case 14: try index.seal()
            case 15, 16: try index.maintain()
            case 17:
                model.floor += UInt64(random.below(Int(model.head - model.floor) / 4 + 1))
                index.prune(below: Height(model.floor))
            case 18:
                index.close()
                index = try open(first: model.floor)
                #expect(index.next == index.nextDurable)
            case 19:
                let durable = index.nextDurable
                try index.seal()
                #expect(index.nextDurable >= durable && index.nextDurable == index.next)
            case 20:
                index.close()
                let names = try files
                if !names.isEmpty { try FileManager.default.removeItem(atPath: scratch.path + "/index/" + names[random.below(names.count)]) }
                index = try open(first: model.floor)
            case 21:
                let names = try files
                guard !names.isEmpty else { continue }
                try damage(names[random.below(names.count)], &random)
                if random.chance(1, in: 2) { index.verify() }
            case 22:
                let isTaken = index.add(Height(index.next.rawValue + 1 + UInt64(random.below(3))), [])
                #expect(!isTaken, "heights come in order")
            default:
                // The owner's loop.
                while index.next.rawValue < model.head {
                    let height = index.next
                    if !index.add(height, model.heights[height.rawValue]!) { try index.maintain() }
                }
                try expect(index, has: model, whole: true, &random)
            }
            try expect(index, has: model, whole: false, &random)
        }
    }

    private func expect(_ index: SortedRuns, has model: IndexModel, whole: Bool, _ random: inout SeededGenerator) throws {
        for _ in 0..<3 {
            let key = Self.keys[random.below(Self.keys.count)]
            let bound = random.chance(1, in: 2) ? nil
                : IndexPosition(height: Height(UInt64(random.below(Int(model.head) + 2))), index: UInt32(random.below(6)))
            let found: [IndexPosition]
            do { found = try index.candidates(key, below: bound, limit: 10_000) } catch {
                // Damage that was made above; it costs the run and is told once.
                #expect(!index.takeLosses().isEmpty)
                continue
            }
            let expected = model.places(key, below: bound)
            let next = index.next
            #expect(zip(found, found.dropFirst()).allSatisfy { $0 > $1 }, "newest first, none twice")
            #expect(Set(found).isSubset(of: expected))
            #expect(found.filter { $0.height < next } == expected.filter { $0.height < next })
            if whole, next.rawValue == model.head { #expect(found == expected) }
            let limit = random.below(5)
            if let some = try? index.candidates(key, below: bound, limit: limit) { #expect(some == Array(found.prefix(limit))) }
        }
    }

    private func damage(_ name: String, _ random: inout SeededGenerator) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch.path + "/index/" + name))
        let size = Int(try file.seekToEnd())
        let position = UInt64(random.below(size))
        try file.seek(toOffset: position)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: position)
        try file.write(contentsOf: [byte ^ UInt8(1 << random.below(8))])
        try file.close()
    }

    /// A bit that changes anywhere, and a file that is cut anywhere, is found before anything of it is believed.
    @Test func damageIsFoundAtEveryByte() throws {
        var random = SeededGenerator(seed: 5)
        var options = Self.options
        options.tableEntriesMax = 1_000
        options.tableHeightsMax = 1_000
        var model = IndexModel()
        var index = try open(options)
        while model.head < 15 {
            model.heights[model.head] = Self.entries(&random)
            #expect(index.add(Height(model.head), model.heights[model.head]!))
            model.head += 1
        }
        try index.seal()
        index.close()
        let name = try #require(try files.first)
        let path = scratch.path + "/index/" + name
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(whole.count > 8_192 && whole.count < 16_384)
        let expected = model.places(Self.keys[0])
        #expect(expected.count > 3)

        func expectFound(_ bytes: [UInt8], _ what: String) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            index = try open(options)
            defer { index.close() }
            if index.next > 0, let found = try? index.candidates(Self.keys[0], limit: 100), found != expected {
                Issue.record("\(what): a wrong answer")
            }
            index.verify()
            let losses = index.takeLosses()
            guard index.next == 0, losses.count == 1, try index.candidates(Self.keys[0], limit: 9).isEmpty else {
                Issue.record("\(what): not found, \(losses)")
                return
            }
        }
        // Of the zeros that fill pages, some; they are under the same checksums.
        for position in whole.indices where whole[position] != 0 || position % 16 < 3 {
            var bytes = whole
            bytes[position] ^= 1 << UInt8(position % 8)
            try expectFound(bytes, "bit at \(position)")
        }
        for length in stride(from: 0, to: whole.count, by: 37) { try expectFound(Array(whole[..<length]), "cut to \(length)") }
        try expectFound(whole + [0], "one byte more")
        try Data(whole).write(to: URL(fileURLWithPath: path))
        index = try open(options)
        #expect(index.next == 15 && index.takeLosses().isEmpty)
    }

    /// A crash between the making of a merged run and the removal of those it was made from leaves them side by side.
    @Test func aMergedRunReplacesItsParts() throws {
        var random = SeededGenerator(seed: 6)
        var model = IndexModel()
        var index = try open()
        for _ in 0..<6 {
            for _ in 0..<8 {
                model.heights[model.head] = Self.entries(&random)
                #expect(index.add(Height(model.head), model.heights[model.head]!))
                model.head += 1
            }
            try index.seal()
        }
        let parts = try files
        #expect(parts.count >= 6)
        let kept = try parts.map { try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/index/" + $0)) }
        model.floor = 10
        index.prune(below: 10)
        try index.maintain()
        let merged = try files
        #expect(merged.count < parts.count)
        index.close()
        for (name, bytes) in zip(parts, kept) where !merged.contains(name) {
            try bytes.write(to: URL(fileURLWithPath: scratch.path + "/index/" + name))
        }
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: scratch.path + "/index/00000000000000000099.run.new"))
        index = try open(first: 10)
        #expect(index.takeLosses().isEmpty && index.next == 48)
        for key in Self.keys { #expect(try index.candidates(key, limit: 10_000) == model.places(key)) }
        try index.maintain()
        #expect(try files.count <= merged.count)
        let leftOver = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/index").filter { $0.hasSuffix(".new") }
        #expect(leftOver.isEmpty)
    }

    @Test func anotherChainOrOpenerIsRefused() throws {
        let index = try open()
        #expect(refusal { _ = try open() } == .locked)
        let isTaken = index.add(0, [(Self.keys[0], 0)])
        #expect(isTaken)
        try index.seal()
        index.close()
        #expect(refusal { _ = try open(chain: chainB) } == .incompatible)
        #expect(try open().next == 1, "and nothing was removed")
    }

    /// What cannot be written stays in memory up to a bound, and then nothing is taken; afterwards everything is there.
    @Test func aRefusingDiskSlowsTheOwner() throws {
        var random = SeededGenerator(seed: 8)
        var model = IndexModel()
        let index = try open()
        // The directory is in the way: names cannot be made in a file.
        try FileManager.default.moveItem(atPath: scratch.path + "/index", toPath: scratch.path + "/away")
        var refusals = 0
        while refusals < 3 {
            let height = index.next.rawValue, entries = Self.entries(&random)
            if index.add(Height(height), entries) {
                model.heights[height] = entries
                model.head = height + 1
            } else {
                refusals += 1
                #expect(refusal { try index.maintain() } == .io)
            }
            #expect(height < 100)
        }
        for key in Self.keys { #expect(try index.candidates(key, limit: 10_000) == model.places(key)) }
        try FileManager.default.moveItem(atPath: scratch.path + "/away", toPath: scratch.path + "/index")
        try index.seal()
        #expect(index.nextDurable.rawValue == model.head)
        for key in Self.keys { #expect(try index.candidates(key, limit: 10_000) == model.places(key)) }
    }

    /// Readers see every height that had been added before they asked, while tables become runs and runs are merged under them.
    @Test func readersNeverMissWhatWasThere() throws {
        let index = try open()
        let added = Mutex<UInt64>(0)
        let done = Mutex(false)
        let readers = DispatchGroup()
        let wrong = Mutex<[String]>([])
        for number in 0..<3 {
            DispatchQueue.global().async(group: readers) {
                var random = SeededGenerator(seed: UInt64(number))
                while !done.withLock({ $0 }) {
                    let known = added.withLock { $0 }
                    guard known > 0 else { continue }
                    let bound = UInt64(random.below(Int(known))) + 1
                    do {
                        let found = try index.candidates(Self.keys[0], below: IndexPosition(height: Height(bound), index: 0), limit: 20)
                        let expected = (0..<bound).reversed().prefix(20).map { IndexPosition(height: Height($0), index: UInt32($0 % 5)) }
                        if found != expected { wrong.withLock { $0.append("below \(bound): \(found)") } }
                    } catch { wrong.withLock { $0.append("\(error)") } }
                }
            }
        }
        for height in 0..<6_000 as Range<UInt64> {
            while !index.add(Height(height), [(Self.keys[0], UInt32(height % 5)), (Self.keys[1], 7)]) { try index.maintain() }
            added.withLock { $0 = height + 1 }
            if height % 3 == 0 { try index.maintain() }
        }
        done.withLock { $0 = true }
        readers.wait()
        #expect(wrong.withLock { $0.prefix(3) } == [])
        #expect(try files.count < 20, "merges keep runs few")
    }
}
