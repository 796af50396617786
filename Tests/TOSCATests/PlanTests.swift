import Contracts
import Foundation
import PythonRunner
import Testing
@testable import TOSCA

/// From a document and an assignment to what each operator does.
@Suite struct PlanTests {
    @Test func countsBecomeInstances() throws {
        let template = try Samples.read(Samples.profile.appending(path: "sharding.yaml"))
        let plan = try DeploymentPlan(template, assignment: ["worker_20_250": "carol"])
        #expect(plan.steps.count { $0.template == "worker" } == 5_000)
        #expect(plan.steps.count { $0.template == "shard" } == 20)
        let shard = try #require(plan.steps.first { $0.id == "shard_20" })
        #expect(shard.dependsOn.count == 250 && shard.dependsOn.allSatisfy { $0.hasPrefix("worker_20_") } && shard.group == "shard_20")
        #expect(shard.parameters["epoch_interval"] == .integer(500))
        let part = plan.part(of: "carol")
        #expect(part.steps.map(\.id) == ["worker_20_250"] && part.document == plan.document)
        #expect(part.steps[0].group == "shard_20")
        #expect(part.steps[0].artifacts.first?["properties"]?["cid"] != nil)
        #expect(throws: DocumentError.self) { try DeploymentPlan(template, assignment: ["worker_21_1": "carol"]) }
    }

    @Test func instancesAreCalledAsTheMapperCallsThem() throws {
        let template = try Samples.read(Samples.profile.appending(path: "sharding.yaml"))
        let topology = try #require(DocumentTopology.topology(of: template.document))
        let mapped = topology.runs.flatMap { run in (0..<run.count).map { run.instance($0) } }
        let planned = try DeploymentPlan(template).steps.filter { $0.template != "shard" }.map(\.id)
        #expect(Set(mapped) == Set(planned) && mapped.count == planned.count && mapped.count == 5_004)
        #expect(DocumentTopology.policy(of: template.document).perOperatorInGroup == 1)
    }

    /// The mapper reads a document as it stands: what only a reader of the standard understands is told.
    @Test func whatTheMapperDoesNotSeeIsTold() throws {
        let text = try String(contentsOf: Samples.profile.appending(path: "sharding.yaml"), encoding: .utf8)
        #expect(try Samples.read(text).warnings.isEmpty)
        let cases = [
            text.replacing("count: 250\n", with: "count: { get_input: epoch_interval }\n").replacing("        workers_per_shard: 250\n", with: ""),
            text.replacing("count: 20\n", with: "count: 50\n"),
            text.replacing("max_per_operator_per_shard: 1 ", with: "max_per_operator_per_shard: { get_input: epoch_interval } "),
            text.replacing("topology_template:", with: "node_types:\n  Many: { derived_from: diac.nodes.Worker, properties: { count: { type: integer, default: 3 } } }\ntopology_template:", maxReplacements: 1)
                .replacing("    shard:\n", with: "    many: { type: Many }\n    shard:\n", maxReplacements: 1),
        ]
        for (place, bad) in cases.enumerated() {
            let warnings = try Samples.read(bad).warnings
            #expect(warnings.map(\.code) == [.planMapping] && warnings[0].severity == .warning && warnings[0].place.line > 0, "\(place): \(warnings)")
        }
    }

    @Test func dependenciesComeFirst() throws {
        for file in Samples.all {
            let plan = try DeploymentPlan(Samples.read(file))
            var done: Set<String> = []
            for step in plan.steps {
                #expect(step.dependsOn.allSatisfy(done.contains), "\(file.lastPathComponent): \(step.id)")
                done.insert(step.id)
            }
            #expect(done.count == plan.steps.count)
        }
        let proxies = try DeploymentPlan(Samples.read(Samples.profile.appending(path: "proxies.yaml")))
        #expect(proxies.operators == ["alice", "bob"])
        #expect(proxies.part(of: "alice").steps.map(\.id) == ["worker_1", "proxy_1"])
    }

    @Test func whatWaitsForItselfHasNoPlan() throws {
        let template = try Samples.read(Samples.topology("    a: { type: tosca.nodes.Root, requirements: [ { dependency: b } ] }\n    b: { type: tosca.nodes.Root, requirements: [ { dependency: a } ] }"))
        do {
            _ = try DeploymentPlan(template)
            Issue.record("planned")
        } catch { #expect(error.problems.map(\.code) == [.requirementCycle]) }
    }

    @Test func countsThatContradictAreRefused() throws {
        let text = try String(contentsOf: Samples.profile.appending(path: "sharding.yaml"), encoding: .utf8)
        for bad in [text.replacing("workers_per_shard: 250", with: "workers_per_shard: 251"), text.replacing("count: 20\n", with: "count: 9000\n"), text.replacing("    validator:", with: "    worker_1_1:").replacing("count: 4\n", with: "count: 1\n")] {
            let template = try Samples.read(bad)
            do {
                _ = try DeploymentPlan(template)
                Issue.record("planned")
            } catch { #expect(error.problems.map(\.code) == [.planInstances]) }
        }
    }

    @Test(.enabled(if: Python.withSchemas != nil, Python.schemasMissing)) func plansFollowTheirSchema() throws {
        let script = "import json, sys, jsonschema; jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(sys.stdin))"
        let schema = Samples.project.appending(path: "Genesis/deployment-plan-schema.json").path
        for file in Samples.all {
            let plan = try DeploymentPlan(Samples.read(file))
            _ = try Python.run(#require(Python.withSchemas), ["-c", script, schema], input: Array(plan.json.utf8))
        }
        #expect(throws: Python.Failed.self) { try Python.run(#require(Python.withSchemas), ["-c", script, schema], input: Array(#"{"schema": "trellis/deployment-plan/1"}"#.utf8)) }
    }
}
