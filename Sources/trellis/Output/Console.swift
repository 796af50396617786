import Glibc
import Synchronization

/// Where the program's words go: results to stdout, everything else to stderr.
enum Console {
    private static let collected = Mutex<[String]>([])

    /// What was warned of so far.
    static var warnings: [String] { collected.withLock { $0 } }

    static func result(_ text: String) { write(text, STDOUT_FILENO) }

    /// A line of prose.
    static func note(_ text: String) { write(text + "\n", STDERR_FILENO) }

    /// Told at once, and again in the result's document.
    static func warn(_ text: String) {
        collected.withLock { $0.append(text) }
        note(Terminal.style("warning:", .yellow, on: STDERR_FILENO) + " " + text)
    }

    static func report(_ failure: CommandFailure) {
        note(Terminal.style("error:", .red, on: STDERR_FILENO) + " \(Terminal.printable(failure.what)) (\(failure.code))")
        if let why = failure.why { note("  why: \(Terminal.printable(why))") }
        if let next = failure.next { note("  next: \(Terminal.printable(next))") }
    }

    private static func write(_ text: String, _ descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                return
            }
            start += written
        }
    }
}
