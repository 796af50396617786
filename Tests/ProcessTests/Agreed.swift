import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import ServerKit
import Synchronization
import Testing

/// Somebody of a network's first state: the name and the key of an account.
struct Member: Sendable {
    let name: String
    let key: SigningKey
    var address: Address { Address(of: key.publicKey) }

    init(_ devnet: Devnet, _ number: Int) throws {
        name = number < 10 ? "account-0\(number)" : "account-\(number)"
        key = try devnet.key(name)
    }
}

/// An agreement on a network, made as applications make one: with the client library.
struct Agreed: Sendable {
    let number: UInt64
    let terms: Agreements.Terms
    let consumer: Member
    let provider: Member
    let monitors: [Member]

    var account: Address { .subaccount(number, of: .agreements) }

    /// Proposed, accepted, paid for and covered.
    init(_ terms: Agreements.Terms, consumer: Member, provider: Member, monitors: [Member], _ client: Client, chainID: ChainID) async throws {
        let proposed = try await client.send([Agreements.propose.reference.call(on: .agreements, terms)], by: consumer.key)
        let number = try Agreements.propose.reference.result(try #require(proposed.receipt?.results.first?.data.bytes))
        (self.number, self.terms) = (number, terms)
        (self.consumer, self.provider, self.monitors) = (consumer, provider, monitors)
        func send(_ member: Member, _ calls: Call...) async throws {
            let report = try await client.send(calls, by: member.key)
            try #require(report.receipt?.outcome == .succeeded, "\(member.name): \(String(describing: report.receipt?.failure))")
        }
        try await send(provider, Agreements.accept.reference.call(on: .agreements, number, terms.digest(chainID: chainID)))
        if terms.providers[0].collateral > .zero {
            try await send(provider, Agreements.deposit.reference.call(on: .agreements, number, value: terms.providers[0].collateral))
        }
        let cost = try #require(terms.cost.multiplied(by: UInt64(terms.payment.prepaidPeriods)))
        try await send(consumer, Agreements.fund.reference.call(on: .agreements, number, terms.payment.prepaidPeriods, value: cost))
        for monitor in monitors { try await send(monitor, Agreements.enlist.reference.call(on: .agreements, number, value: terms.payment.monitorBond)) }
        try #require(try await view(client).agreement.phase == .active)
    }

    func view(_ client: Client) async throws -> Agreements.AgreementView {
        try #require(try await client.view(Agreements.agreement.reference, of: .agreements, number))
    }

    func period(_ period: UInt32, _ client: Client) async throws -> Agreements.PeriodView {
        try #require(try await client.view(Agreements.period.reference, of: .agreements, number, period))
    }

    /// The first page of a period.
    func verdicts(_ period: UInt32, _ client: Client) async throws -> Agreements.VerdictPage {
        try #require(try await client.view(Agreements.verdicts.reference, of: .agreements, number, period, 0))
    }

    /// When an interval begins, counted from the first of the agreement.
    func start(of interval: Int) -> Timestamp { Timestamp(terms.schedule.start.rawValue + UInt64(interval) * terms.schedule.intervalMilliseconds) }

    /// The lines of a monitor's file that watch a metric of it.
    func watch(_ metric: Int, _ source: String) -> String {
        let schedule = terms.schedule, windows = terms.windows
        let start = TimeText(schedule.start).text.replacingOccurrences(of: ".000Z", with: "Z")
        return """
              - agreement: \(number)
                metric: \(metric)
                schedule: {start: \(start), interval-seconds: \(schedule.intervalMilliseconds / 1_000), period-intervals: \(schedule.periodIntervals), periods: \(schedule.periods), settle-seconds: \(windows.settleMilliseconds / 1_000), late-seconds: \(windows.lateMilliseconds / 1_000)}
                source: \(source)

            """
    }
}

extension Agreements.Terms {
    /// What one period costs the consumer.
    var cost: Amount { Amount(payment.fee.units + payment.keeperFee.units + payment.monitorFee.units * UInt128(monitors.count)) }
}

/// `trellis monitor run` for one account, which can be killed and started again.
final class MonitorProcess {
    let member: Member
    /// Its configuration, its journal and what it has said.
    let directory: String
    private let environment: [String: String]
    private var program: RunningProgram?

    init(_ devnet: Devnet, _ member: Member, watches: [String], node: String) throws {
        self.member = member
        directory = "\(devnet.directory)/monitor-\(member.name)"
        environment = ["TRELLIS_HOME": devnet.directory, "TRELLIS_PASSPHRASE_FILE": devnet.directory + "/passphrase", "NO_COLOR": "1"]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = "journal: \(directory)/journal\nnode: \(node)\nwatches:\n" + watches.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/monitor.yaml"))
    }

    func start() throws {
        program = try RunningProgram(
            Program.trellis.path, ["monitor", "run", "--config", directory + "/monitor.yaml", "--from", member.name], environment: environment,
            output: URL(fileURLWithPath: directory + "/log"))
    }

    func kill() { program?.kill() }

    /// Waits until it has told everything and ends by itself.
    func expectEnd(within seconds: Double, sourceLocation: SourceLocation = #_sourceLocation) async {
        let isOver = await eventually(within: seconds) { program?.isRunning == false }
        #expect(isOver && program?.status == 0, "\(member.name) has said:\n\(text.suffix(3_000))", sourceLocation: sourceLocation)
    }

    var text: String { program?.text ?? "" }
}

/// A time in which a service was away, by this machine's clock. It goes and comes within moments that may be long on a busy machine.
struct Outage: Sendable {
    private(set) var from = TimeText.system.value
    private(set) var surelyFrom = Timestamp(.max)
    private(set) var surelyUntil = Timestamp(.max)
    private(set) var until = Timestamp(.max)

    /// It has gone by now.
    mutating func begun() { surelyFrom = TimeText.system.value }
    /// It comes back from now on.
    mutating func ending() { surelyUntil = TimeText.system.value }
    /// It is back by now.
    mutating func ended() { until = TimeText.system.value }

    func covers(_ start: Timestamp, _ end: Timestamp) -> Bool { surelyFrom <= start && end <= surelyUntil }
    func touches(_ start: Timestamp, _ end: Timestamp) -> Bool { from < end && start < until }
}

/// Reads an account's balance behind each block in which an agreement paid something, and behind the block before, as soon as it is told.
final class BalanceWatch: Sendable {
    private let found = Mutex<[UInt64: Result<(before: UInt128, after: UInt128), ClientError>]>([:])
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(_ account: Address, _ client: Client) async throws {
        var selection = EventSelection()
        selection.types = ["Paid"]
        selection.from = try await client.head().height + 1
        let chosen = selection
        task.withLock { task in
            task = Task { [weak self] in
                for try await item in client.events(chosen) {
                    guard case .event(let event) = item, let self, self.at(event.height) == nil else { continue }
                    do throws(ClientError) {
                        let before = try await client.account(account, at: Height(event.height - 1)).balance.value.units
                        let after = try await client.account(account, at: Height(event.height)).balance.value.units
                        self.found.withLock { $0[event.height] = .success((before, after)) }
                    } catch { self.found.withLock { $0[event.height] = .failure(error) } }
                }
            }
        }
    }

    deinit { task.withLock { $0?.cancel() } }

    func at(_ height: UInt64) -> Result<(before: UInt128, after: UInt128), ClientError>? { found.withLock { $0[height] } }
}

/// Waits for a time of this machine's clock.
func sleep(until time: Timestamp, plus milliseconds: Int64 = 0) async throws {
    let wait = Int64(time.rawValue) + milliseconds - Int64(TimeText.system.value.rawValue)
    if wait > 0 { try await Task.sleep(for: .milliseconds(wait)) }
}

extension Timestamp {
    /// The first whole multiple of `seconds` that is at least so many seconds from now.
    static func next(_ seconds: UInt64, after least: UInt64) -> Timestamp {
        let step = seconds * 1_000, from = TimeText.system.value.rawValue + least * 1_000
        return Timestamp((from + step - 1) / step * step)
    }
}

extension TimeText {
    static var system: TimeText { TimeText(Timestamp(UInt64(Date().timeIntervalSince1970 * 1_000))) }
}

extension Client {
    /// All that the contract of agreements told under a name, the oldest first, with the places where it was told.
    func told<Told: ContractEvent>(_: Told.Type) async throws -> [(place: EventResource, told: Told)] {
        var found: [(EventResource, Told)] = [], cursor: String?
        repeat {
            let page = try await events(of: "agreements", named: Told.name.text, limit: 100, cursor: cursor)
            for item in page.items { found.append((item, try Told(bcs: item.data.bytes))) }
            cursor = page.next
        } while cursor != nil
        return found.reversed()
    }

    /// What an account has paid in fees for all that it ever sent.
    func fees(of address: Address) async throws -> UInt128 {
        var sum: UInt128 = 0, cursor: String?
        repeat {
            let page = try await transactions(of: address, limit: 100, cursor: cursor)
            for item in page.items where item.transaction?.sender.address == address { sum += item.receipt?.fee.value.units ?? 0 }
            cursor = page.next
        } while cursor != nil
        return sum
    }
}
