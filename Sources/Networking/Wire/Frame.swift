/// How messages lie in the byte stream under TLS.
///
/// A frame is cut into chunks: `tag u8 || length u16 little-endian || payload`. The low seven bits of the tag are the class, 0
/// being control; the high bit says that the frame goes on. Chunks of different classes may follow each other in any order;
/// those of one class are in the order of its frames. Every chunk of a frame but the last is full, no chunk is empty, and a
/// control frame is a single chunk: a sequence of frames of one class has one encoding.
@_spi(Fuzzing) public enum Frame: Equatable, Sendable {
    case control([UInt8])
    case message(TrafficClass, [UInt8])

    /// Payload of a chunk: what a vote waits for at most once its turn has come.
    public static let chunkBytesMax = 16 * 1024
    public static let headerBytes = 3
    static let continuesBit: UInt8 = 0x80
    static let controlTag: UInt8 = 0
    /// Bytes of a control message; the longest is a HELLO.
    public static let controlBytesMax = 1024

    /// What a frame costs in credit beside its bytes: more than the memory that holds a small one.
    public static let overheadBytes = 256

    static func header(_ tag: UInt8, continues: Bool, length: Int) -> (UInt8, UInt8, UInt8) {
        (tag | (continues ? continuesBit : 0), UInt8(truncatingIfNeeded: length), UInt8(length >> 8))
    }

    /// The frame alone, as it goes over the wire.
    public var encoded: [UInt8] {
        let (tag, bytes) = switch self {
        case .control(let bytes): (Self.controlTag, bytes)
        case .message(let trafficClass, let bytes): (trafficClass.rawValue, bytes)
        }
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: Self.chunkBytesMax) {
            let end = min(start + Self.chunkBytesMax, bytes.count)
            let header = Self.header(tag, continues: end < bytes.count, length: end - start)
            result += [header.0, header.1, header.2]
            result += bytes[start..<end]
        }
        return result
    }
}
