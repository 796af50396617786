import Glibc
import Primitives
import WorldState

/// What is found of an index when it is opened: the runs that are whole. A crash may leave half a file under its temporary name,
/// or a merged run beside those that it was made from; both are cleared away, and nothing is lost by it. What a
/// loss of power brings back is cleared away again.
struct FoundRuns {
    /// In ascending order of heights, which do not overlap.
    private(set) var runs: [Run] = []
    /// The highest generation that was used.
    private(set) var generation: UInt64 = 0
    /// What was damaged, and is gone.
    private(set) var losses: [StoreError] = []

    init(directory: String, chainID: ChainID) throws(StoreError) {
        var found: [Run] = []
        for name in try Directory.names(in: directory) {
            let path = directory + "/" + name
            if name.hasSuffix(Directory.temporarySuffix) {
                try Directory.remove(path)
                continue
            }
            guard name.hasSuffix(Run.suffix), let number = UInt64(name.dropLast(Run.suffix.count)) else { continue }
            generation = max(generation, number)
            do throws(StoreError) {
                let run = try Run(path, chainID: chainID)
                guard run.header.generation == number else {
                    throw StoreError(.corrupt, "\(path): is run \(run.header.generation) under another name")
                }
                found.append(run)
            } catch {
                guard error.code == .corrupt else { throw error }
                if losses.count < SortedRuns.lossesMax { losses.append(error) }
                try Directory.removeIfPresent(path)
            }
        }
        // Runs overlap when one was made from the other: the later one has everything that still counts.
        for run in found.sorted(by: { $0.header.generation > $1.header.generation }) {
            if runs.contains(where: { $0.heights.overlaps(run.heights) }) {
                try Directory.removeIfPresent(run.path)
            } else {
                runs.append(run)
            }
        }
        runs.sort { $0.heights.lowerBound < $1.heights.lowerBound }
    }
}
