import Execution

/// YAML 1.2 in blocks. Texts are quoted as in JSON, which YAML reads alike, unless they are plain words: then nothing can take a text
/// for a number or a truth value.
enum YAMLWriter {
    /// - Parameter isLoose: whether texts that no reader takes for something else stand without quotes, as in files that people write: `99.9%`, `in 5m`.
    static func text(_ value: DynamicValue, isLoose: Bool = false) -> String { lines(value, isLoose).joined(separator: "\n") + "\n" }

    private static func lines(_ value: DynamicValue, _ isLoose: Bool) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.flatMap { member -> [String] in
                let key = word(member.name, isLoose)
                if isBlock(member.value) { return ["\(key):"] + lines(member.value, isLoose).map { "  " + $0 } }
                return ["\(key): \(scalar(member.value, isLoose))"]
            }
        case .list(let values) where !values.isEmpty:
            values.flatMap { value -> [String] in
                guard isBlock(value) else { return ["- \(scalar(value, isLoose))"] }
                let inner = lines(value, isLoose)
                return ["- \(inner[0])"] + inner.dropFirst().map { "  " + $0 }
            }
        default: [scalar(value, isLoose)]
        }
    }

    private static func isBlock(_ value: DynamicValue) -> Bool {
        switch value {
        case .object(let members): !members.isEmpty
        case .list(let values): !values.isEmpty
        default: false
        }
    }

    private static func scalar(_ value: DynamicValue, _ isLoose: Bool) -> String {
        if case .text(let text) = value { return word(text, isLoose) }
        return PrettyJSON.line(value)
    }

    private static let reserved: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    private static func word(_ text: String, _ isLoose: Bool) -> String {
        guard let first = text.utf8.first, !reserved.contains(text.lowercased()) else { return quoted(text) }
        let isPlain = isLetter(first) && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_.".utf8.contains($0) }
        return isPlain || isLoose && isUnmistakable(text, first) ? text : quoted(text)
    }

    /// Begins with a letter or a digit, holds a letter, a blank or a percent sign, and nothing that ends a value; hexadecimal numbers are refused.
    private static func isUnmistakable(_ text: String, _ first: UInt8) -> Bool {
        guard isLetter(first) || isDigit(first), text.utf8.last.map({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "%") }) ?? false else { return false }
        guard text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "-_.%/: ".utf8.contains($0) }), !text.contains(": "), !text.contains("  ") else { return false }
        // A number may hold a letter as well: 1e5, 0x1f, 0b1, 0o7.
        return Double(text) == nil && !["0x", "0o", "0b"].contains { text.hasPrefix($0) } && text.utf8.contains { isLetter($0) || " %".utf8.contains($0) }
    }

    private static func quoted(_ text: String) -> String { PrettyJSON.line(.text(text)) }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
