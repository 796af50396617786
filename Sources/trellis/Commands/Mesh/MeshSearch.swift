import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

struct MeshSearch: ResultCommand {
    static let configuration = CommandConfiguration(
        "search", "Finds offers of a kind that fit, the best first; with --why it says every reason against each of the others.",
        discussion: "A country finds its parts as well: US finds US-CA. An attribute is asked for as name=value, name>=number or name<=number.",
        examples: [
            "trellis mesh search web-server", "trellis mesh search virtual-machine --region DE --region FR --processor 2000 --memory 4096 --price-max 0.05 --why",
            "trellis mesh search virtual-machine --hardware gpu.h200 --attribute green=yes --availability 99.99% --order thriftiest",
        ])

    enum Order: String, CaseIterable, ExpressibleByArgument { case cheapest, thriftiest, newest }

    @Argument(help: "What is looked for, such as virtual-machine.") var kind: Offer.Token
    @Option(help: "Where; may be repeated.") var region: [Offer.Region] = []
    @Option(help: "Whose: an address or the name of a key.") var provider: String?
    @Option(help: ArgumentHelp("TRL for a unit and hour, at most, with the options.", valueName: "amount")) var priceMax: TokenAmount?
    @Option(help: "An option that it must have; may be repeated.") var option: [Offer.Token] = []
    @Option(help: ArgumentHelp("At least.", valueName: "millicores")) var processor: UInt64 = 0
    @Option(help: ArgumentHelp("At least.", valueName: "MiB")) var memory: UInt64 = 0
    @Option(help: ArgumentHelp("At least.", valueName: "GiB")) var storage: UInt64 = 0
    @Option(help: ArgumentHelp("At least.", valueName: "Mbit/s")) var network: UInt64 = 0
    @Option(help: "Hardware that a unit must have; may be repeated.") var hardware: [Offer.Token] = []
    @Option(help: ArgumentHelp("What a unit may draw.", valueName: "milliwatts")) var powerMax: UInt32?
    @Option(help: ArgumentHelp("What must hold of an attribute; may be repeated.", valueName: "name=value")) var attribute: [AttributeArgument] = []
    @Option(help: ArgumentHelp("Units that must be free.", valueName: "number")) var units: UInt32 = 1
    @Option(help: ArgumentHelp("What some of its service levels must vouch for.", valueName: "percentage")) var availability: ShareArgument?
    @Option(help: "What comes first.") var order: Order = .cheapest
    @Flag(help: "List the offers that do not fit, too, each with all reasons.") var why = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    /// Listings that one search looks at.
    private static let listingsMax = 5_000

    func result() async throws -> CommandOutput {
        let client = try node.client(), kind = try await client.networkKind()
        let query = try await query(client)
        var hits: [Listing] = [], misses: [KnowledgeMesh.SearchMiss] = [], next: UInt64?, pages = 0
        repeat {
            let page = try await client.view(KnowledgeMesh.search.reference, of: .knowledgeMesh, query, next, KnowledgeMesh.searchMax)
            for hit in page.hits {
                if let listing = try await client.view(KnowledgeMesh.listing.reference, of: .knowledgeMesh, hit.listing) { hits.append(listing) }
            }
            misses += page.misses
            next = page.next
            pages += 1
        } while next != nil && hits.count + misses.count < Self.listingsMax
        if next != nil { Console.warn("only the first \(hits.count + misses.count) offers of this kind were looked at") }
        // Pages are sorted each by itself.
        hits.sort { query.precedes($0, $1) }
        let table = TextView.table(columns: ["offer", "name", "region", "TRL an hour", "free", "provider"], rows: hits.map { listing in
            [
                "\(listing.number)", Terminal.printable(listing.offer.name.text), listing.offer.region.text, (query.price(of: listing.offer) ?? listing.offer.price).tokens,
                "\(listing.free)", listing.provider.text(on: kind),
            ]
        })
        let people = why && !misses.isEmpty
            ? TextView.parts([table, .table(columns: ["offer", "left out because"], rows: misses.map { miss in
                ["\(miss.listing)", miss.reasons.map { Self.reason($0, kind) }.joined(separator: "; ")]
            })]) : table
        if hits.isEmpty, !why { Console.note(misses.isEmpty ? "nobody offers this kind" : "nothing fits; --why tells what speaks against \(misses.count) offers") }
        return CommandOutput(
            .fields([("hits", .list(hits.map { value($0, query, kind) })), ("misses", .list(misses.map { miss in
                .fields([("offer", .number(miss.listing)), ("reasons", .list(miss.reasons.map { .text(Self.reason($0, kind)) }))])
            }))]), names: hits.map { String($0.number) }, view: people)
    }

    private func value(_ listing: Listing, _ query: SearchQuery, _ network: NetworkKind) -> DynamicValue {
        .fields([
            ("offer", .number(listing.number)), ("name", .text(listing.offer.name.text)), ("region", .text(listing.offer.region.text)),
            ("price", .text((query.price(of: listing.offer) ?? listing.offer.price).description)), ("free", .number(UInt64(listing.free))),
            ("provider", .text(listing.provider.text(on: network))), ("power", listing.offer.powerMilliwatts.map { .number(UInt64($0)) }),
            ("revision", .number(UInt64(listing.revision))), ("updated", .text(TimeText(listing.updated).text)),
        ])
    }

    private func query(_ client: Client) async throws -> SearchQuery {
        guard let regions = Bounded<8, Offer.Region>(region), let options = Bounded<8, Offer.Token>(option), let hardware = Bounded<8, Offer.Token>(hardware),
              let attributes = Bounded<8, AttributeTest>(attribute.map(\.test)) else {
            throw CommandFailure.usage("mesh.search", "regions, options, hardware and attributes can be given eight times each")
        }
        let names = Names(client: client, home: try keys.resolvedHome())
        var owner: Address?
        if let provider { owner = try await names.address(provider) }
        return SearchQuery(
            kind: kind, regions: regions, provider: owner, priceMax: priceMax?.amount, options: options,
            resources: Resources(processorMillicores: processor, memoryMebibytes: memory, storageGibibytes: storage, networkMegabits: network), hardware: hardware,
            powerMilliwattsMax: powerMax, attributes: attributes, units: units, availabilityMin: availability?.partsPerMillion,
            order: order == .cheapest ? .cheapest : order == .thriftiest ? .thriftiest : .newest)
    }

    /// One reason as a clause.
    static func reason(_ mismatch: SearchMismatch, _ network: NetworkKind) -> String {
        let text = switch mismatch {
        case .paused: "the provider has paused it"
        case .units(let free): "only \(free) units are free"
        case .kind(let kind): "it is a \(kind)"
        case .region(let region): "it is in \(region)"
        case .provider(let provider): "it is offered by \(provider.text(on: network))"
        case .option(let name): "it has no option \(name)"
        case .price(let price): "it costs \(AmountWords.text(price))"
        case .processor(let value): "it has \(value) millicores"
        case .memory(let value): "it has \(value) MiB of memory"
        case .storage(let value): "it has \(value) GiB of storage"
        case .network(let value): "it has \(value) Mbit/s"
        case .hardware(let name): "it lacks \(name)"
        case .power(let value): value.map { "it draws \($0) mW" } ?? "it does not say what it draws"
        case .attribute(let name): "\(name) is not as asked for"
        case .availability(let value): value.map { "it vouches for \(ShareText.text($0))" } ?? "it vouches for no availability"
        }
        return Terminal.printable(text)
    }
}

/// `name=value`, `name>=number` or `name<=number` on the command line.
struct AttributeArgument: ExpressibleByArgument {
    let test: AttributeTest

    init?(argument: String) {
        func name(_ end: String.Index) -> Offer.Token? { Offer.Token(String(argument[..<end])) }
        for (sign, make) in [(">=", AttributeTest.Test.atLeast), ("<=", AttributeTest.Test.atMost)] {
            guard let range = argument.firstRange(of: sign) else { continue }
            guard let name = name(range.lowerBound), let number = UInt64(argument[range.upperBound...]) else { return nil }
            test = AttributeTest(name: name, test: make(number))
            return
        }
        guard let equals = argument.firstIndex(of: "="), let name = name(equals) else { return nil }
        let text = String(argument[argument.index(after: equals)...]), value: Attribute.Value
        if let number = UInt64(text) {
            value = .number(number)
        } else if let flag = ["yes": true, "no": false][text] {
            value = .flag(flag)
        } else {
            guard let word = Offer.Token(text) else { return nil }
            value = .word(word)
        }
        test = AttributeTest(name: name, test: .equals(value))
    }
}

/// A percentage on the command line.
struct ShareArgument: ExpressibleByArgument {
    let partsPerMillion: UInt32

    init?(argument: String) {
        guard let share = ShareText.partsPerMillion(argument) else { return nil }
        partsPerMillion = share
    }
}
