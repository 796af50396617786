import Execution
import Primitives

/// Reads what a contract says of itself in the comments of its source, `//!` at the beginning of a line, and makes its schema.
///
/// ```
/// //! contract counter: Counts.
/// //! call increment(by: u64) -> u64: Adds to the count and returns it.
/// //! payable call deposit(): Puts the attached value aside.
/// //! view count() -> u64: The count.
/// //! error 101 nothing_added: The amount to add is zero. | Add at least one.
/// //! event Incremented(by: u64, count: u64): The count has grown.
/// //! store 1 shares(address) -> u64: What each account has added.
/// ```
///
/// Types are the scalars of ``TypeSchema``, `bytes(N)` and `text(N)`. A text goes on in the next line when that begins with three blanks.
/// Code is generated from the same schema, so that a declaration without its function, or with another type, does not compile.
struct Declarations {
    /// The error that every contract of the kit has: generated code refuses arguments with it.
    static let malformed = ErrorSchema(
        code: 100, name: "arguments_malformed", text: "The arguments are not the encoding that the method's schema asks for, or longer than what they go to.",
        hint: "Encode the arguments in the order of the schema, and give no longer text than the contract keeps.")
    /// Bytes or text in one value; all of a method's arguments lie in memory.
    private static let sizeMax = 32_768
    /// Words of C or Swift that nothing can be called.
    private static let reserved: Set<String> = [
        "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float", "for", "goto", "if",
        "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union",
        "unsigned", "void", "volatile", "while", "bool", "true", "false", "main", "call", "func", "let", "var", "class", "self", "guard", "defer", "import",
        "in", "is", "as", "nil", "throw", "throws", "try", "catch", "where", "operator", "protocol", "extension", "subscript", "internal", "public", "private",
        "fileprivate", "repeat", "super", "any",
    ]

    private var name = "", documentation = ""
    private var methods: [MethodSchema] = [], errors = [Declarations.malformed], events: [EventSchema] = [], storage: [StorageSchema] = []

    /// The schema that `source` declares.
    static func schema(of source: String) throws(KitError) -> ContractSchema {
        var declarations = Declarations(), pending: (line: Int, text: String)?
        for (index, line) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where line.hasPrefix("//!") {
            let text = line.dropFirst(3)
            if text.hasPrefix("   "), let begun = pending {
                pending = (begun.line, begun.text + " " + text.trimmed)
            } else {
                if let pending { try declarations.add(pending.text, line: pending.line) }
                pending = (index + 1, text.trimmed)
            }
        }
        if let pending { try declarations.add(pending.text, line: pending.line) }
        guard !declarations.name.isEmpty else {
            throw KitError(.declarationMalformed, "the source does not say what the contract is called", next: "//! contract NAME: what it is for")
        }
        return ContractSchema(
            name: declarations.name, documentation: declarations.documentation, methods: declarations.methods, errors: declarations.errors,
            events: declarations.events, storage: declarations.storage)
    }

    private mutating func add(_ text: String, line: Int) throws(KitError) {
        var reader = DeclarationReader(text, line: line)
        let kind = try reader.word("contract, call, view, payable, error, event or store")
        switch kind {
        case "contract":
            guard name.isEmpty else { throw reader.failure("a source declares one contract") }
            name = try reader.word("the contract's name")
            documentation = try reader.documentation()
        case "payable":
            guard try reader.word("call") == "call" else { throw reader.failure("only a call can take a value") }
            try addMethod(&reader, .call, takesValue: true)
        case "call": try addMethod(&reader, .call, takesValue: false)
        case "view": try addMethod(&reader, .view, takesValue: false)
        case "error":
            let number = try reader.number("the error's code", atMost: Int(UInt32.max)), name = try reader.word("the error's name")
            guard number > 100, !errors.contains(where: { $0.code == number || $0.name == name }) else {
                throw reader.failure("codes of errors begin with 101, and each code and name is used once")
            }
            let parts = try reader.documentation().split(separator: "|", maxSplits: 1)
            errors.append(ErrorSchema(code: UInt32(number), name: try Self.checked(name, reader), text: parts.first.map(\.trimmed) ?? "", hint: parts.dropFirst().first.map(\.trimmed) ?? ""))
        case "event":
            let name = try Self.checked(try reader.word("the event's name"), reader), fields = try fields(&reader)
            guard !events.contains(where: { $0.name == name }) else { throw reader.failure("there is an event \(name) already") }
            events.append(EventSchema(name: name, documentation: try reader.documentation(), fields: fields))
        case "store": try addStorage(&reader)
        default: throw reader.failure("\(kind) is none of contract, call, view, payable call, error, event and store")
        }
    }

    private mutating func addMethod(_ reader: inout DeclarationReader, _ kind: MethodKind, takesValue: Bool) throws(KitError) {
        let name = try Self.checked(try reader.word("the method's name"), reader), arguments = try fields(&reader)
        guard !methods.contains(where: { $0.name == name }) else { throw reader.failure("there is a method \(name) already") }
        let result: TypeSchema = try reader.takes("->") ? type(&reader) : .nothing
        methods.append(MethodSchema(
            name: name, documentation: try reader.documentation(), kind: kind, takesValue: takesValue, arguments: arguments, result: result))
    }

    private mutating func addStorage(_ reader: inout DeclarationReader) throws(KitError) {
        let tag = try reader.number("the tag of the region, 0 to 255", atMost: 255), name = try Self.checked(try reader.word("the region's name"), reader)
        guard !storage.contains(where: { $0.tag == UInt8(tag) || $0.name == name }) else { throw reader.failure("each tag and name is used once") }
        var keys: [TypeSchema] = []
        if reader.takes("(") {
            repeat {
                let key = try type(&reader)
                guard Self.isKey(key) else { throw reader.failure("a key is an address, a digest, a key or an unsigned number of up to 64 bits") }
                keys.append(key)
            } while reader.takes(",")
            try reader.expect(")")
            guard keys.count <= 2 else { throw reader.failure("a key has one part or two") }
        }
        try reader.expect("->")
        let value = try type(&reader)
        storage.append(StorageSchema(
            tag: UInt8(tag), name: name, documentation: try reader.documentation(), key: keys.count == 2 ? Self.pair(keys[0], keys[1]) : keys.first, value: value))
    }

    private func fields(_ reader: inout DeclarationReader) throws(KitError) -> [FieldSchema] {
        try reader.expect("(")
        var fields: [FieldSchema] = []
        if reader.takes(")") { return fields }
        repeat {
            let name = try Self.checked(try reader.word("a name"), reader)
            guard !fields.contains(where: { $0.name == name }) else { throw reader.failure("\(name) stands twice") }
            try reader.expect(":")
            fields.append(FieldSchema(name: name, documentation: "", type: try type(&reader)))
        } while reader.takes(",")
        try reader.expect(")")
        return fields
    }

    private func type(_ reader: inout DeclarationReader) throws(KitError) -> TypeSchema {
        let name = try reader.word("a type")
        if name == "bytes" || name == "text" {
            try reader.expect("(")
            let size = try reader.number("how many bytes at most", atMost: Self.sizeMax)
            try reader.expect(")")
            return name == "bytes" ? .bytes(max: size) : .text(max: size)
        }
        guard let scalar = TypeSchema.Scalar(rawValue: name) else {
            throw reader.failure("\(name) is no type; there are \(TypeSchema.Scalar.allCases.map(\.rawValue).joined(separator: ", ")), bytes(N) and text(N)")
        }
        return .scalar(scalar)
    }

    private static func isKey(_ type: TypeSchema) -> Bool {
        guard case .scalar(let scalar) = type else { return false }
        switch scalar {
        case .bool, .u128, .amount, .signature, .vrfProof: return false
        default: return true
        }
    }

    /// The same form as that of a pair in a contract in Swift.
    private static func pair(_ first: TypeSchema, _ second: TypeSchema) -> TypeSchema {
        .record(name: "KeyPair", [
            FieldSchema(name: "first", documentation: "Sorts first.", type: first), FieldSchema(name: "second", documentation: "Sorts among equal firsts.", type: second),
        ])
    }

    private static func checked(_ name: String, _ reader: DeclarationReader) throws(KitError) -> String {
        guard !reserved.contains(name), name.utf8.count <= 64 else { throw reader.failure("nothing can be called \(name)") }
        return name
    }
}

/// Takes one declaration apart.
private struct DeclarationReader {
    private let line: Int
    private var rest: Substring

    init(_ text: String, line: Int) {
        rest = Substring(text)
        self.line = line
    }

    func failure(_ reason: String) -> KitError { KitError(.declarationMalformed, "line \(line): \(reason)") }

    mutating func takes(_ mark: String) -> Bool {
        skipBlanks()
        guard rest.hasPrefix(mark) else { return false }
        rest.removeFirst(mark.count)
        return true
    }

    mutating func expect(_ mark: String) throws(KitError) {
        guard takes(mark) else { throw failure("\(mark) is missing before \(rest.isEmpty ? "the end" : String(rest.prefix(20)))") }
    }

    mutating func word(_ what: String) throws(KitError) -> String {
        skipBlanks()
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = word.first, first.isLetter else { throw failure("\(what) is missing before \(rest.isEmpty ? "the end" : String(rest.prefix(20)))") }
        rest.removeFirst(word.count)
        return String(word)
    }

    mutating func number(_ what: String, atMost most: Int) throws(KitError) -> Int {
        skipBlanks()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number <= most else { throw failure("\(what) must be a number up to \(most)") }
        rest.removeFirst(digits.count)
        return number
    }

    /// What follows the last colon; the line ends with it.
    mutating func documentation() throws(KitError) -> String {
        try expect(":")
        let text = rest.trimmed
        guard !text.isEmpty, text.utf8.count <= 4_096 else { throw failure("a sentence that says what it is for is missing, or longer than 4096 bytes") }
        return text
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\t" } }
}

extension StringProtocol {
    /// Without blanks at both ends.
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop { $0.isWhitespace })
    }
}
