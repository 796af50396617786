import Consensus
import Ledger
import Logging
import Primitives
import Storage
import WorldState

/// A record on its way to the journal.
struct JournalItem: Sendable {
    let entry: JournalEntry
    let bytes: [UInt8]
    let height: Height
    /// The replica's number of the record, which waits for its being durable.
    let sequence: UInt64?
}

/// What the replica must not forget.
extension Core {
    /// Records of one fsync.
    private static let groupMax = 256
    /// Records and bytes between two checkpoints; they bound what a start reads and what the journal keeps.
    private static let checkpointRecords = 4_096
    private static let checkpointBytes = 8 << 20

    func makeJournal() -> OrderedWriter<JournalItem> {
        OrderedWriter(groupMax: Self.groupMax) { [unowned self] group in
            guard let journal = environment.stores.chain.journal else { preconditionFailure("a node runs with a journal, if need be a new one") }
            // A label above a record's own height only keeps the record longer.
            let height = group.map(\.height).max()!, owner = owner!
            return journal.submit(group.map(\.bytes), height: height) { result in owner.post { $0.journalled(result) } }
        }
    }

    func persist(_ record: JournalRecord, _ sequence: UInt64) {
        var carried: [SignedTransaction] = []
        if let proposal = record.proposal, !proposal.payload.isEmpty, journalled.insert(proposal.draft.digest).inserted {
            guard let known = knownBodies(of: proposal, proposal.draft.digest) else {
                // The replica votes for, and commits, only what was judged with its bodies.
                return environment.failed(NodeError(.executionFailed, "no bodies for a proposal of block \(proposal.draft.height) that is to be journalled"))
            }
            carried = known
        }
        append(.record(record, bodies: carried), sequence)
        if case .floor = record { isJournalLost = false }
        if sinceCheckpoint.records >= Self.checkpointRecords || sinceCheckpoint.bytes >= Self.checkpointBytes { writeCheckpoint() }
    }

    /// Everything that has been persisted so far, as one record; what came before it can go once the height is final.
    func writeCheckpoint() {
        sinceCheckpoint = (0, 0)
        // Under the same label, so that no retiring of files takes this away and leaves the checkpoint.
        if isJournalLost { append(.lost, nil) }
        // The fold of all records before it, durable or waiting.
        append(.checkpoint(accepted), nil)
        journalled = journalled.filter { bodies[$0] != nil }
    }

    private func append(_ entry: JournalEntry, _ sequence: UInt64?) {
        let bytes = entry.bytes
        sinceCheckpoint.records += 1
        sinceCheckpoint.bytes += bytes.count
        if case .record(let record, _) = entry { accepted.apply(record) }
        journal.append(JournalItem(entry: entry, bytes: bytes, height: replica.height, sequence: sequence))
    }

    private func journalled(_ result: Result<Void, StoreError>) {
        do {
            let durable = try journal.finished(result)
            for item in durable { if case .checkpoint = item.entry { checkpoints.append(item.height) } }
            if journal.isStalled { environment.log.error("the disk is full; votes wait to be written", metadata: ["code": "store.full"]) }
            if let sequence = durable.last(where: { $0.sequence != nil })?.sequence { give(.persisted(through: sequence)) }
        } catch { environment.failed(NodeError(.storeFailed, "the consensus journal: \(error)", remedy: "look at the disk, then start the node again")) }
    }

    /// Files of the journal below the newest durable checkpoint can go once the log has the blocks below it.
    func retireJournal() {
        let store = environment.stores.chain, log = environment.log, next = store.blocks.next
        guard let newest = checkpoints.last(where: { $0 <= next }), newest > retired, newest > 0 else { return }
        checkpoints.removeAll { $0 < newest }
        retired = newest
        Task {
            do throws(StoreError) {
                try await store.runBetweenFlushes { () throws(StoreError) in try store.journal?.finish(Height(newest.rawValue - 1)) }
            } catch { log.warning("retiring the journal: \(error)") }
        }
    }
}
