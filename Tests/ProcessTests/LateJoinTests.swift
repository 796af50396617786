import Client
import Cryptography
import Foundation
import Interface
import Ledger
import Primitives
import Testing

extension RealProcesses {
    /// A node that comes when the chain is long begins with a proved snapshot of the state, and not with the first block.
    @Suite struct LateJoinTests {
        /// Behind as many blocks as take some seconds to make, or as `TRELLIS_PROCESS_BLOCKS` says.
        @Test(.timeLimit(.minutes(60))) func aLongChainIsJoinedBySnapshot() async throws {
            let length = UInt64(ProcessInfo.processInfo.environment["TRELLIS_PROCESS_BLOCKS"] ?? "") ?? 1_500
            // An idle chain of these parameters makes blocks as fast as it can.
            let parameters: [String: UInt64] = ["heartbeatMilliseconds": 1, "blockIntervalMilliseconds": 0, "epochHeights": 100]
            try await Devnet.with("--port", "27500", parameters: parameters) { devnet in
                // Snapshots lie seconds apart, because the chain grows in seconds.
                try await devnet.run(["down"])
                for place in 1...4 { try await devnet.set("validator-\(place)", "storage.snapshotMilliseconds=3000") }
                try await devnet.set("follower-1", "storage.snapshotMilliseconds=3000", "sync.snapshotGap=\(length / 3)")
                try await devnet.run(["up", "--detach"])
                let made = try await grow(devnet, to: length)
                let payment = try Load(devnet, accounts: 1)
                try await payment.round(devnet.nodes[0].client)

                // It begins with nothing, while the others go on.
                let began = ContinuousClock.now
                let joined = Task { _ = try await devnet.run(["up", "--detach", "--followers", "1"]) }
                let seen = try await watch(devnet, until: length)
                try await joined.value
                let follower = try #require(try devnet.nodes.last), client = try follower.client
                let oldest = try await client.head().oldestBlock
                print("  \(length) blocks of four validators in \(made); a node that came late was level after \(ContinuousClock.now - began), with blocks from \(oldest) on")
                let received = try await metrics("trellis_p2p_message_receive_bytes_total", client).map { "\($0.label) \($0.value >> 10)" }.joined(separator: ", ")
                print("  KiB on disk: \(devnet.kibibytes(of: "validator-1")) of a validator, \(devnet.kibibytes(of: "follower-1")) of the node; KiB that it received: \(received)")
                #expect(follower.name == "follower-1" && oldest > length / 2)
                let isReady = await eventually(within: 30) { (try? await client.status().isReady) ?? false }
                #expect(isReady)

                // It has executed what lies above the snapshot, and before that no more than came while headers were on their way.
                let executed = try await metric("trellis_consensus_blocks_total", client)
                #expect(executed <= (try await client.head().height) - (oldest - 1))
                let replayed = seen.filter { $0 < oldest - 1 }.max() ?? 0
                #expect(replayed <= length / 5, "it had replayed \(replayed) of \(oldest)")
                let log = try String(contentsOfFile: devnet.directory + "/nodes/follower-1/log", encoding: .utf8)
                #expect(log.contains("the snapshot is complete"))
                let refused = await #expect(throws: ClientError.self) { _ = try await client.block("1") }
                #expect(refused?.code == "height.pruned")

                // It follows, serves, and what it says can be proved from the chain's beginning.
                try await payment.round(client)
                try await devnet.expectAgreement()
                let known = try devnet.genesis.chainID
                var reader = try LightReader(client, genesis: try await client.genesis(), chainID: known)
                let receiver = try devnet.key("account-01").publicKey
                let (state, height) = try await reader.account(Address(of: receiver))
                #expect(state?.nonce == 6)
                #expect(height.rawValue >= oldest && reader.trusted.height == height)

                // And it begins again where it was.
                try await devnet.run(["fault", "kill", "follower-1"])
                try await devnet.run(["up", "--detach"])
                #expect(try await client.head().oldestBlock == oldest)
                try await devnet.expectAgreement()
                try await payment.expectNothingLost()
            }
        }

        /// Waits for a height; gives up when there is no new block for a while.
        private func grow(_ devnet: Devnet, to length: UInt64) async throws -> Duration {
            let client = try devnet.nodes[0].client, began = ContinuousClock.now
            var height: UInt64 = 0
            while height < length {
                let before = height
                let grows = await eventually(within: 30) {
                    height = (try? await client.head().height) ?? 0
                    return height > before
                }
                try #require(grows, "no block after \(before)")
                try await Task.sleep(for: .milliseconds(200))
            }
            return ContinuousClock.now - began
        }

        /// Heights at which the newcomer was seen, until it has come to `length`.
        private func watch(_ devnet: Devnet, until length: UInt64) async throws -> [UInt64] {
            var heights: [UInt64] = []
            let arrives = await eventually(within: 120) {
                guard let nodes = try? devnet.nodes, nodes.count == 5, let height = try? await nodes[4].client.head().height else { return false }
                heights.append(height)
                return height >= length
            }
            try #require(arrives, "the newcomer was seen at \(heights)")
            return heights
        }

        private func metric(_ name: String, _ client: Client) async throws -> UInt64 {
            try #require(try await metrics(name, client).first).value
        }

        /// The samples of a family, by what is between the braces.
        private func metrics(_ name: String, _ client: Client) async throws -> [(label: String, value: UInt64)] {
            try await client.metrics().split(separator: "\n").compactMap { line in
                guard line.hasPrefix(name), let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { return nil }
                let label = line[..<space].dropFirst(name.count).filter { $0 != "{" && $0 != "}" && $0 != "\"" }
                return (label.replacing("class=", with: ""), UInt64(value))
            }
        }
    }
}
