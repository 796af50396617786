import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Glibc
import Interface
import Ledger
import Primitives
import Synchronization

/// A port that is closed for one interval, open for the next, and so on; a real monitor process that connects to it; and the consumer's credits.
struct OutageBench {
    struct Sample: Sendable {
        /// Milliseconds from the monitor's finding to the credit, and of these until the report could be posted.
        let total: Double
        let wait: Double
    }

    private let network: LocalNetwork
    private let outages: Int
    private static let interval: UInt64 = 3_000
    /// What the monitor leaves for clocks that differ.
    private static let marginMilliseconds = 3_000.0

    init(_ network: LocalNetwork, outages: Int) { (self.network, self.outages) = (network, outages) }

    func run() async throws -> [Sample] {
        let client = network.clients[0], consumer = try network.key("account-01"), provider = try network.key("account-02"), monitor = try network.key("account-03")
        let start = Timestamp((UInt64(Date().timeIntervalSince1970) + 12) * 1_000), intervals = UInt32(2 * outages)
        let terms = AgreementTerms.make(
            Address(of: consumer.publicKey), Address(of: provider.publicKey), [Address(of: monitor.publicKey)], start: start, interval: Self.interval, intervals: intervals,
            number: .max)
        let concluded = try await client.send([AgreementTerms.conclusion(terms, by: provider, chainID: network.chainID)], by: consumer)
        guard let result = concluded.receipt?.results.first else { throw NetworkFailure(description: "no agreement was made") }
        let number = try Agreements.conclude.reference.result(result.data.bytes)
        try await client.send([Agreements.fund.reference.call(on: .agreements, number, 1, value: terms.payment.fee)], by: consumer)
        try await client.send([Agreements.enlist.reference.call(on: .agreements, number)], by: monitor)

        var service: Service? = try Service(port: 0)
        let port = service?.port ?? 0, directory = network.path + "/outages", credits = Credits()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("""
            journal: \(directory)/journal
            node: \(network.clients[1].endpoint)
            watches:
              - agreement: \(number)
                metric: 0
                schedule: {start: \(TimeText(start).text.prefix(19))Z, interval-seconds: 3, period-intervals: \(intervals), periods: 1, settle-seconds: 0, late-seconds: 86400}
                source: {tcp: {host: 127.0.0.1, port: \(port), attempts: 1, timeout-seconds: 1}}
            """.utf8).write(to: URL(fileURLWithPath: directory + "/monitor.yaml"))
        let process = try network.start(["monitor", "run", "--config", directory + "/monitor.yaml", "--from", "account-03"], output: directory + "/log")
        defer { process.terminate() }
        let listening = Task { try await listen(number, credits) }
        defer { listening.cancel() }
        for round in 0..<outages {
            // A probe is over in the first half of its interval.
            try await sleep(until: Double(start.rawValue + UInt64(2 * round + 1) * Self.interval) - 600)
            service = nil
            try await sleep(until: Double(start.rawValue + UInt64(2 * round + 2) * Self.interval) - 600)
            service = try Service(port: port)
        }
        let patience = ContinuousClock.now + .seconds(60)
        while credits.times.withLock({ $0.count }) < outages {
            guard ContinuousClock.now < patience, process.isRunning || ContinuousClock.now < patience - .seconds(50) else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        withExtendedLifetime(service) {}
        let log = String(decoding: try Data(contentsOf: URL(fileURLWithPath: directory + "/log")), as: UTF8.self), found = Self.findings(log), paid = credits.times.withLock { $0 }
        let samples = (0..<outages).compactMap { round -> Sample? in
            let interval = 2 * round + 1
            guard let known = found[interval], let credit = paid[interval] else { return nil }
            return Sample(total: credit - known, wait: Double(start.rawValue + UInt64(interval + 1) * Self.interval) + Self.marginMilliseconds - known)
        }
        guard samples.count * 2 > outages else { throw NetworkFailure(description: "\(samples.count) of \(outages) outages were paid for\n\(log.suffix(2_000))") }
        return samples
    }

    private func sleep(until time: Double) async throws {
        try await Task.sleep(for: .milliseconds(max(0, Int(time - Date().timeIntervalSince1970 * 1_000))))
    }

    /// When the monitor knew of each interval that was down, from the lines that it writes.
    private static func findings(_ log: String) -> [Int: Double] {
        var found: [Int: Double] = [:]
        for line in log.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == "trouble", let place = words.firstIndex(of: "interval"), place + 1 < words.count,
                  let interval = Int(words[place + 1].dropLast()), let time = TimeText(text: String(words[0])) else { continue }
            found[interval] = Double(time.value.rawValue)
        }
        return found
    }

    /// Hears of violations, and of the credits in the same transactions.
    private func listen(_ number: UInt64, _ credits: Credits) async throws {
        var selection = EventSelection()
        selection.types = ["Violated", "Paid"]
        selection.contracts = ["agreements"]
        var failed: [TransactionID: Int] = [:]
        for try await item in network.clients[2].events(selection) {
            guard case .event(let event) = item, let id = event.transaction?.value else { continue }
            if event.name == "Violated" {
                let violated = try Agreements.Violated(bcs: event.data.bytes)
                failed[id] = Int(violated.page) * 64 + violated.intervals.trailingZeroBitCount
            } else if let interval = failed[id], try Agreements.Paid(bcs: event.data.bytes).purpose == .credit {
                credits.times.withLock { $0[interval] = Date().timeIntervalSince1970 * 1_000 }
            }
        }
    }

    /// When the credit for each interval was heard of.
    private final class Credits: Sendable {
        let times = Mutex<[Int: Double]>([:])
    }

    /// A port of this machine that takes connections as long as this lives.
    private final class Service: @unchecked Sendable {
        let port: Int
        private let descriptor: Int32

        init(port: Int) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0 }
            }
            guard isOpen else { throw NetworkFailure(description: "the port \(port) cannot be opened: \(String(cString: strerror(errno)))") }
            self.descriptor = descriptor
            self.port = Int(UInt16(bigEndian: address.sin_port))
            Thread.detachNewThread {
                while true {
                    let connection = accept(descriptor, nil, nil)
                    guard connection >= 0 else { return }
                    close(connection)
                }
            }
        }

        deinit {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }
}
