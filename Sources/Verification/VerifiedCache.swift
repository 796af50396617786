public import Primitives

/// The messages that this node has verified lately, by the hash of their envelope, so that no signature is checked twice when
/// a message comes again: from another peer, in a proposal, in a block body.
///
/// It holds positive results only, and the type sees to that: what goes in is `Verified`. A failed check must cost the peer
/// that sent the message and never its hash, or anyone could keep a good message out by sending it with a bad signature
/// first. The key must therefore cover the signatures too (`envelopeHash`), not only what they sign.
///
/// Bounds: at most ``entriesMax`` messages of ``bytesMax`` bytes in all, and always room for one. Eviction is by two
/// generations: insertions go to the young one; when it has half of either bound it becomes the old one, and what was old is
/// dropped; a hit in the old one moves to the young one. So a message stays at least until others that fill half of a bound
/// have come or been used, or one came that is larger than that; and what is here depends on the sequence of calls alone.
///
/// A value with one owner; it is not meant to be shared between threads.
public struct VerifiedCache<Key: FixedBytes, Message: Sendable>: Sendable {
    private struct Entry: Sendable {
        let message: Verified<Message>
        let byteCount: Int
    }

    private struct Generation: Sendable {
        var entries: [Key: Entry] = [:]
        var byteCount = 0
    }

    public let entriesMax: Int
    public let bytesMax: Int
    private var young = Generation()
    private var old = Generation()

    /// Bounds of at least two entries and two bytes.
    public init(entriesMax: Int = 32_768, bytesMax: Int = 64 * 1024 * 1024) {
        precondition(entriesMax >= 2 && bytesMax >= 2)
        self.entriesMax = entriesMax
        self.bytesMax = bytesMax
    }

    public var count: Int { young.entries.count + old.entries.count }
    /// As told by those who inserted.
    public var byteCount: Int { young.byteCount + old.byteCount }

    /// Whether the message of `envelopeHash` is here, without counting as a use.
    public func contains(_ envelopeHash: Key) -> Bool {
        young.entries[envelopeHash] != nil || old.entries[envelopeHash] != nil
    }

    /// The message of `envelopeHash`, if it is still here.
    public mutating func message(_ envelopeHash: Key) -> Verified<Message>? {
        if let entry = young.entries[envelopeHash] { return entry.message }
        guard let entry = old.entries.removeValue(forKey: envelopeHash) else { return nil }
        old.byteCount -= entry.byteCount
        add(entry, envelopeHash)
        return entry.message
    }

    /// Keeps `message`, whose envelope hashes to `envelopeHash` and takes `byteCount` bytes.
    public mutating func insert(_ message: Verified<Message>, envelopeHash: Key, byteCount: Int) {
        precondition(byteCount >= 0)
        if contains(envelopeHash) { return }
        add(Entry(message: message, byteCount: byteCount), envelopeHash)
    }

    private mutating func add(_ entry: Entry, _ envelopeHash: Key) {
        let isFull = young.entries.count >= entriesMax / 2 || young.byteCount + entry.byteCount > bytesMax / 2
        if isFull, !young.entries.isEmpty {
            old = young
            young = Generation()
        }
        young.entries[envelopeHash] = entry
        young.byteCount += entry.byteCount
        // A message larger than half of the bound has a generation to itself.
        if young.byteCount > bytesMax - old.byteCount { old = Generation() }
    }
}
