import ArgumentParser
import Execution
import Foundation

/// What the nodes of a local network wrote.
struct DevnetLogs: ResultCommand {
    static let configuration = CommandConfiguration(
        "logs", "Shows what nodes wrote, the newest lines of each.",
        examples: ["trellis devnet logs validator-1", "trellis devnet logs --follow", "trellis devnet logs --lines 500 2"])

    @Argument(help: "The node, by name or number; all when left out.") var node: String?
    @Option(help: "How many lines of each node.") var lines = 40
    @Flag(help: "Stay, and show what comes.") var follow = false
    @OptionGroup var devnet: DevnetOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...100_000).contains(lines) else { throw ValidationError("--lines must be from 0 to 100000") }
    }

    mutating func run() async throws {
        try await printResult()
        if follow { try await stay() }
    }

    func result() async throws -> CommandOutput {
        var items: [DynamicValue] = [], text: [String] = []
        for log in try logs() {
            let found = log.last(lines)
            items.append(.fields([("node", .text(log.name)), ("path", .text(log.path)), ("lines", .list(found.map { .text($0) }))]))
            text += found.map { log.prefix + Terminal.printable($0) }
        }
        return CommandOutput(.list(items), names: items.compactMap { $0["path"]?.plain }, view: .text(text.joined(separator: "\n")))
    }

    private func stay() async throws {
        var tails = try logs().map { ($0, $0.size) }
        while !Task.isCancelled {
            for place in tails.indices {
                let (lines, end) = tails[place].0.lines(from: tails[place].1)
                tails[place].1 = end
                for line in lines { Console.result(tails[place].0.prefix + Terminal.printable(line) + "\n") }
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func logs() throws -> [LogFile] {
        let directory = try devnet.resolved(), state = try directory.state()
        let members = try node.map { [state.members[try state.place(of: $0)]] } ?? state.members
        return members.map { LogFile(name: $0.name, path: directory.log($0.name), prefix: members.count > 1 ? "\($0.name) | " : "") }
    }
}

/// A file that grows by lines.
private struct LogFile {
    /// Bytes that are read at once.
    private static let bytesMax: UInt64 = 16 << 20

    let name: String
    let path: String
    let prefix: String

    var size: UInt64 { (try? FileHandle(forReadingAtPath: path)?.seekToEnd()) ?? 0 }

    func last(_ count: Int) -> [String] {
        let size = size
        return lines(from: size > Self.bytesMax ? size - Self.bytesMax : 0).lines.suffix(count)
    }

    /// The whole lines behind an offset, and where they end.
    func lines(from start: UInt64) -> (lines: [String], end: UInt64) {
        guard let handle = FileHandle(forReadingAtPath: path), (try? handle.seek(toOffset: start)) != nil,
              let data = try? handle.read(upToCount: Int(Self.bytesMax)), let last = data.lastIndex(of: UInt8(ascii: "\n")) else { return ([], start) }
        let whole = data[..<last]
        return (String(decoding: whole, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init), start + UInt64(whole.count) + 1)
    }
}
