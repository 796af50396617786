public import Execution
import Foundation

/// Words that people type as values of contracts, by their types.
public enum ArgumentText {
    /// A word as its type wants it; what does not fit is told by the codec. Records and choices are JSON, lists are JSON or words with
    /// commas between, and nothing or `none` is no value.
    public static func value(_ text: String, _ type: TypeSchema) -> DynamicValue {
        switch type {
        case .scalar(.bool): return Bool(text).map { .bool($0) } ?? .text(text)
        case .scalar, .text, .bytes, .fixedBytes: return .text(text)
        case .option(let wrapped): return text.isEmpty || text == "none" ? .null : value(text, wrapped)
        case .list(let element, _):
            if text.hasPrefix("["), let list = json(text) { return list }
            return .list(text.split(separator: ",").map { value(String($0), element) })
        case .record, .choice:
            if text.hasPrefix("{"), let object = json(text) { return object }
            return .text(text)
        case .nothing: return .null
        }
    }

    private static func json(_ text: String) -> DynamicValue? { try? JSONDecoder().decode(DynamicValue.self, from: Data(text.utf8)) }
}
