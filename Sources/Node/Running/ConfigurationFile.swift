import Execution
public import Foundation
import Primitives

/// The settings of a node as a JSON file: an object for each group, in which every setting may be left out.
///
/// ```json
/// {
///   "network": { "listen": "0.0.0.0:26650", "persistentPeers": ["5c…@seed.example:26650"] },
///   "storage": { "retainedBlocks": 100000, "retainedStates": "all" }
/// }
/// ```
public struct ConfigurationFile: Sendable {
    /// The file's name in a node's home.
    public static let name = "node.json"
    /// Bytes of a file; more is not a list of settings.
    public static let bytesMax = 256 * 1024

    /// What the file says, as text, by key.
    private var values: [String: String] = [:]

    public init() {}

    public init(json: Data, path: String) throws(ConfigurationError) {
        let origin = ConfigurationOrigin.file(path)
        func malformed(_ reason: String) -> ConfigurationError {
            ConfigurationError(.fileMalformed, "\(path): \(reason)", remedy: "Write settings as in {\"log\": {\"level\": \"info\"}}, or with trellis config set.")
        }
        guard json.count <= Self.bytesMax else { throw malformed("is larger than \(Self.bytesMax) bytes") }
        let document: DynamicValue
        do { document = try JSONDecoder().decode(DynamicValue.self, from: json) } catch { throw malformed("is not JSON") }
        guard case .object(let groups) = document else { throw malformed("is not a JSON object") }
        for group in groups {
            guard case .object(let settings) = group.value else {
                _ = try ConfigurationKey.named(group.name, from: origin)
                throw malformed("\(group.name) is not an object")
            }
            for setting in settings {
                let key = try ConfigurationKey.named("\(group.name).\(setting.name)", from: origin)
                guard let text = Self.text(setting.value) else { throw key.refusal(of: "\(setting.value)", from: origin) }
                values[key.name] = text
            }
        }
        // A value that does not fit is told at once, and not when somebody uses it.
        var configuration = NodeConfiguration(home: "")
        try apply(to: &configuration, path: path) { _ in }
    }

    /// Reads a file; one that does not exist says nothing.
    public init(at path: String) throws(ConfigurationError) {
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            return
        }
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ConfigurationError(.fileInaccessible, "\(path) cannot be read", remedy: "Check that the file is yours: ls -l \(path)")
        }
        try self.init(json: data, path: path)
    }

    func apply(to configuration: inout NodeConfiguration, path: String, used: (ConfigurationKey) -> Void) throws(ConfigurationError) {
        for key in ConfigurationKey.all {
            guard let text = values[key.name] else { continue }
            try key.set(&configuration, text, from: .file(path))
            used(key)
        }
    }

    /// Sets what a flag `key=value` says; `key=` takes a setting out of the file.
    public mutating func set(_ flag: String) throws(ConfigurationError) {
        let (key, text) = try ConfigurationKey.flag(flag)
        if text.isEmpty, key.shape != .list {
            values[key.name] = nil
            return
        }
        var configuration = NodeConfiguration(home: "")
        try key.set(&configuration, text, from: .flag)
        values[key.name] = text
    }

    public func write(to path: String) throws(ConfigurationError) {
        do { try Data(json.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw ConfigurationError(.fileInaccessible, "\(path) cannot be written", remedy: "Check that the directory exists and is yours.")
        }
    }

    /// The file's text: settings in the order of the table.
    public var json: String {
        var groups: [(name: String, lines: [String])] = []
        for key in ConfigurationKey.all {
            guard let text = values[key.name], let dot = key.name.firstIndex(of: ".") else { continue }
            let group = String(key.name[..<dot]), setting = key.name[key.name.index(after: dot)...]
            if groups.last?.name != group { groups.append((group, [])) }
            groups[groups.count - 1].lines.append("    \"\(setting)\": \(key.json(text))")
        }
        if groups.isEmpty { return "{}\n" }
        return "{\n" + groups.map { "  \"\($0.name)\": {\n" + $0.lines.joined(separator: ",\n") + "\n  }" }.joined(separator: ",\n") + "\n}\n"
    }

    /// A JSON value as variables and flags write it.
    private static func text(_ value: DynamicValue) -> String? {
        switch value {
        case .null: "none"
        case .bool(let flag): String(flag)
        case .number(let number): String(number)
        case .text(let text): text
        case .list(let values):
            // A comma in an element would make two of it.
            values.allSatisfy({ if case .text(let text) = $0 { !text.contains(",") } else { false } })
                ? values.map { if case .text(let text) = $0 { text } else { "" } }.joined(separator: ",") : nil
        case .object: nil
        }
    }
}

extension ConfigurationKey {
    func set(_ configuration: inout NodeConfiguration, _ text: String, from origin: ConfigurationOrigin) throws(ConfigurationError) {
        guard read(&configuration, text) else { throw refusal(of: text, from: origin) }
    }

    func refusal(of value: String, from origin: ConfigurationOrigin) -> ConfigurationError {
        ConfigurationError(
            .valueInvalid, "\(origin): \(name) is \(value.isEmpty ? "empty" : value.prefix(200).description), but must be \(expectation)",
            remedy: "The default is \(standard.isEmpty ? "an empty list" : standard).")
    }

    /// Takes `key=value` apart.
    static func flag(_ text: String) throws(ConfigurationError) -> (ConfigurationKey, String) {
        guard let equals = text.firstIndex(of: "=") else {
            throw ConfigurationError(.flagMalformed, "\(text) is not key=value", remedy: "Write it as in log.level=debug.")
        }
        return (try named(String(text[..<equals]), from: .flag), String(text[text.index(after: equals)...]))
    }

    fileprivate func json(_ text: String) -> String {
        func quoted(_ text: some StringProtocol) -> String {
            // Forms hold letters, digits and punctuation; these two are what JSON would mind.
            "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
        }
        return switch shape {
        case .text: quoted(text)
        case .number: UInt64(text) != nil ? text : quoted(text)
        case .bool: text
        case .list: "[" + text.split(separator: ",").map { quoted($0.trimmingCharacters(in: .whitespaces)) }.joined(separator: ", ") + "]"
        }
    }
}
