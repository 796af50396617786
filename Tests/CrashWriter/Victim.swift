import Glibc
import Primitives

/// A child process that extends the chain, and what it had promised when it was killed.
struct Victim {
    private let process: pid_t
    private let output: Int32

    enum Failure: Error { case spawn(Int32), ended(status: Int32, output: String) }

    /// Starts this program again with `arguments`.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure.spawn(errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words: [UnsafeMutablePointer<CChar>?] = (["crash-writer"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // A victim that traps must end at once; the runtime's backtrace would take its time.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        var process: pid_t = 0
        let code = posix_spawn(&process, "/proc/self/exe", &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else { throw Failure.spawn(code) }
        self.process = process
        output = ends[0]
    }

    /// Lets the child work for `microseconds`, from its start or from its first promise on, kills it, and returns its promises.
    func kill(afterMicroseconds microseconds: Int, fromFirstPromise: Bool) throws -> Promises {
        Promises(try output(afterMicroseconds: microseconds, fromFirstLine: fromFirstPromise))
    }

    /// As ``kill(afterMicroseconds:fromFirstPromise:)``, and returns the whole lines that it had written.
    func output(afterMicroseconds microseconds: Int, fromFirstLine: Bool) throws -> String {
        if fromFirstLine {
            var readable = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            poll(&readable, 1, 20_000)
        }
        usleep(UInt32(microseconds))
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = read(output, &buffer, buffer.count), count > 0 { text += buffer[..<count] }
        close(output)
        // 9: ended by SIGKILL. Anything else is the child's own failure.
        guard status & 0x7f == SIGKILL else { throw Failure.ended(status: status >> 8, output: String(decoding: text, as: UTF8.self)) }
        // A line without its end was never said.
        return String(decoding: text[..<((text.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)], as: UTF8.self)
    }
}

/// What a victim had said was durable.
struct Promises {
    var blocks: UInt64?
    var flushed: UInt64?
    var indexed: UInt64?
    var journal: [(height: UInt64, number: Int)] = []
    var count = 0

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let height = UInt64(words[1]) else { continue }
            count += 1
            switch words[0] {
            case "block": blocks = max(blocks ?? 0, height)
            case "flushed": flushed = max(flushed ?? 0, height)
            case "indexed": indexed = max(indexed ?? 0, height)
            case "journal": journal.append((height, Int(words[2])!))
            default: count -= 1
            }
        }
    }
}
