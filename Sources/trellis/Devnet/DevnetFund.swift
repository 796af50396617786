import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Keystore
import Ledger
import Primitives

/// Pays from the faucet of a local network.
struct DevnetFund: ResultCommand {
    static let configuration = CommandConfiguration(
        "fund", "Pays from the faucet, and waits until the payment is final.",
        examples: ["trellis devnet fund tld1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs0wx2dh 100"])

    @Argument(help: "Who receives it.") var address: String
    @Argument(help: "How many TRL, with up to six decimals.") var amount: String
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let directory = try devnet.resolved(), state = try directory.state()
        guard let receiver = try? Address(text: address, on: directory.home.network) else {
            throw CommandFailure.usage("address.malformed", "\(address) is not an address of this network", next: "trellis key list --home \(directory.path)")
        }
        guard let amount = Amount(tokens: amount), amount != .zero else {
            throw CommandFailure.usage("amount.malformed", "\(amount) is not an amount above zero", why: "it is written like 12.5, with up to six decimals")
        }
        guard let member = state.members.first(where: { $0.state == .running }) else {
            throw CommandFailure(code: "devnet.not-running", what: "no node of the network runs", next: "trellis devnet up --detach", status: .unreachable)
        }
        let faucet = try Keyring.file(directory: directory.home.keys).key(try KeyOptions.name(state.faucet.name), role: .account) { () throws(KeystoreError) in
            do { return try directory.passphrase() } catch { throw KeystoreError(.passphraseInvalid, "\(directory.passphrasePath): \(error)") }
        }
        guard let key = faucet.signingKey else { preconditionFailure("an account's key signs") }
        let client = try Client(member.interface)
        Console.note("paying \(amount.tokens) TRL to \(address)")
        let report = try await client.send([Accounts.transfer.reference.call(on: .accounts, receiver, value: amount)], by: key)
        let account = try await client.account(receiver)
        func fields(_ balance: String) -> DynamicValue {
            .fields([
                ("transaction", .text(report.id.text)), ("height", report.height.map { .number($0) }), ("address", .text(address)), ("balance", .text(balance)),
            ])
        }
        return CommandOutput(fields(account.balance.text), names: [report.id.text], view: TextView(fields(account.balance.value.tokens + " TRL")))
    }
}
