import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct AgreementList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists the agreements of an account, the newest first.", examples: ["trellis sla list", "trellis sla list north --before 12 -o name"])

    @OptionGroup var who: AccountArgument
    @Option(help: "Only those with a smaller number.") var before: UInt64?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, account) = try await who.resolve(), reader = try await AgreementReader(client)
        let found = try await client.view(Agreements.agreementsOf.reference, of: .agreements, account, before)
        var items: [DynamicValue] = [], rows: [[String]] = []
        for entry in found {
            let view = try await reader.agreement(entry.agreement), period = AgreementPeriod.current(view, at: reader.now)
            let tally = try await reader.period(entry.agreement, period), credit = tally.flatMap { $0.tally.feeCredit.adding($0.tally.collateralCredit) } ?? .zero
            items.append(.fields([
                ("agreement", .number(entry.agreement)), ("role", .text(entry.role.caseName)), ("phase", .text(view.agreement.phase.caseName)),
                ("service", .text(view.terms.service.text)), ("consumer", .text(reader.text(view.terms.consumer))),
                ("providers", .list(view.terms.providers.map { .text(reader.text($0.account)) })), ("period", .number(UInt64(period))),
                ("availability", tally.map { .number(UInt64($0.availability)) }), ("credit", .text(credit.description)), ("due", view.due.map { .text(TimeWords.text($0)) }),
            ]))
            rows.append([
                "\(entry.agreement)", entry.role.caseName, view.agreement.phase.caseName, Terminal.printable(view.terms.service.text), "\(period) of \(view.agreement.ends)",
                tally.map { ShareText.text($0.availability) } ?? "", credit.tokens, view.due.map { TimeWords.text($0) } ?? "",
            ])
        }
        if let last = found.last, found.count == Self.pageSize { Console.note("there may be more: --before \(last.agreement)") }
        return CommandOutput(
            .list(items), names: found.map { String($0.agreement) },
            view: .table(columns: ["agreement", "role", "phase", "service", "period", "availability", "credit in TRL", "settle due"], rows: rows))
    }

    private static let pageSize = 50
}
