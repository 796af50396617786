import ArgumentParser
import Client
import Contracts
import Execution
import Ledger
import Primitives
import TOSCA

struct InfrastructurePlan: ResultCommand {
    static let configuration = CommandConfiguration(
        "plan", "Shows what would change, and plans what is to be done by whom.",
        discussion: """
            With --app the document is compared with what that application holds now, and the chain's assignment says who does what. A plan of what \
            the chain holds is compared with nothing, unless --against names something. --write keeps the plan as JSON by the schema in \
            Genesis/deployment-plan-schema.json. It ends with status 6 when there are changes.
            """,
        examples: [
            "trellis infra plan service.yaml --app shop", "trellis infra plan shop --operator alice --write plan.json", "trellis infra plan shop --against shop@3",
            "trellis infra plan service.yaml --against running.yaml --assignment operators.json",
        ])

    @Argument(help: DocumentReference.help) var document: DocumentReference
    @Option(help: "The application that the document is for.") var app: ApplicationName?
    @Option(help: ArgumentHelp("What runs now: a file, or NAME@REVISION.", valueName: "document")) var against: DocumentReference?
    @Option(help: ArgumentHelp("A JSON file with an operator for each instance: {\"worker_1_1\": \"alice\"}.", valueName: "file")) var assignment: String?
    @Option(name: .customLong("operator"), help: ArgumentHelp("Plan only what this operator does.", valueName: "name")) var operatorName: String?
    @Option(help: ArgumentHelp("Where the plan is written; a file that is not there yet.", valueName: "file")) var write: String?
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let template = try await document.template(reading, node)
        let difference = try await before().map { DocumentDifference(from: $0, to: template.document) }
        let assignment = try await operators(template)
        var plan: DeploymentPlan
        do throws(DocumentError) { plan = try DeploymentPlan(template, assignment: assignment) } catch {
            throw CommandFailure(error, of: "the document", next: "trellis infra check FILE")
        }
        if let operatorName {
            plan = plan.part(of: operatorName)
            guard !plan.steps.isEmpty else {
                throw CommandFailure(
                    code: "plan.operator", what: "the plan has nothing to do for \(operatorName)", next: "Leave --operator out to see who does what.", status: .notFound)
            }
        }
        if let write { try Files.write(Array(plan.json.utf8), to: write) }
        let shown = plan.steps.prefix(Self.stepsShown).map { [$0.id, $0.type, $0.operatorName ?? "", $0.group ?? "", "\($0.dependsOn.count)"] }
        var parts: [TextView] = (difference.map { [$0.view] } ?? []) + [.table(columns: ["step", "type", "operator", "group", "waits for"], rows: shown)]
        if plan.steps.count > shown.count { parts.append(.text("and \(plan.steps.count - shown.count) more steps; --write keeps all")) }
        return CommandOutput(.fields([
            ("document", .text("0x" + plan.document)), ("changes", (difference?.changes).map { .list($0.map(\.value)) }), ("operators", .list(plan.operators.map { .text($0) })),
            ("steps", .list(plan.steps.map(\.value))), ("file", write.map { .text($0) }),
        ]), names: plan.steps.map(\.id), view: .parts(parts), status: difference?.isEmpty ?? true ? .ok : .changes)
    }

    /// Lines of a table that people look at.
    private static let stepsShown = 50

    /// What the document is compared with; nil for what the chain holds, which is what there is.
    private func before() async throws -> Document? {
        if let against { return try await against.document(reading, node) }
        guard let app else { if case .application = document { return nil } else { return .empty } }
        // What has not been made yet holds nothing.
        let reader = try await TopologyReader(try node.client(), app)
        return try await reader.application() == nil ? .empty : reader.held()
    }

    /// Who runs which instance: what the file says, or the newest assignment of the application.
    private func operators(_ template: ServiceTemplate) async throws -> [String: String] {
        if let assignment { return try Self.operators(inFile: assignment) }
        var name = app
        if name == nil, case .application(let own, _) = document { name = own }
        guard let name else { return [:] }
        let reader = try await TopologyReader(try node.client(), name)
        guard try await reader.application() != nil, let topology = DocumentTopology.topology(of: template.document) else { return [:] }
        var wanted = Set(topology.runs.flatMap { run in (0..<run.count).map { run.instance($0) } }), result: [String: String] = [:]
        for node in try await reader.assigned() {
            guard let holder = node.operatorName, wanted.remove(node.instance.text) != nil else { continue }
            result[node.instance.text] = holder.text
        }
        if !wanted.isEmpty {
            Console.warn("\(wanted.count) \(wanted.count == 1 ? "node waits" : "nodes wait") for an operator: the next assignment decides")
        }
        return result
    }

    private static func operators(inFile path: String) throws -> [String: String] {
        let remedy = "Write {\"INSTANCE\": \"OPERATOR\"}."
        guard case .object(let members) = try Files.json(path) else {
            throw CommandFailure(code: "plan.assignment", what: "\(path) is no object", next: remedy)
        }
        return try Dictionary(uniqueKeysWithValues: members.map { member in
            guard case .text(let name) = member.value else {
                throw CommandFailure(code: "plan.assignment", what: "\(member.name) is not assigned to a name", next: remedy)
            }
            return (member.name, name)
        })
    }
}

extension DeploymentPlan.Step {
    var value: DynamicValue {
        .fields([
            ("id", .text(id)), ("template", .text(template)), ("type", .text(type)), ("operator", operatorName.map { .text($0) }), ("group", group.map { .text($0) }),
            ("dependsOn", .list(dependsOn.map { .text($0) })),
        ])
    }
}
