import CSodium
import Primitives

/// The one start of libsodium. Every call into the library that may depend on its set-up touches ``ready`` first.
enum Sodium {
    /// Initialises the library once, whichever thread comes first.
    static let ready: Void = {
        // 0 is a first start and 1 a later one; -1 means that the system has no entropy source, and then no key is safe.
        precondition(sodium_init() >= 0, "libsodium could not be initialised")
    }()

    /// The version of the loaded library, such as `1.0.18`.
    static var version: String { String(cString: sodium_version_string()) }
}

extension FixedBytes {
    /// Lends the bytes to C. Sound because a `FixedBytes` value is its byte string in memory.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes(of: self) { body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Lends the bytes to C to be written. Sound for the same reason; any bit pattern is a value.
    @inline(__always)
    mutating func withMutableBytes<Result>(_ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
        withUnsafeMutableBytes(of: &self) { body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Overwrites the value with zeros in a way that the compiler does not remove.
    mutating func wipe() {
        withUnsafeMutableBytes(of: &self) { sodium_memzero($0.baseAddress!, $0.count) }
    }
}

/// Lends `count` zeroed bytes of scratch space for secrets and wipes them afterwards, also when `body` throws.
func withSecretScratch<Result, Failure: Error>(
    _ count: Int, _ body: (UnsafeMutablePointer<UInt8>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    scratch.initialize(repeating: 0, count: count)
    defer {
        sodium_memzero(scratch, count)
        scratch.deallocate()
    }
    return try body(scratch)
}
