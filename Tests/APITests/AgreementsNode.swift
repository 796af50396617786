import API
import ChainKit
import Contracts
import Execution
import Ledger
import Primitives

/// Offers and an agreement that really ran: people 0 and 1 are consumer and provider, 2 to 5 monitor.
extension TestNode {
    static let intervalMilliseconds: UInt64 = 60_000

    private func send(_ person: Int, _ call: Call, time: UInt64? = nil) {
        let block = advance([transaction(people[person], [call], gasLimit: 20_000_000)], time: time.map { Timestamp($0) })
        precondition(block.receipts.first?.outcome.failure == nil, "\(String(describing: block.receipts.first?.outcome))")
    }

    /// Four offers of person 1: one that fits most, a dear one, one that is paused, and one of another kind.
    func publishOffers(name: String = "Small machine") {
        func publish(_ offer: Offer, free: UInt32 = 3) {
            let deposit = Amount(UInt128(offer.bcs.count + 256) * UInt128(KnowledgeMesh.depositPerByte))
            send(1, KnowledgeMesh.publish.reference.call(on: .knowledgeMesh, offer, free, value: deposit))
        }
        let small = Resources(processorMillicores: 2_000, memoryMebibytes: 4_096, storageGibibytes: 20, networkMegabits: 100)
        publish(Offer(
            name: BoundedText(name)!, kind: "virtual-machine", region: "DE", resources: small, price: Amount(400_000), powerMilliwatts: 12_500,
            levels: Bounded([.amazonEC2])!))
        publish(Offer(
            name: "Dear machine", kind: "virtual-machine", region: "US-CA", resources: small, price: Amount(2_000_000),
            options: Bounded([PricedOption(name: "backup", price: Amount(1_000))])!, hardware: Bounded(["gpu.h200"])!,
            attributes: Bounded([Attribute(name: "cores", value: .number(8)), Attribute(name: "disk", value: .word("ssd"))])!,
            documentation: "https://example.org/dear"))
        publish(Offer(name: "Paused machine", kind: "virtual-machine", region: "DE", resources: small, price: Amount(1)))
        send(1, KnowledgeMesh.setState.reference.call(on: .knowledgeMesh, 2, .paused, 0))
        publish(Offer(name: "Weather", kind: "dataset", region: "FR", price: Amount(7)))
    }

    /// What is agreed on: availability and latency, a minute an interval, twenty of them a period, two periods; 10 TRL for each.
    func terms(start: UInt64) -> Agreements.Terms {
        let level = ServiceLevel(
            metrics: Bounded([
                ServiceMetric(name: "availability"),
                ServiceMetric(name: "latency", unit: "ms", kind: .gauge, objective: .atMost(250)),
            ])!,
            tiers: Bounded([CreditTier(below: 999_900, credit: 100_000), CreditTier(below: 900_000, credit: 500_000)])!,
            incident: IncidentCredit(ratePartsPerMillion: 200_000, graceIntervals: 1), capPartsPerMillion: 900_000, maintenanceIntervalsMax: 2)
        return Agreements.Terms(
            consumer: people[0].address, service: "web-1", providers: Bounded([Agreements.Provider(account: people[1].address)])!,
            monitors: Bounded((2..<6).map { Agreements.Monitor(account: people[$0].address, source: Agreements.Source("probe-\($0 - 1)")!) })!,
            level: level,
            schedule: Agreements.Schedule(start: Timestamp(start), intervalMilliseconds: Self.intervalMilliseconds, periodIntervals: 20, periods: 2),
            payment: Agreements.Payment(fee: Amount(10_000_000), monitorFee: Amount(100_000), monitorBond: Amount(5_000_000), keeperFee: Amount(50_000)),
            windows: Agreements.Windows(settleMilliseconds: 5_000, lateMilliseconds: 1_800_000), expires: Timestamp(start), salt: .zero)
    }

    /// One agreement on its way through its first period. Intervals 5 to 7 were down, 9 was slow, 14 and 15 are maintenance; twelve are measured. The last of
    /// four monitors has contradicted itself.
    func makeAgreement() {
        let start = head.header.draft.time.rawValue + 100_000, terms = terms(start: start)
        send(0, Agreements.propose.reference.call(on: .agreements, terms))
        send(1, Agreements.accept.reference.call(on: .agreements, 0, terms.digest(chainID: genesis.chainID)))
        send(0, Agreements.fund.reference.call(on: .agreements, 0, 1, value: Amount(10_450_000)))
        for monitor in 2..<6 { send(monitor, Agreements.enlist.reference.call(on: .agreements, 0, value: terms.payment.monitorBond)) }
        send(1, Agreements.announce.reference.call(on: .agreements, 0, 0, 14, 2))
        var sequence: UInt64 = 0
        func measure(_ monitor: Int, _ metric: UInt8, _ first: UInt32, _ readings: [Agreements.Reading]) {
            sequence += 1
            let measurement = Agreements.Measurement(
                agreement: 0, metric: metric, period: 0, first: first, readings: Bounded(readings)!, evidence: Digest([UInt8](repeating: UInt8(monitor), count: 32))!,
                sequence: sequence)
            send(monitor, Agreements.measure.reference.call(on: .agreements, measurement))
        }
        // Four intervals at a time, when they have settled.
        for first: UInt32 in [0, 4, 8] {
            advance(time: Timestamp(start + UInt64(first + 4) * Self.intervalMilliseconds + 6_000))
            for monitor in 2..<5 {
                measure(monitor, 0, first, (first..<(first + 4)).map { .state(!(5...7).contains($0)) })
                measure(monitor, 1, first, (first..<(first + 4)).map { .value(UInt64($0 == 9 ? 900 : 100 + $0) + UInt64(monitor)) })
            }
            if first == 0 {
                measure(5, 0, 0, [.state(true)])
                measure(5, 0, 0, [.state(false)])
            }
        }
    }

    /// Until everything is paid out, by person 6.
    func settleAgreement() {
        let end = head.header.draft.time.rawValue + 4_000_000
        while head.header.draft.time.rawValue < end { advance(time: Timestamp(min(end, head.header.draft.time.rawValue + 500_000))) }
        send(6, Agreements.settle.reference.call(on: .agreements, 0, 256))
    }
}
