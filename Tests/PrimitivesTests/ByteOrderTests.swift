import Primitives
import Testing

@Suite struct ByteOrderTests {
    @Test func agreesWithTheStandardLibrary() {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<20_000 {
            // Long common beginnings, so that every distance from the end of a word is met.
            let common = random.bytes(Int(random.next() % 20))
            let one = common + random.bytes(Int(random.next() % 4)), two = common + random.bytes(Int(random.next() % 4))
            #expect(one.precedes(two) == one.lexicographicallyPrecedes(two))
        }
        #expect(![UInt8]().precedes([]) && [UInt8]().precedes([0]))
    }
}
