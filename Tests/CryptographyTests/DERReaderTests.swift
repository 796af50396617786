@testable import Cryptography
import Primitives
import Testing

/// One encoding for each value: whatever X.690 allows only in its looser rules is refused.
@Suite struct DERReaderTests {
    private func reads(_ bytes: [UInt8], _ body: (inout DERReader) throws -> Void) -> Bool {
        var reader = DERReader(bytes)
        do {
            try body(&reader)
            try reader.finish()
            return true
        } catch { return false }
    }

    private func octets(_ count: Int) -> [UInt8] { [UInt8](repeating: 7, count: count) }

    @Test func lengthsAreTheShortest() {
        func read(_ bytes: [UInt8]) -> Bool { reads(bytes) { _ = try $0.element(DERReader.Tag.octetString) } }
        for good in [[4, 0], [4, 0x7f] + octets(0x7f), [4, 0x81, 0x80] + octets(0x80), [4, 0x81, 0xff] + octets(0xff), [4, 0x82, 1, 0] + octets(0x100)] {
            #expect(read(good))
            #expect(!read(Array(good.dropLast())) && !read(good + [0]))
        }
        for bad in [[], [4], [4, 0x80, 0, 0], [4, 0x81, 0], [4, 0x81, 1, 7], [4, 0x81, 0x7f] + octets(0x7f), [4, 0x82, 0, 0x80] + octets(0x80),
                    [4, 0x82, 0, 0xff] + octets(0xff), [4, 0x83, 0, 1, 0] + octets(0x100), [4, 0x84, 0, 0, 0, 1, 7], [4, 0xff], [4, 0x81], [4, 0x82, 1],
                    [5, 0], [0x24, 0]] {
            #expect(!read(bad), "\(bad.prefix(6))")
        }
        #expect(!reads([0x1f, 0x81, 0]) { _ = try $0.anyElement() })
    }

    @Test func valuesHaveOneForm() {
        func number(_ content: [UInt8]) -> Bool { reads([2, UInt8(content.count)] + content) { _ = try $0.unsignedInteger() } }
        for good in [[0], [1], [0x7f], [0, 0x80], [0, 0xff, 0], [1, 0]] as [[UInt8]] { #expect(number(good)) }
        for bad in [[], [0, 0], [0, 0x7f], [0x80], [0xff, 0xff]] as [[UInt8]] { #expect(!number(bad)) }
        func sized(_ content: [UInt8]) -> [UInt8]? {
            var reader = DERReader([2, UInt8(content.count)] + content)
            return try? reader.unsignedInteger(size: 2)
        }
        #expect(sized([0]) == [0, 0] && sized([0, 0x80]) == [0, 0x80] && sized([0, 0xff, 0xff]) == [0xff, 0xff] && sized([1, 0, 0]) == nil)
        func truth(_ content: [UInt8]) -> Bool { reads([1, UInt8(content.count)] + content) { _ = try $0.boolean() } }
        #expect(truth([0]) && truth([0xff]) && !truth([1]) && !truth([]) && !truth([0, 0]))
        func identifier(_ content: [UInt8]) -> Bool { reads([6, UInt8(content.count)] + content) { _ = try $0.objectIdentifier() } }
        #expect(identifier([0x2a]) && identifier([0x2a, 0x86, 0x48]) && identifier([0x2a, 0x81, 0x80, 1]))
        #expect(!identifier([]) && !identifier([0x2a, 0x86]) && !identifier([0x80, 1]) && !identifier([0x2a, 0x80, 1]))
        func bits(_ content: [UInt8]) -> Bool { reads([3, UInt8(content.count)] + content) { _ = try $0.bitString() } }
        #expect(bits([0]) && bits([0, 1]) && !bits([]) && !bits([1, 2]) && !bits([8, 0]))
    }

    @Test func timesHaveOneForm() {
        func time(_ tag: UInt8, _ text: String) -> UInt64? {
            var reader = DERReader([tag, UInt8(text.utf8.count)] + Array(text.utf8))
            return (try? reader.time())?.rawValue
        }
        let short = DERReader.Tag.utcTime, long = DERReader.Tag.generalizedTime
        // By `date -u -d … +%s`.
        #expect(time(short, "700101000000Z") == 0 && time(short, "491231235959Z") == 2_524_607_999_000)
        #expect(time(long, "20500101000000Z") == 2_524_608_000_000 && time(long, "99991231235959Z") == 253_402_300_799_000)
        #expect(time(short, "240229120000Z") == 1_709_208_000_000)
        for bad in ["691231235959Z", "500101000000Z", "230229120000Z", "241301000000Z", "240001000000Z", "240100000000Z", "240132000000Z", "240101240000Z",
                    "240101006000Z", "240101000060Z", "2401010000Z", "240101000000", "240101000000+0000", "24010100000aZ", "240101000000z", ""] {
            #expect(time(short, bad) == nil, "\(bad)")
        }
        for bad in ["20491231235959Z", "20500101000000.5Z", "205001010000Z", "20500101000000", "20500229000000Z"] { #expect(time(long, bad) == nil, "\(bad)") }
    }

    /// Names whose sets are out of order, empty, or of another kind of text.
    @Test func namesHaveOneForm() {
        func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag, UInt8(content.count)] + content }
        func attribute(_ type: UInt8, _ tag: UInt8, _ text: String) -> [UInt8] {
            element(0x30, element(6, [0x55, 4, type]) + element(tag, Array(text.utf8)))
        }
        func commonName(_ parts: [UInt8]...) -> String?? {
            var reader = DERReader(element(0x30, parts.flatMap { element(0x31, $0) }))
            return (try? DistinguishedName(reading: &reader)).map(\.commonName)
        }
        let name = attribute(3, 0x0c, "Zoë"), organisation = attribute(10, 0x13, "Example (1)")
        #expect(commonName() == .some(nil) && commonName(name) == "Zoë" && commonName(organisation, name) == "Zoë")
        let ordered = [name, organisation].sorted { $0.lexicographicallyPrecedes($1) }
        #expect(commonName(ordered[0] + ordered[1]) == "Zoë")
        for bad in [ordered[1] + ordered[0], name + name, [], attribute(3, 0x0c, ""), attribute(3, 0x13, "a@b"), attribute(3, 0x13, "é"),
                    attribute(3, 0x16, "é"), attribute(3, 0x1e, "ab"), attribute(3, 0x14, "ab"), attribute(3, 4, "ab"),
                    element(0x30, element(6, [0x55, 4, 3]) + element(0x0c, [0xc3])), name + [0]] {
            #expect(commonName(bad) == nil, "\(bad)")
        }
        #expect(commonName(name, attribute(3, 0x0c, "again")) == nil)
        #expect(commonName(attribute(3, 0x16, "a@b")) == "a@b")
    }
}
