import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct AgreementAnnounce: ResultCommand {
    static let configuration = CommandConfiguration(
        "announce", "Announces maintenance: the intervals do not count. For providers, so long before as the terms say.",
        discussion: "It begins with the first interval that starts at --at or later, and lasts whole intervals.",
        examples: ["trellis sla announce 7 --at \"in 3h\" --lasting 30m --from north", "trellis sla announce 7 --at 2026-12-24T02:00:00Z --lasting 2h --from north"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: ArgumentHelp("When it begins: a time, or how far that is away.", valueName: "when")) var at: String
    @Option(help: ArgumentHelp("How long it lasts.", valueName: "duration")) var lasting: DurationArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), found = try await reader.agreement(agreement.number)
        guard let time = TimeWords(now: reader.now).time(at) else {
            throw CommandFailure.usage("sla.time", "\(at) is neither a time nor how far it is away", next: "Write 2026-12-24T02:00:00Z or \"in 3h\".")
        }
        let schedule = found.terms.schedule, interval = schedule.intervalMilliseconds, all = UInt64(schedule.periodIntervals) * UInt64(schedule.periods)
        let first = time <= schedule.start ? 0 : (time.rawValue - schedule.start.rawValue + interval - 1) / interval
        let (end, isOver) = first.addingReportingOverflow(max(1, lasting.milliseconds / interval + (lasting.milliseconds.isMultiple(of: interval) ? 0 : 1)))
        guard !isOver, end <= all else {
            throw CommandFailure.usage("sla.time", "the agreement ends before the maintenance does", next: "trellis sla show \(agreement.number)")
        }
        // The contract takes what lies in one period.
        var calls: [Call] = [], next = first
        while next < end {
            let period = next / UInt64(schedule.periodIntervals), place = next % UInt64(schedule.periodIntervals)
            let count = min(end - next, UInt64(schedule.periodIntervals) - place)
            calls.append(Agreements.announce.reference.call(on: .agreements, agreement.number, UInt32(period), UInt32(place), UInt32(count)))
            next += count
            guard calls.count <= Limits.transactionCallsMax else { throw CommandFailure.usage("sla.time", "the maintenance lasts through too many periods") }
        }
        return try await send.send(reader.client, calls)
    }
}

struct AgreementStop: ResultCommand {
    static let configuration = CommandConfiguration(
        "stop", "Stops the service from the next interval on: until it is resumed no interval counts. For the consumer.", examples: ["trellis sla stop 7 --from alice"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Agreements.stop.reference.call(on: .agreements, agreement.number)])
    }
}

struct AgreementResume: ResultCommand {
    static let configuration = CommandConfiguration(
        "resume", "Ends a stop from the next interval on. For the consumer.", examples: ["trellis sla resume 7 --from alice"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Agreements.resume.reference.call(on: .agreements, agreement.number)])
    }
}

struct AgreementTerminate: ResultCommand {
    static let configuration = CommandConfiguration(
        "terminate", "Ends an agreement with the period in which the notice ends; what is paid for later ones goes back.",
        discussion: "For the consumer and the providers. Negotiations end with trellis sla withdraw.", examples: ["trellis sla terminate 7 --from alice"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Agreements.terminate.reference.call(on: .agreements, agreement.number)])
    }
}

struct AgreementRule: ResultCommand {
    static let configuration = CommandConfiguration(
        "rule", "Decides intervals in which monitors disagree about a metric. For the arbiter, until its window closes.",
        examples: ["trellis sla rule 7 down --metric availability --period 0 --first 12 --count 3 --from judge"])

    enum Verdict: String, CaseIterable, ExpressibleByArgument { case up, down, unknown }

    @OptionGroup var agreement: AgreementArgument
    @Argument(help: "up, down or unknown.") var verdict: Verdict
    @Option(help: "The metric: its name or its place, from 0.") var metric: String = "0"
    @Option(help: "The billing period, from 0.") var period: UInt32
    @Option(help: ArgumentHelp("The first interval within the period, from 0.", valueName: "interval")) var first: UInt32
    @Option(help: "How many intervals, within one page of 64.") var count: UInt8 = 1
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), found = try await reader.agreement(agreement.number)
        let place = try MetricWord.place(metric, found.terms.level)
        let ruling: Agreements.Ruling = verdict == .up ? .up : verdict == .down ? .down : .unknown
        return try await send.send(reader.client, [Agreements.rule.reference.call(on: .agreements, agreement.number, period, first, count, place, ruling)])
    }
}

/// A metric on the command line: its name, or its place.
enum MetricWord {
    static func place(_ text: String, _ level: ServiceLevel) throws -> UInt8 {
        if let place = level.metrics.firstIndex(where: { $0.name.text == text }) ?? Int(text), level.metrics.indices.contains(place) { return UInt8(place) }
        throw CommandFailure(
            code: "sla.metric-unknown", what: "there is no metric \(Terminal.printable(text))", next: "It has \(level.metrics.map(\.name.text).joined(separator: ", ")).", status: .notFound)
    }
}
