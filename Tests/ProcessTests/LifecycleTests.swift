import Foundation
import Glibc
import Testing

extension RealProcesses {
    /// `trellis devnet` itself: what it makes, says, keeps and takes away.
    @Suite struct LifecycleTests {
        @Test(.timeLimit(.minutes(15))) func aNetworkIsMadeEndedContinuedAndTakenAway() async throws {
            try await Devnet.with("--port", "26800") { devnet in
                let processes = try devnet.nodes.compactMap { $0.process?.id }
                #expect(Set(processes).count == 4)

                // Secrets are their owner's alone, and the keys say what they are worth.
                for path in ["passphrase", "keys/faucet.json", "nodes/validator-1/keys/validator.json"] {
                    let mode = try FileManager.default.attributesOfItem(atPath: "\(devnet.directory)/\(path)")[.posixPermissions] as? Int
                    #expect(mode == 0o600, "\(path)")
                }
                #expect(try String(contentsOfFile: devnet.directory + "/keys/WORTHLESS.txt", encoding: .utf8).contains("Never send anything of value"))

                let shown = try await devnet.run(["ps"])
                let nodes = try #require(shown.value("data", "nodes") as? [[String: Any]])
                #expect(nodes.map { $0["state"] as? String } == ["ready", "ready", "ready", "ready"])
                #expect(nodes.allSatisfy { ($0["height"] as? Int ?? 0) > 0 })

                // Again: the same processes, and everything that somebody needs who begins.
                let again = try await devnet.run(["up", "--detach"])
                #expect(again.errors.contains("the network runs already"))
                #expect(try devnet.nodes.compactMap { $0.process?.id } == processes)
                let accounts = try #require(again.value("data", "accounts") as? [[String: String]])
                #expect(accounts.count == 10)
                #expect((again.value("data", "next") as? [String])?.count == 3)

                let address = try #require(accounts.first?["address"])
                let funded = try await devnet.run(["fund", address, "12.5"])
                #expect(funded.value("data", "balance") as? String == "10012500000")
                #expect(try await devnet.attempt(["fund", "nobody", "1"]).status == 2)
                #expect(try await devnet.attempt(["fund", address, "-1"]).status != 0)
                #expect(try await devnet.run(["logs", "2", "--lines", "5"]).output.count > 100)
                let unknown = try await devnet.attempt(["logs", "validator-9"])
                #expect(unknown.status == 3 && unknown.value("error", "code") as? String == "devnet.node-unknown")
                let uncuttable = try await devnet.attempt(["fault", "partition", "1"])
                #expect(uncuttable.status == 1 && uncuttable.value("error", "code") as? String == "devnet.no-relay")
                let reshaped = try await devnet.attempt(["up", "--detach", "--validators", "5"])
                #expect(reshaped.value("error", "code") as? String == "devnet.shape-differs")

                let height = try await devnet.heights().max() ?? 0
                let ended = try await devnet.run(["down"])
                #expect((ended.value("data", "ended") as? [String])?.count == 4)
                // They end in good order: nobody had to be killed.
                #expect((ended.value("data", "killed") as? [String])?.isEmpty == true)
                for id in processes { #expect(Program.isGone(id)) }
                let gone = try #require(try await devnet.run(["ps"]).value("data", "nodes") as? [[String: Any]])
                #expect(gone.map { $0["state"] as? String } == ["gone", "gone", "gone", "gone"])

                try await devnet.run(["up", "--detach"])
                #expect(try await devnet.heights().min() ?? 0 >= height)
                try await devnet.expectAgreement()

                try await devnet.run(["reset"])
                let left = try FileManager.default.contentsOfDirectory(atPath: devnet.directory)
                #expect(left == ["lock"])
                let absent = try await devnet.attempt(["ps"])
                #expect(absent.status == 3 && absent.value("error", "code") as? String == "devnet.absent")
            }
        }

        @Test(.timeLimit(.minutes(15))) func controlCEndsANetworkInTheForeground() async throws {
            let directory = NSTemporaryDirectory() + "trellis-\(UInt32.random(in: 0 ... .max))"
            let devnet = Devnet(directory: directory)
            defer { devnet.end() }
            let run = Task { try await Program.run(["devnet", "up", "--validators", "1", "--port", "26850", "--directory", directory, "-o", "json"]) }
            let isUp = await eventually(within: 60) { (try? await devnet.heights().allSatisfy { $0 > 0 }) ?? false }
            #expect(isUp)
            let node = try #require(try devnet.nodes.first?.process?.id)
            let parent = try #require(try Self.commands(with: directory).first { $0 != node })
            // Until it has printed its result, the signal ends the command alone.
            try await Task.sleep(for: .milliseconds(500))
            kill(parent, SIGINT)
            let outcome = try await run.value
            #expect(outcome.status == 130)
            #expect(outcome.value("data", "chainID") != nil)
            #expect(Program.isGone(node))
        }

        /// Processes in whose arguments the directory is.
        private static func commands(with directory: String) throws -> [Int32] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter { id in
                (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8))?.contains(directory) ?? false
            }
        }
    }
}
