/// Where reports go: the chain, or in tests a record of them.
public protocol MeasurementSink: Sendable {
    /// Posts all of `reports`, in their order, or none; returns where they can be found. The same report may come twice, after a crash or an
    /// answer that was lost, and says the same.
    func post(_ reports: [Report]) async throws(SinkError) -> String
}

/// Why reports were not posted.
public struct SinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the same may be taken a little later. What is refused for good is not tried again.
    public let isPassing: Bool
    public let code: String
    public let text: String

    public init(isPassing: Bool, code: String, text: String) {
        self.isPassing = isPassing
        self.code = code
        self.text = text
    }

    public var description: String { "\(code): \(text)" }
}
