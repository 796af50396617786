import ArgumentParser
import Contracts
import Execution
import Primitives
import TOSCA

/// Infrastructure documents: what a TOSCA template says, whether it is good, what would change, and what is to be done.
struct InfrastructureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        "infra", "Checks, converts, compares and plans infrastructure documents in TOSCA.",
        discussion: "FILE is a service template in YAML or JSON, or a CSAR archive. What it imports lies in its directory or below.",
        examples: ["trellis infra check Genesis/tosca/proxies.yaml"],
        subcommands: [InfrastructureCheck.self, InfrastructureConvert.self, InfrastructureDiff.self, InfrastructurePlan.self])
}

struct InfrastructureCheck: ResultCommand {
    static let configuration = CommandConfiguration(
        "check", "Tells everything that is wrong in a document, each with its place and a remedy.",
        discussion: "It ends with status 1 when the document is refused.", examples: ["trellis infra check Genesis/tosca/proxies.yaml"])

    @OptionGroup var document: DocumentOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        do throws(DocumentError) {
            let template = try document.readTemplate(document.file)
            return CommandOutput(.fields([
                ("accepted", .bool(true)), ("digest", .text("0x" + template.document.digest.hex)),
                ("objects", .number(UInt64(template.document.objects.count))),
                ("nodeTemplates", .number(UInt64(template.document.objects(in: .nodeTemplates).count))),
                ("problems", .list(template.warnings.map(\.value))),
            ]), names: ["0x" + template.document.digest.hex], view: .parts([
                .fields([("accepted", "yes"), ("digest", "0x" + template.document.digest.hex), ("objects", String(template.document.objects.count))]),
                .text(template.warnings.map { Terminal.printable($0.description) }.joined(separator: "\n")),
            ]))
        } catch {
            return CommandOutput(
                .fields([("accepted", .bool(false)), ("problems", .list(error.problems.map(\.value))), ("isCut", .bool(error.isCut))]),
                names: error.problems.map(\.code.rawValue), view: .text(Terminal.printable(error.description)), status: .failure)
        }
    }
}

struct InfrastructureConvert: ResultCommand {
    static let configuration = CommandConfiguration(
        "convert", "Writes a document in its canonical form, as one file that reads as the same document.",
        examples: ["trellis infra convert Genesis/tosca/proxies.yaml --format json", "trellis infra convert service.csar --format yaml --to service.yaml"])

    @OptionGroup var document: DocumentOptions
    @Option(help: "yaml or json.") var format: TemplateFormat = .yaml
    @Option(help: "A file that is not there yet; without it the document goes to stdout.") var to: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let template = try document.template(document.file), text = template.document.export(format)
        if let to { try Files.write(Array(text.utf8), to: to) }
        return CommandOutput(.fields([
            ("digest", .text("0x" + template.document.digest.hex)), ("format", .text(format.rawValue)), ("file", to.map { .text($0) }),
            ("text", to == nil ? .text(text) : nil),
        ]), names: ["0x" + template.document.digest.hex], view: to == nil ? .text(String(text.dropLast())) : nil)
    }
}

struct InfrastructureDiff: ResultCommand {
    static let configuration = CommandConfiguration(
        "diff", "Shows what changes from one document to another.", discussion: "A line for each change: + added, ~ changed, - removed.",
        examples: ["trellis infra diff before.yaml Genesis/tosca/proxies.yaml"])

    @Argument(help: "The document before.") var before: String
    @OptionGroup var document: DocumentOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let difference = DocumentDifference(from: try document.template(before).document, to: try document.template(document.file).document)
        return CommandOutput(.list(difference.changes.map(\.value)), names: difference.changes.map(\.path), view: difference.view)
    }
}

struct InfrastructurePlan: ResultCommand {
    static let configuration = CommandConfiguration(
        "plan", "Shows what would change, and plans what is to be done by whom.",
        discussion: """
            Without --against everything is new. --write keeps the plan as JSON by the schema in Genesis/deployment-plan-schema.json. It ends with \
            status 6 when there are changes.
            """,
        examples: ["trellis infra plan Genesis/tosca/proxies.yaml", "trellis infra plan service.yaml --against running.yaml --assignment operators.json --write plan.json"])

    @OptionGroup var document: DocumentOptions
    @Option(help: "The document that runs now.") var against: String?
    @Option(help: "A JSON file with an operator for each instance: {\"worker_1_1\": \"alice\"}.") var assignment: String?
    @Option(name: .customLong("operator"), help: "Plan only what this operator does.") var operatorName: String?
    @Option(help: "Where the plan is written; a file that is not there yet.") var write: String?
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let template = try document.template(document.file)
        let before = try against.map { try document.template($0).document } ?? .empty
        let difference = DocumentDifference(from: before, to: template.document)
        var plan: DeploymentPlan
        do throws(DocumentError) { plan = try DeploymentPlan(template, assignment: try operators()) } catch { throw document.failure(error, document.file) }
        if let operatorName { plan = plan.part(of: operatorName) }
        if let write { try Files.write(Array(plan.json.utf8), to: write) }
        let shown = plan.steps.prefix(Self.stepsShown).map { [$0.id, $0.type, $0.operatorName ?? "", $0.group ?? "", "\($0.dependsOn.count)"] }
        var parts: [TextView] = [difference.view, .table(columns: ["step", "type", "operator", "group", "waits for"], rows: shown)]
        if plan.steps.count > shown.count { parts.append(.text("and \(plan.steps.count - shown.count) more steps; --write keeps all")) }
        return CommandOutput(.fields([
            ("document", .text("0x" + plan.document)), ("changes", .list(difference.changes.map(\.value))), ("operators", .list(plan.operators.map { .text($0) })),
            ("steps", .list(plan.steps.map(\.value))), ("file", write.map { .text($0) }),
        ]), names: plan.steps.map(\.id), view: .parts(parts), status: difference.isEmpty ? .ok : .planHasChanges)
    }

    /// Lines of a table that people look at.
    private static let stepsShown = 50

    private func operators() throws(DocumentError) -> [String: String] {
        guard let assignment else { return [:] }
        func refused(_ what: String) -> DocumentError {
            DocumentError(problems: [Problem(.planAssignment, what, remedy: "write {\"INSTANCE\": \"OPERATOR\"}", place: Place(file: assignment))], isCut: false)
        }
        let value: DynamicValue
        do throws(CommandFailure) { value = try Files.json(assignment) } catch { throw refused(error.what) }
        guard case .object(let members) = value else { throw refused("the assignment is no object") }
        var result: [String: String] = [:]
        for member in members {
            guard case .text(let name) = member.value else { throw refused("`\(member.name)` is not assigned to a name") }
            result[member.name] = name
        }
        return result
    }
}

extension TemplateFormat: ExpressibleByArgument {}

extension Problem {
    var value: DynamicValue {
        .fields([
            ("code", .text(code.rawValue)), ("severity", .text(severity.rawValue)), ("file", .text(place.file)), ("line", .number(UInt64(place.line))),
            ("column", .number(UInt64(place.column))), ("path", .text(path)), ("message", .text(message)), ("remedy", .text(remedy)),
        ])
    }
}

extension DocumentDifference {
    var view: TextView { .text(isEmpty ? "no changes" : Terminal.printable(String(text.dropLast()))) }
}

extension DocumentDifference.Change {
    var value: DynamicValue { .fields([("kind", .text(kind.rawValue)), ("path", .text(path)), ("text", .text(description))]) }
}

extension DeploymentPlan.Step {
    var value: DynamicValue {
        .fields([
            ("id", .text(id)), ("template", .text(template)), ("type", .text(type)), ("operator", operatorName.map { .text($0) }), ("group", group.map { .text($0) }),
            ("dependsOn", .list(dependsOn.map { .text($0) })),
        ])
    }
}
