/// The named bounds of everything that a peer, a user or a file can make grow, each with its reason. Limits that the
/// network may vote on are consensus parameters instead; those here are part of the encoding or of the node.
public enum Limits {
    /// Levels of a recursive encoding. Contract arguments are the deepest values; 32 leaves room and spares the stack.
    public static let encodingDepthMax = 32
    /// Validators of one set. A vote costs as much as a client signature; at 1,024 a quorum alone takes 80 ms of one core.
    public static let validatorsMax = 1024
    /// The sum of all weights of a set. `3 * weight` must not overflow 64 bits.
    public static let totalWeightMax: UInt64 = 1 << 60
    /// Bytes of one transaction with its signatures: a contract of 512 KiB with its envelope.
    public static let transactionBytesMax = 640 * 1024
    /// Transactions of one block.
    public static let blockTransactionsMax = 5_000
    /// Bytes of all transactions of a block: below a frame, so that a block is never cut.
    public static let blockBodyBytesMax = 2 * 1024 * 1024
    /// Calls of one transaction.
    public static let transactionCallsMax = 64
    /// Bytes of a method name.
    public static let methodNameBytesMax = 64
    /// Bytes of a transaction's memo.
    public static let memoBytesMax = 256
    /// Keys of a k-of-n account: a signature each, checked at admission.
    public static let multisigKeysMax = 32
    /// Bytes of a state key behind its contract's address.
    public static let stateKeyBytesMax = 256
    /// Bytes of a state value.
    public static let stateValueBytesMax = 64 * 1024
    /// Events of one transaction.
    public static let transactionEventsMax = 256
    /// Bytes of an event's name.
    public static let eventNameBytesMax = 64
    /// Bytes of an event's data.
    public static let eventDataBytesMax = 16 * 1024
    /// Bytes of a receipt's message, a bounded text for people.
    public static let receiptMessageBytesMax = 256
    /// Bytes of the data that one call returns.
    public static let returnDataBytesMax = 64 * 1024
    /// Bytes of one frame between nodes.
    public static let frameBytesMax = 4 * 1024 * 1024
}
