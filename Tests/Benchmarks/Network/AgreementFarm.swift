import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Synchronization

/// Many agreements on a local network, with accounts that monitor them.
final class AgreementFarm: Sendable {
    private struct Held {
        var monitors: [Payer] = []
        /// Agreements by number in the order of their making, with their watchers' places among the monitors.
        var agreements: [(number: UInt64, watchers: [Int])] = []
        var start: UInt64 = 0
        var interval: UInt64 = 0
    }

    struct Reporting: Sendable {
        var reports = 0
        /// CPU seconds per second of all validators, over ten seconds each.
        var validators: [Double] = []
        var cpuMicroseconds = 0.0
        var delays: [Double] = []
        var trouble: String?
    }

    private let network: LocalNetwork
    private let agreements: Int
    private let watchers: Int
    private let accounts: Int
    private let held = Mutex(Held())
    /// Calls of one transaction, while agreements are made.
    private static let together = 32
    /// Payers of the farms before have lower numbers.
    private static let farms = Mutex(0)

    init(_ network: LocalNetwork, agreements: Int, watchers: Int, accounts: Int) {
        (self.network, self.agreements, self.watchers, self.accounts) = (network, agreements, watchers, accounts)
    }

    /// Concludes, pays for and enlists everything, `after` seconds before the start.
    func begin(interval: UInt64, intervals: UInt32, after: Int) async throws -> (start: Timestamp, seconds: Double) {
        let consumersCount = min(32, max(1, agreements / 8)), first = Self.farms.withLock { farms in defer { farms += 1 }; return 1_000_000 * (farms + 1) }
        let payers = try await network.fund(accounts + consumersCount, from: first, tokens: 200 + 5 * UInt128(agreements / consumersCount))
        let monitors = Array(payers.prefix(accounts)), consumers = Array(payers.suffix(consumersCount)), provider = Payer(number: -2)
        let begin = ContinuousClock.now, start = Timestamp(UInt64(Date().timeIntervalSince1970 * 1_000) + UInt64(after) * 1_000)
        let chainID = network.chainID, network = network, agreements = agreements, watchers = watchers, accounts = accounts
        let made = try await withThrowingTaskGroup(of: [(UInt64, [Int])].self) { group in
            for (place, consumer) in consumers.enumerated() {
                group.addTask {
                    var consumer = consumer, made: [(UInt64, [Int])] = []
                    let client = network.clients[place % network.clients.count]
                    var rest = Array(stride(from: place, to: agreements, by: consumers.count))[...]
                    while !rest.isEmpty {
                        let part = rest.prefix(Self.together)
                        rest = rest.dropFirst(part.count)
                        let places = part.map { agreement in (0..<watchers).map { (agreement * watchers + $0) % accounts } }
                        let terms = zip(part, places).map { agreement, places in
                            AgreementTerms.make(
                                consumer.address, provider.address, places.map { monitors[$0].address }, start: start, interval: interval, intervals: intervals,
                                number: UInt64(first + agreement))
                        }
                        let concluded = try await Self.send(terms.map { AgreementTerms.conclusion($0, by: provider.key, chainID: chainID) }, &consumer, client, network)
                        let numbers = try concluded.map { try Agreements.conclude.reference.result($0) }
                        _ = try await Self.send(
                            zip(numbers, terms).map { Agreements.fund.reference.call(on: .agreements, $0, 1, value: $1.payment.fee) }, &consumer, client, network)
                        made += zip(numbers, places)
                    }
                    return made
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        Progress.line("   concluded and paid in \(Int((ContinuousClock.now - begin).inSeconds)) s")
        var watched: [[UInt64]] = Array(repeating: [], count: accounts)
        for (number, places) in made { for place in places { watched[place].append(number) } }
        let shares = watched
        let enlisted = try await withThrowingTaskGroup(of: [(Int, Payer)].self) { group in
            let lanes = min(32, accounts)
            for lane in 0..<lanes {
                group.addTask {
                    var done: [(Int, Payer)] = []
                    for place in stride(from: lane, to: accounts, by: lanes) {
                        var monitor = monitors[place], rest = shares[place][...]
                        while !rest.isEmpty {
                            let part = rest.prefix(Self.together)
                            rest = rest.dropFirst(part.count)
                            let calls = part.map { Agreements.enlist.reference.call(on: .agreements, $0) }
                            _ = try await Self.send(calls, &monitor, network.clients[place % network.clients.count], network)
                        }
                        done.append((place, monitor))
                    }
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (ContinuousClock.now - begin).inSeconds
        guard seconds < Double(after) else { throw NetworkFailure(description: "\(Int(seconds)) s were needed to make \(agreements) agreements, and there were \(after)") }
        held.withLock { held in
            held.monitors = enlisted.sorted { $0.0 < $1.0 }.map(\.1)
            held.agreements = made.sorted { $0.0 < $1.0 }
            (held.start, held.interval) = (start.rawValue, interval)
        }
        return (start, seconds)
    }

    private static func send(_ calls: [Call], _ payer: inout Payer, _ client: Client, _ network: LocalNetwork) async throws -> [[UInt8]] {
        let signed = try network.sign(calls, by: payer.key, payer.address, payer.nonce, gasLimit: Gas(UInt64(calls.count) * 900_000 + 100_000))
        let report = try await client.submitAndWait(signed)
        payer.nonce += 1
        guard let receipt = report.receipt, receipt.failure == nil else { throw NetworkFailure(description: "a call was refused: \(report)") }
        return receipt.results.map(\.data.bytes)
    }

    /// Until so many intervals are over, also for a chain that rests: its newest block may be a heartbeat old.
    func waitForInterval(_ count: Int) async throws {
        let end = held.withLock { Double($0.start + UInt64(count) * $0.interval) / 1e3 } + 8
        try await Task.sleep(for: .seconds(max(0, end - Date().timeIntervalSince1970)))
    }

    private static func measurement(_ agreement: UInt64, _ interval: UInt32, sequence: UInt64) -> Call {
        Agreements.measure.reference.call(on: .agreements, Agreements.Measurement(
            agreement: agreement, metric: 0, period: 0, first: interval, readings: Bounded([.state(true)])!, evidence: .zero, sequence: sequence))
    }

    /// A transaction for each interval, agreement and watcher; those of one account in their order.
    func measurements(intervals: Int, gasLimit: Gas) throws -> [[SignedTransaction]] {
        let (monitors, agreements) = held.withLock { ($0.monitors, $0.agreements) }
        var nonces = monitors.map(\.nonce), rounds: [[SignedTransaction]] = []
        for interval in 0..<UInt32(intervals) {
            var round: [SignedTransaction] = []
            for (number, watchers) in agreements {
                for place in watchers {
                    let call = Self.measurement(number, interval, sequence: UInt64(interval))
                    round.append(try network.sign([call], by: monitors[place].key, monitors[place].address, nonces[place], gasLimit: gasLimit))
                    nonces[place] += 1
                }
            }
            rounds.append(round)
        }
        return rounds
    }

    /// Readings that count, of all agreements.
    func reports() async throws -> Int {
        var sum = 0
        for (number, _) in held.withLock({ $0.agreements }) {
            let period = try await network.clients[0].view(Agreements.period.reference, of: .agreements, number, 0)
            sum += period?.tally.reports.reduce(0) { $0 + Int($1) } ?? 0
        }
        return sum
    }

    // ── Minute by minute ──

    /// CPU seconds per second of all validators.
    func share(seconds: Int) async throws -> Double {
        let meters = network.processes.map(ProcessMeter.init), begin = ContinuousClock.now
        try await Task.sleep(for: .seconds(seconds))
        return meters.map(\.secondsSince).reduce(0, +) / (ContinuousClock.now - begin).inSeconds
    }

    /// Each monitor has its turn in each minute, and tells of the interval that was over when the minute began.
    func report(minutes: Int) async throws -> Reporting {
        let (monitors, agreements, start, interval) = held.withLock { ($0.monitors, $0.agreements, $0.start, $0.interval) }
        var watched: [[UInt64]] = Array(repeating: [], count: monitors.count)
        for (number, places) in agreements { for place in places { watched[place].append(number) } }
        let shares = watched, network = network, begin = Date().timeIntervalSince1970
        let first = UInt32((UInt64(begin * 1_000) - start) / interval) - 1
        let meters = network.processes.map(ProcessMeter.init)
        return try await withThrowingTaskGroup(of: Reporting.self) { group in
            for (place, monitor) in monitors.enumerated() {
                group.addTask {
                    var own = Reporting()
                    for minute in 0..<minutes {
                        let turn = begin + Double(minute) * 60 + Double(place) * 60 / Double(monitors.count)
                        try await Task.sleep(for: .seconds(max(0, turn - Date().timeIntervalSince1970)))
                        var rest = shares[place][...]
                        while !rest.isEmpty {
                            let part = rest.prefix(Self.together), interval = first + UInt32(minute)
                            rest = rest.dropFirst(part.count)
                            let calls = part.map { Self.measurement($0, interval, sequence: UInt64(interval) + 1) }
                            do {
                                let report = try await network.clients[place % network.clients.count].send(calls, by: monitor.key)
                                if report.receipt?.failure == nil { own.reports += part.count } else { own.trouble = "\(report)" }
                            } catch { own.trouble = "\(error)" }
                        }
                        own.delays.append(Date().timeIntervalSince1970 - turn)
                    }
                    return own
                }
            }
            group.addTask {
                var own = Reporting()
                for _ in 0..<(6 * minutes) { own.validators.append(try await self.share(seconds: 10)) }
                return own
            }
            var all = Reporting()
            for try await own in group {
                all.reports += own.reports
                all.validators += own.validators
                all.delays += own.delays
                all.trouble = all.trouble ?? own.trouble
            }
            all.cpuMicroseconds = meters.map(\.secondsSince).reduce(0, +) / Double(max(1, all.reports)) * 1e6
            return all
        }
    }
}
