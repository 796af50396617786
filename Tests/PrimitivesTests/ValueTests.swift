@_spi(Verification) import Primitives
import Testing

/// Small values: hexadecimal, counters, digests, bitmaps, bounded arrays, certificates.
@Suite struct ValueTests {
    @Test func hexadecimal() {
        #expect([UInt8](hex: "00fFa5") == [0, 255, 165])
        #expect([UInt8](hex: "0x00ff") == [0, 255])
        #expect([UInt8](hex: "") == [] && [UInt8](hex: "0x") == [])
        for text in ["0", "0x0", "0g", "0X00", "0x0x00", " 00", "00 ", "+0", "００", "é"] { #expect([UInt8](hex: text) == nil, "\(text)") }
        #expect([0, 15, 255, 16].map(UInt8.init).hex == "000fff10")
        #expect(Digest(hex: String(repeating: "ab", count: 31)) == nil)
    }

    @Test func counters() {
        #expect(Height(7).successor == 8 && Height(7).predecessor == 6 && Height(0).predecessor == nil)
        #expect(View(3).advanced(by: 4) == 7 && View(.max).advanced(by: 1) == nil && View(.max).advanced(by: 0) == View(.max))
        #expect(Epoch(1) < Epoch(2) && "\(Nonce(42))" == "42")
    }

    @Test func digestsCompareAsBytes() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<2_000 {
            let left = generator.bytes(32)
            var right = round.isMultiple(of: 2) ? left : generator.bytes(32)
            if round.isMultiple(of: 4) { right[generator.below(32)] ^= 1 << UInt8(generator.below(8)) }
            let a = Digest(left)!, b = Digest(right)!
            #expect((a == b) == (left == right))
            #expect((a < b) == left.lexicographicallyPrecedes(right))
            // The generic comparison of byte strings, by way of a type that does not specialise it.
            #expect((ChainID(left)! == ChainID(right)!) == (left == right))
            #expect((ChainID(left)! < ChainID(right)!) == left.lexicographicallyPrecedes(right))
            #expect((Address(left.prefix(20))! < Address(right.prefix(20))!) == left.prefix(20).lexicographicallyPrecedes(right.prefix(20)))
            // Bits from the text of the bytes in base two.
            func bits(_ bytes: [UInt8]) -> [Character] {
                bytes.flatMap { byte in
                    let digits = String(byte, radix: 2)
                    return String(repeating: "0", count: 8 - digits.count) + digits
                }
            }
            let common = zip(bits(left), bits(right)).prefix(while: { $0 == $1 }).count
            #expect(a.commonPrefixLength(with: b) == common)
            #expect((0..<256).map { a.bit($0) ? "1" as Character : "0" } == bits(left))
        }
    }

    @Test func addressesAreTheFirstTwentyBytes() {
        let digest = Digest((0..<32).map(UInt8.init))!
        #expect(Address(truncating: digest).bytes == (0..<20).map(UInt8.init))
        #expect(digest.bytes.withUnsafeBytes { Digest(reading: $0) } == digest)
    }

    @Test func bitmaps() throws {
        var bitmap = ValidatorBitmap()
        #expect(bitmap.indices.isEmpty && bitmap.count == 0 && !bitmap.contains(ValidatorIndex(.max)))
        for index in [9, 0, 1023, 9] as [UInt16] { bitmap.insert(ValidatorIndex(index)) }
        #expect(bitmap.indices.map(\.rawValue) == [0, 9, 1023] && bitmap.count == 3)
        #expect(bitmap.contains(ValidatorIndex(9)) && !bitmap.contains(ValidatorIndex(8)))
        // The same set is the same bytes in whatever order it came, and no other bytes are accepted.
        #expect(ValidatorBitmap([1023, 9, 0].map(ValidatorIndex.init)) == bitmap)
        #expect(throws: BCSError.self) { try ValidatorBitmap(bcs: [2, 1, 0]) }
        #expect(throws: BCSError.lengthOverLimit(offset: 0, length: 129, limit: 128)) {
            try ValidatorBitmap(bcs: [0x81, 1] + [UInt8](repeating: 1, count: 129))
        }
    }

    @Test func boundedArrays() throws {
        #expect(Bounded<2, UInt8>([1, 2, 3]) == nil)
        let two = try #require(Bounded<2, UInt8>([1, 2]))
        #expect(Array(two) == [1, 2] && two.bcs == [2, 1, 2])
        #expect(throws: BCSError.lengthOverLimit(offset: 0, length: 3, limit: 2)) { try Bounded<2, UInt8>(bcs: [3, 1, 2, 3]) }
    }

    @Test func certificatesHaveAscendingSignersInRange() throws {
        let statement = CommitStatement(epoch: 0, height: 1, view: 0, draftDigest: .zero, headerHash: .zero)
        func certificate(_ signers: [UInt16]) -> CommitCertificate? {
            CommitCertificate(statement: statement, signatures: signers.map { CertificateSignature(signer: ValidatorIndex($0), signature: Signature()) })
        }
        #expect(certificate([0, 1, 1023])?.signers.count == 3)
        for signers in [[1, 0], [2, 2], [0, 1024], [.max]] as [[UInt16]] {
            #expect(certificate(signers) == nil)
            // The same from a peer: refused, and nothing traps when somebody asks who signed.
            var encoder = BCSEncoder()
            encoder.encodeVariant(0)
            encoder.encode(statement)
            encoder.encode(signers.map { CertificateSignature(signer: ValidatorIndex($0), signature: Signature()) })
            #expect(throws: BCSError.self) { try CommitCertificate(bcs: encoder.bytes) }
        }
    }

    @Test func verifiedValuesCompareAsWhatTheyHold() {
        #expect(Verified(checked: Height(1)) == Verified(checked: Height(1)))
        #expect(Verified(checked: Height(1)) != Verified(checked: Height(2)))
    }

    @Test func seededChoicesCoverTheirRange() {
        var generator = SeededGenerator(seed: 3)
        var seen = [Int](repeating: 0, count: 7)
        for _ in 0..<7_000 { seen[generator.below(7)] += 1 }
        // Each has 1,000 ± 30 as its standard deviation; 6 of those is no accident.
        #expect(seen.allSatisfy { abs($0 - 1_000) < 180 })
        let hits = (0..<9_000).count { _ in generator.chance(1, in: 3) }
        #expect(abs(hits - 3_000) < 270)
    }
}
