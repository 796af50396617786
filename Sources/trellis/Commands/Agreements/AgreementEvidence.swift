import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

struct AgreementEvidence: ResultCommand {
    static let configuration = CommandConfiguration(
        "evidence", "Shows what each monitor reported of each interval, what was decided, and what it can show for it.",
        discussion: """
            What a monitor can show is the SHA-256 of its query, the time window and the answer of its source, as it posted it with the report. Without --page \
            it is the newest page of 64 intervals of which anything was reported.
            """,
        examples: ["trellis sla evidence 7", "trellis sla evidence 7 --period 0 --page 2 --metric availability", "trellis sla evidence 7 --down -o json"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: "The billing period, from 0 (default: the current one).") var period: UInt32?
    @Option(help: "Which 64 intervals of the period, from 0.") var page: UInt32?
    @Option(help: "Only this metric: its name or its place.") var metric: String?
    @Flag(help: "Only intervals that were down, or about which monitors disagree.") var down = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), view = try await reader.agreement(agreement.number)
        let schedule = view.terms.schedule, pages = (schedule.periodIntervals + Agreements.pageIntervals - 1) / Agreements.pageIntervals
        let period = self.period ?? view.period(at: reader.now) ?? 0
        guard period < schedule.periods, page ?? 0 < pages else {
            throw CommandFailure(
                code: "sla.period-unknown", what: "there are \(schedule.periods) periods of \(pages) pages", next: "Count both from 0.", status: .notFound)
        }
        let chosen = try metric.map { try MetricWord.place($0, view.terms.level) }
        guard let (page, verdicts) = try await newest(period, reader, view) else {
            return CommandOutput(.fields([("period", .number(UInt64(period))), ("intervals", .list([])), ("expelled", expelled(view, reader))]), view: .text("nothing was reported of it"))
        }
        let posted = try await PostedEvidence(reader, agreement.number, period, page)
        var items: [DynamicValue] = [], rows: [[String]] = []
        for metric in view.terms.level.metrics.indices where chosen.map({ Int($0) == metric }) ?? true {
            let readings = try await reader.client.view(Agreements.readings.reference, of: .agreements, agreement.number, period, page, UInt8(metric))
            let first = page * Agreements.pageIntervals, count = min(Agreements.pageIntervals, schedule.periodIntervals - first)
            for place in 0..<Int(count) {
                let verdict = view.state(ofMetric: metric, place, verdicts), together = view.state(of: place, verdicts, page: page, period: period)
                let reports = readings.map { page in page.monitors.map { $0[place] } } ?? []
                guard verdict != .open || reports.contains(where: { $0 != nil }), !down || [verdict, together].contains(.down) || verdict == .disputed else { continue }
                let interval = first + UInt32(place)
                items.append(item(view, reader, metric, period, interval, reports, posted, verdict.rawValue, together.rawValue))
                rows.append(row(view, metric, period, interval, reports, posted, verdict.rawValue, together.rawValue))
            }
        }
        let watchers = view.terms.monitors.enumerated().map { ["\($0.offset)", reader.text($0.element.account), $0.element.source.text, Self.standing(view.agreement.monitors[$0.offset])] }
        return CommandOutput(
            .fields([("period", .number(UInt64(period))), ("page", .number(UInt64(page))), ("intervals", .list(items)), ("expelled", expelled(view, reader))]),
            names: items.compactMap { $0["interval"]?.plain },
            view: .parts([
                .table(columns: ["#", "monitor", "source", "standing"], rows: watchers),
                .table(columns: ["interval", "from", "metric"] + view.terms.monitors.indices.map { "#\($0)" } + ["decided", "service", "evidence"], rows: rows),
            ]))
    }

    /// The page that is asked for, or the newest one of the period of which anything was reported, with what was decided in it.
    private func newest(_ period: UInt32, _ reader: AgreementReader, _ view: Agreements.AgreementView) async throws -> (UInt32, Agreements.VerdictPage)? {
        func verdicts(_ page: UInt32) async throws -> Agreements.VerdictPage? {
            try await reader.client.view(Agreements.verdicts.reference, of: .agreements, agreement.number, period, page)
        }
        if let page { return try await verdicts(page).map { (page, $0) } }
        let schedule = view.terms.schedule, start = view.start(ofPeriod: period)
        let elapsed = reader.now > start ? (reader.now.rawValue - start.rawValue) / schedule.intervalMilliseconds : 0
        var page = UInt32(min(elapsed, UInt64(schedule.periodIntervals) - 1)) / Agreements.pageIntervals
        for _ in 0..<Self.pagesBack {
            if let found = try await verdicts(page) { return (page, found) }
            guard page > 0 else { return nil }
            page -= 1
        }
        return nil
    }

    /// Pages of silence that are passed over before nothing is found.
    private static let pagesBack = 32

    // ── Words ──

    private static func standing(_ state: Agreements.MonitorState) -> String { state.isExpelled ? "expelled: it contradicted itself" : state.isEnlisted ? "enlisted" : "not enlisted" }

    private static func word(_ report: UInt64??, _ metric: ServiceMetric) -> String {
        switch report {
        case nil: "silent"
        case .some(nil): "missing"
        case .some(let value?): metric.kind == .binary ? (value == 1 ? "up" : "down") : "\(value)\(metric.unit.text.isEmpty ? "" : " \(Terminal.printable(metric.unit.text))")"
        }
    }

    private func expelled(_ view: Agreements.AgreementView, _ reader: AgreementReader) -> DynamicValue {
        .list(zip(view.terms.monitors, view.agreement.monitors).filter(\.1.isExpelled).map { .text(reader.text($0.0.account)) })
    }

    private func row(
        _ view: Agreements.AgreementView, _ metric: Int, _ period: UInt32, _ interval: UInt32, _ reports: [UInt64??], _ posted: PostedEvidence, _ verdict: String, _ together: String
    ) -> [String] {
        let level = view.terms.level.metrics[metric]
        let evidence = view.terms.monitors.enumerated().compactMap { place, monitor in
            posted.digest(monitor.account, UInt8(metric), interval).map { "#\(place) \($0.hex.prefix(8))…" }
        }
        return ["\(interval)", TimeWords.text(view.start(of: interval, ofPeriod: period)), level.name.text]
            + view.terms.monitors.indices.map { Self.word($0 < reports.count ? reports[$0] : nil, level) } + [verdict, together, evidence.joined(separator: " ")]
    }

    private func item(
        _ view: Agreements.AgreementView, _ reader: AgreementReader, _ metric: Int, _ period: UInt32, _ interval: UInt32, _ reports: [UInt64??], _ posted: PostedEvidence,
        _ verdict: String, _ together: String
    ) -> DynamicValue {
        let level = view.terms.level.metrics[metric], from = view.start(of: interval, ofPeriod: period)
        let told = view.terms.monitors.enumerated().map { place, monitor -> DynamicValue in
            let report = place < reports.count ? reports[place] : nil
            return .fields([
                ("monitor", .text(reader.text(monitor.account))), ("source", .text(monitor.source.text)), ("reading", .text(Self.word(report, level))),
                ("evidence", posted.digest(monitor.account, UInt8(metric), interval).map { .text("0x" + $0.hex) }),
            ])
        }
        return .fields([
            ("interval", .number(UInt64(interval))), ("from", .text(TimeWords.text(from))),
            ("until", .text(TimeWords.text(Timestamp(from.rawValue + view.terms.schedule.intervalMilliseconds)))), ("metric", .text(level.name.text)), ("reports", .list(told)),
            ("decided", .text(verdict)), ("service", .text(together)),
        ])
    }
}

/// What monitors can show for their reports of one page, from the events in which they posted them.
private struct PostedEvidence {
    private var posts: [Agreements.Measured] = []

    /// Events of the contract that are looked through for one page, newest first.
    private static let eventsMax = 4_000

    init(_ reader: AgreementReader, _ agreement: UInt64, _ period: UInt32, _ page: UInt32) async throws {
        var cursor: String?, seen = 0
        repeat {
            let found = try await reader.client.events(of: "agreements", named: "Measured", limit: 200, cursor: cursor)
            for event in found.items {
                guard let post = try? Agreements.Measured(bcs: event.data.bytes), post.agreement == agreement, post.period == period,
                      post.first / Agreements.pageIntervals == page else { continue }
                posts.append(post)
            }
            cursor = found.next
            seen += found.items.count
        } while cursor != nil && seen < Self.eventsMax
        if cursor != nil { Console.warn("evidence was looked for in the newest \(seen) reports only") }
    }

    func digest(_ monitor: Address, _ metric: UInt8, _ interval: UInt32) -> Digest? {
        posts.last { $0.monitor == monitor && $0.metric == metric && $0.first <= interval && interval - $0.first < UInt32($0.readings) }?.evidence
    }
}
