import ArgumentParser
import Client
import Contracts
import Cryptography
import Execution
import Interface
import Keystore
import Ledger
import Primitives

/// How a transaction is made and sent: options of every command that changes something on the chain.
struct SendOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The key that signs (default: $TRELLIS_FROM, or the profile's).", valueName: "key")) var from: String?
    @Flag(help: "Do not ask.") var yes = false
    @Flag(inversion: .prefixedNo, help: "Wait until it is committed.") var wait = true
    @Flag(help: "Try it out and show what would happen; nothing is signed or sent.") var dryRun = false
    @Option(help: ArgumentHelp("Gas that it may use (default: what it uses in a trial, and a fifth more).", valueName: "gas")) var gasLimit: UInt64?
    @Option(help: ArgumentHelp("Base units for a unit of gas (default: the middle of what the node advises).", valueName: "units")) var gasPrice: UInt64?
    @Option(help: ArgumentHelp("The number of the transaction (default: the next one).", valueName: "number")) var nonce: UInt64?
    @Option(help: "A note that the chain keeps.") var memo: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var keys: KeyOptions

    func validate() throws {
        if let memo, Memo(memo) == nil { throw ValidationError("--memo must be at most \(Limits.memoBytesMax) bytes") }
    }

    var choices: SendingChoices {
        var choices = SendingChoices()
        choices.gasLimit = gasLimit.map { Gas($0) }
        choices.gasPrice = gasPrice.map { Amount(UInt128($0)) }
        choices.nonce = nonce.map { Nonce($0) }
        choices.memo = memo.flatMap { Memo($0) } ?? ""
        return choices
    }

    func sender() throws -> String {
        let name = try ProfileSettings.resolve(node.profile).value(.from, flag: from)
        guard !name.isEmpty else {
            throw CommandFailure.usage("tx.sender-missing", "nobody is named who would sign", next: "Give --from, or trellis profile set from=KEY; trellis key list")
        }
        return name
    }

    func names(_ client: Client) throws -> Names { Names(client: client, home: try keys.resolvedHome()) }

    /// The address of who signs, without opening the key when it lies in a file.
    func senderAddress(_ client: Client) async throws -> Address {
        let name = try sender()
        if case .file = try keys.resolvedKeyring() { return try await names(client).address(name) }
        guard let address = try keys.key(name, role: .account).address else { preconditionFailure("an account key has an address") }
        return address
    }

    /// Prepares, asks, signs, sends and waits, and shows what came of it.
    func send(_ client: Client, _ calls: [Call]) async throws -> CommandOutput {
        let sender = try await senderAddress(client)
        let prepared = try await client.prepare(calls, from: sender, choices)
        if dryRun {
            let simulation: SimulationResource
            if let tried = prepared.simulation { simulation = tried } else { simulation = try await client.simulate(prepared.transaction) }
            if let failure = simulation.failure { throw CommandFailure(failure) }
            return Shown.simulation(simulation)
        }
        try await confirm(prepared, client)
        guard let key = try keys.key(try self.sender(), role: .account).signingKey, let signed = prepared.transaction.signed(by: key) else {
            throw CommandFailure(code: "tx.too-large", what: "the transaction is larger than \(Limits.transactionBytesMax) bytes")
        }
        return try await Self.submit(signed, client, waits: wait)
    }

    static func submit(_ signed: SignedTransaction, _ client: Client, waits: Bool, seconds: Int? = nil) async throws -> CommandOutput {
        if waits { return try Shown.report(try await client.submitAndWait(signed, seconds: seconds)) }
        let id = try await client.submit(signed)
        return .fields([("id", .text("0x" + id.hex)), ("state", .text("pending"))], name: "0x" + id.hex)
    }

    private func confirm(_ prepared: PreparedTransaction, _ client: Client) async throws {
        let transaction = prepared.transaction, network = try await client.networkKind()
        guard !yes else { return }
        let lines = transaction.calls.map { call in
            "  \(Catalogue.standard.schemas.first { $0.address == call.contract }?.schema.name ?? call.contract.text(on: network)).\(call.method)"
                + (call.value == .zero ? "" : " with \(call.value.tokens) TRL")
        }
        Console.note((["\(transaction.sender.text(on: network)) signs:"] + lines + ["  fee at most \(transaction.feeMax?.tokens ?? "?") TRL"]).joined(separator: "\n"))
        guard Terminal.isInteractive else {
            throw CommandFailure.usage("tx.not-confirmed", "nothing was sent: there is no terminal to ask on", next: "Give --yes, or --dry-run to see what would happen.")
        }
        guard Terminal.confirms("Send it?") else { throw CommandFailure(code: "tx.not-confirmed", what: "nothing was sent") }
    }
}

extension CommandOutput {
    /// A committed transaction whose first call made something with a number: that is what `-o name` prints. What was not waited for has none yet.
    func made(_ kind: String) -> CommandOutput {
        guard case .list(let results)? = data["receipt"]?["results"], let number = results.first?["value"].flatMap({ UInt64($0.plain) }) else { return self }
        return CommandOutput(
            .fields([(kind, .number(number)), ("transaction", data)]), names: [String(number)],
            view: .parts([.fields([(kind, String(number))]), view ?? TextView(data)]), status: status)
    }
}

/// What results of the chain look like.
enum Shown {
    /// A committed transaction, or the failure that its receipt has.
    static func report(_ report: TransactionReport) throws -> CommandOutput {
        if let failure = report.receipt?.failure {
            var rejected = CommandFailure(failure)
            rejected.why = "\(rejected.why ?? ""); transaction \(report.id.text) at height \(report.height ?? 0)"
            throw rejected
        }
        return transaction(report)
    }

    static func transaction(_ report: TransactionReport) -> CommandOutput {
        var fields: [(String, DynamicValue?)] = [
            ("id", .text(report.id.text)), ("state", .text(report.state.rawValue)), ("height", report.height.map { .number($0) }),
            ("time", report.time.map { .text($0.text) }),
        ]
        if let receipt = report.receipt {
            fields += [
                ("outcome", .text(receipt.outcome.rawValue)), ("gasUsed", .number(receipt.gasUsed)), ("fee", .text(receipt.fee.value.tokens + " TRL")),
            ]
            if let failure = receipt.failure { fields.append(("failure", .text(failure.text ?? failure.message))) }
            for (place, result) in receipt.results.enumerated() {
                if let value = result.value, value != .null { fields.append(("result \(place)", value)) }
            }
            for event in receipt.events ?? [] { fields.append((event.name, event.fields ?? .text(event.data.text))) }
        }
        for call in report.transaction?.calls ?? [] { fields.append((call.contractName ?? call.contract.text, .text(Shown.call(call)))) }
        return CommandOutput(report.value, names: [report.id.text], view: TextView(.fields(fields)))
    }

    static func call(_ call: CallResource) -> String {
        let arguments = call.arguments.map(\.plain) ?? call.data.text
        // Code of a contract is not for reading.
        return "\(call.method) \(arguments.prefix(400))\(arguments.count > 400 ? "…" : "")" + (call.value.value == .zero ? "" : " with \(call.value.value.tokens) TRL")
    }

    static func simulation(_ simulation: SimulationResource) -> CommandOutput {
        let view = TextView(.fields([
            ("outcome", .text(simulation.outcome.rawValue)), ("gasUsed", .number(simulation.gasUsed)),
            ("gasLimit", .number(simulation.gasLimitSuggested)), ("fee", .text(simulation.fee.value.tokens + " TRL")),
            ("failure", simulation.failure.map { .text($0.text ?? $0.message) }),
            ("calls", .list(simulation.calls.map { .text(call($0)) })), ("events", .list(simulation.events.map { .text($0.name) })),
        ]))
        return CommandOutput(simulation.value, names: [String(simulation.gasLimitSuggested)], view: view)
    }
}
