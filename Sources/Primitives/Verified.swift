/// A value whose signatures have been checked. The type remembers the check, so that no code below asks again and none
/// can forget to ask.
///
/// Only `Cryptography` makes one (and test programs that stand in for it): the initialiser is behind the `Verification`
/// interface, and a source test fails when any other room imports that.
@frozen public struct Verified<Value> {
    public let value: Value
    @_spi(Verification) @inlinable public init(checked value: Value) { self.value = value }
}

extension Verified: Sendable where Value: Sendable {}
extension Verified: Equatable where Value: Equatable {}
extension Verified: Hashable where Value: Hashable {}
