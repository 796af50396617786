public import Cryptography

/// What everything costs that a contract asks of its host, in units of about one nanosecond of the reference machine.
///
/// One table for Swift and WebAssembly contracts alike, so that moving a contract from one to the other changes only the price of
/// its own computation. `benchmarks gas` measures the entries, but for those that say otherwise; `benchmarks gas --check` refuses a
/// table whose prices have left their band. Storage is dearer than the processor time of one access, because a write stays in
/// everyone's tree and disk.
public enum GasSchedule {
    /// The way to the host and back, for any request of deployed code beside what the request costs a contract in Swift, also for one
    /// that is refused; `benchmarks vm` measures it.
    public static let host: UInt64 = 100
    /// Reading one value …
    public static let read: UInt64 = 3_000
    /// … and each of its bytes.
    public static let readPerByte: UInt64 = 1
    /// Writing one value, its share of the tree and of the next flush …
    public static let write: UInt64 = 25_000
    /// … a key that was not there …
    public static let writeNew: UInt64 = 5_000
    /// … and each byte of key and value.
    public static let writePerByte: UInt64 = 10
    public static let remove: UInt64 = 15_000
    /// Each byte of a value that a write or a removal replaces: it stays in memory until the block is done. That is what it pays for, and
    /// not time.
    public static let replacedPerByte: UInt64 = 4
    /// Beginning to walk keys by prefix, and each key that is looked at, also one that has gone in this block.
    public static let scan: UInt64 = 3_000
    public static let scanNext: UInt64 = 1_000
    /// A call of another contract, before what it does.
    public static let call: UInt64 = 2_500
    /// One byte of arguments decoded or of a result encoded.
    public static let codecPerByte: UInt64 = 2
    /// Moving base units between two accounts. The payer's record is at hand, as it has been used before; the receiver's is read and
    /// written.
    public static let transfer: UInt64 = 2 * read + write
    public static let event: UInt64 = 1_000
    public static let eventPerByte: UInt64 = 4
    public static let hash: UInt64 = 150
    /// For each 64 bytes or part of them.
    public static let hashPerBlock: UInt64 = 60
    public static let verifySignature: UInt64 = 80_000
    public static let verifyVRF: UInt64 = 400_000
    /// A signature by the key of a certificate: ECDSA on P-256 or P-384, or RSA of 4096 bits, the longest.
    public static let verifyP256: UInt64 = 80_000
    public static let verifyP384: UInt64 = 750_000
    public static let verifyRSA: UInt64 = 100_000
    /// Reading a certificate …
    public static let certificate: UInt64 = 6_000
    /// … and each of its bytes; its key is checked for ``keyCheck(of:)``.
    public static let certificatePerByte: UInt64 = 5
    /// The second of the two values that a draw reads.
    public static let beacon: UInt64 = read
    /// Checking and translating code when it is deployed, however little there is of it …
    public static let prepare: UInt64 = 20_000
    /// … and each of its bytes; `benchmarks vm` measures it, in microseconds per KiB.
    public static let preparePerByte: UInt64 = 20
    /// One byte of code when a transaction first calls it, beside ``prepare``: read from the state, checked and translated. A node that kept
    /// what it made of the code does less and takes the same, so that gas tells nothing of what a node remembers, and a block of code that
    /// nobody has called for long is no slower than its gas says.
    public static let loadPerByte: UInt64 = preparePerByte + readPerByte
    /// Each step of a walk in memory that a built-in contract makes over many items; an estimate.
    public static let step: UInt64 = 50

    /// Gas that one hook may use at a block's end; more makes it fail, which is a receipt and not a halt.
    public static let hookMax: UInt64 = 50_000_000
    /// The same at an epoch's end, where the whole validator set is gone through.
    public static let epochHookMax: UInt64 = 500_000_000

    /// Checking that a certificate's key is a point of its curve, and of prime order where that can fail; of an RSA key there is only
    /// its length.
    public static func keyCheck(of key: CertificateKey) -> UInt64 {
        switch key {
        case .ed25519: 70_000
        case .p256, .p384: 10_000
        case .rsa: 0
        }
    }

    /// Checking one signature by `key`, beside the hash of its message.
    public static func verification(of key: CertificateKey) -> UInt64 {
        switch key {
        case .ed25519: verifySignature
        case .p256: verifyP256
        case .p384: verifyP384
        case .rsa: verifyRSA
        }
    }
}
