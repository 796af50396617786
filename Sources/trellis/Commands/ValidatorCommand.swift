import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Primitives

/// Voting for blocks.
struct ValidatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "validator", "Shows validators, and makes this home one.", examples: ["trellis validator list"],
        subcommands: [ValidatorList.self, ValidatorStatus.self, ValidatorRegister.self, ValidatorLeave.self])
}

struct ValidatorList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists everybody who ever registered, or with --voting who votes now.", examples: ["trellis validator list --voting"])

    @Flag(help: "Only who votes in this epoch.") var voting = false
    @Option(help: "At most so many, up to 50.") var limit: UInt64 = 50
    @Option(help: "The first account of the list.") var start: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client()
        if voting {
            let set = try await client.validators()
            return CommandOutput(
                set.value, names: set.validators.map(\.consensusKey.text),
                view: .table(columns: ["place", "weight", "consensusKey"], rows: set.validators.enumerated().map { [String($0), $1.weight.text, $1.consensusKey.text] }))
        }
        let answer = try await Question(client, "staking", "validators", [("from", start.map { .text($0) }), ("limit", .number(limit))]).answer()
        return answer.list(columns: ["account", "weight", "selfBond", "commission", "description.name"], name: "account")
    }
}

struct ValidatorStatus: ResultCommand {
    static let configuration = CommandConfiguration(
        "status", "Shows a validator: its stake, its standing, its keys.", examples: ["trellis validator status alice"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let text = address.text(on: try await client.networkKind())
        return try await Question(client, "staking", "validator", [("validator", .text(text))])
            .answer(orMissing: "\(text) never was a validator", next: "trellis validator list").output(name: text)
    }
}

struct ValidatorRegister: ResultCommand {
    static let configuration = CommandConfiguration(
        "register", "Makes the sender a validator with the keys of this home, and bonds its stake.",
        examples: ["trellis validator register 10000 --name north --commission 50000 --from account"])

    @Argument(help: "The stake, in TRL.") var stake: TokenAmount
    @Option(help: "What is kept of delegators' rewards, in parts per million.") var commission: UInt32 = 100_000
    @Option(help: "What people call the validator.") var name: String = ""
    @Option(help: "Where to read more.") var website: String = ""
    @Option(help: "Where to report problems.") var contact: String = ""
    @Option(help: "Anything else.") var details: String = ""
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let account = try await send.senderAddress(client), chain = try await client.chain().chainID.value
        guard let consensus = try send.keys.key("validator", role: .validator).signingKey, let vrf = try send.keys.key("vrf", role: .vrf).vrfKey else {
            preconditionFailure("a key of a role has that role")
        }
        guard let name = BoundedText<ValidatorDescription.NameBound>(name), let website = BoundedText<ValidatorDescription.LineBound>(website),
              let contact = BoundedText<ValidatorDescription.LineBound>(contact), let details = BoundedText<ValidatorDescription.DetailsBound>(details) else {
            throw CommandFailure.usage("validator.description", "a part of the description is too long", why: "name 64 bytes, website and contact 128, details 512")
        }
        let keys = ValidatorKeys(
            consensusKey: consensus.publicKey, consensusPossession: consensus.provePossession(for: account, chainID: chain),
            vrfKey: vrf.publicKey, vrfPossession: vrf.provePossession(for: account, chainID: chain))
        let description = ValidatorDescription(name: name, website: website, contact: contact, details: details)
        return try await send.send(client, [Staking.register.reference.call(on: .staking, keys, commission, description, value: stake.amount)])
    }
}

struct ValidatorLeave: ResultCommand {
    static let configuration = CommandConfiguration(
        "leave", "Ends the sender's candidacy; its stake stays bonded until it is asked back.", examples: ["trellis validator leave --from account --yes"])

    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput { try await send.send(try send.node.client(), [Staking.leave.reference.call(on: .staking)]) }
}
