import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct AgreementList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists the agreements of an account, or all of them, the newest first.",
        examples: ["trellis sla list", "trellis sla list north --before 12 -o name", "trellis sla list --all"])

    @OptionGroup var who: AccountArgument
    @Flag(help: "List everybody's.") var all = false
    @Option(help: "Only those with a smaller number.") var before: UInt64?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if all, who.account != nil { throw ValidationError("give an account or --all, not both") }
    }

    func result() async throws -> CommandOutput {
        let found: [(role: Agreements.Role?, summary: Agreements.AgreementSummary)], client: Client
        if all {
            client = try who.node.client()
            found = try await client.view(Agreements.agreements.reference, of: .agreements, before).map { (nil, $0) }
        } else {
            let account: Address
            (client, account) = try await who.resolve()
            found = try await client.view(Agreements.agreementsOf.reference, of: .agreements, account, before).map { ($0.role, $0.summary) }
        }
        if let last = found.last, found.count == Self.pageSize { Console.note("there may be more: --before \(last.summary.number)") }
        let network = try await client.networkKind()
        return CommandOutput(
            .list(found.map { Self.value($0.role, $0.summary, network) }), names: found.map { String($0.summary.number) },
            view: .table(
                columns: ["agreement"] + (all ? [] : ["role"]) + ["phase", "service", "period", "availability", "credit in TRL", "settle due"],
                rows: found.map { Self.row($0.role, $0.summary) }))
    }

    private static func row(_ role: Agreements.Role?, _ summary: Agreements.AgreementSummary) -> [String] {
        ["\(summary.number)"] + (role.map { [$0.caseName] } ?? []) + [
            summary.phase.caseName, Terminal.printable(summary.service.text), summary.current.map { "\($0.period) of \(summary.ends)" } ?? "",
            summary.current.map { ShareText.text($0.availability) } ?? "", summary.current?.credit.tokens ?? "", summary.due.map { $0 == Timestamp(0) ? "now" : TimeWords.text($0) } ?? "",
        ]
    }

    private static func value(_ role: Agreements.Role?, _ summary: Agreements.AgreementSummary, _ network: NetworkKind) -> DynamicValue {
        .fields([
            ("agreement", .number(summary.number)), ("role", role.map { .text($0.caseName) }), ("phase", .text(summary.phase.caseName)),
            ("service", .text(summary.service.text)), ("consumer", .text(summary.consumer.text(on: network))),
            ("providers", .list(summary.providers.map { .text($0.text(on: network)) })), ("starts", .text(TimeWords.text(summary.starts))),
            ("period", summary.current.map { .number(UInt64($0.period)) }), ("availability", summary.current.map { .number(UInt64($0.availability)) }),
            ("credit", summary.current.map { .text($0.credit.description) }), ("due", summary.due.map { .text(TimeWords.text($0)) }),
        ])
    }

    private static let pageSize = 50
}
