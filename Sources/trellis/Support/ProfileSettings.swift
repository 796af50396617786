import Execution
import Foundation
import Node

/// What a user sets once instead of typing it every time.
enum ProfileKey: String, CaseIterable {
    case node, from, output, keyring, home

    var documentation: String {
        switch self {
        case .node: "The node that is asked: the URL of its HTTP interface."
        case .from: "The name of the key that signs."
        case .output: "How results are shown: table, json, yaml or name."
        case .keyring: "Where keys are: file, env or test."
        case .home: "The directory with keys, genesis and settings."
        }
    }

    var variable: String { "TRELLIS_\(rawValue.uppercased())" }

    var standard: String {
        switch self {
        case .node: "http://127.0.0.1:26651"
        case .from: ""
        case .output: "table"
        case .keyring: "file"
        case .home: (Terminal.variable("HOME") ?? ".") + "/.trellis"
        }
    }

    /// What a value looks like; nil when it may be anything.
    var words: [String]? {
        switch self {
        case .output: OutputFormat.allCases.map(\.rawValue)
        case .keyring: ["file", "env", "test"]
        case .node, .from, .home: nil
        }
    }
}

/// The profiles of a user, in `$TRELLIS_CONFIG`, or `trellis/profiles.json` below `$XDG_CONFIG_HOME` or `~/.config`.
struct Profiles: Codable {
    static let standardName = "default"
    var current = Profiles.standardName
    var profiles: [String: [String: String]] = [:]

    static var path: String {
        if let path = Terminal.variable("TRELLIS_CONFIG") { return path }
        let base = Terminal.variable("XDG_CONFIG_HOME") ?? (Terminal.variable("HOME") ?? ".") + "/.config"
        return base + "/trellis/profiles.json"
    }

    static func load() throws(CommandFailure) -> Profiles {
        guard FileManager.default.fileExists(atPath: path) else { return Profiles() }
        let bytes = try Files.read(path, max: 1 << 20)
        do { return try JSONDecoder().decode(Profiles.self, from: Data(bytes)) } catch {
            throw CommandFailure(code: "profile.file-malformed", what: "\(path) is not a file of profiles", next: "Move it away; profiles are made anew.")
        }
    }

    func save() throws(CommandFailure) {
        try Files.makeDirectory(Files.directory(of: Self.path))
        let value = DynamicValue.fields([
            ("current", .text(current)),
            ("profiles", .object(profiles.sorted { $0.key < $1.key }.map { name, settings in
                .init(name, .object(settings.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) }))
            })),
        ])
        try Files.write(Array((PrettyJSON.text(value) + "\n").utf8), to: Self.path, replacing: true)
    }

    func named(_ name: String) throws(CommandFailure) -> [String: String] {
        if let profile = profiles[name] { return profile }
        if name == Self.standardName { return [:] }
        throw CommandFailure(
            code: "profile.not-found", what: "there is no profile \(name)",
            next: NearestWord.find(name, in: profiles.keys.sorted()).map { "Did you mean \($0)?" } ?? "trellis profile list", status: .notFound)
    }
}

/// The settings in force: environment before profile before default. Flags come before all, in the commands that have them.
struct ProfileSettings {
    struct Entry {
        let value: String
        let origin: String
    }

    let name: String
    private let entries: [ProfileKey: Entry]

    subscript(key: ProfileKey) -> Entry { entries[key] ?? Entry(value: key.standard, origin: "default") }

    /// The value that a flag gives, or else the one in force.
    func value(_ key: ProfileKey, flag: String?) -> String { flag ?? self[key].value }

    /// - Parameter name: the profile of a flag; else that of the environment, else the current one.
    static func resolve(_ name: String?) throws(CommandFailure) -> ProfileSettings {
        let profiles = try Profiles.load()
        let name = name ?? Terminal.variable("TRELLIS_PROFILE") ?? profiles.current
        let profile = try profiles.named(name)
        var entries: [ProfileKey: Entry] = [:]
        for key in ProfileKey.allCases {
            if let value = Terminal.variable(key.variable) {
                entries[key] = Entry(value: value, origin: "environment \(key.variable)")
            } else if let value = profile[key.rawValue] {
                entries[key] = Entry(value: value, origin: "profile \(name)")
            }
        }
        return ProfileSettings(name: name, entries: entries)
    }
}
