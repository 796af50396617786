import Consensus
import Cryptography
import Primitives

/// A chain's state that depends on the order of execution: eight registers that operations mix, and the stakes from which
/// the next voters come. Swapping two operations of a block gives another root.
struct SimulatedApplication: Equatable {
    private(set) var registers: [UInt64] = Array(repeating: 1, count: 8)
    /// The weight of each key in the set after the next; 0 is no voter.
    private(set) var stakes: [UInt64]
    /// The weights in force.
    private(set) var current: [UInt64]
    /// The weights that the next boundary brings into force: those of the last boundary, so that a change waits a whole epoch.
    private(set) var coming: [UInt64]
    private(set) var root: Digest = .zero

    init(stakes: [UInt64]) {
        self.stakes = stakes
        current = stakes
        coming = stakes
    }

    /// An operation is its own envelope hash. Eight bytes make it well-formed; the others say what it does.
    static func operation(_ generator: inout SeededGenerator, changesStake: Bool) -> Digest {
        var bytes = generator.bytes(24)
        bytes[0] = changesStake ? 1 : 0
        let check = KeyedHash.mix(0x0be7, bytes)
        return Digest(bytes + withUnsafeBytes(of: check.littleEndian, Array.init))!
    }

    static func isWellFormed(_ operation: Digest) -> Bool {
        let bytes = operation.bytes
        let check = KeyedHash.mix(0x0be7, Array(bytes[..<24]))
        return Array(bytes[24...]) == withUnsafeBytes(of: check.littleEndian, Array.init)
    }

    /// Executes one block and, at a boundary, turns the stakes over; returns the weights that come into force.
    mutating func execute(_ payload: [Digest], height: Height, endsEpoch: Bool, electorate: Electorate) -> [UInt64]? {
        for operation in payload {
            let bytes = operation.bytes
            let (a, b) = (Int(bytes[1] & 7), Int(bytes[2] & 7))
            let operand = UInt64(bytes[3]) << 8 | UInt64(bytes[4])
            registers[a] = registers[a] &* 31 &+ (registers[b] ^ operand)
            if bytes[0] == 1 {
                let key = Int(bytes[5]) % stakes.count
                let weight = registers[a] % 4
                if electorate.mayHave(weight: weight, key) { stakes[key] = weight }
            }
        }
        var next: [UInt64]?
        if endsEpoch {
            if electorate.isAcceptable(coming) { current = coming }
            next = current
            coming = stakes
        }
        var encoder = BCSEncoder(reserving: 256)
        encoder.encode(height.rawValue)
        for register in registers { encoder.encode(register) }
        for weight in stakes + coming + current { encoder.encode(weight) }
        root.encode(into: &encoder)
        root = SHA256.hash(encoder.bytes)
        return next
    }
}

/// The bounds of a simulated adversary and of stake changes: whose weight is counted as faulty, and that it stays below a third.
struct Electorate: Equatable {
    /// Keys that may misbehave or fail in ways that the protocol counts as faults.
    let impaired: Set<Int>
    /// Keys that vote from the start.
    let founders: Int
    /// Whether the impaired may hold a third and more.
    let isOverwhelmed: Bool

    /// Impaired keys keep their weight; founders stay.
    func mayHave(weight: UInt64, _ key: Int) -> Bool {
        !impaired.contains(key) && (weight > 0 || key >= founders)
    }

    func isAcceptable(_ weights: [UInt64]) -> Bool {
        let total = weights.reduce(0, +)
        let faulty = weights.indices.reduce(0) { impaired.contains($1) ? $0 + weights[$1] : $0 }
        return total > 0 && (isOverwhelmed || 3 * faulty < total)
    }

    static func validators(_ weights: [UInt64], epoch: Epoch) -> ValidatorSet {
        let validators = weights.indices.filter { weights[$0] > 0 }.map {
            Validator(consensusKey: Keys.consensus($0), vrfKey: Keys.vrf($0), weight: weights[$0])
        }
        guard let set = try? ValidatorSet(epoch: epoch, validators: validators) else {
            preconditionFailure("an acceptable set of weights is a set of validators")
        }
        return set
    }
}
