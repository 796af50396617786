import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

/// Stake at validators.
struct StakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "stake", "Bonds stake to validators, and asks it back.", examples: ["trellis stake show alice"],
        subcommands: [StakeBond.self, StakeUnbond.self, StakeWithdraw.self, StakeClaim.self, StakeShow.self])
}

struct StakeBond: ResultCommand {
    static let configuration = CommandConfiguration(
        "bond", "Bonds stake to a validator.", examples: ["trellis stake bond \(Address().text(on: .development)) 100 --from alice"])

    @Argument(help: "The validator: an address or the name of a key.") var validator: String
    @Argument(help: "How much, in TRL.") var amount: TokenAmount
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [Staking.delegate.reference.call(on: .staking, try await send.names(client).address(validator), value: amount.amount)])
    }
}

struct StakeUnbond: ResultCommand {
    static let configuration = CommandConfiguration(
        "unbond", "Asks stake back, or all of it; it is paid when the unbonding time is over, with trellis stake withdraw.",
        examples: ["trellis stake unbond \(Address().text(on: .development)) 40 --from alice", "trellis stake unbond \(Address().text(on: .development)) --from alice"])

    @Argument(help: "The validator: an address or the name of a key.") var validator: String
    @Argument(help: "How much, in TRL; all when left out.") var amount: TokenAmount?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [Staking.undelegate.reference.call(on: .staking, try await send.names(client).address(validator), amount?.amount)])
    }
}

struct StakeWithdraw: ResultCommand {
    static let configuration = CommandConfiguration(
        "withdraw", "Pays out stake whose unbonding time is over.", examples: ["trellis stake withdraw \(Address().text(on: .development)) --from alice"])

    @Argument(help: "The validator: an address or the name of a key.") var validator: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [Staking.withdraw.reference.call(on: .staking, try await send.names(client).address(validator))])
    }
}

struct StakeClaim: ResultCommand {
    static let configuration = CommandConfiguration(
        "claim", "Pays out what was earned at a validator.", examples: ["trellis stake claim \(Address().text(on: .development)) --from alice"])

    @Argument(help: "The validator: an address or the name of a key.") var validator: String
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        return try await send.send(client, [Staking.claim.reference.call(on: .staking, try await send.names(client).address(validator))])
    }
}

struct StakeShow: ResultCommand {
    static let configuration = CommandConfiguration("show", "Shows where an account has stake.", examples: ["trellis stake show alice"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let text = address.text(on: try await client.networkKind())
        return try await Question(client, "staking", "delegations", [("account", .text(text))]).answer()
            .list(columns: ["validator", "worth", "free", "rewards"], name: "validator")
    }
}
