import Glibc
import WorldState

/// Keeps a directory to one opener: a second one, in this process or another, gets ``StoreError/Code/locked``. The kernel
/// drops the lock with the process, therefore a crash leaves none behind.
struct DirectoryLock: ~Copyable, Sendable {
    private let file: File

    init(_ directory: String) throws(StoreError) {
        let file = try File(directory + "/LOCK", flags: O_RDWR | O_CREAT)
        try SystemCall.check("lock \(directory)") { flock(file.descriptor, LOCK_EX | LOCK_NB) }
        self.file = file
    }
}
