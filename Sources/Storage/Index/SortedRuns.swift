public import Primitives
import Synchronization
public import WorldState

/// An index from keys to places in the chain, as a small log-structured merge tree (O'Neil et al., "The log-structured merge-tree",
/// 1996): entries gather in memory, are written as sorted runs that never change, and runs are merged by size.
///
/// Everything in it can be made again from the block log, therefore it needs no log of its own. It knows which heights it covers,
/// and ``next`` is always the lowest that is missing: after a start, behind a jump, or because a damaged run was dropped. The owner
/// adds that height until it is above the head, and needs to know nothing else.
///
/// One thread adds; one thread at a time calls ``seal()`` and ``maintain()``, which write files; any thread asks.
public final class SortedRuns: Sendable {
    public struct Options: Sendable {
        /// A table in memory is frozen with the block that brings it to this many entries, about 70 bytes each.
        public var tableEntriesMax = 65_536
        /// Or to this many heights: they are what a start reads again from the block log.
        public var tableHeightsMax: UInt64 = 16_384
        /// Frozen tables that may wait to be written; beyond them nothing is taken.
        public var tablesFrozenMax = 4
        /// Neighbouring runs of one size that become one run: fewer give faster questions, more give less writing.
        public var mergeWidth = 4
        public init() {}
    }

    public let directory: String
    let chainID: ChainID
    let options: Options
    let state: Mutex<State>
    /// Held by whoever writes files.
    let maintaining = Mutex<Int>(0)
    private let lock: Mutex<DirectoryLock?>

    struct State {
        /// Heights below do not count.
        var floor: Height
        var active: MemoryTable
        /// Tables that wait to be written, in the order in which they were frozen.
        var frozen: [MemoryTable] = []
        /// In ascending order of heights, which do not overlap.
        var runs: [Run] = []
        var generation: UInt64 = 0
        var losses: [StoreError] = []
        /// The lowest height from ``floor`` on that is in no table and no run.
        var next: Height
    }

    /// Opens the index in `directory`, and makes an empty one if there is none. Heights below `first` do not count. What is
    /// damaged is removed, reported by ``losses``, and missing from then on.
    public init(directory: String, chainID: ChainID, first: Height, options: Options = Options()) throws(StoreError) {
        try Directory.create(directory)
        lock = Mutex(try DirectoryLock(directory))
        self.directory = directory
        self.chainID = chainID
        self.options = options
        let found = try FoundRuns(directory: directory, chainID: chainID)
        var state = State(floor: first, active: MemoryTable(first: first), next: first)
        state.runs = found.runs
        state.generation = found.generation
        state.losses = found.losses
        state.findNext()
        self.state = Mutex(state)
    }

    /// Lets another one open the directory. What is in memory and has not been sealed is added again by whoever opens it.
    public func close() { lock.withLock { $0 = nil } }

    // MARK: Adding

    /// The lowest height that is missing: what to add next.
    public var next: Height { state.withLock { $0.next } }

    /// The lowest height that is missing on disk: after a crash, ``next`` is here.
    public var nextDurable: Height { state.withLock { $0.next(countingTables: false) } }

    /// Adds the entries of a height, in ascending order of their indexes. False, and nothing is taken, when the height is not
    /// ``next`` any more or when too much waits to be written.
    public func add(_ height: Height, _ entries: [(key: IndexKey, index: UInt32)]) -> Bool {
        state.withLock { state in
            guard height == state.next, height.rawValue < 1 << 44 else { return false }
            if !state.active.isEmpty, state.active.next != height || isFull(state.active) {
                guard state.frozen.count < options.tablesFrozenMax else { return false }
                state.freeze()
            }
            if state.active.isEmpty { state.active = MemoryTable(first: height) }
            state.active.add(entries)
            state.findNext()
            if isFull(state.active), state.frozen.count < options.tablesFrozenMax { state.freeze() }
            return true
        }
    }

    private func isFull(_ table: MemoryTable) -> Bool {
        table.count >= options.tableEntriesMax || table.next.rawValue - table.first.rawValue >= options.tableHeightsMax
    }

    /// Whether tables wait for ``maintain()``.
    public var hasWork: Bool { state.withLock { !$0.frozen.isEmpty } }

    /// Heights below `height` do not count any more. Their runs go with the next ``maintain()``, their entries in other runs when
    /// those are merged.
    public func prune(below height: Height) {
        state.withLock { state in
            state.floor = max(state.floor, height)
            state.findNext()
        }
    }

    // MARK: Asking

    /// Places of `key` below `bound`, the newest first, at most `limit`: candidates, because keys are shared. Heights from ``next`` on
    /// may be missing. Throws when a run turns out to be damaged: it is dropped, ``next`` falls back to it, and the question may
    /// be asked again for what is left.
    public func candidates(_ key: IndexKey, below bound: IndexPosition? = nil, limit: Int) throws(StoreError) -> [IndexPosition] {
        let end = bound.map { IndexEntry.place($0.height, min($0.index, 1 << UInt32(IndexEntry.indexBits) - 1)) } ?? .max
        let (floor, tables, runs) = state.withLock { state in
            let floor = IndexEntry.place(state.floor)
            let tables = (state.frozen + [state.active]).filter { !$0.isEmpty }.map { table in
                (first: table.first, places: table.newest(key, below: end, from: floor, limit: limit))
            }
            return (floor, tables, state.runs)
        }
        // Heights of tables and runs do not overlap, therefore the highest comes first and is asked first.
        var places: [UInt64] = []
        var waiting = tables.sorted { $0.first < $1.first }
        for run in runs.reversed() {
            while let table = waiting.last, table.first > run.heights.lowerBound {
                places += waiting.removeLast().places
            }
            guard places.count < limit else { break }
            guard IndexEntry.place(run.heights.lowerBound) < end else { continue }
            do throws(StoreError) {
                try run.newest(key, below: end, from: floor, limit: limit, into: &places)
            } catch {
                drop(run, because: error)
                throw error
            }
        }
        for table in waiting.reversed() { places += table.places }
        return places.prefix(limit).map(IndexEntry.position)
    }

    // MARK: Damage

    /// Runs that were dropped since the last call, and why; at most ``lossesMax``. Whoever opens an index logs them.
    public func takeLosses() -> [StoreError] {
        state.withLock { state in
            defer { state.losses = [] }
            return state.losses
        }
    }

    static let lossesMax = 64

    /// Reads every page of every run and drops those that are damaged.
    public func verify() {
        for run in state.withLock({ $0.runs }) {
            do throws(StoreError) { try run.verify() } catch { drop(run, because: error) }
        }
    }

    func drop(_ run: Run, because error: StoreError) {
        let wasThere = state.withLock { state in
            guard let index = state.runs.firstIndex(where: { $0 === run }) else { return false }
            state.runs.remove(at: index)
            if state.losses.count < Self.lossesMax { state.losses.append(error) }
            state.findNext()
            return true
        }
        // What stays of it is found damaged again when the index is next opened.
        if wasThere { try? Directory.removeIfPresent(run.path) }
    }
}

extension SortedRuns.State {
    /// Moves the active table to those that wait.
    mutating func freeze() {
        frozen.append(active)
        active = MemoryTable(first: active.next)
    }

    mutating func findNext() { next = next(countingTables: true) }

    func next(countingTables: Bool) -> Height {
        var ranges = runs.map(\.heights)
        if countingTables {
            ranges += (frozen + [active]).filter { !$0.isEmpty }.map(\.heights)
            ranges.sort { $0.lowerBound < $1.lowerBound }
        }
        return ranges.reduce(floor) { $1.contains($0) ? $1.upperBound.successor : $0 }
    }
}
