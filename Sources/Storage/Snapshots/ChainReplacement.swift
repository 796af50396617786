import Glibc
import Primitives
public import WorldState

/// Puts a restored state, and a block log that goes on behind it, in the place of the old ones. Both change at once: a crash at any
/// point leaves the old chain or the new one.
///
///     restore/     the new chain while it is made: state/, at last blocks/
///     restored/    the same, decided: renaming the directory is the moment of truth
///
/// From then on whoever opens the store first brings the parts to their places, again from the start if need be: a part that is
/// still under `restored/` replaces what has its name; one that is not has been moved.
public enum ChainReplacement {
    private static let parts = ["state", "blocks"]

    static func place(in directory: String) -> String { directory + "/restore" }
    private static func decided(in directory: String) -> String { directory + "/restored" }

    /// Whether a new chain has been decided on and is not in its place yet.
    public static func isDecided(in directory: String) -> Bool { access(decided(in: directory), F_OK) == 0 }

    /// Decides for the state of `height` that lies under ``place(in:)``, closed and durable. The old chain is still open and goes on until
    /// ``finish(in:)``.
    static func decide(in directory: String, chainID: ChainID, height: Height) throws(StoreError) {
        let place = place(in: directory)
        try BlockLog(directory: place + "/blocks", chainID: chainID, first: height.successor).close()
        try SystemCall.check("rename \(place)") { rename(place, decided(in: directory)) }
        try Directory.synchronize(directory)
    }

    /// Brings a decided chain to its place; does nothing when there is none. The old store must be closed and its snapshots let go:
    /// otherwise it throws `locked`, the decision stands, and it may be tried again.
    public static func finish(in directory: String) throws(StoreError) {
        let decided = decided(in: directory)
        guard access(decided, F_OK) == 0 else { return }
        // Whoever still uses one of the old parts is noticed before any of them goes.
        let locks = (try lock(directory + "/state"), try lock(directory + "/blocks"))
        for part in parts where access(decided + "/" + part, F_OK) == 0 {
            let target = directory + "/" + part
            try Directory.removeTree(target)
            try SystemCall.check("rename \(target)") { rename(decided + "/" + part, target) }
            try Directory.synchronize(directory)
            try Directory.synchronize(decided)
        }
        withExtendedLifetime(locks) {}
        try Directory.removeTree(decided)
        try Directory.synchronize(directory)
    }

    /// nil when the part is not there.
    private static func lock(_ part: String) throws(StoreError) -> LockedPart? { access(part, F_OK) == 0 ? try LockedPart(part) : nil }

    private final class LockedPart {
        private let lock: DirectoryLock
        init(_ part: String) throws(StoreError) { lock = try DirectoryLock(part) }
    }

    /// Removes a chain that is being made.
    static func abandon(in directory: String) throws(StoreError) { try Directory.removeTree(place(in: directory)) }
}
