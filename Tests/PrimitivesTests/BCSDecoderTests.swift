import Foundation
import Primitives
import Synchronization
import Testing

/// What a decoder does with bytes that nobody encoded.
@Suite struct BCSDecoderTests {
    /// A golden encoding, and decoding it followed by encoding the value again.
    struct Sample: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let again: @Sendable ([UInt8]) throws -> [UInt8]
        var testDescription: String { name }

        init<Value: BCSCodable>(_ name: String, _: Value.Type, _ hex: String) {
            self.name = name
            bytes = [UInt8](hex: hex)!
            again = { try Value(bcs: $0).bcs }
        }
    }

    static let samples: [Sample] = {
        let golden = Golden.vectors
        var samples: [Sample] = []
        for (place, header) in golden.headers.enumerated() {
            samples.append(Sample("header \(place)", Header.self, header.bcs))
            samples.append(Sample("draft \(place)", HeaderDraft.self, header.draft.bcs))
            samples.append(Sample("result \(place)", HeaderResult.self, header.result.bcs))
        }
        for (place, certificate) in golden.certificates.prefix(2).enumerated() {
            samples.append(Sample("certificate \(place)", CommitCertificate.self, certificate.bcs))
            samples.append(Sample("statement \(place)", CommitStatement.self, certificate.statement.bcs))
        }
        samples.append(Sample("certificate signature", CertificateSignature.self, golden.certificates[1].signatures[2].bcs))
        for (place, set) in golden.validatorSets.prefix(2).enumerated() { samples.append(Sample("validators \(place)", ValidatorSet.self, set.bcs)) }
        for (place, bitmap) in golden.bitmaps.enumerated() { samples.append(Sample("bitmap \(place)", ValidatorBitmap.self, bitmap.bcs)) }
        samples.append(Sample("amount", Amount.self, golden.amounts[2].bcs))
        samples.append(Sample("height", Height.self, golden.counters[4].bcs))
        samples.append(Sample("address", Address.self, golden.fixed.last!.bytes))
        samples.append(Sample("bounded", Bounded<4, UInt16>.self, "03010002000300"))
        return samples
    }()

    @Test(arguments: samples) func everyTruncationIsRefused(_ sample: Sample) {
        #expect((try? sample.again(sample.bytes)) == sample.bytes)
        for length in 0..<sample.bytes.count {
            #expect(throws: BCSError.self, "\(length) bytes") { try sample.again(Array(sample.bytes[..<length])) }
        }
        #expect(throws: BCSError.trailingBytes(offset: sample.bytes.count, count: 1)) { try sample.again(sample.bytes + [0]) }
    }

    /// Whatever decodes encodes to the same bytes: there is one encoding per value. Nothing traps.
    @Test(arguments: samples) func mutatedAndRandomBytes(_ sample: Sample) {
        var generator = SeededGenerator(seed: 1)
        for round in 0..<2_000 {
            var mutated = round.isMultiple(of: 4) ? generator.bytes(generator.below(2 * sample.bytes.count + 8)) : sample.bytes
            if !mutated.isEmpty {
                for _ in 0...generator.below(3) { mutated[generator.below(mutated.count)] = UInt8(truncatingIfNeeded: generator.next()) }
            }
            if let again = try? sample.again(mutated) { #expect(again == mutated) }
        }
    }

    /// 2³¹ − 1 words of eight bytes would be 16 GiB; the bound leaves room for what other tests do meanwhile.
    @Test func claimedLengthsReserveNothing() {
        let claim: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x07] + [UInt8](repeating: 1, count: 64)
        let before = HeapProbe.writableBytes
        #expect(throws: BCSError.self) { var d = BCSDecoder(claim); _ = try d.decodeSequence(of: HeapProbe.self, limit: Int.max) }
        #expect(throws: BCSError.self) { var d = BCSDecoder(claim); _ = try d.decodeMap(UInt8.self, HeapProbe.self, limit: Int.max) }
        let peak = HeapProbe.peak.withLock { $0 }
        #expect(before > 0 && peak >= before && peak - before < 1 << 30)
    }

    /// Reserving or filling what is claimed would take this test for ever.
    @Test(.timeLimit(.minutes(15))) func claimedLengthsAreCheckedFirst() {
        let claim: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3]
        for _ in 0..<200 {
            #expect(throws: BCSError.self) { var d = BCSDecoder(claim); _ = try d.decodeBytes(limit: Int.max) }
            #expect(throws: BCSError.self) { var d = BCSDecoder(claim); _ = try d.decodeText(limit: Int.max) }
            #expect(throws: BCSError.self) { try ValidatorSet(bcs: [0] + [UInt8](repeating: 0, count: 8) + claim) }
        }
    }

    @Test func errorsSayWhereAndWhy() {
        func error(_ bytes: [UInt8], _ read: (inout BCSDecoder) throws(BCSError) -> Void) -> BCSError? {
            var decoder = BCSDecoder(bytes)
            do { try read(&decoder) } catch { return error }
            return nil
        }
        #expect(error([1]) { d throws(BCSError) in _ = try d.decode(UInt16.self) } == .truncated(offset: 0, needed: 2, available: 1))
        #expect(error([7, 2]) { d throws(BCSError) in _ = try d.decode(UInt8.self); _ = try d.decode(Bool.self) } == .tagNotBoolean(offset: 1, tag: 2))
        #expect(error([0x80, 0]) { d throws(BCSError) in _ = try d.decodeULEB128() } == .lengthNotMinimal(offset: 0))
        #expect(error([0xff, 0xff, 0xff, 0xff, 0x10]) { d throws(BCSError) in _ = try d.decodeULEB128() } == .lengthTooWide(offset: 0))
        #expect(error([5]) { d throws(BCSError) in _ = try d.decodeLength(limit: 4) } == .lengthOverLimit(offset: 0, length: 5, limit: 4))
        #expect(error([3]) { d throws(BCSError) in _ = try d.decodeVariant(count: 3) } == .variantUnknown(offset: 0, variant: 3))
        #expect(error([1, 0xff]) { d throws(BCSError) in _ = try d.decodeText(limit: 9) } == .textNotUTF8(offset: 0))
        #expect(error([2, 2, 0, 1, 0]) { d throws(BCSError) in _ = try d.decodeMap(UInt8.self, UInt8.self, limit: 9) } == .keysNotAscending(offset: 3))
        #expect(error([3, 1, 1, 1]) { d throws(BCSError) in _ = try d.decodeSequence(of: Bool.self, limit: 2) } == .lengthOverLimit(offset: 0, length: 3, limit: 2))
    }

    /// A superfluous zero byte is refused in every place where one can stand, and the widest number is read.
    @Test func lengthsAreMinimalAtEveryWidth() throws {
        for width in 2...5 {
            var decoder = BCSDecoder([UInt8](repeating: 0x80, count: width - 1) + [0])
            #expect(throws: BCSError.lengthNotMinimal(offset: 0), "\(width) bytes") { try decoder.decodeULEB128() }
            var filled = BCSDecoder([UInt8](repeating: 0xff, count: width - 1) + [0])
            #expect(throws: BCSError.lengthNotMinimal(offset: 0), "\(width) bytes") { try filled.decodeULEB128() }
        }
        var widest = BCSDecoder([0xff, 0xff, 0xff, 0xff, 0x0f])
        #expect(try widest.decodeULEB128() == .max)
        for last: UInt8 in [0x10, 0x1f, 0x7f, 0x80, 0x8f] {
            var decoder = BCSDecoder([0xff, 0xff, 0xff, 0xff, last, 0])
            #expect(throws: BCSError.lengthTooWide(offset: 0)) { try decoder.decodeULEB128() }
        }
    }

    /// Texts that Unicode calls equivalent are one key to Swift; accepting both would give one map two encodings.
    @Test func keysThatOnlyLookDifferent() {
        let composed = Text("\u{e9}").bcs, decomposed = Text("e\u{301}").bcs
        var decoder = BCSDecoder([2] + composed + [1] + decomposed + [2])
        #expect(throws: BCSError.self) { try decoder.decodeMap(Text.self, UInt8.self, limit: 9) }
    }

    @Test func nestingIsBounded() throws {
        /// A list that holds lists.
        struct Nested: BCSCodable {
            let inner: [Nested]
            init(depth: Int) { inner = depth == 0 ? [] : [Nested(depth: depth - 1)] }
            func encode(into encoder: inout BCSEncoder) { encoder.encode(inner) }
            init(from decoder: inout BCSDecoder) throws(BCSError) {
                inner = try decoder.nested { (inside: inout BCSDecoder) throws(BCSError) in
                    try inside.decodeSequence(of: Nested.self, limit: 8)
                }
            }
        }
        let deepest = Nested(depth: Limits.encodingDepthMax - 1)
        #expect(try Nested(bcs: deepest.bcs).bcs == deepest.bcs)
        #expect(throws: BCSError.nestedTooDeep(offset: Limits.encodingDepthMax)) { try Nested(bcs: Nested(depth: Limits.encodingDepthMax).bcs) }
        #expect(throws: BCSError.nestedTooDeep(offset: Limits.encodingDepthMax)) { try Nested(bcs: [UInt8](repeating: 1, count: 1 << 20)) }
        // Width does not count as depth.
        #expect(throws: Never.self) { try Nested(bcs: [8] + [UInt8](repeating: 0, count: 8)) }
    }

    @Test func versionsOfALaterProtocolAreRefused() {
        for sample in Self.samples where ["header 0", "draft 0", "certificate 0", "validators 0"].contains(sample.name) {
            var later = sample.bytes
            later[0] = 1
            #expect(throws: BCSError.variantUnknown(offset: 0, variant: 1)) { try sample.again(later) }
        }
    }
}

/// A word that looks at the process's memory when it is decoded: what a container has reserved shows there.
struct HeapProbe: BCSCodable {
    static let peak = Mutex(0)
    let word: UInt64

    /// Private writable memory, touched or not.
    static var writableBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmData:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) * 1024
    }

    func encode(into encoder: inout BCSEncoder) { encoder.encode(word) }
    init(from decoder: inout BCSDecoder) throws(BCSError) {
        Self.peak.withLock { $0 = max($0, Self.writableBytes) }
        word = try decoder.decode(UInt64.self)
    }
}
