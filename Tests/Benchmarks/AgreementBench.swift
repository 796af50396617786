import ChainKit
import Contracts
import Cryptography
import Execution
import Ledger
import Primitives

/// What the calls of agreements cost without a network: each through the executor and the tree in memory, in blocks of many.
final class AgreementBench {
    private let chain: TestChain
    private let count: Int
    private let consumers: [Person]
    private let provider = Person(1)
    private let monitors: [[Person]]
    private let keeper = Person(2)
    private var sequence: UInt64 = 0
    private let start: UInt64
    /// Minutes; two periods of 64 of them.
    private static let interval: UInt64 = 60_000

    /// Three monitors each.
    init(count: Int) {
        self.count = count
        consumers = (0..<count).map { Person(UInt64(10 + $0)) }
        let monitors = (0..<count).map { number in (0..<3).map { Person(UInt64(1_000_000 + number * 3 + $0)) } }
        self.monitors = monitors
        chain = TestChain(Catalogue.definitions, people: consumers + [provider, keeper] + monitors.flatMap(\.self))
        start = TestChain.start.rawValue + 600_000
        let terms = consumers.indices.map { number in
            AgreementTerms.make(
                consumers[number].address, provider.address, monitors[number].map(\.address), start: Timestamp(start), interval: Self.interval, periods: 2, number: UInt64(number))
        }
        let chainID = chain.genesis.chainID, cost = Amount(2_000_000)
        run { (self.consumers[$0], AgreementTerms.conclusion(terms[$0], by: self.provider.key, chainID: chainID)) }
        run { (self.consumers[$0], Agreements.fund.reference.call(on: .agreements, UInt64($0), 2, value: cost)) }
        for place in 0..<3 { run { (self.monitors[$0][place], Agreements.enlist.reference.call(on: .agreements, UInt64($0))) } }
    }

    /// One transaction for each agreement, in one block: µs and gas of each.
    @discardableResult
    private func run(_ call: (Int) -> (Person, Call)) -> (microseconds: Double, gas: Double) {
        let transactions = (0..<count).map { number in
            let (person, call) = call(number)
            return chain.transaction(person, [call], gasLimit: 30_000_000)
        }
        let watch = Stopwatch()
        let block = chain.advance(transactions)
        let seconds = watch.threadCPU
        precondition(block.receipts.allSatisfy { $0.outcome.failure == nil }, "a call was refused: \(block.receipts[0].outcome)")
        return (seconds / Double(count) * 1e6, Double(block.receipts[count - 1].gasUsed.rawValue))
    }

    private func pass(to time: UInt64) {
        while chain.time.rawValue < time { chain.advance(time: Timestamp(min(time, chain.time.rawValue + 500_000))) }
    }

    private func report(_ place: Int, period: UInt32, first: UInt32, _ readings: [Agreements.Reading]) -> (microseconds: Double, gas: Double) {
        sequence += 1
        return run { number in
            let measurement = Agreements.Measurement(
                agreement: UInt64(number), metric: 0, period: period, first: first, readings: Bounded(readings)!, evidence: .zero, sequence: sequence)
            return (monitors[number][place], Agreements.measure.reference.call(on: .agreements, measurement))
        }
    }

    func measure(rounds: Int, into report: inout Report) {
        var costs: [(name: String, microseconds: [Double], gas: [Double])] = []
        func add(_ name: String, _ cost: (microseconds: Double, gas: Double)) {
            let place = costs.firstIndex { $0.name == name } ?? costs.count
            if place == costs.count { costs.append((name, [], [])) }
            costs[place].microseconds.append(cost.microseconds)
            costs[place].gas.append(cost.gas)
        }
        pass(to: start + Self.interval * 64)
        for round in 0..<UInt32(rounds) {
            // The first of three decides nothing, the second one does, and the third comes too late to matter.
            let isUp = !round.isMultiple(of: 4)
            add("measure_open", self.report(0, period: 0, first: round, [.state(isUp)]))
            add(isUp ? "measure_decides" : "measure_decides_and_pays", self.report(1, period: 0, first: round, [.state(isUp)]))
            add("measure_decided", self.report(2, period: 0, first: round, [.state(isUp)]))
        }
        let rest = 64 - rounds
        add("measure_\(rest)_intervals", self.report(0, period: 0, first: UInt32(rounds), Array(repeating: .state(true), count: rest)))
        add("measure_\(rest)_intervals_decides", self.report(1, period: 0, first: UInt32(rounds), Array(repeating: .state(true), count: rest)))
        pass(to: start + Self.interval * 64 + AgreementTerms.lateMilliseconds + 1)
        func settle(_ number: Int) -> (Person, Call) { (keeper, Agreements.settle.reference.call(on: .agreements, UInt64(number), 256)) }
        add("settle_period", run(settle))
        pass(to: start + Self.interval * 128 + AgreementTerms.lateMilliseconds + 1)
        add("settle_silent_period_and_end", run(settle))
        for cost in costs {
            report.add("\(cost.name)_us", cost.microseconds, unit: "µs of CPU, executor and tree")
            report.add("\(cost.name)_gas", cost.gas, unit: "gas")
        }
    }
}

/// The agreements of these measurements: one metric, and a credit for each interval that was down.
enum AgreementTerms {
    static let lateMilliseconds: UInt64 = 86_400_000

    static func make(
        _ consumer: Address, _ provider: Address, _ monitors: [Address], start: Timestamp, interval: UInt64, intervals: UInt32 = 64, periods: UInt32 = 1, number: UInt64
    ) -> Agreements.Terms {
        Agreements.Terms(
            consumer: consumer, service: "service", providers: Bounded([Agreements.Provider(account: provider)])!,
            monitors: Bounded(monitors.map { Agreements.Monitor(account: $0, source: "own") })!,
            level: ServiceLevel(
                metrics: ServiceLevel.amazonEC2.metrics, tiers: Bounded([CreditTier(below: 10_000, credit: 990_000)])!, incident: IncidentCredit(ratePartsPerMillion: 1_000)),
            schedule: Agreements.Schedule(start: start, intervalMilliseconds: interval, periodIntervals: intervals, periods: periods),
            payment: Agreements.Payment(fee: Amount(1_000_000), prepaidPeriods: periods),
            windows: Agreements.Windows(settleMilliseconds: 0, lateMilliseconds: lateMilliseconds), expires: start, salt: SHA256.hash(number.bcs))
    }

    /// The consumer's call that brings the terms with the provider's signature.
    static func conclusion(_ terms: Agreements.Terms, by provider: SigningKey, chainID: ChainID) -> Call {
        let signature = Agreements.PartySignature(key: provider.publicKey, signature: provider.sign(terms.signedBytes(chainID: chainID)))
        return Agreements.conclude.reference.call(on: .agreements, terms, Bounded([signature])!)
    }
}
