import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Primitives

struct AgreementSign: ResultCommand {
    static let configuration = CommandConfiguration(
        "sign", "Signs terms without a transaction, for whoever brings them to the chain with all signatures.",
        discussion: "The file has a salt and times, none of them as in 10m: everybody signs the same bytes. Send the result to who runs trellis sla conclude.",
        examples: ["trellis sla sign terms.yaml --from north -o json"])

    @OptionGroup var terms: TermsArgument
    @Option(help: ArgumentHelp("The key that signs (default: $TRELLIS_FROM, or the profile's).", valueName: "key")) var from: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try node.client()), terms = try reader.terms(terms.file, keys, isFixed: true)
        let name = try ProfileSettings.resolve(node.profile).value(.from, flag: from)
        guard !name.isEmpty else { throw CommandFailure.usage("tx.sender-missing", "nobody is named who would sign", next: "Give --from; trellis key list") }
        guard let key = try keys.key(name, role: .account).signingKey else { throw CommandFailure(code: "key.role", what: "the key \(name) signs nothing") }
        guard terms.parties.contains(Address(of: key.publicKey)) else {
            throw CommandFailure(code: "sla.not-party", what: "\(name) is neither the consumer nor a provider of these terms", next: "Sign with --from a party's key.")
        }
        let chain = try await reader.client.chain().chainID.value, signature = key.sign(terms.signedBytes(chainID: chain))
        return .fields([
            ("digest", .text("0x" + terms.digest(chainID: chain).hex)), ("publicKey", .text("0x" + key.publicKey.hex)), ("signature", .text("0x" + signature.hex)),
        ], name: "0x" + signature.hex)
    }
}

struct AgreementConclude: ResultCommand {
    static let configuration = CommandConfiguration(
        "conclude", "Brings terms that all parties have signed, and makes them an agreement at once; for a party.",
        discussion: "--signature names what trellis sla sign -o json has written, once for each of the other parties.",
        examples: ["trellis sla conclude terms.yaml --signature north.json --from alice"])

    @OptionGroup var terms: TermsArgument
    @Option(help: ArgumentHelp("Another party's signature; may be repeated.", valueName: "file")) var signature: [String]
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), terms = try reader.terms(terms.file, send.keys, isFixed: true)
        let given = try signature.map(Self.read), sender = try await send.senderAddress(reader.client)
        let signatures = try terms.parties.filter { $0 != sender }.map { party in
            guard let found = given.first(where: { Address(of: $0.key) == party }) else {
                throw CommandFailure.usage(
                    "sla.signature-missing", "the signature of \(reader.text(party)) is missing", next: "Ask for it: trellis sla sign \(self.terms.file) -o json")
            }
            return found
        }
        guard let bounded = Bounded<8, Agreements.PartySignature>(signatures) else { throw CommandFailure.usage("sla.signatures", "there are more than 8 signatures") }
        return try await send.send(reader.client, [Agreements.conclude.reference.call(on: .agreements, terms, bounded)]).made("agreement")
    }

    private static func read(_ path: String) throws -> Agreements.PartySignature {
        let json = try Files.json(path), value = json["data"] ?? json
        guard case .text(let key)? = value["publicKey"], case .text(let signature)? = value["signature"], let key = PublicKey(hex: key), let signature = Signature(hex: signature) else {
            throw CommandFailure.usage("sla.signature-malformed", "\(path) is not what trellis sla sign has written", next: "It has publicKey and signature, both in hexadecimal.")
        }
        return Agreements.PartySignature(key: key, signature: signature)
    }
}
