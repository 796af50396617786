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
            text.replacing("threshold: 100, unit: 100", with: "threshold: { get_input: epoch_interval }, unit: 100"),
            text.replacing("topology_template:", with: "node_types:\n  Many: { derived_from: diac.nodes.Worker, properties: { count: { type: integer, default: 3 } } }\ntopology_template:", maxReplacements: 1)
                .replacing("    shard:\n", with: "    many: { type: Many }\n    shard:\n", maxReplacements: 1),
        ]
        for (place, bad) in cases.enumerated() {
            let warnings = try Samples.read(bad).warnings
            #expect(warnings.map(\.code) == [.planMapping] && warnings[0].severity == .warning && warnings[0].place.line > 0, "\(place): \(warnings)")
        }
    }

    /// Money is read as the standard says: functions and types' defaults followed, derived types too.
    @Test func stakesAreWhatTheDocumentSays() throws {
        let text = try String(contentsOf: Samples.profile.appending(path: "sharding.yaml"), encoding: .utf8)
        func stake(_ properties: String, type: String = "diac.policies.Stake") throws -> StakePolicy? {
            let types = "policy_types:\n  Cheap: { derived_from: diac.policies.Stake, properties: { unit: { type: integer, default: 25 } } }\ntopology_template:"
            return try StakePolicy(Samples.read(
                text.replacing("type: diac.policies.Stake", with: "type: \(type)").replacing("{ threshold: 100, unit: 100 }", with: "{ \(properties) }")
                    .replacing("topology_template:", with: types, maxReplacements: 1)))
        }
        let plain = try #require(try stake("threshold: 300, unit: 50"))
        #expect(plain.threshold == .integer(300) && plain.unit == .integer(50) && plain.name == "admission" && plain.isOnlyOne)
        #expect(try stake("threshold: { get_input: epoch_interval }")?.threshold == .integer(500))
        let cheap = try #require(try stake("threshold: 300", type: "Cheap"))
        #expect(cheap.threshold == .integer(300) && cheap.unit == .integer(25))
        #expect(try stake("threshold: { get_attribute: [ shard, state ] }")?.threshold?["get_attribute"] != nil)
        #expect(try StakePolicy(Samples.read(Samples.topology("    a: { type: tosca.nodes.Compute }"))) == nil)
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

    /// A value that holds itself, once or twice, and inputs that each mean the next one twice.
    @Test(arguments: [
        "x: [ { get_property: [ SELF, x ] } ]", "x: [ { get_property: [ SELF, x ] }, { get_property: [ SELF, x ] } ]",
        "x: [ \(Array(repeating: "{ get_property: [ SELF, y ] }", count: 500).joined(separator: ", ")) ], y: [ \(Array(repeating: "a", count: 500).joined(separator: ", ")) ]",
    ]) func whatHoldsItselfHasNoPlan(_ properties: String) throws {
        let types = "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { x: { type: list }, y: { type: list, required: false } } }"
        let template = try Samples.read(Samples.topology("    n: { type: T, properties: { \(properties) } }", types: types))
        do {
            _ = try DeploymentPlan(template)
            Issue.record("planned")
        } catch { #expect(error.problems.map(\.code) == [.functionInvalid]) }
    }

    /// Every function's result is judged; together they are no more than a document may mean.
    @Test func resultsOfFunctionsAreBounded() {
        let types = "node_types:\n  T: { derived_from: tosca.nodes.Root, properties: { x: { type: list, entry_schema: { type: list } }, y: { type: list, required: false } } }"
        let body = "x: [ \(Array(repeating: "{ get_property: [ SELF, y ] }", count: 9_000).joined(separator: ", ")) ], y: [ \(Array(repeating: "a", count: 100_000).joined(separator: ", ")) ]"
        let start = ContinuousClock.now
        #expect(Samples.problems(Samples.topology("    n: { type: T, properties: { \(body) } }", types: types)).map(\.code) == [.functionInvalid])
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    /// Whoever defines the profile's types has counts of any size, or that are none.
    @Test func countsOfForeignTypesAreCheckedToo() throws {
        func text(_ type: String, _ count: String) -> String {
            let types = """
                node_types:
                  diac.nodes.Node: { derived_from: tosca.nodes.Root, properties: { count: { type: \(type) } } }
                  diac.nodes.Shard:
                    derived_from: tosca.nodes.Root
                    requirements: [ { members: { capability: tosca.capabilities.Node, occurrences: [ 0, UNBOUNDED ] } }, { composed_of: { capability: tosca.capabilities.Node, occurrences: [ 0, UNBOUNDED ] } } ]
                """
            let nodes = ["a", "b"].map { "    \($0): { type: diac.nodes.Node, properties: { count: \(count) } }\n" }.joined()
            return Samples.topology(nodes + "    s: { type: diac.nodes.Shard, requirements: [ { composed_of: a }, { composed_of: b } ] }", types: types)
        }
        #expect(Samples.problems(text("list", "[ { get_property: [ SELF, count ] } ]")).map(\.code) == [.functionInvalid])
        let template = try Samples.read(text("integer", "9223372036854775807"))
        do {
            _ = try DeploymentPlan(template)
            Issue.record("planned")
        } catch { #expect(error.problems.map(\.code) == [.planInstances]) }
        #expect(try DeploymentPlan(Samples.read(text("integer", "3"))).steps.last?.dependsOn == ["a_1_1", "a_1_2", "a_1_3", "b_1_1", "b_1_2", "b_1_3"])
    }

    /// The copies of a shard that is itself in a shard are more than those of its nodes.
    @Test func shardsInShardsArePlanned() throws {
        let types = """
            node_types:
              diac.nodes.Node: { derived_from: tosca.nodes.Root, properties: { count: { type: integer, default: 1 } } }
              diac.nodes.Shard:
                derived_from: diac.nodes.Node
                requirements: [ { composed_of: { capability: tosca.capabilities.Node, occurrences: [ 0, UNBOUNDED ] } } ]
            """
        let nodes = """
                outer: { type: diac.nodes.Shard, properties: { count: 5 }, requirements: [ { composed_of: inner } ] }
                inner: { type: diac.nodes.Shard, properties: { count: 3 }, requirements: [ { composed_of: node } ] }
                node: { type: diac.nodes.Node }
            """
        let plan = try DeploymentPlan(Samples.read(Samples.topology(nodes, types: types)))
        #expect(plan.steps.count == 5 + 15 + 3)
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
