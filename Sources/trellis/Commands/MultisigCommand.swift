import ArgumentParser
import Cryptography
import Execution
import Keystore
import Ledger
import Primitives

/// Accounts for which several keys speak together.
struct MultisigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "multisig", "Makes accounts of several keys, and signs for them.",
        discussion: """
            create fixes keys and threshold, and with them the address. A transaction from that address (trellis tx build --sender) is signed \
            by each owner with sign, and combine puts the signatures together for trellis tx send. No step needs a node.
            """,
        examples: ["trellis multisig create --threshold 2 --key \(MultisigCommand.exampleKey("5a")) --key \(MultisigCommand.exampleKey("5b")) --to keys.json"],
        subcommands: [MultisigCreate.self, MultisigSign.self, MultisigCombine.self])

    static func exampleKey(_ digits: String) -> String { "0x" + String(repeating: digits, count: 32) }
}

struct MultisigCreate: ResultCommand {
    static let configuration = CommandConfiguration(
        "create", "Fixes the keys and the threshold of an account, and shows its address.",
        examples: ["trellis multisig create --threshold 2 --key \(MultisigCommand.exampleKey("5a")) --key \(MultisigCommand.exampleKey("5b"))"])

    @Option(help: "How many of the keys must sign.") var threshold: Int
    @Option(help: "A public key; repeated for each.") var key: [FixedArgument<PublicKey>]
    @Option(help: "The network for the form of the address: main or development.") var network: NetworkKind = .development
    @Option(help: "Where to write the keys; to stdout when left out.") var to: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard let keys = MultisigKeys(threshold: threshold, keys: key.map(\.value)) else {
            throw CommandFailure.usage(
                "multisig.keys", "these keys and this threshold make no account",
                why: "there are 1 to \(Limits.multisigKeysMax) different keys, and the threshold is from 1 to their number")
        }
        let address = Address(of: keys).text(on: network)
        let document = DynamicValue.fields([
            ("address", .text(address)), ("threshold", .number(UInt64(keys.threshold))), ("keys", .list(keys.keys.map { .text("0x" + $0.hex) })),
        ])
        if let to { try Files.write(Array((PrettyJSON.text(document) + "\n").utf8), to: to) }
        return CommandOutput(document, names: [address])
    }
}

struct MultisigSign: ResultCommand {
    static let configuration = CommandConfiguration(
        "sign", "Signs a transaction of such an account with one of its keys.", examples: ["trellis multisig sign tx.json alice --to alice-signature.json"])

    @Argument(help: "The file with the unsigned transaction.") var file: String
    @Argument(help: "The key that signs.") var name: String
    @Option(help: "Where to write the signature; to stdout when left out.") var to: String?
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let transaction = try TransactionFile.read(file).transaction
        guard let key = try keys.key(name, role: .account).signingKey else { throw CommandFailure(code: "key.role", what: "the key \(name) signs nothing") }
        let signature = key.sign(transaction.signedBytes)
        let document = DynamicValue.fields([
            ("transaction", .text("0x" + transaction.id.hex)), ("publicKey", .text("0x" + key.publicKey.hex)), ("signature", .text("0x" + signature.hex)),
        ])
        if let to { try Files.write(Array((PrettyJSON.text(document) + "\n").utf8), to: to) }
        return CommandOutput(document, names: [to ?? "0x" + signature.hex])
    }
}

struct MultisigCombine: ResultCommand {
    static let configuration = CommandConfiguration(
        "combine", "Puts the signatures of an account's keys to a transaction.",
        examples: ["trellis multisig combine tx.json --keys keys.json --signature alice-signature.json --signature bob-signature.json --to signed.json"])

    @Argument(help: "The file with the unsigned transaction.") var file: String
    @Option(help: "The file of trellis multisig create.") var keys: String
    @Option(help: "A file of trellis multisig sign; as many as the threshold.") var signature: [String]
    @Option(help: "Where to write the signed transaction; to stdout when left out.") var to: String?
    @Option(help: "The network for the form of addresses: main or development.") var network: NetworkKind = .development
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let transaction = try TransactionFile.read(file).transaction, owners = try readKeys()
        guard Address(of: owners) == transaction.sender else {
            throw CommandFailure(
                code: "tx.sender-mismatch", what: "the keys are not those of the sender",
                why: "the sender is \(transaction.sender.text(on: network)), the keys make \(Address(of: owners).text(on: network))")
        }
        var found: [PublicKey: Signature] = [:]
        for path in signature {
            let document = try Files.json(path), inner = document["data"] ?? document
            guard case .text(let keyText)? = inner["publicKey"], let key = PublicKey(hex: keyText), case .text(let text)? = inner["signature"],
                  let signature = Signature(hex: text) else {
                throw CommandFailure(code: "multisig.signature-malformed", what: "\(path) holds no signature of trellis multisig sign")
            }
            guard owners.keys.contains(key), Ed25519.isValid(signature, of: transaction.signedBytes, by: key) else {
                throw CommandFailure(code: "multisig.signature-invalid", what: "the signature in \(path) is not one of this account for this transaction")
            }
            found[key] = signature
        }
        guard found.count >= owners.threshold else {
            throw CommandFailure(code: "multisig.too-few", what: "\(found.count) signatures of \(owners.threshold) are there", next: "Let another owner sign: trellis multisig sign")
        }
        // Exactly the threshold: more would be refused.
        var bits: UInt32 = 0, signatures: [Signature] = []
        for (place, key) in owners.keys.enumerated() where signatures.count < owners.threshold {
            guard let signature = found[key] else { continue }
            bits |= 1 << UInt32(place)
            signatures.append(signature)
        }
        guard let multi = MultisigSignature(signers: bits, signatures: signatures),
              let signed = SignedTransaction(transaction, authenticator: .multisig(owners, multi)) else {
            throw CommandFailure(code: "tx.too-large", what: "the transaction is larger than \(Limits.transactionBytesMax) bytes")
        }
        let document = TransactionFile.signed(signed, network: network)
        if let to { try Files.write(Array((PrettyJSON.text(document) + "\n").utf8), to: to) }
        return CommandOutput(document, names: [to ?? "0x" + signed.envelope.hex])
    }

    private func readKeys() throws -> MultisigKeys {
        let document = try Files.json(keys), inner = document["data"] ?? document
        guard case .number(let threshold)? = inner["threshold"], case .list(let list)? = inner["keys"], threshold <= UInt64(Limits.multisigKeysMax) else {
            throw CommandFailure(code: "multisig.keys-malformed", what: "\(keys) is no file of trellis multisig create")
        }
        let found = list.compactMap { value in if case .text(let text) = value { PublicKey(hex: text) } else { nil } }
        guard found.count == list.count, let owners = MultisigKeys(threshold: Int(threshold), keys: found) else {
            throw CommandFailure(code: "multisig.keys-malformed", what: "\(keys) is no file of trellis multisig create")
        }
        return owners
    }
}
