import ArgumentParser
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Node
import Primitives

/// Documents from which networks begin.
struct GenesisCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "genesis", "Makes and shows genesis documents.",
        discussion: """
            Several founders agree on a preset and a time; each makes an entry with trellis genesis founder and sends it to one of them, \
            who makes the document. The identifier of the document is the identifier of the chain: everybody compares it.
            """,
        examples: ["trellis genesis id genesis.bcs"],
        subcommands: [GenesisNew.self, GenesisFounder.self, GenesisShow.self, GenesisID.self])
}

struct GenesisFounder: ResultCommand {
    static let configuration = CommandConfiguration(
        "founder", "Makes the entry of this home's node for a genesis document.",
        discussion: "The entry proves, for this preset and time, that the home holds the keys. It holds no secret.",
        examples: ["trellis genesis founder --preset devnet --time 2026-12-01T12:00:00.000Z --to founder.json"])

    @Option(help: "The preset's name or file.") var preset: String
    @Option(help: "The time of the genesis block.") var time: TimeArgument
    @Option(help: "Where to write the entry; to stdout when left out.") var to: String?
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let preset = try PresetFile.read(preset)
        let passphrase = try keys.passphrase(for: "the keys of the home"), home = try keys.resolvedHome()
        func key(_ role: KeyRole) throws -> RoleKey { try KeyFile.read("\(home.keys)/\(role).json").open(passphrase) }
        let account = try KeyFile.read("\(home.keys)/account.json")
        guard let address = account.address, let consensus = try key(.validator).signingKey, let vrf = try key(.vrf).vrfKey else {
            throw CommandFailure(code: "key.role", what: "the keys of \(home.path) are not of the roles that their names say", next: "trellis key list")
        }
        let entry = FounderFile.value(
            Founding.entry(preset, time: time.value, account: address, consensus: consensus, vrf: vrf), charter: preset.charter(time: time.value).id,
            network: preset.network)
        if let to { try Files.write(Array((PrettyJSON.text(entry) + "\n").utf8), to: to) }
        return CommandOutput(entry, names: [to ?? address.text(on: preset.network)])
    }
}

/// A founder's entry as a file.
enum FounderFile {
    static func value(_ founder: GenesisValidator, charter: ChainID, network: NetworkKind) -> DynamicValue {
        .fields([
            ("charter", .text("0x" + charter.hex)), ("account", .text(founder.account.text(on: network))),
            ("consensusKey", .text("0x" + founder.validator.consensusKey.hex)), ("vrfKey", .text("0x" + founder.validator.vrfKey.hex)),
            ("weight", .text(String(founder.validator.weight))), ("consensusPossession", .text("0x" + founder.consensusPossession.hex)),
            ("vrfPossession", .text("0x" + founder.vrfPossession.hex)),
        ])
    }

    static func read(_ path: String, charter: ChainID, network: NetworkKind) throws -> GenesisValidator {
        let value = try Files.json(path)
        func malformed(_ field: String) -> CommandFailure {
            CommandFailure(code: "genesis.founder-malformed", what: "\(path) is not a founder's entry", why: "\(field) is missing or not what it must be",
                           next: "Let the founder make it again: trellis genesis founder --help")
        }
        func text(_ field: String) throws -> String {
            guard case .text(let text)? = value[field] else { throw malformed(field) }
            return text
        }
        func fixed<Value: FixedBytes>(_ field: String, _: Value.Type) throws -> Value {
            guard let value = Value(hex: try text(field)) else { throw malformed(field) }
            return value
        }
        guard let account = try? Address(text: try text("account"), on: network) else { throw malformed("account") }
        guard let weight = UInt64(try text("weight")) else { throw malformed("weight") }
        guard try fixed("charter", ChainID.self) == charter else {
            throw CommandFailure(
                code: "genesis.founder-charter", what: "\(path) was made for another preset or another time",
                why: "its charter is \(try text("charter")), this one is 0x\(charter.hex)", next: "Agree on both, and let the founder make it again.")
        }
        return GenesisValidator(
            account: account,
            validator: Validator(consensusKey: try fixed("consensusKey", PublicKey.self), vrfKey: try fixed("vrfKey", VRFPublicKey.self), weight: weight),
            consensusPossession: try fixed("consensusPossession", Signature.self), vrfPossession: try fixed("vrfPossession", VRFProof.self))
    }
}

struct GenesisNew: ResultCommand {
    static let configuration = CommandConfiguration(
        "new", "Makes a genesis document from a preset, founders and addresses.",
        examples: [
            "trellis genesis new --preset single --time 2026-12-01T12:00:00.000Z --founder founder.json --account faucet=\(Address().text(on: .development)) --to genesis.bcs",
        ])

    @Option(help: "The preset's name or file.") var preset: String
    @Option(help: "The time of the genesis block, the same for all founders.") var time: TimeArgument
    @Option(help: "The file of a founder's entry; repeated for each, in the order of their places.") var founder: [String]
    @Option(help: ArgumentHelp("Whose an account of the preset is; repeated for each.", valueName: "name=address")) var account: [String] = []
    @Option(help: "Where to write the document.") var to: String = "genesis.bcs"
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let preset = try PresetFile.read(preset), charter = preset.charter(time: time.value).id
        let founders = try founder.map { try FounderFile.read($0, charter: charter, network: preset.network) }
        var accounts: [String: Address] = [:]
        for text in account {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let address = try? Address(text: parts[1], on: preset.network) else {
                throw CommandFailure.usage("genesis.account-malformed", "\(text) is not name=address of this network")
            }
            guard preset.allocations[parts[0]] != nil else {
                throw CommandFailure.usage(
                    "genesis.account-unknown", "the preset has no account \(parts[0])", next: "It has \(preset.allocations.keys.sorted().joined(separator: ", ")).")
            }
            accounts[parts[0]] = address
        }
        let genesis = try preset.genesis(time: time.value, founders: founders, accounts: accounts, contracts: Catalogue.definitions)
        try Files.write(genesis.bcs, to: to)
        return .fields([("path", .text(to)), ("chainID", .text("0x" + genesis.chainID.hex)), ("stateRoot", .text("0x" + genesis.stateRoot.hex))],
                       name: "0x" + genesis.chainID.hex)
    }
}

struct GenesisShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows what a genesis document says, and checks its first state.", examples: ["trellis genesis show genesis.bcs", "trellis genesis show -o json"])

    @OptionGroup var file: GenesisFileOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (genesis, path) = try file.read()
        try GenesisFile.check(genesis, path: path)
        let charter = genesis.charter
        let founders = genesis.validators.map { founder in
            DynamicValue.fields([
                ("account", .text(founder.account.text(on: charter.network))), ("weight", .text(String(founder.validator.weight))),
                ("consensusKey", .text("0x" + founder.validator.consensusKey.hex)), ("vrfKey", .text("0x" + founder.validator.vrfKey.hex)),
            ])
        }
        let allocations = genesis.allocations.map { entry in
            DynamicValue.fields([("account", .text(entry.account.text(on: charter.network))), ("balance", .text(entry.balance.description))])
        }
        let parameters = NetworkParameters.fields.map { field in
            DynamicValue.Member(field.name.description, .text(String(field.get(charter.parameters))))
        }
        let head: [(String, DynamicValue?)] = [
            ("chainID", .text("0x" + genesis.chainID.hex)), ("chain", .text(charter.chainName.text)),
            ("network", .text(charter.network == .main ? "main" : "development")), ("time", .text(TimeText(charter.time).text)),
            ("protocolVersion", .number(UInt64(charter.protocolVersion))), ("stateRoot", .text("0x" + genesis.stateRoot.hex)),
        ]
        let data = DynamicValue.fields(head + [("founders", .list(founders)), ("allocations", .list(allocations)), ("parameters", .object(parameters))])
        let view = TextView.parts([
            TextView(.fields(head)), .table(columns: ["founder", "weight"], rows: founders.map { [$0["account"]?.plain ?? "", $0["weight"]?.plain ?? ""] }),
            .table(columns: ["account", "TRL"], rows: genesis.allocations.map { [$0.account.text(on: charter.network), $0.balance.tokens] }),
            .table(columns: ["parameter", "value"], rows: parameters.map { [$0.name, $0.value.plain] }),
        ])
        return CommandOutput(data, names: ["0x" + genesis.chainID.hex], view: view)
    }
}

struct GenesisID: ResultCommand {
    static let configuration = CommandConfiguration(
        "id", "Shows the identifier of a genesis document, which is that of its chain.", examples: ["trellis genesis id genesis.bcs -o name"])

    @OptionGroup var file: GenesisFileOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (genesis, path) = try file.read()
        return .fields([("chainID", .text("0x" + genesis.chainID.hex)), ("path", .text(path))], name: "0x" + genesis.chainID.hex)
    }
}

/// A genesis document that is named, or the home's.
struct GenesisFileOptions: ParsableArguments {
    @Argument(help: "The document (default: the home's).") var path: String?
    @Option(help: ArgumentHelp("The home.", valueName: "directory")) var home: String?

    func read() throws -> (Genesis, path: String) {
        let path = try path ?? Home(path: ProfileSettings.resolve(nil).value(.home, flag: home)).genesis
        return (try GenesisFile.read(path), path)
    }
}

/// A time on the command line: RFC 3339 in UTC, or milliseconds since 1970.
struct TimeArgument: ExpressibleByArgument {
    let value: Timestamp

    init?(argument: String) {
        if let time = TimeText(text: argument) ?? TimeText(text: argument.replacing("Z", with: ".000Z")) {
            value = time.value
        } else if let milliseconds = UInt64(argument) {
            value = Timestamp(milliseconds)
        } else {
            return nil
        }
    }
}
