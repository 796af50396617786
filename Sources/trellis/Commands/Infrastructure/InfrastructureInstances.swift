import ArgumentParser
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives

struct InfrastructureInstances: ResultCommand {
    static let configuration = CommandConfiguration(
        "instances", "Shows which operator runs which node, and what was reported of it.",
        discussion: "A node is current when who reported it has it now, and it follows the newest document that changed nodes.",
        examples: ["trellis infra instances shop", "trellis infra instances shop --operator alice"])

    @Argument(help: "The application.") var app: ApplicationName
    @Option(name: .customLong("operator"), help: ArgumentHelp("Only what this operator runs.", valueName: "name")) var operatorName: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let reader = try await TopologyReader(try node.client(), app)
        let reports = Dictionary(try await reader.instances().map { ($0.instance.slot, $0) }) { $1 }
        let items = try await reader.assigned().filter { operatorName == nil || $0.operatorName?.text == operatorName }.map { node in
            Self.value(node, reports[node.slot])
        }
        return .list(items, columns: ["slot", "instance", "operator", "status", "isCurrent", "revision", "address", "hasPassedTest"], name: "instance")
    }

    private static func value(_ node: Infrastructure.Assigned, _ view: Infrastructure.InstanceView?) -> DynamicValue {
        var fields: [(String, DynamicValue?)] = [
            ("slot", .number(UInt64(node.slot))), ("instance", .text(node.instance.text)), ("operator", node.operatorName.map { .text($0.text) }),
        ]
        if let view {
            let report = view.instance
            let measurements = report.measurements.map { DynamicValue.fields([("name", .text($0.name.text)), ("value", .number($0.value))]) }
            fields += [
                ("status", .text(report.status.caseName)), ("isCurrent", .bool(view.isCurrent)), ("revision", .number(report.revision)),
                ("address", .text(report.address.text)), ("lastAlive", .text(TimeText(report.lastAlive).text)), ("measurements", .list(measurements)),
                ("hasPassedTest", report.test.map { .bool($0.hasPassed) }),
            ]
        }
        return .fields(fields)
    }
}

struct InfrastructureReport: ResultCommand {
    static let configuration = CommandConfiguration(
        "report", "Reports how a node does: its address, its status, and what was measured.",
        discussion: "For the operator that the node is assigned to. The name of a measurement ends with its unit.",
        examples: ["trellis infra report shop worker_1 --status running --address 10.0.0.7:8080 --measure latency-ms=12 --from alice"])

    @Argument(help: "The application.") var app: ApplicationName
    @Argument(help: "The node: its name in the assignment, or its number.") var instance: String
    @Option(help: "How it does.") var status: Infrastructure.InstanceStatus
    @Option(help: "How it is reached.") var address: Infrastructure.Endpoint = ""
    @Option(help: ArgumentHelp("The revision of the document that it follows (default: the newest).", valueName: "number")) var revision: UInt64?
    @Option(help: ArgumentHelp("What was measured; may be repeated.", valueName: "name=number")) var measure: [String] = []
    @OptionGroup var send: SendOptions
    @OptionGroup var output: OutputOptions

    func result() async throws -> CommandOutput {
        let client = try send.node.client(), reader = try await TopologyReader(client, app)
        let measurements = try measure.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let name = Infrastructure.ArtifactName(parts[0]), let value = UInt64(parts[1]) else {
                throw CommandFailure.usage("infrastructure.measurement", "\(text) is not name=number")
            }
            return Infrastructure.Measurement(name: name, value: value)
        }
        guard let bounded = Bounded<8, Infrastructure.Measurement>(measurements) else {
            throw CommandFailure.usage("infrastructure.measurement", "a report has at most 8 measurements")
        }
        let newest: UInt64
        if let revision { newest = revision } else { newest = try await reader.existing().revision }
        let slot = try await reader.slot(instance)
        return try await send.send(client, [Infrastructure.report.reference.call(on: .infrastructure, app, slot, newest, address, status, bounded)])
    }
}
