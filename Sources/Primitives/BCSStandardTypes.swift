extension UInt8: BCSCodable {}
extension UInt16: BCSCodable {}
extension UInt32: BCSCodable {}
extension UInt64: BCSCodable {}
extension UInt128: BCSCodable {}
extension Int8: BCSCodable {}
extension Int16: BCSCodable {}
extension Int32: BCSCodable {}
extension Int64: BCSCodable {}
extension Int128: BCSCodable {}

extension BCSCodable where Self: FixedWidthInteger & BitwiseCopyable {
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(self) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self = try decoder.decode(Self.self) }
}

extension Bool: BCSCodable {
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(self) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self = try decoder.decode(Bool.self) }
}

extension Optional: BCSCodable where Wrapped: BCSCodable {
    @inlinable public func encode(into encoder: inout BCSEncoder) { encoder.encode(self) }
    @inlinable public init(from decoder: inout BCSDecoder) throws(BCSError) { self = try decoder.decodeOption(Wrapped.self) }
}
