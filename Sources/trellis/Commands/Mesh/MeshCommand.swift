import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Monitoring
import Primitives

/// The knowledge mesh: what providers offer, and finding it.
struct MeshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "mesh", "Publishes offers, and finds them.",
        discussion: """
            FILE is an offer in YAML: name, kind, region, price for a unit and hour in TRL, and where there are any resources, options, hardware, power, \
            attributes, levels and documentation. trellis mesh show NUMBER --file writes such a file.
            """,
        examples: ["trellis mesh publish offer.yaml --free 4 --from north", "trellis mesh search web-server --region DE --why"],
        subcommands: [MeshCheck.self, MeshPublish.self, MeshAmend.self, MeshSetState.self, MeshWithdraw.self, MeshShow.self, MeshList.self, MeshSearch.self])

    static func offer(_ path: String) throws -> Offer {
        let text = String(decoding: try Files.read(path, max: 1 << 20), as: UTF8.self)
        do throws(MonitorConfigurationError) { return try OfferFile.offer(text) } catch { throw CommandFailure(error, code: OfferFile.code, in: path) }
    }

    /// The deposit for an offer that can be published.
    static func deposit(_ offer: Offer, _ client: Client, _ path: String) async throws -> Amount {
        let check = try await client.view(KnowledgeMesh.depositOf.reference, of: .knowledgeMesh, offer)
        guard let fault = check.fault else { return check.deposit }
        throw CommandFailure(code: OfferFile.code, what: "\(path) cannot be published: \(fault.text)", next: "Change what is named there; trellis mesh check \(path)")
    }

    static func listing(_ number: UInt64, _ client: Client) async throws -> Listing {
        guard let listing = try await client.view(KnowledgeMesh.listing.reference, of: .knowledgeMesh, number) else {
            throw CommandFailure(
                code: "mesh.not-found", what: "there is no offer \(number)", why: "it was never published, or it was withdrawn", next: "trellis mesh search KIND", status: .notFound)
        }
        return listing
    }
}

struct MeshCheck: ResultCommand {
    static let configuration = CommandConfiguration(
        "check", "Checks the file of an offer, and says what deposit it needs. Nothing is sent.", examples: ["trellis mesh check offer.yaml"])

    @Argument(help: "The offer's file, - for stdin.") var file: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let offer = try MeshCommand.offer(file), deposit = try await MeshCommand.deposit(offer, try node.client(), file)
        return CommandOutput(
            .fields([("valid", .bool(true)), ("deposit", .text(deposit.description)), ("bytes", .number(UInt64(offer.bcs.count)))]), names: [deposit.description],
            view: .fields([("valid", "yes"), ("deposit", AmountWords.text(deposit)), ("bytes", "\(offer.bcs.count)")]))
    }
}

struct MeshPublish: ResultCommand {
    static let configuration = CommandConfiguration(
        "publish", "Publishes an offer against a deposit, which comes back when it is withdrawn.",
        examples: ["trellis mesh publish offer.yaml --from north", "trellis mesh publish offer.yaml --free 4 --from north --dry-run"])

    @Argument(help: "The offer's file, - for stdin.") var file: String
    @Option(help: ArgumentHelp("Units that can be had now.", valueName: "units")) var free: UInt32 = 1
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), offer = try MeshCommand.offer(file), deposit = try await MeshCommand.deposit(offer, client, file)
        return try await send.send(client, [KnowledgeMesh.publish.reference.call(on: .knowledgeMesh, offer, free, value: deposit)]).made("offer")
    }
}

/// An offer's number.
struct ListingArgument: ParsableArguments {
    @Argument(help: "The offer's number.") var number: UInt64
}

struct MeshAmend: ResultCommand {
    static let configuration = CommandConfiguration(
        "amend", "Puts another offer in the place of an earlier one; the deposit follows its length.", examples: ["trellis mesh amend 3 offer.yaml --from north"])

    @OptionGroup var listing: ListingArgument
    @Argument(help: "The offer's file, - for stdin.") var file: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), offer = try MeshCommand.offer(file), before = try await MeshCommand.listing(listing.number, client)
        let due = try await MeshCommand.deposit(offer, client, file).subtracting(before.deposit) ?? .zero
        return try await send.send(client, [KnowledgeMesh.amend.reference.call(on: .knowledgeMesh, listing.number, offer, value: due)])
    }
}

struct MeshSetState: ResultCommand {
    static let configuration = CommandConfiguration(
        "set-state", "Says whether an offer can be had, and how many units of it.",
        examples: ["trellis mesh set-state 3 paused --from north", "trellis mesh set-state 3 open --free 2 --from north"])

    enum State: String, CaseIterable, ExpressibleByArgument { case open, paused }

    @OptionGroup var listing: ListingArgument
    @Argument(help: "open or paused.") var state: State
    @Option(help: ArgumentHelp("Units that can be had now (default: as many as before).", valueName: "units")) var free: UInt32?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), units: UInt32
        if let free { units = free } else { units = try await MeshCommand.listing(listing.number, client).free }
        return try await send.send(
            client, [KnowledgeMesh.setState.reference.call(on: .knowledgeMesh, listing.number, state == .open ? .open : .paused, units)])
    }
}

struct MeshWithdraw: ResultCommand {
    static let configuration = CommandConfiguration(
        "withdraw", "Takes an offer back, and its deposit with it; agreements that came from it go on.", examples: ["trellis mesh withdraw 3 --from north"])

    @OptionGroup var listing: ListingArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [KnowledgeMesh.withdraw.reference.call(on: .knowledgeMesh, listing.number)])
    }
}

struct MeshShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows an offer, or with --file the file that makes it.", examples: ["trellis mesh show 3", "trellis mesh show 3 --file"])

    @OptionGroup var listing: ListingArgument
    @Flag(help: "Write the offer's file instead.") var file = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), found = try await MeshCommand.listing(listing.number, client), network = try await client.networkKind()
        let text = OfferFile.text(found.offer)
        if file {
            return CommandOutput(.fields([("offer", .number(found.number)), ("text", .text(text))]), names: [String(found.number)], view: .text(Terminal.printable(String(text.dropLast()))))
        }
        let answer = try await Question(client, "mesh", "listing", [("listing", .number(found.number))]).answer()
        return CommandOutput(answer.programs, names: [String(found.number)], view: .parts([
            .fields([
                ("offer", "\(found.number)"), ("provider", found.provider.text(on: network)), ("state", "\(found.status.caseName), \(found.free) free"),
                ("deposit", AmountWords.text(found.deposit)), ("updated", "\(TimeWords.text(found.updated)), revision \(found.revision)"),
            ]),
            .text(Terminal.printable(String(text.dropLast()))), .text("next: trellis sla offer \(found.number) --to terms.yaml"),
        ]))
    }
}

struct MeshList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists offers of all kinds, or those of one provider, the newest first.",
        examples: ["trellis mesh list", "trellis mesh list north --before 12", "trellis mesh list --kinds"])

    @Argument(help: "Whose: an address or the name of a key (default: everybody's).") var provider: String?
    @Option(help: "Only those with a smaller number.") var before: UInt64?
    @Flag(help: "List the kinds of which there are offers instead.") var kinds = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if kinds, provider != nil || before != nil { throw ValidationError("--kinds are those of everybody") }
    }

    func result() async throws -> CommandOutput {
        let client = try node.client()
        guard !kinds else { return try await Self.kinds(client) }
        let names = Names(client: client, home: try keys.resolvedHome())
        var owner: Address?
        if let provider { owner = try await names.address(provider) }
        let found = try await client.view(KnowledgeMesh.offers.reference, of: .knowledgeMesh, owner, before)
        if let last = found.last, found.count == Self.pageSize { Console.note("there may be more: --before \(last.number)") }
        let network = try await client.networkKind()
        let items = found.map { offer in
            DynamicValue.fields([
                ("offer", .number(offer.number)), ("name", .text(offer.name.text)), ("kind", .text(offer.kind.text)), ("region", .text(offer.region.text)),
                ("price", .text(offer.price.description)), ("state", .text(offer.status.caseName)), ("free", .number(UInt64(offer.free))),
                ("provider", .text(offer.provider.text(on: network))), ("updated", .text(TimeText(offer.updated).text)),
            ])
        }
        return CommandOutput(.list(items), names: found.map { String($0.number) }, view: .table(
            columns: ["offer", "name", "kind", "region", "TRL an hour", "state", "free", "provider"],
            rows: found.map { offer in
                [
                    "\(offer.number)", Terminal.printable(offer.name.text), offer.kind.text, offer.region.text, offer.price.tokens, offer.status.caseName, "\(offer.free)",
                    offer.provider.text(on: network),
                ]
            }))
    }

    private static func kinds(_ client: Client) async throws -> CommandOutput {
        var all: [Offer.Token] = []
        while all.count < kindsMax {
            let page = try await client.view(KnowledgeMesh.kinds.reference, of: .knowledgeMesh, all.last)
            all += page
            guard page.count == pageSize else { break }
        }
        return CommandOutput(.list(all.map { .text($0.text) }), names: all.map(\.text), view: .text(all.map(\.text).joined(separator: "\n")))
    }

    /// Entries of a page of the contract's lists.
    private static let pageSize = 50
    private static let kindsMax = 5_000
}
