import Consensus
import Cryptography
import Primitives

/// A journal on a disk that is slow, loses its power, and may then hold half a record. Bytes, not values, survive a crash.
///
/// A record is a frame: length, checksum, encoding. Recovery reads frames up to the first that is not whole.
struct SimulatedDisk {
    /// What a crash leaves.
    private(set) var durable: [UInt8] = []
    /// Written and not acknowledged, in order.
    private(set) var pending: [(sequence: UInt64, record: JournalRecord)] = []
    /// Whether a flush is under way; one at a time, as with a single writer.
    var isFlushing = false
    /// Whether `init` or the end of a recovery has marked the journal as whole.
    private(set) var isInitialised = true
    /// The fold of the durable records, kept beside the bytes to compare with them.
    private(set) var state: ReplicaState
    private(set) var blocks: [CommittedRecord] = []
    /// The digests of own votes that have ever been durable, for the checker of "persist, then send". A node that lost its
    /// journal may pass on what peers return to it of its own.
    private(set) var votes: Set<UInt64> = []
    /// Own votes that have become durable and that the judge has not seen yet.
    private var freshVotes: [(message: ConsensusMessage, proposal: Proposal?)] = []
    private var recordsSinceCheckpoint = 0

    init(state: ReplicaState) {
        self.state = state
        checkpoint()
    }

    mutating func write(_ record: JournalRecord, sequence: UInt64) { pending.append((sequence, record)) }

    /// Makes the first `count` pending records durable and returns the last one's number.
    mutating func flush(_ count: Int) -> UInt64? {
        guard count > 0, count <= pending.count else { return nil }
        for entry in pending[..<count] { append(entry.record) }
        let last = pending[count - 1].sequence
        pending.removeFirst(count)
        return last
    }

    /// The power goes: of the pending records the first `survivors` reach the disk, and of the one behind them `torn` thousandths.
    mutating func crash(survivors: Int, torn: Int?) {
        let count = min(survivors, pending.count)
        _ = flush(count)
        if let torn, let next = pending.first {
            let frame = Self.frame(next.record.bcs)
            durable.append(contentsOf: frame.prefix(frame.count * torn / 1000))
        }
        pending = []
        isFlushing = false
    }

    /// The journal file is gone; the block log is another file and stays up to `height`.
    mutating func loseJournal(genesis: ChainPosition, keepingBlocks count: Int) {
        blocks.removeLast(blocks.count - min(count, blocks.count))
        state = ReplicaState(position: genesis)
        for block in blocks { state.apply(.committed(block)) }
        durable = []
        isInitialised = false
        checkpoint()
    }

    /// Reads the journal back after a crash, drops a torn end, and returns the state; nil when the bytes do not give what
    /// was acknowledged.
    mutating func recover() -> ReplicaState? {
        var offset = 0
        var recovered: ReplicaState?
        while let (payload, end) = Self.frame(in: durable, at: offset) {
            if recovered == nil {
                recovered = try? ReplicaState(bcs: payload)
            } else {
                guard let record = try? JournalRecord(bcs: payload) else { return nil }
                recovered?.apply(record)
            }
            offset = end
        }
        durable.removeLast(durable.count - offset)
        return recovered == state ? recovered : nil
    }

    private mutating func append(_ record: JournalRecord) {
        durable.append(contentsOf: Self.frame(record.bcs))
        switch record {
        case .vote(let message, let proposal):
            votes.insert(KeyedHash.mix(0, message.bcs))
            freshVotes.append((message, proposal))
        case .committed(let committed):
            if committed.block.height == state.position.height.successor { blocks.append(committed) }
        case .floor: isInitialised = true
        default: break
        }
        state.apply(record)
        recordsSinceCheckpoint += 1
        if recordsSinceCheckpoint >= 512 { checkpoint() }
    }

    mutating func takeFreshVotes() -> [(message: ConsensusMessage, proposal: Proposal?)] {
        defer { freshVotes = [] }
        return freshVotes
    }

    /// Begins the journal anew with the whole state, as a shell does now and then.
    private mutating func checkpoint() {
        durable = Self.frame(state.bcs)
        recordsSinceCheckpoint = 0
    }

    private static func frame(_ payload: [UInt8]) -> [UInt8] {
        var encoder = BCSEncoder(reserving: payload.count + 16)
        encoder.encode(UInt64(payload.count))
        encoder.encode(KeyedHash.mix(0, payload))
        return encoder.bytes + payload
    }

    private static func frame(in bytes: [UInt8], at offset: Int) -> (payload: [UInt8], end: Int)? {
        guard offset + 16 <= bytes.count else { return nil }
        let (length, checksum) = bytes.withUnsafeBytes { source in
            (UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
             UInt64(littleEndian: source.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
        }
        guard length <= UInt64(bytes.count - offset - 16) else { return nil }
        let end = offset + 16 + Int(length)
        let payload = Array(bytes[(offset + 16)..<end])
        return KeyedHash.mix(0, payload) == checksum ? (payload, end) : nil
    }
}
