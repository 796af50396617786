import Client
import Contracts
import Cryptography
import Execution
import Interface
import Ledger
import Primitives
import Synchronization
import Testing

/// Submits signed transfers in batches to whichever node answers, and remembers what was acknowledged as final.
final class Load: Sendable {
    private struct Acknowledged {
        var heights: [TransactionID: UInt64] = [:]
        var rounds = 0
        var troubles = 0
    }

    /// Transfers of one account in one batch: below the gap that a lane allows.
    private static let perAccount = 3

    private let devnet: Devnet
    private let clients: [Client]
    private let keys: [SigningKey]
    private let chainID: ChainID
    private let known = Mutex(Acknowledged())

    init(_ devnet: Devnet, accounts: Int = 6) throws {
        self.devnet = devnet
        clients = try devnet.nodes.map { try $0.client }
        keys = try (1...accounts).map { try devnet.key($0 < 10 ? "account-0\($0)" : "account-\($0)") }
        chainID = try devnet.genesis.chainID
    }

    var count: Int { known.withLock { $0.heights.count } }
    var rounds: Int { known.withLock { $0.rounds } }
    var troubles: Int { known.withLock { $0.troubles } }

    /// Runs until cancelled.
    func run() async {
        var turn = 0
        while !Task.isCancelled {
            turn += 1
            do { try await round(clients[turn % clients.count]) } catch {
                known.withLock { $0.troubles += 1 }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// One batch through one node, until all of it is final there.
    func round(_ client: Client) async throws {
        var transactions: [SignedTransaction] = []
        let price = try await client.fees().medium.value, height = try await client.head().height
        for (place, key) in keys.enumerated() {
            let sender = Address(of: key.publicKey), receiver = Address(of: keys[(place + 1) % keys.count].publicKey)
            let nonce = try await client.account(sender).nextNonce
            for number in 0..<UInt64(Self.perAccount) {
                let transaction = Transaction(
                    chainID: chainID, sender: sender, nonce: Nonce(nonce + number), validUntilHeight: Height(height + 600), gasLimit: 1_000_000, gasPrice: price,
                    calls: [Accounts.transfer.reference.call(on: .accounts, receiver, value: Amount(UInt128(1 + number)))])
                transactions.append(try #require(transaction?.signed(by: key)))
            }
        }
        let items = try await client.submit(transactions)
        var accepted: [TransactionID] = []
        for item in items where item.state == .accepted || item.state == .committed { if let id = item.id { accepted.append(id.value) } }
        try #require(!accepted.isEmpty, "\(items.first?.code ?? "") \(items.first?.detail ?? "")")
        let end = ContinuousClock.now + .seconds(10)
        var waiting = accepted
        while let id = waiting.last {
            let report = try await client.transaction(id)
            switch report.state {
            case .committed:
                if let height = report.height { known.withLock { $0.heights[id] = height } }
                waiting.removeLast()
            case .dropped: waiting.removeLast()
            case .pending:
                guard ContinuousClock.now < end, !Task.isCancelled else { throw Devnet.Failure(description: "not committed in time") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        known.withLock { $0.rounds += 1 }
    }

    /// Waits until so many more batches are final.
    func expectProgress(rounds: Int, since start: Int? = nil, within seconds: Double, sourceLocation: SourceLocation = #_sourceLocation) async {
        let goal = (start ?? self.rounds) + rounds
        let isReached = await eventually(within: seconds) { self.rounds >= goal }
        #expect(isReached, "\(self.rounds) batches are final after \(seconds) seconds, not \(goal)", sourceLocation: sourceLocation)
    }

    /// Every transaction that was acknowledged as final is, on every node that keeps that block, in the block of which that was said.
    func expectNothingLost(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let heights = known.withLock { $0.heights }
        var lost: [String] = []
        for node in try devnet.nodes {
            let client = try node.client, oldest = try await client.head().oldestBlock
            for (id, height) in heights where height >= oldest {
                let report = try? await client.transaction(id)
                if report?.state != .committed || report?.height != height { lost.append("\(node.name): 0x\(id.hex) of block \(height) is \(String(describing: report?.state)) in \(String(describing: report?.height))") }
            }
        }
        #expect(lost.isEmpty, "\(lost.count) lost of \(heights.count): \(lost.prefix(5))", sourceLocation: sourceLocation)
    }
}

extension Devnet {
    /// Runs a load beside `body`, and ends it.
    func withLoad(accounts: Int = 6, _ body: (Load) async throws -> Void) async throws -> Load {
        let load = try Load(self, accounts: accounts)
        let task = Task { await load.run() }
        do { try await body(load) } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
        return load
    }

    /// Waits until a transfer that is submitted now is final; nil when it is not within `seconds`.
    func commits(at place: Int = 0, within seconds: Double) async throws -> Duration? {
        let load = try Load(self, accounts: 1), client = try nodes[place].client, began = ContinuousClock.now
        let done = await eventually(within: seconds) { (try? await load.round(client)) != nil }
        return done ? ContinuousClock.now - began : nil
    }
}
