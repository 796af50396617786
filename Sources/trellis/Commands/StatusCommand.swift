import ArgumentParser
import Client
import Execution
import Interface

/// How a node is, and what it waits for.
struct StatusCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        "status", "Shows how a node is; with --why also what agreement waits for, and for whom.", examples: ["trellis status --why"])

    @Flag(help: "Say what agreement waits for.") var why = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let status = try await node.client().status()
        var fields: [(String, DynamicValue?)] = [
            ("chainID", .text(status.chainID.text)), ("role", .text(status.role.rawValue)), ("height", .number(status.head.height)),
            ("time", .text(status.head.time.text)), ("epoch", .number(status.epoch)), ("ready", .bool(status.isReady)),
            ("obstacles", status.obstacles.isEmpty ? nil : .list(status.obstacles.map { .text("\($0.text) (\($0.code))") })),
            ("sync", .text(status.sync.phase == "idle" ? "idle" : "\(status.sync.phase) \(status.sync.have) of \(status.sync.total)")),
            ("peers", .number(UInt64(status.peerCount))), ("waiting", .number(status.pool.count)), ("version", .text(status.version)),
        ]
        if why {
            let consensus = status.consensus
            let missing = consensus.missing.map { place in
                DynamicValue.text(Int(place) < consensus.validators.count ? "\(place) (\(consensus.validators[Int(place)].consensusKey.text))" : String(place))
            }
            fields += [
                ("agreeing on", .text("height \(consensus.height), view \(consensus.view)")), ("has come to", .text(consensus.progress)),
                ("waits for", .text(consensus.awaiting)), ("from", missing.isEmpty ? nil : .list(missing)), ("since", .text(consensus.since.text)),
                ("refused because", consensus.refusal.map { .text($0) }), ("an operator must decide", consensus.alarm.map { .text($0) }),
            ]
        }
        return CommandOutput(status.value, names: [status.isReady ? "ready" : "not-ready"], view: TextView(.fields(fields)))
    }
}

/// Who is connected to a node.
struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "peers", "Shows who is connected to a node.", examples: ["trellis peers list"], subcommands: [PeersList.self])
}

struct PeersList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists the peers of a node.", examples: ["trellis peers list -o json"])

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        .list(try await node.client().peers().peers.map(\.value), columns: ["nodeKey", "remoteAddress", "isInbound", "agent", "roundTripMicroseconds"], name: "nodeKey")
    }
}
