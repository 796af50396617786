import ArgumentParser
import Execution
import Node

/// What a user sets once: which node, which key, which output.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "profile", "Keeps settings of the command line under names.",
        discussion: "Settings: " + ProfileKey.allCases.map { "\($0.rawValue) (\($0.documentation.dropLast()))" }.joined(separator: "; ") + ".",
        examples: ["trellis profile set node=http://127.0.0.1:26651 from=alice"],
        subcommands: [ProfileList.self, ProfileUse.self, ProfileSet.self, ProfileShow.self])
}

struct ProfileList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists the profiles.", examples: ["trellis profile list"])

    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let profiles = try Profiles.load()
        let names = Set(profiles.profiles.keys).union([Profiles.standardName, profiles.current]).sorted()
        let items = names.map { name in
            DynamicValue.fields([
                ("name", .text(name)), ("current", .bool(name == profiles.current)), ("node", .text(profiles.profiles[name]?["node"] ?? ProfileKey.node.standard)),
                ("from", .text(profiles.profiles[name]?["from"] ?? "")),
            ])
        }
        return .list(items, columns: ["name", "current", "node", "from"], name: "name")
    }
}

struct ProfileUse: ResultCommand {
    static let configuration = CommandConfiguration(
        "use", "Makes a profile the current one.", examples: ["trellis profile use testnet"])

    @Argument(help: "Which profile.") var name: String
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        var profiles = try Profiles.load()
        _ = try profiles.named(name)
        profiles.current = name
        try profiles.save()
        return .fields([("current", .text(name))], name: name)
    }
}

struct ProfileSet: ResultCommand {
    static let configuration = CommandConfiguration(
        "set", "Sets values of a profile; key= takes one out.", examples: ["trellis profile set node=http://127.0.0.1:26651 --profile testnet"])

    @Argument(help: "Settings as key=value.") var values: [String]
    @Option(help: "Which profile; made when there is none (default: the current one).") var profile: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        var profiles = try Profiles.load()
        let name = profile ?? profiles.current
        var settings = profiles.profiles[name] ?? [:]
        for value in values {
            guard let equals = value.firstIndex(of: "=") else {
                throw CommandFailure.usage("profile.setting-malformed", "\(value) is not key=value", next: "Write it as in from=alice.")
            }
            let word = String(value[..<equals]), text = String(value[value.index(after: equals)...])
            guard let key = ProfileKey(rawValue: word) else {
                let names = ProfileKey.allCases.map(\.rawValue)
                throw CommandFailure.usage(
                    "profile.setting-unknown", "there is no setting \(word)",
                    next: NearestWord.find(word, in: names).map { "Did you mean \($0)?" } ?? "Use one of \(names.joined(separator: ", ")).")
            }
            if let words = key.words, !text.isEmpty, !words.contains(text) {
                throw CommandFailure.usage("profile.value-invalid", "\(word) is \(text), but must be one of \(words.joined(separator: ", "))")
            }
            settings[word] = text.isEmpty ? nil : text
        }
        profiles.profiles[name] = settings
        try profiles.save()
        return .fields([("profile", .text(name)), ("settings", .object(settings.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) }))], name: name)
    }
}

struct ProfileShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows the settings in force, and with --origin where they come from.", examples: ["trellis profile show --origin"])

    @Argument(help: "Which profile (default: the one in force).") var name: String?
    @Flag(help: "Show where each value comes from.") var origin = false
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let settings = try ProfileSettings.resolve(name)
        let items = ProfileKey.allCases.map { key in
            DynamicValue.fields([
                ("key", .text(key.rawValue)), ("value", .text(settings[key].value)), ("origin", .text(settings[key].origin)),
                ("variable", .text(key.variable)), ("meaning", .text(key.documentation)),
            ])
        }
        return .list(items, columns: origin ? ["key", "value", "origin", "variable"] : ["key", "value", "meaning"], name: "key")
    }
}
