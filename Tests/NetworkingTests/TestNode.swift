import Cryptography
import Foundation
import Primitives
import Synchronization
import Testing
@testable import Networking

/// How long a test waits for what must happen: far longer than it takes, because the machine may be running everything else at
/// the same time.
let patience: Duration = .seconds(240)

/// Waits until `condition` holds, and records a failure if it never does.
@discardableResult
func eventually(
    _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async -> Bool {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came about: \(what())", sourceLocation: sourceLocation)
    return false
}

func signingKey(_ number: UInt64) -> SigningKey {
    var generator = SeededGenerator(seed: number)
    return SigningKey(seed: SecretBytes(copying: generator.bytes(32)))
}

let testChain = ChainID([UInt8](repeating: 7, count: 32))!

extension TransportConfiguration {
    /// A node on this machine, among many others on it.
    static var local: TransportConfiguration {
        var configuration = TransportConfiguration(chainID: testChain)
        configuration.listenHost = "127.0.0.1"
        configuration.limits.inboundPerPrefixMax = 1000
        configuration.limits.attemptsPerPrefixPerSecond = 100_000
        configuration.limits.attemptsPerPrefixBurst = 100_000
        // A busy machine must not look like a dead peer.
        configuration.timeouts.dial = patience
        configuration.timeouts.handshake = patience
        configuration.timeouts.idle = patience
        configuration.timeouts.stall = patience
        configuration.timeouts.redialFirst = .milliseconds(20)
        configuration.timeouts.redialLongest = .milliseconds(500)
        return configuration
    }
}

/// A transport and everything that it has told its owner.
final class TestNode: Sendable {
    let transport: Transport
    let key: SigningKey
    private let log = Mutex<[PeerEvent]>([])
    private let reader = Mutex<Task<Void, Never>?>(nil)
    private let bound = Mutex<NetworkAddress?>(nil)

    /// `reads` says whether the owner reads its mailbox from the start.
    init(
        _ number: UInt64, validator: ValidatorIdentity? = nil, reads: Bool = true,
        _ change: (inout TransportConfiguration) -> Void = { _ in }
    ) async throws {
        key = signingKey(number)
        var configuration = TransportConfiguration.local
        change(&configuration)
        transport = try Transport(configuration: configuration, identity: NodeIdentity(nodeKey: key, validator: validator))
        let address = try await transport.start()
        bound.withLock { $0 = address }
        if reads { read() }
    }

    var peer: PublicKey { key.publicKey }
    var address: NetworkAddress { bound.withLock { $0! } }
    var peerAddress: PeerAddress { PeerAddress(peer: peer, address: address) }
    var events: [PeerEvent] { log.withLock { $0 } }

    func read() {
        let transport = transport
        reader.withLock { reader in
            reader = Task { [weak self] in
                while let batch = await transport.events.next() { self?.log.withLock { log in log.append(contentsOf: batch) } }
            }
        }
    }

    func stop() async {
        await transport.shutdown()
        await reader.withLock { $0 }?.value
    }

    func dial(_ other: TestNode) { transport.dial(other.address, expecting: other.peer) }

    // MARK: What happened

    var messages: [InboundMessage] {
        events.flatMap { event -> [InboundMessage] in if case .messages(let messages) = event { messages } else { [] } }
    }
    var refusals: [Refusal] { events.compactMap { if case .refused(let refusal) = $0 { refusal } else { nil } } }
    var connections: [PeerInfo] { events.compactMap { if case .connected(let info) = $0 { info } else { nil } } }
    var departures: [NetworkError] { events.compactMap { if case .disconnected(_, let error, _) = $0 { error } else { nil } } }

    /// Peers that are connected, as the owner sees it.
    var seesPeers: Int {
        events.reduce(0) { count, event in
            switch event {
            case .connected: count + 1
            case .disconnected: count - 1
            default: count
            }
        }
    }

    func isConnected(to other: TestNode) -> Bool { transport.peers.contains { $0.info.peer == other.peer } }

    func refusal(_ code: NetworkCode, sourceLocation: SourceLocation = #_sourceLocation) async {
        await eventually("a refusal with \(code.rawValue), but \(self.refusals)", sourceLocation: sourceLocation) {
            self.refusals.contains { $0.error.code == code }
        }
    }
}

/// Two nodes that see each other, the second dialled by the first.
func connect(_ one: TestNode, _ other: TestNode, sourceLocation: SourceLocation = #_sourceLocation) async {
    one.dial(other)
    await eventually("both connected", sourceLocation: sourceLocation) { one.isConnected(to: other) && other.isConnected(to: one) }
}

/// Four validators, of whom the first `count` are given.
struct TestValidators {
    let keys: [SigningKey]
    let set: ValidatorSet

    init(epoch: Epoch, seeds: Range<UInt64> = 900..<904) throws {
        keys = seeds.map(signingKey)
        set = try ValidatorSet(epoch: epoch, validators: keys.enumerated().map { position, key in
            Validator(consensusKey: key.publicKey, vrfKey: VRFPublicKey([UInt8](repeating: UInt8(position + 1), count: 32))!, weight: 1)
        })
    }

    func identity(_ index: Int) -> ValidatorIdentity {
        ValidatorIdentity(epoch: set.epoch, index: ValidatorIndex(UInt16(index)), consensusKey: keys[index])
    }
}
