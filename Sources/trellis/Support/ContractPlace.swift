import Client
import ContractKit
import Execution
import Foundation
import Interface
import Primitives

/// Where the contracts of a directory were deployed, by chain: `build/deployed.json`. So a command takes the directory where it takes a
/// contract's address.
struct DeployedPlaces {
    private let path: String

    init(_ project: ContractProject) { path = "\(project.path)/build/deployed.json" }

    private func read() -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
    }

    func address(on chain: String) -> String? { read()[chain] }

    func note(_ address: String, on chain: String) throws(CommandFailure) {
        var places = read()
        places[chain] = address
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(places) else { preconditionFailure("texts are JSON") }
        try Files.write(Array(data) + [UInt8(ascii: "\n")], to: path, replacing: true)
    }
}

/// Which contract is meant: the name of one of the protocol, an address, or the directory of one that was deployed from it.
enum ContractPlace {
    /// The name or address by which a node knows it.
    static func resolve(_ text: String, _ client: Client) async throws -> String {
        guard let project = project(text) else { return text }
        guard let address = DeployedPlaces(project).address(on: try await client.chain().chainID.text) else {
            throw CommandFailure(
                code: "contract.not-deployed", what: "the contract in \(text) was not deployed to this chain from here", next: "trellis contract deploy \(text)", status: .notFound)
        }
        return address
    }

    /// The directory, when the word is one; names of the protocol's contracts are not looked for on the disk.
    static func project(_ text: String) -> ContractProject? {
        Names.builtIn(text) == nil ? try? ContractProject(text) : nil
    }
}

extension KitError: FailureReport {
    var failure: CommandFailure {
        CommandFailure(code: code.rawValue, what: what, why: why, next: next, status: code == .projectUnknown ? .notFound : .failure)
    }
}
