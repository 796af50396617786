/// The JSON form of a type: `{"type": "u64"}`, `{"type": "list", "of": …, "max": 16}`,
/// `{"type": "record", "name": …, "fields": […]}` and so on; `Genesis/contract-schema.json` is its JSON Schema.
extension TypeSchema: Codable {
    private enum Key: String, CodingKey { case type, of, max, size, name, fields, cases }
    /// Schemas nest as deep as BCS does; a deployed contract's schema is a stranger's.
    private static let depthMax = 32

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .scalar(let scalar): try container.encode(scalar.rawValue, forKey: .type)
        case .fixedBytes(let size):
            try container.encode("fixedBytes", forKey: .type)
            try container.encode(size, forKey: .size)
        case .bytes(let max):
            try container.encode("bytes", forKey: .type)
            try container.encode(max, forKey: .max)
        case .text(let max):
            try container.encode("text", forKey: .type)
            try container.encode(max, forKey: .max)
        case .option(let wrapped):
            try container.encode("option", forKey: .type)
            try container.encode(wrapped, forKey: .of)
        case .list(let element, let max):
            try container.encode("list", forKey: .type)
            try container.encode(element, forKey: .of)
            try container.encode(max, forKey: .max)
        case .record(let name, let fields):
            try container.encode("record", forKey: .type)
            try container.encode(name, forKey: .name)
            try container.encode(fields, forKey: .fields)
        case .choice(let name, let cases):
            try container.encode("choice", forKey: .type)
            try container.encode(name, forKey: .name)
            try container.encode(cases, forKey: .cases)
        case .nothing: try container.encode("nothing", forKey: .type)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func refuse(_ key: Key, _ reason: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
        }
        func size(_ key: Key) throws -> Int {
            let value = try container.decode(Int.self, forKey: key)
            guard (0...1 << 24).contains(value) else { throw refuse(key, "a size must be from 0 to 2^24") }
            return value
        }
        let type = try container.decode(String.self, forKey: .type)
        guard decoder.codingPath.count <= 2 * Self.depthMax else { throw refuse(.type, "types are nested too deep") }
        switch type {
        case "fixedBytes": self = .fixedBytes(try size(.size))
        case "bytes": self = .bytes(max: try size(.max))
        case "text": self = .text(max: try size(.max))
        case "option": self = .option(try container.decode(TypeSchema.self, forKey: .of))
        case "list": self = .list(of: try container.decode(TypeSchema.self, forKey: .of), max: try size(.max))
        case "record":
            self = .record(name: try container.decode(String.self, forKey: .name), try container.decode([FieldSchema].self, forKey: .fields))
        case "choice":
            self = .choice(name: try container.decode(String.self, forKey: .name), try container.decode([CaseSchema].self, forKey: .cases))
        case "nothing": self = .nothing
        default:
            guard let scalar = Scalar(rawValue: type) else { throw refuse(.type, "\(type) is not a type") }
            self = .scalar(scalar)
        }
    }
}
