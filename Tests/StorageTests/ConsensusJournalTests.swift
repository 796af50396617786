import Foundation
import Primitives
import Storage
import Testing
import WorldState

@Suite struct ConsensusJournalTests {
    let scratch = Scratch()
    var path: String { scratch.path + "/journal" }

    @Test func aJournalIsMadeOnPurpose() async throws {
        #expect(try ConsensusJournal.open(directory: path, chainID: chainA) == nil)
        let journal = try ConsensusJournal.create(directory: path, chainID: chainA)
        journal.close()
        #expect(refusal { _ = try ConsensusJournal.create(directory: path, chainID: chainA) } == .incompatible)
        let again = try #require(try ConsensusJournal.open(directory: path, chainID: chainA))
        #expect(again.bounds.isEmpty && again.recovery.loss == nil)
    }

    @Test func replaysWhatIsNotFinal() async throws {
        var journal = try ConsensusJournal.create(directory: path, chainID: chainA)
        var written: [[UInt64]] = []
        for height in 0..<6 as Range<UInt64> {
            // The next height begins before the last record of this one.
            for (number, of) in [height, height + 1, height].enumerated() {
                try await journal.append([[UInt8(of), UInt8(number)]], height: Height(of))
                written.append([of, UInt64(number)])
            }
        }
        journal.close()
        journal = try #require(try ConsensusJournal.open(directory: path, chainID: chainA))
        for final in [nil, 0, 3, 6] as [UInt64?] {
            var found: [[UInt64]] = []
            try journal.replay(above: final.map { Height($0) }) { height, record in
                #expect(UInt64(record[0]) == height.rawValue)
                found.append([height.rawValue, UInt64(record[1])])
            }
            #expect(found == written.filter { final == nil || $0[0] > final! })
        }
    }

    /// However files and heights fall together, no record of a height that is not final goes, and the journal stays small.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func finishedHeightsGoAndNothingElse(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var journal = try ConsensusJournal.create(directory: path, chainID: chainA, segmentBytes: 4096)
        var wanted: [UInt64: Int] = [:]
        for height in 0..<300 as Range<UInt64> {
            for _ in 0..<1 + random.below(4) {
                let of = height + (random.chance(1, in: 4) ? 1 : 0)
                let records = (0..<1 + random.below(3)).map { _ in random.bytes(random.below(300)) }
                try await journal.append(records, height: Height(of))
                wanted[of, default: 0] += records.count
            }
            if random.chance(4, in: 5) {
                try journal.finish(Height(height))
                wanted = wanted.filter { $0.key > height }
            }
            if random.chance(1, in: 20) {
                journal.close()
                journal = try #require(try ConsensusJournal.open(directory: path, chainID: chainA, segmentBytes: 4096))
            }
            var found: [UInt64: Int] = [:]
            try journal.replay(above: nil) { height, _ in found[height.rawValue, default: 0] += 1 }
            #expect(wanted.allSatisfy { found[$0.key] == $0.value })
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).count < 12)
    }
}
