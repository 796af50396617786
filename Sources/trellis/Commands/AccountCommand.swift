import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Balances and payments.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "account", "Shows accounts and pays.", examples: ["trellis account balance alice"],
        subcommands: [AccountShow.self, AccountBalance.self, AccountHistory.self, AccountTransfer.self])
}

/// Whose account: an address, or the name of a key; the sender's when left out.
struct AccountArgument: ParsableArguments {
    @Argument(help: "An address or the name of a key (default: who signs).") var account: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions

    func resolve() async throws -> (Client, Address) {
        let client = try node.client(), settings = try ProfileSettings.resolve(node.profile)
        let text = account ?? settings[.from].value
        guard !text.isEmpty else { throw CommandFailure.usage("account.missing", "no account is named", next: "trellis account show ADDRESS") }
        return (client, try await Names(client: client, home: try keys.resolvedHome()).address(text))
    }
}

struct AccountShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows an account, and what of it waits in the pool.", examples: ["trellis account show alice"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let account = try await client.account(address), pending = try await client.pending(of: address)
        let data = DynamicValue.fields([("account", account.value), ("pending", .list(pending.items.map(\.value)))])
        let view = TextView(.fields([
            ("address", .text(account.address.text)), ("balance", .text(account.balance.value.tokens + " TRL")), ("transactions", .number(account.nonce)),
            ("nextNonce", .number(account.nextNonce)), ("pending", .number(UInt64(pending.items.count))), ("height", .number(account.height)),
        ]))
        return CommandOutput(data, names: [account.address.text], view: view)
    }
}

struct AccountBalance: ResultCommand {
    static let configuration = CommandConfiguration(
        "balance", "Shows a balance; -o name prints base units alone.", examples: ["trellis account balance alice", "trellis account balance alice -o name"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let account = try await client.account(address)
        return CommandOutput(
            .fields([("address", .text(account.address.text)), ("balance", .text(account.balance.text)), ("height", .number(account.height))]),
            names: [account.balance.text], view: .text(account.balance.value.tokens + " TRL"))
    }
}

struct AccountHistory: ResultCommand {
    static let configuration = CommandConfiguration(
        "history", "Lists transactions that an account sent or that paid it, newest first.", examples: ["trellis account history alice --limit 50"])

    @OptionGroup var who: AccountArgument
    @OptionGroup var page: PageOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let (client, address) = try await who.resolve()
        let found = try await client.transactions(of: address, limit: page.limit, cursor: page.cursor)
        let rows = found.items.map { report in
            [
                report.id.text, report.height.map { String($0) } ?? "", report.time?.text ?? "", report.receipt?.outcome.rawValue ?? report.state.rawValue,
                report.transaction.map { $0.calls.map(Shown.call).joined(separator: "; ") } ?? "",
            ]
        }
        return page.output(found, names: found.items.map(\.id.text), columns: ["id", "height", "time", "outcome", "calls"], rows: rows)
    }
}

struct AccountTransfer: ResultCommand {
    static let configuration = CommandConfiguration(
        "transfer", "Pays somebody.",
        examples: ["trellis account transfer \(Address().text(on: .development)) 12.5 --from alice", "trellis account transfer bob 1 --from alice --dry-run"])

    @Argument(help: "Who is paid: an address or the name of a key.") var to: String
    @Argument(help: "How much, in TRL.") var amount: TokenAmount
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let receiver = try await send.names(client).address(to)
        return try await send.send(client, [Accounts.transfer.reference.call(on: .accounts, receiver, value: amount.amount)])
    }
}

/// A part of a long list.
struct PageOptions: ParsableArguments {
    @Option(help: "At most so many, up to 200.") var limit: Int = 20
    @Option(help: "Where to go on: next of the part before.") var cursor: String?

    func validate() throws {
        guard (1...200).contains(limit) else { throw ValidationError("--limit must be from 1 to 200") }
    }

    func output<Item: Resource>(_ page: PageResource<Item>, names: [String], columns: [String], rows: [[String]]) -> CommandOutput {
        if let next = page.next { Console.note("there is more: --cursor \(next)") }
        return CommandOutput(page.value, names: names, view: .table(columns: columns, rows: rows))
    }
}
