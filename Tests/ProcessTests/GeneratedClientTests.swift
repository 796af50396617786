import Client
import Cryptography
import Foundation
import Interface
import Ledger
import Primitives
import PythonRunner
import Testing

extension RealProcesses {
    /// Programs that people generate from the interface's document can do what ours can.
    @Suite struct GeneratedClientTests {
        private static let generator = Python.withTool("openapi_python_client")

        /// A package for Python, made without a warning; with it alone `Tests/GeneratedClient/round.py` pays and reads back.
        @Test(.enabled(if: generator != nil, Python.toolMissing), .timeLimit(.minutes(15))) func aGeneratedClientPaysAndReadsBack() async throws {
            let python = Self.generator ?? ""
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "GeneratedClient/round.py").path
            let place = FileManager.default.temporaryDirectory.appending(path: "generated-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: place) }

            try await Devnet.with("--port", "27600", "--validators", "1") { devnet in
                let node = try devnet.nodes[0], url = "http://127.0.0.1:\(node.apiPort)"
                // Its formatter is another program, and nobody reads what it made.
                try Data("post_hooks: []\n".utf8).write(to: place.appending(path: "generator.yaml"))
                _ = try await Python.runAside(
                    python, ["-m", "openapi_python_client", "generate", "--url", url + "/openapi.json", "--meta", "none", "--output-path", "trellis_client",
                             "--config", "generator.yaml", "--fail-on-warning"], in: place)
                func run(_ arguments: String...) async throws -> Data {
                    try await Python.runAside(python, [script] + arguments, environment: ["PYTHONPATH": place.path], in: place)
                }
                let seed = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
                let payer = String(decoding: try await run("address", seed.hex, "ttrl"), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                let key = SigningKey(seed: SecretBytes(copying: seed))
                #expect(payer == Address(of: key.publicKey).text(on: .development))
                try await devnet.run(["fund", payer, "100"])

                let receiver = Address(of: try devnet.key("account-01").publicKey)
                let told = try await run("pay", url, seed.hex, receiver.text(on: .development))
                let document = try #require(try JSONSerialization.jsonObject(with: told) as? [String: Any])

                // What it was told is so, also by our own client, and its proof convinces without the node.
                let id = try #require(TransactionID(hex: document["id"] as? String ?? "")), client = try node.client
                let report = try await client.transaction(id)
                #expect(report.state == .committed && report.height == document["height"] as? UInt64 && report.receipt?.outcome == .succeeded)
                #expect(try await client.account(receiver).balance.text == document["balance"] as? String)
                let answer = place.appending(path: "account.json")
                try JSONSerialization.data(withJSONObject: try #require(document["account"])).write(to: answer)
                let verdict = try await Program.run(["verify", answer.path, "--genesis", devnet.directory + "/genesis.bcs", "-o", "json"])
                #expect(verdict.status == 0, "\(verdict.errors)\(String(decoding: verdict.output, as: UTF8.self))")
            }
        }
    }
}
