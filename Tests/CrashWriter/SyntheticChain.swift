import Primitives
import Storage
import WorldState

/// A chain that follows from nothing but a seed: whoever knows the height knows every byte that must be in the store.
struct SyntheticChain {
    let seed: UInt64
    static let chainID = ChainID([UInt8](repeating: 0xc5, count: 32))!
    private static let contract = Address([UInt8](repeating: 0x11, count: 20))!
    /// Few enough that keys are overwritten and removed all the time.
    private static let keyCount = 3_000

    private func generator(_ height: Height, _ purpose: UInt64) -> SeededGenerator {
        SeededGenerator(seed: seed &* 0x9e37_79b9 &+ height.rawValue &* 16 &+ purpose)
    }

    /// What block `height` changes: up to twenty keys, a quarter of them removed.
    func changes(_ height: Height) -> [StateChange] {
        var random = generator(height, 0)
        var changes: [StateChange] = [], seen: Set<Int> = []
        for _ in 0..<1 + random.below(20) {
            let number = random.below(Self.keyCount)
            let value = random.chance(1, in: 4) ? nil : random.bytes(1 + random.below(150))
            guard seen.insert(number).inserted else { continue }
            let name = withUnsafeBytes(of: UInt32(number).bigEndian) { [UInt8]($0) }
            changes.append(StateChange(key: StateKey(contract: Self.contract, name)!, value: value))
        }
        return changes
    }

    /// Block `height` as it is logged: the root after it, a certificate of any bytes, and bodies of up to 3 KiB.
    func block(_ height: Height, root: Digest) -> BlockRecord {
        var random = generator(height, 1)
        return BlockRecord(header: root.bytes, certificate: random.bytes(96), bodies: random.bytes(random.below(3_000)))
    }

    /// Record `number` of the journal.
    func journalRecord(_ height: Height, _ number: Int) -> [UInt8] {
        var random = generator(height, UInt64(2 + number))
        return random.bytes(1 + random.below(400))
    }
    static let journalRecordsPerHeight = 3

    /// What the index is told of block `height`: up to four transactions of a few accounts.
    func transactions(_ height: Height) -> [(id: Digest, accounts: [Address])] {
        var random = generator(height, 14)
        return (0..<random.below(5)).map { _ in
            (id: Digest(random.bytes(32))!, accounts: (0...random.below(2)).map { _ in account(random.below(Self.accountCount)) })
        }
    }

    func hash(_ height: Height) -> Digest {
        var random = generator(height, 15)
        return Digest(random.bytes(32))!
    }

    func account(_ number: Int) -> Address { Address([UInt8](repeating: UInt8(number), count: 20))! }
    static let accountCount = 20

    /// Opens the index beside the store, with tables so small that files come and go in every round.
    func index(in directory: String, first: Height) throws(StoreError) -> ChainIndex {
        var options = SortedRuns.Options()
        options.tableEntriesMax = 100
        return try ChainIndex(directory: directory + "/index", chainID: Self.chainID, first: first, options: options)
    }

    /// Small files and a small map, so that files end and begin in every round.
    static var options: ChainStore.Options {
        var options = ChainStore.Options()
        options.blockSegmentBytes = 256 << 10
        options.journalSegmentBytes = 32 << 10
        options.state.mapBytes = 1 << 30
        return options
    }
}
