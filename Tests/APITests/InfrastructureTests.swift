import API
import ChainKit
import Contracts
import Execution
import Interface
import Ledger
import Primitives
import Testing
import WorldState

extension TestNode {
    /// An application `shop` of the first person with two revisions, operators of three nodes each, and an assignment of two shards of two nodes.
    func makeShop(text: String = "Two shards.") {
        func map(_ members: (String, DocumentValue)...) -> DocumentValue { .map(sorting: members.map { DocumentValue.Member($0.0, $0.1) })! }
        func document(_ copies: Int64) -> Document {
            do {
                return try Document(sorting: [
                    DocumentObject(.header, "description", .text(text)),
                    DocumentObject(.nodeTemplates, "worker", map(("type", .text("diac.nodes.Worker")), ("properties", map(("count", .integer(2)), ("low", .integer(-1)))))),
                    DocumentObject(.nodeTemplates, "shard", map(
                        ("type", .text("diac.nodes.Shard")), ("properties", map(("count", .integer(copies)))),
                        ("requirements", .list([map(("composed_of", .text("worker")))])))),
                ])
            } catch { preconditionFailure("\(error)") }
        }
        func send(_ person: Int, _ call: Call, gasLimit: UInt64 = 20_000_000) {
            let block = advance([transaction(people[person], [call], gasLimit: gasLimit)])
            precondition(block.receipts.first?.outcome.failure == nil, "\(String(describing: block.receipts.first?.outcome))")
        }
        let settings = Infrastructure.Settings(
            stakeThreshold: Amount(100 * Amount.unitsPerToken), unitStake: Amount(100 * Amount.unitsPerToken), operatorsMax: 10, epochBlocks: 10)
        send(0, Infrastructure.create.reference.call(on: .infrastructure, "shop", .account(people[0].address), settings))
        send(0, Infrastructure.importDocument.reference.call(on: .infrastructure, "shop", 0, .full(document(1)), "one shard"))
        send(0, Infrastructure.importDocument.reference.call(on: .infrastructure, "shop", 1, .full(document(2)), "two shards"))
        for place in 1...2 {
            let join = Infrastructure.join.reference.call(
                on: .infrastructure, "shop", BoundedText("operator-\(place)")!, Infrastructure.Place(continent: .europe, region: "DE"), nil,
                value: Amount(300 * Amount.unitsPerToken))
            send(place, join)
        }
        send(0, Infrastructure.freeze.reference.call(on: .infrastructure, "shop"))
        for _ in 0..<NetworkParameters().drawDelay { advance() }
        send(0, Infrastructure.map.reference.call(on: .infrastructure, "shop"), gasLimit: 40_000_000)
    }
}

/// Applications, documents and assignments, as the interface tells them.
@Suite struct InfrastructureTests {
    @Test func everythingThatTheContractKnows() async throws {
        try await Served.run { api in
            let node = api.node
            node.makeShop()
            func value(_ path: String) async throws -> DynamicValue { try await api.get("/v1/infrastructures" + path).resource(AnswerResource<DynamicValue>.self).value }
            func list(_ path: String) async throws -> [DynamicValue] { if case .list(let items) = try await value(path) { items } else { [] } }
            #expect(try await list("").map { $0["name"] } == [.text("shop")])
            #expect(try await list("?from=shops").isEmpty)
            let shop = try await value("/shop")
            #expect(shop["revision"] == .text("2") && shop["operators"] == .number(2) && shop["isMappingDirty"] == .bool(false))
            #expect(shop["owner"]?["current"]?["account"] == .text(node.text(0)))
            let trail = try await list("/shop/revisions")
            #expect(trail.map { $0["reason"] } == [.text("two shards"), .text("one shard")] && trail[0]["author"] == .text(node.text(0)))
            #expect(try await list("/shop/revisions?before=2").count == 1)
            #expect(try await value("/shop/revisions/1")["digest"] == trail[1]["digest"])
            #expect(try await list("/shop/revisions/2/changes?since=1").map { $0["key"]?["name"] } == [.text("shard")])
            #expect(try await list("/shop/revisions/2/changes").map { $0["key"]?["name"] } == [.text("description"), .text("shard"), .text("worker")])
            #expect(try await list("/shop/revisions/2/changes?from=node_templates.shard").map { $0["key"]?["name"] } == [.text("shard"), .text("worker")])
            #expect(try await list("/shop/revisions/2/changes?from=node_templates.z.z").isEmpty)
            #expect(try await list("/shop/operators").map { $0["name"] } == [.text("operator-1"), .text("operator-2")])
            #expect(try await list("/shop/operators?from=2").count == 1)
            let mapping = try await value("/shop/mapping")
            #expect(mapping["outcome"]?["summary"]?["assigned"] == .number(4) && mapping["topology"] != nil)
            let nodes = try await list("/shop/assignment")
            #expect(nodes.map { $0["instance"] } == ["worker_1_1", "worker_1_2", "worker_2_1", "worker_2_2"].map { .text($0) })
            #expect(try await list("/shop/assignment?moves=1").count == 4)
            #expect(try await list("/shop/assignment?from=3").count == 1)
            #expect(try await value("/shop/spread")["summary"]?["slots"] == .number(4))
            for empty in ["/shop/drafts", "/shop/instances", "/shop/artifacts"] { #expect(try await list(empty).isEmpty, "\(empty)") }
        }
    }

    @Test func documentsAreWholeAndExact() async throws {
        try await Served.run { api in
            api.node.makeShop()
            let newest = try await api.get("/v1/infrastructures/shop/document").resource(InfrastructureDocumentResource.self)
            let document = try Document(bcs: newest.data.bytes)
            #expect(newest.revision["digest"] == .text("0x" + document.digest.hex) && newest.revision["number"] == .text("2"))
            #expect(newest.document["node_templates"]?["shard"]?["properties"]?["count"] == .number(2))
            #expect(newest.document["node_templates"]?["worker"]?["properties"]?["low"] == .text("-1"))
            #expect(newest.document["header"]?["description"] == .text("Two shards."))
            let first = try await api.get("/v1/infrastructures/shop/document?revision=1").resource(InfrastructureDocumentResource.self)
            #expect(first.document["node_templates"]?["shard"]?["properties"]?["count"] == .number(1))
        }
    }

    @Test func answersAreProved() async throws {
        try await Served.run { api in
            let node = api.node
            node.makeShop()
            for path in ["/shop", "/shop/assignment", "/shop/operators", "/shop/mapping"] {
                let answer = try await api.get("/v1/infrastructures\(path)?proof=1").resource(AnswerResource<DynamicValue>.self)
                let bundle = try ProofBundle(bcs: #require(answer.proof).bytes), reads = try #require(answer.reads)
                try bundle.verify(chainID: node.genesis.chainID, validatorsHash: bundle.block.validators.digest)
                guard case .state(let claims, _) = bundle.content else {
                    Issue.record("no state")
                    continue
                }
                #expect(claims.map { Hex($0.key.bytes) } == reads && claims.contains { $0.value != nil })
            }
            let document = try await api.get("/v1/infrastructures/shop/document?proof=1").resource(InfrastructureDocumentResource.self)
            let bundle = try ProofBundle(bcs: #require(document.proof).bytes)
            try bundle.verify(chainID: node.genesis.chainID, validatorsHash: bundle.block.validators.digest)
        }
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        try await Served.run { api in
            let node = api.node
            node.makeShop()
            let long = String(repeating: "a", count: 64)
            let cases: [(String, Int, String)] = [
                ("/stall", 404, "infrastructure.unknown"), ("/stall/document", 404, "infrastructure.unknown"), ("/stall/assignment", 404, "infrastructure.unknown"),
                ("/shop/revisions/9", 404, "infrastructure.unknown"), ("/shop/revisions/x", 400, "request.path"), ("/shop/revisions/9/changes", 404, "infrastructure.unknown"),
                ("/shop/revisions/2/changes?from=worker", 400, "request.query"), ("/shop/revisions/2/changes?from=cellar.worker", 400, "request.query"),
                ("/shop/document?revision=9", 404, "infrastructure.unknown"), ("/shop/mapping?number=9", 404, "infrastructure.unknown"),
                ("/shop/operators?from=4294967296", 400, "request.query"), ("/\(long)", 400, "request.path"), ("?from=\(long)", 400, "request.query"),
                ("/shop?height=999", 404, "height.unknown"), ("/shop?colour=red", 400, "request.query"), ("/shop/assignment?moves=maybe", 400, "request.query"),
            ]
            for (path, status, code) in cases {
                let answer = try await api.get("/v1/infrastructures" + path)
                let problem = try answer.problem
                #expect(answer.status == status && problem.code == code, "\(path): \(answer.text)")
            }
            // Before it was made there was none; and each height tells of itself.
            #expect(try await api.get("/v1/infrastructures/shop?height=0").status == 404)
            #expect(try await api.get("/v1/infrastructures/shop?height=2").resource(AnswerResource<DynamicValue>.self).value["revision"] == .text("1"))
        }
    }
}
