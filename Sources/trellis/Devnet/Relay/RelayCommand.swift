import ArgumentParser

/// Moves bytes between the nodes of a local network, and does to them what it is told on its socket. Started by `devnet up --relay`.
///
/// Connections are encrypted from node to node: this sees bytes, and can delay and cut, but neither read nor write.
struct DevnetRelay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay", abstract: "Moves bytes between the nodes of a local network.",
        discussion: "EXAMPLE\n  trellis devnet relay --socket relay.sock", shouldDisplay: false)

    @Option(help: ArgumentHelp("Where it is told what to do.", valueName: "file")) var socket: String

    mutating func run() async throws {
        do throws(CommandFailure) {
            let relay = try Relay(socket: socket)
            relay.run()
        } catch {
            Console.report(error)
            throw ExitCode(error.status.rawValue)
        }
    }
}
