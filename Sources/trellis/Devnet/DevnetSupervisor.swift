import Client
import Foundation
import Glibc
import Interface

/// Starts and ends the processes of a local network, and looks at them.
struct DevnetSupervisor {
    let directory: DevnetDirectory
    var state: DevnetState

    // ── Starting ──

    /// Starts the relay and the nodes that do not run, and returns the names of those.
    mutating func startMissing() throws -> [String] {
        try DevnetFounding.writeSettings(state, directory)
        if state.hasRelay { try startRelay() }
        var started: [String] = []
        for place in state.members.indices where state.members[place].state == .gone {
            try start(place)
            started.append(state.members[place].name)
        }
        return started
    }

    mutating func start(_ place: Int) throws {
        let member = state.members[place], log = directory.log(member.name)
        for port in [member.peerPort, member.apiPort] {
            if case .taken = Machine.bind(host: "127.0.0.1", port: port) {
                throw CommandFailure(
                    code: "devnet.port-taken", what: "port \(port) of \(member.name) is taken by another program",
                    next: "End it (ss -ltnp shows who it is), or begin a new network: trellis devnet up --fresh")
            }
        }
        state.members[place].process = try RunningProcess.start(
            ["start", "--home", directory.home(member.name).path, "--passphrase-file", directory.passphrasePath], environment: Self.environment, log: log)
        try directory.save(state)
    }

    private mutating func startRelay() throws {
        if state.relay?.state == .running { return }
        let bytes = directory.relaySocket.utf8.count
        guard bytes < RelayControl.pathBytesMax else {
            throw CommandFailure(
                code: "devnet.directory-too-long", what: "\(directory.relaySocket) is too long for a socket",
                why: "it has \(bytes) bytes, and a path of a socket at most \(RelayControl.pathBytesMax - 1)", next: "Give a shorter --directory.")
        }
        unlink(directory.relaySocket)
        state.relay = try RunningProcess.start(
            ["devnet", "relay", "--socket", directory.relaySocket], environment: Self.environment, log: directory.relayLog)
        try directory.save(state)
        let lines = state.links.map { link in
            "link \(link.from) \(link.to) \(link.port) \(state.members.first { $0.name == link.to }?.peerPort ?? 0)"
        }
        _ = try RelayControl(path: directory.relaySocket).ask(lines, waitingForStart: true)
    }

    /// Tells a relay that runs of links that it may not know.
    func announceLinks(of name: String) throws {
        guard state.relay?.state == .running else { return }
        let lines = state.links.filter { $0.from == name || $0.to == name }.map { link in
            "link \(link.from) \(link.to) \(link.port) \(state.members.first { $0.name == link.to }?.peerPort ?? 0)"
        }
        _ = try RelayControl(path: directory.relaySocket).ask(lines)
    }

    /// What was set for the user's own node is not meant for these.
    private static var environment: [String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TRELLIS_") }.map { "\($0.key)=\($0.value)" }.sorted()
    }

    // ── Ending ──

    /// Ends all processes: by SIGTERM, and by SIGKILL those that are still there after ten seconds. Returns the names of the latter.
    mutating func end() async throws -> [String] {
        let members = state.members.filter { $0.state != .gone }
        for member in members {
            member.process?.send(SIGTERM)
            // One that is paused cannot hear it.
            member.process?.send(SIGCONT)
        }
        var killed: [String] = []
        let deadline = ContinuousClock.now + .milliseconds(DevnetLimits.endMilliseconds)
        for member in members {
            let left = max(0, (deadline - ContinuousClock.now).components.seconds * 1_000)
            if await member.process?.ends(within: Int(left)) == false {
                Console.note("\(member.name) does not end; it is killed")
                member.process?.send(SIGKILL)
                _ = await member.process?.ends(within: 5_000)
                killed.append(member.name)
            }
        }
        state.relay?.send(SIGKILL)
        _ = await state.relay?.ends(within: 5_000)
        state.relay = nil
        for place in state.members.indices { state.members[place].process = nil }
        try directory.save(state)
        return killed
    }

    // ── Looking ──

    /// What is seen of a node from outside.
    struct Sight: Sendable {
        let process: RunningProcess.State
        /// nil when the node does not answer.
        let status: StatusResource?

        var words: String {
            switch process {
            case .gone: "gone"
            case .paused: "paused"
            case .running:
                switch status {
                case nil: "starting"
                case let status? where status.isReady: "ready"
                case let status?: status.obstacles.map(\.code).joined(separator: " ")
                }
            }
        }
    }

    func look() async -> [Sight] {
        await withTaskGroup(of: (Int, Sight).self) { group in
            for (place, member) in state.members.enumerated() {
                group.addTask { (place, await Self.look(at: member)) }
            }
            var sights = state.members.map { Sight(process: $0.state, status: nil) }
            for await (place, sight) in group { sights[place] = sight }
            return sights
        }
    }

    private static func look(at member: DevnetState.Member) async -> Sight {
        let process = member.state
        guard process == .running else { return Sight(process: process, status: nil) }
        var settings = Client.Settings()
        settings.requestSeconds = 1
        let status = try? await Client(member.interface, settings: settings).status()
        return Sight(process: member.state, status: status)
    }

    /// Waits until every node is ready and has a final block.
    func waitUntilReady(seconds: Int) async throws -> [Sight] {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let sights = await look()
            if sights.allSatisfy({ $0.status.map { $0.isReady && $0.head.height > 0 } ?? false }) { return sights }
            for (member, sight) in zip(state.members, sights) where sight.process == .gone {
                throw CommandFailure(
                    code: "devnet.node-ended", what: "\(member.name) ended", why: lastLine(of: directory.log(member.name)),
                    next: "trellis devnet logs \(member.name) --directory \(directory.path)")
            }
            guard ContinuousClock.now < deadline else {
                let reasons = zip(state.members, sights).filter { $0.1.status?.isReady != true }.map { "\($0.0.name) is \($0.1.words)" }
                throw CommandFailure(
                    code: "devnet.not-ready", what: "the network was not ready within \(seconds) seconds",
                    why: reasons.isEmpty ? "no block became final" : reasons.joined(separator: ", "),
                    next: "trellis devnet ps --directory \(directory.path)", status: .unreachable)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func lastLine(of path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path), let size = try? handle.seekToEnd() else { return nil }
        try? handle.seek(toOffset: size > 2_048 ? size - 2_048 : 0)
        guard let data = try? handle.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").last.map(String.init)
    }
}
