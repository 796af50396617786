import Contracts
import Execution
import Ledger
import Primitives

/// What terms mean in money and time, before anybody signs them.
struct AgreementSummary {
    let terms: Agreements.Terms
    private let network: NetworkKind

    init(_ terms: Agreements.Terms, _ network: NetworkKind) {
        self.terms = terms
        self.network = network
    }

    private var cost: Amount { terms.periodCost() ?? .zero }
    private var prepaid: Amount { cost.multiplied(by: UInt64(terms.payment.prepaidPeriods)) ?? .zero }
    private var cap: Amount { terms.payment.fee.share(partsPerMillion: terms.level.capPartsPerMillion, rounding: .up) ?? .zero }

    /// When the last interval ends.
    static func end(_ schedule: Agreements.Schedule, periods: UInt32) -> Timestamp {
        Timestamp(schedule.start.rawValue + schedule.intervalMilliseconds * UInt64(schedule.periodIntervals) * UInt64(periods))
    }

    var lines: [(name: String, value: String)] {
        let schedule = terms.schedule, payment = terms.payment
        var lines: [(name: String, value: String)] = [
            ("service", terms.service.text), ("from", TimeWords.text(schedule.start)), ("until", TimeWords.text(Self.end(schedule, periods: schedule.periods))),
            ("periods", "\(schedule.periods) of \(DurationText.text(schedule.intervalMilliseconds * UInt64(schedule.periodIntervals))), in intervals of \(DurationText.text(schedule.intervalMilliseconds))"),
            ("metrics", terms.level.metrics.map { Self.text($0) }.joined(separator: "; ") + " (\(ServiceLevelFile.text(terms.level.rule)))"),
            ("credits", Self.credits(terms.level)),
            ("a period costs", "\(AmountWords.text(cost)), of it \(AmountWords.text(payment.fee)) for the service; at most \(AmountWords.text(cap)) come back"),
            ("consumer", "\(terms.consumer.text(on: network)) pays \(AmountWords.text(prepaid)) before it begins"),
        ]
        for provider in terms.providers {
            lines.append(("provider", "\(provider.account.text(on: network)) gets \(ShareText.text(provider.sharePartsPerMillion)) and deposits \(AmountWords.text(provider.collateral))"))
        }
        for monitor in terms.monitors {
            lines.append(("monitor", "\(monitor.account.text(on: network)) of weight \(monitor.weight) measures from \(monitor.source) and deposits \(AmountWords.text(payment.monitorBond))"))
        }
        if let arbiter = terms.arbiter { lines.append(("arbiter", arbiter.text(on: network))) }
        lines.append(("expires", TimeWords.text(terms.expires)))
        return lines.map { ($0.name, Terminal.printable($0.value)) }
    }

    var value: DynamicValue {
        .fields([
            ("service", .text(terms.service.text)), ("start", .text(TimeWords.text(terms.schedule.start))),
            ("end", .text(TimeWords.text(Self.end(terms.schedule, periods: terms.schedule.periods)))), ("periodCost", .text(cost.description)),
            ("prepaid", .text(prepaid.description)), ("cap", .text(cap.description)), ("monitorBond", .text(terms.payment.monitorBond.description)),
            ("collateral", .list(terms.providers.map { .text($0.collateral.description) })), ("expires", .text(TimeWords.text(terms.expires))),
        ])
    }

    static func text(_ metric: ServiceMetric) -> String {
        metric.kind == .binary ? "\(metric.name) up" : "\(metric.name) \(ServiceLevelFile.text(metric.objective))\(metric.unit.text.isEmpty ? "" : " \(metric.unit)")"
    }

    private static func credits(_ level: ServiceLevel) -> String {
        let tiers = level.tiers.map { "\(ShareText.text($0.creditPartsPerMillion)) below \(ShareText.text($0.belowPartsPerMillion))" }
        let outage = level.incident.map { ["\(ShareText.text($0.ratePartsPerMillion)) for each interval of an outage behind the first \($0.graceIntervals)"] } ?? []
        return (tiers + outage).joined(separator: ", ")
    }
}

extension DynamicValue {
    /// The object with more members.
    func adding(_ members: [(String, DynamicValue?)]) -> DynamicValue {
        guard case .object(let own) = self, case .object(let more) = DynamicValue.fields(members) else { return self }
        return .object(own + more)
    }
}
