import Client
import Foundation
import Interface
import Testing

extension RealProcesses {
    /// Nodes that are killed as by a loss of power, under load.
    @Suite struct CrashTests {
        /// Five times, or as many as `TRELLIS_PROCESS_KILLS` says.
        @Test(.timeLimit(.minutes(60))) func aValidatorIsKilledAgainAndAgain() async throws {
            let kills = Int(ProcessInfo.processInfo.environment["TRELLIS_PROCESS_KILLS"] ?? "") ?? 5
            try await Devnet.with("--port", "26900") { devnet in
                let load = try await devnet.withLoad { load in
                    for turn in 0..<kills {
                        let victim = "validator-\(turn % 4 + 1)", before = load.rounds
                        // It dies at some moment of the work, and others go on without it.
                        try await Task.sleep(for: .milliseconds(UInt64.random(in: 200...1_200)))
                        try await devnet.run(["fault", "kill", victim])
                        try await Task.sleep(for: .milliseconds(UInt64.random(in: 0...1_000)))
                        try await devnet.run(["up", "--detach"])
                        await load.expectProgress(rounds: 1, since: before, within: 30)
                    }
                }
                print("  \(kills) kills, \(load.count) transactions acknowledged in \(load.rounds) rounds, \(load.troubles) refused or broken requests")
                #expect(load.count > kills * 3)
                try await devnet.expectAgreement()
                try await load.expectNothingLost()
            }
        }

        @Test(.timeLimit(.minutes(10))) func allAreKilledAtOnce() async throws {
            try await Devnet.with("--port", "27000") { devnet in
                let load = try await devnet.withLoad { load in
                    for _ in 0..<2 {
                        await load.expectProgress(rounds: 2, within: 30)
                        try await devnet.run(["fault", "kill", "1", "2", "3", "4"])
                        try await devnet.run(["up", "--detach"])
                    }
                    await load.expectProgress(rounds: 1, within: 30)
                }
                try await devnet.expectAgreement()
                try await load.expectNothingLost()
            }
        }

        @Test(.timeLimit(.minutes(10))) func aFollowerComesLate() async throws {
            try await Devnet.with("--port", "27100") { devnet in
                let load = try await devnet.withLoad { load in
                    await load.expectProgress(rounds: 15, within: 60)
                    // It begins at block 0 while others go on.
                    let outcome = try await devnet.run(["up", "--detach", "--followers", "1"])
                    let nodes = try #require(outcome.value("data", "nodes") as? [[String: Any]])
                    #expect(nodes.last?["name"] as? String == "follower-1" && nodes.last?["role"] as? String == "follower")
                    let follower = try #require(try devnet.nodes.last).client
                    let status = try await follower.status()
                    #expect(status.role == .full && status.consensusKey == nil)
                    // And it serves: a transaction through it reaches the validators.
                    let before = load.count
                    try await load.round(follower)
                    #expect(load.count > before)
                }
                try await devnet.expectAgreement()
                try await load.expectNothingLost()
            }
        }
    }
}
