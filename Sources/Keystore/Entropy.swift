public import Cryptography
import CSodium

/// The one place where randomness is drawn: seeds of keys, salts, nonces, names of temporary files. Whoever else needs some is
/// handed it.
public enum Entropy {
    /// What anybody can sensibly ask for at once.
    public static let bytesMax = 1024 * 1024

    /// `count` bytes, 0 … ``bytesMax``, from the kernel's generator (`getrandom`) through libsodium's `randombytes_buf`.
    public static func bytes(_ count: Int) -> [UInt8] {
        ready
        precondition((0...bytesMax).contains(count))
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if count > 0 { randombytes_buf(buffer.baseAddress!, count) }
            initialized = count
        }
    }

    /// As ``bytes(_:)``, drawn straight into memory that is wiped.
    public static func secret(_ count: Int) -> SecretBytes {
        ready
        precondition((0...bytesMax).contains(count))
        return SecretBytes(count: count) { if count > 0 { randombytes_buf($0.baseAddress!, count) } }
    }

    private static let ready: Void = {
        // -1 means that the system has no entropy source, and then no key is safe.
        precondition(sodium_init() >= 0, "libsodium could not be initialised")
    }()
}
