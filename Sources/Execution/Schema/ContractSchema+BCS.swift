public import Primitives

// Schemas in Binary Canonical Serialization, as deployed code carries them. The JSON form is made from this one at the edge.
// A schema comes from a stranger: every text, list and depth has its bound, what callers name is an identifier and stands once in its
// list, so that nobody takes one thing for another, and elements of lists take bytes, so that a value is not much more than its encoding.

extension ContractSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(UInt8(version))
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encode(methods)
        encoder.encode(errors)
        encoder.encode(events)
        encoder.encode(storage)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        guard try decoder.decode(UInt8.self) == 1 else { throw decoder.refuse("a schema of an unknown version") }
        self.init(
            name: try decoder.schemaName(), documentation: try decoder.schemaText(),
            methods: try decoder.schemaItems(of: MethodSchema.self) { $0.name },
            errors: try decoder.schemaItems(of: ErrorSchema.self) { $0.name },
            events: try decoder.schemaItems(of: EventSchema.self) { $0.name },
            storage: try decoder.schemaItems(of: StorageSchema.self) { $0.name })
    }
}

extension MethodSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encodeVariant(kind == .call ? 0 : kind == .view ? 1 : 2)
        encoder.encode(takesValue)
        encoder.encode(arguments)
        encoder.encode(result)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(
            name: try decoder.schemaIdentifier(), documentation: try decoder.schemaText(),
            kind: [.call, .view, .hook][try decoder.decodeVariant(count: 3)], takesValue: try decoder.decode(Bool.self),
            arguments: try decoder.schemaItems(of: FieldSchema.self) { $0.name }, result: try decoder.decode(TypeSchema.self))
    }
}

extension ErrorSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(code)
        encoder.encode(name)
        encoder.encode(text)
        encoder.encode(hint)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(
            code: try decoder.decode(UInt32.self), name: try decoder.schemaIdentifier(), text: try decoder.schemaText(), hint: try decoder.schemaText())
    }
}

extension EventSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encode(fields)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(
            name: try decoder.schemaIdentifier(), documentation: try decoder.schemaText(),
            fields: try decoder.schemaItems(of: FieldSchema.self) { $0.name })
    }
}

extension StorageSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(tag)
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encode(key)
        encoder.encode(value)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(
            tag: try decoder.decode(UInt8.self), name: try decoder.schemaIdentifier(), documentation: try decoder.schemaText(),
            key: try decoder.decodeOption(TypeSchema.self), value: try decoder.decode(TypeSchema.self))
    }
}

extension FieldSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encode(type)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(name: try decoder.schemaIdentifier(), documentation: try decoder.schemaText(), type: try decoder.decode(TypeSchema.self))
    }
}

extension CaseSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(name)
        encoder.encode(documentation)
        encoder.encode(type)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(name: try decoder.schemaIdentifier(), documentation: try decoder.schemaText(), type: try decoder.decodeOption(TypeSchema.self))
    }
}

extension TypeSchema: BCSCodable {
    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .scalar(let scalar):
            encoder.encodeVariant(0)
            encoder.encode(scalar.rawValue)
        case .fixedBytes(let size):
            encoder.encodeVariant(1)
            encoder.encode(UInt32(size))
        case .bytes(let max):
            encoder.encodeVariant(2)
            encoder.encode(UInt32(max))
        case .text(let max):
            encoder.encodeVariant(3)
            encoder.encode(UInt32(max))
        case .option(let wrapped):
            encoder.encodeVariant(4)
            encoder.encode(wrapped)
        case .list(let element, let max):
            encoder.encodeVariant(5)
            encoder.encode(element)
            encoder.encode(UInt32(max))
        case .record(let name, let fields):
            encoder.encodeVariant(6)
            encoder.encode(name)
            encoder.encode(fields)
        case .choice(let name, let cases):
            encoder.encodeVariant(7)
            encoder.encode(name)
            encoder.encode(cases)
        case .nothing: encoder.encodeVariant(8)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self = try decoder.nested { decoder throws(BCSError) in
            switch try decoder.decodeVariant(count: 9) {
            case 0:
                guard let scalar = Scalar(rawValue: try decoder.schemaName()) else { throw decoder.refuse("an unknown scalar type") }
                return .scalar(scalar)
            case 1: return .fixedBytes(try decoder.schemaSize())
            case 2: return .bytes(max: try decoder.schemaSize())
            case 3: return .text(max: try decoder.schemaSize())
            case 4: return .option(try decoder.decode(TypeSchema.self))
            case 5:
                let element = try decoder.decode(TypeSchema.self)
                guard element.takesBytes else { throw decoder.refuse("a list in a schema whose elements take no bytes") }
                return .list(of: element, max: try decoder.schemaSize())
            case 6:
                return .record(name: try decoder.schemaName(), try decoder.schemaItems(of: FieldSchema.self) { $0.name })
            case 7:
                return .choice(name: try decoder.schemaName(), try decoder.schemaItems(of: CaseSchema.self) { $0.name })
            default: return .nothing
            }
        }
    }
}

extension TypeSchema {
    /// Whether each of its values has at least one byte.
    private var takesBytes: Bool {
        switch self {
        case .nothing: false
        case .fixedBytes(let size): size > 0
        case .record(_, let fields): fields.contains { $0.type.takesBytes }
        case .scalar, .bytes, .text, .option, .list, .choice: true
        }
    }
}

extension BCSDecoder {
    fileprivate static let schemaNameBytesMax = 64
    fileprivate static let schemaTextBytesMax = 4_096
    fileprivate static let schemaItemsMax = 256
    fileprivate static let schemaSizeMax = 1 << 24

    fileprivate mutating func schemaName() throws(BCSError) -> String {
        let name = try decodeText(limit: BCSDecoder.schemaNameBytesMax)
        if name.isEmpty { throw refuse("an empty name in a schema") }
        return name
    }

    /// A letter, then letters, digits and underscores, of ASCII: texts that differ in their bytes and not to Swift do not occur.
    fileprivate mutating func schemaIdentifier() throws(BCSError) -> String {
        let name = try schemaName()
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard name.utf8.first.map(isLetter) == true, name.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }) else {
            throw refuse("a name in a schema that is no identifier of ASCII")
        }
        return name
    }

    fileprivate mutating func schemaItems<Item: BCSCodable>(of _: Item.Type, name: (Item) -> String) throws(BCSError) -> [Item] {
        let items = try decodeSequence(of: Item.self, limit: BCSDecoder.schemaItemsMax)
        var names: Set<String> = []
        for item in items where !names.insert(name(item)).inserted { throw refuse("a name twice in a list of a schema") }
        return items
    }

    fileprivate mutating func schemaText() throws(BCSError) -> String { try decodeText(limit: BCSDecoder.schemaTextBytesMax) }

    fileprivate mutating func schemaSize() throws(BCSError) -> Int {
        let size = Int(try decode(UInt32.self))
        guard size <= BCSDecoder.schemaSizeMax else { throw refuse("a size in a schema above 2^24") }
        return size
    }
}
