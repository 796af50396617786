/// A value that JSON shows as text, with a form of its own: an amount, an address, a time, bytes.
public protocol TextValue: Codable, Hashable, Sendable, SelfDescribing, CustomStringConvertible {
    init?(text: String)
    var text: String { get }
    /// What the text must be, for whoever wrote another one.
    static var expectation: String { get }
}

extension TextValue {
    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be \(Self.expectation)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A word of a fixed list.
public protocol WordValue: RawRepresentable, CaseIterable, Codable, Hashable, Sendable, SelfDescribing where RawValue == String {}

extension WordValue {
    public static var schema: JSONSchema { .words(allCases.map(\.rawValue)) }
    public static var sample: Self { allCases[allCases.startIndex] }
}
