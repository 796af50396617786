import Contracts

/// What plain scalars mean: the core schema of YAML 1.2.2 (section 10.3), in which `yes` is a text, `010` is ten and `0o10` is eight.
enum CoreSchema {
    static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// The integer that `text` is; nil when it is none, or one beyond 64 bits.
    static func integer(_ text: String) -> Int64? {
        if text.hasPrefix("0o") { return Digits.unsigned(text.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return Digits.unsigned(text.dropFirst(2), radix: 16) }
        return isInteger(text) ? Int64(text.hasPrefix("+") ? String(text.dropFirst()) : text) : nil
    }

    static func isInteger(_ text: String) -> Bool {
        if text.hasPrefix("0o") || text.hasPrefix("0x") {
            return Digits.unsigned(text.dropFirst(2), radix: text.hasPrefix("0o") ? 8 : 16) != nil
        }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        return !digits.isEmpty && digits.utf8.allSatisfy(Digits.isDigit)
    }

    /// Whether `text` is a number with a point or an exponent, and not an integer.
    static func isDecimal(_ text: String) -> Bool { !isInteger(text) && Decimal(text) != nil }

    /// The value of a plain scalar whose type nobody declared.
    static func value(_ text: String) -> DocumentValue? {
        if isNull(text) { return .null }
        if let flag = boolean(text) { return .boolean(flag) }
        if isInteger(text) { return integer(text).map { .integer($0) } }
        if isDecimal(text) { return Decimal(text)?.value }
        // Infinities and what is no number have no canonical form.
        if [".inf", "-.inf", "+.inf", ".nan"].contains(text.lowercased()) { return nil }
        return .text(text)
    }
}

enum Digits {
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func unsigned(_ text: Substring, radix: Int) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return Int64(text, radix: radix)
    }
}
