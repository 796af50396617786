import Client
import Foundation
import Interface
import Testing

extension RealProcesses {
    /// Nodes that are silent, and networks that are cut: one story, because a network takes a while to begin.
    @Suite struct FaultTests {
        @Test(.timeLimit(.minutes(10))) func aPausedNodeAPartitionAndAStall() async throws {
            try await Devnet.with("--relay", "--port", "27200") { devnet in
                // One of four is paused: the others go on, and it catches up afterwards.
                try await devnet.run(["fault", "pause", "validator-2"])
                #expect(try await devnet.commits(at: 0, within: 30) != nil)
                try await devnet.run(["fault", "resume", "validator-2"])
                try await devnet.expectAgreement()
                let cameBack = await eventually(within: 20) { (try? await devnet.nodes[1].client.status().isReady) ?? false }
                #expect(cameBack)

                // Two of four are away: nobody decides anything, and everybody says why.
                try await devnet.run(["fault", "kill", "3", "4"])
                try await expectStall(devnet, places: [0, 1], missing: [2, 3])
                try await devnet.run(["fault", "heal"])
                try await expectRecovery(devnet, after: "two of four came back")

                // One of four is cut off: it knows, and the others go on.
                try await devnet.run(["fault", "partition", "4"])
                #expect(try await devnet.commits(at: 0, within: 30) != nil)
                let knows = await eventually(within: 20) { (try? await devnet.nodes[3].client.status())?.obstacles.contains { $0.code == "network.no-peers" } ?? false }
                #expect(knows)
                #expect(try await devnet.why(3).contains("no peer is connected"))
                try await devnet.run(["fault", "heal"])
                try await expectRecovery(devnet, at: 3, after: "the links of one were back")

                // Cut into halves that cannot decide.
                try await devnet.run(["fault", "partition", "1,2", "3,4"])
                try await expectStall(devnet, places: [0, 1, 2, 3], missing: nil)
                try await devnet.run(["fault", "heal"])
                try await expectRecovery(devnet, after: "the halves met again")

                // Slow links are no reason to stand still.
                try await devnet.run(["fault", "delay", "60", "--jitter", "30"])
                let slow = try #require(try await devnet.commits(at: 1, within: 30))
                print("  a transfer over links of 60 to 90 ms was final after \(slow)")
                try await devnet.run(["fault", "heal"])
                try await devnet.expectAgreement()
            }
        }

        /// A transaction is there, and stays pending; readiness and status name what is missed.
        private func expectStall(_ devnet: Devnet, places: [Int], missing: Set<UInt16>?) async throws {
            let load = try Load(devnet, accounts: 1)
            for place in places {
                let client = try devnet.nodes[place].client
                let task = Task { try? await load.round(client) }
                let isTold = await eventually(within: 40) {
                    guard let status = try? await client.status() else { return false }
                    return !status.isReady && status.obstacles.contains { $0.code == "consensus.stalled" && $0.text.contains("missing are the validators") }
                }
                let status = try await client.status()
                #expect(isTold, "\(place): \(status.obstacles), waiting for \(status.consensus.awaiting) from \(status.consensus.missing)")
                #expect(!status.consensus.missing.isEmpty)
                if let missing { #expect(Set(status.consensus.missing).isSuperset(of: missing), "\(status.consensus.missing)") }
                #expect(status.consensus.validators.contains { $0.isMissing })
                // What an operator is told: that it stands, at what, and for whom it waits.
                let told = try await devnet.why(place)
                #expect(told.contains("(consensus.stalled)") && told.contains("agreeing on") && told.contains("waits for"), "\(told)")
                for validator in try await client.status().consensus.missing where missing?.contains(validator) ?? false {
                    #expect(told.contains(status.consensus.validators[Int(validator)].consensusKey.text), "\(validator): \(told)")
                }
                task.cancel()
            }
            #expect(load.rounds == 0, "something was decided")
        }

        /// Within ten seconds a transfer is final, and all are level.
        private func expectRecovery(_ devnet: Devnet, at place: Int = 0, after what: String) async throws {
            let began = ContinuousClock.now
            let committed = try await devnet.commits(at: place, within: 30)
            let passed = ContinuousClock.now - began
            print("  decisions again \(passed) after \(what)")
            #expect(committed != nil && passed < .seconds(10), "\(passed) after \(what)")
            let isReady = await eventually(within: 20) {
                guard let nodes = try? devnet.nodes else { return false }
                for node in nodes where (try? await node.client.status().isReady) != true { return false }
                return true
            }
            #expect(isReady)
            try await devnet.expectAgreement()
        }
    }
}
