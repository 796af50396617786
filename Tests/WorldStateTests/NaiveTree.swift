import Foundation
import Primitives
import WorldState

/// The tree's definition, written out as directly as it can be: a recursion over sorted bit strings with a textbook SHA-256.
/// It shares no code with the tree under test.
enum NaiveTree {
    static func root(_ state: [[UInt8]: [UInt8]]) -> [UInt8] {
        let leaves = state.map { key, value in
            let path = TextbookSHA256.hash(key)
            return (bits: bits(path), hash: TextbookSHA256.hash([0] + path + TextbookSHA256.hash(value)))
        }
        return TextbookSHA256.hash([2, 1] + top(leaves, 0))
    }

    private static func top(_ leaves: [(bits: [Bool], hash: [UInt8])], _ depth: Int) -> [UInt8] {
        if leaves.isEmpty { return [UInt8](repeating: 0, count: 32) }
        if leaves.count == 1 { return leaves[0].hash }
        return TextbookSHA256.hash(
            [1] + top(leaves.filter { !$0.bits[depth] }, depth + 1) + top(leaves.filter { $0.bits[depth] }, depth + 1))
    }

    private static func bits(_ path: [UInt8]) -> [Bool] {
        path.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 == 1 } }
    }
}

/// SHA-256 as FIPS 180-4 writes it, slow and plain.
enum TextbookSHA256 {
    private static let constants: [UInt32] = primes(64).map { fraction(cbrt(Double($0))) }
    private static let start: [UInt32] = primes(8).map { fraction(Double($0).squareRoot()) }

    private static func fraction(_ root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 4_294_967_296) }

    private static func primes(_ count: Int) -> [Int] {
        var found: [Int] = []
        var candidate = 2
        while found.count < count {
            if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
            candidate += 1
        }
        return found
    }

    static func hash(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += withUnsafeBytes(of: UInt64(message.count * 8).bigEndian) { Array($0) }
        var state = start
        var block = 0
        while block < padded.count {
            var w = [UInt32](repeating: 0, count: 64)
            for i in 0..<16 { w[i] = (0..<4).reduce(0) { $0 << 8 | UInt32(padded[block + 4 * i + $1]) } }
            func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
            for i in 16..<64 {
                let s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
                let s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
                w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
            }
            var v = state
            for i in 0..<64 {
                let s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
                let choice = v[4] & v[5] ^ ~v[4] & v[6]
                let t1 = v[7] &+ s1 &+ choice &+ constants[i] &+ w[i]
                let s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
                let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
                v = [t1 &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
            }
            for i in 0..<8 { state[i] = state[i] &+ v[i] }
            block += 64
        }
        return state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
}
