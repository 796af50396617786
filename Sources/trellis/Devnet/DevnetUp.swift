import ArgumentParser
import Foundation
import UnixSignals

/// Makes a local network, or goes on with the one that is there.
struct DevnetUp: ResultCommand {
    static let configuration = CommandConfiguration(
        "up", "Starts the network, and makes it when there is none.",
        discussion: """
            A network that is there goes on where it was: nodes that do not run are started, and followers added when more are asked for. \
            Without --detach the command stays, and Control-C ends the nodes; with it they run until trellis devnet down.
            """,
        examples: ["trellis devnet up", "trellis devnet up --detach --validators 4 --followers 1", "trellis devnet up --fresh --relay --detach"])

    @Option(help: "How many nodes vote (default: 4).") var validators: Int?
    @Option(help: "How many nodes follow.") var followers = 0
    @Option(help: "The first port that is tried.") var port: UInt16 = 26_700
    @Option(help: "Seconds until all nodes must be ready.") var timeout = 60
    @Flag(help: "End and take away the network that is there, and make a new one.") var fresh = false
    @Flag(help: "Let nodes reach each other through a relay that can cut and delay; see trellis devnet fault.") var relay = false
    @Flag(help: "Return when the network is ready, and leave it running.") var detach = false
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...DevnetLimits.membersMax).contains(validators ?? 4), (0...DevnetLimits.membersMax).contains(followers),
              (validators ?? 4) + followers <= DevnetLimits.membersMax else {
            throw ValidationError("a network has 1 to \(DevnetLimits.membersMax) nodes, and at least one validator")
        }
        guard (1_024..<DevnetLimits.portMax).contains(port) else { throw ValidationError("--port must be from 1024 to \(DevnetLimits.portMax - 1)") }
        guard (1...3_600).contains(timeout) else { throw ValidationError("--timeout must be from 1 to 3600") }
    }

    mutating func run() async throws {
        try await printResult()
        if !detach { try await stay() }
    }

    func result() async throws -> CommandOutput {
        let directory = try devnet.resolved(), lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        let began = ContinuousClock.now
        var known = try directory.stateIfPresent()
        if fresh {
            if let state = known {
                Console.note("ending the network that is there")
                var old = DevnetSupervisor(directory: directory, state: state)
                _ = try await old.end()
            }
            directory.erase()
            known = nil
        }
        var supervisor = DevnetSupervisor(directory: directory, state: try known.map(check) ?? make(in: directory))
        try addFollowers(&supervisor)
        let started = try supervisor.startMissing()
        if started.isEmpty {
            Console.note("the network runs already")
        } else {
            Console.note("started \(started.joined(separator: ", ")); waiting until all are ready")
        }
        let sights = try await supervisor.waitUntilReady(seconds: timeout)
        Console.note("ready after \((ContinuousClock.now - began).formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1))))")
        return DevnetOutput.welcome(supervisor.state, sights, directory)
    }

    private func make(in directory: DevnetDirectory) throws -> DevnetState {
        let count = validators ?? 4
        Console.note("making a network of \(count) validator\(count == 1 ? "" : "s") in \(directory.path)")
        // What an interrupted command left.
        directory.erase()
        let state = try DevnetFounding(directory).make(validators: count, firstPort: port, hasRelay: relay)
        try directory.save(state)
        return state
    }

    /// What is there must be what is asked for; validators cannot be added to a genesis document.
    private func check(_ state: DevnetState) throws -> DevnetState {
        if let validators, validators != state.validators.count {
            throw CommandFailure(
                code: "devnet.shape-differs", what: "the network that is there has \(state.validators.count) validators, not \(validators)",
                next: "Leave --validators out, or make a new one: trellis devnet up --fresh --validators \(validators)")
        }
        if relay, !state.hasRelay {
            throw CommandFailure(
                code: "devnet.shape-differs", what: "the network that is there has no relay", next: "Make a new one: trellis devnet up --fresh --relay")
        }
        return state
    }

    private func addFollowers(_ supervisor: inout DevnetSupervisor) throws {
        while supervisor.state.members.count - supervisor.state.validators.count < followers {
            guard supervisor.state.members.count < DevnetLimits.membersMax else {
                throw CommandFailure(code: "devnet.full", what: "a network has at most \(DevnetLimits.membersMax) nodes", status: .usage)
            }
            try DevnetFounding(supervisor.directory).addFollower(&supervisor.state)
            try supervisor.directory.save(supervisor.state)
            if let name = supervisor.state.members.last?.name { try supervisor.announceLinks(of: name) }
        }
    }

    /// Until Control-C; then the nodes end.
    private func stay() async throws {
        Interruption.leaveToServices()
        Console.note("Control-C ends the network")
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        Console.note("ending the network")
        _ = try await devnet.change { supervisor in try await supervisor.end() }
        throw ExitCode(ExitStatus.interrupted.rawValue)
    }
}
