/// A value as JSON knows it, for those who learn the types at run time from a schema: command lines, forms, explorers.
///
/// Numbers are kept as text where JSON's own are not exact; see ``SchemaCodec`` for what each type looks like.
public enum DynamicValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(UInt64)
    case text(String)
    case list([DynamicValue])
    /// In the order of the schema; names are distinct.
    case object([Member])

    public struct Member: Hashable, Sendable {
        public let name: String
        public let value: DynamicValue

        public init(_ name: String, _ value: DynamicValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member called `name` of an object.
    public subscript(name: String) -> DynamicValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}

extension DynamicValue: Codable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .text(let value): try value.encode(to: encoder)
        case .list(let values): try values.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: Name.self)
            for member in members { try container.encode(member.value, forKey: Name(stringValue: member.name)) }
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Name.self) {
            self = .object(try container.allKeys.map { Member($0.stringValue, try container.decode(DynamicValue.self, forKey: $0)) }
                .sorted { $0.name < $1.name })
        } else if let list = try? [DynamicValue](from: decoder) {
            self = .list(list)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(UInt64.self) {
                self = .number(value)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }
}
