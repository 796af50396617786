// Which of the two declares `timespec` depends on what else the compiler has read in the same batch.
import CDispatch
import Glibc

/// The CPU time of the calling thread.
enum ThreadTime {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
