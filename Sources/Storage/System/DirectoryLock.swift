import Glibc
import WorldState

/// Keeps a directory to one opener: a second one, in this process or another, gets ``StoreError/Code/locked``. The kernel
/// drops the lock with the process, therefore a crash leaves none behind.
struct DirectoryLock: ~Copyable, Sendable {
    /// A child that this process, or the one before it, has just forked shares the lock until it becomes another program.
    /// That takes no time worth naming, but it is not nothing.
    private static let attempts = 50
    private static let pauseMicroseconds: UInt32 = 10_000

    private let file: File

    init(_ directory: String) throws(StoreError) {
        let file = try File(directory + "/LOCK", flags: O_RDWR | O_CREAT)
        for attempt in 1...Self.attempts {
            do {
                try SystemCall.check("lock \(directory)") { flock(file.descriptor, LOCK_EX | LOCK_NB) }
                break
            } catch {
                guard error.code == .locked, attempt < Self.attempts else { throw error }
                usleep(Self.pauseMicroseconds)
            }
        }
        self.file = file
    }
}
