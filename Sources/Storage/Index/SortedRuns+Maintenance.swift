import Primitives
import Synchronization
public import WorldState

extension SortedRuns {
    /// Writes what is in memory, all of it. An error leaves it there.
    public func seal() throws(StoreError) {
        try maintaining.withLock { (_) throws(StoreError) in
            state.withLock { if !$0.active.isEmpty { $0.freeze() } }
            try writeFrozen()
        }
    }

    /// Removes runs that do not count any more, writes the tables that wait, and merges runs until none need it. Memory stays
    /// bounded; the time of a merge is that of reading and writing its runs, once for each size that an entry passes through.
    public func maintain() throws(StoreError) {
        try maintaining.withLock { (_) throws(StoreError) in
            try removePruned()
            try writeFrozen()
            while let inputs = state.withLock({ RunTiers.merge($0.runs, options) }) {
                try merge(inputs)
                try writeFrozen()
            }
        }
    }

    private func removePruned() throws(StoreError) {
        let pruned = state.withLock { state in
            let pruned = state.runs.filter { $0.heights.upperBound < state.floor }
            state.runs.removeAll { $0.heights.upperBound < state.floor }
            return pruned
        }
        for run in pruned { try Directory.removeIfPresent(run.path) }
        if !pruned.isEmpty { try Directory.synchronize(directory) }
    }

    private func writeFrozen() throws(StoreError) {
        while let (table, generation) = state.withLock({ state -> (MemoryTable, UInt64)? in
            guard let table = state.frozen.first else { return nil }
            state.generation += 1
            return (table, state.generation)
        }) {
            let writer = try RunWriter(directory: directory, chainID: chainID, generation: generation, heights: table.heights)
            for entry in table.sorted { try writer.append(entry) }
            let run = try writer.finish()
            state.withLock { state in
                state.frozen.removeFirst()
                state.insert(run)
            }
        }
    }

    /// Replaces neighbouring runs by one. A run that is damaged is dropped, and nothing is merged.
    private func merge(_ inputs: [Run]) throws(StoreError) {
        let (generation, floor) = state.withLock { state in
            state.generation += 1
            return (state.generation, state.floor)
        }
        let last = inputs[inputs.count - 1].heights
        let heights = max(inputs[0].heights.lowerBound, min(floor, last.lowerBound))...last.upperBound
        let least = IndexEntry.place(heights.lowerBound)
        let writer = try RunWriter(directory: directory, chainID: chainID, generation: generation, heights: heights)
        var cursors: [RunCursor] = []
        for run in inputs {
            guard let cursor = reading(run, { () throws(StoreError) in try RunCursor(run) }) else { return }
            cursors.append(cursor)
        }
        var steps = 0
        while true {
            var first: (cursor: Int, entry: IndexEntry)?
            for index in cursors.indices {
                guard let entry = cursors[index].current else { continue }
                if first.map({ entry < $0.entry }) ?? true { first = (index, entry) }
            }
            guard let (index, entry) = first else { break }
            if entry.place >= least { try writer.append(entry) }
            guard reading(inputs[index], { () throws(StoreError) in try cursors[index].advance() }) != nil else { return }
            steps += 1
            if steps % Self.stepsBetweenTables == 0 { try writeFrozen() }
        }
        try replace(inputs, by: try writer.finish())
    }

    /// Entries that are merged before tables that wait meanwhile are written: a tenth of a second.
    private static let stepsBetweenTables = 1 << 20

    private func replace(_ inputs: [Run], by merged: Run) throws(StoreError) {
        let isWanted = state.withLock { state in
            // A question may have found one of them damaged meanwhile; then its heights are being added again.
            guard inputs.allSatisfy({ input in state.runs.contains { $0 === input } }) else { return false }
            state.runs.removeAll { run in inputs.contains { $0 === run } }
            state.insert(merged)
            state.findNext()
            return true
        }
        for run in isWanted ? inputs : [merged] { try Directory.removeIfPresent(run.path) }
        try Directory.synchronize(directory)
    }

    private func reading<Value>(_ run: Run, _ read: () throws(StoreError) -> Value) -> Value? {
        do throws(StoreError) { return try read() } catch {
            drop(run, because: error)
            return nil
        }
    }
}

extension SortedRuns.State {
    fileprivate mutating func insert(_ run: Run) {
        let index = runs.firstIndex { $0.heights.lowerBound > run.heights.lowerBound } ?? runs.count
        runs.insert(run, at: index)
    }
}
