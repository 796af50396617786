import Contracts
import Execution
import Foundation
import Primitives
import Testing
@testable import trellis

/// Who runs what, on a network of one validator: shown, explained, and computed again from proofs.
@Suite(.serialized) struct MapperTests {
    /// Two shards of three workers, and at most half of a group in one region.
    private static func change() throws -> String {
        func map(_ members: (String, DocumentValue)...) throws -> DocumentValue { try #require(DocumentValue.map(sorting: members.map { DocumentValue.Member($0.0, $0.1) })) }
        let objects = [
            try DocumentObject(.nodeTemplates, "worker", map(("type", .text("diac.nodes.Worker")), ("properties", map(("count", .integer(3)))))),
            try DocumentObject(.nodeTemplates, "shard", map(
                ("type", .text("diac.nodes.Shard")), ("properties", map(("count", .integer(2)))), ("requirements", .list([map(("composed_of", .text("worker")))])))),
            try DocumentObject(.policies, "spread", map(
                ("type", .text("diac.policies.Decentralization")), ("properties", map(("region_share", .integer(70)))))),
        ]
        let list = try Document(sorting: objects).objects.map { #"{"section":"\#($0.section.name)","name":"\#($0.name)","value":"0x\#($0.encoded.hex)"}"# }
        return #"{"application":"shop","base":0,"change":{"full":[\#(list.joined(separator: ","))]},"reason":"first"}"#
    }

    private static func join(_ program: Program, _ who: String, region: String) throws -> Int32 {
        let arguments = #"{"application":"shop","name":"\#(who)","place":{"continent":"europe","region":"\#(region)","provider":null},"credential":null}"#
        return try program.run("contract", "call", "infrastructure", "join", "--args", arguments, "--value", "600", "--from", who, "--yes").status
    }

    private static func map(_ program: Program) throws -> Bool {
        for _ in 0..<60 {
            if try program.run("mapper", "map", "shop", "--yes").status == 0 { return true }
            // Something has to happen, or blocks come slowly.
            _ = try program.run("account", "transfer", "bob", "0.01", "--yes")
        }
        return false
    }

    @Test(.timeLimit(.minutes(15))) func anAssignmentIsShownExplainedAndComputedAgain() async throws {
        let running = try await RunningNode(), program = running.program, genesis = program.home + "/genesis.bcs"
        let owner = try #require(try program.data("key", "show", "account")["address"]?.text)
        for name in ["bob", "carol"] {
            _ = try program.data("key", "new", name, "--key-cost", "light")
            _ = try program.data("account", "transfer", name, "1000", "--yes")
        }
        #expect(try program.run("mapper", "show", "shop").status != 0)
        #expect(try program.run("mapper", "verify", "shop", "--genesis", genesis).status == 3)
        #expect(try program.run("mapper", "verify", "shop").status == 2)
        let settings = #"{"stakeThreshold":"100","unitStake":"100","operatorsMax":10,"epochBlocks":"500","reputationMin":0,"blockIntervalMilliseconds":5000}"#
        _ = try program.data("contract", "call", "infrastructure", "create", "--args", #"{"name":"shop","owner":{"account":"\#(owner)"},"settings":\#(settings)}"#, "--yes")
        try program.write("change.json", Self.change())
        _ = try program.data("contract", "call", "infrastructure", "import", "--args", "@change.json", "--yes")
        #expect(try Self.join(program, "bob", region: "DE") == 0)
        #expect(try program.run("mapper", "show", "shop").status == 3)
        #expect(try program.run("mapper", "map", "shop", "--yes").status == 4)

        // One region may have two of three nodes of a shard, so four of six find an operator.
        _ = try program.data("mapper", "freeze", "shop", "--yes")
        #expect(try Self.map(program))
        #expect(try program.run("mapper", "freeze", "shop", "--yes").status == 4)
        let explained = try program.data("mapper", "explain", "shop")
        #expect(explained["verdict"] == .text("4 of 6 nodes have an operator") && explained["complete"] == .bool(false) && explained["units"] == .number(6))
        #expect(explained["rules"]?.list.map { $0["rule"]?.text } == ["regionShare"] && explained["binding"]?.list.map { $0["rule"]?.text } == ["regionShare"])
        #expect(try program.run("mapper", "explain", "shop").output.contains("operators in other regions help"))
        #expect(try program.run("mapper", "explain", "shop", "--number", "9").status == 3)

        // Somebody elsewhere joins: nobody moves, and all nodes are run.
        #expect(try Self.join(program, "carol", region: "FR") == 0)
        _ = try program.data("mapper", "freeze", "shop", "--yes")
        #expect(try Self.map(program))
        #expect(try program.run("mapper", "explain", "shop", "-o", "name").output == "all 6 nodes have an operator\n")
        let shown = try program.data("mapper", "show", "shop")
        #expect(shown["number"] == .text("2") && shown["outcome"]?["summary"]?["moved"] == .number(0))
        let nodes = try program.data("mapper", "show", "shop", "--nodes").list
        #expect(nodes.map { $0["instance"]?.text } == ["worker_1_1", "worker_1_2", "worker_1_3", "worker_2_1", "worker_2_2", "worker_2_3"])
        #expect(Set(nodes.compactMap { $0["operator"]?.text }) == ["bob", "carol"])
        #expect(try program.data("mapper", "show", "shop", "--moves").list.count == 2)
        #expect(try program.data("mapper", "report", "shop")["operators"] == .number(2))

        // From proofs alone; and for another chain nothing is believed.
        let verified = try program.data("mapper", "verify", "shop", "--genesis", genesis)
        #expect(verified["valid"] == .bool(true) && verified["number"] == .number(2) && verified["assigned"] == .number(6) && verified["beaconProven"] == .bool(true))
        let chain = try #require(try program.data("status")["chainID"]?.text ?? program.data("genesis", "id", genesis)["chainID"]?.text)
        #expect(try program.data("mapper", "verify", "shop", "--chain-id", chain)["assignmentDigest"] == verified["assignmentDigest"])
        let stranger = try program.run("mapper", "verify", "shop", "--chain-id", "0x" + String(repeating: "5a", count: 32), "-o", "json")
        #expect(stranger.status == 1)
        #expect(try stranger.document["error"]?["code"] == .text("client.unproven"))
        #expect(try program.run("mapper", "verify", "stall", "--genesis", genesis).status == 3)

        // A vote decides about a call.
        let proposal = ["gov", "propose", "--title", "Freeze", "--call", "infrastructure.freeze", "application=shop", "--yes"]
        #expect(try program.run(proposal).status == 0)
        let number = try #require(try program.data("gov", "list").list.first?["proposal"]?["number"]?.plain)
        let action = try program.data("gov", "show", number)["content"]?["action"]?["calls"]?.list
        #expect(action?.first?["method"] == .text("freeze"))
        #expect(try program.run("gov", "propose", "--title", "x", "--call", "freeze", "--yes").status == 2)
        #expect(try program.run("gov", "propose", "--title", "x", "application=shop", "--yes").status == 2)
        #expect(running.stop() == 0)
    }
}
