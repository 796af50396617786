public import Execution
public import Ledger
public import Primitives

/// What somebody looks for. Each constraint that is left out lets everything pass.
public struct SearchQuery: Hashable, Record {
    public let kind: Offer.Token
    /// A country lets its parts pass. Empty for anywhere.
    public let regions: Bounded<8, Offer.Region>
    public let provider: Address?
    /// Of a unit and hour, with the options that are asked for.
    public let priceMax: Amount?
    public let options: Bounded<8, Offer.Token>
    /// At least so much in one unit.
    public let resources: Resources
    /// All of it.
    public let hardware: Bounded<8, Offer.Token>
    public let powerMilliwattsMax: UInt32?
    public let attributes: Bounded<8, AttributeTest>
    /// Free units.
    public let units: UInt32
    /// Some template must give something back for availability just below this; parts per million.
    public let availabilityMin: UInt32?
    public let order: SearchOrder

    public init(
        kind: Offer.Token, regions: Bounded<8, Offer.Region> = Bounded(), provider: Address? = nil, priceMax: Amount? = nil,
        options: Bounded<8, Offer.Token> = Bounded(), resources: Resources = Resources(), hardware: Bounded<8, Offer.Token> = Bounded(),
        powerMilliwattsMax: UInt32? = nil, attributes: Bounded<8, AttributeTest> = Bounded(), units: UInt32 = 1,
        availabilityMin: UInt32? = nil, order: SearchOrder = .cheapest
    ) {
        self.kind = kind
        self.regions = regions
        self.provider = provider
        self.priceMax = priceMax
        self.options = options
        self.resources = resources
        self.hardware = hardware
        self.powerMilliwattsMax = powerMilliwattsMax
        self.attributes = attributes
        self.units = units
        self.availabilityMin = availabilityMin
        self.order = order
    }

    public static let fields = Fields(
        Field("kind", "What it is.") { $0.kind }, Field("regions", "Where; a country lets its parts pass. Empty for anywhere.") { $0.regions },
        Field("provider", "Whose; none for anyone's.") { $0.provider },
        Field("priceMax", "Of a unit and hour, with the options that are asked for.") { $0.priceMax },
        Field("options", "What must be among its options.") { $0.options }, Field("resources", "At least so much in one unit.") { $0.resources },
        Field("hardware", "What a unit must have.") { $0.hardware }, Field("powerMilliwattsMax", "What a unit may draw.") { $0.powerMilliwattsMax },
        Field("attributes", "What must hold of its attributes.") { $0.attributes }, Field("units", "How many must be free.") { $0.units },
        Field("availabilityMin", "Parts per million that some template must vouch for.") { $0.availabilityMin },
        Field("order", "What comes first.") { $0.order },
        make: {
            SearchQuery(
                kind: $0, regions: $1, provider: $2, priceMax: $3, options: $4, resources: $5, hardware: $6, powerMilliwattsMax: $7,
                attributes: $8, units: $9, availabilityMin: $10, order: $11)
        })

    /// The price of a unit and hour of `offer` with all options that are asked for; nil when one is not there, or the sum is no amount.
    public func price(of offer: Offer) -> Amount? {
        var total = offer.price
        for wanted in options {
            guard let option = offer.options.first(where: { $0.name == wanted }), let sum = total.adding(option.price) else { return nil }
            total = sum
        }
        return total
    }

    /// Every reason that speaks against a listing, in the order of the constraints; none when it is what is looked for.
    public func mismatches(of listing: Listing) -> [SearchMismatch] {
        let offer = listing.offer
        var found: [SearchMismatch] = []
        if listing.status == .paused { found.append(.paused) }
        if listing.free < units { found.append(.units(listing.free)) }
        if offer.kind != kind { found.append(.kind(offer.kind)) }
        if !regions.isEmpty, !regions.contains(where: { isWithin(offer.region, $0) }) { found.append(.region(offer.region)) }
        if let provider, listing.provider != provider { found.append(.provider(listing.provider)) }
        for wanted in options where !offer.options.contains(where: { $0.name == wanted }) { found.append(.option(wanted)) }
        if let priceMax, let price = price(of: offer), price > priceMax { found.append(.price(price)) }
        if offer.resources.processorMillicores < resources.processorMillicores { found.append(.processor(offer.resources.processorMillicores)) }
        if offer.resources.memoryMebibytes < resources.memoryMebibytes { found.append(.memory(offer.resources.memoryMebibytes)) }
        if offer.resources.storageGibibytes < resources.storageGibibytes { found.append(.storage(offer.resources.storageGibibytes)) }
        if offer.resources.networkMegabits < resources.networkMegabits { found.append(.network(offer.resources.networkMegabits)) }
        for wanted in hardware where !offer.hardware.contains(wanted) { found.append(.hardware(wanted)) }
        if let powerMilliwattsMax, offer.powerMilliwatts ?? .max > powerMilliwattsMax { found.append(.power(offer.powerMilliwatts)) }
        for test in attributes where !test.holds(offer.attributes.first { $0.name == test.name }?.value) { found.append(.attribute(test.name)) }
        if let availabilityMin, !offer.levels.contains(where: { $0.tiers.first?.belowPartsPerMillion ?? 0 >= availabilityMin }) {
            found.append(.availability(offer.levels.compactMap { $0.tiers.first?.belowPartsPerMillion }.max()))
        }
        return found
    }

    /// `DE` is within `DE`, `US-CA` within `US`.
    private func isWithin(_ region: Offer.Region, _ wanted: Offer.Region) -> Bool {
        region == wanted || region.text.utf8.starts(with: wanted.text.utf8 + [UInt8(ascii: "-")])
    }

    /// Whether `first` comes before `second` in a result. A total order: listings that are alike come by number.
    public func precedes(_ first: Listing, _ second: Listing) -> Bool {
        func key(_ listing: Listing) -> (UInt128, UInt128) {
            let price = price(of: listing.offer)?.units ?? .max, power = UInt128(listing.offer.powerMilliwatts ?? .max)
            return switch order {
            case .cheapest: (price, power)
            case .thriftiest: (power, price)
            case .newest: (UInt128(UInt64.max - listing.updated.rawValue), price)
            }
        }
        let (a, b) = (key(first), key(second))
        return a == b ? first.number < second.number : a < b
    }

    /// Steps of comparing it with one listing.
    static let steps: UInt64 = 8 * 16 + 8 * 16 + 8 * 8 + 64
}

/// What comes first in a result.
public enum SearchOrder: Hashable, Choice {
    case cheapest
    /// What draws least power.
    case thriftiest
    case newest

    public static let cases: [Case<SearchOrder>] = [
        Case("cheapest", "The lowest price.", .cheapest), Case("thriftiest", "What draws least power.", .thriftiest),
        Case("newest", "What changed last.", .newest),
    ]
}

/// What must hold of an attribute. An attribute that an offer does not have passes no test.
public struct AttributeTest: Hashable, Record {
    public let name: Offer.Token
    public let test: Test

    public init(name: Offer.Token, test: Test) {
        self.name = name
        self.test = test
    }

    public enum Test: Hashable, Choice {
        case equals(Attribute.Value)
        case atLeast(UInt64)
        case atMost(UInt64)

        public static let cases: [Case<Test>] = [
            Case("equals", "It is this.", Test.equals) { if case .equals(let value) = $0 { value } else { nil } },
            Case("atLeast", "It is a number, this or more.", Test.atLeast) { if case .atLeast(let value) = $0 { value } else { nil } },
            Case("atMost", "It is a number, this or less.", Test.atMost) { if case .atMost(let value) = $0 { value } else { nil } },
        ]
    }

    func holds(_ value: Attribute.Value?) -> Bool {
        switch (test, value) {
        case (.equals(let wanted), let value?): wanted == value
        case (.atLeast(let least), .number(let number)?): number >= least
        case (.atMost(let most), .number(let number)?): number <= most
        default: false
        }
    }

    public static let fields = Fields(
        Field("name", "Which.") { $0.name }, Field("test", "What must hold.") { $0.test }, make: { AttributeTest(name: $0, test: $1) })
}

/// Why a listing is not what somebody looks for, with what it has instead.
public enum SearchMismatch: Hashable, Choice {
    case paused
    case units(UInt32)
    case kind(Offer.Token)
    case region(Offer.Region)
    case provider(Address)
    case option(Offer.Token)
    case price(Amount)
    case processor(UInt64)
    case memory(UInt64)
    case storage(UInt64)
    case network(UInt64)
    case hardware(Offer.Token)
    case power(UInt32?)
    case attribute(Offer.Token)
    case availability(UInt32?)

    public static let cases: [Case<SearchMismatch>] = [
        Case("paused", "The provider has paused it.", .paused),
        Case("units", "Only so many units are free.", SearchMismatch.units) { if case .units(let value) = $0 { value } else { nil } },
        Case("kind", "It is something else.", SearchMismatch.kind) { if case .kind(let value) = $0 { value } else { nil } },
        Case("region", "It is somewhere else.", SearchMismatch.region) { if case .region(let value) = $0 { value } else { nil } },
        Case("provider", "It is somebody else's.", SearchMismatch.provider) { if case .provider(let value) = $0 { value } else { nil } },
        Case("option", "It has no such option.", SearchMismatch.option) { if case .option(let value) = $0 { value } else { nil } },
        Case("price", "It costs so much.", SearchMismatch.price) { if case .price(let value) = $0 { value } else { nil } },
        Case("processor", "It has only so many millicores.", SearchMismatch.processor) { if case .processor(let value) = $0 { value } else { nil } },
        Case("memory", "It has only so much memory.", SearchMismatch.memory) { if case .memory(let value) = $0 { value } else { nil } },
        Case("storage", "It has only so much storage.", SearchMismatch.storage) { if case .storage(let value) = $0 { value } else { nil } },
        Case("network", "It has only so much bandwidth.", SearchMismatch.network) { if case .network(let value) = $0 { value } else { nil } },
        Case("hardware", "It lacks this.", SearchMismatch.hardware) { if case .hardware(let value) = $0 { value } else { nil } },
        Case("power", "It draws so much; none when it does not say.", SearchMismatch.power) { if case .power(let value) = $0 { value } else { nil } },
        Case("attribute", "What is asked of this attribute does not hold.", SearchMismatch.attribute) { if case .attribute(let value) = $0 { value } else { nil } },
        Case("availability", "Its templates vouch for no more than this; none when for nothing.", SearchMismatch.availability) {
            if case .availability(let value) = $0 { value } else { nil }
        },
    ]
}
