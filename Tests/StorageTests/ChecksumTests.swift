import CChecksum
import Primitives
import Testing

@Suite struct ChecksumTests {
    /// RFC 3720 appendix B.4, and the check value of the CRC catalogue ("123456789").
    @Test func agreesWithPublishedVectors() {
        let ascending = (0..<32).map { UInt8($0) }
        let readCommand: [UInt8] = [
            0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18,
            0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
        ]
        let vectors: [([UInt8], UInt32)] = [
            ([], 0), ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            (ascending, 0x46dd_794e), (ascending.reversed(), 0x113f_db5c), (readCommand, 0xd996_3a56),
            (Array("123456789".utf8), 0xe306_9283),
        ]
        for (bytes, expected) in vectors {
            #expect(trellis_crc32c(0, bytes, bytes.count) == expected)
            #expect(trellis_crc32c_portable(0, bytes, bytes.count) == expected)
        }
    }

    @Test func theInstructionAndTheTableAgreeOnPieces() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let bytes = random.bytes(random.below(100)), cut = random.below(bytes.count + 1)
            let whole = trellis_crc32c_portable(0, bytes, bytes.count)
            bytes.withUnsafeBytes { raw in
                let first = trellis_crc32c(0, raw.baseAddress, cut)
                #expect(trellis_crc32c(first, raw.baseAddress.map { $0 + cut }, bytes.count - cut) == whole)
            }
        }
    }
}
