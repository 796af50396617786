// The same structure of the system comes to Swift by either module, whichever is loaded first.
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
