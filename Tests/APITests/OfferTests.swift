import API
import Contracts
import Execution
import Interface
import Ledger
import Primitives
import Testing
import WorldState

/// Offers and search among them.
@Suite struct OfferTests {
    private func value(_ api: Served, _ path: String) async throws -> DynamicValue {
        try await api.get("/v1/offers" + path).resource(AnswerResource<DynamicValue>.self).value
    }

    private func list(_ value: DynamicValue?) -> [DynamicValue] { if case .list(let items)? = value { items } else { [] } }

    @Test func allOffersAndOneProvidersOffers() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            #expect(list(try await value(api, "")).isEmpty)
            #expect(list(try await value(api, "/kinds")).isEmpty)
            api.node.publishOffers()
            #expect(list(try await value(api, "")).map { $0["number"] } == ["3", "2", "1", "0"].map { .text($0) })
            #expect(list(try await value(api, "?before=2")).map { $0["name"] } == [.text("Dear machine"), .text("Small machine")])
            #expect(list(try await value(api, "?provider=\(api.node.text(1))")).count == 4)
            #expect(list(try await value(api, "?provider=\(api.node.text(0))")).isEmpty)
            #expect(try await value(api, "/kinds") == .list([.text("dataset"), .text("virtual-machine")]))
            #expect(try await value(api, "/kinds?from=dataset") == .list([.text("virtual-machine")]))
            let one = try await value(api, "/1")
            #expect(one["offer"]?["name"] == .text("Dear machine") && one["provider"] == .text(api.node.text(1)) && one["revision"] == .number(0))
            // At the height of the first there was no other.
            #expect(list(try await value(api, "?height=1")).count == 1)
        }
    }

    @Test func everyConstraintLeavesOutWithItsReason() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            api.node.publishOffers()
            func search(_ constraints: String) async throws -> (hits: [DynamicValue?], reasons: [DynamicValue]) {
                let found = try await value(api, "?kind=virtual-machine" + constraints)
                return (list(found["hits"]).map { $0["listing"] }, list(found["misses"]).flatMap { list($0["reasons"]) })
            }
            func has(_ reasons: [DynamicValue], _ name: String) -> Bool { reasons.contains { $0[name] != nil || $0 == .text(name) } }
            let all = try await search("")
            #expect(all.hits == [.text("0"), .text("1")] && has(all.reasons, "paused"))
            for (constraint, hits, reason) in [
                ("regions=DE", ["0"], "region"), ("regions=US,FR", ["1"], "region"), ("priceMax=400000", ["0"], "price"), ("options=backup", ["1"], "option"),
                ("processorMillicores=2001", [], "processor"), ("memoryMebibytes=4097", [], "memory"), ("storageGibibytes=21", [], "storage"), ("networkMegabits=101", [], "network"),
                ("hardware=gpu.h200", ["1"], "hardware"), ("powerMilliwattsMax=12500", ["0"], "power"), ("attributes=disk=ssd,cores%3E=8", ["1"], "attribute"),
                ("attributes=cores%3C=7", [], "attribute"), ("attributes=cores=8", ["1"], "attribute"), ("units=4", [], "units"), ("availabilityMin=999900", ["0"], "availability"),
                ("provider=\(api.node.text(0))", [], "provider"),
            ] {
                let found = try await search("&" + constraint)
                #expect(found.hits == hits.map { .text($0) } && has(found.reasons, reason), "\(constraint): \(found)")
            }
            #expect(try await search("&order=newest").hits == [.text("1"), .text("0")])
            #expect(try await search("&order=thriftiest").hits == [.text("0"), .text("1")])
            // By pages: each offer once.
            let first = try await value(api, "?kind=virtual-machine&limit=2")
            #expect(first["next"] == .text("2") && list(first["hits"]).count == 2)
            let rest = try await value(api, "?kind=virtual-machine&limit=2&from=2")
            #expect(rest["next"] == .null && list(rest["misses"]).count == 1 && list(rest["hits"]).isEmpty)
        }
    }

    @Test func whatIsNoQuestionIsRefused() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            api.node.publishOffers()
            let long = String(repeating: "a", count: 33), many = Array(repeating: "a", count: 9).joined(separator: ",")
            let cases: [(String, Int, String)] = [
                ("/9", 404, "offer.unknown"), ("/x", 400, "request.path"), ("/-1", 400, "request.path"), ("/18446744073709551616", 400, "request.path"),
                ("?regions=DE", 400, "request.query"), ("?kind=", 400, "request.query"), ("?kind=\(long)", 400, "request.query"), ("?kind=a&before=1", 400, "request.query"),
                ("?kind=a&regions=\(many)", 400, "request.query"), ("?kind=a&hardware=\(long)", 400, "request.query"), ("?kind=a&priceMax=-1", 400, "request.query"),
                ("?kind=a&priceMax=1e9", 400, "request.query"), ("?kind=a&units=4294967296", 400, "request.query"), ("?kind=a&order=worst", 400, "request.query"),
                ("?kind=a&attributes=disk", 400, "request.query"), ("?kind=a&attributes=cores%3E=many", 400, "request.query"), ("?kind=a&attributes==1", 400, "request.query"),
                ("?kind=a&attributes=disk=", 400, "request.query"), ("?kind=a&limit=0", 400, "request.query"), ("?kind=a&limit=101", 400, "request.query"),
                ("?provider=nobody", 400, "request.query"), ("?kind=a&provider=\(String(repeating: "z", count: 60))", 400, "request.query"), ("?colour=red", 400, "request.query"),
                ("?kind=a&kind=b", 400, "request.query"), ("?height=999", 404, "height.unknown"), ("/kinds?from=\(long)", 400, "request.query"), ("/0?proof=maybe", 400, "request.query"),
            ]
            for (path, status, code) in cases {
                let answer = try await api.get("/v1/offers" + path), problem = try answer.problem
                #expect(answer.status == status && problem.code == code, "\(path): \(answer.text)")
            }
        }
    }

    @Test func answersAreProved() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.publishOffers()
            for path in ["", "?kind=virtual-machine&regions=DE", "/kinds", "/0"] {
                let answer = try await api.get("/v1/offers\(path)\(path.contains("?") ? "&" : "?")proof=1").resource(AnswerResource<DynamicValue>.self)
                let bundle = try ProofBundle(bcs: #require(answer.proof).bytes)
                try bundle.verify(chainID: node.genesis.chainID, validatorsHash: bundle.block.validators.digest)
                guard case .state(let claims, _) = bundle.content else {
                    Issue.record("no state")
                    continue
                }
                #expect(claims.map { Hex($0.key.bytes) } == answer.reads && claims.contains { $0.value != nil }, "\(path)")
            }
        }
    }
}
