import ArgumentParser
import Execution
import Node

struct VersionCommand: ResultCommand {
    static let configuration = CommandConfiguration("version", "Shows the program's version.", examples: ["trellis version -o json"])

    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        .fields([("program", .text("trellis")), ("version", .text(TrellisVersion.text)), ("protocol", .number(1))], name: TrellisVersion.text)
    }
}

/// Writes the script that completes commands in a shell.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "completion", "Prints a script that completes commands in a shell.",
        discussion: "For bash: trellis completion bash > /etc/bash_completion.d/trellis", examples: ["trellis completion bash"])

    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "For which shell.") var shell: Shell

    func run() {
        let kind: CompletionShell = switch shell {
        case .bash: .bash
        case .zsh: .zsh
        case .fish: .fish
        }
        Console.result(Trellis.completionScript(for: kind) + "\n")
    }
}
