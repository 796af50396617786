import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Primitives

/// Who is who: roles, profiles, names, attestations.
struct IdentityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "identity", "Shows and changes roles, names and attestations.",
        discussion: "What has no command of its own, certificates and the rest of documents, is reached with trellis contract call identity.",
        examples: ["trellis identity show alice"],
        subcommands: [
            IdentityShow.self, IdentityJoin.self, IdentityLeave.self, IdentityProfile.self, IdentityResolve.self, IdentityCommit.self,
            IdentityRegister.self, IdentityRecords.self, IdentityAttest.self, IdentityRevoke.self,
            IdentitySealingKey.self,
        ])

    static func name(_ text: String) throws -> DynamicValue {
        guard let method = Identity.resolve.schema.arguments.first else { preconditionFailure("the view takes a name") }
        do throws(SchemaCodec.Mismatch) { _ = try SchemaCodec(network: .development).encode(.text(text), as: method.type) } catch {
            throw CommandFailure.usage("identity.name-invalid", "\(text) is not a name", why: error.description)
        }
        return .text(text)
    }

    /// A call by the schema of a method of the contract.
    static func call(_ client: Client, _ method: any ContractMethod, _ arguments: [(String, DynamicValue?)], value: Amount = .zero) async throws -> Call {
        let codec = SchemaCodec(network: try await client.networkKind())
        do throws(SchemaCodec.Mismatch) {
            return Call(contract: Identity.address, method: method.name, arguments: try codec.encode(.fields(arguments), as: method.schema.arguments), value: value)
        } catch {
            throw CommandFailure.usage("contract.arguments", "the arguments do not fit identity.\(method.name)", why: error.description, next: "trellis contract show identity")
        }
    }
}

struct IdentityShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows what is known of an account: roles, profile, name, document, attestations.", examples: ["trellis identity show alice"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let text = address.text(on: try await client.networkKind()), account: [(String, DynamicValue?)] = [("account", .text(text))]
        let parts = [
            ("participant", try await Question(client, "identity", "participant", account).answer()),
            ("name", try await Question(client, "identity", "reverse", account).answer()),
            ("document", try await Question(client, "identity", "document", [("subject", .text(text))]).answer()),
            ("attestations", try await Question(client, "identity", "attestations_about", [("subject", .text(text)), ("limit", .number(100))]).answer()),
        ]
        return CommandOutput(
            .fields([("account", .text(text))] + parts.map { ($0.0, $0.1.programs) }), names: [text],
            view: TextView(.fields([("account", .text(text))] + parts.map { ($0.0, $0.1.people) })))
    }
}

enum RoleWord: String, CaseIterable, ExpressibleByArgument { case developer, `operator`, provider, witness, validator, endUser }

struct IdentityJoin: ResultCommand {
    static let configuration = CommandConfiguration("join", "Puts the sender into roles.", examples: ["trellis identity join provider witness --from alice"])

    @Argument(help: "Roles.") var roles: [RoleWord]
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [try await IdentityCommand.call(client, Identity.join, [("roles", .list(roles.map { .text($0.rawValue) }))])])
    }
}

struct IdentityLeave: ResultCommand {
    static let configuration = CommandConfiguration("leave", "Takes the sender out of roles.", examples: ["trellis identity leave witness --from alice"])

    @Argument(help: "Roles.") var roles: [RoleWord]
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [try await IdentityCommand.call(client, Identity.leave, [("roles", .list(roles.map { .text($0.rawValue) }))])])
    }
}

struct IdentityProfile: ResultCommand {
    static let configuration = CommandConfiguration(
        "profile", "Says who the sender is.", examples: ["trellis identity profile --name \"North Cloud\" --contact ops@north.example --region eu-north --from alice"])

    @Option(help: "What people call the account.") var name: String
    @Option(help: "Where to write to.") var contact: String?
    @Option(help: "What it does.") var about: String?
    @Option(help: "Where it is.") var region: String?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let profile = DynamicValue.fields([
            ("name", .text(name)), ("contact", contact.map { .text($0) }), ("description", about.map { .text($0) }), ("region", region.map { .text($0) }),
        ])
        return try await send.send(client, [try await IdentityCommand.call(client, Identity.setProfile, [("profile", profile)])])
    }
}

struct IdentityResolve: ResultCommand {
    static let configuration = CommandConfiguration(
        "resolve", "Shows whose a name is and what it leads to.", examples: ["trellis identity resolve north.trellis"])

    @Argument(help: "The name.") var name: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), argument = [("name", Optional(try IdentityCommand.name(name)))]
        let registration = try await Question(client, "identity", "name", argument).answer()
        let records = try await Question(client, "identity", "resolve", argument).answer()
        return CommandOutput(
            .fields([("name", .text(name)), ("registration", registration.programs), ("records", records.programs)]), names: [name],
            view: TextView(.fields([("name", .text(name)), ("registration", registration.people), ("records", records.people)])))
    }
}

struct IdentityCommit: ResultCommand {
    static let configuration = CommandConfiguration(
        "commit", "Commits to a name without telling it: the first of two steps to have it.",
        discussion: "Keep the salt that is shown: trellis identity register needs it, after a minute and four blocks.",
        examples: ["trellis identity commit north.trellis --from alice"])

    @Argument(help: "The name.") var name: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), owner = try await send.senderAddress(client), value = try IdentityCommand.name(name)
        guard let salt = Digest(Entropy.bytes(Digest.byteCount)), let type = Identity.resolve.schema.arguments.first?.type else {
            preconditionFailure("as many bytes as asked for")
        }
        let encoded = try SchemaCodec(network: .development).encode(value, as: type)
        // The same claim as the contract hashes when the name is registered.
        let claim = Identity.NameClaim(chainID: try await client.chain().chainID.value, name: try Identity.Name(bcs: encoded), owner: owner, salt: salt)
        let commitment = SHA256.hash(.nameCommitment, of: claim)
        var sent = try await send.send(client, [try await IdentityCommand.call(client, Identity.commit, [("commitment", .text(commitment.hex))])])
        let next = "trellis identity register \(name) --salt 0x\(salt.hex)"
        Console.note("in a minute: \(next)")
        sent.data = .fields([("name", .text(name)), ("salt", .text("0x" + salt.hex)), ("next", .text(next)), ("transaction", sent.data)])
        sent.names = ["0x" + salt.hex]
        return sent
    }
}

struct IdentityRegister: ResultCommand {
    static let configuration = CommandConfiguration(
        "register", "Registers a name that was committed to; its fee is destroyed.",
        examples: ["trellis identity register north.trellis --salt 0x\(String(repeating: "5a", count: 32)) --years 2 --from alice"])

    @Argument(help: "The name.") var name: String
    @Option(help: "The salt of the commitment.") var salt: FixedArgument<Digest>
    @Option(help: "For how long, 1 to 10.") var years: UInt8 = 1
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), owner = try await send.senderAddress(client).text(on: try await client.networkKind())
        let value = try IdentityCommand.name(name)
        let fee = try await Question(client, "identity", "name_fee", [("name", value), ("years", .number(UInt64(years)))]).answer()
        guard case .text(let text) = fee.programs, let units = UInt128(text) else { throw CommandFailure(code: "client.answer", what: "a fee that is no amount") }
        let call = try await IdentityCommand.call(
            client, Identity.registerName,
            [("name", value), ("owner", .text(owner)), ("salt", .text(salt.value.hex)), ("years", .number(UInt64(years)))], value: Amount(units))
        return try await send.send(client, [call])
    }
}

struct IdentityRecords: ResultCommand {
    static let configuration = CommandConfiguration(
        "records", "Replaces what one of the sender's names leads to, by the schema of the contract.",
        examples: ["trellis identity records north.trellis --records @records.json --from alice"])

    @Argument(help: "The name.") var name: String
    @Option(help: ArgumentHelp("All records as JSON; @FILE reads a file.", valueName: "json")) var records: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), value: DynamicValue
        if records.hasPrefix("@") {
            value = try Files.json(String(records.dropFirst()))
        } else {
            do throws(JSONReader.Failure) { value = try JSONReader.value(Array(records.utf8)) } catch {
                throw CommandFailure.usage("identity.records", "--records is not JSON", why: error.description)
            }
        }
        return try await send.send(client, [try await IdentityCommand.call(client, Identity.setRecords, [("name", try IdentityCommand.name(name)), ("records", value)])])
    }
}

struct IdentityAttest: ResultCommand {
    static let configuration = CommandConfiguration(
        "attest", "Attests a claim about an account; the chain keeps its hash.",
        examples: ["trellis identity attest bob iso27001 --file certificate.pdf --from auditor"])

    @Argument(help: "About whom: an address or the name of a key.") var subject: String
    @Argument(help: "What kind of claim.") var kind: String
    @Option(help: "The file with the claim.") var file: String
    @Option(help: "When it counts no more.") var expires: TimeArgument?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), network = try await client.networkKind()
        let call = try await IdentityCommand.call(client, Identity.attest, [
            ("subject", .text(try await send.names(client).address(subject).text(on: network))), ("kind", .text(kind)),
            ("claim", .text(SHA256.hash(try Files.read(file, max: 64 << 20)).hex)), ("expires", expires.map { .text(String($0.value.rawValue)) }),
        ])
        return try await send.send(client, [call])
    }
}

struct IdentitySealingKey: ResultCommand {
    static let configuration = CommandConfiguration(
        "sealing-key", "Publishes the key to which others seal secrets for the sender, in its document.",
        discussion: "trellis key new --role sealing makes one. It takes the place of the one before; keep that, as what was sealed to it is opened by it alone.",
        examples: ["trellis identity sealing-key alice-sealing --from alice"])

    @Argument(help: "The key, of trellis key new --role sealing.") var key: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), sender = try await send.senderAddress(client)
        let publicKey: [UInt8]
        if case .file = try send.keys.resolvedKeyring() {
            let file = try KeyFile.read("\(try send.keys.resolvedHome().keys)/\(try KeyOptions.name(key)).json")
            guard file.role == .sealing else {
                throw CommandFailure.usage("key.role", "the key \(key) is of the role \(file.role)", next: "trellis key new \(key)-sealing --role sealing")
            }
            publicKey = file.publicKeyBytes
        } else {
            publicKey = try send.keys.key(key, role: .sealing).publicKeyBytes
        }
        let entry = try await client.view(Identity.document.reference, of: .identity, sender)
        guard let content = entry.content else { throw CommandFailure(code: "identity.deactivated", what: "the identifier of the sender was ended for ever") }
        return try await send.send(
            client, [Identity.updateDocument.reference.call(on: .identity, sender, entry.version, try SealingKeys.content(content, with: publicKey))])
    }
}

struct IdentityRevoke: ResultCommand {
    static let configuration = CommandConfiguration(
        "revoke", "Takes back what the sender attested; the record stays.", examples: ["trellis identity revoke bob iso27001 --from auditor"])

    @Argument(help: "About whom: an address or the name of a key.") var subject: String
    @Argument(help: "What kind of claim.") var kind: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), network = try await client.networkKind()
        let call = try await IdentityCommand.call(
            client, Identity.revoke, [("subject", .text(try await send.names(client).address(subject).text(on: network))), ("kind", .text(kind))])
        return try await send.send(client, [call])
    }
}
