import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Monitoring
import Primitives

struct AgreementMonitorFile: ResultCommand {
    static let configuration = CommandConfiguration(
        "monitor-config", "Writes the file with which trellis monitor run measures an agreement.",
        discussion: "Schedule and metrics are those of the agreement. What a monitor decides is where it asks: edit `source`, then trellis monitor check.",
        examples: ["trellis sla monitor-config 7 --url https://shop.example/health --to monitor.yaml", "trellis sla monitor-config 7 --journal journal-1"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: ArgumentHelp("What is asked whether it is up.", valueName: "url")) var url: String = "https://service.example/health"
    @Option(help: ArgumentHelp("A Prometheus server, for metrics with values.", valueName: "url")) var prometheus: String = "http://127.0.0.1:9090"
    @Option(help: ArgumentHelp("The directory of its journal.", valueName: "directory")) var journal: String = "monitor-journal"
    @Option(help: ArgumentHelp("A file that is not there yet; without it the text goes to stdout.", valueName: "file")) var to: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), view = try await reader.agreement(agreement.number)
        let address = try ProfileSettings.resolve(node.profile).value(.node, flag: node.node)
        let file = DynamicValue.fields([
            ("journal", .text(journal)), ("node", .text(address)), ("watches", .list(try view.terms.level.metrics.indices.map { try watch($0, view.terms) })),
        ])
        let text = "# Where it asks is for the monitor to decide: see `source`.\n" + YAMLWriter.text(file, isLoose: true)
        do throws(MonitorConfigurationError) { _ = try MonitorConfiguration(yaml: text) } catch {
            throw CommandFailure(code: "sla.not-measurable", what: "this program cannot measure agreement \(agreement.number): \(error.place) \(error.text)", next: error.remedy)
        }
        if let to { try Files.write(Array(text.utf8), to: to) }
        return CommandOutput(
            .fields([("agreement", .number(agreement.number)), ("file", to.map { .text($0) }), ("text", to == nil ? .text(text) : nil)]), names: [to ?? String(agreement.number)],
            view: .text(to.map { "\($0) is written; edit it, then: trellis monitor run --config \($0)" } ?? Terminal.printable(String(text.dropLast()))))
    }

    private func watch(_ place: Int, _ terms: Agreements.Terms) throws(CommandFailure) -> DynamicValue {
        let metric = terms.level.metrics[place], schedule = terms.schedule, windows = terms.windows
        func seconds(_ milliseconds: UInt64, _ what: String) throws(CommandFailure) -> DynamicValue {
            guard milliseconds.isMultiple(of: 1_000) else {
                throw CommandFailure(code: "sla.not-measurable", what: "\(what) of agreement \(agreement.number) is no whole number of seconds", next: "Measure it by another program.")
            }
            return .number(milliseconds / 1_000)
        }
        return .fields([
            ("agreement", .number(agreement.number)), ("metric", .number(UInt64(place))), ("kind", .text(metric.kind.caseName)),
            ("schedule", .fields([
                ("start", .text(TimeWords.text(schedule.start))), ("interval-seconds", try seconds(schedule.intervalMilliseconds, "an interval")),
                ("period-intervals", .number(UInt64(schedule.periodIntervals))), ("periods", .number(UInt64(schedule.periods))),
                ("settle-seconds", try seconds(windows.settleMilliseconds, "the settle delay")), ("late-seconds", try seconds(windows.lateMilliseconds, "the reporting window")),
            ])),
            ("source", source(metric, schedule)),
        ])
    }

    private func source(_ metric: ServiceMetric, _ schedule: Agreements.Schedule) -> DynamicValue {
        guard metric.kind == .binary else {
            let function = metric.kind == .counter ? "max_over_time" : "avg_over_time"
            return .fields([("prometheus", .fields([("address", .text(prometheus)), ("expression", .text("\(function)(\(metric.name.text.replacing("-", with: "_").replacing(".", with: "_"))[$interval])"))]))])
        }
        // Nine tenths of an interval suffice for all attempts, one more for controls, and the pauses between them.
        let (seconds, attempts): (UInt64, UInt64) = switch schedule.intervalMilliseconds {
        case 20_000...: (5, 2)
        case 9_000...: (2, 2)
        default: (1, 1)
        }
        return .fields([("http", .fields([
            ("url", .text(url)), ("timeout-seconds", .number(seconds)), ("attempts", .number(attempts)),
        ]))])
    }
}
