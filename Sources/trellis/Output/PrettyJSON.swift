import Execution
import Interface

/// JSON with an indentation of two, members in their order.
enum PrettyJSON {
    static func text(_ value: DynamicValue) -> String {
        var result = ""
        append(value, "", &result)
        return result
    }

    /// Without blanks, in one line.
    static func line(_ value: DynamicValue) -> String { String(decoding: JSONWriter.bytes(value), as: UTF8.self) }

    private static func append(_ value: DynamicValue, _ indentation: String, _ result: inout String) {
        let inner = indentation + "  "
        switch value {
        case .list(let values) where !values.isEmpty:
            result += "["
            for (place, value) in values.enumerated() {
                result += (place == 0 ? "\n" : ",\n") + inner
                append(value, inner, &result)
            }
            result += "\n\(indentation)]"
        case .object(let members) where !members.isEmpty:
            result += "{"
            for (place, member) in members.enumerated() {
                result += (place == 0 ? "\n" : ",\n") + inner + line(.text(member.name)) + ": "
                append(member.value, inner, &result)
            }
            result += "\n\(indentation)}"
        default: result += line(value)
        }
    }
}
