import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct AgreementOffer: ResultCommand {
    static let configuration = CommandConfiguration(
        "offer", "Drafts terms from an offer of the knowledge mesh.",
        discussion: """
            The fee is the offer's price for all hours of a period. What is left to decide are the monitors, the start and the delays: edit the file, then \
            trellis sla check and trellis sla propose.
            """,
        examples: [
            "trellis sla offer 3 --consumer alice --to terms.yaml",
            "trellis sla offer 3 --consumer alice --monitor watcher-1=probe-eu --monitor watcher-2=probe-us --interval 1m --period 24h --periods 30",
        ])

    @OptionGroup var listing: ListingArgument
    @Option(help: ArgumentHelp("Who buys: an address or the name of a key (default: who signs).", valueName: "who")) var consumer: String?
    @Option(help: ArgumentHelp("A monitor and where its data come from; may be repeated.", valueName: "who=source")) var monitor: [String] = []
    @Option(help: ArgumentHelp("The parties' own key for the service (default: its kind).", valueName: "token")) var service: Agreements.ServiceKey?
    @Option(help: ArgumentHelp("Which of the offer's service levels, from 0.", valueName: "number")) var level: Int = 0
    @Option(help: "How many units.") var units: UInt32 = 1
    @Option(help: ArgumentHelp("When it starts: a time, or how far that is away.", valueName: "when")) var start: String = "in 10m"
    @Option(help: ArgumentHelp("How long an interval lasts.", valueName: "duration")) var interval: DurationArgument = DurationArgument(milliseconds: 60_000)
    @Option(help: ArgumentHelp("How long a billing period lasts.", valueName: "duration")) var period: DurationArgument = DurationArgument(milliseconds: 30 * 86_400_000)
    @Option(help: "Billing periods.") var periods: UInt32 = 12
    @Option(help: ArgumentHelp("A file that is not there yet; without it the draft goes to stdout.", valueName: "file")) var to: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard units > 0, periods > 0, interval.milliseconds > 0 else { throw ValidationError("--units, --periods and --interval must be above 0") }
        guard period.milliseconds.isMultiple(of: interval.milliseconds), UInt32(exactly: period.milliseconds / interval.milliseconds) != nil else {
            throw ValidationError("--period must be a multiple of --interval")
        }
    }

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), listing = try await MeshCommand.listing(listing.number, reader.client)
        let names = Names(client: reader.client, home: try keys.resolvedHome())
        let who = try consumer ?? ProfileSettings.resolve(node.profile)[.from].value
        guard !who.isEmpty else { throw CommandFailure.usage("account.missing", "nobody is named who would buy", next: "Give --consumer.") }
        let consumer = try names.address(who, on: reader.network)
        guard let time = TimeWords(now: reader.now).time(start) else {
            throw CommandFailure.usage("sla.start", "\(start) is neither a time nor how far it is away", next: "Write 2026-12-01T00:00:00Z or \"in 10m\".")
        }
        guard let promised = level < listing.offer.levels.count && level >= 0 ? listing.offer.levels[level] : nil else {
            let count = listing.offer.levels.count
            throw CommandFailure.usage(
                "sla.level", "the offer has \(count) service levels", next: count == 0 ? "Write terms by hand: trellis sla --help" : "Give --level from 0 to \(count - 1).")
        }
        let watchers = try monitor.map { try self.watcher($0, names, reader.network) }
        guard let monitors = Bounded<16, Agreements.Monitor>(watchers) else { throw CommandFailure.usage("sla.monitors", "an agreement has at most 16 monitors") }
        // Hours of a period, in thousandths of a second, so that nothing is lost before the division.
        let fee = listing.offer.price.units.multipliedReportingOverflow(by: UInt128(period.milliseconds) * UInt128(units))
        guard !fee.overflow else { throw CommandFailure.usage("sla.fee", "a period costs more than there is", next: "Give a shorter --period.") }
        let amount = Amount(max(1, (fee.partialValue + 3_599_999) / 3_600_000))
        let cap = amount.share(partsPerMillion: promised.capPartsPerMillion, rounding: .up) ?? amount
        let collateral = cap.subtracting(amount) ?? .zero
        let terms = Agreements.Terms(
            consumer: consumer, service: service ?? Agreements.ServiceKey(listing.offer.kind.text) ?? "service", offer: listing.number,
            providers: Bounded([Agreements.Provider(account: listing.provider, collateral: collateral)]) ?? Bounded(), monitors: monitors, level: promised,
            schedule: Agreements.Schedule(
                start: time, intervalMilliseconds: interval.milliseconds, periodIntervals: UInt32(period.milliseconds / interval.milliseconds), periods: periods),
            payment: Agreements.Payment(fee: amount), windows: Agreements.Windows(), expires: time, salt: .zero)
        let text = TermsFile.text(terms, network: reader.network, draft: start, heading: Self.heading(listing, monitors.isEmpty))
        if let to { try Files.write(Array(text.utf8), to: to) }
        return CommandOutput(
            .fields([("offer", .number(listing.number)), ("fee", .text(amount.description)), ("file", to.map { .text($0) }), ("text", to == nil ? .text(text) : nil)]),
            names: [to ?? String(listing.number)], view: to.map { .text("\($0) is written; edit it, then: trellis sla check \($0)") } ?? .text(Terminal.printable(String(text.dropLast()))))
    }

    private static func heading(_ listing: Listing, _ lacksMonitors: Bool) -> [String] {
        ["Terms after offer \(listing.number), \(Terminal.printable(listing.offer.name.text)).", "Durations: 30s, 5m, 24h, 30d. Amounts: TRL. Parties: addresses, or names of your keys."]
            + (lacksMonitors ? ["Name at least one monitor: - {account: watcher-1, source: probe-eu}"] : [])
            + ["fee is for one period; prepaid says how many periods are paid before it begins."]
    }

    private func watcher(_ text: String, _ names: Names, _ network: NetworkKind) throws -> Agreements.Monitor {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let source = Agreements.Source(parts[1]) else {
            throw CommandFailure.usage("sla.monitors", "\(text) is not who=source", next: "Write --monitor watcher-1=probe-eu.")
        }
        return Agreements.Monitor(account: try names.address(parts[0], on: network), source: source)
    }
}

/// A duration on the command line.
struct DurationArgument: ExpressibleByArgument {
    let milliseconds: UInt64

    init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    init?(argument: String) {
        guard let milliseconds = DurationText.milliseconds(argument) else { return nil }
        self.milliseconds = milliseconds
    }

    var defaultValueDescription: String { DurationText.text(milliseconds) }
}

/// The file with terms.
struct TermsArgument: ParsableArguments {
    @Argument(help: "The terms' file, - for stdin.") var file: String
}

struct AgreementCheck: ResultCommand {
    static let configuration = CommandConfiguration(
        "check", "Checks the file of terms, and says what everybody pays and deposits. Nothing is sent.", examples: ["trellis sla check terms.yaml"])

    @OptionGroup var terms: TermsArgument
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), terms = try reader.terms(terms.file, keys)
        // What the file says is known here; whether it became an agreement before, and the rules of the running version, there.
        let check = try await reader.client.view(Agreements.checkTerms.reference, of: .agreements, terms)
        if let fault = check.fault { throw CommandFailure.usage(TermsFile.code, "these terms cannot become an agreement: \(fault.text)") }
        let summary = AgreementSummary(terms, reader.network)
        return CommandOutput(summary.value.adding([("valid", .bool(true)), ("digest", .text("0x" + check.digest.hex))]), names: ["0x" + check.digest.hex], view: .fields(summary.lines))
    }
}

struct AgreementPropose: ResultCommand {
    static let configuration = CommandConfiguration(
        "propose", "Puts terms on the table, and accepts them; for the consumer or a provider.",
        examples: ["trellis sla propose terms.yaml --from alice", "trellis sla propose terms.yaml --from alice --dry-run"])

    @OptionGroup var terms: TermsArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), terms = try reader.terms(terms.file, send.keys)
        let sent = try await send.send(reader.client, [Agreements.propose.reference.call(on: .agreements, terms)]).made("agreement")
        if let number = sent.data["agreement"]?.plain { Console.note("the others accept it with: trellis sla accept \(number)") }
        return sent
    }
}

struct AgreementCounter: ResultCommand {
    static let configuration = CommandConfiguration(
        "counter", "Puts other terms in the place of those on the table; consumer and providers stay the same.",
        discussion: "trellis sla show N --terms writes those that are there, to be edited.", examples: ["trellis sla counter 7 terms.yaml --from north"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var terms: TermsArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), terms = try reader.terms(terms.file, send.keys)
        _ = try await reader.agreement(agreement.number)
        return try await send.send(reader.client, [Agreements.counter.reference.call(on: .agreements, agreement.number, terms)])
    }
}

struct AgreementAccept: ResultCommand {
    static let configuration = CommandConfiguration(
        "accept", "Signs the terms on the table; the last signature makes them binding.",
        discussion: "What is signed is a digest. --digest makes sure that it is the one of terms that were read before.",
        examples: ["trellis sla accept 7 --from north", "trellis sla accept 7 --digest 0x\(String(repeating: "5a", count: 32)) --from north --yes"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: "The digest of the terms that are meant (default: those on the table, which are shown).") var digest: FixedArgument<Digest>?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), found = try await reader.agreement(agreement.number)
        if !send.yes, !send.dryRun { Console.note(TermsFile.text(found.terms, network: reader.network)) }
        let sent = try await send.send(reader.client, [Agreements.accept.reference.call(on: .agreements, agreement.number, digest?.value ?? found.agreement.digest)])
        guard !send.dryRun, send.wait else { return sent }
        for line in try await AgreementAdvice(reader.agreement(agreement.number), reader).lines { Console.note("next: \(line)") }
        return sent
    }
}

struct AgreementWithdraw: ResultCommand {
    static let configuration = CommandConfiguration(
        "withdraw", "Ends a negotiation; for the consumer or a provider.", examples: ["trellis sla withdraw 7 --from north"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Agreements.withdraw.reference.call(on: .agreements, agreement.number)])
    }
}
