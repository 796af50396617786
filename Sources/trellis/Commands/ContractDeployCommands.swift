import ArgumentParser
import Client
import ContractKit
import Contracts
import Execution
import Interface
import Ledger
import Primitives

/// Code on the command line: a directory, which is built, or a module in a file.
enum ContractCode {
    static func read(_ path: String) throws -> (built: BuiltContract, code: Deployment.Code) {
        let built = try path.hasSuffix(".wasm") ? BuiltContract(try Files.read(path, max: Profile.bytesMax)) : try ContractProject(path).build()
        guard let code = Deployment.Code(built.code) else { throw CommandFailure(code: "contract.code-refused", what: "the code is longer than \(Profile.bytesMax) bytes") }
        return (built, code)
    }

    private enum Profile { static let bytesMax = 512 << 10 }

    /// The encoding of what `init` or `migrate` gets.
    static func setup(_ arguments: ContractArguments, _ method: String, _ schema: ContractSchema, _ names: Names) async throws -> Deployment.SetupArguments {
        var bytes: [UInt8] = []
        if let found = schema.methods.first(where: { $0.name == method }) {
            bytes = try await arguments.encode(found, names)
        } else if !arguments.isEmpty {
            throw CommandFailure.usage("contract.arguments", "\(schema.name) has no method \(method) that would take arguments", next: "Leave them out.")
        }
        guard let setup = Deployment.SetupArguments(bytes) else { throw CommandFailure.usage("contract.arguments", "the arguments are longer than 16 KiB") }
        return setup
    }
}

struct ContractDeploy: ResultCommand {
    static let configuration = CommandConfiguration(
        "deploy", "Builds a contract and deploys it; arguments are for its method init.",
        discussion: """
            The sender owns the contract and may replace its code at once, unless --immutable, --owner or --delay says otherwise. The address is \
            remembered in build/deployed.json, so that the directory can stand for the contract.
            """,
        examples: ["trellis contract deploy counter --from alice", "trellis contract deploy token name=Grain supply=1000 --delay 86400 --from alice"])

    @Argument(help: ArgumentHelp("The directory, or a .wasm file.", valueName: "directory")) var directory: String
    @OptionGroup var arguments: ContractArguments
    @Flag(help: "Nobody may ever replace the code.") var immutable = false
    @Option(help: ArgumentHelp("Who may replace the code, an address or a key (default: the sender).", valueName: "account")) var owner: String?
    @Option(help: ArgumentHelp("Seconds between an upgrade's announcement and its effect.", valueName: "seconds")) var delay: UInt64?
    @Option(help: "What goes with the call of init, in TRL.") var value: TokenAmount?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if immutable, owner != nil || delay != nil { throw ValidationError("an immutable contract has no owner and no delay") }
        if let delay, delay > Deployment.delayMax / 1_000 { throw ValidationError("--delay must be at most a year") }
    }

    func result() async throws -> CommandOutput {
        let (built, code) = try ContractCode.read(directory), client = try send.node.client()
        let setup = try await ContractCode.setup(arguments, "init", built.schema, send.names(client))
        let call = Deployment.deploy.reference.call(on: .contracts, code, try await policy(client), setup, value: value?.amount ?? .zero)
        let sent = try await send.send(client, [call])
        // Nothing has an address when it was only tried, or nobody waited.
        guard let receipt = sent.data["receipt"], case .list(let results)? = receipt["results"], case .text(let address)? = results.first?["value"] else { return sent }
        if let project = ContractPlace.project(directory) { try DeployedPlaces(project).note(address, on: try await client.chain().chainID.text) }
        return .fields([
            ("contract", .text(built.schema.name)), ("address", .text(address)), ("bytes", .number(UInt64(built.code.count))), ("gasUsed", receipt["gasUsed"]),
            ("transaction", sent.data["id"]), ("height", sent.data["height"]),
        ], name: address)
    }

    private func policy(_ client: Client) async throws -> OwnerPolicy {
        if immutable { return .immutable }
        let address: Address
        if let owner { address = try await send.names(client).address(owner) } else { address = try await send.senderAddress(client) }
        return delay.map { .delayed(DelayedOwner(owner: address, delay: $0 * 1_000)) } ?? .owner(address)
    }
}

struct ContractUpgrade: ResultCommand {
    static let configuration = CommandConfiguration(
        "upgrade", "Builds a contract and replaces the code of a deployed one, or announces it; arguments are for its method migrate.",
        discussion: "When the contract has a delay, trellis contract call contracts apply_upgrade contract=ADDRESS puts it into effect after it.",
        examples: ["trellis contract upgrade counter --from alice", "trellis contract upgrade \(Address().text(on: .development)) --code counter --from alice"])

    @Argument(help: "An address, or the directory from which it was deployed.") var contract: String
    @OptionGroup var arguments: ContractArguments
    @Option(help: ArgumentHelp("The directory or .wasm file with the new code (default: the contract, when it is a directory).", valueName: "directory")) var code: String?
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        guard let source = code ?? ContractPlace.project(contract)?.path else {
            throw CommandFailure.usage("contract.code-missing", "no code is given for \(contract)", next: "Give --code DIRECTORY.")
        }
        let (built, code) = try ContractCode.read(source), client = try send.node.client()
        let setup = try await ContractCode.setup(arguments, "migrate", built.schema, send.names(client))
        let address = try await send.names(client).address(try await ContractPlace.resolve(contract, client))
        let sent = try await send.send(client, [Deployment.upgrade.reference.call(on: .contracts, address, code, setup)])
        guard let receipt = sent.data["receipt"] else { return sent }
        let text = address.text(on: try await client.networkKind())
        let record = try await Question(client, "contracts", "show", [("contract", .text(text))]).answer(orMissing: "there is no contract \(text)").people
        let pending = try await Question(client, "contracts", "pending_upgrade", [("contract", .text(text))]).answer().people["due"]
        let due = pending.flatMap { UInt64($0.plain) }.map { TimeText(Timestamp($0)).text }
        if let due { Console.note("Announced. From \(due) on: trellis contract call contracts apply_upgrade contract=\(text)") }
        return .fields([
            ("contract", .text(built.schema.name)), ("address", .text(text)), ("revision", record["revision"]), ("due", due.map { .text($0) }), ("policy", record["policy"]), ("gasUsed", receipt["gasUsed"]),
            ("transaction", sent.data["id"]), ("height", sent.data["height"]),
        ], name: text)
    }
}
