import API
import ChainKit
import Client
import Contracts
import Execution
import Interface
import Ledger
import Primitives
import Testing
import WorldState

/// An agreement through an outage, as the interface tells it.
@Suite struct AgreementTests {
    private static let root = "/v1/agreements/0"

    private func get<Value: Codable & Hashable & Sendable>(_ api: Served, _ path: String, _: Value.Type = Value.self) async throws -> Value {
        try await api.get(path).resource(AnswerResource<Value>.self).value
    }

    private func list(_ value: DynamicValue?) -> [DynamicValue] { if case .list(let items)? = value { items } else { [] } }

    @Test func listsAndOne() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            #expect(list(try await get(api, "/v1/agreements")).isEmpty)
            node.makeAgreement()
            let all: DynamicValue = try await get(api, "/v1/agreements")
            let one = try #require(list(all).first)
            #expect(list(all).count == 1 && one["service"] == .text("web-1") && one["phase"] == .text("active") && one["funded"] == .number(1))
            #expect(one["current"]?["availability"] == .number(800_000) && one["current"]?["credit"] == .text("9000000"))
            #expect(list(try await get(api, "/v1/agreements?before=0")).isEmpty)
            for (person, role) in [(0, "consumer"), (1, "provider"), (2, "monitor")] {
                let own: DynamicValue = try await get(api, "/v1/agreements?account=\(node.text(person))")
                #expect(list(own).map { $0["role"] } == [.text(role)] && list(own)[0]["summary"] == one)
            }
            #expect(list(try await get(api, "/v1/agreements?account=\(node.text(7))")).isEmpty)
            let view: DynamicValue = try await get(api, Self.root)
            #expect(view["agreement"]?["escrow"]?["paidIn"] == .text("30450000") && view["terms"]?["consumer"] == .text(node.text(0)))
            // Each height tells of itself.
            let before: DynamicValue = try await get(api, Self.root + "?height=1")
            #expect(before["agreement"]?["phase"] == .text("offered"))
        }
    }

    @Test func periodsTimelineAndViolations() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.makeAgreement()
            let periods = try await get(api, Self.root + "/periods", AgreementPeriodListResource.self)
            #expect(periods.items.map(\.period) == [0, 1] && periods.next == nil && periods.items.map(\.isPaid) == [true, false])
            let first = periods.items[0]
            #expect(first.up == 8 && first.down == 4 && first.availability == 800_000 && !first.isClosed && first.credit.text == "9000000" && first.due == first.credit)
            #expect(first.reports == [24, 24, 24, 1] && first.end == periods.items[1].begin)
            #expect(try await get(api, Self.root + "/periods/0", AgreementPeriodResource.self) == first)
            #expect(try await get(api, Self.root + "/periods?from=1", AgreementPeriodListResource.self).items == [periods.items[1]])
            #expect(try await get(api, Self.root + "/periods?from=4294967295", AgreementPeriodListResource.self).items.isEmpty)

            let timeline = try await get(api, Self.root + "/timeline", TimelineResource.self)
            #expect(timeline.period == 0 && timeline.intervals.map(\.interval) == Array(0..<20) && timeline.next == nil)
            let words: [IntervalWord] = [.up, .up, .up, .up, .up, .down, .down, .down, .up, .down, .up, .up, .open, .open, .excluded, .excluded, .open, .open, .open, .open]
            #expect(timeline.intervals.map(\.state) == words)
            #expect(timeline.metrics.map(\.name) == ["availability", "latency"] && timeline.metrics[1].highest?.text == "250" && timeline.metrics[1].lowest == nil)
            #expect(timeline.metrics[0].lowest?.text == "1" && timeline.metrics[1].unit == "ms")
            let slow = timeline.intervals[9]
            #expect(slow.metrics.map(\.state) == [.up, .down] && slow.metrics[1].value?.text == "903")
            #expect(slow.metrics[1].reports.map { $0.value?.text } == ["902", "903", "904"] && slow.metrics[1].reports.map(\.monitor) == [0, 1, 2])
            // The word of the expelled one is there, and does not count.
            #expect(timeline.intervals[0].metrics[0].reports.map(\.monitor) == [0, 1, 2, 3] && timeline.intervals[0].metrics[0].value?.text == "1")
            #expect(timeline.intervals[5].begin == timeline.intervals[4].end && timeline.intervals[12].metrics[0].reports.isEmpty)
            let part = try await get(api, Self.root + "/timeline?period=0&from=5&limit=3", TimelineResource.self)
            #expect(part.intervals == Array(timeline.intervals[5..<8]) && part.next == 8)
            #expect(try await get(api, Self.root + "/timeline?from=20", TimelineResource.self).intervals.isEmpty)
            #expect(try await get(api, Self.root + "/timeline?period=1", TimelineResource.self).intervals.allSatisfy { $0.state == .open })

            let violations = try await get(api, Self.root + "/violations", ViolationListResource.self)
            #expect(violations.items.map(\.first) == [5, 9] && violations.items.map(\.count) == [3, 1] && violations.next == nil && violations.period == first)
            #expect(violations.items.map(\.metrics) == [["availability"], ["latency"]] && violations.items.map { $0.credit.text } == ["9000000", "0"])
            #expect(violations.items[0].begin == timeline.intervals[5].begin && violations.items[0].end == timeline.intervals[7].end)
            #expect(violations.items.allSatisfy { $0.providers.map(\.text) == [node.text(1)] } && violations.unknownCredit.text == "0")
            #expect(try await get(api, Self.root + "/violations?period=0&from=6", ViolationListResource.self).items == [violations.items[1]])
            #expect(try await get(api, Self.root + "/violations?period=1", ViolationListResource.self).items.isEmpty)
        }
    }

    /// Every unit that came in or went out is told once, with its place in the chain; so the list is the books.
    @Test func paymentsAreTheBooks() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.makeAgreement()
            node.settleAgreement()
            var all: [AgreementPaymentResource] = [], cursor: String?, parts = 0
            repeat {
                let part = try await api.get(Self.root + "/payments?limit=4" + (cursor.map { "&cursor=\($0)" } ?? "")).resource(PageResource<AgreementPaymentResource>.self)
                all += part.items
                cursor = part.next
                parts += 1
                #expect(part.items.count == 4 || cursor == nil)
            } while cursor != nil && parts < 20
            let whole = try await api.get(Self.root + "/payments?limit=200").resource(PageResource<AgreementPaymentResource>.self)
            #expect(whole.items == all && whole.next == nil && Set(all.map(\.id)).count == all.count)
            let view: DynamicValue = try await get(api, Self.root), escrow = view["agreement"]?["escrow"]
            func sum(_ payments: [AgreementPaymentResource]) -> DynamicValue { .text(String(payments.reduce(UInt128(0)) { $0 + $1.amount.value.units })) }
            #expect(view["agreement"]?["phase"] == .text("settled"))
            #expect(sum(all.filter(\.isIncoming)) == escrow?["paidIn"])
            #expect(sum(all.filter { !$0.isIncoming }) == escrow?["paidOut"])
            func person(_ account: AddressText?) -> String { account.flatMap { account in (0..<8).first { node.text($0) == account.text } }.map { String($0) } ?? "-" }
            func paid(_ purpose: PaymentWord) -> [String] {
                let some = all.filter { $0.purpose == purpose }
                return some.map { "\(person($0.account)) \($0.amount.text)" }
            }
            #expect(paid(.advance) == ["0 10450000"])
            #expect(paid(.bond) == ["5 5000000", "4 5000000", "3 5000000", "2 5000000"])
            #expect(paid(.credit) == ["0 9000000"])
            #expect(paid(.forfeit) == ["- 5000000"] && paid(.fee) == ["1 1000000"] && paid(.keeping) == ["6 50000"])
            #expect(paid(.collateral).isEmpty && paid(.reward).isEmpty && paid(.award).isEmpty)
            #expect(paid(.monitoring).sorted() == ["2 60000", "3 60000", "4 60000"])
            #expect(paid(.deposit).sorted() == ["2 5000000", "3 5000000", "4 5000000"])
            // The name of each is that of its proof.
            let proof = try await api.get("/v1/proofs/events/\(all[0].id)").resource(ProofResource.self), bundle = try ProofBundle(bcs: proof.bundle.bytes)
            try bundle.verify(chainID: node.genesis.chainID, validatorsHash: bundle.block.validators.digest)
            #expect(try await api.get("/v1/transactions/\(all[0].transaction.text)").status == 200)
        }
    }

    @Test func evidenceOfWhoeverSpoke() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.makeAgreement()
            let page = try await api.get(Self.root + "/evidence?limit=200").resource(PageResource<EvidenceResource>.self)
            let measured = page.items.filter { $0.kind == .measured }
            // Three times three monitors of two metrics, and the fourth once before it contradicted itself.
            #expect(measured.count == 19 && page.items.count { $0.kind == .expelled } == 1 && page.next == nil)
            let violated = page.items.filter { $0.kind == .violated }.reversed().flatMap(\.intervals)
            #expect(violated == [5, 6, 7, 9] && page.items.map(\.height) == page.items.map(\.height).sorted(by: >))
            let outage = try #require(measured.first { $0.metric == "availability" && $0.intervals == [4, 5, 6, 7] && $0.account?.text == node.text(2) })
            #expect(outage.readings == ["up", "down", "down", "down"] && outage.source == "probe-1" && outage.period == 0)
            #expect(outage.evidence?.value == Digest([UInt8](repeating: 2, count: 32)))
            let timeline = try await get(api, Self.root + "/timeline", TimelineResource.self)
            #expect(outage.begin == timeline.intervals[4].begin && outage.end == timeline.intervals[7].end)
            #expect(measured.first { $0.metric == "latency" }?.readings == ["112", "904", "114", "115"])
            let expelled = try #require(page.items.first { $0.kind == .expelled })
            #expect(expelled.account?.text == node.text(5) && expelled.bond?.text == "5000000" && expelled.source == "probe-4")
            // By parts of any size: the same.
            for limit in [1, 3, 7] {
                var all: [EvidenceResource] = [], cursor: String?
                repeat {
                    let part = try await api.get(Self.root + "/evidence?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")).resource(PageResource<EvidenceResource>.self)
                    all += part.items
                    cursor = part.next
                } while cursor != nil && all.count < 100
                #expect(all == page.items)
            }
            // What comes later is no part of a list that has begun.
            let part = try await api.get(Self.root + "/evidence?limit=5").resource(PageResource<EvidenceResource>.self)
            node.settleAgreement()
            #expect(try await api.get(Self.root + "/evidence?limit=200&cursor=\(part.next ?? "")").resource(PageResource<EvidenceResource>.self).items == Array(page.items.dropFirst(5)))
        }
    }

    @Test func answersAreProved() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.makeAgreement()
            func check(_ reads: [Hex]?, _ proof: Hex?, _ path: String) throws {
                let bundle = try ProofBundle(bcs: #require(proof).bytes)
                try bundle.verify(chainID: node.genesis.chainID, validatorsHash: bundle.block.validators.digest)
                guard case .state(let claims, _) = bundle.content else {
                    Issue.record("no state")
                    return
                }
                #expect(claims.map { Hex($0.key.bytes) } == reads && claims.contains { $0.value != nil }, "\(path)")
            }
            for path in ["/v1/agreements?proof=1", Self.root + "?proof=1"] {
                let answer = try await api.get(path).resource(AnswerResource<DynamicValue>.self)
                try check(answer.reads, answer.proof, path)
            }
            let timeline = try await api.get(Self.root + "/timeline?proof=1").resource(AnswerResource<TimelineResource>.self)
            try check(timeline.reads, timeline.proof, "timeline")
            let violations = try await api.get(Self.root + "/violations?proof=1").resource(AnswerResource<ViolationListResource>.self)
            try check(violations.reads, violations.proof, "violations")
            let period = try await api.get(Self.root + "/periods/0?proof=1").resource(AnswerResource<AgreementPeriodResource>.self)
            try check(period.reads, period.proof, "period")
            #expect(Set(violations.reads ?? []).isSuperset(of: period.reads ?? []))
        }
    }

    @Test func whatIsNotThereIsNotFound() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            api.node.makeAgreement()
            let cases: [(String, Int, String)] = [
                ("/9", 404, "agreement.unknown"), ("/9/timeline", 404, "agreement.unknown"), ("/9/payments", 404, "agreement.unknown"), ("/9/evidence", 404, "agreement.unknown"),
                ("/9/periods", 404, "agreement.unknown"), ("/x", 400, "request.path"), ("/-1/timeline", 400, "request.path"), ("/18446744073709551615", 404, "agreement.unknown"),
                ("/18446744073709551616", 400, "request.path"), ("/0/periods/2", 404, "agreement.unknown"), ("/0/periods/x", 400, "request.path"),
                ("/0/periods/18446744073709551615", 404, "agreement.unknown"), ("/0/timeline?period=2", 404, "agreement.unknown"), ("/0/timeline?period=99999999999", 404, "agreement.unknown"),
                ("/0/timeline?limit=0", 400, "request.query"), ("/0/timeline?limit=257", 400, "request.query"), ("/0/timeline?from=4294967296", 400, "request.query"),
                ("/0/timeline?from=-1", 400, "request.query"), ("/0/violations?period=2", 404, "agreement.unknown"), ("/0/violations?limit=1", 400, "request.query"),
                ("/0/payments?cursor=zz", 400, "cursor.malformed"), ("/0/payments?limit=201", 400, "request.query"), ("/0/payments?height=1", 400, "request.query"),
                ("?account=nobody", 400, "request.query"), ("?before=x", 400, "request.query"), ("/0?height=999", 404, "height.unknown"), ("/0?height=0", 404, "agreement.unknown"),
                ("/0/disputes", 404, "route.unknown"),
            ]
            for (path, status, code) in cases {
                let answer = try await api.get("/v1/agreements" + path), problem = try answer.problem
                #expect(answer.status == status && problem.code == code, "\(path): \(answer.text)")
            }
            // A cursor of one list is none of the other.
            let next = try #require(try await api.get(Self.root + "/payments?limit=1").resource(PageResource<AgreementPaymentResource>.self).next)
            #expect(try await api.get(Self.root + "/evidence?cursor=\(next)").problem.code == "cursor.malformed")
        }
    }

    @Test func aClientReadsTheSame() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            let node = api.node
            node.publishOffers()
            node.makeAgreement()
            let client = try Client("http://127.0.0.1:\(api.port)")
            #expect(try await list(client.offers(query: [("kind", "dataset")]).value["hits"]).count == 1)
            #expect(try await client.offer(0).value["number"] == .text("0"))
            #expect(try await list(client.agreements(of: node.people[0].address).value).count == 1)
            #expect(try await list(client.agreements(before: 0).value).isEmpty)
            #expect(try await client.agreement(0).value["agreement"]?["number"] == .text("0"))
            #expect(try await client.periods(of: 0).value.items.count == 2)
            #expect(try await client.timeline(of: 0, from: 5, limit: 3).value.intervals.map(\.state) == [.down, .down, .down])
            #expect(try await client.violations(of: 0, period: 0).value.items.count == 2)
            #expect(try await client.evidence(of: 0, limit: 2).items.count == 2)
            #expect(try await client.payments(of: 0, limit: 3).items.count == 3)
        }
    }
}
