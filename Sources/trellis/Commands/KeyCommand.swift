import ArgumentParser
import Cryptography
import Execution
import Foundation
import Keystore
import Primitives

/// Keys of users and nodes: files under a passphrase, each for one role.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "key", "Makes, keeps and uses keys.", examples: ["trellis key new alice"],
        subcommands: [KeyNew.self, KeyImport.self, KeyExport.self, KeyList.self, KeyShow.self, KeySign.self, KeyVerify.self])

    /// What everybody may know of a key.
    static func publicFields(_ name: String, _ role: KeyRole, _ publicKey: [UInt8], _ network: NetworkKind) -> [(String, DynamicValue?)] {
        let address = role == .account ? PublicKey(publicKey).map { Address(of: $0).text(on: network) } : nil
        return [
            ("name", .text(name)), ("role", .text(role.description)), ("publicKey", .text("0x" + publicKey.hex)), ("address", address.map { .text($0) }),
        ]
    }
}

struct KeyNew: ResultCommand {
    static let configuration = CommandConfiguration(
        "new", "Makes a key and keeps it under a passphrase.",
        discussion: "A recovery phrase of 24 words is shown once: whoever has the words has the key. --no-phrase makes a key without one.",
        examples: ["trellis key new alice", "trellis key new validator-2 --role validator --passphrase-file secret.txt"])

    @Argument(help: "What the key is called.") var name: String
    @Option(help: "What it is for.") var role: KeyRole = .account
    @Flag(inversion: .prefixedNo, help: "Whether the key comes from a recovery phrase.") var phrase = true
    @Option(help: "What guessing the passphrase costs.") var keyCost: KeyCost = .strong
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let name = try KeyOptions.name(name), keyring = try keys.resolvedKeyring(), home = try keys.resolvedHome()
        try Files.makeDirectory(home.path)
        let mnemonic = phrase ? Mnemonic.generate() : nil
        let key: RoleKey
        if let mnemonic, let path = DerivationPath(role: role) {
            key = RoleKey(path, seed: mnemonic.seed())
        } else {
            key = .generate(role)
        }
        try keyring.store(key, as: name, passphrase: try keys.newPassphrase(), cost: keyCost.parameters)
        let words = mnemonic.map { $0.phrase.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        if words != nil { Console.warn("the recovery phrase is shown once: write it down and keep it where nobody finds it") }
        return .fields(KeyCommand.publicFields(name.text, role, key.publicKeyBytes, home.network) + [("phrase", words.map { .text($0) })], name: name.text)
    }
}

struct KeyImport: ResultCommand {
    static let configuration = CommandConfiguration(
        "import", "Keeps a key that exists: from a recovery phrase, a seed or a key file.",
        discussion: "The phrase is asked for on the terminal, or read from a file; it never stands on the command line.",
        examples: ["trellis key import alice --phrase-file words.txt", "trellis key import alice --key-file backup.json"])

    @Argument(help: "What the key is called.") var name: String
    @Option(help: "What it is for.") var role: KeyRole = .account
    @Option(help: "The file with the recovery phrase, - for stdin.") var phraseFile: String?
    @Option(help: "The file with the 64 hexadecimal digits of a seed, - for stdin.") var seedFile: String?
    @Option(help: "A key file of another machine; it keeps its passphrase.") var keyFile: String?
    @Option(help: "Which identity of the phrase, from 0.") var account: UInt32 = 0
    @Option(help: "Which key of the role, from 0.") var index: UInt32 = 0
    @Option(help: "What guessing the passphrase costs.") var keyCost: KeyCost = .strong
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [phraseFile, seedFile, keyFile].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("only one of --phrase-file, --seed-file and --key-file can be given")
        }
    }

    func result() async throws -> CommandOutput {
        let name = try KeyOptions.name(name), home = try keys.resolvedHome()
        try Files.makeDirectory(home.path)
        if let keyFile {
            // The passphrase stays what it is: the file is checked and copied, not opened.
            let file = try KeyFile.read(keyFile)
            try Files.makeDirectory(home.keys)
            try file.write(to: "\(home.keys)/\(name).json")
            return .fields(KeyCommand.publicFields(name.text, file.role, file.publicKeyBytes, home.network), name: name.text)
        }
        let key = try readKey()
        try keys.resolvedKeyring().store(key, as: name, passphrase: try keys.newPassphrase(), cost: keyCost.parameters)
        return .fields(KeyCommand.publicFields(name.text, role, key.publicKeyBytes, home.network), name: name.text)
    }

    private func readKey() throws -> RoleKey {
        if let seedFile {
            var text = try Files.read(seedFile, max: 1_024)
            defer { SecretBytes.wipe(&text) }
            guard var seed = [UInt8](hex: String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)),
                  seed.count == SigningKey.seedBytes else {
                throw CommandFailure.usage("key.seed-invalid", "\(seedFile) does not hold 64 hexadecimal digits")
            }
            return RoleKey(role: role, seed: SecretBytes(wiping: &seed))
        }
        var words: [UInt8]
        if let phraseFile {
            words = try Files.read(phraseFile, max: Mnemonic.phraseBytesMax)
        } else if Terminal.isInteractive, let typed = Terminal.secret("Recovery phrase: ") {
            words = typed
        } else {
            throw CommandFailure.usage(
                "key.phrase-missing", "a recovery phrase is needed, and there is no terminal to ask on", next: "Give --phrase-file, --seed-file or --key-file.")
        }
        let mnemonic = try Mnemonic(phrase: SecretBytes(wiping: &words))
        guard let path = DerivationPath(account: account, role: role, index: index) else {
            throw CommandFailure.usage("key.index-invalid", "--account and --index must be below 2147483648")
        }
        return RoleKey(path, seed: mnemonic.seed())
    }
}

struct KeyExport: ResultCommand {
    static let configuration = CommandConfiguration(
        "export", "Shows a key file for a backup, or with --seed the bare key.",
        discussion: "The key file stays under its passphrase. The seed is the key itself: whoever sees it has it.",
        examples: ["trellis key export alice --to alice-backup.json"])

    @Argument(help: "Which key.") var name: String
    @Option(help: "Where to write the key file; to stdout when left out.") var to: String?
    @Flag(help: "Show the bare seed. It is asked for on the terminal, or with --yes.") var seed = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = try keys.resolvedHome(), name = try KeyOptions.name(name)
        let file = try KeyFile.read("\(home.keys)/\(name).json")
        if seed {
            guard yes || Terminal.isInteractive && Terminal.confirms("Show the bare key \(name)?") else {
                throw CommandFailure.usage("key.not-confirmed", "the bare key is shown only with --yes", next: "trellis key export \(name) --seed --yes")
            }
            let hex = try keys.key(name.text, role: file.role).seed.withUnsafeBytes { [UInt8]($0) }.hex
            return .fields([("name", .text(name.text)), ("role", .text(file.role.description)), ("seed", .text(hex))], name: hex)
        }
        if let to {
            try file.write(to: to)
            return .fields([("name", .text(name.text)), ("path", .text(to))], name: to)
        }
        let text = String(decoding: file.json, as: UTF8.self)
        return CommandOutput(try Files.json("\(home.keys)/\(name).json"), names: [name.text], view: .text(text.trimmingCharacters(in: .newlines)))
    }
}

struct KeyList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists the keys of the home.", examples: ["trellis key list -o name"])

    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = try keys.resolvedHome(), network = home.network
        var items: [DynamicValue] = []
        for name in try keys.resolvedKeyring().names() {
            do throws(KeystoreError) {
                let file = try KeyFile.read("\(home.keys)/\(name).json")
                items.append(.fields(KeyCommand.publicFields(name.text, file.role, file.publicKeyBytes, network)))
            } catch { Console.warn("\(name): \(error.context)") }
        }
        return .list(items, columns: ["name", "role", "address", "publicKey"], name: "name")
    }
}

struct KeyShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows the public part of a key.", examples: ["trellis key show alice", "trellis key show alice -o name"])

    @Argument(help: "Which key.") var name: String
    @Option(help: "The network for the form of the address: main or development (default: that of the home's genesis).") var network: NetworkKind?
    @Option(help: "The role, for keyrings that keep none.") var role: KeyRole = .account
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = try keys.resolvedHome(), name = try KeyOptions.name(name), network = network ?? home.network
        let fields: [(String, DynamicValue?)]
        if case .file = try keys.resolvedKeyring() {
            let file = try KeyFile.read("\(home.keys)/\(name).json")
            fields = KeyCommand.publicFields(name.text, file.role, file.publicKeyBytes, network)
        } else {
            fields = KeyCommand.publicFields(name.text, role, try keys.key(name.text, role: role).publicKeyBytes, network)
        }
        let value = DynamicValue.fields(fields)
        return CommandOutput(value, names: [(value["address"] ?? value["publicKey"])?.plain ?? name.text])
    }
}

struct KeySign: ResultCommand {
    static let configuration = CommandConfiguration(
        "sign", "Signs a message that is no transaction.",
        discussion: "What is signed begins with \(MessageSignature.prefix), so that the signature is worth nothing as anything else.",
        examples: ["trellis key sign alice --file statement.txt", "trellis key sign alice --text hello"])

    @Argument(help: "Which key.") var name: String
    @OptionGroup var message: MessageOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let message = try message.bytes()
        guard let key = try keys.key(name, role: .account).signingKey else { throw CommandFailure(code: "key.role", what: "the key signs nothing") }
        let signature = key.sign(MessageSignature.bytes(message))
        return .fields([("publicKey", .text("0x" + key.publicKey.hex)), ("signature", .text("0x" + signature.hex))], name: "0x" + signature.hex)
    }
}

struct KeyVerify: ResultCommand {
    static let configuration = CommandConfiguration(
        "verify", "Checks a signature of trellis key sign.", discussion: "It ends with status 1 when the signature does not hold.",
        examples: [
            "trellis key verify --public-key 0x\(String(repeating: "5a", count: 32)) --signature 0x\(String(repeating: "00", count: 64)) --text hello",
        ])

    @Option(help: "Whose signature.") var publicKey: FixedArgument<PublicKey>
    @Option(help: "The signature.") var signature: FixedArgument<Signature>
    @OptionGroup var message: MessageOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard Ed25519.isValid(signature.value, of: MessageSignature.bytes(try message.bytes()), by: publicKey.value) else {
            throw CommandFailure(code: "key.signature-invalid", what: "the signature does not hold", why: "the message, the key or the signature is another one")
        }
        return .fields([("valid", .bool(true)), ("publicKey", .text("0x" + publicKey.value.hex))], name: "valid")
    }
}

/// Signatures over what is no transaction, vote or statement of the protocol.
enum MessageSignature {
    static let prefix = "trellis/message/1"

    /// The prefix and the SHA-256 of the message: no domain of the protocol is a prefix of it.
    static func bytes(_ message: [UInt8]) -> [UInt8] { Array(prefix.utf8) + SHA256.hash(message).bytes }
}

struct MessageOptions: ParsableArguments {
    @Option(help: "The file that is signed, - for stdin.") var file: String?
    @Option(help: "The text that is signed.") var text: String?

    func validate() throws {
        guard (file == nil) != (text == nil) else { throw ValidationError("one of --file and --text must be given") }
    }

    func bytes() throws(CommandFailure) -> [UInt8] {
        if let text { return Array(text.utf8) }
        return try Files.read(file ?? "-", max: 64 << 20)
    }
}
