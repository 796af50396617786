/// Finds where bytes stop being JSON (RFC 8259), for whoever has to mend them: Foundation's reader only says that they are not.
public struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    /// Values within values; deeper is refused as Foundation refuses it.
    private static let depthMax = 512

    private struct Fault: Error {}

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The first byte that cannot be there, counted from 0; the number of bytes when something is missing at the end; nil when all is JSON.
    public static func fault(in bytes: [UInt8]) -> Int? {
        var scanner = JSONScanner(bytes)
        do throws(Fault) {
            try scanner.value(depth: 0)
            scanner.space()
            return scanner.position == bytes.count ? nil : scanner.position
        } catch { return scanner.position }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func space() { while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 } }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func require(_ character: Unicode.Scalar) throws(Fault) { guard take(character) else { throw Fault() } }

    private mutating func value(depth: Int) throws(Fault) {
        guard depth <= Self.depthMax else { throw Fault() }
        space()
        switch next {
        case UInt8(ascii: "{"):
            position += 1
            try items(closedBy: "}") { scanner throws(Fault) in
                try scanner.text()
                scanner.space()
                try scanner.require(":")
                try scanner.value(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            position += 1
            try items(closedBy: "]") { scanner throws(Fault) in try scanner.value(depth: depth + 1) }
        case UInt8(ascii: "\""): try text()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func items(closedBy end: Unicode.Scalar, _ item: (inout JSONScanner) throws(Fault) -> Void) throws(Fault) {
        space()
        if take(end) { return }
        repeat {
            space()
            try item(&self)
            space()
        } while take(",")
        try require(end)
    }

    private mutating func word(_ word: StaticString) throws(Fault) {
        for byte in word.description.utf8 {
            guard next == byte else { throw Fault() }
            position += 1
        }
    }

    private mutating func text() throws(Fault) {
        try require("\"")
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw Fault() }
            position += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let escape = next, "\"\\/bfnrtu".utf8.contains(escape) else { throw Fault() }
            position += 1
            guard escape == UInt8(ascii: "u") else { continue }
            for _ in 0..<4 {
                guard let digit = next, "0123456789abcdefABCDEF".utf8.contains(digit) else { throw Fault() }
                position += 1
            }
        }
        try require("\"")
    }

    private mutating func number() throws(Fault) {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
    }

    private mutating func digits() throws(Fault) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw Fault() }
    }
}
