import Client
import Cryptography
import Foundation
import Glibc
import Interface
import Keystore
import Ledger
import Primitives
import Testing

/// A network that was made by `trellis devnet up` in a directory of its own.
struct Devnet {
    struct Failure: Error, CustomStringConvertible { let description: String }

    struct Node: Decodable, Sendable {
        let name: String
        let peerPort: UInt16
        let apiPort: UInt16
        let nodeKey: String
        let process: Process?

        struct Process: Decodable, Sendable { let id: Int32 }

        var client: Client {
            get throws {
                var settings = Client.Settings()
                settings.requestSeconds = 5
                return try Client("http://127.0.0.1:\(apiPort)", settings: settings)
            }
        }
    }

    private struct State: Decodable {
        let members: [Node]
        let relay: Node.Process?
    }

    let directory: String
    /// Where commands run: above it or in it is the preset.
    var workplace = Program.directory

    /// Makes a network, hands it to `body`, and ends all its processes whatever happens.
    ///
    /// - Parameter parameters: what differs from those of the preset devnet.
    static func with(_ arguments: String..., parameters: [String: UInt64] = [:], body: (Devnet) async throws -> Void) async throws {
        var devnet = Devnet(directory: NSTemporaryDirectory() + "trellis-\(UInt32.random(in: 0 ... .max))")
        if !parameters.isEmpty { try devnet.changePreset(parameters) }
        defer { try? FileManager.default.removeItem(atPath: devnet.directory + ".preset") }
        do {
            let began = ContinuousClock.now
            try await devnet.run(["up", "--detach"] + arguments)
            print("  network ready after \(ContinuousClock.now - began)")
            try await body(devnet)
        } catch {
            devnet.tellLogs()
            devnet.end()
            throw error
        }
        devnet.end()
    }

    private mutating func changePreset(_ parameters: [String: UInt64]) throws {
        let name = "Genesis/devnet.json", root = Program.directory.deletingLastPathComponent().deletingLastPathComponent()
        var preset = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: root.appending(path: name))) as? [String: Any])
        let standard = try #require(preset["parameters"] as? [String: String])
        preset["parameters"] = standard.merging(parameters.mapValues { String($0) }) { _, new in new }
        workplace = URL(fileURLWithPath: directory + ".preset")
        try FileManager.default.createDirectory(at: workplace.appending(path: "Genesis"), withIntermediateDirectories: true)
        try JSONSerialization.data(withJSONObject: preset).write(to: workplace.appending(path: name))
    }

    /// Runs a command on the network that must succeed.
    @discardableResult
    func run(_ arguments: [String]) async throws -> Outcome {
        let outcome = try await attempt(arguments)
        guard outcome.status == 0 else {
            throw Failure(description: "trellis devnet \(arguments.joined(separator: " ")): \(outcome.status)\n\(outcome.errors)\(String(decoding: outcome.output, as: UTF8.self))")
        }
        return outcome
    }

    func attempt(_ arguments: [String]) async throws -> Outcome {
        try await Program.run(["devnet"] + arguments + ["--directory", directory, "-o", "json"], in: workplace)
    }

    var nodes: [Node] {
        get throws { try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(fileURLWithPath: directory + "/devnet.json"))).members }
    }

    /// What `trellis status --why` tells of a node.
    func why(_ place: Int) async throws -> String {
        let outcome = try await Program.run(["status", "--why", "--node", "http://127.0.0.1:\(try nodes[place].apiPort)"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return String(decoding: outcome.output, as: UTF8.self)
    }

    /// What a node's files occupy; the database's is full of holes.
    func kibibytes(of name: String) -> Int {
        let files = FileManager.default.enumerator(atPath: "\(directory)/nodes/\(name)/data")?.compactMap { $0 as? String } ?? []
        return files.reduce(0) { sum, file in
            var status = stat()
            return stat("\(directory)/nodes/\(name)/data/\(file)", &status) == 0 ? sum + Int(status.st_blocks) / 2 : sum
        }
    }

    /// Tells a node something for its next start. It need not be there yet.
    func set(_ name: String, _ settings: String...) async throws {
        let outcome = try await Program.run(["config", "set", "--home", "\(directory)/nodes/\(name)"] + settings)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// The key of an account of the first state.
    func key(_ name: String) throws -> SigningKey {
        var passphrase = Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/passphrase")))
        let key = try KeyFile.read("\(directory)/keys/\(name).json").open(try Passphrase(wiping: &passphrase))
        return try #require(key.signingKey)
    }

    var genesis: Genesis { get throws { try Genesis(bcs: Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/genesis.bcs")))) } }

    /// Kills what is left and takes the directory away; needs nothing to work but the state file.
    func end() {
        if let data = try? Data(contentsOf: URL(fileURLWithPath: directory + "/devnet.json")), let state = try? JSONDecoder().decode(State.self, from: data) {
            for process in state.members.map(\.process) + [state.relay] {
                if let process, isOurs(process.id) { kill(process.id, SIGKILL) }
            }
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Whether a process runs for this directory; its number may have passed to another one.
    private func isOurs(_ id: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8))?.contains(directory) ?? false
    }

    private func tellLogs() {
        for node in (try? nodes) ?? [] {
            guard let text = try? String(contentsOfFile: "\(directory)/nodes/\(node.name)/log", encoding: .utf8) else { continue }
            print("── \(node.name)\n" + text.split(separator: "\n").suffix(25).joined(separator: "\n"))
        }
    }

    // ── What holds in every network ──

    func heights() async throws -> [UInt64] {
        var heights: [UInt64] = []
        for node in try nodes { heights.append(try await node.client.head().height) }
        return heights
    }

    /// Waits until all nodes have the newest block that any of them had, and compares their state roots at the heights up to it.
    func expectAgreement(within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var newest: UInt64 = 0, oldest: UInt64 = 1
        for node in try nodes {
            let head = try await node.client.head()
            (newest, oldest) = (max(newest, head.height), max(oldest, head.oldestBlock))
        }
        let isLevel = await eventually(within: seconds) { ((try? await heights()) ?? [0]).allSatisfy { $0 >= newest } }
        let reached = (try? await heights()) ?? []
        #expect(isLevel, "nodes are at \(reached), one was at \(newest)", sourceLocation: sourceLocation)
        guard isLevel else { return }
        // The newest forty, and others further and further back, as far as all have them.
        var compared = Set((newest > 40 ? newest - 40 : 1)...newest), step: UInt64 = 41
        while newest > step {
            compared.insert(newest - step)
            step *= 2
        }
        for height in compared.sorted() where height >= oldest {
            var roots: Set<String> = []
            for node in try nodes {
                let block = try await node.client.block(String(height))
                roots.insert("\(block.hash.text) \(block.stateRoot.text)")
            }
            #expect(roots.count == 1, "nodes differ at height \(height): \(roots)", sourceLocation: sourceLocation)
        }
    }
}
