import Primitives
import Testing

@Suite struct AmountTests {
    @Test func sumsAndDifferencesAreChecked() {
        #expect(Amount(3).adding(Amount(4)) == Amount(7))
        #expect(Amount(.max).adding(Amount(1)) == nil)
        #expect(Amount(3).subtracting(Amount(4)) == nil)
        #expect(Amount(.max).multiplied(by: 2) == nil)
        #expect(Amount.sum([Amount(1), Amount(2), Amount(3)]) == Amount(6))
        #expect(Amount.sum([Amount(.max), Amount(1)]) == nil)
    }

    @Test func sharesRoundTheWayTheyAreTold() {
        #expect(Amount(10).share(partsPerMillion: 333_333, rounding: .down) == Amount(3))
        #expect(Amount(10).share(partsPerMillion: 333_333, rounding: .up) == Amount(4))
        #expect(Amount(10).share(partsPerMillion: 1_000_000, rounding: .up) == Amount(10))
        // No amount below the supply bound can overflow, whatever the share.
        #expect(Amount(Amount.supplyMax.units - 1).share(partsPerMillion: .max, rounding: .up) != nil)
    }

    @Test(arguments: [("0", 0), ("12", 12_000_000), ("12.5", 12_500_000), ("0.000001", 1), ("007.10", 7_100_000)])
    func textInTokens(_ text: String, _ units: UInt128) throws {
        let amount = try #require(Amount(tokens: text))
        #expect(amount.units == units)
        #expect(Amount(tokens: amount.tokens) == amount)
    }

    @Test(arguments: ["", ".", "1.", ".5", "1.0000000", "-1", "+1", "1e3", "1 ", "１", "1.2.3",
                      "340282366920938463463374607431768211456"])
    func textThatIsNoAmount(_ text: String) { #expect(Amount(tokens: text) == nil) }
}
