import Execution

/// YAML 1.2 in blocks. Texts are quoted as in JSON, which YAML reads alike, unless they are plain words: then nothing can take a text
/// for a number or a truth value.
enum YAMLWriter {
    static func text(_ value: DynamicValue) -> String {
        switch value {
        case .list(let values) where !values.isEmpty: lines(value).joined(separator: "\n") + (values.isEmpty ? "" : "\n")
        default: lines(value).joined(separator: "\n") + "\n"
        }
    }

    private static func lines(_ value: DynamicValue) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty:
            members.flatMap { member -> [String] in
                let key = word(member.name)
                if isBlock(member.value) { return ["\(key):"] + lines(member.value).map { "  " + $0 } }
                return ["\(key): \(scalar(member.value))"]
            }
        case .list(let values) where !values.isEmpty:
            values.flatMap { value -> [String] in
                guard isBlock(value) else { return ["- \(scalar(value))"] }
                let inner = lines(value)
                return ["- \(inner[0])"] + inner.dropFirst().map { "  " + $0 }
            }
        default: [scalar(value)]
        }
    }

    private static func isBlock(_ value: DynamicValue) -> Bool {
        switch value {
        case .object(let members): !members.isEmpty
        case .list(let values): !values.isEmpty
        default: false
        }
    }

    private static func scalar(_ value: DynamicValue) -> String {
        if case .text(let text) = value { return word(text) }
        return PrettyJSON.line(value)
    }

    private static let reserved: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.first.map { (97...122).contains($0 | 0x20) } ?? false
            && text.utf8.allSatisfy { (97...122).contains($0 | 0x20) || (48...57).contains($0) || $0 == 45 || $0 == 95 || $0 == 46 }
            && !reserved.contains(text.lowercased())
        return isPlain ? text : PrettyJSON.line(.text(text))
    }
}
