import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

struct AgreementShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows an agreement: who, where it stands, its money, the current period, and what to do next.",
        examples: ["trellis sla show 7", "trellis sla show 7 --terms", "trellis sla show 7 --period 3 -o json"])

    @OptionGroup var agreement: AgreementArgument
    @Flag(help: "Write the terms' file instead.") var terms = false
    @Option(help: "The billing period that is shown, from 0 (default: the current one).") var period: UInt32?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), view = try await reader.agreement(agreement.number), name = String(agreement.number)
        if terms {
            let text = TermsFile.text(view.terms, network: reader.network)
            return CommandOutput(
                .fields([("agreement", .number(agreement.number)), ("digest", .text("0x" + view.agreement.digest.hex)), ("text", .text(text))]), names: ["0x" + view.agreement.digest.hex],
                view: .text(Terminal.printable(String(text.dropLast()))))
        }
        let place = period ?? view.period(at: reader.now) ?? 0, shown = try await AgreementPeriod(view, place, reader)
        let advice = AgreementAdvice(view, reader)
        let programs = try await Question(reader.client, "agreements", "agreement", [("agreement", .number(agreement.number))]).answer().programs
        let deadline = advice.deadline.map { "\($0.what) at \(TimeWords.text($0.time))" + ($0.time > reader.now ? ", in \(Self.roughly($0.time.rawValue - reader.now.rawValue))" : "") }
        var head: [(name: String, value: String)] = [
            ("agreement", "\(agreement.number), after \(view.agreement.round) proposal\(view.agreement.round == 1 ? "" : "s")"), ("phase", Self.phase(view)),
        ]
        if let deadline { head.append(("next", deadline)) }
        var parts: [TextView] = [.fields(head), .fields(AgreementSummary(view.terms, reader.network).lines), .fields(Self.books(view, reader)), .fields(shown.lines)]
        if !advice.lines.isEmpty { parts.append(.text("what to do\n" + advice.lines.map { "  " + Terminal.printable($0) }.joined(separator: "\n"))) }
        return CommandOutput(
            .fields([
                ("agreement", programs["agreement"]), ("terms", programs["terms"]), ("due", programs["due"]), ("period", shown.value),
                ("next", .list(advice.lines.map { .text($0) })), ("height", .number(reader.head.height)), ("time", .text(reader.head.time.text)),
            ]), names: [name], view: .parts(parts))
    }

    static func phase(_ view: Agreements.AgreementView) -> String {
        let agreement = view.agreement
        let ending: String? = switch agreement.ending {
        case .complete: nil
        case .terminated: "terminated, ends after \(agreement.ends) periods"
        case .unpaid: "not paid for, ends after \(agreement.ends) periods"
        case .uncovered: "a collateral is used up, ends after \(agreement.ends) periods"
        }
        let text = switch agreement.phase {
        case .offered: "offered"
        case .signed: "signed"
        case .active: "active, \(agreement.closed) of \(agreement.ends) periods closed, \(agreement.funded) paid for"
        case .closing: "closing"
        case .settled: "settled"
        case .lapsed: "lapsed"
        }
        return text + (ending.map { "; \($0)" } ?? "")
    }

    /// The books of the escrow.
    private static func books(_ view: Agreements.AgreementView, _ reader: AgreementReader) -> [(name: String, value: String)] {
        let escrow = view.agreement.escrow, terms = view.terms
        var lines: [(name: String, value: String)] = [
            ("paid in", AmountWords.text(escrow.paidIn)), ("paid out", AmountWords.text(escrow.paidOut)), ("advance", "\(AmountWords.text(escrow.advance)) of the consumer"),
        ]
        for (place, provider) in terms.providers.enumerated() {
            lines.append(("collateral", "\(AmountWords.text(escrow.collateral[place])) of \(AmountWords.text(provider.collateral)), \(reader.text(provider.account))"))
            if escrow.heldBack[place] > .zero { lines.append(("held back", "\(AmountWords.text(escrow.heldBack[place])) of \(reader.text(provider.account))")) }
        }
        for (place, monitor) in terms.monitors.enumerated() {
            let state = view.agreement.monitors[place]
            let standing = state.isExpelled ? "expelled: it contradicted itself" : state.isEnlisted ? "enlisted" : "not enlisted"
            lines.append(("bond", "\(AmountWords.text(escrow.bonds[place])) of \(reader.text(monitor.account)), \(standing)"))
        }
        return lines
    }

    /// A duration for people: its two largest units.
    static func roughly(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3_600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3_600)h\(seconds / 60 % 60)m"
        default: "\(seconds / 86_400)d\(seconds / 3_600 % 24)h"
        }
    }
}

/// A billing period for people.
struct AgreementPeriod {
    let period: UInt32
    private let terms: Agreements.Terms
    private let found: Agreements.PeriodView?

    init(_ view: Agreements.AgreementView, _ period: UInt32, _ reader: AgreementReader) async throws {
        guard period < view.terms.schedule.periods else {
            throw CommandFailure(code: "sla.period-unknown", what: "there are \(view.terms.schedule.periods) periods", next: "Count them from 0.", status: .notFound)
        }
        self.period = period
        terms = view.terms
        found = try await reader.period(view.agreement.number, period)
    }

    private func end(_ periods: UInt32) -> Timestamp { AgreementSummary.end(terms.schedule, periods: periods) }

    var lines: [(name: String, value: String)] {
        let times = "\(TimeWords.text(end(period))) to \(TimeWords.text(end(period + 1)))"
        guard let found else { return [("period", "\(period), \(times)"), ("measured", "nothing yet")] }
        let tally = found.tally, decided = tally.up + tally.down + tally.excluded + tally.unknown
        return [
            ("period", "\(period), \(times)\(tally.isClosed ? ", closed" : "")"), ("availability", ShareText.text(found.availability) + (tally.isClosed ? "" : " so far")),
            ("intervals", "\(tally.up) up, \(tally.down) down, \(tally.unknown) unknown, \(tally.excluded) excluded, \(terms.schedule.periodIntervals - min(terms.schedule.periodIntervals, decided)) open"),
            ("credit", "\(AmountWords.text(credit)) paid to the consumer"),
        ]
    }

    private var credit: Amount { found.flatMap { $0.tally.feeCredit.adding($0.tally.collateralCredit) } ?? .zero }

    var value: DynamicValue {
        .fields([
            ("number", .number(UInt64(period))), ("start", .text(TimeWords.text(end(period)))), ("end", .text(TimeWords.text(end(period + 1)))),
            ("availability", found.map { .number(UInt64($0.availability)) }), ("up", found.map { .number(UInt64($0.tally.up)) }),
            ("down", found.map { .number(UInt64($0.tally.down)) }), ("unknown", found.map { .number(UInt64($0.tally.unknown)) }),
            ("excluded", found.map { .number(UInt64($0.tally.excluded)) }), ("credit", .text(credit.description)), ("isClosed", found.map { .bool($0.tally.isClosed) }),
        ])
    }
}
