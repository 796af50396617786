/// Counters of the chain. Each is its own type, so that a view is never passed where a height is meant.
/// They are 64 bits wide; at a thousand blocks a second a height overflows after 584 million years, therefore
/// `successor` traps instead of wrapping. A counter read from a peer must be bounded by the reader.
public protocol Counter: Hashable, Comparable, Sendable, BCSCodable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    var rawValue: UInt64 { get }
    init(_ rawValue: UInt64)
}

extension Counter {
    @inlinable public init(integerLiteral value: UInt64) { self.init(value) }
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    /// The next value.
    @inlinable public var successor: Self { Self(rawValue + 1) }
    /// The value before, or nil at zero.
    @inlinable public var predecessor: Self? { rawValue == 0 ? nil : Self(rawValue - 1) }
    /// `self + distance`, or nil on overflow.
    @inlinable public func advanced(by distance: UInt64) -> Self? {
        let (sum, overflow) = rawValue.addingReportingOverflow(distance)
        return overflow ? nil : Self(sum)
    }
    public var description: String { String(rawValue) }
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(rawValue) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self.init(try decoder.decode(UInt64.self)) }
}

/// The position of a block in the chain; genesis is 0.
@frozen public struct Height: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// An attempt to decide one height; it restarts at 0 with each height.
@frozen public struct View: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// A span of heights with one validator set.
@frozen public struct Epoch: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// The number of a transaction among those of its sender, from 0.
@frozen public struct Nonce: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Units of metered computation; about one nanosecond of the reference machine each.
@frozen public struct Gas: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Block time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. It is agreed, never read from a clock.
@frozen public struct Timestamp: Counter {
    public let rawValue: UInt64
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}
