import Foundation
import Testing

extension RealProcesses {
    /// From a new contract to a call on a network, as the README has it, and what comes after.
    @Suite struct ContractTests {
        private struct Section {
            /// `NAME=value` of the line that sets the environment.
            var settings: [String: String] = [:]
            /// The words of each command, without `trellis`.
            var commands: [[String]] = []
        }

        /// The first block of the README's section about contracts.
        private static func section() throws -> Section {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
            let block = try #require(readme.split(separator: "### Write a contract\n").last?.split(separator: "```\n").dropFirst().first)
            var section = Section()
            for line in block.split(separator: "\n") {
                let words = line.split(separator: "#")[0].split(separator: " ").map(String.init)
                if words[0] == "export" {
                    for word in words.dropFirst() {
                        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                        section.settings[parts[0]] = parts[1]
                    }
                } else {
                    #expect(words[0] == "trellis")
                    section.commands.append(Array(words.dropFirst()))
                }
            }
            return section
        }

        private static let hasToolchain = ["swift", "clang", "wasm-ld"].allSatisfy { name in
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains { folder in
                let real = URL(fileURLWithPath: "\(folder)/swift").resolvingSymlinksInPath().deletingLastPathComponent().path
                return [String(folder), real].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
            }
        }

        @Test(.timeLimit(.minutes(15)), .enabled(if: hasToolchain, "no Swift toolchain on the path")) func fiveCommandsLeadFromNothingToAnAnswer() async throws {
            let section = try Self.section()
            #expect(section.commands.count == 5 && section.commands.map { $0[1] } == ["new", "test", "deploy", "call", "view"])
            let place = NSTemporaryDirectory() + "trellis-contract-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: place) }

            try await Devnet.with("--port", "26900") { devnet in
                let nodes = try devnet.nodes
                func environment(_ node: Int) -> [String: String] {
                    section.settings.mapValues {
                        $0.replacingOccurrences(of: "$D", with: devnet.directory).replacingOccurrences(of: "$N", with: "http://127.0.0.1:\(nodes[node].apiPort)")
                    }
                }
                func run(_ arguments: [String], at node: Int = 0) async throws -> Outcome {
                    try await Program.run(arguments + ["-o", "json"], in: URL(fileURLWithPath: place), environment: environment(node))
                }
                var outcomes: [Outcome] = []
                for command in section.commands {
                    let outcome = try await run(command)
                    #expect(outcome.status == 0, "trellis \(command.joined(separator: " ")): \(outcome.errors)\(String(decoding: outcome.output, as: UTF8.self))")
                    outcomes.append(outcome)
                }
                #expect((outcomes[1].value("data", "tests") as? [[String: Any]])?.allSatisfy { $0["passed"] as? Bool == true } == true)
                let address = try #require(outcomes[2].value("data", "address") as? String)
                #expect(outcomes[4].value("data", "result") as? String == "2")

                // Another node, asked by address, says the same, and shows who owns it.
                let height = try #require(outcomes[3].value("data", "height") as? Int)
                let isLevel = try await eventually(within: 20) { try await devnet.heights().allSatisfy { $0 >= height } }
                #expect(isLevel)
                let other = try await run(["contract", "view", address, "count"], at: 2)
                #expect(other.value("data", "result") as? String == "2")
                let shown = try await run(["contract", "show", "counter"], at: 1)
                #expect(shown.value("data", "address") as? String == address && shown.value("data", "name") as? String == "counter")

                // What the contract refuses is told by its own words; the trial says it before anything is sent.
                let refused = try await run(["contract", "call", "counter", "increment", "by=0", "--yes"])
                #expect(refused.status == 4 && refused.value("error", "code") as? String == "chain.counter.nothing_added")
                #expect(refused.value("error", "message") as? String == "The amount to add is zero.")

                // The owner replaces the code and what it kept is still there; somebody else may not.
                let source = place + "/counter/contract.c"
                try String(contentsOfFile: source, encoding: .utf8).replacingOccurrences(of: "uint64_t count(void) { return total_get(); }", with: "uint64_t count(void) { return total_get() * 100; }")
                    .write(toFile: source, atomically: true, encoding: .utf8)
                let stranger = try await run(["contract", "upgrade", "counter", "--from", "account-02", "--yes"])
                #expect(stranger.status == 4 && stranger.value("error", "code") as? String == "chain.contracts.notOwner")
                let upgraded = try await run(["contract", "upgrade", "counter", "--yes"])
                #expect(upgraded.status == 0 && upgraded.value("data", "revision") as? Int == 1, "\(upgraded.errors)\(String(decoding: upgraded.output, as: UTF8.self))")
                #expect(try await run(["contract", "view", "counter", "count"]).value("data", "result") as? String == "200")

                // A module that is no contract does not even get into a transaction.
                try Data([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]).write(to: URL(fileURLWithPath: place + "/empty.wasm"))
                let empty = try await run(["contract", "deploy", "empty.wasm", "--yes"])
                #expect(empty.status == 1 && empty.value("error", "code") as? String == "contract.code-refused")

                // A token from Swift, with arguments for init, on the same network.
                #expect(try await run(["contract", "new", "grain", "--lang", "swift", "--from", "token"]).status == 0)
                let token = try await run(["contract", "deploy", "grain", "name=Grain", "supply=1000", "--immutable", "--yes"])
                #expect(token.status == 0, "\(token.errors)\(String(decoding: token.output, as: UTF8.self))")
                // Whose address is meant may be said by name: a key's, a contract's, that of the directory it came from.
                for (owner, units) in [("account-01", "1000"), ("account-02", "0"), ("grain", "0"), ("identity", "0")] {
                    #expect(try await run(["contract", "view", "grain", "balance_of", "account=@\(owner)"]).value("data", "result") as? String == units)
                }
                let nobody = try await run(["contract", "view", "grain", "balance_of", "account=@nobody"])
                #expect(nobody.value("error", "code") as? String == "address.invalid")
                // A time as people write it; nothing is attached, so that it is refused for that and not for the time.
                #expect(try await run(["contract", "new", "pay", "--from", "payment"]).status == 0)
                #expect(try await run(["contract", "deploy", "pay", "--delay", "3600", "--yes"]).status == 0)
                let deposit = ["contract", "call", "pay", "deposit", "payee=@account-02", "application=shop", "artifact=web", "content=QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG", "--yes"]
                #expect(try await run(deposit + ["deadline=2100-01-01T00:00:00Z"]).value("error", "code") as? String == "chain.payment.nothing_attached")
                #expect(try await run(deposit + ["deadline=2020-01-01T00:00:00.000Z", "--value", "1"]).value("error", "code") as? String == "chain.payment.deadline_past")
                // An upgrade that has to wait says so.
                let announced = try await run(["contract", "upgrade", "pay", "--yes"])
                #expect(announced.value("data", "revision") as? Int == 0 && announced.value("data", "due") is String, "\(announced.errors)")
                let frozen = try await run(["contract", "upgrade", "grain", "--yes"])
                #expect(frozen.status == 4 && frozen.value("error", "code") as? String == "chain.contracts.notOwner")

                // Every node has come to the same states, and one that starts again has, too, with nothing prepared.
                try await devnet.expectAgreement()
                try await devnet.run(["fault", "kill", "validator-3"])
                try await devnet.run(["up", "--detach"])
                let again = try await run(["contract", "view", address, "count"], at: 2)
                #expect(again.value("data", "result") as? String == "200")
                try await devnet.expectAgreement()
            }
        }
    }
}
