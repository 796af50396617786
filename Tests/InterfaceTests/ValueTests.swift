import Foundation
import Interface
import Ledger
import Primitives
import Testing

@Suite struct ValueTests {
    @Test func timesAreThoseOfAnotherCalendar() throws {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var generator = SeededGenerator(seed: 7)
        let edges: [UInt64] = [0, 951_782_399_999, 951_782_400_000, 4_107_542_399_999, 4_107_542_400_000, 253_402_300_799_999]
        for time in edges + (0..<2_000).map({ _ in generator.next() % 253_402_300_800_000 }) {
            let text = TimeText(Timestamp(time)).text
            #expect(text == formatter.string(from: Date(timeIntervalSince1970: Double(time) / 1_000)), "\(time)")
            #expect(TimeText(text: text)?.value.rawValue == time)
        }
        #expect(TimeText(Timestamp(.max)).text == "9999-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T16:30:00Z", "2026-13-01T00:00:00.000Z", "2026-02-29T00:00:00.000Z", "2026-00-10T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z", "2026-11-21T24:00:00.000Z", "2026-11-21 16:30:00.000Z", "2026-11-21T16:30:00.00éZ", "+026-11-21T16:30:00.000Z",
    ])
    func wrongTimes(_ text: String) { #expect(TimeText(text: text) == nil) }

    @Test(arguments: ["", "-1", "+1", "1.0", "01", "1 ", "٣", "0x10", "340282366920938463463374607431768211456"])
    func wrongAmounts(_ text: String) {
        #expect(AmountText(text: text) == nil)
        #expect(NumberText(text: text) == nil)
    }

    @Test func amounts() {
        for units in [0, 1, 12_500_000, UInt128.max] { #expect(AmountText(text: AmountText(Amount(units)).text)?.value.units == units) }
    }

    @Test func bytes() {
        #expect(Hex(text: "0x00fF")?.bytes == [0, 255])
        #expect(Hex(text: "00ff")?.text == "0x00ff")
        #expect(Hex(text: "0x")?.bytes.isEmpty == true)
        for text in ["0x0", "0xgg", "x00", "0x 00"] { #expect(Hex(text: text) == nil) }
        #expect(FixedHex<Digest>(text: "0x00") == nil)
        #expect(FixedHex<Digest>(text: "0x" + String(repeating: "ab", count: 32))?.text.count == 66)
    }

    @Test func addresses() throws {
        for network in NetworkKind.allCases {
            let text = try AddressText(#require(Address([UInt8](repeating: 7, count: 20))), on: network)
            #expect(AddressText(text: text.text) == text)
            #expect(AddressText(text: text.text + "q") == nil)
        }
    }
}
