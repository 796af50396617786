import Contracts
import Execution
import Ledger
import Monitoring
import Primitives

/// An offer of the knowledge mesh as a file that people write.
///
/// ```yaml
/// name: Small web server
/// kind: web-server
/// region: DE
/// price: 0.02                       # TRL for a unit and hour
/// resources: {processor: 2000, memory: 4096, storage: 40, network: 1000}   # millicores, MiB, GiB, Mbit/s
/// options: {backup: 0.005}
/// hardware: [gpu.h200]
/// power: 45000                      # milliwatts
/// attributes: {green: yes, cores: 2, processor: epyc}
/// levels:
///   - {like: amazon-ec2}
/// documentation: https://north.example/web
/// ```
///
/// Hardware, attributes and options come in any order and are kept sorted. What ``text(_:heading:)`` writes, ``offer(_:)`` reads as the same offer, up to the order of its options.
enum OfferFile {
    static let code = "mesh.offer"

    static func offer(_ text: String) throws(MonitorConfigurationError) -> Offer {
        var file = try ConfigurationReader.file(text, example: "`name:`, `kind:`, `region:` and `price:`")
        let offer = Offer(
            name: try file.requiredBounded("name", example: "Small web server"), kind: try file.requiredBounded("kind", example: "web-server"),
            region: try file.requiredBounded("region", example: "DE"), resources: try resources(&file), price: try file.requiredAmount("price"),
            options: try options(&file), hardware: try hardware(&file),
            powerMilliwatts: try file.number("power", in: 0...UInt64(UInt32.max)).map { UInt32($0) }, attributes: try attributes(&file),
            levels: try file.items("levels", ServiceLevelFile.read), documentation: try file.bounded("documentation", BoundedText<Offer.AddressBound>.self))
        try file.finish()
        return offer
    }

    private static func resources(_ file: inout ConfigurationReader) throws(MonitorConfigurationError) -> Resources {
        guard var map = try file.map("resources") else { return Resources() }
        let resources = Resources(
            processorMillicores: try map.number("processor", in: 0 ... .max) ?? 0, memoryMebibytes: try map.number("memory", in: 0 ... .max) ?? 0,
            storageGibibytes: try map.number("storage", in: 0 ... .max) ?? 0, networkMegabits: try map.number("network", in: 0 ... .max) ?? 0)
        try map.finish()
        return resources
    }

    private static func token(_ name: String, _ reader: ConfigurationReader, _ key: String) throws(MonitorConfigurationError) -> Offer.Token {
        guard let token = Offer.Token(name) else { throw reader.error(key, "has the name `\(Terminal.printable(name))`", "write at most \(Offer.TokenBound.bytesMax) letters, digits, dots and hyphens") }
        return token
    }

    private static func options(_ file: inout ConfigurationReader) throws(MonitorConfigurationError) -> Bounded<16, PricedOption> {
        guard var map = try file.map("options") else { return Bounded() }
        var options: [PricedOption] = []
        for name in map.names { options.append(PricedOption(name: try token(name, file, "options"), price: try map.requiredAmount(name))) }
        guard let bounded = Bounded<16, PricedOption>(options) else { throw file.error("options", "has \(options.count) entries", "write at most 16") }
        return bounded
    }

    private static func hardware(_ file: inout ConfigurationReader) throws(MonitorConfigurationError) -> Bounded<8, Offer.Token> {
        var tokens: [Offer.Token] = []
        for text in try file.texts("hardware", max: 8) { tokens.append(try token(text, file, "hardware")) }
        guard Set(tokens).count == tokens.count else { throw file.error("hardware", "names something twice", "remove one of the two") }
        return Bounded(tokens.sorted()) ?? Bounded()
    }

    /// `yes` and `no` are flags, digits numbers, anything else words; in quotes everything is a word.
    private static func attributes(_ file: inout ConfigurationReader) throws(MonitorConfigurationError) -> Bounded<16, Attribute> {
        guard var map = try file.map("attributes") else { return Bounded() }
        var attributes: [Attribute] = []
        for name in map.names {
            let text = try map.text(name, example: "word"), isWord = map.isQuoted(name)
            let value: Attribute.Value
            if !isWord, let number = UInt64(text) {
                value = .number(number)
            } else if !isWord, let flag = flags[text] {
                value = .flag(flag)
            } else {
                value = .word(try map.requiredBounded(name, example: "word"))
            }
            attributes.append(Attribute(name: try token(name, file, "attributes"), value: value))
        }
        guard let bounded = Bounded<16, Attribute>(attributes.sorted { $0.name < $1.name }) else { throw file.error("attributes", "has \(attributes.count) entries", "write at most 16") }
        return bounded
    }

    private static let flags = ["yes": true, "true": true, "no": false, "false": false]

    // ── Writing ──

    static func text(_ offer: Offer, heading: [String] = []) -> String { heading.map { "# \($0)\n" }.joined() + YAMLWriter.text(value(offer), isLoose: true) }

    private static func value(_ offer: Offer) -> DynamicValue {
        let resources = offer.resources
        return .fields([
            ("name", .text(offer.name.text)), ("kind", .text(offer.kind.text)), ("region", .text(offer.region.text)), ("price", .text(AmountWords.text(offer.price))),
            ("resources", resources == Resources() ? nil : .fields([
                ("processor", .number(resources.processorMillicores)), ("memory", .number(resources.memoryMebibytes)),
                ("storage", .number(resources.storageGibibytes)), ("network", .number(resources.networkMegabits)),
            ])),
            ("options", offer.options.isEmpty ? nil : .fields(offer.options.map { ($0.name.text, .text(AmountWords.text($0.price))) })),
            ("hardware", offer.hardware.isEmpty ? nil : .list(offer.hardware.map { .text($0.text) })),
            ("power", offer.powerMilliwatts.map { .number(UInt64($0)) }),
            ("attributes", offer.attributes.isEmpty ? nil : .fields(offer.attributes.map { ($0.name.text, value($0.value)) })),
            ("levels", offer.levels.isEmpty ? nil : .list(offer.levels.map(ServiceLevelFile.value))),
            ("documentation", offer.documentation.map { .text($0.text) }),
        ])
    }

    private static func value(_ value: Attribute.Value) -> DynamicValue {
        switch value {
        case .flag(let flag): .bool(flag)
        case .number(let number): .number(number)
        case .word(let word): .text(word.text)
        }
    }
}
