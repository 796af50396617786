import Foundation
import Primitives
import Storage
import Synchronization
import WorldState

extension Suite {
    /// Durable appends to a record log, alone and by many clients at once, beside what the disk itself gives.
    static let log = Suite(name: "log", summary: "durable appends to the record log, against bare writes on this disk") { report, quick in
        let directory = try TemporaryDirectory()
        report.setup["directory"] = "default temporary directory, file system \(directory.fileSystem)"
        report.setup["record"] = "\(LogBench.recordBytes) bytes, about a vote with its certificate"
        report.setup["clients"] = "\(LogBench.clients), each with one append under way"
        let bench = LogBench(directory: directory.path, rounds: quick ? 2 : 5, appends: quick ? 500 : 3_000)
        try bench.measureSmall(into: &report)
        try bench.measureBlocks(into: &report)
        try bench.measureOpening(into: &report)
    }
}

private struct LogBench {
    let directory: String
    let rounds: Int
    let appends: Int
    static let recordBytes = 300
    static let clients = 64
    private static let record = [UInt8](repeating: 0x42, count: recordBytes)
    private static let block = [UInt8](repeating: 0x17, count: 1 << 20)

    /// Bare and logged appends in turn, so that both see the same disk.
    func measureSmall(into report: inout Report) throws {
        var bareAlone: [Double] = [], alone: [Double] = [], bareGrouped: [Double] = [], grouped: [Double] = []
        var bareRate: [Double] = [], rate: [Double] = [], shareAlone: [Double] = [], shareGrouped: [Double] = [], cpu: [Double] = []
        for round in 0..<rounds {
            let bare = try bareAppends(bytes: Self.recordBytes + 24, count: appends)
            bareAlone.append(bare.latency)
            let one = try logAppends(clients: 1, count: appends, name: "alone-\(round)")
            alone.append(one.latency)
            shareAlone.append(one.rate / bare.rate * 100)
            // What a group of all clients costs as one bare write is the most that grouping can give.
            let ceiling = try bareAppends(bytes: Self.clients * (Self.recordBytes + 24), count: appends / 4)
            bareRate.append(ceiling.rate * Double(Self.clients))
            bareGrouped.append(ceiling.latency)
            let many = try logAppends(clients: Self.clients, count: appends * 8, name: "grouped-\(round)")
            rate.append(many.rate)
            grouped.append(many.latency)
            cpu.append(many.cpu * 1e6)
            shareGrouped.append(many.rate / (ceiling.rate * Double(Self.clients)) * 100)
            Progress.show("round \(round + 1) of \(rounds)")
        }
        report.add("append_fsync_p50_ms", alone, unit: "ms, one client")
        report.add("bare_pwrite_fdatasync_p50_ms", bareAlone, unit: "ms, the same bytes")
        report.add("share_of_bare_rate_alone", shareAlone, unit: "%")
        report.add("appends_per_second_grouped", rate, unit: "1/s")
        report.add("bare_records_per_second_grouped", bareRate, unit: "1/s, all clients' bytes in one write")
        report.add("share_of_bare_rate_grouped", shareGrouped, unit: "%")
        report.add("append_fsync_grouped_p50_ms", grouped, unit: "ms, from submission to acknowledgement")
        report.add("bare_group_p50_ms", bareGrouped, unit: "ms")
        report.add("cpu_us_per_append_grouped", cpu, unit: "µs of CPU, whole process")
    }

    func measureBlocks(into report: inout Report) throws {
        var logged: [Double] = [], bare: [Double] = []
        for round in 0..<rounds {
            bare.append(try bareAppends(bytes: Self.block.count, count: 100).rate * Double(Self.block.count) / 1e6)
            let log = try RecordLog(directory: directory + "/blocks-\(round)", kind: .blocks, chainID: ChainID())
            let run = run(log, record: Self.block, clients: 1, count: 100)
            logged.append(run.rate * Double(Self.block.count) / 1e6)
            log.close()
        }
        report.add("block_append_MB_per_second", logged, unit: "MB/s, 1 MiB each, one after the other")
        report.add("bare_block_write_MB_per_second", bare, unit: "MB/s")
    }

    /// Opening reads the last segment; reading by index and in order, from the page cache.
    func measureOpening(into report: inout Report) throws {
        let path = directory + "/opening"
        let log = try RecordLog(directory: path, kind: .blocks, chainID: ChainID())
        let count = 150_000
        _ = run(log, record: Self.record, clients: 4_096, count: count)
        log.close()
        var opening: [Double] = [], reading: [Double] = []
        for _ in 0..<rounds {
            let openWatch = Stopwatch()
            let log = try RecordLog(directory: path, kind: .blocks, chainID: ChainID())
            opening.append(openWatch.wall * 1e3)
            let readWatch = Stopwatch()
            var read = 0
            try log.scan(from: 0) { _, record in
                read += record.count
                return true
            }
            reading.append(readWatch.cpu / Double(count) * 1e6)
            precondition(read == count * Self.recordBytes)
            log.close()
        }
        report.add("open_46_MiB_ms", opening, unit: "ms, 150,000 records checked")
        report.add("read_us_per_record", reading, unit: "µs of CPU, in order")
    }

    struct Run {
        var rate: Double, latency: Double, cpu: Double
    }

    /// The same bytes by the bare system calls, one group after the other.
    private func bareAppends(bytes: Int, count: Int) throws -> Run {
        let file = open(directory + "/bare", O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer {
            close(file)
            unlink(directory + "/bare")
        }
        let buffer = [UInt8](repeating: 0x42, count: bytes)
        var latencies: [Double] = []
        let whole = Stopwatch()
        for number in 0..<count {
            let watch = Stopwatch()
            guard pwrite(file, buffer, bytes, off_t(number * bytes)) == bytes, fdatasync(file) == 0 else {
                throw POSIXError(.init(rawValue: errno) ?? .EIO)
            }
            latencies.append(watch.wall * 1e3)
        }
        return Run(rate: Double(count) / whole.wall, latency: latencies.sorted()[count / 2], cpu: whole.cpu / Double(count))
    }

    private func logAppends(clients: Int, count: Int, name: String) throws -> Run {
        let log = try RecordLog(directory: directory + "/" + name, kind: .journal, chainID: ChainID())
        defer { log.close() }
        return run(log, record: Self.record, clients: clients, count: count)
    }

    /// Each client appends its next record when its last one has been acknowledged.
    private func run(_ log: RecordLog, record: [UInt8], clients: Int, count: Int) -> Run {
        let work = ClosedLoop(log: log, record: record, count: count)
        let watch = Stopwatch()
        for _ in 0..<clients { work.next() }
        work.done.wait()
        let wall = watch.wall, cpu = watch.cpu
        let latencies = work.state.withLock { $0.latencies }.sorted()
        return Run(rate: Double(count) / wall, latency: latencies[latencies.count / 2], cpu: cpu / Double(count))
    }
}

/// Clients that wait for each acknowledgement before they append again.
private final class ClosedLoop: Sendable {
    struct State {
        var started = 0
        var latencies: [Double] = []
    }
    let log: RecordLog
    let record: [UInt8]
    let count: Int
    let state = Mutex(State())
    let done = DispatchSemaphore(value: 0)

    init(log: RecordLog, record: [UInt8], count: Int) {
        self.log = log
        self.record = record
        self.count = count
    }

    func next() {
        guard state.withLock({ state in
            guard state.started < count else { return false }
            state.started += 1
            return true
        }) else { return }
        let watch = Stopwatch()
        let isAccepted = log.submit([record]) { [self] result in
            guard case .success = result else { fatalError("\(result)") }
            let isLast = state.withLock { state in
                state.latencies.append(watch.wall * 1e3)
                return state.latencies.count == count
            }
            if isLast { done.signal() } else { next() }
        }
        precondition(isAccepted, "the clients together stay below what may wait")
    }
}
