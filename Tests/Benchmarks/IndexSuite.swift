import Foundation
import Primitives
import Storage
import WorldState

extension Suite {
    /// The index of the chain: what noting a transfer costs with all writing and merging, and what a question costs.
    static let index = Suite(name: "index", summary: "the index of transactions, accounts and blocks: 10 M entries noted, merged and asked") { report, quick in
        let directory = try TemporaryDirectory()
        let bench = IndexBench(directory: directory.path, blocks: quick ? 400 : 3_333)
        report.setup["directory"] = "default temporary directory, file system \(directory.fileSystem)"
        report.setup["chain"] = "\(bench.blocks) blocks of \(IndexBench.transactions) transfers between \(IndexBench.accounts) accounts, "
            + "\(bench.entries) entries"
        try bench.measure(into: &report, rounds: quick ? 1 : 3)
    }
}

private struct IndexBench {
    let directory: String
    let blocks: Int
    static let transactions = 1_000
    static let accounts = 100_000
    private static let questions = 20_000

    var entries: Int { blocks * (1 + 3 * Self.transactions) }

    private static func digest(_ kind: UInt64, _ height: Int, _ index: Int) -> Digest {
        var random = SeededGenerator(seed: kind << 56 ^ UInt64(height) << 20 ^ UInt64(index))
        return Digest(random.bytes(32))!
    }

    func measure(into report: inout Report, rounds: Int) throws {
        var noting: [Double] = [], all: [Double] = [], wall: [Double] = [], disk: [Double] = [], written: [Double] = []
        var opening: [Double] = [], files: [Double] = [], retries = 0
        var asking: [String: [Double]] = [:]
        var random = SeededGenerator(seed: 1)
        let accounts = (0..<Self.accounts).map { _ in Address(random.bytes(20))! }
        for round in 0..<rounds {
            let path = directory + "/\(round)"
            var index = try ChainIndex(directory: path, chainID: ChainID(), first: 0)
            let bytesBefore = Machine.bytesWritten
            let whole = Stopwatch()
            var making = 0.0, noted = 0.0
            for height in 0..<blocks {
                let watch = Stopwatch()
                let transactions = (0..<Self.transactions).map { number in
                    (id: Self.digest(1, height, number), accounts: [accounts[random.below(Self.accounts)], accounts[random.below(Self.accounts)]])
                }
                let hash = Self.digest(2, height, 0)
                making += watch.threadCPU
                let note = Stopwatch()
                while !index.note(Height(UInt64(height)), hash: hash, transactions: transactions) {
                    retries += 1
                    usleep(1_000)
                }
                noted += note.threadCPU
            }
            index.close()
            noting.append(noted / Double(entries) * 1e6)
            all.append((whole.cpu - making) / Double(entries) * 1e6)
            wall.append(Double(entries) / whole.wall)
            written.append(Double(Machine.bytesWritten - bytesBefore) / Double(entries))
            let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".run") }
            files.append(Double(names.count))
            let bytes = try names.reduce(0) { try $0 + (FileManager.default.attributesOfItem(atPath: path + "/" + $1)[.size] as! Int) }
            disk.append(Double(bytes) / Double(entries))

            let open = Stopwatch()
            index = try ChainIndex(directory: path, chainID: ChainID(), first: 0)
            opening.append(open.wall * 1e3)
            precondition(index.next.rawValue == UInt64(blocks))
            asking["transaction_us", default: []].append(try ask(&random) { height, number in
                let found = try index.transaction(Self.digest(1, height, number))
                precondition(found == [IndexPosition(height: Height(UInt64(height)), index: UInt32(number))])
            })
            asking["transaction_unknown_us", default: []].append(try ask(&random) { height, number in
                let found = try index.transaction(Self.digest(3, height, number))
                precondition(found.isEmpty)
            })
            asking["account_newest_20_us", default: []].append(try ask(&random) { _, number in
                consume(try index.transactions(of: accounts[number], limit: 20))
            })
            asking["block_us", default: []].append(try ask(&random) { height, _ in
                let found = try index.block(Self.digest(2, height, 0))
                precondition(found == [Height(UInt64(height))])
            })
            index.close()
            try FileManager.default.removeItem(atPath: path)
            Progress.show("round \(round + 1) of \(rounds)")
        }
        report.setup["refusals"] = "\(retries) times a block had to wait for the disk"
        report.add("note_us_per_entry", noting, unit: "µs of CPU, of the thread that notes")
        report.add("all_us_per_entry", all, unit: "µs of CPU, with writing and merging")
        report.add("entries_per_second", wall, unit: "1/s, the making of the sample included")
        report.add("bytes_per_entry", disk, unit: "bytes on disk")
        report.add("written_bytes_per_entry", written, unit: "bytes, merges included")
        report.add("files", files, unit: "runs at the end")
        report.add("open_ms", opening, unit: "ms")
        for name in asking.keys.sorted() { report.add(name, asking[name]!, unit: "µs of CPU, from the page cache") }
    }

    private func ask(_ random: inout SeededGenerator, _ body: (Int, Int) throws -> Void) throws -> Double {
        let watch = Stopwatch()
        for _ in 0..<Self.questions { try body(random.below(blocks), random.below(Self.transactions)) }
        return watch.threadCPU / Double(Self.questions) * 1e6
    }
}
