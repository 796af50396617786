/// What is known of a local network from one command to the next: `devnet.json` in its directory.
struct DevnetState: Codable, Equatable {
    static let versionNow = 1

    var version = Self.versionNow
    let chainID: String
    var members: [Member]
    let faucet: Account
    let accounts: [Account]
    /// Whether nodes reach each other through the relay; then ``links`` has one entry for each ordered pair of members.
    let hasRelay: Bool
    var relay: RunningProcess?
    var links: [Link] = []
    /// The first port that was not tried yet.
    var nextPort: UInt16

    /// A node.
    struct Member: Codable, Equatable {
        enum Role: String, Codable { case validator, follower }

        let name: String
        let role: Role
        let nodeKey: String
        let peerPort: UInt16
        let apiPort: UInt16
        /// The newest process; nil when none was started, or when it was told to end.
        var process: RunningProcess?

        var state: RunningProcess.State { process?.state ?? .gone }
        var peerAddress: String { "127.0.0.1:\(peerPort)" }
        var interface: String { "http://127.0.0.1:\(apiPort)" }
    }

    /// An account of the first state whose key lies in the directory.
    struct Account: Codable, Equatable {
        let name: String
        let address: String
    }

    /// Where `from` dials to reach `to`: a port of the relay.
    struct Link: Codable, Equatable {
        let from: String
        let to: String
        let port: UInt16
    }

    var validators: [Member] { members.filter { $0.role == .validator } }

    /// The place of the member that a user names: by its name, or by its number in the table, from 1.
    func place(of text: String) throws(CommandFailure) -> Int {
        if let place = members.firstIndex(where: { $0.name == text }) { return place }
        if let number = Int(text), members.indices.contains(number - 1) { return number - 1 }
        throw CommandFailure(
            code: "devnet.node-unknown", what: "there is no node \(text)", why: "there are \(members.map(\.name).joined(separator: ", "))",
            next: "trellis devnet ps", status: .notFound)
    }

    /// A port that nobody listens on.
    mutating func takePort() throws(CommandFailure) -> UInt16 {
        while nextPort < DevnetLimits.portMax {
            let port = nextPort
            nextPort += 1
            if case .free = Machine.bind(host: "127.0.0.1", port: port) { return port }
        }
        throw CommandFailure(code: "devnet.ports", what: "no port below \(DevnetLimits.portMax) is free", next: "Give another --port.")
    }
}

/// How large a local network may be, and how long its commands wait.
enum DevnetLimits {
    /// A machine of a few cores runs no more.
    static let membersMax = 32
    /// Above it systems choose ports for clients at random.
    static let portMax: UInt16 = 32_768
    /// How long a node that was told to end may take before it is killed.
    static let endMilliseconds = 10_000
}
