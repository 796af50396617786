import Logging
import Networking

/// One thing that an operator can tell a node. The table of all of them is the file's form, the names of variables, the flags, the
/// manual and the checks at once.
public struct ConfigurationKey: Sendable {
    /// Group and setting, as `network.listen`: also the path in the file.
    public let name: String
    public let documentation: String
    /// What a value looks like, to complete the sentence "must be …".
    public let expectation: String
    /// What it is when nobody says anything.
    public let standard: String
    let shape: ConfigurationShape
    /// Sets the value that a text stands for; false when it stands for none.
    let read: @Sendable (inout NodeConfiguration, String) -> Bool
    let print: @Sendable (NodeConfiguration) -> String

    init<Value>(
        _ name: String, _ path: any WritableKeyPath<NodeConfiguration, Value> & Sendable, _ form: ConfigurationForm<Value>, _ documentation: String
    ) {
        self.name = name
        self.documentation = documentation
        expectation = form.expectation
        standard = form.print(NodeConfiguration(home: "")[keyPath: path])
        shape = form.shape
        read = { configuration, text in
            guard let value = form.read(text) else { return false }
            configuration[keyPath: path] = value
            return true
        }
        print = { form.print($0[keyPath: path]) }
    }

    /// `TRELLIS_NETWORK_PERSISTENT_PEERS` for `network.persistentPeers`.
    public var variable: String {
        var result = "TRELLIS_"
        for character in name {
            if character == "." {
                result += "_"
            } else if character.isUppercase {
                result += "_" + String(character)
            } else {
                result += character.uppercased()
            }
        }
        return result
    }
}

/// What JSON shows a setting as.
enum ConfigurationShape: Sendable { case text, number, bool, list }

extension ConfigurationKey {
    /// Peers of one list: more than anybody dials.
    static let peersMax = 256

    /// All settings, in the order in which they are shown.
    public static let all: [ConfigurationKey] = [
        ConfigurationKey("api.listen", \.api.listen, Forms.listening.optional("none"), "Where the HTTP interface listens."),
        ConfigurationKey("api.requestsPerSecond", \.api.requestsPerSecond, Forms.number(1...1_000_000), "Requests that one address may make in the long run."),
        ConfigurationKey("api.requestBurst", \.api.requestBurst, Forms.number(1...1_000_000), "Requests that one address may make at once."),
        ConfigurationKey("api.hostNames", \.api.hostNames, Forms.token.list(max: 64), "Names under which the interface may be asked for, such as that of a proxy."),
        ConfigurationKey("api.origins", \.api.origins, Forms.token.list(max: 64), "Origins whose pages may read answers, as https://board.example."),

        ConfigurationKey("network.listen", \.network.listen, Forms.listening.optional("none"), "Where peers connect to; none for a node that only dials."),
        ConfigurationKey("network.external", \.network.external, Forms.address.optional("none"), "Where others reach this node, if that is not where it listens."),
        ConfigurationKey("network.persistentPeers", \.network.persistentPeers, Forms.peer.list(max: peersMax), "Peers that are always dialled and never banned."),
        ConfigurationKey("network.seeds", \.network.seeds, Forms.peer.list(max: peersMax), "Nodes that are asked for addresses while few are known."),
        ConfigurationKey("network.privatePeers", \.network.privatePeers, Forms.publicKey.list(max: peersMax), "Keys whose addresses are told to nobody."),
        ConfigurationKey("network.allowsLocal", \.network.allowsLocal, Forms.bool, "Whether addresses of this machine and of private networks count: for local test networks."),
        ConfigurationKey("network.inboundMax", \.network.inboundMax, Forms.number(0...4_096), "Peers that may have connected to this node."),
        ConfigurationKey("network.outboundMax", \.network.outboundMax, Forms.number(0...4_096), "Peers that this node connects to."),

        ConfigurationKey("consensus.viewTimeoutMilliseconds", \.consensus.viewTimeoutMilliseconds, Forms.number(10...3_600_000), """
            How long a view waits before it is given up: at least three times the worst execution of a block.
            """),
        ConfigurationKey("consensus.viewTimeoutMillisecondsMax", \.consensus.viewTimeoutMillisecondsMax, Forms.number(10...86_400_000), """
            The longest that a view waits; the time doubles with each view that fails.
            """),
        ConfigurationKey("consensus.overridesLostJournal", \.consensus.overridesLostJournal, Forms.bool, """
            The operator's word that a lost journal is to be taken for an empty one. It risks the stake.
            """),

        ConfigurationKey("sync.snapshotGap", \.sync.snapshotGap, Forms.number(1...1_000_000_000), "How many heights a snapshot must be ahead to be worth more than its blocks."),
        ConfigurationKey("sync.trusted", \.sync.trusted, Forms.trustedBlock.optional("none"), """
            A block that the operator knows from elsewhere, as height:hash: catching up begins with it instead of genesis.
            """),

        ConfigurationKey("storage.retainedBlocks", \.storage.retainedBlocks, Forms.number(1...UInt64(Int64.max)).optional("all"), "Blocks that are kept with their bodies, behind the head."),
        ConfigurationKey("storage.retainedStates", \.storage.retainedStates, Forms.number(1...UInt64(Int64.max)).optional("all"), "Heights whose states can be read."),
        ConfigurationKey("storage.snapshotMilliseconds", \.storage.snapshotMilliseconds, Forms.number(1...UInt64(Int64.max)), """
            How far apart in time the states are that are served to nodes which catch up; equal on all nodes of a network.
            """),
        ConfigurationKey("storage.discardsDamage", \.storage.discardsDamage, Forms.bool, """
            Whether damage to blocks that were acknowledged is cut off, to be fetched from peers again; else the node does not start.
            """),

        ConfigurationKey("verification.threads", \.verificationThreads, Forms.number(1...256), "Threads that check signatures: the cores divided by the validators on this host."),

        ConfigurationKey("log.level", \.log.level, Forms.word(Logger.Level.self), "What is logged: this and what is more urgent."),
        ConfigurationKey("log.format", \.log.format, Forms.word(NodeConfiguration.LogSettings.Format.self), "Lines for people, or one JSON object per line."),
    ]

    /// The key of this name, or an error that suggests the nearest one.
    public static func named(_ name: String, from origin: ConfigurationOrigin) throws(ConfigurationError) -> ConfigurationKey {
        if let key = all.first(where: { $0.name == name }) { return key }
        let near = NearestWord.find(name, in: all.map(\.name))
        throw ConfigurationError(
            .keyUnknown, "\(origin): there is no setting \(name)",
            remedy: near.map { "Did you mean \($0)? " }.map { $0 + "trellis config show lists all settings." } ?? "trellis config show lists all settings.")
    }
}

/// Where a value came from.
public enum ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
    case standard
    case file(String)
    case environment(String)
    case flag

    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let path): path
        case .environment(let variable): "environment \(variable)"
        case .flag: "--set"
        }
    }
}

/// Why the settings are not usable, for people.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    @frozen public enum Code: String, Sendable, CaseIterable {
        case keyUnknown = "config.key-unknown"
        case valueInvalid = "config.value-invalid"
        /// Two values that do not go together.
        case conflict = "config.conflict"
        /// Not the JSON that a file must hold.
        case fileMalformed = "config.file-malformed"
        /// The file cannot be read or written.
        case fileInaccessible = "config.file-inaccessible"
        /// `--set` without `=`.
        case flagMalformed = "config.flag-malformed"
    }

    public let code: Code
    /// Where, what was found and what was expected.
    public let reason: String
    /// What to do about it.
    public let remedy: String

    init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String { "\(code.rawValue): \(reason). \(remedy)" }
}
