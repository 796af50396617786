/// What is wrong with a file that people write: where, what, and what to write instead.
public struct MonitorConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public static let code = "monitor.configuration"

    /// The key as a path, `watches[0].source.http.url`.
    public let key: String
    public let text: String
    public let remedy: String
    /// Where in the file, from 1; nil for what is not in it.
    public let line: Int?

    init(_ key: String, _ text: String, _ remedy: String, line: Int? = nil) {
        self.line = line
        self.key = key
        self.text = text
        self.remedy = remedy
    }

    /// Which value of which line.
    public var place: String { (line.map { "line \($0): " } ?? "") + (key.isEmpty ? "the file" : "`\(key)`") }

    public var description: String { "\(Self.code): \(place) \(text); \(remedy)" }
}
