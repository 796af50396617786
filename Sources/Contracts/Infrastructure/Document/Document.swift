import Cryptography
public import Execution
import Ledger
public import Primitives

/// A document in its canonical form: objects in strictly ascending order of their keys. Comments, spelling and order of the file that it was
/// read from have gone; two files that say the same are the same document.
///
/// Invariants: keys ascend strictly; at most ``DocumentLimits/objectsMax`` objects of together at most
/// ``DocumentLimits/documentBytesMax`` bytes.
public struct Document: Hashable, Sendable {
    public let objects: [DocumentObject]

    /// The document without objects.
    public static let empty = Document(unchecked: [])

    private init(unchecked objects: [DocumentObject]) { self.objects = objects }

    /// A document of `objects`, which ascend already.
    public init(_ objects: [DocumentObject]) throws(DocumentFault) {
        guard objects.count <= DocumentLimits.objectsMax else { throw .objectsOverLimit(objects.count) }
        for (first, second) in zip(objects, objects.dropFirst()) where first.key >= second.key { throw .keysNotAscending(second.key) }
        let bytes = Self.byteCount(objects)
        guard bytes <= DocumentLimits.documentBytesMax else { throw .bytesOverLimit(bytes) }
        self.objects = objects
    }

    /// A document of `objects` in any order.
    public init(sorting objects: [DocumentObject]) throws(DocumentFault) { try self.init(objects.sorted { $0.key < $1.key }) }

    /// The object at a key; nil when there is none.
    public func object(_ section: DocumentSection, _ name: String) -> DocumentObject? {
        guard let name = DocumentKey.Name(name) else { return nil }
        return object(DocumentKey(section, name))
    }

    public func object(_ key: DocumentKey) -> DocumentObject? {
        var low = 0, high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low < objects.count && objects[low].key == key ? objects[low] : nil
    }

    /// The objects of a section, ascending by name.
    public func objects(in section: DocumentSection) -> [DocumentObject] { objects.filter { $0.section == section } }

    /// See ``digest(of:)``.
    public var digest: Digest { Self.digest(of: objects.map(\.digest)) }

    /// The digest of the document whose objects have these digests, in their order:
    /// `SHA-256("trellis/document/1" || digests)`. So a change of one object is hashed without reading the others.
    public static func digest(of objects: [Digest]) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(objects.count * Digest.byteCount)
        for digest in objects { bytes.append(contentsOf: digest.bytes) }
        return SHA256.hash(.document, bytes)
    }

    /// The bytes of the values and names of `objects`, which is what limits count.
    public static func byteCount(_ objects: [DocumentObject]) -> Int {
        objects.reduce(0) { $0 + $1.encoded.count + $1.key.name.text.utf8.count }
    }
}

extension Document: SchemaValue {
    public func encode(into encoder: inout BCSEncoder) { encoder.encode(objects) }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let objects = try decoder.decodeSequence(of: DocumentObject.self, limit: DocumentLimits.objectsMax)
        do throws(DocumentFault) { try self.init(objects) } catch {
            if case .keysNotAscending = error { throw .keysNotAscending(offset: decoder.offset) }
            throw decoder.refuse("a document is longer than its limit")
        }
    }

    public static var schema: TypeSchema { .list(of: DocumentObject.schema, max: DocumentLimits.objectsMax) }
}
