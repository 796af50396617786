import Cryptography
public import Execution
public import Ledger
public import Primitives

/// Where an object stands in a document. Keys sort by section, then by the bytes of the name.
public struct DocumentKey: Hashable, Comparable, Record {
    public enum NameBound: TextBound { public static var bytesMax: Int { DocumentLimits.nameBytesMax } }
    public typealias Name = BoundedText<NameBound>

    public let section: DocumentSection
    public let name: Name

    public init(_ section: DocumentSection, _ name: Name) {
        self.section = section
        self.name = name
    }

    public static func < (left: DocumentKey, right: DocumentKey) -> Bool {
        left.section == right.section ? left.name < right.name : left.section < right.section
    }

    public static let fields = Fields(
        Field("section", "The part of the document.") { $0.section },
        Field("name", "Unique in its section; not empty.") { $0.name },
        make: { $1.text.isEmpty ? nil : DocumentKey($0, $1) })
}

/// One named thing of a document: a type, a node template, an input. It keeps its value encoded, so that what was checked once is stored,
/// hashed and sent as it is.
///
/// Encoding: section, name, and the value's encoding as a byte string, since a schema cannot say that a type holds itself.
///
/// Invariant: `encoded` is the encoding of a value within ``DocumentLimits``; the name is not empty.
public struct DocumentObject: Hashable, Sendable {
    public let key: DocumentKey
    /// The canonical bytes of ``value``.
    public let encoded: [UInt8]

    public init(_ section: DocumentSection, _ name: String, _ value: DocumentValue) throws(DocumentFault) {
        guard !name.isEmpty, let text = DocumentKey.Name(name) else { throw .nameInvalid(section, name) }
        key = DocumentKey(section, text)
        encoded = value.bcs
        // What an encoder wrote is canonical unless a map is out of order or a limit is passed.
        do throws(BCSError) { _ = try Self.checked(encoded) } catch { throw .valueInvalid(key, error) }
    }

    public var section: DocumentSection { key.section }
    public var name: String { key.name.text }

    public var value: DocumentValue {
        guard let value = try? DocumentValue(bcs: encoded) else { preconditionFailure("an object holds no canonical value") }
        return value
    }

    /// `SHA-256("trellis/document-object/1" || BCS(object))`.
    public var digest: Digest { SHA256.hash(.documentObject, of: self) }

    private static func checked(_ bytes: [UInt8]) throws(BCSError) -> [UInt8] {
        guard bytes.count <= DocumentLimits.valueBytesMax else {
            throw .lengthOverLimit(offset: 0, length: bytes.count, limit: DocumentLimits.valueBytesMax)
        }
        _ = try DocumentValue(bcs: bytes)
        return bytes
    }
}

extension DocumentObject: SchemaValue {
    public func encode(into encoder: inout BCSEncoder) {
        key.section.encode(into: &encoder)
        key.name.encode(into: &encoder)
        encoder.encodeBytes(encoded)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let section = try decoder.decode(DocumentSection.self), name = try decoder.decode(DocumentKey.Name.self)
        guard !name.text.isEmpty else { throw decoder.refuse("an object has no name") }
        key = DocumentKey(section, name)
        encoded = try Self.checked(try decoder.decodeBytes(limit: DocumentLimits.valueBytesMax))
    }

    public static var schema: TypeSchema {
        .record(name: "DocumentObject", [
            FieldSchema(name: "section", documentation: "The part of the document.", type: DocumentSection.schema),
            FieldSchema(name: "name", documentation: "Unique in its section; not empty.", type: DocumentKey.Name.schema),
            FieldSchema(name: "value", documentation: "The canonical encoding of a document value.", type: .bytes(max: DocumentLimits.valueBytesMax)),
        ])
    }
}

/// Why something is no document or no part of one.
public enum DocumentFault: Error, Equatable, Sendable {
    /// Empty, or longer than ``DocumentLimits/nameBytesMax``.
    case nameInvalid(DocumentSection, String)
    /// Nested too deep, too long, or a map out of order.
    case valueInvalid(DocumentKey, BCSError)
    /// Two objects with one key, or, where order is asked for, one that does not stand behind the object before it.
    case keysNotAscending(DocumentKey)
    case objectsOverLimit(Int)
    case bytesOverLimit(Int)
}
