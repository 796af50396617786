import ChainKit
import Contracts
import Execution
import Foundation
import Ledger
@testable import Monitoring
import Primitives
import Synchronization
import Testing

/// Monitors that post to the contract itself, in real blocks of a chain in memory.
@Suite struct AgreementTests {
    private let scratch = Scratch()

    /// A chain with one agreement: ten minutes twice, one monitor, all of the fee back below 95 %.
    private actor Chain: MeasurementSink {
        let monitor = Person(3)
        private let consumer = Person(1), provider = Person(2)
        private let chain: TestChain
        private let clock: TestClock
        private var calls = 0
        let start: Timestamp

        init(_ clock: TestClock) throws {
            self.clock = clock
            let chain = TestChain([Accounts.self, Agreements.self], people: [consumer, provider, monitor])
            self.chain = chain
            start = Timestamp((chain.time.rawValue / 60_000 + 5) * 60_000)
            let terms = Agreements.Terms(
                consumer: consumer.address, service: "web", providers: Bounded([Agreements.Provider(account: provider.address)])!,
                monitors: Bounded([Agreements.Monitor(account: monitor.address, source: "probe")])!, level: ServiceLevel.amazonEC2,
                schedule: Agreements.Schedule(start: start, intervalMilliseconds: 60_000, periodIntervals: 10, periods: 2),
                payment: Agreements.Payment(fee: Amount(1_000_000), prepaidPeriods: 2),
                windows: Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 3_600_000), expires: Timestamp(start.rawValue - 60_000), salt: .zero)
            func send(_ person: Person, _ call: Call) throws {
                let receipt = chain.send(person, call, gasLimit: 50_000_000)
                if !receipt.succeeded { throw TestFailure("\(receipt)") }
            }
            try send(consumer, Agreements.propose.reference.call(on: .agreements, terms))
            try send(provider, Agreements.accept.reference.call(on: .agreements, 0, terms.digest(chainID: chain.genesis.chainID)))
            try send(consumer, Agreements.fund.reference.call(on: .agreements, 0, 2, value: Amount(2_000_000)))
            try send(monitor, Agreements.enlist.reference.call(on: .agreements, 0))
            clock.set(chain.time)
        }

        /// One transaction. Every third answer is lost.
        func post(_ reports: [Report]) async throws(SinkError) -> String {
            calls += 1
            let transaction = chain.transaction(monitor, reports.map { AgreementSink.measure.call(on: .agreements, $0.posted) }, gasLimit: 50_000_000)
            let block = chain.advance([transaction], time: max(clock.now, Timestamp(chain.time.rawValue + 1)))
            if let failure = block.receipts.first?.outcome.failure {
                let reason = AgreementsRejection(rawValue: failure.code)
                if reports.count == 1, reason == .sequenceStale { return "posted before" }
                throw SinkError(isPassing: reason == .measurementEarly, code: reason.map { "\($0)" } ?? "\(failure)", text: "refused")
            }
            if calls % 3 == 0 { throw SinkError(isPassing: true, code: "test.lost", text: "the answer was lost") }
            return "block"
        }

        var view: Agreements.AgreementView { chain.ask(Agreements.agreement.reference, of: .agreements, 0)! }
        func period(_ number: UInt32) -> Agreements.PeriodView? { chain.ask(Agreements.period.reference, of: .agreements, 0, number) }
        var consumerBalance: Amount { chain.balance(consumer.address) }
    }

    private func watch(_ chain: Chain, _ source: any MeasurementSource, kind: ReadingKind = .binary, metric: UInt8 = 0) async throws -> Watch {
        let schedule = try #require(IntervalSchedule(
            start: chain.start, interval: 60_000, periodIntervals: 10, periods: 2, settle: 5_000, late: 3_605_000))
        return Watch(WatchKey(agreement: 0, metric: metric), kind: kind, schedule: schedule, source: source)
    }

    /// Two intervals of the first period are down; answers are lost, so that reports come twice. The contract counts each interval once, and
    /// the consumer has the fee of one period back.
    @Test func anOutageIsPaidFor() async throws {
        let clock = TestClock(Timestamp(0)), chain = try Chain(clock), start = chain.start
        let source = ScriptedSource(.history(windows: 50, age: nil)) { windows in
            SourceAnswer(windows.map { window in
                let minute = (window.start.rawValue - start.rawValue) / 60_000
                return minute == 15 ? .missing(.gap) : .value((3...4).contains(minute) ? .zero : .one)
            }, digest: .zero)
        }
        let before = await chain.consumerBalance
        let agreed = try await watch(chain, source).agreed(chain.view, by: chain.monitor.address)
        let events = try await runMonitor([agreed], chain, clock, directory: scratch.path + "/j")
        #expect(!events.contains { if case .refused = $0 { true } else { false } })
        #expect(events.contains { if case .waiting = $0 { true } else { false } })
        let first = try #require(await chain.period(0)).tally, second = try #require(await chain.period(1)).tally
        #expect(first.up == 8 && first.down == 2 && first.reports.elements == [10])
        #expect(second.up == 9 && second.down == 0)
        #expect(await chain.view.agreement.monitors[0].isExpelled == false)
        #expect(await chain.consumerBalance.units == before.units + 1_000_000)
    }

    /// A file that does not suit the agreement is refused before anything is posted.
    @Test func aWatchIsHeldAgainstItsAgreement() async throws {
        let clock = TestClock(Timestamp(0)), chain = try Chain(clock), view = await chain.view, account = chain.monitor.address
        let source = ScriptedSource(.history(windows: 50, age: nil)) { _ in SourceAnswer([], digest: .zero) }
        let good = try await watch(chain, source)
        #expect(try good.agreed(view, by: account).rule.exclusions.isEmpty)
        #expect(throws: MonitorConfigurationError.self) { try good.agreed(view, by: Person(9).address) }
        let gauge = try await watch(chain, source, kind: .gauge(scale: 1)), other = try await watch(chain, source, metric: 1)
        for wrong in [gauge, other] { #expect(throws: MonitorConfigurationError.self) { try wrong.agreed(view, by: account) } }
        let schedule = try #require(IntervalSchedule(start: chain.start, interval: 60_000, periodIntervals: 10, periods: 3, settle: 5_000, late: 3_605_000))
        let longer = Watch(good.key, kind: .binary, schedule: schedule, source: source)
        do throws(MonitorConfigurationError) {
            _ = try longer.agreed(view, by: account)
            Issue.record("taken")
        } catch { #expect(error.remedy.contains("`periods: 2`") && error.remedy.contains("`late-seconds: 3600`")) }
    }

    @Test func whatIsNeededOfTheContractIsThere() {
        #expect(AgreementSink.measure.mismatch(with: Agreements.contractSchema) == nil)
    }
}
