import ArgumentParser
import Client
import Contracts
import Execution
import Foundation
import Interface
import Keystore
import Ledger
import Primitives

/// Which node is asked.
struct NodeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The node's interface (default: $TRELLIS_NODE, the profile's, or http://127.0.0.1:26651).", valueName: "url"))
    var node: String?

    @Option(help: ArgumentHelp("The profile to use (default: $TRELLIS_PROFILE, or the current one).", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("How long an answer may take.", valueName: "seconds"))
    var timeout: Int = 15

    func validate() throws {
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout must be from 1 to 600") }
    }

    func client() throws -> Client {
        var settings = Client.Settings()
        settings.requestSeconds = timeout
        return try Client(try ProfileSettings.resolve(profile).value(.node, flag: node), settings: settings)
    }
}

extension ClientError: FailureReport {
    var failure: CommandFailure {
        switch self {
        case .endpointInvalid(let text): .usage(code, text, next: "trellis profile set node=http://127.0.0.1:26651")
        case .unreachable(let text): CommandFailure(code: code, what: text, next: "Is the node running? trellis doctor; or name another one with --node.", status: .unreachable)
        case .timedOut(let text): CommandFailure(code: code, what: text, next: "trellis status --why", status: .unreachable)
        case .answerUnexpected(let text): CommandFailure(code: code, what: text, next: "Check that --node is the interface of a node of this version.")
        case .unproven(let text): CommandFailure(code: code, what: "the proof does not hold", why: text, next: "Do not believe this node; ask another one.")
        case .transactionInvalid(let text): CommandFailure(code: code, what: text)
        case .dropped(let id, let reason):
            CommandFailure(code: reason, what: "the transaction 0x\(id.hex) left the pool without being committed", next: "Send it again; nothing was paid.", status: .rejected)
        case .wouldFail(let failure): CommandFailure(failure)
        case .refused(let problem): CommandFailure(problem)
        }
    }
}

extension CommandFailure {
    init(_ problem: Problem) {
        let status: ExitStatus = switch problem.status {
        case 404, 410: .notFound
        case 429, 503: .unreachable
        case 400, 415: problem.code.hasPrefix("tx.") ? .rejected : .usage
        default: problem.code.hasPrefix("tx.") ? .rejected : .failure
        }
        self.init(
            code: problem.code, what: problem.detail, why: problem.location.map { "at \($0)" }, next: problem.hint ?? Self.advice[problem.code], status: status)
    }

    /// What a receipt or a simulation says of a call that failed.
    init(_ failure: FailureResource) {
        let name = failure.name.map { "\(failure.contractName ?? "contract").\($0)" } ?? (failure.code == 0 ? "out-of-gas" : "code-\(failure.code)")
        let saysMore = !failure.message.isEmpty && failure.message != failure.text
        self.init(
            code: "chain.\(name)", what: failure.text ?? failure.message, why: "call \(failure.callIndex)" + (saysMore ? ": \(failure.message)" : ""),
            next: failure.hint, status: .rejected)
    }

    /// What to do about refused transactions.
    private static let advice = [
        "tx.balance": "trellis account balance", "tx.nonce-used": "Build the transaction again; another one took its number.",
        "tx.nonce-too-far": "Send those with lower numbers first: trellis account show", "tx.expired": "Build the transaction again.",
        "tx.gas-price": "trellis tx build takes the price that the node advises.", "tx.chain-mismatch": "The node is of another chain: trellis status",
        "tx.sender-unknown": "The account has nothing yet; let somebody pay it first.", "tx.signature": "Sign it again: trellis tx sign",
    ]
}

/// Names on the command line: addresses, names of own keys, names of contracts.
struct Names {
    let client: Client
    let home: Home?

    /// An address, or the account key of that name in the home.
    func address(_ text: String) async throws -> Address { try address(text, on: try await client.networkKind()) }

    func address(_ text: String, on network: NetworkKind) throws -> Address {
        if let address = try? Address(text: text, on: network) { return address }
        if let home, KeyName(text) != nil, FileManager.default.fileExists(atPath: "\(home.keys)/\(text).json") {
            let file = try KeyFile.read("\(home.keys)/\(text).json")
            guard let address = file.address else {
                throw CommandFailure.usage("address.key-role", "the key \(text) is of the role \(file.role), and has no account")
            }
            return address
        }
        if NetworkKind.allCases.contains(where: { (try? Address(text: text, on: $0)) != nil }) {
            throw CommandFailure.usage("address.network", "\(text) is an address of another kind of network", next: "Addresses here begin with \(network.addressPrefix)1.")
        }
        throw CommandFailure.usage(
            "address.invalid", "\(text) is neither an address nor the name of a key", next: "Addresses here begin with \(network.addressPrefix)1; trellis key list shows keys.")
    }

    /// A contract of the protocol by its name, or any by its address.
    func contract(_ text: String) async throws -> Address {
        if let builtIn = Self.builtIn(text) { return builtIn }
        return try await address(text)
    }

    static func builtIn(_ name: String) -> Address? { Catalogue.standard.schemas.first { $0.schema.name == name }?.address }
}

/// TRL on the command line, with at most six decimals.
struct TokenAmount: ExpressibleByArgument {
    let amount: Amount

    init?(argument: String) {
        guard let amount = Amount(tokens: argument) else { return nil }
        self.amount = amount
    }
}

extension Resource {
    /// The same as it is in the interface.
    var value: DynamicValue {
        guard let value = try? JSONReader.value(json) else { preconditionFailure("what was written as JSON is not read as such") }
        return value
    }
}
