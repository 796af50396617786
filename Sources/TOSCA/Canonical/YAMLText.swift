import Contracts

/// Writes YAML that every reader takes for the same, whichever version of YAML it was made for: a text is plain only when no version could
/// take it for something else, and quoted as in JSON otherwise.
enum YAMLText {
    static func text(_ value: DocumentValue) -> String { lines(value).joined(separator: "\n") + "\n" }

    private static func lines(_ value: DocumentValue) -> [String] {
        switch value {
        case .map(let members) where !members.isEmpty:
            members.flatMap { member -> [String] in
                let key = word(member.name)
                if isBlock(member.value) {
                    let inner = lines(member.value)
                    return ["\(key):"] + inner.map { "  " + $0 }
                }
                return ["\(key): \(flow(member.value))"]
            }
        case .list(let values) where !values.isEmpty:
            values.flatMap { value -> [String] in
                guard isBlock(value) else { return ["- \(flow(value))"] }
                let inner = lines(value)
                return ["- \(inner[0])"] + inner.dropFirst().map { "  " + $0 }
            }
        default: [flow(value)]
        }
    }

    /// Short lists of scalars stand in one line.
    private static func isBlock(_ value: DocumentValue) -> Bool {
        switch value {
        case .map(let members): !members.isEmpty
        case .list(let values): !values.isEmpty && !(values.allSatisfy(isScalar) && values.count <= 8)
        default: false
        }
    }

    private static func isScalar(_ value: DocumentValue) -> Bool {
        switch value {
        case .map, .list: false
        default: true
        }
    }

    private static func flow(_ value: DocumentValue) -> String {
        switch value {
        case .text(let text): word(text)
        case .list(let values): values.isEmpty ? "[]" : "[ \(values.map(flow).joined(separator: ", ")) ]"
        default: JSONText.line(value)
        }
    }

    /// Words that some version of YAML takes for truth values or nothing.
    private static let reserved: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    private static func word(_ text: String) -> String {
        guard let first = text.utf8.first, (97...122).contains(first | 0x20) || first == 95, !reserved.contains(text.lowercased()),
              text.utf8.allSatisfy({ (97...122).contains($0 | 0x20) || Digits.isDigit($0) || [45, 46, 47, 95].contains($0) }) else { return JSONText.line(.text(text)) }
        return text
    }
}

/// Writes JSON (RFC 8259).
enum JSONText {
    static func line(_ value: DocumentValue) -> String {
        var result = ""
        append(value, indentation: nil, &result)
        return result
    }

    static func text(_ value: DocumentValue) -> String {
        var result = ""
        append(value, indentation: "", &result)
        return result + "\n"
    }

    private static func append(_ value: DocumentValue, indentation: String?, _ result: inout String) {
        let inner = indentation.map { $0 + "  " }
        func separate(_ isFirst: Bool) {
            if !isFirst { result += inner == nil ? ", " : "," }
            if let inner { result += "\n" + inner }
        }
        switch value {
        case .null: result += "null"
        case .boolean(let flag): result += flag ? "true" : "false"
        case .integer(let number): result += String(number)
        case .decimal(let number): result += number.text
        case .text(let text): quote(text, &result)
        case .list(let values):
            result += "["
            for (index, value) in values.enumerated() {
                separate(index == 0)
                append(value, indentation: inner, &result)
            }
            if let indentation, !values.isEmpty { result += "\n" + indentation }
            result += "]"
        case .map(let members):
            result += "{"
            for (index, member) in members.enumerated() {
                separate(index == 0)
                quote(member.name, &result)
                result += ": "
                append(member.value, indentation: inner, &result)
            }
            if let indentation, !members.isEmpty { result += "\n" + indentation }
            result += "}"
        }
    }

    private static func quote(_ text: String, _ result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            // What YAML counts as unprintable or as the end of a line is escaped too.
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || [0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff].contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
