import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Primitives

/// What one participant keeps for another in an agreement: sealed bytes that name their place, so that a box that somebody copied elsewhere is noticed.
struct SealedSecret {
    let chainID: ChainID
    let agreement: UInt64
    let sender: Address
    let receiver: Address

    /// Bytes of what the chain keeps for one receiver of one sender.
    private static let boxBytesMax = 4_096

    private var header: [UInt8] { Array("trellis/sealed/1".utf8) + chainID.bytes + agreement.bcs + sender.bytes + receiver.bytes }

    /// Bytes of a secret.
    var bytesMax: Int { Self.boxBytesMax - SealingPublicKey.overheadBytes - header.count }

    /// nil for a key that would make the box readable by everybody, and for a secret that is too long.
    func seal(_ secret: [UInt8], for key: SealingPublicKey) -> BoundedBytes<4096>? {
        guard secret.count <= bytesMax else { return nil }
        var message = header + secret
        return key.seal(SecretBytes(wiping: &message), ephemeralSeed: Entropy.secret(SealingKey.seedBytes)).flatMap { BoundedBytes($0) }
    }

    enum Opened: Equatable {
        case secret([UInt8])
        /// The key does not open it.
        case closed
        /// It was made for another agreement, or by somebody else.
        case misplaced
    }

    func open(_ box: [UInt8], with key: SealingKey) -> Opened {
        guard let message = key.open(box) else { return .closed }
        return message.withUnsafeBytes { bytes in bytes.starts(with: header) ? .secret(Array(bytes.dropFirst(header.count))) : .misplaced }
    }
}

struct AgreementSeal: ResultCommand {
    static let configuration = CommandConfiguration(
        "seal", "Leaves a secret for another participant: credentials, private clauses. The chain keeps what only the receiver can read.",
        discussion: """
            The receiver has published a key for it: trellis key new alice-sealing --role sealing, then trellis identity sealing-key alice-sealing. The secret comes \
            from a file or stdin and is at most some 4 kB; what was left for the same receiver before is replaced.
            """,
        examples: ["trellis sla seal 7 alice credentials.txt --from north", "trellis sla seal 7 alice - --from north", "trellis sla seal 7 alice --remove --from north"])

    @OptionGroup var agreement: AgreementArgument
    @Argument(help: "Who can read it: an address or the name of a key.") var receiver: String
    @Argument(help: "The file with the secret, - for stdin.") var file: String?
    @Flag(help: "Take back what was left.") var remove = false
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (file != nil) != remove else { throw ValidationError("give a file, - for stdin, or --remove") }
    }

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), to = try await send.names(client).address(receiver)
        guard let file else { return try await send.send(client, [Agreements.seal.reference.call(on: .agreements, agreement.number, to, nil)]) }
        let key = try await SealingKeys.published(by: to, receiver, client)
        let place = SealedSecret(
            chainID: try await client.chain().chainID.value, agreement: agreement.number, sender: try await send.senderAddress(client), receiver: to)
        var secret = try Files.read(file, max: place.bytesMax)
        defer { SecretBytes.wipe(&secret) }
        guard let box = place.seal(secret, for: key) else {
            throw CommandFailure(code: "sla.sealing-key", what: "the key that \(receiver) has published is not fit for secrets", next: "Ask for another one; nothing was sent.")
        }
        return try await send.send(client, [Agreements.seal.reference.call(on: .agreements, agreement.number, to, box)])
    }
}

struct AgreementOpen: ResultCommand {
    static let configuration = CommandConfiguration(
        "open", "Reads a secret that another participant has left.",
        discussion: "--to writes a file that only its owner can read; without it the secret goes to stdout.",
        examples: ["trellis sla open 7 north --key alice-sealing --to credentials.txt --from alice"])

    @OptionGroup var agreement: AgreementArgument
    @Argument(help: "Who left it: an address or the name of a key.") var sender: String
    @Option(help: "The sealing key, of trellis key new --role sealing.") var key: String
    @Option(help: ArgumentHelp("For whom it is: an address or the name of a key (default: $TRELLIS_FROM, or the profile's).", valueName: "who")) var from: String?
    @Option(help: ArgumentHelp("A file that is not there yet.", valueName: "file")) var to: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), names = Names(client: client, home: try keys.resolvedHome())
        let who = try ProfileSettings.resolve(node.profile).value(.from, flag: from)
        guard !who.isEmpty else { throw CommandFailure.usage("account.missing", "nobody is named for whom it is", next: "Give --from.") }
        let receiver = try await names.address(who), by = try await names.address(sender)
        guard let envelope = try await client.view(Agreements.sealed.reference, of: .agreements, agreement.number, receiver, by) else {
            throw CommandFailure(code: "sla.nothing-sealed", what: "\(sender) has left nothing for \(who) in agreement \(agreement.number)", status: .notFound)
        }
        guard let sealingKey = try keys.key(key, role: .sealing).sealingKey else { throw CommandFailure(code: "key.role", what: "the key \(key) opens nothing") }
        let place = SealedSecret(chainID: try await client.chain().chainID.value, agreement: agreement.number, sender: by, receiver: receiver)
        var secret: [UInt8]
        switch place.open(envelope.bytes.bytes, with: sealingKey) {
        case .secret(let bytes): secret = bytes
        case .closed: throw CommandFailure(code: "sla.sealed-for-another", what: "the key \(key) does not open it", next: "Use the sealing key that \(who) had published then; or ask for it again.")
        case .misplaced:
            throw CommandFailure(code: "sla.sealed-misplaced", what: "this was sealed for another agreement or by somebody else, and copied here", next: "Do not use it; ask \(sender).")
        }
        defer { SecretBytes.wipe(&secret) }
        let sent = TimeWords.text(envelope.sent)
        if let to {
            try Files.writeSecret(secret, to: to)
            return .fields([("file", .text(to)), ("sent", .text(sent))], name: to)
        }
        let text = String(validating: secret, as: UTF8.self)
        return CommandOutput(
            .fields([("sent", .text(sent)), ("hex", .text("0x" + secret.hex)), ("text", text.map { .text($0) })]), names: ["0x" + secret.hex],
            view: .text(text.map { Terminal.printable($0.hasSuffix("\n") ? String($0.dropLast()) : $0) } ?? "0x" + secret.hex))
    }
}

/// Keys to which secrets are sealed, in the documents of accounts (W3C DID Core, key agreement).
enum SealingKeys {
    static let fragment: Identity.Text32 = "sealing"

    static func published(by account: Address, _ name: String, _ client: Client) async throws -> SealingPublicKey {
        let entry = try await client.view(Identity.document.reference, of: .identity, account)
        for method in entry.content?.methods ?? Bounded() where method.purposes.contains(.agreement) {
            if case .x25519(let key) = method.material, let key = SealingPublicKey(key.bytes) { return key }
        }
        throw CommandFailure(
            code: "sla.sealing-key-missing", what: "\(name) has published no key to which secrets are sealed",
            next: "Ask them to run: trellis key new NAME --role sealing && trellis identity sealing-key NAME", status: .notFound)
    }

    /// The content of a document with the key in it, in the place of an earlier one of ours.
    static func content(_ content: Identity.DocumentContent, with key: [UInt8]) throws -> Identity.DocumentContent {
        guard let material = Digest(key), let purposes = Bounded<5, Identity.Purpose>([.agreement]) else { preconditionFailure("a key has 32 bytes") }
        let method = Identity.VerificationMethod(fragment: fragment, material: .x25519(material), purposes: purposes)
        guard let methods = Bounded<16, Identity.VerificationMethod>(content.methods.filter { $0.fragment != fragment } + [method]) else {
            throw CommandFailure(code: "identity.methods", what: "the document has 16 methods already", next: "trellis contract call identity update_document")
        }
        return Identity.DocumentContent(controllers: content.controllers, methods: methods, services: content.services, alsoKnownAs: content.alsoKnownAs)
    }
}
