import Primitives

/// Makes inputs out of good ones, with the structure of canonical encodings in mind: lengths and tags are single bytes or
/// ULEB128 numbers, fields are little-endian words.
struct Mutator {
    /// Inputs stay below this; decoders bound what they read long before.
    static let inputBytesMax = 8 * 1024
    private static let tellingBytes: [UInt8] = [0, 1, 2, 0x7f, 0x80, 0xff]
    private static let tellingLengths: [[UInt8]] = [
        [0], [1], [0x80, 0], [0x80, 1], [0xff, 0x7f], [0x80, 0x80, 1], [0xff, 0xff, 0xff, 0xff, 7], [0xff, 0xff, 0xff, 0xff, 0x0f],
        [0x80, 0x80, 0x80, 0x80, 0x10], [0xff, 0xff, 0xff, 0xff, 0xff, 1],
    ]

    let samples: [[UInt8]]
    var generator: SeededGenerator

    init(samples: [[UInt8]], seed: UInt64) {
        self.samples = samples.isEmpty ? [[]] : samples
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> [UInt8] {
        // One in sixteen is plain noise: what structure hides, noise finds.
        if generator.chance(1, in: 16) { return generator.bytes(generator.below(96)) }
        var input = samples[generator.below(samples.count)]
        for _ in 0...generator.below(4) { mutate(&input) }
        return Array(input.prefix(Self.inputBytesMax))
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        let place = generator.below(input.count + 1)
        switch generator.below(10) {
        case 0 where place < input.count: input[place] ^= 1 << UInt8(generator.below(8))
        case 1 where place < input.count: input[place] = Self.tellingBytes[generator.below(Self.tellingBytes.count)]
        case 2 where place < input.count: input[place] = UInt8(truncatingIfNeeded: generator.next())
        case 3: input.insert(contentsOf: generator.bytes(1 + generator.below(8)), at: place)
        case 4: input.removeSubrange(place..<min(input.count, place + 1 + generator.below(8)))
        case 5: input.removeSubrange(place...)
        case 6:
            // A length in the place of a byte.
            let length = Self.tellingLengths[generator.below(Self.tellingLengths.count)]
            input.replaceSubrange(place..<min(input.count, place + 1), with: length)
        case 7:
            // A piece of the input once more: duplicate elements, keys out of order.
            let end = min(input.count, place + 1 + generator.below(80))
            input.insert(contentsOf: input[place..<end], at: generator.below(2) == 0 ? end : generator.below(input.count + 1))
        case 8:
            // The rest of another sample.
            let other = samples[generator.below(samples.count)]
            input.replaceSubrange(place..., with: other[generator.below(other.count + 1)...])
        default:
            // A word at one of its ends.
            let word: [UInt8] = generator.chance(1, in: 2) ? [UInt8](repeating: 0xff, count: 8) : [UInt8](repeating: 0, count: 8)
            input.replaceSubrange(place..<min(input.count, place + 8), with: word.prefix(input.count - place))
        }
    }
}
