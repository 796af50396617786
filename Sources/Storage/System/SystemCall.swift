import Glibc
import WorldState

/// Turns the operating system's refusals into ``StoreError``.
enum SystemCall {
    /// Runs `call` again while a signal interrupts it; throws what the system says when it returns a negative number.
    @discardableResult
    static func check<Result: SignedInteger>(
        _ what: @autoclosure () -> String, _ call: () -> Result
    ) throws(StoreError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw error(code, what()) }
        }
    }

    static func error(_ code: Int32, _ what: String) -> StoreError {
        let reason = String(cString: strerror(code))
        switch code {
        // EFBIG is a file size limit of the process or the file system: to a store the same as a full disk.
        case ENOSPC, EDQUOT, EFBIG: return StoreError(.full, "\(what): \(reason)")
        case EWOULDBLOCK: return StoreError(.locked, "\(what): another process has it open")
        default: return StoreError(.io, "\(what): \(reason)")
        }
    }
}
