import ArgumentParser

/// Not that of a contract's method.
typealias Argument = ArgumentParser.Argument

/// All commands, in the order of the manual.
enum CommandTree {
    static let commands: [any ParsableCommand.Type] = [
        InitCommand.self, StartCommand.self, DevnetCommand.self, DoctorCommand.self, ConfigCommand.self, VersionCommand.self, CompletionCommand.self, ProfileCommand.self,
        KeyCommand.self, GenesisCommand.self, StatusCommand.self, AccountCommand.self, TransactionCommand.self, MultisigCommand.self, BlockCommand.self,
        EventCommand.self, ContractCommand.self, ValidatorCommand.self, StakeCommand.self, GovernanceCommand.self, IdentityCommand.self, PeersCommand.self,
        InfrastructureCommand.self, MapperCommand.self, MeshCommand.self, AgreementsCommand.self, MonitorCommand.self, VerifyCommand.self, VRFCommand.self,
    ]

    /// The words that lead to a command, without `trellis`.
    static func path(of command: any ParsableCommand.Type) -> [String] {
        func search(_ commands: [any ParsableCommand.Type], _ path: [String]) -> [String]? {
            for candidate in commands {
                let here = path + [candidate.configuration.commandName ?? ""]
                if candidate == command { return here }
                if let found = search(candidate.configuration.subcommands, here) { return found }
            }
            return nil
        }
        return search(commands, []) ?? []
    }
}

extension CommandConfiguration {
    /// A command with at least one example, which a test parses.
    init(
        _ name: String, _ abstract: String, discussion: String = "", examples: [String], subcommands: [any ParsableCommand.Type] = [],
        standard: (any ParsableCommand.Type)? = nil
    ) {
        let text = (discussion.isEmpty ? "" : discussion + "\n\n") + (examples.count == 1 ? "EXAMPLE\n" : "EXAMPLES\n")
            + examples.map { "  " + $0 }.joined(separator: "\n")
        self.init(commandName: name, abstract: abstract, discussion: text, subcommands: subcommands, defaultSubcommand: standard)
    }
}
