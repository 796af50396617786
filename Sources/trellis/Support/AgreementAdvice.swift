import Contracts
import Execution
import Ledger
import Primitives

/// What an agreement waits for, and the command that gives it: a line for each who could do something.
struct AgreementAdvice {
    let lines: [String]
    /// When something happens by itself, or can be made to; nil when never again.
    let deadline: (what: String, time: Timestamp)?

    init(_ view: Agreements.AgreementView, _ reader: AgreementReader) {
        let number = view.agreement.number, now = reader.now
        switch view.agreement.phase {
        case .offered:
            lines = Self.negotiating(view, reader)
            deadline = ("the terms expire", view.terms.expires)
        case .signed:
            lines = Self.depositing(view, reader)
            deadline = ("it lapses unless all is paid", view.terms.expires)
        case .active:
            lines = Self.serving(view, reader)
            deadline = now < view.terms.schedule.start ? ("the service begins", view.terms.schedule.start) : view.due.flatMap { $0 > now ? ("settle has something to do", $0) : nil }
        case .closing(let until):
            lines = now < until
                ? [view.terms.arbiter.map { "the arbiter, \(reader.text($0)), may award the consumer something: trellis sla award \(number) PROVIDER AMOUNT" }].compactMap(\.self)
                : ["anyone pays out what is left: trellis sla settle \(number)"]
            deadline = ("deposits can be paid out", until)
        case .settled, .lapsed:
            lines = []
            deadline = nil
        }
    }

    private static func negotiating(_ view: Agreements.AgreementView, _ reader: AgreementReader) -> [String] {
        let number = view.agreement.number
        guard reader.now < view.terms.expires else { return ["it has expired: trellis sla settle \(number), or trellis sla counter \(number) FILE is too late; propose anew"] }
        return view.terms.parties.enumerated().filter { view.agreement.acceptances >> $0.offset & 1 == 0 }.map {
            "\($0.offset == 0 ? "the consumer" : "a provider"), \(reader.text($0.element)), has not accepted: trellis sla accept \(number), or trellis sla counter \(number) FILE"
        }
    }

    private static func depositing(_ view: Agreements.AgreementView, _ reader: AgreementReader) -> [String] {
        let number = view.agreement.number, terms = view.terms
        guard reader.now < terms.expires else { return ["it has expired, and anyone gives everything back: trellis sla settle \(number)"] }
        var lines: [String] = []
        if view.agreement.funded < terms.payment.prepaidPeriods {
            let count = terms.payment.prepaidPeriods - view.agreement.funded, cost = terms.periodCost()?.multiplied(by: UInt64(count)) ?? .zero
            lines.append("the consumer pays for \(count) period\(count == 1 ? "" : "s"), \(AmountWords.text(cost)): trellis sla fund \(number)")
        }
        for (place, provider) in terms.providers.enumerated() {
            guard let missing = provider.collateral.subtracting(view.agreement.escrow.collateral[place]), missing > .zero else { continue }
            lines.append("the provider \(reader.text(provider.account)) deposits \(AmountWords.text(missing)): trellis sla deposit \(number)")
        }
        for (place, monitor) in terms.monitors.enumerated() where !view.agreement.monitors[place].isEnlisted {
            lines.append("the monitor \(reader.text(monitor.account)) accepts with \(AmountWords.text(terms.payment.monitorBond)): trellis sla enlist \(number)")
        }
        return lines
    }

    private static func serving(_ view: Agreements.AgreementView, _ reader: AgreementReader) -> [String] {
        let agreement = view.agreement, number = agreement.number, now = reader.now
        var lines: [String] = []
        if agreement.funded < agreement.ends {
            let start = view.start(ofPeriod: agreement.funded)
            lines.append("period \(agreement.funded) is not paid for, and ends the agreement at \(TimeWords.text(start)) if it is not then: trellis sla fund \(number)")
        }
        for (place, provider) in view.terms.providers.enumerated() where agreement.begun < agreement.ends {
            guard let missing = provider.collateral.subtracting(agreement.escrow.collateral[place]), missing > .zero else { continue }
            lines.append("the provider \(reader.text(provider.account)) lacks \(AmountWords.text(missing)) for the next period: trellis sla deposit \(number)")
        }
        if agreement.exclusions.contains(where: { $0.end == nil }) { lines.append("the consumer has stopped the service: trellis sla resume \(number)") }
        if let due = view.due, due <= now { lines.append("anyone makes final what is due: trellis sla settle \(number)") }
        return lines
    }
}
