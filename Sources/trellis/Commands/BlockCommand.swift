import ArgumentParser
import Client
import Execution
import Interface

/// Final blocks.
struct BlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "block", "Shows final blocks.", examples: ["trellis block show head"], subcommands: [BlockShow.self, BlockList.self, BlockWatch.self])

    static let columns = ["height", "time", "transactionCount", "gasUsed", "proposer", "hash"]
    static func row(_ block: BlockResource) -> [String] { columns.map { block.value[$0]?.plain ?? "" } }
}

struct BlockShow: ResultCommand {
    static let configuration = CommandConfiguration("show", "Shows a block by height or hash.", examples: ["trellis block show 12", "trellis block show head -o json"])

    @Argument(help: "A height, a hash or head.") var block = "head"
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try node.client(), found = try await client.block(block)
        let transactions = try await client.transactions(inBlock: String(found.height), limit: 200)
        var fields = found.value
        if case .object(let members) = fields { fields = .object(members.filter { !["certificate", "header"].contains($0.name) }) }
        let view = TextView.parts([
            TextView(fields),
            transactions.items.isEmpty ? .text("") : .table(columns: ["transaction", "sender", "calls"], rows: transactions.items.map {
                [$0.id.text, $0.sender.text, $0.calls.map(Shown.call).joined(separator: "; ")]
            }),
        ])
        return CommandOutput(.fields([("block", found.value), ("transactions", .list(transactions.items.map(\.value)))]), names: [found.hash.text], view: view)
    }
}

struct BlockList: ResultCommand {
    static let configuration = CommandConfiguration("list", "Lists the newest blocks.", examples: ["trellis block list --limit 5"])

    @OptionGroup var page: PageOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let found = try await node.client().blocks(limit: page.limit, cursor: page.cursor)
        return page.output(found, names: found.items.map { String($0.height) }, columns: BlockCommand.columns, rows: found.items.map(BlockCommand.row))
    }
}

struct BlockWatch: WatchCommand {
    static let configuration = CommandConfiguration(
        "watch", "Shows blocks as they become final, until it is interrupted.", examples: ["trellis block watch", "trellis block watch --count 3 -o json"])

    @OptionGroup var watch: WatchOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    var selection: EventSelection {
        var selection = EventSelection()
        selection.blocks = true
        // An event of nothing: blocks alone are shown.
        selection.types = ["-"]
        selection.from = watch.since
        return selection
    }

    func line(_ item: StreamItem) -> (value: DynamicValue, name: String, text: String)? {
        guard case .block(let block) = item else { return nil }
        return (block.value, String(block.height), BlockCommand.row(block).joined(separator: "  "))
    }
}
