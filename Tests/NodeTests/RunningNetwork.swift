import API
import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Ledger
import Logging
import Networking
@testable import Node
import Primitives
import Storage
import Testing
import Verification

/// Whole nodes in one process, with real sockets, TLS, disks and signatures, on loopback.
final class RunningNetwork {
    let genesis: Genesis
    let founders: [Founder]
    let directory: String
    private(set) var nodes: [Node?]
    private var addresses: [String?]
    private var nonces: [Address: UInt64] = [:]
    private let people: [Person]

    init(founders count: Int = 4, followers: Int = 0, people: [Person], _ change: (inout NetworkParameters) -> Void = { _ in }) throws {
        var parameters = NetworkParameters()
        parameters.heartbeatMilliseconds = 1_000
        parameters.blockIntervalMilliseconds = 20
        change(&parameters)
        let now = Timestamp(UInt64(Date().timeIntervalSince1970 * 1_000) - 5_000)
        let charter = GenesisCharter(chainName: "running", network: .development, time: now, parameters: parameters)
        founders = (0..<count).map { Founder(UInt64($0)) }
        let allocations = people.map { GenesisAllocation(account: $0.address, balance: TestChain.fortune) }.sorted { $0.account < $1.account }
        genesis = try GenesisState.sealed(
            Genesis(charter: charter, validators: founders.map { $0.entry(of: charter) }, allocations: allocations, stateRoot: .zero), Catalogue.definitions)
        self.people = people
        directory = NSTemporaryDirectory() + "running-\(UUID().uuidString)"
        nodes = Array(repeating: nil, count: count + followers)
        addresses = Array(repeating: nil, count: count + followers)
        for index in nodes.indices {
            let home = NodeHome(home(index))
            try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
            try Node.createStore(home, genesis)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func home(_ index: Int) -> String { "\(directory)/node\(index)" }

    private func nodeKey(_ index: Int) -> SigningKey { Person(UInt64(9_000 + index)).key }

    /// Starts a node and tells it of those that run.
    @discardableResult
    func start(_ index: Int, _ change: (inout NodeConfiguration) -> Void = { _ in }) async throws -> Node {
        var configuration = NodeConfiguration(home: home(index))
        let port = addresses[index].flatMap { Networking.NetworkAddress($0)?.port } ?? 0
        configuration.network.listen = ListenAddress(host: "127.0.0.1", port: port)
        configuration.network.allowsLocal = true
        configuration.consensus.viewTimeoutMilliseconds = 2_000
        configuration.storage.snapshotMilliseconds = 1
        configuration.network.persistentPeers = nodes.indices.compactMap { other in
            guard other != index, nodes[other] != nil, let address = addresses[other] else { return nil }
            return Networking.PeerAddress("\(nodeKey(other).publicKey)@\(address)")
        }
        change(&configuration)
        var log = Logger(label: "node\(index)") { _ in SwiftLogNoOpLogHandler() }
        if ProcessInfo.processInfo.environment["TRELLIS_TEST_LOG"] != nil {
            log = Logger(label: "node\(index)", factory: { StreamLogHandler.standardError(label: $0) })
            log.logLevel = .debug
        }
        let keys = index < founders.count
            ? NodeKeys(node: nodeKey(index), consensus: founders[index].consensus, vrf: founders[index].vrf) : NodeKeys(node: nodeKey(index))
        let node = try await Node.start(configuration, genesis: genesis, keys: keys, log: log)
        nodes[index] = node
        addresses[index] = node.listens
        return node
    }

    func startAll() async throws { for index in nodes.indices { try await start(index) } }

    func stop(_ index: Int) async {
        await nodes[index]?.stop()
        nodes[index] = nil
    }

    /// Ends a node as a loss of power would: what is not on the disk by now is lost. A test that has kept something of its store keeps it locked.
    func crash(_ index: Int) async throws {
        guard let node = nodes[index] else { return }
        nodes[index] = nil
        node.timer.cancel()
        node.environment.stores.close()
        await node.environment.transport.shutdown()
        await node.pump.value
        node.environment.published.end()
        node.environment.pool.close()
        node.environment.restorer.close()
        node.environment.snapshots.close()
    }

    func stopAll() async { for index in nodes.indices { await stop(index) } }

    var running: [Node] { nodes.compactMap { $0 } }

    func transfer(from sender: Person, to receiver: Address, _ amount: UInt128) -> SignedTransaction {
        transaction(of: sender, Accounts.transfer.reference.call(on: .accounts, receiver, value: Amount(amount)))
    }

    func transaction(of sender: Person, _ call: Call, gasLimit: Gas = 1_000_000) -> SignedTransaction {
        let nonce = nonces[sender.address, default: 0]
        nonces[sender.address] = nonce + 1
        return Transaction(
            chainID: genesis.chainID, sender: sender.address, nonce: Nonce(nonce), validUntilHeight: 100_000, gasLimit: gasLimit, gasPrice: Amount(1),
            calls: [call])!.signed(by: sender.key)!
    }

    /// Waits until every running node has `id` in a block; false after `seconds`.
    func commits(_ id: TransactionID, within seconds: Double = 20) async throws -> Bool {
        try await eventually(within: seconds) {
            for node in self.running {
                guard case .final = try await node.transaction(id) else { return false }
            }
            return true
        }
    }

    func eventually(within seconds: Double = 20, _ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    func balance(of account: Address, at node: Node) throws -> Amount {
        try AccountRecords.account(account, in: node.environment.published.newest.view)?.balance ?? .zero
    }
}
