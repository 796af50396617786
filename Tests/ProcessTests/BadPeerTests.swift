import Client
import Cryptography
import Foundation
import Glibc
import Interface
import Ledger
import Networking
import Primitives
import Synchronization
import Testing

extension RealProcesses {
    /// Whoever reaches the peer port can do nothing to the node.
    @Suite struct BadPeerTests {
        @Test(.timeLimit(.minutes(15))) func garbageFloodsAndOldVersions() async throws {
            try await Devnet.with("--port", "27300") { devnet in
                let node = try devnet.nodes[0], process = try #require(node.process?.id)
                let memory = try Self.residentKiB(process)

                // Bytes that are not TLS, bytes that look like it, half a greeting, and a request of another protocol.
                var generator = SeededGenerator(seed: 7)
                let greeting: [UInt8] = [0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0x3f, 0xfc, 0x03, 0x03]
                let openings: [[UInt8]] = [
                    generator.bytes(4_096), greeting + generator.bytes(200), Array(greeting.prefix(5)), Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
                    [UInt8](repeating: 0, count: 1 << 20), [],
                ]
                var open: [Int32] = []
                for round in 0..<8 {
                    for opening in openings {
                        guard let descriptor = Self.connect(node.peerPort) else { continue }
                        _ = opening.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
                        // Some leave at once, the others stay and say nothing more.
                        if round % 2 == 0 { close(descriptor) } else { open.append(descriptor) }
                    }
                }
                // Connections by the hundred.
                for _ in 0..<300 { if let descriptor = Self.connect(node.peerPort) { open.append(descriptor) } }
                try await expectHealth(devnet, "garbage")
                for descriptor in open { close(descriptor) }

                // A real peer of another chain, and one that speaks a version that nobody speaks any more.
                let chain = try devnet.genesis.chainID
                try await Stranger.visit(node, chain: try #require(ChainID([UInt8](repeating: 9, count: 32))), seed: 1) { stranger in
                    let isTurnedAway = await eventually(within: 20) { stranger.isTurnedAway }
                    #expect(isTurnedAway)
                }
                try await Stranger.visit(node, chain: chain, versions: 7...9, seed: 2) { stranger in
                    let isTurnedAway = await eventually(within: 20) { stranger.isTurnedAway }
                    #expect(isTurnedAway)
                }
                // One that is welcome, and sends nonsense in every class as fast as it may.
                try await Stranger.visit(node, chain: chain, seed: 3) { stranger in
                    let wasWelcome = await eventually(within: 20) { stranger.wasWelcome }
                    #expect(wasWelcome)
                    for _ in 0..<2_000 where !stranger.hasLeft {
                        for trafficClass in [TrafficClass.sync, .transactions, .discovery] {
                            let result = stranger.transport.send(generator.bytes(700), as: trafficClass, to: stranger.target)
                            if result == .queueFull { try await Task.sleep(for: .milliseconds(5)) }
                        }
                    }
                    let hasLeft = await eventually(within: 30) { stranger.hasLeft }
                    #expect(hasLeft, "a peer that sends nonsense was kept")
                }
                try await expectHealth(devnet, "nonsense")
                #expect(try devnet.nodes[0].process?.id == process && kill(process, 0) == 0)
                let now = try Self.residentKiB(process)
                print("  memory of the node: \(memory / 1_024) MiB before, \(now / 1_024) MiB after")
                #expect(now < memory + 200 * 1_024)
            }
        }

        private func expectHealth(_ devnet: Devnet, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
            #expect(try await devnet.commits(at: 0, within: 20) != nil, "after \(what)", sourceLocation: sourceLocation)
            let status = try await devnet.nodes[0].client.status()
            #expect(status.isReady && status.peerCount >= 3, "after \(what): \(status.obstacles), \(status.peerCount) peers", sourceLocation: sourceLocation)
        }

        private static func connect(_ port: UInt16) -> Int32? {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            if isConnected { return descriptor }
            close(descriptor)
            return nil
        }

        private static func residentKiB(_ id: Int32) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(Int(line.split(separator: " ").dropFirst().first ?? ""))
        }
    }
}

/// A peer with the transport of a node and none of its manners.
private final class Stranger: Sendable {
    let transport: Transport
    let target: PublicKey

    static func visit(
        _ node: Devnet.Node, chain: ChainID, versions: ClosedRange<UInt16> = 1...1, seed: UInt64, _ body: (Stranger) async throws -> Void
    ) async throws {
        var configuration = TransportConfiguration(chainID: chain), generator = SeededGenerator(seed: seed)
        configuration.listenHost = nil
        configuration.versions = versions
        let key = SigningKey(seed: SecretBytes(copying: generator.bytes(32)))
        let target = try #require(PublicKey(hex: node.nodeKey)), address = try #require(NetworkAddress("127.0.0.1:\(node.peerPort)"))
        let transport = try Transport(configuration: configuration, identity: NodeIdentity(nodeKey: key))
        _ = try await transport.start()
        let stranger = Stranger(transport: transport, target: target)
        let reader = Task { while let events = await transport.events.next() { stranger.note(events) } }
        transport.dial(address, expecting: target)
        do { try await body(stranger) } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
        await reader.value
    }

    private struct Notes {
        var connected = 0
        var left = 0
        var refused = 0
    }

    private let notes = Mutex(Notes())

    private init(transport: Transport, target: PublicKey) {
        self.transport = transport
        self.target = target
    }

    private func note(_ events: [PeerEvent]) {
        notes.withLock { notes in
            for event in events {
                switch event {
                case .connected: notes.connected += 1
                case .disconnected: notes.left += 1
                case .refused: notes.refused += 1
                default: break
                }
            }
        }
    }

    var wasWelcome: Bool { notes.withLock { $0.connected > 0 } }
    var hasLeft: Bool { notes.withLock { $0.left > 0 } }
    var isTurnedAway: Bool { notes.withLock { $0.connected == 0 && $0.refused > 0 } || hasLeft }
}
