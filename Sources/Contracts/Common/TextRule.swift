/// What may be in a text. The tables are written out here: those of a Unicode library change with its version, and nodes must not
/// disagree.
enum TextRule {
    /// Text for people to read: not empty, and nothing in it that has no shape of its own or turns the direction of what is beside it.
    static func isReadable(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            // Controls, soft hyphen, marks of width zero, marks of direction, invisible operators, interlinear marks, tags.
            case 0..<0x20, 0x7f..<0xa0, 0xad, 0x061c, 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
                 0xfff9...0xfffb, 0xe0000...0xe007f: false
            default: true
            }
        }
    }

    /// A Uniform Resource Identifier with its scheme (RFC 3986 §2, §3): only characters that the standard allows, so that a text
    /// looks the same everywhere. What is behind the scheme is not taken apart.
    static func isURI(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < bytes.count, isLetter(bytes[0]) else { return false }
        return bytes[..<colon].allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
            && bytes[(colon + 1)...].allSatisfy { isLetter($0) || isDigit($0) || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains($0) }
    }

    /// A country of ISO 3166-1 in two capital letters, or a part of one as in ISO 3166-2: `DE`, `US-CA`. The form is checked, not
    /// the lists, which change.
    static func isRegion(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 2 || (4...6).contains(bytes.count), bytes.prefix(2).allSatisfy(isCapital) else { return false }
        return bytes.count == 2 || (bytes[2] == UInt8(ascii: "-") && bytes[3...].allSatisfy { isCapital($0) || isDigit($0) })
    }

    /// A short name for machines: letters, digits, dot, hyphen and underscore.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "._-".utf8.contains($0) }
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { isCapital(byte & ~0x20) && byte < 0x80 }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
