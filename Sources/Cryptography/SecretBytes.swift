import CSodium

/// A byte string that must not outlive its use: keys, seeds, shares.
///
/// It lies in libsodium's guarded heap (`sodium_malloc`): kept out of swap and core dumps where the system allows it, fenced
/// by inaccessible pages, and wiped when the last reference goes. It has no description, no hash and no encoding, so that it
/// cannot slip into a log, a set or a message; whoever needs the bytes asks for them in sight.
///
/// What it cannot do: bytes that a caller copies out are the caller's to wipe.
public final class SecretBytes: @unchecked Sendable {
    // The memory is written in initialisers alone and only read afterwards, therefore sharing it between threads is sound.
    private let storage: UnsafeMutableRawPointer
    public let count: Int

    /// `count` bytes, zero until `fill` writes them.
    public init<Failure: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(count >= 0)
        Sodium.ready
        guard let memory = sodium_malloc(count) else { preconditionFailure("no memory for \(count) secret bytes") }
        storage = memory
        self.count = count
        sodium_memzero(memory, count)
        try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
    }

    /// A copy of `bytes`; the original stays where it is.
    public convenience init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// Moves `bytes` here: the array, which nobody else may hold, is wiped and emptied.
    public convenience init(wiping bytes: inout [UInt8]) {
        self.init(copying: bytes)
        SecretBytes.wipe(&bytes)
    }

    deinit { sodium_free(storage) }

    /// Lends the bytes for the duration of `body`.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: storage, count: count))
    }

    /// Whether both hold the same bytes, in time that depends on the length alone.
    public func matches(_ other: SecretBytes) -> Bool {
        count == other.count && sodium_memcmp(storage, other.storage, count) == 0
    }

    /// Overwrites an array with zeros and empties it. Another holder of the same array would keep its bytes.
    public static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { sodium_memzero(start, $0.count) } }
        bytes = []
    }

    /// The bytes for C.
    var pointer: UnsafePointer<UInt8> { UnsafePointer(storage.assumingMemoryBound(to: UInt8.self)) }
}

extension SecretBytes: CustomStringConvertible, CustomReflectable {
    /// The length and nothing else.
    public var description: String { "SecretBytes(\(count))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
