/// An array that never holds more than `maximum` elements: the bound is part of the type, the decoder enforces it, and no
/// code behind the decoder has to.
///
/// Invariant: `count <= maximum`.
@frozen public struct Bounded<let maximum: Int, Element: BCSCodable>: Sendable {
    public let elements: [Element]

    /// nil when there are more than `maximum` elements.
    @inlinable public init?(_ elements: [Element]) {
        guard elements.count <= maximum else { return nil }
        self.elements = elements
    }

    @inlinable public init() { elements = [] }
}

extension Bounded: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { elements.count }
    @inlinable public subscript(position: Int) -> Element { elements[position] }
}

extension Bounded: Equatable where Element: Equatable {}
extension Bounded: Hashable where Element: Hashable {}

extension Bounded: BCSCodable {
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(elements) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) {
        elements = try decoder.decodeSequence(of: Element.self, limit: maximum)
    }
}
