import ArgumentParser
import Execution
import Foundation

/// A whole network on this machine, for trying things out and for tests.
struct DevnetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "devnet", "Runs a whole network on this machine, for trying things out.",
        discussion: """
            Nodes are processes of this same program, with keys, disks and sockets of their own. Everything is in one directory, which \
            is also a home with the keys of the faucet and of ten accounts. Nothing there has any value.
            """,
        examples: ["trellis devnet up --detach", "trellis devnet ps", "trellis devnet down"],
        subcommands: [
            DevnetUp.self, DevnetProcesses.self, DevnetLogs.self, DevnetFund.self, DevnetFault.self, DevnetDown.self, DevnetReset.self, DevnetRelay.self,
        ])
}

/// Which network is meant.
struct DevnetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the network is (default: the home when it is one, else devnet in it: ~/.trellis/devnet).", valueName: "directory"))
    var directory: String?

    func resolved() throws(CommandFailure) -> DevnetDirectory {
        func here(_ path: String) -> DevnetDirectory { DevnetDirectory(path: URL(fileURLWithPath: path).standardizedFileURL.path) }
        if let directory { return here(directory) }
        // With the network's directory as the home, every command is about it.
        let home = here(try ProfileSettings.resolve(nil).value(.home, flag: nil))
        return FileManager.default.fileExists(atPath: home.statePath) ? home : here(home.path + "/devnet")
    }

    /// Does something to a network that is there, and lets no other command do so at the same time.
    func change<Result>(_ body: (inout DevnetSupervisor) async throws -> Result) async throws -> Result {
        let directory = try resolved()
        // Nothing is made, not even a lock, where no network is.
        _ = try directory.state()
        let lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        var supervisor = DevnetSupervisor(directory: directory, state: try directory.state())
        return try await body(&supervisor)
    }
}

struct DevnetProcesses: ResultCommand {
    static let configuration = CommandConfiguration("ps", "Shows the nodes and how they are.", examples: ["trellis devnet ps", "trellis devnet ps -o json"])

    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let directory = try devnet.resolved()
        let supervisor = DevnetSupervisor(directory: directory, state: try directory.state())
        return DevnetOutput.table(supervisor.state, await supervisor.look())
    }
}

struct DevnetDown: ResultCommand {
    static let configuration = CommandConfiguration(
        "down", "Ends all nodes; the chain stays on disk.",
        discussion: "Nodes are asked to end, and killed when they have not after ten seconds.", examples: ["trellis devnet down"])

    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            let running = supervisor.state.members.filter { $0.state != .gone }.map(\.name)
            let killed = try await supervisor.end()
            return .fields([
                ("ended", .list(running.map { .text($0) })), ("killed", .list(killed.map { .text($0) })), ("directory", .text(supervisor.directory.path)),
            ])
        }
    }
}

struct DevnetReset: ResultCommand {
    static let configuration = CommandConfiguration(
        "reset", "Ends all nodes and takes away the network with its keys and its chain.", examples: ["trellis devnet reset"])

    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            _ = try await supervisor.end()
            supervisor.directory.erase()
            return .fields([("removed", .text(supervisor.directory.path))])
        }
    }
}
