import Foundation
@testable import Primitives
import Testing

/// BIP-350's vectors and addresses from another implementation (`Vectors/bech32m.json`).
@Suite struct Bech32mTests {
    private struct Document: Decodable {
        struct Invalid: Decodable { let string, reason: String }
        struct Address: Decodable { let hrp, data, address: String }
        let valid: [String]
        let invalid: [Invalid]
        let addresses: [Address]
    }

    private let document: Document
    init() throws { document = try JSONDecoder().decode(Document.self, from: Vectors.data("bech32m.json")) }

    @Test func validStrings() throws {
        #expect(document.valid.count == 7)
        for text in document.valid {
            let (prefix, groups) = try Bech32m.decodeGroups(text)
            #expect(prefix == text.lowercased().prefix(prefix.utf8.count))
            #expect(prefix.utf8.count + 1 + groups.count + 6 == text.utf8.count)
            #expect(groups.allSatisfy { $0 < 32 })
        }
    }

    @Test func invalidStrings() {
        #expect(document.invalid.count == 14)
        for entry in document.invalid {
            #expect(throws: Bech32m.Failure.self, "\(entry.reason)") { try Bech32m.decodeGroups(entry.string) }
            #expect(throws: Bech32m.Failure.self, "\(entry.reason)") { try Bech32m.decode(entry.string) }
        }
    }

    @Test func addressesBothWays() throws {
        #expect(document.addresses.count == 8)
        for entry in document.addresses {
            #expect(Bech32m.encode(prefix: entry.hrp, bytes(entry.data)) == entry.address)
            for text in [entry.address, entry.address.uppercased()] {
                let (prefix, payload) = try Bech32m.decode(text)
                #expect(prefix == entry.hrp)
                #expect(payload.hex == entry.data)
            }
        }
    }

    /// The code finds every error in up to four characters of a string this short; here every error in one or two.
    @Test func oneOrTwoWrongCharactersAreFound() {
        let text = Array(document.addresses[1].address.utf8), alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
        var generator = SeededGenerator(seed: 7)
        for position in 5..<text.count {
            for letter in alphabet where letter != text[position] {
                var wrong = text
                wrong[position] = letter
                #expect(throws: Bech32m.Failure.checksumWrong) { try Bech32m.decode(String(decoding: wrong, as: UTF8.self)) }
                let second = 5 + generator.below(text.count - 5)
                wrong[second] = alphabet[generator.below(32)]
                if wrong != text { #expect(throws: Bech32m.Failure.checksumWrong) { try Bech32m.decode(String(decoding: wrong, as: UTF8.self)) } }
            }
        }
    }

    @Test func failuresSayWhatIsWrong() {
        func failure(_ text: String) -> Bech32m.Failure? {
            do throws(Bech32m.Failure) { _ = try Bech32m.decode(text) } catch { return error }
            return nil
        }
        let address = document.addresses[0].address
        #expect(failure("abc") == .lengthOutOfRange(3))
        #expect(failure(String(repeating: "q", count: 91)) == .lengthOutOfRange(91))
        #expect(failure("N" + address.dropFirst()) == .caseMixed)
        #expect(failure("qqqqqqqqqq") == .separatorMissing)
        #expect(failure("1qqqqqqqqq") == .prefixEmpty)
        #expect(failure("qqqqq1qqqqq") == .checksumTooShort)
        #expect(failure("ab1b" + String(repeating: "q", count: 9)) == .characterInvalid(position: 3))
        #expect(failure(String(address.dropLast()) + "q") == .checksumWrong)
        // A valid checksum over 82 groups of ones: two bits are left over behind 51 bytes.
        #expect(failure(document.valid[4]) == .paddingInvalid)
    }

    /// A payload has one text, up to its case: no other groups of five bits stand for it, whatever checksum they carry. The
    /// texts are from an independent encoder, and all their checksums are right.
    @Test func aPayloadHasOneText() throws {
        #expect(try Address(text: "trl1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn9dgylv", on: .main).bytes == (0..<20).map(UInt8.init))
        #expect(try Bech32m.decode("trl1lugajayl").payload == [0xff])
        #expect(try Bech32m.decode("trl1v95d60").payload == [])
        // A whole group of zeros behind 20 bytes, behind 1 byte and alone; and a bit behind 1 byte.
        for text in ["trl1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnq39swls", "trl1luqdhm2q9", "trl1q6mfjll", "trl1la4txged"] {
            #expect(throws: Bech32m.Failure.paddingInvalid, "\(text)") { try Bech32m.decode(text) }
        }
    }

    @Test func addressesOfANetwork() throws {
        let address = Address(hex: document.addresses[1].data)!
        for network in NetworkKind.allCases {
            let text = address.text(on: network)
            #expect(text.hasPrefix(network.rawValue + "1"))
            #expect(try Address(text: text, on: network) == address)
            #expect(try Address(text: text.uppercased(), on: network) == address)
        }
        #expect(throws: Bech32m.Failure.prefixUnexpected(found: "ttrl", expected: "trl")) {
            try Address(text: address.text(on: .development), on: .main)
        }
        #expect(throws: Bech32m.Failure.payloadLength(found: 32, expected: 20)) {
            try Address(text: Bech32m.encode(prefix: "trl", [UInt8](repeating: 0, count: 32)), on: .main)
        }
    }
}
