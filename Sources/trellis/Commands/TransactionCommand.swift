import ArgumentParser
import Client
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Primitives

/// Transactions, step by step: for keys that are elsewhere, and for looking closely.
struct TransactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "tx", "Builds, signs, sends and shows transactions.",
        discussion: "build and simulate need a node and no key, sign needs a key and no node, send needs neither.",
        examples: ["trellis tx show 0x\(String(repeating: "5a", count: 32))"],
        subcommands: [
            TransactionBuild.self, TransactionSimulate.self, TransactionSign.self, TransactionSend.self, TransactionWait.self, TransactionShow.self,
            TransactionDecode.self,
        ])
}

struct TransactionBuild: ResultCommand {
    static let configuration = CommandConfiguration(
        "build", "Builds an unsigned transaction of one call.",
        examples: ["trellis tx build accounts transfer to=\(Address().text(on: .development)) --value 1 --from alice --to tx.json"])

    @Argument(help: "A contract's name or address.") var contract: String
    @Argument(help: "The method.") var method: String
    @OptionGroup var arguments: ContractArguments
    @Option(help: "What goes with the call, in TRL.") var value: TokenAmount?
    @Option(help: "Where to write it; to stdout when left out.") var to: String?
    @Option(help: "The address that will sign, when it is no key of this home, as that of a group of keys.") var sender: String?
    @Option(help: "Signatures that it will have, for its price.") var signatures: Int = 1
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...Limits.multisigKeysMax).contains(signatures) else { throw ValidationError("--signatures must be from 1 to \(Limits.multisigKeysMax)") }
    }

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), names = try send.names(client)
        let from: Address
        if let sender { from = try await names.address(sender) } else { from = try await send.senderAddress(client) }
        var choices = send.choices
        choices.signatureCount = signatures
        let call = try await CallBuilder.call(client, contract: contract, method: method, arguments, value: value, names)
        let prepared = try await client.prepare([call], from: from, choices)
        let document = TransactionFile.unsigned(prepared.transaction, network: try await client.networkKind())
        if let to { try Files.write(Array((PrettyJSON.text(document) + "\n").utf8), to: to) }
        return CommandOutput(document, names: [to ?? "0x" + prepared.transaction.bcs.hex])
    }
}

struct TransactionSimulate: ResultCommand {
    static let configuration = CommandConfiguration(
        "simulate", "Tries a transaction out; nothing is signed or sent.", examples: ["trellis tx simulate tx.json"])

    @Argument(help: "The file with the transaction, - for stdin.") var file: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let content = try TransactionFile.read(file)
        let signatures = if case .signed(let signed) = content { signed.authenticator.signatureCount } else { 1 }
        let simulation = try await node.client().simulate(content.transaction, signatureCount: signatures)
        if let failure = simulation.failure { throw CommandFailure(failure) }
        return Shown.simulation(simulation)
    }
}

struct TransactionSign: ResultCommand {
    static let configuration = CommandConfiguration(
        "sign", "Signs a transaction with a key of this home; no node is asked.",
        examples: ["trellis tx sign tx.json --from alice --to signed.json"])

    @Argument(help: "The file with the unsigned transaction, - for stdin.") var file: String
    @Option(help: "The key that signs.") var from: String?
    @Option(help: "Where to write it; to stdout when left out.") var to: String?
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard case .unsigned(let transaction) = try TransactionFile.read(file) else {
            throw CommandFailure(code: "tx.signed-already", what: "\(file) is signed already", next: "trellis tx send \(file)")
        }
        let name = try ProfileSettings.resolve(nil).value(.from, flag: from)
        guard !name.isEmpty else { throw CommandFailure.usage("tx.sender-missing", "no key is named", next: "Give --from; trellis key list") }
        guard let key = try keys.key(name, role: .account).signingKey, Address(of: key.publicKey) == transaction.sender else {
            let network = try keys.resolvedHome().network
            throw CommandFailure(
                code: "tx.sender-mismatch", what: "the key \(name) is not that of the sender", why: "the sender is \(transaction.sender.text(on: network))",
                next: "trellis key list")
        }
        guard let signed = transaction.signed(by: key) else {
            throw CommandFailure(code: "tx.too-large", what: "the transaction is larger than \(Limits.transactionBytesMax) bytes")
        }
        let document = TransactionFile.signed(signed, network: try keys.resolvedHome().network)
        if let to { try Files.write(Array((PrettyJSON.text(document) + "\n").utf8), to: to) }
        return CommandOutput(document, names: [to ?? "0x" + signed.envelope.hex])
    }
}

struct TransactionSend: ResultCommand {
    static let configuration = CommandConfiguration(
        "send", "Sends a signed transaction; the same one may be sent again.", examples: ["trellis tx send signed.json", "trellis tx send signed.json --no-wait"])

    @Argument(help: "The file with the signed transaction, - for stdin.") var file: String
    @Flag(inversion: .prefixedNo, help: "Wait until it is committed.") var wait = true
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard case .signed(let signed) = try TransactionFile.read(file) else {
            throw CommandFailure(code: "tx.unsigned", what: "\(file) is not signed", next: "trellis tx sign \(file) --from KEY --to signed.json")
        }
        return try await SendOptions.submit(signed, try node.client(), waits: wait)
    }
}

struct TransactionWait: ResultCommand {
    static let configuration = CommandConfiguration(
        "wait", "Waits until a transaction is committed; ends with 4 when it failed, 5 when it takes too long.",
        examples: ["trellis tx wait 0x\(String(repeating: "5a", count: 32)) --seconds 30"])

    @Argument(help: "The transaction's identifier.") var id: FixedArgument<TransactionID>
    @Option(help: "How long to wait.") var seconds: Int = 60
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...86_400).contains(seconds) else { throw ValidationError("--seconds must be from 1 to 86400") }
    }

    func result() async throws -> CommandOutput { try Shown.report(try await node.client().wait(for: id.value, seconds: seconds)) }
}

struct TransactionShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows what is known of a transaction; --proof FILE writes a proof for trellis verify.",
        examples: ["trellis tx show 0x\(String(repeating: "5a", count: 32))", "trellis tx show 0x\(String(repeating: "5a", count: 32)) --proof proof.json"])

    @Argument(help: "The transaction's identifier.") var id: FixedArgument<TransactionID>
    @Option(help: "Where to write a proof of its receipt.") var proof: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client()
        let report = try await client.transaction(id.value)
        if let proof {
            let bundle = try await client.proofResource(ofReceipt: id.value)
            try Files.write(Array((PrettyJSON.text(bundle.value) + "\n").utf8), to: proof)
            Console.note("the proof is in \(proof): trellis verify \(proof) --genesis genesis.bcs")
        }
        return Shown.transaction(report)
    }
}

struct TransactionDecode: ResultCommand {
    static let configuration = CommandConfiguration(
        "decode", "Shows what a transaction file says; no node is asked.", examples: ["trellis tx decode signed.json"])

    @Argument(help: "The file with the transaction, - for stdin.") var file: String
    @Option(help: "The network for the form of addresses: main or development (default: that of the home's genesis).") var network: NetworkKind?
    @Option(help: ArgumentHelp("The home.", valueName: "directory")) var home: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let network = try network ?? Home(path: ProfileSettings.resolve(nil).value(.home, flag: home)).network
        switch try TransactionFile.read(file) {
        case .unsigned(let transaction): return CommandOutput(TransactionFile.unsigned(transaction, network: network), names: ["0x" + transaction.id.hex])
        case .signed(let signed):
            var valid = true
            do { _ = try signed.checkedSignature(chainID: signed.transaction.chainID) } catch { valid = false }
            guard case .object(let members) = TransactionFile.signed(signed, network: network) else { preconditionFailure("it is an object") }
            return CommandOutput(.object(members + [.init("signatureHolds", .bool(valid))]), names: ["0x" + signed.id.hex])
        }
    }
}
