import Contracts
import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// Offers of providers, and search among them: views of the contract `mesh` under names of their own.
enum OfferRoutes {
    static let group = "Offers"
    private static let refusals: [ProblemCode] = [
        .requestPath, .offerUnknown, .contractUnknown, .heightUnknown, .heightPruned, .stateOutOfReach, .proofUnavailable, .proofTooLarge, .nodeBusy,
    ]

    private static func text(_ name: String, _ meaning: String) -> QueryKey { QueryKey(name, meaning, .text(format: nil, pattern: nil, "")) }
    private static func number(_ name: String, _ meaning: String) -> QueryKey { QueryKey(name, meaning, .integer) }

    private static let provider = text("provider", "Only offers of this address.")
    private static let before = number("before", "Only offers with a smaller number; not of a search.")
    private static let kind = text("kind", "What is looked for, such as virtual-machine; then this is a search, and the other keys say what must hold.")
    private static let regions = text("regions", "Countries or parts of them, separated by commas; a country lets its parts pass.")
    private static let priceMax = text("priceMax", "Base units for a unit and hour, with the options.")
    private static let options = text("options", "Options that must be there, separated by commas.")
    private static let processor = number("processorMillicores", "At least so many thousandths of a core in a unit.")
    private static let memory = number("memoryMebibytes", "At least so much memory in a unit.")
    private static let storage = number("storageGibibytes", "At least so much storage in a unit.")
    private static let network = number("networkMegabits", "At least so much bandwidth of a unit.")
    private static let hardware = text("hardware", "Special hardware that a unit must have, separated by commas.")
    private static let power = number("powerMilliwattsMax", "What a unit may draw.")
    private static let attributes = text("attributes", "What must hold of attributes, separated by commas: NAME=VALUE, NAME>=NUMBER or NAME<=NUMBER; a value is a number, yes, no or a word.")
    private static let units = number("units", "Units that must be free; 1 when absent.")
    private static let availability = number("availabilityMin", "Parts per million that some template must vouch for.")
    private static let order = QueryKey("order", "What comes first; the cheapest when absent.", .words(["cheapest", "thriftiest", "newest"]))
    private static let from = number("from", "The number of the first offer to look at: `next` of the part before.")
    private static let limit = number("limit", "Offers of the kind to look at, from 1 to 100; 100 when absent.")
    private static let fromKind = text("from", "Only kinds behind this one.")

    private static let constraints = [
        regions, priceMax, options, processor, memory, storage, network, hardware, power, attributes, units, availability, order, from, limit,
    ]

    static let all: [Route] = [
        Route(
            "GET /v1/offers", group, "Offers, the newest first, at most 50; with a kind, what fits of it, and why each of the others does not",
            keys: [kind, provider, before] + constraints + [.height, .proof], answers: .resource(AnswerResource<DynamicValue>.self),
            refuses: refusals, cost: 5, handler: list),
        Route(
            "GET /v1/offers/kinds", group, "The kinds of which there are offers, shorter names first, at most 50", keys: [fromKind, .height, .proof],
            answers: .resource(AnswerResource<DynamicValue>.self), refuses: refusals, cost: 5
        ) { exchange in
            try await exchange.answer(of: .knowledgeMesh, unknown: .offerUnknown, KnowledgeMesh.kinds.reference, try exchange.query.token(fromKind))
        },
        Route(
            "GET /v1/offers/{offer}", group, "An offer", keys: [.height, .proof], answers: .resource(AnswerResource<DynamicValue>.self),
            refuses: refusals, cost: 5
        ) { exchange in
            try await exchange.answer(of: .knowledgeMesh, unknown: .offerUnknown, KnowledgeMesh.listing.reference, try exchange.number("offer"))
        },
    ]

    @Sendable private static func list(_ exchange: Exchange) async throws -> Reply {
        let query = exchange.query
        guard let kind = try query.token(kind) else {
            // A constraint that nobody looks at would otherwise go unseen.
            if let key = constraints.first(where: { query.text($0) != nil }) { throw Problem(.requestQuery, "Only a search takes it: name a kind.", at: key.name) }
            return try await exchange.answer(
                of: .knowledgeMesh, unknown: .offerUnknown, KnowledgeMesh.offers.reference, try exchange.address(provider), try query.number(before))
        }
        guard query.text(before) == nil else { throw Problem(.requestQuery, "A search goes on with from.", at: before.name) }
        let wanted = SearchQuery(
            kind: kind, regions: try query.words(regions), provider: try exchange.address(provider), priceMax: try query.amount(priceMax),
            options: try query.words(options),
            resources: Resources(
                processorMillicores: try query.number(processor) ?? 0, memoryMebibytes: try query.number(memory) ?? 0,
                storageGibibytes: try query.number(storage) ?? 0, networkMegabits: try query.number(network) ?? 0),
            hardware: try query.words(hardware), powerMilliwattsMax: try query.small(power), attributes: try tests(query),
            units: try query.small(units) ?? 1, availabilityMin: try query.small(availability), order: try first(query))
        return try await exchange.answer(
            of: .knowledgeMesh, unknown: .offerUnknown, KnowledgeMesh.search.reference, wanted, try query.number(from),
            UInt16(try query.number(limit, 1...UInt64(KnowledgeMesh.searchMax)) ?? UInt64(KnowledgeMesh.searchMax)))
    }

    private static func first(_ query: Query) throws -> SearchOrder {
        switch query.text(order) {
        case nil, "cheapest": return .cheapest
        case "thriftiest": return .thriftiest
        case "newest": return .newest
        default: throw Problem(.requestQuery, "Must be cheapest, thriftiest or newest.", at: order.name)
        }
    }

    private static func tests(_ query: Query) throws -> Bounded<8, AttributeTest> {
        let expectation = Problem(.requestQuery, "Must be NAME=VALUE, NAME>=NUMBER or NAME<=NUMBER, at most eight separated by commas.", at: attributes.name)
        let tests = try query.list(attributes, max: 8).map { text in
            guard let equals = text.firstIndex(of: "=") else { throw expectation }
            let value = String(text[text.index(after: equals)...]), number = UInt64(value), sign = text[..<equals].last
            let isBound = sign == ">" || sign == "<"
            guard let name = Offer.Token(String(isBound ? text[..<equals].dropLast() : text[..<equals])), !name.text.isEmpty else { throw expectation }
            if isBound {
                guard let number else { throw expectation }
                return AttributeTest(name: name, test: sign == ">" ? .atLeast(number) : .atMost(number))
            }
            if let number { return AttributeTest(name: name, test: .equals(.number(number))) }
            if let flag = ["yes": true, "no": false][value] { return AttributeTest(name: name, test: .equals(.flag(flag))) }
            guard let word = Offer.Token(value), !value.isEmpty else { throw expectation }
            return AttributeTest(name: name, test: .equals(.word(word)))
        }
        guard let bounded = Bounded<8, AttributeTest>(tests) else { throw expectation }
        return bounded
    }
}

extension Query {
    fileprivate func token(_ key: QueryKey) throws -> Offer.Token? {
        try text(key).map { text in
            guard let token = Offer.Token(text), !text.isEmpty else { throw Problem(.requestQuery, "Must be a name of 1 to 32 bytes.", at: key.name) }
            return token
        }
    }

    fileprivate func words<Bound>(_ key: QueryKey) throws -> Bounded<8, BoundedText<Bound>> {
        let words = try list(key, max: 8).map { text in
            guard let word = BoundedText<Bound>(text) else { throw Problem(.requestQuery, "A name of it is longer than \(Bound.bytesMax) bytes.", at: key.name) }
            return word
        }
        guard let bounded = Bounded<8, BoundedText<Bound>>(words) else { throw Problem(.requestQuery, "At most eight, separated by commas.", at: key.name) }
        return bounded
    }

    fileprivate func amount(_ key: QueryKey) throws -> Amount? {
        try text(key).map { text in
            guard let amount = AmountText(text: text)?.value else { throw Problem(.requestQuery, "Must be \(AmountText.expectation).", at: key.name) }
            return amount
        }
    }
}

extension Exchange {
    /// An address of this network among the query's keys.
    func address(_ key: QueryKey) throws -> Address? {
        try query.text(key).map { text in
            do { return try Address(text: text, on: network) } catch {
                throw Problem(.requestQuery, "Must be an address of this network, \(network.addressPrefix)1…: \(error)", at: key.name)
            }
        }
    }
}
