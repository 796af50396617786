import Primitives
import WorldState

/// A stream of blocks from a seed, with the plain dictionary that they should lead to.
struct Workload {
    private var random: SeededGenerator
    private(set) var expected: [[UInt8]: [UInt8]] = [:]
    private let keySpace: Int
    /// Removals in a hundred changes.
    private let removals: UInt64

    init(seed: UInt64, keySpace: Int, removals: UInt64 = 30) {
        random = SeededGenerator(seed: seed)
        self.keySpace = keySpace
        self.removals = removals
    }

    static func key(_ index: Int) -> StateKey {
        let contract = Address([UInt8](repeating: UInt8(index % 3), count: 20))!
        // Keys of different lengths, some of them prefixes of others.
        return StateKey(contract: contract, Array("k\(index)".utf8))!
    }

    mutating func block(_ count: Int) -> [StateChange] {
        var chosen: Set<Int> = []
        while chosen.count < min(count, keySpace) { chosen.insert(random.below(keySpace)) }
        return chosen.sorted().map { index in
            let key = Self.key(index)
            let value = random.chance(removals, in: 100) ? nil : random.bytes(random.below(40))
            expected[key.bytes] = value
            return StateChange(key: key, value: value)
        }
    }
}
