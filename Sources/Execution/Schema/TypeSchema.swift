public import Primitives

/// The shape of a value in Binary Canonical Serialization, as schemas show it. Forms in a browser, arguments on a command line
/// and decoders in any language are made from it.
public indirect enum TypeSchema: Hashable, Sendable {
    case scalar(Scalar)
    /// A byte string of exactly so many bytes, without a length.
    case fixedBytes(Int)
    /// A byte string of at most so many bytes.
    case bytes(max: Int)
    /// UTF-8 text of at most so many bytes.
    case text(max: Int)
    case option(TypeSchema)
    case list(of: TypeSchema, max: Int)
    case record(name: String, [FieldSchema])
    /// One of several cases, each with or without a value.
    case choice(name: String, [CaseSchema])
    /// No bytes at all: what a call returns that has nothing to say.
    case nothing

    /// Values of fixed size with a meaning of their own, so that a form can show an address as an address.
    public enum Scalar: String, CaseIterable, Hashable, Sendable, Codable {
        case bool, u8, u16, u32, u64, u128
        /// Base units, as u128.
        case amount
        case height, epoch, nonce, gas
        /// Milliseconds since 1970-01-01T00:00:00Z, as u64.
        case timestamp
        case address, digest, publicKey, signature, vrfPublicKey, vrfProof, beacon, transactionID, chainID
        /// The place of a validator in its set, as u16.
        case validatorIndex
    }
}

/// A field of a record.
public struct FieldSchema: Hashable, Sendable, Codable {
    public let name: String
    public let documentation: String
    public let type: TypeSchema

    public init(name: String, documentation: String, type: TypeSchema) {
        self.name = name
        self.documentation = documentation
        self.type = type
    }
}

/// A case of a choice; its index in BCS is its place.
public struct CaseSchema: Hashable, Sendable, Codable {
    public let name: String
    public let documentation: String
    /// nil for a case without a value.
    public let type: TypeSchema?

    public init(name: String, documentation: String, type: TypeSchema?) {
        self.name = name
        self.documentation = documentation
        self.type = type
    }
}

/// A value that describes itself: what contracts take, return, store and emit.
public protocol SchemaValue: BCSCodable {
    static var schema: TypeSchema { get }
}

/// Takes no bytes: the result of a call that has nothing to say.
@frozen public struct Nothing: Hashable, SchemaValue {
    public init() {}
    public func encode(into encoder: inout BCSEncoder) {}
    public init(from decoder: inout BCSDecoder) throws(BCSError) {}
    public static var schema: TypeSchema { .nothing }
}
