/// The JSON that wast2json writes.
struct CommandFile: Decodable {
    let commands: [Command]
}

struct Command: Decodable {
    let type: String
    let line: Int
    let filename: String?
    let name: String?
    let registeredAs: String?
    let moduleType: String?
    let text: String?
    let action: Action?
    let expected: [Value]?

    enum CodingKeys: String, CodingKey {
        case type, line, filename, name, text, action, expected
        case registeredAs = "as"
        case moduleType = "module_type"
    }
}

struct Action: Decodable {
    let type: String
    let module: String?
    let field: String
    let args: [Value]?
}

/// A number as decimal digits of its unsigned value.
struct Value: Decodable {
    let type: String
    let value: String?

    /// The value as a slot; nil for references.
    var slot: UInt64? { type == "i32" || type == "i64" ? value.flatMap { UInt64($0) } : nil }
}
