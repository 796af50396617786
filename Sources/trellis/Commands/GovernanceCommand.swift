import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Proposals and votes.
struct GovernanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "gov", "Proposes changes of the network, and votes on them.", examples: ["trellis gov list --stage voting"],
        subcommands: [GovernancePropose.self, GovernanceVote.self, GovernanceShow.self, GovernanceList.self, GovernanceExecute.self])
}

struct GovernancePropose: ResultCommand {
    static let configuration = CommandConfiguration(
        "propose", "Makes a proposal; the deposit comes back unless the proposal is vetoed.",
        discussion: """
            The action is an opinion (the default), changes of parameters with --parameter, a call that governance makes when the vote and its \
            time lock are over with --call, or any action of the contract's schema with --action.
            """,
        examples: [
            "trellis gov propose --title \"Adopt draft 4\" --call infrastructure.adopt application=shop digest=0x\(String(repeating: "5a", count: 32)) --from alice",
            "trellis gov propose --title \"Larger blocks\" --parameter blockGasMax=800000000 --from alice",
            "trellis gov propose --title \"An opinion\" --text \"Why I think so.\" --from alice",
        ])

    @Option(help: "What it is about.") var title: String
    @Option(help: "Why.") var text: String = ""
    @Option(help: ArgumentHelp("A parameter and its new value; may be repeated.", valueName: "name=value")) var parameter: [String] = []
    @Option(help: ArgumentHelp("The action as JSON, as {\"pause\": {…}}; @FILE reads a file.", valueName: "json")) var action: String?
    @Option(help: ArgumentHelp("What governance calls when it is accepted; its arguments follow as name=value.", valueName: "contract.method")) var call: String?
    @OptionGroup var arguments: ContractArguments
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let kinds = [action != nil, !parameter.isEmpty, call != nil].count { $0 }
        guard kinds <= 1 else { throw ValidationError("give one of --parameter, --call and --action") }
        guard call != nil || arguments.pairs.isEmpty && arguments.args == nil else { throw ValidationError("arguments belong to --call") }
    }

    func result() async throws -> CommandOutput {
        let client = try send.node.client()
        let content = DynamicValue.fields([("title", .text(title)), ("text", .text(text)), ("action", try await actionValue(client))])
        let method = Governance.propose.schema
        let codec = SchemaCodec(network: try await client.networkKind()), arguments: [UInt8]
        do throws(SchemaCodec.Mismatch) {
            arguments = try codec.encode(.fields([("content", content)]), as: method.arguments)
        } catch { throw CommandFailure.usage("gov.content", "the proposal is not what the contract takes", why: error.description, next: "trellis contract show governance") }
        let deposit = try await client.parameters().parameters.first { $0.name == "proposalDeposit" }?.value.value ?? 0
        return try await send.send(client, [Call(contract: .governance, method: Governance.propose.name, arguments: arguments, value: Amount(deposit))])
    }

    private func actionValue(_ client: Client) async throws -> DynamicValue {
        if let call {
            let parts = call.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw CommandFailure.usage("gov.content", "\(call) is not contract.method") }
            let made = try await CallBuilder.call(client, contract: parts[0], method: parts[1], arguments, value: nil, send.names(client))
            return .fields([("calls", .list([.fields([
                ("contract", .text(made.contract.text(on: try await client.networkKind()))), ("method", .text(made.method.text)),
                ("arguments", .text("0x" + made.arguments.hex)), ("value", .text("0")),
            ])]))])
        }
        if let action {
            if action.hasPrefix("@") { return try Files.json(String(action.dropFirst())) }
            do throws(JSONReader.Failure) { return try JSONReader.value(Array(action.utf8)) } catch {
                throw CommandFailure.usage("gov.content", "--action is not JSON", why: error.description)
            }
        }
        guard !parameter.isEmpty else { return .text("text") }
        let changes = try parameter.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw CommandFailure.usage("gov.content", "\(text) is not name=value") }
            guard NetworkParameters.field(parts[0]) != nil else {
                throw CommandFailure.usage("gov.parameter-unknown", "there is no parameter \(parts[0])", next: "trellis genesis show lists all of them.")
            }
            return DynamicValue.fields([("name", .text(parts[0])), ("value", .text(parts[1]))])
        }
        return .fields([("parameters", .list(changes))])
    }
}

struct GovernanceVote: ResultCommand {
    static let configuration = CommandConfiguration(
        "vote", "Votes with the sender's stake; a later vote takes the place of the earlier.", examples: ["trellis gov vote 3 yes --from alice"])

    enum Option: String, CaseIterable, ExpressibleByArgument { case yes, no, abstain, veto }

    @Argument(help: "The proposal's number.") var proposal: UInt64
    @Argument(help: "yes, no, abstain or veto.") var option: Option
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let choice: Governance.VoteOption = switch option {
        case .yes: .yes
        case .no: .no
        case .abstain: .abstain
        case .veto: .veto
        }
        return try await send.send(try send.node.client(), [Governance.vote.reference.call(on: .governance, proposal, choice)])
    }
}

struct GovernanceShow: ResultCommand {
    static let configuration = CommandConfiguration("show", "Shows a proposal and its votes.", examples: ["trellis gov show 3"])

    @Argument(help: "The proposal's number.") var proposal: UInt64
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await Question(try node.client(), "governance", "proposal", [("proposal", .number(proposal))])
            .answer(orMissing: "there is no proposal \(proposal)", next: "trellis gov list").output(name: String(proposal))
    }
}

struct GovernanceList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists proposals at some stage, newest first.", examples: ["trellis gov list --stage executed"])

    enum Stage: String, CaseIterable, ExpressibleByArgument { case voting, accepted, executed, failed, rejected, cancelled }

    @Option(help: "At which stage.") var stage: Stage = .voting
    @Option(help: "Only those with a smaller number.") var before: UInt64?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let answer = try await Question(
            try node.client(), "governance", "proposals", [("stage", .text(stage.rawValue)), ("before", before.map { .number($0) })]).answer()
        return answer.list(columns: ["proposal.number", "title", "proposal.kind", "proposal.votingEnds", "proposal.proposer"], name: "proposal.number")
    }
}

struct GovernanceExecute: ResultCommand {
    static let configuration = CommandConfiguration(
        "execute", "Counts or executes a proposal whose time has come, where the network is behind.", examples: ["trellis gov execute 3 --from alice"])

    @Argument(help: "The proposal's number.") var proposal: UInt64
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await send.send(try send.node.client(), [Governance.execute.reference.call(on: .governance, proposal)])
    }
}
