import ArgumentParser
import Execution
import Foundation
import Node

/// What a node is told.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "config", "Shows and changes the settings of a node.",
        discussion: "Settings come from node.json in the home, then from variables such as TRELLIS_LOG_LEVEL, then from --set flags.",
        examples: ["trellis config show --origin"], subcommands: [ConfigShow.self, ConfigSet.self])
}

/// Settings that a command takes as flags.
struct SettingOptions: ParsableArguments {
    @Option(name: .customLong("set"), parsing: .singleValue, help: ArgumentHelp("A setting for this run; may be repeated.", valueName: "key=value"))
    var settings: [String] = []
}

struct ConfigShow: ResultCommand {
    static let configuration = CommandConfiguration(
        "show", "Shows every setting, and with --origin where it comes from.",
        examples: ["trellis config show --origin", "trellis config show log.level -o name", "trellis config show --set log.level=debug"])

    @Argument(help: "Only this setting.") var key: String?
    @Flag(help: "Show where each value comes from.") var origin = false
    @Option(help: ArgumentHelp("The home of the node.", valueName: "directory")) var home: String?
    @OptionGroup var settings: SettingOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = try ProfileSettings.resolve(nil).value(.home, flag: home)
        var entries = try ResolvedConfiguration.load(home: home, environment: ProcessInfo.processInfo.environment, flags: settings.settings).entries
        if let key {
            let known = try ConfigurationKey.named(key, from: .flag)
            entries = entries.filter { $0.key.name == known.name }
        }
        let items = entries.map { entry in
            DynamicValue.fields([
                ("key", .text(entry.key.name)), ("value", .text(entry.value)), ("origin", .text(entry.origin.description)),
                ("default", .text(entry.key.standard)), ("variable", .text(entry.key.variable)), ("meaning", .text(entry.key.documentation)),
            ])
        }
        return .list(items, columns: origin ? ["key", "value", "origin", "variable"] : ["key", "value", "meaning"], name: key == nil ? "key" : "value")
    }
}

struct ConfigSet: ResultCommand {
    static let configuration = CommandConfiguration(
        "set", "Writes settings to node.json; key= takes one out.",
        examples: ["trellis config set log.level=debug network.inboundMax=64", "trellis config set storage.retainedBlocks="])

    @Argument(help: "Settings as key=value.") var values: [String]
    @Option(help: ArgumentHelp("The home of the node.", valueName: "directory")) var home: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let home = Home(path: try ProfileSettings.resolve(nil).value(.home, flag: home))
        var file = try ConfigurationFile(at: home.settings)
        for value in values { try file.set(value) }
        // What does not go together is told now, and not when the node starts.
        _ = try ResolvedConfiguration(home: home.path, file: file)
        try Files.makeDirectory(home.path)
        try file.write(to: home.settings)
        return .fields([("path", .text(home.settings)), ("set", .list(values.map { .text($0) }))], name: home.settings)
    }
}
