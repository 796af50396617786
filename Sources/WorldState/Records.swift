import Cryptography
import Primitives

/// The layout of the state's records in the store. Little-endian, written straight into the store's pages.
///
/// - `leaf`: path (32) → leaf hash (32), key length (2), key, value.
/// - `page`: depth (1), packed nibbles → sixteen counts (1 each), then the hashes (32 each) of the slots that are not empty.
/// - `history`: path (32), big-endian height (8) → 0 when there was no value, otherwise 1 and the value.
enum LeafRecord {
    static let headerSize = Digest.byteCount + 2

    static func size(key: [UInt8], value: [UInt8]) -> Int { headerSize + key.count + value.count }

    static func write(_ target: UnsafeMutableRawBufferPointer, hash: Digest, key: [UInt8], value: [UInt8]) {
        target.storeBytes(of: hash, toByteOffset: 0, as: Digest.self)
        target.storeBytes(of: UInt16(key.count).littleEndian, toByteOffset: Digest.byteCount, as: UInt16.self)
        key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[headerSize...]).copyMemory(from: $0) }
        value.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: target[(headerSize + key.count)...]).copyMemory(from: $0)
        }
    }

    static func hash(_ record: UnsafeRawBufferPointer) -> Digest? {
        record.count >= headerSize ? Digest(reading: record) : nil
    }

    /// The key and the value, or nil when the record is damaged.
    static func parts(_ record: UnsafeRawBufferPointer) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard record.count >= headerSize else { return nil }
        let length = Int(UInt16(littleEndian: record.loadUnaligned(fromByteOffset: Digest.byteCount, as: UInt16.self)))
        guard record.count >= headerSize + length else { return nil }
        return (record[headerSize..<headerSize + length].rebased, record[(headerSize + length)...].rebased)
    }

    static func value(_ record: UnsafeRawBufferPointer) -> [UInt8]? { parts(record).map { [UInt8]($0.value) } }
}

enum PageRecord {
    // These take the page and not its body, which would be copied.
    static func size(_ page: Page) -> Int {
        var used = 0
        for slot in 0..<16 where page.body.counts[slot] != 0 { used += 1 }
        return 16 + used * Digest.byteCount
    }

    static func write(_ target: UnsafeMutableRawBufferPointer, _ page: Page) {
        var offset = 16
        for slot in 0..<16 {
            target[slot] = page.body.counts[slot]
            guard page.body.counts[slot] != 0 else { continue }
            target.storeBytes(of: page.body.hashes[16 + slot], toByteOffset: offset, as: Digest.self)
            offset += Digest.byteCount
        }
    }

    /// nil when the record is damaged.
    static func read(_ record: UnsafeRawBufferPointer) -> PageBody? {
        guard record.count >= 16 else { return nil }
        var body = PageBody()
        var offset = 16
        for slot in 0..<16 where record[slot] != 0 {
            guard offset + Digest.byteCount <= record.count else { return nil }
            let hash = record.loadUnaligned(fromByteOffset: offset, as: Digest.self)
            if record[slot] == PageBody.pageMark {
                body.setPage(slot, nil, hash: hash)
            } else if record[slot] <= Bottom.capacity {
                body.setBottom(slot, nil, count: Int(record[slot]), hash: hash)
            } else {
                return nil
            }
            offset += Digest.byteCount
        }
        guard offset == record.count else { return nil }
        body.rehash(.max)
        return body
    }
}

/// What the store holds, written in the same batch as the state it describes.
struct FlushedState: Equatable, BCSCodable {
    static let key = Array("state".utf8)

    var height: Height
    var root: Digest
    var leafCount: UInt64

    init(height: Height, root: Digest, leafCount: UInt64) {
        self.height = height
        self.root = root
        self.leafCount = leafCount
    }

    /// Ends in a digest of the rest, because nothing else in the store would contradict a height that has lost a bit.
    func encode(into encoder: inout BCSEncoder) {
        encodeBody(into: &encoder)
        checksum.encode(into: &encoder)
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        height = try decoder.decode(Height.self)
        root = try decoder.decode(Digest.self)
        leafCount = try decoder.decode(UInt64.self)
        guard try decoder.decode(Digest.self) == checksum else { throw decoder.refuse("the checksum is wrong") }
    }

    private func encodeBody(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        height.encode(into: &encoder)
        root.encode(into: &encoder)
        encoder.encode(leafCount)
    }

    private var checksum: Digest {
        var encoder = BCSEncoder()
        encodeBody(into: &encoder)
        return SHA256.hash(encoder.bytes)
    }
}
