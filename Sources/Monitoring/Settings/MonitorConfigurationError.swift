/// What is wrong with a configuration: where, what, and what to write instead.
public struct MonitorConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public static let code = "monitor.configuration"

    /// The key as a path, `watches[0].source.http.url`.
    public let key: String
    public let text: String
    public let remedy: String

    init(_ key: String, _ text: String, _ remedy: String) {
        self.key = key
        self.text = text
        self.remedy = remedy
    }

    public var description: String { "\(Self.code): \(key.isEmpty ? "the file" : "`\(key)`") \(text); \(remedy)" }
}
