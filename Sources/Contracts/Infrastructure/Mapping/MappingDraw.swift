import Cryptography
import Primitives

/// Numbers that nobody could foresee before the beacon, and that everybody gets from it: SHA-256 of the seed and a counter, four numbers
/// from each hash.
struct MappingDraw {
    private let seed: Digest
    private var counter: UInt64 = 0
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private var left = 0

    init(_ seed: Digest) { self.seed = seed }

    mutating func next() -> UInt64 {
        if left == 0 {
            var encoder = BCSEncoder(reserving: 40)
            encoder.encode(seed)
            encoder.encode(counter)
            let words = SHA256.hash(encoder.bytes).words
            self.words = (words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian)
            counter += 1
            left = 4
        }
        left -= 1
        switch left {
        case 3: return words.0
        case 2: return words.1
        case 1: return words.2
        default: return words.3
        }
    }

    /// A number in `0 ..< bound`, unbiased (Lemire's multiplication with rejection).
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// All of `items` in an order of which each is equally likely (Fisher and Yates).
    mutating func shuffled(_ items: [Int]) -> [Int] {
        var items = items
        for last in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(last, below(last + 1)) }
        return items
    }
}

/// Weights that change, drawn from in logarithmic time (Fenwick 1994).
struct WeightTree {
    private var sums: [Int]
    private var weights: [Int]
    private(set) var total = 0

    init(_ weights: [Int]) {
        self.weights = weights
        sums = [0] + weights
        for index in stride(from: 1, through: weights.count, by: 1) {
            let parent = index + (index & -index)
            if parent < sums.count { sums[parent] += sums[index] }
        }
        total = weights.reduce(0, +)
    }

    mutating func set(_ index: Int, _ weight: Int) {
        let change = weight - weights[index]
        guard change != 0 else { return }
        weights[index] = weight
        total += change
        var place = index + 1
        while place < sums.count {
            sums[place] += change
            place += place & -place
        }
    }

    subscript(index: Int) -> Int { weights[index] }

    /// The index whose weights hold the `position`th unit, from 0.
    func index(at position: Int) -> Int {
        var rest = position, place = 0
        var step = 1
        while step * 2 < sums.count { step *= 2 }
        while step > 0 {
            if place + step < sums.count, sums[place + step] <= rest {
                place += step
                rest -= sums[place]
            }
            step /= 2
        }
        return place
    }
}
