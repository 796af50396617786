import Client
import Contracts
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import PythonRunner
import ServerKit
import Testing

extension RealProcesses {
    /// What the chain is for, with real parts: a web server that is killed, an instance that is stopped, a machine whose plug is pulled, monitors that
    /// measure them and are killed themselves, and the money of those who were promised that all this runs.
    @Suite struct AgreementTests {
        private static let units = Amount.unitsPerToken

        private static func terms(
            _ service: Agreements.ServiceKey, _ consumer: Member, _ provider: Member, _ monitors: [Member], metrics: [ServiceMetric], start: Timestamp, interval: UInt64,
            intervals: UInt32, periods: UInt32 = 1, settle: UInt64 = 0
        ) -> Agreements.Terms {
            Agreements.Terms(
                consumer: consumer.address, service: service,
                providers: Bounded([Agreements.Provider(account: provider.address, collateral: Amount(50 * units))])!,
                monitors: Bounded(monitors.map { Agreements.Monitor(account: $0.address, source: "own") })!,
                level: ServiceLevel(
                    metrics: Bounded(metrics)!, tiers: Bounded([CreditTier(below: 999_000, credit: 100_000), CreditTier(below: 750_000, credit: 300_000)])!,
                    incident: IncidentCredit(ratePartsPerMillion: 20_000), unknownPartsPerMillion: 100_000),
                schedule: Agreements.Schedule(start: start, intervalMilliseconds: interval * 1_000, periodIntervals: intervals, periods: periods),
                payment: Agreements.Payment(
                    fee: Amount(300 * units), prepaidPeriods: periods, holdBackPartsPerMillion: 100_000, monitorFee: Amount(10 * units), monitorBond: Amount(5 * units),
                    keeperFee: Amount(units)),
                windows: Agreements.Windows(settleMilliseconds: settle * 1_000, lateMilliseconds: 30_000), expires: start,
                salt: Digest((0..<32).map { _ in UInt8.random(in: .min ... .max) })!)
        }

        /// What a period owes by the page about agreements, with whole numbers of the test's own.
        private static func credit(_ tally: Agreements.Tally, of intervals: Int) -> UInt128 {
            let tolerated = min(Int(tally.unknown), intervals / 10), counting = intervals - Int(tally.excluded) - tolerated
            let halves = 2 * Int(tally.down) + Int(tally.unknown) - tolerated
            let availability = 1_000_000 * (2 * counting - min(2 * counting, halves)) / (2 * counting)
            let tier: UInt128 = availability < 750_000 ? 90 : availability < 999_000 ? 30 : 0
            return min(300, tier + 6 * UInt128(tally.incident)) * units
        }

        @Test(.timeLimit(.minutes(10)), .enabled(if: Server.python != nil, Server.pythonMissing)) func outagesArePaidForInTheBlockThatDecidesThem() async throws {
            try await Devnet.with("--port", "27700") { devnet in
                let nodes = try devnet.nodes, client = try nodes[0].client, chainID = try devnet.genesis.chainID
                let consumer = try Member(devnet, 1), providers = try (2...4).map { try Member(devnet, $0) }
                let monitors = try (5...7).map { try Member(devnet, $0) }, keeper = try Member(devnet, 8)
                let people = [consumer, keeper] + providers + monitors
                let balances = try await BalanceWatch(consumer.address, try nodes[3].client)
                var before: UInt128 = 0
                for member in people { before += try await client.account(member.address).balance.value.units }

                // ── The services ──
                var web = try await Server.script("web.py", ["0"])
                let azure = try await Server.script("azure_stand_in.py")
                let cloud = try await Cloud.begin()
                if cloud == nil { print("  no instance in Amazon's stand-in: \(Server.cloudMissing)") }

                // ── The agreements ──
                let shop = try await Agreed(
                    Self.terms("shop", consumer, providers[0], monitors, metrics: [ServiceMetric(name: "availability")], start: .next(1, after: 20), interval: 3, intervals: 10, periods: 2),
                    consumer: consumer, provider: providers[0], monitors: monitors, client, chainID: chainID)
                let machine = try await Agreed(
                    Self.terms("machine", consumer, providers[2], monitors, metrics: [ServiceMetric(name: "availability", missing: .breach)], start: .next(60, after: 15), interval: 60,
                               intervals: 2, settle: 1),
                    consumer: consumer, provider: providers[2], monitors: monitors, client, chainID: chainID)
                let vm = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/W"
                let secret = devnet.directory + "/azure-secret"
                try Data("s3cret&more=1".utf8).write(to: URL(fileURLWithPath: secret))
                var watches = [
                    shop.watch(0, "{http: {url: '\(web.address)/health', contains: well, attempts: 1, timeout-seconds: 1}}"),
                    machine.watch(0, """
                        {azure-monitor: {tenant: 11111111-2222-3333-4444-555555555555, client: client, secret: {file: \(secret)}, resource: \(vm), \
                        name: VmAvailabilityMetric, aggregation: average, up-when: '>= 1', authority: '\(azure.address)', address: '\(azure.address)'}}
                        """),
                ]
                let both = [ServiceMetric(name: "status", missing: .breach), ServiceMetric(name: "heartbeat", missing: .breach)]
                let instance = cloud == nil ? nil : try await Agreed(
                    Self.terms("instance", consumer, providers[1], monitors, metrics: both, start: .next(5, after: 12), interval: 5, intervals: 10, settle: 1),
                    consumer: consumer, provider: providers[1], monitors: monitors, client, chainID: chainID)
                if let cloud, let instance { watches += [instance.watch(0, cloud.status(in: devnet.directory)), instance.watch(1, cloud.heartbeat(in: devnet.directory))] }
                let all = [shop, machine] + [instance].compactMap(\.self)
                let processes = try monitors.enumerated().map { try MonitorProcess(devnet, $1, watches: watches, node: "http://127.0.0.1:\(nodes[$0 + 1].apiPort)") }
                defer { for process in processes { process.kill() } }
                for process in processes { try process.start() }

                // ── The outages ──
                // Each probe of an interval is over in the first half of it; what happens in the second half is seen by the next one.
                async let machineStory: Void = {
                    try await sleep(until: machine.start(of: 1), plus: 1_000)
                    _ = try await Python.runAside(#require(Server.python), ["-c", "import urllib.request as u; u.urlopen(u.Request('\(azure.address)/plug?up=0', method='POST'))"])
                }()
                async let instanceStory: Outage = {
                    guard let cloud, let instance else { return Outage() }
                    try await sleep(until: instance.start(of: 4), plus: -1_500)
                    var outage = Outage()
                    try await cloud.call("stop")
                    outage.begun()
                    try await sleep(until: instance.start(of: 7), plus: -1_500)
                    outage.ending()
                    try await cloud.call("start")
                    outage.ended()
                    return outage
                }()
                var outages: [Outage] = []
                for (interval, plus, act) in [
                    (3, -700, "stop"), (4, 1_800, "kill 0"), (6, -1_200, "serve"), (6, -300, "start 0"), (8, 200, "kill 1"), (9, 500, "start 1"),
                    (12, -700, "stop"), (13, 200, "kill 2"), (14, -1_200, "serve"), (14, 500, "start 2"),
                ] as [(Int, Int64, String)] {
                    try await sleep(until: shop.start(of: interval), plus: plus)
                    let place = Int(act.split(separator: " ").last ?? "") ?? 0
                    switch act.split(separator: " ")[0] {
                    case "stop":
                        outages.append(Outage())
                        web.stop()
                        outages[outages.count - 1].begun()
                    case "serve":
                        outages[outages.count - 1].ending()
                        web = try await Server.script("web.py", [String(web.port)])
                        outages[outages.count - 1].ended()
                    case "kill": processes[place].kill()
                    default: try processes[place].start()
                    }
                }
                try await machineStory
                let stopped = try await instanceStory
                for process in processes { await process.expectEnd(within: 150) }

                // ── What was decided ──
                for period in [UInt32(0), 1] { try await expectVerdicts(of: shop, period, outages, client) }
                if let instance { try await expectVerdicts(of: instance, 0, [stopped], client) }
                let pulled = try await machine.verdicts(0, client)
                #expect(pulled.up == 0b01 && pulled.down == 0b10)
                try await expectNoGapAndNoDouble(all, processes, client)

                // ── What was paid ──
                for agreed in all { try await settle(agreed, by: keeper, client) }
                try await expectCreditsAtOnce(consumer, balances, client, among: all)
                try await expectBooks(all, client, people, before: before)
                try await devnet.expectAgreement()
            }
        }

        /// As often as it takes, by somebody who has nothing to do with it.
        private func settle(_ agreed: Agreed, by keeper: Member, _ client: Client) async throws {
            let isSettled = try await eventually(within: 90) {
                let view = try await agreed.view(client)
                if view.agreement.phase == .settled { return true }
                if let due = view.due { try await sleep(until: due, plus: 200) }
                do { try await client.send([Agreements.settle.reference.call(on: .agreements, agreed.number, 256)], by: keeper.key) } catch let error as ClientError {
                    guard case .wouldFail = error else { throw error }
                }
                return try await agreed.view(client).agreement.phase == .settled
            }
            #expect(isSettled, "\(agreed.terms.service) is not settled")
        }

        /// What was away for a whole interval is not called up, and what was there for all of it not down.
        private func expectVerdicts(of agreed: Agreed, _ period: UInt32, _ outages: [Outage], _ client: Client) async throws {
            let page = try await agreed.verdicts(period, client), intervals = Int(agreed.terms.schedule.periodIntervals)
            #expect(page.down != 0, "\(agreed.terms.service) was never down in period \(period)")
            for place in 0..<intervals {
                let start = agreed.start(of: Int(period) * intervals + place), end = agreed.start(of: Int(period) * intervals + place + 1)
                func isSet(_ bits: UInt64) -> Bool { bits >> UInt64(place) & 1 == 1 }
                let isAway = outages.contains { $0.covers(start, end) }, isThere = !outages.contains { $0.touches(start, end) }
                #expect(!(isAway && isSet(page.up)) && !(isThere && isSet(page.down)), "\(agreed.terms.service), period \(period), interval \(place)")
            }
        }

        /// Each monitor has told of each interval of each metric once, though all of them were killed.
        private func expectNoGapAndNoDouble(_ all: [Agreed], _ processes: [MonitorProcess], _ client: Client) async throws {
            let told = try await client.told(Agreements.Measured.self).map(\.told)
            for agreed in all {
                let schedule = agreed.terms.schedule
                for monitor in agreed.monitors {
                    for metric in agreed.terms.level.metrics.indices {
                        let own = told.filter { $0.agreement == agreed.number && $0.monitor == monitor.address && Int($0.metric) == metric }
                        let intervals = own.flatMap { event in (event.first..<(event.first + UInt32(event.readings))).map { event.period * schedule.periodIntervals + $0 } }
                        #expect(intervals.sorted() == Array(0..<(schedule.periodIntervals * schedule.periods)), "\(agreed.terms.service), metric \(metric)\n\(processes.first { $0.member.name == monitor.name }?.text ?? "")")
                    }
                }
                #expect(try await agreed.view(client).agreement.monitors.allSatisfy { !$0.isExpelled })
            }
        }

        /// The consumer's balance rose by each credit from the block before to the block of the measurement that showed the violation.
        private func expectCreditsAtOnce(_ consumer: Member, _ balances: BalanceWatch, _ client: Client, among all: [Agreed]) async throws {
            let paid = try await client.told(Agreements.Paid.self).filter { $0.told.to == consumer.address }
            let violated = try await client.told(Agreements.Violated.self), measured = try await client.told(Agreements.Measured.self)
            let heights = Set(paid.map(\.place.height)).sorted()
            for height in heights {
                let sum = paid.filter { $0.place.height == height }.reduce(UInt128(0)) { $0 + $1.told.amount.units }
                _ = await eventually(within: 5) { balances.at(height) != nil }
                let (before, after) = try #require(balances.at(height), "nobody told of block \(height)").get()
                #expect(after == before + sum, "block \(height)")
            }
            for agreed in all {
                let credits = paid.filter { $0.told.agreement == agreed.number && $0.told.purpose == .credit }
                let first = try #require(credits.first, "\(agreed.terms.service) has no credit")
                #expect(violated.contains { $0.told.agreement == agreed.number && $0.place.transaction == first.place.transaction && $0.place.height == first.place.height })
                #expect(measured.contains { $0.told.agreement == agreed.number && $0.place.transaction == first.place.transaction })
                // An interval's end, the settle delay and the monitors' margin of three seconds: what was left was paid within seconds.
                let failed = try #require(violated.first { $0.told.agreement == agreed.number }?.told)
                let interval = Int(failed.period * agreed.terms.schedule.periodIntervals + failed.page * 64) + failed.intervals.trailingZeroBitCount
                let delay = first.place.time.value.rawValue - agreed.start(of: interval + 1).rawValue
                print("  \(agreed.terms.service): the first credit came \(delay) ms after the end of the failed interval")
                #expect(delay < 25_000)
            }
        }

        /// What came in went out again: to the consumer what was owed, to monitors and keeper what they earned, to the provider the rest.
        private func expectBooks(_ all: [Agreed], _ client: Client, _ people: [Member], before: UInt128) async throws {
            let paid = try await client.told(Agreements.Paid.self).map(\.told)
            var after: UInt128 = 0, fees: UInt128 = 0
            for agreed in all {
                let terms = agreed.terms, view = try await agreed.view(client), own = paid.filter { $0.agreement == agreed.number }
                func sum(_ purpose: Agreements.Paid.Purpose, to member: Member? = nil) -> UInt128 {
                    own.filter { $0.purpose == purpose && (member == nil || $0.to == member?.address) }.reduce(0) { $0 + $1.amount.units }
                }
                var due: UInt128 = 0
                for period in 0..<terms.schedule.periods {
                    let tally = try await agreed.period(period, client).tally
                    #expect(tally.isClosed && tally.reports.allSatisfy { Int($0) == Int(terms.schedule.periodIntervals) * terms.level.metrics.count })
                    due += Self.credit(tally, of: Int(terms.schedule.periodIntervals))
                }
                let periods = UInt128(terms.schedule.periods)
                #expect(sum(.credit, to: agreed.consumer) == due && sum(.credit) == due, "\(terms.service)")
                #expect(sum(.fee, to: agreed.provider) == periods * terms.payment.fee.units - due && sum(.refund) == 0)
                for monitor in agreed.monitors {
                    #expect(sum(.monitoring, to: monitor) == periods * terms.payment.monitorFee.units && sum(.deposit, to: monitor) == terms.payment.monitorBond.units)
                }
                #expect(sum(.deposit, to: agreed.provider) == terms.providers[0].collateral.units && sum(.keeping) == periods * terms.payment.keeperFee.units)
                let escrow = view.agreement.escrow
                #expect(view.agreement.phase == .settled && escrow.held == .zero && escrow.paidIn == escrow.paidOut)
                #expect(escrow.paidOut.units == own.reduce(0) { $0 + $1.amount.units })
                after += try await client.account(agreed.account).balance.value.units
            }
            after += try await client.account(.agreements).balance.value.units
            #expect(after == 0)
            for member in people {
                after += try await client.account(member.address).balance.value.units
                fees += try await client.fees(of: member.address)
            }
            #expect(fees > 0 && before == after + fees, "\(before) before, \(after) after, \(fees) of fees")
        }
    }
}

/// An instance in Amazon's stand-in, and the agent on it.
private struct Cloud {
    let server: Server
    let agent: Server
    let instance: String

    /// nil where there are no tools for it.
    static func begin() async throws -> Cloud? {
        guard Server.cloudPython != nil else { return nil }
        struct Answer: Decodable { let instance: String }
        let server = try await Server.moto()
        let instance = try JSONDecoder().decode(Answer.self, from: await run("run", server)).instance
        let agent = try await Server.script("aws.py", ["beat", server.address, instance], python: Server.cloudPython, environment: keys)
        return Cloud(server: server, agent: agent, instance: instance)
    }

    private static let keys = ["AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything"]

    @discardableResult
    private static func run(_ what: String, _ server: Server, _ arguments: String...) async throws -> Data {
        let script = Server.folder.appendingPathComponent("aws.py").path
        return try await Python.runAside(#require(Server.cloudPython), [script, what, server.address] + arguments, environment: keys)
    }

    /// `stop` or `start`.
    func call(_ what: String) async throws { try await Self.run(what, server, instance) }

    private func access(in directory: String) -> String {
        for (name, value) in Self.keys { try? Data(value.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)")) }
        return "region: eu-central-1, endpoint: '\(server.address)', access-key: {file: \(directory)/AWS_ACCESS_KEY_ID}, secret-key: {file: \(directory)/AWS_SECRET_ACCESS_KEY}"
    }

    func status(in directory: String) -> String { "{ec2-status: {\(access(in: directory)), instance: \(instance), attempts: 1, timeout-seconds: 1}}" }

    func heartbeat(in directory: String) -> String {
        "{cloudwatch: {\(access(in: directory)), namespace: T/Agent, name: Heartbeat, dimensions: {InstanceId: \(instance)}, statistic: SampleCount, up-when: '>= 1'}}"
    }
}
