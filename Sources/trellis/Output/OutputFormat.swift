import ArgumentParser

/// How a result is written to stdout.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// For people.
    case table
    /// One document, for programs.
    case json
    /// The same document as YAML 1.2.
    case yaml
    /// Names or identifiers alone, a line each, for other commands.
    case name

    /// What the arguments ask for, when they cannot be parsed.
    static func asked(in arguments: [String]) -> OutputFormat? {
        for (place, argument) in arguments.enumerated() {
            if argument == "--json" || argument == "-ojson" || argument == "--output=json" { return .json }
            if argument == "-o" || argument == "--output", place + 1 < arguments.count { return OutputFormat(rawValue: arguments[place + 1]) }
        }
        return nil
    }
}

/// How the result is shown: an option of every command.
struct OutputOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "How the result is shown: table, json, yaml or name (default: the profile's, or table).")
    var output: OutputFormat?

    @Flag(help: "The same as -o json.")
    var json = false

    /// Flag, then environment, then profile.
    var format: OutputFormat {
        if json { return .json }
        if let output { return output }
        let settings = try? ProfileSettings.resolve(nil)
        return settings.flatMap { OutputFormat(rawValue: $0[.output].value) } ?? .table
    }
}
