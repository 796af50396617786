import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

struct AgreementWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "watch", "Follows an agreement as its events become final, until it ends, or what is waited for has happened.",
        discussion: """
            It ends with status 0 when the agreement is settled or has lapsed, when an event of --until was seen, or after --count events; with 5 when --within has \
            passed before that. With -o json each event is a document in a line of its own.
            """,
        examples: ["trellis sla watch 7", "trellis sla watch 7 --until Violated,Settled --within 5m", "trellis sla watch 7 --since 1 -o json"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: ArgumentHelp("Names of events, with commas between: one of them is enough.", valueName: "events")) var until: String?
    @Option(help: ArgumentHelp("How long it may take.", valueName: "duration")) var within: DurationArgument?
    @OptionGroup var watch: WatchOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let known = Set(Agreements.events.map { $0.name.text })
        for name in until?.split(separator: ",").map(String.init) ?? [] where !known.contains(name) {
            throw ValidationError("\(name) is no event of agreements; it has \(known.sorted().joined(separator: ", "))")
        }
    }

    mutating func run() async throws {
        let schema = "trellis/\(CommandTree.path(of: Self.self).joined(separator: "-"))/1", format = output.format
        do { try await follow(schema, format) } catch {
            let failure = CommandFailure(error)
            if format == .json { Console.result(PrettyJSON.line(failure.document(schema)) + "\n") } else { Console.report(failure) }
            throw ExitCode(failure.status.rawValue)
        }
    }

    private func follow(_ schema: String, _ format: OutputFormat) async throws {
        let client = try node.client(), reader = try await AgreementReader(client)
        let view = try await reader.agreement(agreement.number)
        Console.note("agreement \(agreement.number) is \(AgreementShow.phase(view))")
        let isOver = view.agreement.phase == .settled || view.agreement.phase == .lapsed
        if isOver, watch.since == nil { return }
        var selection = EventSelection()
        selection.contracts = ["agreements"]
        // Nothing between the answer and the subscription is missed.
        selection.from = watch.since ?? reader.head.height + 1
        let events = AgreementEventView(
            number: agreement.number, count: watch.count, awaited: Set(until?.split(separator: ",").map(String.init) ?? []), network: reader.network, schema: schema,
            format: format)
        let allowed = within.map { Duration.milliseconds(Int64(min($0.milliseconds, 1 << 50))) }
        try await withThrowingTaskGroup(of: Bool.self) { [selection] group in
            group.addTask {
                try await events.show(client.events(selection))
                return true
            }
            if let allowed {
                group.addTask {
                    try await Task.sleep(for: allowed)
                    return false
                }
            }
            let isSeen = try await group.next() ?? true
            group.cancelAll()
            guard isSeen else {
                throw CommandFailure(
                    code: "sla.watch-timeout", what: "agreement \(agreement.number) did not get there within \(DurationText.text(within?.milliseconds ?? 0))",
                    next: "trellis sla show \(agreement.number)", status: .unreachable)
            }
        }
    }
}

/// Shows the events of one agreement until enough are seen.
private struct AgreementEventView: Sendable {
    let number: UInt64
    let count: Int?
    let awaited: Set<String>
    let network: NetworkKind
    let schema: String
    let format: OutputFormat

    func show(_ items: EventSubscription) async throws {
        var shown = 0
        for try await item in items {
            if case .lagged(let lagged) = item { Console.warn("blocks \(lagged.asked) to \(lagged.oldest) are no longer kept: trellis sla show \(number)") }
            guard case .event(let event) = item, event.fields?["agreement"]?.plain == String(number) else { continue }
            let document = DynamicValue.fields([("schema", .text(schema)), ("ok", .bool(true)), ("data", event.value)])
            switch format {
            case .json: Console.result(PrettyJSON.line(document) + "\n")
            case .yaml: Console.result("---\n" + YAMLWriter.text(document))
            case .name: Console.result(event.id + "\n")
            case .table: Console.result("\(event.height)  \(TimeWords.text(event.time.value))  \(AgreementWords.text(event, network))\n")
            }
            shown += 1
            if let count, shown >= count { return }
            if awaited.contains(event.name) || ["Settled", "Lapsed"].contains(event.name) { return }
        }
    }
}

/// Events of agreements as sentences.
enum AgreementWords {
    static func text(_ event: EventResource, _ network: NetworkKind) -> String { Terminal.printable(sentence(event.name, event.data.bytes, network) ?? "\(event.name) \(event.fields?.plain ?? "")") }

    private static func sentence(_ name: String, _ data: [UInt8], _ network: NetworkKind) -> String? {
        func read<Event: ContractEvent>(_ type: Event.Type, _ text: (Event) -> String) -> String? { (try? Event(bcs: data)).map(text) }
        func who(_ address: Address) -> String { address.text(on: network) }
        switch name {
        case "Proposed": return read(Agreements.Proposed.self) { "proposed: terms 0x\($0.digest.hex.prefix(12))… by \(who($0.by)), round \($0.round)" }
        case "Accepted": return read(Agreements.Accepted.self) { "accepted: \(who($0.party))" }
        case "Funded": return read(Agreements.Funded.self) { "funded: \($0.periods) periods are paid for" }
        case "PaymentOverdue": return read(Agreements.PaymentOverdue.self) { "overdue: period \($0.period) is to be paid by \(TimeWords.text($0.until))" }
        case "Deposited": return read(Agreements.Deposited.self) { "deposited: \(AmountWords.text($0.amount)) by \(who($0.provider))" }
        case "Enlisted": return read(Agreements.Enlisted.self) { "enlisted: \(who($0.monitor))" }
        case "Measured":
            return read(Agreements.Measured.self) {
                "measured: metric \($0.metric), period \($0.period), \(range(UInt64($0.first), UInt64($0.readings))) by \(who($0.monitor))"
            }
        case "Violated": return read(Agreements.Violated.self) { "VIOLATED: period \($0.period), \(places($0.page, $0.intervals)) down" }
        case "Disputed": return read(Agreements.Disputed.self) { "disputed: period \($0.period), \(places($0.page, $0.intervals))" }
        case "Ruled": return read(Agreements.Ruled.self) { "ruled: period \($0.period), \(range(UInt64($0.first), UInt64($0.count))) were \($0.ruling.caseName)" }
        case "Expelled": return read(Agreements.Expelled.self) { "expelled: \(who($0.monitor)) contradicted itself and lost \(AmountWords.text($0.bond))" }
        case "Paid": return read(Agreements.Paid.self) { "paid: \(AmountWords.text($0.amount)) to \(who($0.to)), \($0.purpose.caseName)" }
        case "PeriodClosed":
            return read(Agreements.PeriodClosed.self) { "closed: period \($0.period) at \(ShareText.text($0.availability)), credit \(AmountWords.text($0.credit))" }
        case "EndSet": return read(Agreements.EndSet.self) { "ends: after \($0.periods) periods, \(ending($0.ending, network))" }
        case "ClosingBegun": return read(Agreements.ClosingBegun.self) { "closing: \(ending($0.ending, network))" }
        case "ExclusionSet":
            return read(Agreements.ExclusionSet.self) { "excluded: intervals of the agreement from \($0.exclusion.first) to \($0.exclusion.end.map { "\($0 - 1)" } ?? "further notice"), \($0.exclusion.reason.caseName)" }
        case "Sealed": return read(Agreements.Sealed.self) { "\($0.isThere ? "sealed" : "taken back"): what \(who($0.sender)) left for \(who($0.receiver))" }
        case "Signed", "Activated", "Settled", "Lapsed": return name.lowercased()
        default: return nil
        }
    }

    private static func ending(_ ending: Agreements.Ending, _ network: NetworkKind) -> String {
        switch ending {
        case .complete: "as agreed"
        case .terminated(let party): "terminated by \(party.text(on: network))"
        case .unpaid: "the next period was not paid for"
        case .uncovered(let provider): "the collateral of \(provider.text(on: network)) was not filled up"
        }
    }

    private static func range(_ first: UInt64, _ count: UInt64) -> String { count == 1 ? "interval \(first)" : "intervals \(first) to \(first + count - 1)" }

    /// Bits of a page as runs of intervals of the period.
    static func places(_ page: UInt32, _ bits: UInt64) -> String {
        var runs: [String] = [], place: UInt64 = 0
        while place < 64 {
            guard bits >> place & 1 == 1 else {
                place += 1
                continue
            }
            let first = place
            while place < 64, bits >> place & 1 == 1 { place += 1 }
            runs.append(range(UInt64(page) * UInt64(Agreements.pageIntervals) + first, place - first))
        }
        return runs.joined(separator: ", ")
    }
}
