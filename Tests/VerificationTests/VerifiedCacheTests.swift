@_spi(Verification) import Primitives
import Testing
import Verification

@Suite struct VerifiedCacheTests {
    static func hash(_ number: Int) -> Digest {
        var digest = Digest()
        digest.words.0 = UInt64(bitPattern: Int64(number))
        return digest
    }

    @Test func whatWasVerifiedIsFoundAgain() {
        var cache = VerifiedCache<Digest, Int>()
        #expect(cache.message(Self.hash(1)) == nil)
        cache.insert(Verified(checked: 10), envelopeHash: Self.hash(1), byteCount: 5)
        cache.insert(Verified(checked: 10), envelopeHash: Self.hash(1), byteCount: 5)
        #expect(cache.contains(Self.hash(1)) && cache.message(Self.hash(1))?.value == 10)
        #expect(cache.count == 1 && cache.byteCount == 5)
        #expect(!cache.contains(Self.hash(2)))
    }

    @Test func whatIsUsedStays() {
        var cache = VerifiedCache<Digest, Int>(entriesMax: 10, bytesMax: 1000)
        cache.insert(Verified(checked: -1), envelopeHash: Self.hash(-1), byteCount: 1)
        cache.insert(Verified(checked: -2), envelopeHash: Self.hash(-2), byteCount: 1)
        for number in 0..<100 {
            cache.insert(Verified(checked: number), envelopeHash: Self.hash(number), byteCount: 1)
            #expect(cache.message(Self.hash(-1))?.value == -1)
        }
        #expect(!cache.contains(Self.hash(-2)))
    }

    /// Against the promises, for random calls: bounds, the counts, the latest half, no wrong answer.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func theBoundsHold(seed: UInt64) {
        var generator = SeededGenerator(seed: seed), cache = VerifiedCache<Digest, Int>(entriesMax: 20, bytesMax: 400)
        var recent: [(number: Int, bytes: Int)] = []
        for step in 0..<5_000 {
            let number = generator.below(60), bytes = generator.chance(1, in: 50) ? 300 : number % 30
            if generator.chance(1, in: 3) {
                if let found = cache.message(Self.hash(number)) { #expect(found.value == number) } else { continue }
                recent.append((number, cache.contains(Self.hash(number)) ? 0 : bytes))
            } else {
                let known = cache.contains(Self.hash(number))
                cache.insert(Verified(checked: number), envelopeHash: Self.hash(number), byteCount: bytes)
                if !known { recent.append((number, bytes)) }
            }
            #expect(cache.count <= 20 && cache.byteCount <= 400, "step \(step)")
            if let last = recent.last { #expect(cache.contains(Self.hash(last.number))) }
        }
        let members = (0..<60).filter { cache.contains(Self.hash($0)) }
        #expect(members.count == cache.count)
    }

    @Test func theLatestHalfIsAlwaysThere() {
        var cache = VerifiedCache<Digest, Int>(entriesMax: 20, bytesMax: 1 << 20)
        for number in 0..<500 {
            cache.insert(Verified(checked: number), envelopeHash: Self.hash(number), byteCount: 1)
            for past in max(0, number - 9)...number { #expect(cache.contains(Self.hash(past))) }
        }
    }

    @Test func aHugeMessageHasAGenerationToItself() {
        var cache = VerifiedCache<Digest, Int>(entriesMax: 20, bytesMax: 100)
        for number in 0..<4 { cache.insert(Verified(checked: number), envelopeHash: Self.hash(number), byteCount: 20) }
        cache.insert(Verified(checked: 9), envelopeHash: Self.hash(9), byteCount: 1000)
        #expect(cache.contains(Self.hash(9)) && cache.count == 1)
        cache.insert(Verified(checked: 1), envelopeHash: Self.hash(1), byteCount: 1)
        #expect(cache.message(Self.hash(1))?.value == 1)
        #expect(cache.byteCount <= 100 && !cache.contains(Self.hash(9)))
    }

    @Test func theSameCallsLeaveTheSameCache() {
        func run() -> [Bool] {
            var generator = SeededGenerator(seed: 7), cache = VerifiedCache<Digest, Int>(entriesMax: 16, bytesMax: 64)
            for _ in 0..<1000 {
                let number = generator.below(64)
                if cache.message(Self.hash(number)) == nil {
                    cache.insert(Verified(checked: number), envelopeHash: Self.hash(number), byteCount: number % 9)
                }
            }
            return (0..<64).map { cache.contains(Self.hash($0)) }
        }
        #expect(run() == run())
    }
}
