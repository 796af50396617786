import ArgumentParser
import Contracts
import Cryptography
import Execution
import Foundation
import Keystore
import Ledger
import Node
import Primitives
import Storage

/// Makes the home of a node: keys of every role, a genesis document, settings.
struct InitCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        "init", "Makes a home: keys of every role, the genesis document, the settings.",
        discussion: """
            With --genesis the home joins a network that exists. With --preset single it begins a network of its own, with this node as \
            the only validator. Without both, the genesis document is added later. What is there already is left as it is.
            """,
        examples: ["trellis init --preset single", "trellis init --genesis genesis.bcs --set network.persistentPeers=\(String(repeating: "5a", count: 32))@seed.example:26650"])

    @Option(help: "The genesis document of the network.") var genesis: String?
    @Option(help: "The settings of a new network with one validator: a preset's name or file.") var preset: String?
    @Option(help: "What guessing the passphrase costs.") var keyCost: KeyCost = .strong
    @OptionGroup var settings: SettingOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if genesis != nil, preset != nil { throw ValidationError("only one of --genesis and --preset can be given") }
    }

    func result() async throws -> CommandOutput {
        let home = try keys.resolvedHome()
        // Everything that can be wrong is found before anything is made.
        let preset = try preset.map { try PresetFile.read($0) }
        if let preset, preset.founderCount != 1 {
            throw CommandFailure(
                code: "genesis.founders", what: "the preset \(preset.chainName) begins with \(preset.founderCount) validators, and this home is one",
                next: "Let each founder run trellis init and trellis genesis founder, and one of them trellis genesis new.", status: .usage)
        }
        let joined = try genesis.map { path in
            let document = try GenesisFile.read(path)
            try GenesisFile.check(document, path: path)
            return document
        }
        var file = try ConfigurationFile(at: home.settings)
        for setting in settings.settings { try file.set(setting) }
        _ = try ResolvedConfiguration(home: home.path, file: file)
        if joined != nil || preset != nil, FileManager.default.fileExists(atPath: home.genesis) {
            throw CommandFailure(
                code: "home.genesis-exists", what: "\(home.path) has a genesis document already", next: "Choose another --home, or leave --genesis and --preset out.")
        }

        try Files.makeDirectory(home.path)
        let made = try makeKeys(home)
        let document = try joined ?? preset.map { try alone($0, made) }
        if let document { try Files.write(document.bcs, to: home.genesis) }
        try file.write(to: home.settings)
        // The empty journal in it says that this node has signed nothing yet.
        if let document = try document ?? home.genesisIfPresent(), !ChainStore.exists(in: home.data) {
            try Node.createStore(NodeHome(home.path), document)
        }
        if document == nil, !FileManager.default.fileExists(atPath: home.genesis) {
            Console.warn("there is no genesis document yet: put it to \(home.genesis) and run trellis init again")
        }
        let network = document?.charter.network ?? home.network
        func key(_ role: KeyRole) -> DynamicValue? { made[role].map { .text("0x" + $0.publicKey.hex) } }
        return .fields([
            ("home", .text(home.path)), ("chain", document.map { .text($0.charter.chainName.text) }), ("chainID", document.map { .text("0x" + $0.chainID.hex) }),
            ("account", made[.account].flatMap { PublicKey($0.publicKey) }.map { .text(Address(of: $0).text(on: network)) }),
            ("nodeKey", key(.node)), ("consensusKey", key(.validator)), ("vrfKey", key(.vrf)),
        ], name: home.path)
    }

    /// A key of this home: opened when it was made just now, or was needed.
    private struct HomeKey {
        let publicKey: [UInt8]
        let key: RoleKey?
    }

    private func makeKeys(_ home: Home) throws -> [KeyRole: HomeKey] {
        let keyring = Keyring.file(directory: home.keys)
        var made: [KeyRole: HomeKey] = [:], passphrase: Passphrase?
        for role in KeyRole.ofNodes {
            let path = "\(home.keys)/\(role).json"
            if FileManager.default.fileExists(atPath: path) {
                let file = try KeyFile.read(path)
                if preset != nil { passphrase = try passphrase ?? keys.passphrase(for: "the keys in \(home.path)") }
                made[role] = HomeKey(publicKey: file.publicKeyBytes, key: try preset == nil ? nil : passphrase.map { try file.open($0) })
            } else {
                let new = try passphrase ?? keys.newPassphrase()
                passphrase = new
                let key = RoleKey.generate(role)
                try keyring.store(key, as: Home.keyName(role), passphrase: new, cost: keyCost.parameters)
                made[role] = HomeKey(publicKey: key.publicKeyBytes, key: key)
            }
        }
        return made
    }

    /// A network whose only founder is this home; the accounts of the preset are its own.
    private func alone(_ preset: GenesisPreset, _ keys: [KeyRole: HomeKey]) throws -> Genesis {
        let time = SystemTime.now
        guard let account = keys[.account]?.key?.address, let consensus = keys[.validator]?.key?.signingKey, let vrf = keys[.vrf]?.key?.vrfKey else {
            preconditionFailure("every role has its key, and all are open")
        }
        let founder = Founding.entry(preset, time: time, account: account, consensus: consensus, vrf: vrf)
        return try preset.genesis(
            time: time, founders: [founder], accounts: preset.allocations.mapValues { _ in account }, contracts: Catalogue.definitions)
    }
}

/// The clock of this machine, in the chain's unit.
enum SystemTime {
    static var now: Timestamp { Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000))) }
}

/// How somebody becomes a founder.
enum Founding {
    static func entry(_ preset: GenesisPreset, time: Timestamp, account: Address, consensus: SigningKey, vrf: VRFKey) -> GenesisValidator {
        let charter = preset.charter(time: time).id
        return GenesisValidator(
            account: account, validator: Validator(consensusKey: consensus.publicKey, vrfKey: vrf.publicKey, weight: preset.founderWeight),
            consensusPossession: consensus.provePossession(for: account, chainID: charter), vrfPossession: vrf.provePossession(for: account, chainID: charter))
    }
}
