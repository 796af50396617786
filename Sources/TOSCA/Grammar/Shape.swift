/// What stands where in a service template, as a table that the reader, the writer and the documentation share.
indirect enum Shape: Sendable {
    /// A word or text, kept as it is written: names, descriptions, versions.
    case text
    case boolean
    /// A value that types, not the grammar, decide about; functions may stand in it.
    case value
    /// Two whole numbers or UNBOUNDED.
    case occurrences
    case list(Shape)
    /// Names and what each of them is.
    case map(Shape)
    /// A list of maps with one member each: names in an order that counts.
    case singles(Shape)
    /// A list in which one item may stand without brackets.
    case oneOrMore(Shape)
    case entity(Entity)
    /// Either a word or an entity; both are canonical.
    case word(or: Entity)
}

/// A part of a template with keys of its own.
struct Entity: Sendable {
    /// For people: `node template`.
    let title: String
    /// The key that a value stands for when it is written without keys.
    var short: String?
    /// Whether exports use the short notation when nothing but that key is there.
    var isWrittenShort = false
    var required: [String] = []
    let keys: [(name: String, shape: Shape)]
    /// The key of a map into which members move whose keys are no keys of the entity: how 1.0 to 1.2 write operations.
    var others: String?

    func shape(of key: String) -> Shape? { keys.first { $0.name == key }?.shape }
}
