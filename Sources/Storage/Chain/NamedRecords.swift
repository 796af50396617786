import CChecksum
import Glibc
public import Primitives
import Synchronization
public import WorldState

/// Small things that a node keeps over a restart, each a file under its name that is replaced as a whole: known addresses, what it
/// trusts, what it is in the middle of. A crash leaves the old bytes or the new ones.
///
/// A file is magic "TRLSREC\n", version u32, CRC-32C of everything behind u32, chain id, length u64, and the bytes. Calls block on the
/// disk; any thread may make them.
public final class NamedRecords: Sendable {
    /// Bytes of one record: an address book of ten thousand is a megabyte.
    public static let bytesMax = 4 << 20

    private static let magic = Array("TRLSREC\n".utf8)
    private static let version: UInt32 = 1
    private static let headerBytes = 56
    private static let suffix = ".record"

    private let directory: String
    private let chainID: ChainID
    /// Two writers of one name would use one temporary file.
    private let writing = Mutex<Int>(0)

    /// What a record is called: letters and hyphens.
    public struct Name: Hashable, Sendable {
        let text: String

        public init(_ text: StaticString) {
            self.text = "\(text)"
            precondition(!self.text.isEmpty && self.text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") })
        }
    }

    /// Opens the records in `directory`, and makes it if there is none.
    public init(directory: String, chainID: ChainID) throws(StoreError) {
        try Directory.create(directory)
        self.directory = directory
        self.chainID = chainID
    }

    /// Replaces the record, durably.
    public func write(_ name: Name, _ bytes: [UInt8]) throws(StoreError) {
        precondition(bytes.count <= Self.bytesMax)
        var covered = chainID.bytes
        covered.reserveCapacity(Self.headerBytes + bytes.count)
        covered.append(littleEndian: UInt64(bytes.count))
        covered += bytes
        var file = Self.magic
        file.append(littleEndian: Self.version)
        file.append(littleEndian: covered.withUnsafeBytes { RecordFormat.checksum($0) })
        file += covered
        try writing.withLock { [file] (_) throws(StoreError) in try Directory.replace(path(name), with: file) }
    }

    /// The record, or nil when there is none. `corrupt` when its bytes are not those that were written: most records can be done
    /// without, which is the caller's decision.
    public func read(_ name: Name) throws(StoreError) -> [UInt8]? {
        let path = path(name)
        guard access(path, F_OK) == 0 else { return nil }
        let bytes = try File(path, flags: O_RDONLY).read(Self.headerBytes + Self.bytesMax + 1, at: 0)
        guard bytes.count >= Self.headerBytes, bytes.starts(with: Self.magic) else { throw StoreError(.corrupt, "\(path): no record") }
        let (version, checksum, length) = bytes.withUnsafeBytes { ($0.load32(8), $0.load32(12), $0.load64(48)) }
        guard version == Self.version else { throw StoreError(.incompatible, "\(path) has version \(version), expected \(Self.version)") }
        guard length == UInt64(bytes.count - Self.headerBytes),
              bytes.withUnsafeBytes({ RecordFormat.checksum(UnsafeRawBufferPointer(rebasing: $0[16...])) }) == checksum else {
            throw StoreError(.corrupt, "\(path): its bytes are damaged")
        }
        guard bytes[16..<48].elementsEqual(chainID.bytes) else { throw StoreError(.incompatible, "\(path) belongs to another chain than \(chainID)") }
        return Array(bytes[Self.headerBytes...])
    }

    /// Removes the record, durably, if there is one.
    public func remove(_ name: Name) throws(StoreError) {
        try writing.withLock { (_) throws(StoreError) in
            try Directory.removeIfPresent(path(name))
            try Directory.synchronize(directory)
        }
    }

    private func path(_ name: Name) -> String { directory + "/" + name.text + Self.suffix }
}
