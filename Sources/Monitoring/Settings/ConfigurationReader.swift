import Foundation
public import Primitives
import Yams

/// A value of a file with its place, from which fields are taken one by one; what is left over at the end is refused. Files of monitors are read
/// with it, and so are other files that people write.
public struct ConfigurationReader {
    public let key: String
    private let line: Int?
    private let fields: [String: Field]
    private var taken: Set<String> = []

    /// The map at the top of a file.
    ///
    /// - Parameter example: what an empty file should have.
    public static func file(_ text: String, example: String) throws(MonitorConfigurationError) -> ConfigurationReader {
        guard text.utf8.count <= MonitoringLimits.configurationBytesMax else {
            throw MonitorConfigurationError("", "has \(text.utf8.count) bytes", "a configuration has at most \(MonitoringLimits.configurationBytesMax)")
        }
        // An alias can stand for more than the file holds.
        guard !hasAlias(text) else {
            throw MonitorConfigurationError("", "uses anchors or aliases", "write repeated values out")
        }
        let root: Node?
        do { root = try Yams.Parser(yaml: text, encoding: .utf8).singleRoot() } catch {
            throw MonitorConfigurationError("", "is not YAML: \(SourceError.words("\(error)".utf8))", "mend it there; indentation and missing quotes are the usual reasons")
        }
        guard let root else { throw MonitorConfigurationError("", "is empty", "write \(example)") }
        return try ConfigurationReader(root, "")
    }

    /// Whether `&` or `*` with a name behind it stands where a value begins: at the start of a line, or behind what opens or divides values.
    private static func hasAlias(_ text: String) -> Bool {
        var isOpen = true, before: UInt8 = 0x0a
        for byte in text.utf8 {
            if before == UInt8(ascii: "&") || before == UInt8(ascii: "*") {
                if isOpen, byte > 0x20 { return true }
                isOpen = false
            }
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "*"): break
            case 0x20, 0x09: isOpen = isOpen || before == UInt8(ascii: "?")
            default: isOpen = "\n\r:-[,{".utf8.contains(byte)
            }
            before = byte
        }
        return false
    }

    private init(_ node: Node, _ key: String) throws(MonitorConfigurationError) {
        let line = node.mark?.line
        guard case .mapping(let mapping) = node else { throw MonitorConfigurationError(key, "is no map", "write `name: value` lines below it", line: line) }
        var fields: [String: Field] = [:]
        for (name, value) in mapping {
            let line = name.mark?.line
            guard let name = name.scalar?.string else { throw MonitorConfigurationError(key, "has a key that is no word", "use names as keys", line: line) }
            guard fields.updateValue(Field(value: value, line: line), forKey: name) == nil else {
                throw MonitorConfigurationError(key, "has `\(name)` twice", "remove one of the two", line: line)
            }
        }
        self.line = line
        self.key = key
        self.fields = fields
    }

    /// A value with the line of its name.
    private struct Field {
        let value: Node
        let line: Int?
    }

    private func path(_ name: String) -> String { key.isEmpty ? name : key + "." + name }

    public func error(_ name: String, _ text: String, _ remedy: String) -> MonitorConfigurationError {
        MonitorConfigurationError(path(name), text, remedy, line: fields[name]?.line ?? line)
    }

    /// Refuses what nobody has asked for.
    public func finish() throws(MonitorConfigurationError) {
        guard let unknown = fields.keys.filter({ !taken.contains($0) }).min() else { return }
        throw error(unknown, "is not known here", "use one of: \(taken.sorted().joined(separator: ", "))")
    }

    public var names: [String] { fields.keys.sorted() }
    public func has(_ name: String) -> Bool { fields[name] != nil }
    /// Whether a value stands in quotes, which makes it a text whatever it looks like.
    public func isQuoted(_ name: String) -> Bool {
        guard let scalar = fields[name]?.value.scalar else { return false }
        return scalar.style != .plain
    }

    // ── Fields ──

    public mutating func text(_ name: String) throws(MonitorConfigurationError) -> String? {
        taken.insert(name)
        guard let node = fields[name]?.value else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else { throw error(name, "is no text", "write one value behind the colon") }
        guard text.utf8.count <= 4_096, text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw error(name, "is too long, or holds control characters", "write one line of at most 4096 bytes")
        }
        return text
    }

    public mutating func text(_ name: String, example: String) throws(MonitorConfigurationError) -> String {
        guard let text = try text(name) else { throw error(name, "is missing", "write `\(name): \(example)`") }
        return text
    }

    public mutating func number(_ name: String, in range: ClosedRange<UInt64>) throws(MonitorConfigurationError) -> UInt64? {
        guard let text = try text(name) else { return nil }
        guard let number = UInt64(text), range.contains(number) else {
            throw error(name, "is `\(text)`", "write a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public mutating func number(_ name: String, in range: ClosedRange<UInt64>, example: UInt64) throws(MonitorConfigurationError) -> UInt64 {
        guard let number = try number(name, in: range) else { throw error(name, "is missing", "write `\(name): \(example)`") }
        return number
    }

    public mutating func word<Word: CaseIterable & RawRepresentable<String>>(_ name: String, _ type: Word.Type) throws(MonitorConfigurationError) -> Word? {
        guard let text = try text(name) else { return nil }
        guard let word = Word.allCases.first(where: { $0.rawValue == text }) else {
            throw error(name, "is `\(text)`", "write one of: \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    public mutating func time(_ name: String) throws(MonitorConfigurationError) -> Timestamp {
        let text = try text(name, example: "2026-12-01T00:00:00Z")
        guard let time = SourceTime.read(text) else { throw error(name, "is `\(text)`", "write a time in UTC, such as 2026-12-01T00:00:00Z") }
        return time
    }

    /// The address of a server.
    public mutating func url(_ name: String, example: String) throws(MonitorConfigurationError) -> String {
        let text = try text(name, example: example)
        return try checkedURL(text, name, example)
    }

    func checkedURL(_ text: String, _ name: String, _ example: String) throws(MonitorConfigurationError) -> String {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme), let host = url.host, !host.isEmpty else {
            throw error(name, "is `\(text)`", "write an address such as \(example)")
        }
        guard url.user == nil, url.password == nil else { throw error(name, "holds a user or a password", "keep secrets in variables or files, and name these") }
        return text
    }

    public mutating func map(_ name: String) throws(MonitorConfigurationError) -> ConfigurationReader? {
        taken.insert(name)
        guard let node = fields[name]?.value else { return nil }
        return try ConfigurationReader(node, path(name))
    }

    public mutating func list(_ name: String, max: Int) throws(MonitorConfigurationError) -> [ConfigurationReader] {
        var readers: [ConfigurationReader] = []
        for (number, node) in try nodes(name, max: max).enumerated() { readers.append(try ConfigurationReader(node, "\(path(name))[\(number)]")) }
        return readers
    }

    public mutating func texts(_ name: String, max: Int) throws(MonitorConfigurationError) -> [String] {
        var texts: [String] = []
        for node in try nodes(name, max: max) {
            guard let text = node.scalar?.string else { throw error(name, "holds what is no text", "write a list of texts") }
            texts.append(text)
        }
        return texts
    }

    private mutating func nodes(_ name: String, max: Int) throws(MonitorConfigurationError) -> [Node] {
        taken.insert(name)
        guard let node = fields[name]?.value else { return [] }
        guard case .sequence(let sequence) = node, sequence.count <= max else {
            throw error(name, "is no list, or one of more than \(max)", "write `- ` before each of at most \(max) entries")
        }
        return Array(sequence)
    }

    /// Names with texts, sorted by the names.
    public mutating func pairs(_ name: String, max: Int) throws(MonitorConfigurationError) -> [(name: String, value: String)] {
        guard var map = try map(name) else { return [] }
        guard map.names.count <= max else { throw error(name, "has \(map.names.count) entries", "write at most \(max)") }
        var pairs: [(name: String, value: String)] = []
        for name in map.names { pairs.append((name, try map.text(name, example: "value"))) }
        return pairs
    }

    /// `{env: NAME}` or `{file: PATH}`.
    mutating func secret(_ name: String) throws(MonitorConfigurationError) -> SecretPlace? {
        guard has(name) else {
            taken.insert(name)
            return nil
        }
        let remedy = "write `\(name): {env: VARIABLE}` or `\(name): {file: PATH}`; the secret itself does not belong here"
        guard case .mapping? = fields[name]?.value, var place = try map(name) else { throw error(name, "is not where a secret is kept", remedy) }
        let variable = try place.text("env"), file = try place.text("file")
        try place.finish()
        switch (variable, file) {
        case (let variable?, nil): return .environment(variable)
        case (nil, let file?): return .file(file)
        default: throw error(name, "names both a variable and a file, or neither", remedy)
        }
    }

    mutating func requiredSecret(_ name: String) throws(MonitorConfigurationError) -> SecretPlace {
        guard let place = try secret(name) else { throw error(name, "is missing", "write `\(name): {env: VARIABLE}` or `\(name): {file: PATH}`") }
        return place
    }
}
