import ArgumentParser
import Execution
import Glibc

/// Does bad things to a local network.
struct DevnetFault: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "fault", "Kills, pauses and cuts off nodes, and heals them.",
        discussion: "Partitions and delays need a network that was made with trellis devnet up --relay.",
        examples: ["trellis devnet fault kill validator-2", "trellis devnet fault partition 1,2 3,4", "trellis devnet fault heal"],
        subcommands: [FaultKill.self, FaultPause.self, FaultResume.self, FaultPartition.self, FaultDelay.self, FaultHeal.self])
}

extension DevnetSupervisor {
    /// Sends a signal to processes, all of which must be there.
    fileprivate func send(_ signal: Int32, _ what: String, to nodes: [String]) throws -> CommandOutput {
        let places = try nodes.map { try state.place(of: $0) }
        for place in places where state.members[place].state == .gone {
            throw CommandFailure(code: "devnet.node-ended", what: "\(state.members[place].name) does not run", next: "trellis devnet up --detach")
        }
        for place in places { state.members[place].process?.send(signal) }
        let names = places.map { state.members[$0].name }
        return CommandOutput(.fields([(what, .list(names.map { .text($0) }))]), names: names)
    }

    fileprivate func tellRelay(_ lines: [String]) throws {
        guard state.hasRelay else {
            throw CommandFailure(
                code: "devnet.no-relay", what: "the nodes of this network reach each other directly", next: "Make one with a relay: trellis devnet up --fresh --relay")
        }
        _ = try RelayControl(path: directory.relaySocket).ask(lines)
    }
}

struct FaultKill: ResultCommand {
    static let configuration = CommandConfiguration(
        "kill", "Ends nodes by SIGKILL, as a loss of power does.", discussion: "trellis devnet up starts them again.", examples: ["trellis devnet fault kill validator-2"])

    @Argument(help: "Nodes, by name or number.") var nodes: [String]
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            let result = try supervisor.send(SIGKILL, "killed", to: nodes)
            for node in nodes { _ = await supervisor.state.members[try supervisor.state.place(of: node)].process?.ends(within: 5_000) }
            return result
        }
    }
}

struct FaultPause: ResultCommand {
    static let configuration = CommandConfiguration("pause", "Stops nodes where they are, by SIGSTOP.", examples: ["trellis devnet fault pause 3 4"])

    @Argument(help: "Nodes, by name or number.") var nodes: [String]
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput { try await devnet.change { try $0.send(SIGSTOP, "paused", to: nodes) } }
}

struct FaultResume: ResultCommand {
    static let configuration = CommandConfiguration("resume", "Lets paused nodes go on.", examples: ["trellis devnet fault resume 3 4"])

    @Argument(help: "Nodes, by name or number.") var nodes: [String]
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput { try await devnet.change { try $0.send(SIGCONT, "resumed", to: nodes) } }
}

struct FaultPartition: ResultCommand {
    static let configuration = CommandConfiguration(
        "partition", "Cuts the links between groups of nodes.", discussion: "Nodes that are not named are a group of their own.",
        examples: ["trellis devnet fault partition 1,2 3,4", "trellis devnet fault partition validator-1"])

    @Argument(help: "Groups: nodes with commas between.") var groups: [String]
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            let members = supervisor.state.members
            var sides: [String: Int] = [:]
            for (side, group) in groups.enumerated() {
                for node in group.split(separator: ",") {
                    let name = members[try supervisor.state.place(of: String(node))].name
                    guard sides.updateValue(side, forKey: name) == nil else { throw CommandFailure.usage("devnet.groups", "\(name) is named twice") }
                }
            }
            let cut = supervisor.state.links.filter { sides[$0.from, default: -1] != sides[$0.to, default: -1] }
            try supervisor.tellRelay(cut.map { "cut \($0.from) \($0.to)" })
            return CommandOutput(
                .fields([("cut", .list(cut.map { .text("\($0.from) \($0.to)") }))]), names: cut.map { "\($0.from) \($0.to)" },
                view: .table(columns: ["from", "to"], rows: cut.map { [$0.from, $0.to] }))
        }
    }
}

struct FaultDelay: ResultCommand {
    static let configuration = CommandConfiguration(
        "delay", "Makes links slow.", discussion: "Without nodes, all links; else those from and to the nodes. Bytes keep their order.",
        examples: ["trellis devnet fault delay 100", "trellis devnet fault delay 50 validator-2 --jitter 30 --rate 200000"])

    @Argument(help: "Milliseconds that bytes take in each direction.") var milliseconds: UInt64
    @Argument(help: "Nodes, by name or number.") var nodes: [String] = []
    @Option(help: "Milliseconds more, by chance.") var jitter: UInt64 = 0
    @Option(help: "Bytes per second of each connection and direction; 0 for no bound.") var rate: UInt64 = 0
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard max(milliseconds, jitter) <= RelayRule.millisecondsMax else { throw ValidationError("at most \(RelayRule.millisecondsMax) milliseconds") }
    }

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            let names = Set(try nodes.map { supervisor.state.members[try supervisor.state.place(of: $0)].name })
            let links = supervisor.state.links.filter { names.isEmpty || names.contains($0.from) || names.contains($0.to) }
            try supervisor.tellRelay(links.map { "shape \($0.from) \($0.to) \(milliseconds) \(jitter) \(rate)" })
            return .fields([("links", .number(UInt64(links.count))), ("milliseconds", .number(milliseconds)), ("jitter", .number(jitter)), ("rate", .number(rate))])
        }
    }
}

struct FaultHeal: ResultCommand {
    static let configuration = CommandConfiguration(
        "heal", "Undoes all faults: links are open and fast, paused nodes go on, killed ones start again.", examples: ["trellis devnet fault heal"])

    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        try await devnet.change { supervisor in
            if supervisor.state.relay?.state == .running { try supervisor.tellRelay(["heal"]) }
            let paused = supervisor.state.members.filter { $0.state == .paused }
            for member in paused { member.process?.send(SIGCONT) }
            let started = try supervisor.startMissing()
            return .fields([("resumed", .list(paused.map { .text($0.name) })), ("started", .list(started.map { .text($0) }))])
        }
    }
}
