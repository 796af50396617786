import Foundation
import Interface
import Primitives

/// Where a list goes on. Its first part is pinned to a height, so that later parts neither repeat nor skip what has come since.
struct Cursor: Equatable, Sendable {
    /// Which list; a cursor of one is no cursor of another.
    enum List: UInt8 { case blocks = 1, transactions, receipts, events, accountTransactions, contractEvents, agreementPayments, agreementEvidence }

    let list: List
    /// The newest block that the list includes.
    let pin: Height
    /// Where the next part begins: a height and a place in it.
    let height: Height
    let index: UInt32

    /// A cursor is opaque: its form may change.
    var text: String {
        var encoder = BCSEncoder()
        encoder.encode(list.rawValue)
        encoder.encode(pin)
        encoder.encode(height)
        encoder.encode(index)
        return encoder.bytes.hex
    }

    init(_ list: List, pin: Height, height: Height, index: UInt32 = 0) {
        self.list = list
        self.pin = pin
        self.height = height
        self.index = index
    }

    /// The cursor of a query; nil when it has none.
    init?(_ query: Query, _ list: List) throws {
        guard let text = query.text(.cursor) else { return nil }
        let refusal = Problem(.cursorMalformed, "The cursor was not given out for this list.", at: "cursor")
        guard text.utf8.count < 64, let bytes = [UInt8](hex: text) else { throw refusal }
        do throws(BCSError) {
            var decoder = BCSDecoder(bytes)
            let tag = try decoder.decode(UInt8.self)
            pin = try decoder.decode(Height.self)
            height = try decoder.decode(Height.self)
            index = try decoder.decode(UInt32.self)
            try decoder.finish()
            self.list = list
            guard tag == list.rawValue else { throw .tagNotBoolean(offset: 0, tag: tag) }
        } catch { throw refusal }
    }
}
