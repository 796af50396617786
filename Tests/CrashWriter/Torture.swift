import Glibc
import Primitives
import Storage
import WorldState

/// The judge: kills victims on one directory again and again, and after each looks whether everything that was promised is there,
/// whether everything that is there is right, and whether the state is the one that the chain's seed gives.
///
/// The reference is computed from the seed alone: a dictionary of values, and a tree in memory for the root.
struct Torture {
    let directory: String
    let chain: SyntheticChain
    private var random: SeededGenerator

    /// Reference: the state after `reference.height`.
    private let reference: WorldState
    private var values: [StateKey: [UInt8]] = [:]
    /// The roots of the heights the store may still have to replay.
    private var roots: [UInt64: Digest] = [:]

    private(set) var acknowledged = 0
    private(set) var lost = 0
    private(set) var tornTails = 0
    private(set) var heights: UInt64 = 0
    private(set) var replayed: UInt64 = 0

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    init(directory: String, seed: UInt64) throws {
        self.directory = directory
        chain = SyntheticChain(seed: seed)
        random = SeededGenerator(seed: seed)
        reference = try WorldState(opening: MemoryStore().snapshot())
    }

    /// One victim; `afterwards` runs between its death and the judgement.
    mutating func round(_ afterwards: () throws -> Void) throws {
        let victim = try Victim(["write", directory, String(chain.seed)])
        // One in five dies while it starts: recovery must bear a crash too.
        let startsUp = random.chance(1, in: 5)
        let promises = try victim.kill(
            afterMicroseconds: random.below(startsUp ? 30_000 : 60_000), fromFirstPromise: !startsUp)
        acknowledged += promises.count
        try afterwards()
        guard ChainStore.exists(in: directory) else {
            if promises.count > 0 { throw Broken(description: "the store is gone") }
            return
        }
        try judge(promises)
    }

    private mutating func judge(_ promises: Promises) throws {
        let store = try ChainStore.open(in: directory, chainID: SyntheticChain.chainID, options: SyntheticChain.options)
        defer { store.close() }
        guard let journal = store.journal else { throw Broken(description: "the journal is gone") }
        for report in [store.blocks.recovery, journal.recovery] where report.loss != nil {
            tornTails += 1
            print("torn tail: \(report)")
        }
        let next = store.blocks.next
        if let promised = promises.blocks, promised >= next.rawValue {
            lost += Int(promised + 1 - next.rawValue)
            throw Broken(description: "block \(promised) was acknowledged, but the log ends below \(next)")
        }
        try advanceReference(to: next)
        heights = next.rawValue
        try judgeJournal(journal, promises, next)
        try judgeIndex(promises, store.blocks.first..<next)

        let state = try WorldState(opening: store.state.snapshot())
        if let promised = promises.flushed, promised > state.flushedHeight?.rawValue ?? 0 {
            throw Broken(description: "height \(promised) was flushed, but the state is at \(String(describing: state.flushedHeight))")
        }
        if let flushed = state.flushedHeight, let root = roots[flushed.rawValue], root != state.root {
            throw Broken(description: "the state of height \(flushed) has the wrong root")
        }
        try store.replay(above: state.flushedHeight) { (height, block) throws(StoreError) in
            guard let root = roots[height.rawValue], block == chain.block(height, root: root) else {
                throw StoreError(.corrupt, "block \(height) is not what was written")
            }
            _ = try state.apply(chain.changes(height), height: height)
            guard state.root == root else { throw StoreError(.corrupt, "replay of block \(height) gives the wrong root") }
            replayed += 1
        }
        guard state.root == reference.root else { throw Broken(description: "the state has the wrong root") }
        try judgeValues(state.view)
        try store.blocks.verify()
        let kept = state.flushedHeight?.rawValue ?? 0
        roots = roots.filter { $0.key >= kept }
    }

    /// Applies every height below `next` to the reference.
    private mutating func advanceReference(to next: Height) throws {
        while reference.height.map({ $0.successor < next }) ?? (next > 0) {
            let height = reference.height?.successor ?? 0
            let changes = chain.changes(height)
            _ = try reference.apply(changes, height: height)
            for change in changes { values[change.key] = change.value }
            roots[height.rawValue] = reference.root
        }
        guard reference.height?.successor ?? 0 == next else {
            throw Broken(description: "the log went back from \(String(describing: reference.height)) to below \(next)")
        }
    }

    /// Records of heights above the last final one were promised for good; those below may have been dropped with their file.
    private func judgeJournal(_ journal: ConsensusJournal, _ promises: Promises, _ next: Height) throws {
        var found: Set<[UInt64]> = []
        try journal.replay(above: nil) { (height, record) throws(StoreError) in
            guard let number = (0..<SyntheticChain.journalRecordsPerHeight)
                .first(where: { record == chain.journalRecord(height, $0) }) else {
                throw StoreError(.corrupt, "a journal record of height \(height) is not one that was written")
            }
            found.insert([height.rawValue, UInt64(number)])
        }
        for promise in promises.journal where promise.height >= next.rawValue && !found.contains([promise.height, UInt64(promise.number)]) {
            throw Broken(description: "journal record \(promise) was acknowledged and is gone")
        }
    }

    /// The index may lag behind what was noted, never behind what it called durable; what it covers is right.
    private mutating func judgeIndex(_ promises: Promises, _ kept: Range<Height>) throws {
        let index = try chain.index(in: directory, first: kept.lowerBound)
        defer { index.close() }
        if let loss = index.takeLosses().first { throw Broken(description: "the index is damaged: \(loss)") }
        guard index.next <= kept.upperBound else { throw Broken(description: "the index is ahead of the log") }
        if let promised = promises.indexed, promised > index.next.rawValue {
            throw Broken(description: "the index had everything below \(promised), now below \(index.next)")
        }
        guard index.next > kept.lowerBound else { return }
        for _ in 0..<30 {
            let height = Height(kept.lowerBound.rawValue + random.below(index.next.rawValue - kept.lowerBound.rawValue))
            guard try index.block(chain.hash(height)) == [height] else { throw Broken(description: "the index lacks block \(height)") }
            for (number, transaction) in chain.transactions(height).enumerated() {
                let place = IndexPosition(height: height, index: UInt32(number))
                guard try index.transaction(transaction.id) == [place] else { throw Broken(description: "the index lacks transaction \(place)") }
            }
        }
        let account = chain.account(random.below(SyntheticChain.accountCount))
        let found = try index.transactions(of: account, limit: 10)
        let expected = (kept.lowerBound.rawValue..<index.next.rawValue).reversed().lazy.flatMap { [chain] height in
            chain.transactions(Height(height)).enumerated().reversed().filter { $1.accounts.contains(account) }
                .map { IndexPosition(height: Height(height), index: UInt32($0.offset)) }
        }.prefix(10)
        guard found == Array(expected) else { throw Broken(description: "transactions of an account: \(found), expected \(Array(expected))") }
    }

    private func judgeValues(_ view: StateView) throws {
        guard view.keyCount == UInt64(values.count) else {
            throw Broken(description: "the state has \(view.keyCount) keys, expected \(values.count)")
        }
        for (key, value) in values where try view.value(key) != value {
            throw Broken(description: "the value of \(key.bytes.hex) is wrong")
        }
    }
}
