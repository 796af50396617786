public import Ledger
public import Primitives

// How the house's own values describe themselves.

extension Bool: SchemaValue { public static var schema: TypeSchema { .scalar(.bool) } }
extension UInt8: SchemaValue { public static var schema: TypeSchema { .scalar(.u8) } }
extension UInt16: SchemaValue { public static var schema: TypeSchema { .scalar(.u16) } }
extension UInt32: SchemaValue { public static var schema: TypeSchema { .scalar(.u32) } }
extension UInt64: SchemaValue { public static var schema: TypeSchema { .scalar(.u64) } }
extension UInt128: SchemaValue { public static var schema: TypeSchema { .scalar(.u128) } }
extension Amount: SchemaValue { public static var schema: TypeSchema { .scalar(.amount) } }
extension Height: SchemaValue { public static var schema: TypeSchema { .scalar(.height) } }
extension Epoch: SchemaValue { public static var schema: TypeSchema { .scalar(.epoch) } }
extension Nonce: SchemaValue { public static var schema: TypeSchema { .scalar(.nonce) } }
extension Gas: SchemaValue { public static var schema: TypeSchema { .scalar(.gas) } }
extension Timestamp: SchemaValue { public static var schema: TypeSchema { .scalar(.timestamp) } }
extension Address: SchemaValue { public static var schema: TypeSchema { .scalar(.address) } }
extension Digest: SchemaValue { public static var schema: TypeSchema { .scalar(.digest) } }
extension PublicKey: SchemaValue { public static var schema: TypeSchema { .scalar(.publicKey) } }
extension Signature: SchemaValue { public static var schema: TypeSchema { .scalar(.signature) } }
extension VRFPublicKey: SchemaValue { public static var schema: TypeSchema { .scalar(.vrfPublicKey) } }
extension VRFProof: SchemaValue { public static var schema: TypeSchema { .scalar(.vrfProof) } }
extension Beacon: SchemaValue { public static var schema: TypeSchema { .scalar(.beacon) } }
extension TransactionID: SchemaValue { public static var schema: TypeSchema { .scalar(.transactionID) } }
extension ChainID: SchemaValue { public static var schema: TypeSchema { .scalar(.chainID) } }
extension ValidatorIndex: SchemaValue { public static var schema: TypeSchema { .scalar(.validatorIndex) } }

extension Call: SchemaValue {
    public static var schema: TypeSchema {
        .record(name: "Call", [
            FieldSchema(name: "contract", documentation: "Whom to call.", type: Address.schema),
            FieldSchema(name: "method", documentation: "What to call.", type: MethodName.schema),
            FieldSchema(name: "arguments", documentation: "The encoding of the arguments.", type: .bytes(max: Limits.transactionBytesMax)),
            FieldSchema(name: "value", documentation: "Base units of the caller that go with the call.", type: Amount.schema),
        ])
    }
}

extension BoundedText: SchemaValue { public static var schema: TypeSchema { .text(max: Bound.bytesMax) } }

extension Bounded: SchemaValue where Element: SchemaValue {
    public static var schema: TypeSchema { .list(of: Element.schema, max: maximum) }
}

extension Optional: SchemaValue where Wrapped: SchemaValue {
    public static var schema: TypeSchema { .option(Wrapped.schema) }
}

/// A byte string of at most `maximum` bytes.
///
/// Invariant: `count <= maximum`.
@frozen public struct BoundedBytes<let maximum: Int>: Hashable, SchemaValue {
    public let bytes: [UInt8]

    /// nil when there are more than `maximum` bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= maximum else { return nil }
        self.bytes = bytes
    }

    public func encode(into encoder: inout BCSEncoder) { encoder.encodeBytes(bytes) }
    public init(from decoder: inout BCSDecoder) throws(BCSError) { bytes = try decoder.decodeBytes(limit: maximum) }
    public static var schema: TypeSchema { .bytes(max: maximum) }
}
