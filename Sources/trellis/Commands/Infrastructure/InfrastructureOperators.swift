import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct InfrastructureOperators: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "operators", "Shows who runs an application's nodes; operators join by themselves, with a stake.", examples: ["trellis infra operators list shop"],
        subcommands: [InfrastructureOperatorsList.self, InfrastructureOperatorsAdd.self, InfrastructureOperatorsRemove.self, InfrastructureOperatorsWithdraw.self])
}

struct InfrastructureOperatorsList: ResultCommand {
    static let configuration = CommandConfiguration(
        "list", "Lists operators by number.", examples: ["trellis infra operators list shop", "trellis infra operators list shop --after 101"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: ArgumentHelp("Only those with this number or a larger one.", valueName: "number")) var after: UInt32?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let arguments: [(String, DynamicValue?)] = [("application", .text(app.text)), ("from", after.map { .number(UInt64($0)) })]
        return try await Question(try node.client(), "infrastructure", "operators", arguments).pages(by: "number")
            .list(columns: ["number", "name", "account", "stake", "place.continent", "place.region", "place.provider", "reputation", "isBarred"], name: "name")
    }
}

struct InfrastructureOperatorsAdd: ResultCommand {
    static let configuration = CommandConfiguration(
        "add", "Makes the sender an operator; its stake lies with the contract until it has left.",
        discussion: "Each unit of stake is good for one node. --credential is what `openssl x509 -in FILE -outform DER | sha256sum` says of the certificate that its machines show.",
        examples: [
            "trellis infra operators add shop --name alice --stake 300 --continent europe --region eu-west --from alice",
            "trellis infra operators add shop --name bob --stake 100 --continent asia --region ap-east --provider north-cloud --from bob",
        ])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(help: "What it is called in the application.") var name: Infrastructure.OperatorName
    @Option(help: ArgumentHelp("Its stake, in TRL.", valueName: "amount")) var stake: TokenAmount
    @Option(help: "Where its machines are.") var continent: Continent
    @Option(help: "Where on the continent.") var region: RegionName
    @Option(help: "Whose cloud; none for machines of its own.") var provider: ProviderName?
    @Option(help: ArgumentHelp("The SHA-256 of the certificate that its machines show.", valueName: "digest")) var credential: FixedArgument<Digest>?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let place = Infrastructure.Place(continent: continent, region: region, provider: provider)
        return try await send.send(
            try send.node.client(), [Infrastructure.join.reference.call(on: .infrastructure, app, name, place, credential?.value, value: stake.amount)])
    }
}

struct InfrastructureOperatorsRemove: ResultCommand {
    static let configuration = CommandConfiguration(
        "remove", "Takes an operator out, or the sender; the stake stays its own.",
        discussion: "Others are removed by whoever holds the permission of names. An epoch later the stake can be taken with trellis infra operators withdraw.",
        examples: ["trellis infra operators remove shop --from bob", "trellis infra operators remove shop bob --reason \"does not answer\" --from alice"])

    @Argument(help: "The application.") var app: ApplicationName
    @Argument(help: "Whom: an address or the name of a key (default: who signs).") var account: String?
    @Option(help: "Why; the chain keeps it.") var reason: Infrastructure.Reason = ""
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        guard let account else { return try await send.send(client, [Infrastructure.leave.reference.call(on: .infrastructure, app)]) }
        let address = try await send.names(client).address(account)
        return try await send.send(client, [Infrastructure.removeOperator.reference.call(on: .infrastructure, app, address, reason)])
    }
}

struct InfrastructureOperatorsWithdraw: ResultCommand {
    static let configuration = CommandConfiguration(
        "withdraw", "Pays the sender the stake with which it left.", examples: ["trellis infra operators withdraw shop --from bob"])

    @Argument(help: "The application.") var app: ApplicationName
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Infrastructure.withdraw.reference.call(on: .infrastructure, app)])
    }
}
