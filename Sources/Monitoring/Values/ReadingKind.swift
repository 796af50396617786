public import Contracts
public import Primitives

/// How a metric's numbers are told to the contract.
public enum ReadingKind: Hashable, Sendable, BCSCodable {
    /// 1 or 0.
    case binary
    /// In units of which `scale` make one of the source's: 1,000 tells seconds as milliseconds.
    case gauge(scale: UInt32)
    /// The same for a counter.
    case counter(scale: UInt32)

    /// What is posted. A number that the contract cannot hold, or that does not suit the metric, is missing: it is never bent.
    public func reading(_ outcome: Outcome) -> Agreements.Reading {
        switch (self, outcome) {
        case (.binary, .value(.one)): .state(true)
        case (.binary, .value(.zero)): .state(false)
        case (.gauge(let scale), .value(let value)): Self.whole(value, scale).map { .value($0) } ?? .missing
        case (.counter(let scale), .counter(let from, let to)):
            if let from = Self.whole(from, scale), let to = Self.whole(to, scale) { .counter(Agreements.Count(from: from, to: to)) } else { .missing }
        default: .missing
        }
    }

    /// Rounded to the nearest, halves up.
    private static func whole(_ value: MeasuredValue, _ scale: UInt32) -> UInt64? {
        guard value.millionths >= 0 else { return nil }
        let product = UInt64(value.millionths).multipliedFullWidth(by: UInt64(scale))
        // Below 2^63 * 2^32 / 10^6, which may be more than 64 bits hold.
        guard product.high < 1_000_000 else { return nil }
        let (quotient, rest) = UInt64(1_000_000).dividingFullWidth(product)
        let (sum, overflow) = quotient.addingReportingOverflow(rest >= 500_000 ? 1 : 0)
        return overflow ? nil : sum
    }

    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .binary: encoder.encodeVariant(0)
        case .gauge(let scale):
            encoder.encodeVariant(1)
            encoder.encode(scale)
        case .counter(let scale):
            encoder.encodeVariant(2)
            encoder.encode(scale)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 3) {
        case 0: self = .binary
        case 1: self = .gauge(scale: try decoder.decode(UInt32.self))
        default: self = .counter(scale: try decoder.decode(UInt32.self))
        }
    }
}
