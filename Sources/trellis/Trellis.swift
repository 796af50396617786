import ArgumentParser
import Glibc
import Node

/// The program: one command for all that people and operators do.
@main struct Trellis: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trellis", abstract: "A peer-to-peer node for decentralised cloud and edge resources, and all that is done with it.",
        discussion: """
            Results go to stdout, everything else to stderr. -o json prints one document {schema, ok, data | error, warnings}.
            Exit status: 0 ok, 1 failure, 2 usage, 3 not found, 4 rejected by the chain, 5 unreachable or timed out, \
            6 the plan has changes, 130 interrupted.

            EXAMPLE
              trellis init --preset single
            """,
        version: "trellis \(TrellisVersion.text)", subcommands: CommandTree.commands)

    static func main() async {
        Interruption.install()
        Glibc.exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Parses and runs, and returns the exit status.
    static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.ok.rawValue
        } catch let finished as ExitCode {
            return finished.rawValue
        } catch {
            let code = exitCode(for: error)
            if code.isSuccess {
                // Help, a version, a completion script: that is the result.
                print(fullMessage(for: error))
                return ExitStatus.ok.rawValue
            }
            if OutputFormat.asked(in: arguments) == .json {
                UsageProblem.printDocument(message(for: error))
            } else {
                Console.note(fullMessage(for: error))
            }
            return ExitStatus.usage.rawValue
        }
    }
}

/// What pressing Control-C does outside of commands that handle it themselves: the terminal is put right and the program ends with 130.
enum Interruption {
    static func install() {
        signal(SIGINT) { _ in
            Terminal.restore()
            _exit(ExitStatus.interrupted.rawValue)
        }
        // A reader that goes away ends a write with an error, not the program without a word.
        signal(SIGPIPE, SIG_IGN)
    }

    /// From now on somebody else waits for the signal.
    static func leaveToServices() { signal(SIGINT, SIG_IGN) }
}
