import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives

struct AgreementFund: ResultCommand {
    static let configuration = CommandConfiguration(
        "fund", "Pays for periods, with what monitors and keeper may earn.",
        discussion: "Without --periods it pays for what is missing before the agreement is active, and for the next period afterwards. Anyone may pay; what is left over goes to the consumer.",
        examples: ["trellis sla fund 7 --from alice", "trellis sla fund 7 --periods 3 --from alice"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: "How many.") var periods: UInt32?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), found = try await reader.agreement(agreement.number)
        let missing = found.terms.payment.prepaidPeriods - min(found.terms.payment.prepaidPeriods, found.agreement.funded)
        let count = periods ?? max(1, missing)
        guard let cost = found.terms.periodCost()?.multiplied(by: UInt64(count)) else { throw CommandFailure.usage("sla.periods", "\(count) periods cost more than there is") }
        return try await send.send(reader.client, [Agreements.fund.reference.call(on: .agreements, agreement.number, count, value: cost)])
    }
}

struct AgreementDeposit: ResultCommand {
    static let configuration = CommandConfiguration(
        "deposit", "Adds to a provider's collateral; what is left of it comes back at the end.",
        examples: ["trellis sla deposit 7 --from north", "trellis sla deposit 7 25 --from north"])

    @OptionGroup var agreement: AgreementArgument
    @Argument(help: "How much, in TRL (default: what is missing).") var amount: TokenAmount?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client())
        return try await send.send(reader.client, [Agreements.deposit.reference.call(on: .agreements, agreement.number, value: try await due(reader))])
    }

    private func due(_ reader: AgreementReader) async throws -> Amount {
        if let amount { return amount.amount }
        let found = try await reader.agreement(agreement.number), sender = try await send.senderAddress(reader.client)
        guard let place = found.terms.providers.firstIndex(where: { $0.account == sender }) else {
            throw CommandFailure(code: "sla.not-provider", what: "\(reader.text(sender)) is no provider of agreement \(agreement.number)", next: "Sign with --from the provider's key.")
        }
        let missing = found.terms.providers[place].collateral.subtracting(found.agreement.escrow.collateral[place]) ?? .zero
        guard missing > .zero else {
            throw CommandFailure(code: "sla.nothing-missing", what: "all of the collateral is there", next: "trellis sla show \(agreement.number)")
        }
        return missing
    }
}

struct AgreementEnlist: ResultCommand {
    static let configuration = CommandConfiguration(
        "enlist", "Accepts to monitor, and deposits the bond, which comes back at the end unless the monitor contradicts itself.",
        examples: ["trellis sla enlist 7 --from watcher-1"])

    @OptionGroup var agreement: AgreementArgument
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), bond = try await reader.agreement(agreement.number).terms.payment.monitorBond
        let sent = try await send.send(reader.client, [Agreements.enlist.reference.call(on: .agreements, agreement.number, value: bond)])
        if !send.dryRun { Console.note("next: trellis sla monitor-config \(agreement.number) --to monitor.yaml, then trellis monitor run --config monitor.yaml") }
        return sent
    }
}

struct AgreementSettle: ResultCommand {
    static let configuration = CommandConfiguration(
        "settle", "Does what time has made due: intervals become final, periods are closed and paid, deposits go back. Anyone may.",
        discussion: "Whoever closes a period gets its keeper fee. It is rejected while nothing is due; trellis sla show says when that is.",
        examples: ["trellis sla settle 7 --from keeper"])

    @OptionGroup var agreement: AgreementArgument
    @Option(help: "At most so many steps, from 1 to 256.") var steps: UInt16 = Agreements.settleStepsMax
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...Agreements.settleStepsMax).contains(steps) else { throw ValidationError("--steps must be from 1 to \(Agreements.settleStepsMax)") }
    }

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Agreements.settle.reference.call(on: .agreements, agreement.number, steps)])
    }
}

struct AgreementAward: ResultCommand {
    static let configuration = CommandConfiguration(
        "award", "Gives the consumer a part of what a provider has held back or deposited; for the arbiter, while the agreement is closing.",
        examples: ["trellis sla award 7 north 12.5 --from judge"])

    @OptionGroup var agreement: AgreementArgument
    @Argument(help: "The provider: an address or the name of a key.") var provider: String
    @Argument(help: "How much, in TRL.") var amount: TokenAmount
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await AgreementReader(try send.node.client()), found = try await reader.agreement(agreement.number)
        let account = try await send.names(reader.client).address(provider)
        guard let place = found.terms.providers.firstIndex(where: { $0.account == account }) else {
            throw CommandFailure(
                code: "sla.provider-unknown", what: "\(provider) is no provider of agreement \(agreement.number)", next: "trellis sla show \(agreement.number)", status: .notFound)
        }
        return try await send.send(reader.client, [Agreements.award.reference.call(on: .agreements, agreement.number, UInt8(place), amount.amount)])
    }
}
