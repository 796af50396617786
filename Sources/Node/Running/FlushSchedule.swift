import Primitives

/// How much may wait before the state is written. Each node has its own measure, by its key: validators that wrote all at the same
/// time would keep agreement waiting, while a quorum goes on without the one that writes.
struct FlushSchedule {
    /// Blocks between two flushes at most: a start after a crash executes them again.
    let blocksMax: UInt64
    /// Bytes of changes that call for one.
    let bytesMax: Int

    private static let bytes: UInt64 = 8 << 20

    /// Between `blocks` and twice as many, not below one.
    init(node: PublicKey, blocks: UInt64) {
        let number = node.words.0.littleEndian, blocks = max(blocks, 1)
        blocksMax = blocks + number % blocks
        bytesMax = Int(Self.bytes + number % Self.bytes)
    }

    func isDue(blocks: UInt64, bytes: Int) -> Bool { blocks >= blocksMax || bytes >= bytesMax }
}
