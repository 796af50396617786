import ArgumentParser
import Contracts
import Execution
import Foundation
import Primitives
import Testing
@testable import trellis

/// Infrastructure documents: alone, and on a network of one validator.
@Suite(.serialized) struct InfrastructureTests {
    /// A document whose workers want operators.
    private static let service = """
        tosca_definitions_version: tosca_simple_yaml_1_3
        description: Three workers.
        imports: [ diac.yaml ]
        topology_template:
          node_templates:
            worker:
              type: diac.nodes.Worker
              properties: { count: 3 }
            proxy:
              type: diac.nodes.Proxy
              requirements: [ { connect_to: worker } ]
          policies:
            - admission: { type: diac.policies.Stake, properties: { threshold: 200, unit: 50 } }
        """

    /// The profile with its templates, and the document above, in the program's folder.
    private static func files(_ program: Program) throws {
        for name in ["diac.yaml", "proxies.yaml", "images"] {
            try FileManager.default.copyItem(at: Program.project.appending(path: "Genesis/tosca/\(name)"), to: program.folder.appending(path: name))
        }
        try program.write("service.yaml", service)
    }

    @Test func documentsAreCheckedComparedAndPlanned() throws {
        let program = try Program()
        try Self.files(program)
        let digest = try program.data("infra", "check", "proxies.yaml")["digest"]
        #expect(digest?.text?.count == 66)
        for format in ["yaml", "json"] {
            #expect(try program.data("infra", "convert", "proxies.yaml", "--format", format, "--to", "again.\(format)")["digest"] == digest)
            #expect(try program.data("infra", "check", "again.\(format)")["digest"] == digest)
            #expect(try program.data("infra", "diff", "proxies.yaml", "again.\(format)").list.isEmpty)
        }
        // What is wrong is told with its place, and scripts see it.
        try program.write("bad.yaml", Self.service.replacing("count: 3", with: "count: three").replacing("connect_to: worker", with: "connect_to: walker"))
        let bad = try program.run("infra", "check", "bad.yaml", "-o", "json")
        #expect(bad.status == 1)
        let problems = try bad.document["data"]?["problems"]?.list ?? []
        #expect(problems.map { $0["code"]?.text } == ["value.type", "requirement.target"] && problems.map { $0["line"] } == [.number(8), .number(11)])
        let refused = try program.run("infra", "convert", "bad.yaml")
        #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.contains("next: trellis infra check bad.yaml"))
        #expect(try bad.document["ok"] == .bool(false))
        #expect(try program.run("infra", "check", "none.yaml", "-o", "json").status == 3)
        #expect(try program.run("infra", "diff", "none.yaml", "proxies.yaml").status == 3)
        #expect(try program.run("infra", "diff", "shop@x", "proxies.yaml").status == 2)

        // A plan of something new has changes; one of what is there has none.
        let plan = try program.run("infra", "plan", "service.yaml", "--write", "plan.json", "-o", "json")
        #expect(plan.status == 6)
        #expect(try plan.document["data"]?["steps"]?.list.map { $0["id"]?.text } == ["worker_1", "worker_2", "worker_3", "proxy"])
        #expect(try JSONReader.value(Array(Data(contentsOf: URL(fileURLWithPath: program.file("plan.json")))))["schema"] == .text("trellis/deployment-plan/1"))
        #expect(try program.run("infra", "plan", "service.yaml", "--against", "service.yaml").status == 0)
        try program.write("operators.json", #"{"worker_2": "bob"}"#)
        let part = try program.run("infra", "plan", "service.yaml", "--assignment", "operators.json", "--operator", "bob", "-o", "name")
        #expect(part.status == 6 && part.output == "worker_2\n")
        #expect(try program.run("infra", "plan", "service.yaml", "--assignment", "operators.json", "--operator", "bbo", "--write", "none.json").status == 3)
        #expect(!FileManager.default.fileExists(atPath: program.file("none.json")))
        let changed = try program.run("infra", "diff", "service.yaml", "proxies.yaml", "-o", "json")
        #expect(try changed.status == 6 && changed.document["ok"] == .bool(true))
        try program.write("wrong.json", #"{"worker_4": "bob"}"#)
        #expect(try program.run("infra", "plan", "service.yaml", "--assignment", "wrong.json").status == 1)
    }

    /// Files that a document names go with it, or are told.
    @Test func filesOfDocumentsGoAlong() throws {
        let program = try Program()
        try Self.files(program)
        try program.write("run.sh", "echo run")
        try program.write("scripted.yaml", Self.service.replacing("properties: { count: 3 }", with: "properties: { count: 3 }\n      interfaces: { Standard: { operations: { create: run.sh } } }"))
        let digest = try program.data("infra", "convert", "scripted.yaml", "--to", "one.csar")["digest"]
        #expect(try program.data("infra", "convert", "one.csar", "--to", "two.csar")["digest"] == digest)
        #expect(try program.data("infra", "check", "two.csar")["digest"] == digest)
        // Beside the file that is written it is found; elsewhere it is not, and that is told.
        let near = try program.run("infra", "convert", "two.csar", "--to", "near.yaml", "-o", "json")
        #expect(try near.status == 0 && near.document["warnings"]?.list.isEmpty == true && program.run("infra", "check", "near.yaml").status == 0)
        try FileManager.default.createDirectory(atPath: program.file("far"), withIntermediateDirectories: true)
        let far = try program.run("infra", "convert", "two.csar", "--to", "far/away.yaml", "-o", "json")
        #expect(try far.status == 0 && far.document["warnings"]?.list.first?.text?.contains("run.sh") == true)
        #expect(try program.run("infra", "check", "far/away.yaml").status == 1 && program.run("infra", "check", "far/away.yaml", "--without-files").status == 0)
        let without = try program.run("infra", "convert", "far/away.yaml", "--without-files", "--to", "far/away.csar", "-o", "json")
        #expect(try without.status == 0 && without.document["warnings"]?.list.first?.text?.contains("run.sh") == true)
    }

    /// The stake of a new application is what its document says, or somebody is asked.
    @Test func stakesAreNotGuessed() throws {
        let program = try Program()
        try Self.files(program)
        func settings(_ policy: String, _ arguments: [String] = []) throws -> Infrastructure.Settings {
            try program.write("stake.yaml", Self.service.replacing("topology_template:", with: "topology_template:\n  inputs: { known: { type: integer, default: 500 }, open: { type: integer } }")
                .replacing("imports: [ diac.yaml ]", with: "imports: [ diac.yaml ]\npolicy_types: { Cheap: { derived_from: diac.policies.Stake, properties: { unit: { type: integer, default: 25 } } } }")
                .replacing("{ type: diac.policies.Stake, properties: { threshold: 200, unit: 50 } }", with: policy))
            var settings = Infrastructure.Settings()
            try ApplicationSettings.parse(arguments).takeStakes(of: ReadingOptions.parse([]).template(program.file("stake.yaml")), &settings)
            return settings
        }
        func tokens(_ count: UInt128) -> Amount { Amount(count * Amount.unitsPerToken) }
        let known = try settings("{ type: diac.policies.Stake, properties: { threshold: { get_input: known } } }")
        #expect(known.stakeThreshold == tokens(500) && known.unitStake == tokens(100))
        let cheap = try settings("{ type: Cheap, properties: { threshold: 200 } }")
        #expect(cheap.stakeThreshold == tokens(200) && cheap.unitStake == tokens(25))
        let open = "{ type: diac.policies.Stake, properties: { threshold: { get_input: open }, unit: 50 } }"
        #expect(throws: CommandFailure.self) { try settings(open) }
        #expect(throws: CommandFailure.self) { try settings("{ type: diac.policies.Stake, properties: { threshold: 1 } }\n    - second: { type: diac.policies.Stake, properties: { threshold: 2 } }") }
        #expect(try settings(open, ["--stake-threshold", "300"]).stakeThreshold == tokens(300))
        #expect(try settings(open, ["--stake-threshold", "300"]).unitStake == tokens(50))
    }

    @Test(.timeLimit(.minutes(15))) func anApplicationLivesOnTheChain() async throws {
        let running = try await RunningNode(), program = running.program
        try Self.files(program)
        _ = try program.data("key", "new", "bob", "--key-cost", "light")
        _ = try program.data("account", "transfer", "bob", "1000", "--yes")

        // A file becomes a revision; the same file is none.
        #expect(try program.run("infra", "import", "service.yaml", "--app", "shop", "--yes").status == 3)
        #expect(try program.run("infra", "show", "shop").status == 3)
        let first = try program.data("infra", "import", "service.yaml", "--app", "shop", "--create", "--yes")
        #expect(first["revision"] == .number(1))
        #expect(try first["digest"] == program.data("infra", "check", "service.yaml")["digest"])
        #expect(try program.run("infra", "plan", "service.yaml", "--app", "shop").status == 0)
        #expect(try program.run("infra", "import", "service.yaml", "--app", "shop", "--create", "--stake-threshold", "500", "--yes").status == 1)
        let again = try program.data("infra", "import", "service.yaml", "--app", "shop", "--create", "--yes")
        #expect(again["revision"] == .number(1) && again["transaction"] == nil)
        #expect(try program.data("infra", "list").list.map { $0["name"]?.text } == ["shop"])
        // What the chain holds is compared with nothing.
        let alone = try program.data("infra", "plan", "shop")
        #expect(alone["changes"] == nil && alone["steps"]?.list.count == 4)

        // What comes back is what went in, and everybody's readers see the same.
        for format in ["yaml", "json"] {
            #expect(try program.data("infra", "export", "shop", "--format", format, "--to", "export.\(format)")["digest"] == first["digest"])
            #expect(try program.data("infra", "diff", "shop", "export.\(format)").list.isEmpty)
            #expect(try program.data("infra", "import", "export.\(format)", "--app", "shop", "--yes")["transaction"] == nil)
        }

        // An archive holds pointers to files, and is complete where the document names no others.
        _ = try program.data("infra", "import", "proxies.yaml", "--app", "paper", "--create", "--yes")
        let archived = try program.data("infra", "export", "paper", "--to", "paper.csar")
        #expect(archived["format"] == .text("csar"))
        #expect(try program.data("infra", "check", "paper.csar")["digest"] == archived["digest"])
        #expect(try program.data("infra", "import", "paper.csar", "--app", "paper", "--yes")["transaction"] == nil)
        #expect(try program.run("infra", "export", "paper", "--to", "paper.csar").status == 1)
        #expect(try program.run("infra", "export", "paper", "--format", "csar").status == 2)

        // A change is seen before it is made, and afterwards.
        try program.write("more.yaml", Self.service.replacing("count: 3", with: "count: 4").replacing("Three", with: "Four"))
        let planned = try program.run("infra", "plan", "more.yaml", "--app", "shop", "-o", "json")
        #expect(planned.status == 6)
        let changes = try #require(try planned.document["data"]?["changes"]?.list)
        #expect(changes.map { $0["text"]?.text } == ["~ description: \"Three workers.\" → \"Four workers.\"", "~ node_templates.worker.properties.count: 3 → 4"]
                    || changes.map { $0["path"]?.text } == ["header.description", "node_templates.worker.properties.count"], "\(changes)")
        let second = try program.data("infra", "import", "more.yaml", "--app", "shop", "--reason", "more room", "--yes")
        #expect(second["revision"] == .number(2) && second["changes"] == .list(changes))
        let difference = try program.run("infra", "diff", "shop@1", "shop", "-o", "json")
        #expect(try difference.status == 6 && difference.document["data"]?.list == changes)
        let history = try program.data("infra", "history", "shop").list
        #expect(history.map { $0["number"] } == [.number(2), .number(1)] && history[0]["reason"] == .text("more room") && history[0]["digest"]?.text == second["digest"]?.text)
        #expect(try program.data("infra", "export", "shop", "--revision", "1")["digest"] == first["digest"])
        #expect(try program.data("infra", "show", "shop")["nodes"]?.list.map { $0["count"] } == [.text("1"), .text("4")])
        #expect(try program.run("infra", "export", "shop", "--revision", "9").status == 3)

        // Others propose; who may adopts.
        #expect(try program.run("infra", "import", "service.yaml", "--app", "shop", "--from", "bob", "--yes").status == 4)
        _ = try program.data("infra", "import", "service.yaml", "--app", "shop", "--draft", "--from", "bob", "--yes")
        #expect(try program.data("infra", "drafts", "shop").list.count == 1)
        #expect(try program.run("infra", "adopt", "shop", "0", "--from", "bob", "--yes").status == 4)
        #expect(try program.run("infra", "adopt", "shop", "7", "--yes").status == 3)
        #expect(try program.data("infra", "drafts", "shop", "--after", "1").list.isEmpty)
        _ = try program.data("infra", "adopt", "shop", "0", "--yes")
        #expect(try program.data("infra", "export", "shop")["digest"] == first["digest"])

        // The right to change the document is given away, and then it is gone.
        _ = try program.data("infra", "permission", "shop", "topology", "bob", "--yes")
        #expect(try program.run("infra", "import", "more.yaml", "--app", "shop", "--yes").status == 4)
        #expect(try program.data("infra", "import", "more.yaml", "--app", "shop", "--from", "bob", "--yes")["revision"] == .number(4))
        _ = try program.data("infra", "import", "service.yaml", "--app", "shop", "--from", "bob", "--yes")
        #expect(try program.run("infra", "permission", "shop", "cellar", "bob", "--yes").status == 2)

        // Nobody waited, and nobody knows its number yet.
        let sent = try program.data("infra", "import", "more.yaml", "--app", "shop", "--from", "bob", "--yes", "--no-wait")
        #expect(sent["revision"] == nil && sent["base"] == .number(5) && sent["transaction"] != nil)
        for _ in 0..<100 where try program.data("infra", "history", "shop").list.count < 6 { try await Task.sleep(for: .milliseconds(200)) }
        #expect(try program.data("infra", "history", "shop").list.count == 6)
        // Lists go on to their end, however many pages they are.
        #expect(try program.data("infra", "list").list.map { $0["name"]?.text } == ["shop", "paper"])
        #expect(try program.data("infra", "list", "--after", "paper").list.map { $0["name"]?.text } == ["paper"])
        _ = try program.data("infra", "import", "service.yaml", "--app", "shop", "--from", "bob", "--yes")

        try await operate(program)
        #expect(running.stop() == 0)
    }

    /// Bob joins, is assigned to every node, and reports one.
    private func operate(_ program: Program) async throws {
        let bob = ["infra", "operators", "add", "shop", "--name", "bob", "--continent", "europe", "--region", "eu-west", "--from", "bob", "--yes"]
        #expect(try program.run(bob + ["--stake", "199"]).status == 4)
        #expect(try program.run(bob + ["--stake", "200"]).status == 0)
        #expect(try program.data("infra", "operators", "list", "shop").list.map { $0["name"]?.text } == ["bob"])
        #expect(try program.data("infra", "instances", "shop").list.isEmpty)
        _ = try program.data("contract", "call", "infrastructure", "freeze", "application=shop", "--yes")
        #expect(try program.data("infra", "instances", "shop").list.isEmpty)
        var mapped: Int32 = 1
        for _ in 0..<60 where mapped != 0 {
            mapped = try program.run("contract", "call", "infrastructure", "map", "application=shop", "--yes").status
            if mapped != 0 { try await Task.sleep(for: .milliseconds(500)) }
        }
        #expect(mapped == 0)
        let names = ["proxy", "worker_1", "worker_2", "worker_3"]
        #expect(try program.data("infra", "instances", "shop").list.compactMap { $0["instance"]?.text }.sorted() == names)
        let plan = try program.run("infra", "plan", "shop", "--operator", "bob", "-o", "name")
        #expect(try program.run("infra", "plan", "shop", "--operator", "bbo").status == 3)
        #expect(plan.status == 0 && plan.output.split(separator: "\n").sorted() == names.map { $0[...] })

        #expect(try program.run("infra", "report", "shop", "worker_9", "--status", "running", "--from", "bob", "--yes").status == 3)
        #expect(try program.run("infra", "report", "shop", "worker_2", "--status", "running", "--yes", "--from", "bob", "--measure", "latency").status == 2)
        _ = try program.data(
            "infra", "report", "shop", "worker_2", "--status", "running", "--address", "10.0.0.7:8080", "--measure", "latency-ms=12", "--from", "bob", "--yes")
        let reported = try #require(try program.data("infra", "instances", "shop", "--operator", "bob").list.first { $0["instance"] == .text("worker_2") })
        #expect(reported["status"] == .text("running") && reported["isCurrent"] == .bool(true) && reported["address"] == .text("10.0.0.7:8080"))

        _ = try program.data("infra", "operators", "remove", "shop", "--from", "bob", "--yes")
        #expect(try program.data("infra", "operators", "list", "shop").list.isEmpty)
        #expect(try program.run("infra", "operators", "withdraw", "shop", "--from", "bob", "--yes").status == 4)
    }
}
