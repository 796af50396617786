/// What a node is told, and by whom: file, then environment, then flags, the later before the earlier.
public struct ResolvedConfiguration: Sendable {
    public let node: NodeConfiguration
    private let origins: [String: ConfigurationOrigin]

    /// A setting with its value as text.
    public struct Entry: Sendable {
        public let key: ConfigurationKey
        public let value: String
        public let origin: ConfigurationOrigin
    }

    /// - Parameters:
    ///   - file: what the file in the home says.
    ///   - environment: all variables of the process; those of settings count.
    ///   - flags: `key=value`, the later before the earlier.
    public init(
        home: String, file: ConfigurationFile, environment: [String: String] = [:], flags: [String] = []
    ) throws(ConfigurationError) {
        var node = NodeConfiguration(home: home), origins: [String: ConfigurationOrigin] = [:]
        let path = "\(home)/\(ConfigurationFile.name)"
        try file.apply(to: &node, path: path) { origins[$0.name] = .file(path) }
        try Self.checkNames(environment)
        for key in ConfigurationKey.all {
            guard let text = environment[key.variable] else { continue }
            let origin = ConfigurationOrigin.environment(key.variable)
            try key.set(&node, text, from: origin)
            origins[key.name] = origin
        }
        for flag in flags {
            let (key, text) = try ConfigurationKey.flag(flag)
            try key.set(&node, text, from: .flag)
            origins[key.name] = .flag
        }
        try Self.checkTogether(node)
        self.node = node
        self.origins = origins
    }

    /// Reads the file of a home.
    public static func load(home: String, environment: [String: String], flags: [String] = []) throws(ConfigurationError) -> ResolvedConfiguration {
        try ResolvedConfiguration(
            home: home, file: try ConfigurationFile(at: "\(home)/\(ConfigurationFile.name)"), environment: environment, flags: flags)
    }

    /// Every setting, in the order of the table.
    public var entries: [Entry] {
        ConfigurationKey.all.map { Entry(key: $0, value: $0.print(node), origin: origins[$0.name] ?? .standard) }
    }

    /// A variable in the name of a group is a setting or a mistake. Variables of other names belong to others.
    private static func checkNames(_ environment: [String: String]) throws(ConfigurationError) {
        let known = Set(ConfigurationKey.all.map(\.variable))
        let groups = Set(known.map { $0.split(separator: "_").prefix(2).joined(separator: "_") + "_" })
        for variable in environment.keys.sorted() where !known.contains(variable) && groups.contains(where: variable.hasPrefix) {
            let near = NearestWord.find(variable, in: known.sorted())
            throw ConfigurationError(
                .keyUnknown, "environment: there is no setting \(variable)",
                remedy: near.map { "Did you mean \($0)?" } ?? "trellis config show lists all settings.")
        }
    }

    private static func checkTogether(_ node: NodeConfiguration) throws(ConfigurationError) {
        let consensus = node.consensus
        guard consensus.viewTimeoutMilliseconds <= consensus.viewTimeoutMillisecondsMax else {
            throw ConfigurationError(
                .conflict, """
                    consensus.viewTimeoutMilliseconds is \(consensus.viewTimeoutMilliseconds), above \
                    consensus.viewTimeoutMillisecondsMax, \(consensus.viewTimeoutMillisecondsMax)
                    """,
                remedy: "Lower the first or raise the second.")
        }
        if let api = node.api.listen, let network = node.network.listen, api == network, api.port != 0 {
            throw ConfigurationError(.conflict, "api.listen and network.listen are both \(api)", remedy: "Give one of them another port.")
        }
        guard node.network.listen != nil || node.network.outboundMax > 0 else {
            throw ConfigurationError(
                .conflict, "network.listen is none and network.outboundMax is 0: nobody could be a peer", remedy: "Allow one of the two.")
        }
    }
}
