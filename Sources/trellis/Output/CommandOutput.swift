import ArgumentParser
import Execution

/// The result of a command, in every form in which it can be asked for.
struct CommandOutput {
    /// What programs read.
    var data: DynamicValue
    /// What `-o name` prints.
    var names: [String] = []
    /// What people read; made from the data when nil.
    var view: TextView?
    /// What the command found, as `doctor`, `infra check` and `infra diff` say with their exit status.
    var status = ExitStatus.ok

    init(_ data: DynamicValue, names: [String] = [], view: TextView? = nil, status: ExitStatus = .ok) {
        self.data = data
        self.names = names
        self.view = view
        self.status = status
    }

    /// One thing with its fields.
    static func fields(_ fields: [(String, DynamicValue?)], name: String? = nil) -> CommandOutput {
        CommandOutput(.fields(fields), names: name.map { [$0] } ?? [])
    }

    /// Several of a kind. Columns are the members of that name.
    static func list(_ items: [DynamicValue], columns: [String], name: String) -> CommandOutput {
        CommandOutput(
            .list(items), names: items.compactMap { $0[name]?.plain },
            view: .table(columns: columns, rows: items.map { item in columns.map { item[$0]?.plain ?? "" } }))
    }

    func text(_ format: OutputFormat, schema: String, warnings: [String]) -> String {
        switch format {
        case .json: PrettyJSON.text(document(schema, warnings)) + "\n"
        case .yaml: YAMLWriter.text(document(schema, warnings))
        case .name: names.map { $0 + "\n" }.joined()
        case .table: (view ?? TextView(data)).text(isStyled: Terminal.stylesOutput)
        }
    }

    private func document(_ schema: String, _ warnings: [String]) -> DynamicValue {
        .fields([("schema", .text(schema)), ("ok", .bool(status != .failure)), ("data", data), ("warnings", .list(warnings.map { .text($0) }))])
    }
}

extension DynamicValue {
    /// An object of those that are there.
    static func fields(_ fields: [(String, DynamicValue?)]) -> DynamicValue {
        .object(fields.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// As one word or line.
    var plain: String {
        switch self {
        case .null: ""
        case .bool(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .text(let text): Terminal.printable(text)
        case .list(let values): values.map(\.plain).joined(separator: ", ")
        case .object: PrettyJSON.line(self)
        }
    }
}

/// A command with a result. Those that conform say what it is; how it is shown and what a failure looks like is the same for all.
protocol ResultCommand: AsyncParsableCommand {
    var output: OutputOptions { get }
    func result() async throws -> CommandOutput
}

extension ResultCommand {
    mutating func run() async throws { try await printResult() }

    /// Shows the result, or the failure, and throws the exit status when that is not 0.
    func printResult() async throws {
        let schema = "trellis/\(CommandTree.path(of: Self.self).joined(separator: "-"))/1"
        let format = output.format
        do {
            let result = try await result()
            Console.result(result.text(format, schema: schema, warnings: Console.warnings))
            if result.status != .ok { throw ExitCode(result.status.rawValue) }
        } catch let finished as ExitCode {
            throw finished
        } catch {
            let failure = CommandFailure(error)
            switch format {
            case .json: Console.result(PrettyJSON.text(failure.document(schema)) + "\n")
            case .yaml: Console.result(YAMLWriter.text(failure.document(schema)))
            case .table, .name: Console.report(failure)
            }
            throw ExitCode(failure.status.rawValue)
        }
    }
}

extension CommandFailure {
    func document(_ schema: String) -> DynamicValue {
        .fields([
            ("schema", .text(schema)), ("ok", .bool(false)), ("error", value), ("warnings", .list(Console.warnings.map { .text($0) })),
        ])
    }
}

/// A mistake in the arguments, as a document for programs.
enum UsageProblem {
    static func printDocument(_ message: String) {
        let failure = CommandFailure.usage("usage.arguments", message, next: "trellis --help")
        Console.result(PrettyJSON.text(failure.document("trellis/usage/1")) + "\n")
    }
}
