public import Execution
public import Ledger
public import Primitives

/// What a provider offers: one unit of a service, as often as there are free units.
public struct Offer: Hashable, Record {
    public enum TokenBound: TextBound { public static var bytesMax: Int { 32 } }
    public enum RegionBound: TextBound { public static var bytesMax: Int { 16 } }
    public enum NameBound: TextBound { public static var bytesMax: Int { 64 } }
    public enum AddressBound: TextBound { public static var bytesMax: Int { 256 } }
    public typealias Token = BoundedText<TokenBound>
    public typealias Region = BoundedText<RegionBound>

    /// For people.
    public let name: BoundedText<NameBound>
    /// What it is: a token such as `virtual-machine`, `function-package` or `dataset`. Searches are within a kind.
    public let kind: Token
    /// A country or a part of one, as `DE` or `US-CA`.
    public let region: Region
    /// What one unit has.
    public let resources: Resources
    /// Base units for a unit and hour.
    public let price: Amount
    /// What can be had besides.
    public let options: Bounded<16, PricedOption>
    /// Special hardware of a unit: tokens such as `gpu.h200` or `tee.sev-snp`, strictly ascending.
    public let hardware: Bounded<8, Token>
    /// What a unit draws.
    public let powerMilliwatts: UInt32?
    /// Whatever else is worth knowing, by names in strictly ascending order.
    public let attributes: Bounded<16, Attribute>
    /// What it promises: templates for agreements.
    public let levels: Bounded<4, ServiceLevel>
    /// Where more is written, a Uniform Resource Identifier.
    public let documentation: BoundedText<AddressBound>?

    public init(
        name: BoundedText<NameBound>, kind: Token, region: Region, resources: Resources = Resources(), price: Amount,
        options: Bounded<16, PricedOption> = Bounded(), hardware: Bounded<8, Token> = Bounded(), powerMilliwatts: UInt32? = nil,
        attributes: Bounded<16, Attribute> = Bounded(), levels: Bounded<4, ServiceLevel> = Bounded(),
        documentation: BoundedText<AddressBound>? = nil
    ) {
        self.name = name
        self.kind = kind
        self.region = region
        self.resources = resources
        self.price = price
        self.options = options
        self.hardware = hardware
        self.powerMilliwatts = powerMilliwatts
        self.attributes = attributes
        self.levels = levels
        self.documentation = documentation
    }

    public static let fields = Fields(
        Field("name", "For people.") { $0.name }, Field("kind", "What it is: a token.") { $0.kind },
        Field("region", "A country or a part of one.") { $0.region }, Field("resources", "What one unit has.") { $0.resources },
        Field("price", "Base units for a unit and hour.") { $0.price }, Field("options", "What can be had besides.") { $0.options },
        Field("hardware", "Special hardware of a unit: tokens, strictly ascending.") { $0.hardware },
        Field("powerMilliwatts", "What a unit draws.") { $0.powerMilliwatts },
        Field("attributes", "Whatever else is worth knowing, by names in strictly ascending order.") { $0.attributes },
        Field("levels", "What it promises.") { $0.levels }, Field("documentation", "Where more is written.") { $0.documentation },
        make: {
            Offer(
                name: $0, kind: $1, region: $2, resources: $3, price: $4, options: $5, hardware: $6, powerMilliwatts: $7, attributes: $8,
                levels: $9, documentation: $10)
        })

    /// What is wrong with it; nil when it can be published.
    public var fault: StaticString? {
        guard TextRule.isReadable(name.text), TextRule.isToken(kind.text) else { return "name or kind cannot be read, or is empty" }
        guard TextRule.isRegion(region.text) else { return "the region is none of ISO 3166" }
        guard price < .supplyMax, options.allSatisfy({ TextRule.isToken($0.name.text) && $0.price < .supplyMax }) else {
            return "a price is out of bounds, or an option has no name"
        }
        guard hardware.allSatisfy({ TextRule.isToken($0.text) }), zip(hardware, hardware.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return "hardware is named by tokens in strictly ascending order"
        }
        guard attributes.allSatisfy({ TextRule.isToken($0.name.text) && $0.value.isValid }),
              zip(attributes, attributes.dropFirst()).allSatisfy({ $0.name < $1.name }) else {
            return "attributes are named by tokens in strictly ascending order"
        }
        // In an offer the only provider is the one who offers.
        for level in levels { if let fault = level.fault(providers: 1) { return fault } }
        if let documentation, !TextRule.isURI(documentation.text) { return "the documentation is no address with a scheme" }
        return nil
    }

    /// Steps that ``fault`` takes at most, for an offer of so many bytes.
    static func checkSteps(bytes: Int) -> UInt64 { UInt64(bytes) + 4 * ServiceLevel.checkSteps }
}

/// Quantities of one unit.
public struct Resources: Hashable, Record {
    public let processorMillicores: UInt64
    public let memoryMebibytes: UInt64
    public let storageGibibytes: UInt64
    public let networkMegabits: UInt64

    public init(processorMillicores: UInt64 = 0, memoryMebibytes: UInt64 = 0, storageGibibytes: UInt64 = 0, networkMegabits: UInt64 = 0) {
        self.processorMillicores = processorMillicores
        self.memoryMebibytes = memoryMebibytes
        self.storageGibibytes = storageGibibytes
        self.networkMegabits = networkMegabits
    }

    public static let fields = Fields(
        Field("processorMillicores", "Thousandths of a core.") { $0.processorMillicores }, Field("memoryMebibytes", "Memory.") { $0.memoryMebibytes },
        Field("storageGibibytes", "Storage.") { $0.storageGibibytes }, Field("networkMegabits", "Bandwidth, each second.") { $0.networkMegabits },
        make: { Resources(processorMillicores: $0, memoryMebibytes: $1, storageGibibytes: $2, networkMegabits: $3) })
}

/// Something that can be had with a unit.
public struct PricedOption: Hashable, Record {
    public let name: Offer.Token
    /// Base units for a unit and hour, beside the price.
    public let price: Amount

    public init(name: Offer.Token, price: Amount) {
        self.name = name
        self.price = price
    }

    public static let fields = Fields(
        Field("name", "A token.") { $0.name }, Field("price", "Base units for a unit and hour, beside the price.") { $0.price },
        make: { PricedOption(name: $0, price: $1) })
}

/// A named property of an offer.
public struct Attribute: Hashable, Record {
    public let name: Offer.Token
    public let value: Value

    public init(name: Offer.Token, value: Value) {
        self.name = name
        self.value = value
    }

    public enum Value: Hashable, Choice {
        case flag(Bool)
        case number(UInt64)
        /// A token.
        case word(Offer.Token)

        public static let cases: [Case<Value>] = [
            Case("flag", "Yes or no.", Value.flag) { if case .flag(let value) = $0 { value } else { nil } },
            Case("number", "A quantity.", Value.number) { if case .number(let value) = $0 { value } else { nil } },
            Case("word", "A token.", Value.word) { if case .word(let value) = $0 { value } else { nil } },
        ]

        var isValid: Bool { if case .word(let word) = self { TextRule.isToken(word.text) } else { true } }
    }

    public static let fields = Fields(
        Field("name", "A token.") { $0.name }, Field("value", "What it is.") { $0.value }, make: { Attribute(name: $0, value: $1) })
}
