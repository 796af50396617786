@testable import fuzz
import Primitives
import Testing

/// The fuzzer itself: it finds what it is there to find, and its targets are in order.
@Suite struct FuzzTests {
    @Test(arguments: FuzzTargets.all.map(\.name)) func samplesKeepTheirPromises(_ name: String) throws {
        let target = try #require(FuzzTargets.named(name))
        #expect(!target.samples.isEmpty)
        for sample in target.samples { #expect(target.check(sample) == nil) }
    }

    @Test func namesAreDistinct() { #expect(Set(FuzzTargets.all.map(\.name)).count == FuzzTargets.all.count) }

    @Test func theSameSeedTriesTheSameInputs() {
        var first = Mutator(samples: [[1, 2, 3]], seed: 9), second = first, other = Mutator(samples: [[1, 2, 3]], seed: 10)
        let inputs = (0..<100).map { _ in first.next() }
        #expect(inputs == (0..<100).map { _ in second.next() })
        #expect(inputs != (0..<100).map { _ in other.next() })
        #expect(inputs.allSatisfy { $0.count <= Mutator.inputBytesMax })
    }

    /// Decoders with the mistakes that a canonical codec must not make; each is found in a fraction of a smoke run.
    @Test(arguments: ["padded length", "lax boolean", "trailing bytes", "order of keys", "bits behind the last"])
    func plantedMistakesAreFound(_ mistake: String) throws {
        let planted = try #require(Self.planted[mistake])
        var mutator = Mutator(samples: planted.samples, seed: 1)
        #expect((0..<20_000).contains { _ in planted.check(mutator.next()) != nil })
    }

    private static let planted: [String: FuzzTarget] = [
        "padded length": .roundTrip("", samples: [[2, 7, 8]]) { input throws(BCSError) in
            var place = 0, length = 0, shift = 0
            while place < input.count, shift < 28 {
                length |= Int(input[place] & 0x7f) << shift
                place += 1
                shift += 7
                if input[place - 1] < 0x80 { break }
            }
            guard input.count - place == length else { throw .truncated(offset: 0, needed: length, available: 0) }
            var encoder = BCSEncoder()
            encoder.encodeBytes(Array(input[place...]))
            return encoder.bytes
        },
        "lax boolean": .roundTrip("", samples: [[1]]) { input throws(BCSError) in
            guard input.count == 1 else { throw .trailingBytes(offset: 1, count: 1) }
            return (input[0] != 0).bcs
        },
        "trailing bytes": .roundTrip("", samples: [UInt32(5).bcs]) { input throws(BCSError) in
            var decoder = BCSDecoder(input)
            return try decoder.decode(UInt32.self).bcs
        },
        "order of keys": .roundTrip("", samples: [[2, 1, 10, 2, 20]]) { input throws(BCSError) in
            var decoder = BCSDecoder(input), map: [UInt8: UInt8] = [:]
            for _ in 0..<(try decoder.decodeLength(limit: 8)) { map[try decoder.decode(UInt8.self)] = try decoder.decode(UInt8.self) }
            try decoder.finish()
            var encoder = BCSEncoder()
            encoder.encode(map)
            return encoder.bytes
        },
        "bits behind the last": .roundTrip("", samples: [[1, 5]]) { input throws(BCSError) in
            var decoder = BCSDecoder(input)
            var bytes = try decoder.decodeBytes(limit: 8)
            try decoder.finish()
            while bytes.last == 0 { bytes.removeLast() }
            var encoder = BCSEncoder()
            encoder.encodeBytes(bytes)
            return encoder.bytes
        },
    ]
}
