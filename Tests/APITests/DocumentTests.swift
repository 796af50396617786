@testable import API
import ChainKit
import Execution
import Foundation
import HTTPTypes
import Interface
import Ledger
import Primitives
import PythonRunner
import Testing
import WorldState

/// The interface does what its document says.
@Suite struct DocumentTests {
    /// Every route with a request that succeeds, in the order of the table.
    private func requests(_ node: TestNode) -> [(target: String, body: String?, bytes: [UInt8]?)] {
        let payment = node.payment(0, 1, 5)
        let failing = node.transaction(node.people[1], [Call(contract: .accounts, method: "burn", arguments: [])])
        node.advance([payment, failing])
        node.makeShop()
        node.publishOffers()
        node.makeAgreement()
        let waiting = node.payment(2, 3, 1)
        let id = payment.id.hex
        let key = Hex(AccountRecords.key(node.people[0].address).bytes).text
        var batch = BCSEncoder()
        batch.encodeLength(2)
        batch.encodeBytes(waiting.envelope)
        batch.encodeBytes([1])
        let account = "/v1/accounts/\(node.text(0))"
        let gets = [
            "/v1/status", "/v1/chain", "/v1/chain/head", "/v1/chain/genesis", "/v1/chain/genesis/document", "/v1/parameters", "/v1/peers", "/v1/validators",
            "/v1/beacon", "/v1/blocks", "/v1/blocks/1", "/v1/blocks/1/transactions", "/v1/blocks/1/receipts", "/v1/blocks/1/events", "/v1/transactions/\(id)",
            "/v1/fees", account, account + "?proof=1", account + "/transactions", account + "/pending", "/v1/contracts", "/v1/contracts/staking",
            "/v1/contracts/staking/schema", "/v1/contracts/accounts/state/0x01", "/v1/contracts/accounts/events", "/v1/proofs/transactions/\(id)",
            "/v1/proofs/receipts/\(id)", "/v1/proofs/events/1-0-0", "/v1/infrastructures", "/v1/infrastructures/shop?proof=1", "/v1/infrastructures/shop/revisions",
            "/v1/infrastructures/shop/revisions/1", "/v1/infrastructures/shop/revisions/2/changes?since=1", "/v1/infrastructures/shop/document?proof=1",
            "/v1/infrastructures/shop/drafts", "/v1/infrastructures/shop/operators", "/v1/infrastructures/shop/mapping", "/v1/infrastructures/shop/assignment",
            "/v1/infrastructures/shop/instances", "/v1/infrastructures/shop/artifacts", "/v1/infrastructures/shop/spread",
            "/v1/offers", "/v1/offers?kind=virtual-machine&regions=DE&proof=1", "/v1/offers/kinds", "/v1/offers/0", "/v1/agreements", "/v1/agreements?account=\(node.text(0))",
            "/v1/agreements/0?proof=1", "/v1/agreements/0/periods", "/v1/agreements/0/periods/0?proof=1", "/v1/agreements/0/timeline?proof=1", "/v1/agreements/0/violations",
            "/v1/agreements/0/evidence", "/v1/agreements/0/payments", "/livez", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs",
        ]
        let call = #"{"contract":"accounts","method":"transfer","arguments":{"to":"\#(node.text(1))"},"value":"1"}"#
        let posts: [(String, String?, [UInt8]?)] = [
            ("/v1/transactions", #"{"transaction":"0x\#(waiting.envelope.hex)"}"#, nil), ("/v1/transactions?wait=committed&timeout=1", nil, payment.envelope),
            ("/v1/transactions/batch", nil, batch.bytes), ("/v1/simulate", #"{"sender":"\#(node.text(0))","calls":[\#(call)]}"#, nil),
            ("/v1/contracts/accounts/view?proof=1", #"{"method":"supply"}"#, nil), ("/v1/proofs/state", #"{"keys":["\#(key)"]}"#, nil),
        ]
        return gets.map { ($0, nil, nil) } + posts
    }

    @Test func everyRouteIsAskedAndAnswers() async throws {
        try await Served.run(TestNode(people: 8)) { api in
            var seen: Set<String> = []
            let table = RouteTable()
            for (target, body, bytes) in requests(api.node) {
                let method: HTTPRequest.Method = body == nil && bytes == nil ? .get : .post
                guard case .route(let route, _) = table.match(method, target.prefix { $0 != "?" }) else {
                    Issue.record("no route for \(target)")
                    continue
                }
                let answer = if let body { try await api.post(target, body) } else if let bytes { try await api.post(target, bytes: bytes) } else { try await api.get(target) }
                guard let output = route.outputs.first(where: { $0.status.code == answer.status }) else {
                    Issue.record("\(target): \(answer.status) \(answer.text.prefix(300))")
                    continue
                }
                switch output.form {
                // Decoding and writing again gives the same values: no field is lost.
                case .resource(let type): #expect(try json(again(type, answer.body)) == json(answer.body), "\(target)")
                case .object: #expect(answer.headers["content-type"] == "application/json")
                case .other(let type, _): #expect(answer.headers["content-type"]?.hasPrefix(type) == true, "\(target)")
                }
                seen.insert("\(route.method) \(route.path)")
            }
            #expect(Set(RouteTable.routes.map { "\($0.method) \($0.path)" }).subtracting(seen) == ["GET /v1/events"])
        }
    }

    private func json(_ bytes: [UInt8]) throws -> NSDictionary? { try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary }

    private func again<Value: Resource>(_ type: Value.Type, _ body: [UInt8]) throws -> [UInt8] { try Value(json: body).json }

    /// Every answer against its schema, by a validator that is not ours.
    @Test(.enabled(if: Python.withSchemas != nil, Python.schemasMissing)) func answersFitTheirSchemas() async throws {
        let script = """
            import json, sys, jsonschema
            given = json.load(sys.stdin)
            document = given["document"]
            assert document["openapi"].startswith("3.1")
            checked = 0
            def check(answer):
                operation = document["paths"][answer["path"]][answer["method"]]
                for parameter in operation.get("parameters", []): jsonschema.Draft202012Validator.check_schema(parameter["schema"])
                content = operation["responses"].get(answer["status"], operation["responses"]["default"])["content"]
                schema = dict(content[answer["type"]]["schema"], components=document["components"])
                jsonschema.Draft202012Validator.check_schema(schema)
                if not answer["type"].endswith("json"): return 0
                jsonschema.validate(json.loads(answer["body"]), schema, cls=jsonschema.Draft202012Validator)
                return 1
            for answer in given["answers"]:
                try: checked += check(answer)
                except Exception as error: print(answer["method"], answer["path"], answer["status"], answer["type"], repr(error)[:600])
            print(checked)
            """
        try await Served.run(TestNode(people: 8)) { api in
            struct Input: Encodable {
                struct One: Encodable { let path, method, status, type, body: String }
                let document: DynamicValue
                let answers: [One]
            }
            var answers: [Input.One] = []
            let table = RouteTable()
            let refused: [(target: String, body: String?, bytes: [UInt8]?)] = [
                ("/v1/blocks/99", nil, nil), ("/v1/blocks?x=1", nil, nil), ("/v1/transactions", "{", nil), ("/v1/contracts/accounts/view", #"{"method":"x"}"#, nil),
            ]
            for (target, body, bytes) in requests(api.node) + refused {
                let method: HTTPRequest.Method = body == nil && bytes == nil ? .get : .post
                guard case .route(let route, _) = table.match(method, target.prefix { $0 != "?" }) else { continue }
                let answer = if let body { try await api.post(target, body) } else if let bytes { try await api.post(target, bytes: bytes) } else { try await api.get(target) }
                let type = String(answer.headers["content-type"]?.split(separator: ";").first ?? "")
                answers.append(.init(
                    path: route.path, method: method.rawValue.lowercased(), status: String(answer.status), type: type, body: type.hasSuffix("json") ? answer.text : ""))
            }
            let document = try JSONDecoder().decode(DynamicValue.self, from: Data(try await api.get("/openapi.json").body))
            let input = try JSONEncoder().encode(Input(document: document, answers: answers))
            let output = try await off { try Python.run(Python.withSchemas ?? "", ["-c", script], input: [UInt8](input)) }
            #expect(String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) == String(answers.count { $0.type.hasSuffix("json") }))
        }
    }

    @Test func thePageNeedsNothingFromElsewhere() async throws {
        try await Served.run { api in
            let page = try await api.get("/docs")
            #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            for word in ["<script", "http://", "https://", "src="] { #expect(!page.text.contains(word), "\(word)") }
            for route in RouteTable.routes { #expect(page.text.contains("<code>\(route.path)</code>"), "\(route.path)") }
            // Every link of the page leads somewhere on it.
            for match in page.text.matches(of: /href="#([^"]+)"/) { #expect(page.text.contains("id=\"\(match.output.1)\""), "\(match.output.1)") }
        }
    }

    /// Programs that are made from the document call each operation by its own name.
    @Test func operationsHaveNamesOfTheirOwn() async throws {
        let document = try JSONDecoder().decode(DynamicValue.self, from: Data(Documents.openAPI))
        guard case .object(let paths)? = document["paths"] else { return #expect(Bool(false), "there are no paths") }
        let names = paths.flatMap { path -> [String] in
            guard case .object(let operations) = path.value else { return [] }
            return operations.compactMap { if case .text(let name)? = $0.value["operationId"] { name } else { nil } }
        }
        #expect(names.count == RouteTable.routes.count && Set(names.map { $0.lowercased() }).count == names.count, "\(names)")
        #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLetter } })
        #expect(Set(names).isSuperset(of: ["getBlocks", "getBlock", "getBlockTransactions", "getAccount", "postTransactionsBatch", "getOpenapiJson"]))
    }

    static let schemathesis = Python.withTool("schemathesis")

    /// Requests that somebody else's program makes of the document: no answer is a fault of the server's, none differs from what is written.
    @Test(.enabled(if: DocumentTests.schemathesis != nil, Python.toolMissing)) func requestsByChance() async throws {
        try await Served.run { api in
            api.node.advance([api.node.payment(0, 1, 5)])
            let arguments = [
                "-m", "schemathesis.cli", "run", "http://127.0.0.1:\(api.port)/openapi.json", "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method", "--phases", "examples,coverage,fuzzing", "--max-examples", "6",
                "--exclude-path", "/v1/events", "--seed", "1", "--generation-deterministic", "--no-color", "--workers", "1", "--max-time", "45", "--request-timeout", "30",
            ]
            let report = FileManager.default.temporaryDirectory.appending(path: "schemathesis-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: report, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: report) }
            _ = try await Python.runAside(DocumentTests.schemathesis ?? "", arguments, in: report)
        }
    }
}
