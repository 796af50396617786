import Foundation
import Primitives
import Storage
import Testing
import WorldState

@Suite struct ChainIndexTests {
    let scratch = Scratch()

    struct Noted {
        let hash: Digest
        let transactions: [(id: Digest, accounts: [Address])]
    }

    func open(first: Height = 0) throws -> ChainIndex {
        try ChainIndex(directory: scratch.path + "/index", chainID: chainA, first: first, options: SortedRunsTests.options)
    }

    static func chain(_ count: Int, seed: UInt64) -> [Noted] {
        var random = SeededGenerator(seed: seed)
        let people = (0..<9).map { _ in Address(random.bytes(20))! }
        return (0..<count).map { _ in
            let transactions = (0..<random.below(5)).map { _ in
                (id: Digest(random.bytes(32))!, accounts: (0...random.below(3)).map { _ in people[random.below(9)] })
            }
            return Noted(hash: Digest(random.bytes(32))!, transactions: transactions)
        }
    }

    func follow(_ index: ChainIndex, _ chain: [Noted]) async throws {
        var attempts = 0
        while index.next.rawValue < chain.count {
            let height = index.next, block = chain[Int(height.rawValue)]
            if !index.note(height, hash: block.hash, transactions: block.transactions) {
                attempts += 1
                try #require(attempts < 10_000)
                try await index.seal()
            }
        }
    }

    func expect(_ index: ChainIndex, _ chain: [Noted], from first: Int = 0) throws {
        var ofAccount: [Address: [IndexPosition]] = [:]
        for (height, block) in chain.enumerated() where height >= first {
            #expect(try index.block(block.hash) == [Height(UInt64(height))])
            for (number, transaction) in block.transactions.enumerated() {
                let position = IndexPosition(height: Height(UInt64(height)), index: UInt32(number))
                #expect(try index.transaction(transaction.id) == [position])
                for account in Set(transaction.accounts) { ofAccount[account, default: []].append(position) }
            }
        }
        for (account, positions) in ofAccount {
            var found: [IndexPosition] = []
            while case let page = try index.transactions(of: account, below: found.last, limit: 7), !page.isEmpty { found += page }
            #expect(found == positions.reversed(), "page by page, each once")
        }
    }

    /// The owner's loop over a chain: at first, after a restart, after a crash of the memory, and behind a pruned log.
    @Test func followsTheChain() async throws {
        let chain = Self.chain(900, seed: 1)
        var index = try open()
        try await follow(index, Array(chain.prefix(300)))
        try expect(index, Array(chain.prefix(300)))
        try await index.seal()
        #expect(index.nextDurable == 300 && index.failure == nil)
        try await follow(index, Array(chain.prefix(600)))
        index.close()
        index = try open()
        #expect(index.next == 600, "closing writes what is in memory")
        try await follow(index, chain)
        await index.verify()
        #expect(index.takeLosses().isEmpty)
        index.prune(below: 500)
        #expect(try index.block(chain[499].hash).isEmpty)
        try expect(index, chain, from: 500)
        index.close()
        index = try open(first: 700)
        #expect(index.next == 900)
        try expect(index, chain, from: 700)
        #expect(try index.transaction(chain[3].hash).isEmpty)
    }

    /// Identifiers that begin alike are both candidates; an account named twice in a transaction is noted once.
    @Test func keysAreShared() async throws {
        var bytes = [UInt8](repeating: 7, count: 32)
        let one = Digest(bytes)!
        bytes[20] = 8
        let other = Digest(bytes)!
        let account = Address([UInt8](repeating: 7, count: 20))!
        let index = try open()
        let areNoted = index.note(0, hash: one, transactions: [(one, [account, account]), (other, [account])])
            && index.note(1, hash: other, transactions: [])
        #expect(areNoted)
        for _ in 0..<2 {
            #expect(try index.transaction(one) == [IndexPosition(height: 0, index: 1), IndexPosition(height: 0, index: 0)])
            #expect(try index.block(one) == [1, 0])
            #expect(try index.transactions(of: account, limit: 5) == [IndexPosition(height: 0, index: 1), IndexPosition(height: 0, index: 0)])
            #expect(try index.transactions(of: account, limit: 0).isEmpty)
            try await index.seal()
        }
        let isNotedAgain = index.note(1, hash: one, transactions: [])
        #expect(!isNotedAgain, "a height is noted once")
    }
}
