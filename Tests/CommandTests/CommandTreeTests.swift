import ArgumentParser
import Testing
@testable import trellis

/// Every command explains itself, and every example is one.
@Suite struct CommandTreeTests {
    private static func all(_ commands: [any ParsableCommand.Type] = CommandTree.commands, _ path: [String] = []) -> [(path: [String], command: any ParsableCommand.Type)] {
        commands.flatMap { command in
            let here = path + [command.configuration.commandName ?? "?"]
            return [(here, command)] + all(command.configuration.subcommands, here)
        }
    }

    /// Words as a shell would split them.
    private static func words(_ line: String) -> [String] {
        var words: [String] = [], word = "", quoted = false, any = false
        for character in line {
            switch character {
            case "\"":
                // Braces are JSON, whose quotes belong to it.
                if word.contains("{") { word.append(character) } else { quoted.toggle() }
                any = true
            case " " where !quoted:
                if any { words.append(word) }
                (word, any) = ("", false)
            default:
                word.append(character)
                any = true
            }
        }
        return any ? words + [word] : words
    }

    @Test func everyCommandHasHelpAndExamplesThatAreParsed() throws {
        let commands = Self.all()
        #expect(commands.count > 70)
        for (path, command) in commands {
            let name = path.joined(separator: " "), configuration = command.configuration
            #expect(configuration.abstract.hasSuffix("."), "\(name)")
            let examples = (configuration.discussion.split(separator: "EXAMPLE").last ?? "").split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("trellis ") }.map(String.init)
            #expect(!examples.isEmpty, "\(name) has no example")
            for example in examples {
                let arguments = Array(Self.words(example).dropFirst())
                do { _ = try Trellis.parseAsRoot(arguments) } catch { Issue.record("\(example): \(Trellis.message(for: error))") }
                if configuration.subcommands.isEmpty { #expect(arguments.starts(with: path), "the example of \(name) shows another command") }
            }
            #expect(CommandTree.path(of: command) == path)
        }
        #expect(Set(commands.map { $0.path.joined(separator: " ") }).count == commands.count)
    }

    @Test func everyCommandRefusesWhatItDoesNotKnow() async {
        for (path, _) in Self.all() {
            do {
                _ = try Trellis.parseAsRoot(path + ["--no-such-option"])
                Issue.record("\(path.joined(separator: " ")) takes an unknown option")
            } catch { #expect(!Trellis.exitCode(for: error).isSuccess) }
        }
    }
}
