import Glibc

/// A process of a local network, told apart from a later one with the same number by the time at which it started.
struct RunningProcess: Codable, Equatable {
    let id: Int32
    /// Clock ticks after the machine's start, field 22 of `/proc/ID/stat`.
    let startTicks: UInt64

    enum State: String { case running, paused, gone }

    var state: State {
        guard let found = Self.look(id), found.startTicks == startTicks else { return .gone }
        return switch found.letter {
        case "Z", "X": .gone
        case "T", "t": .paused
        default: .running
        }
    }

    /// Sends a signal; false when the process is gone.
    @discardableResult
    func send(_ signal: Int32) -> Bool { state != .gone && kill(id, signal) == 0 }

    /// Waits until the process is gone; false when it still is there after `milliseconds`.
    func ends(within milliseconds: Int) async -> Bool {
        var waited = 0
        while state != .gone {
            guard waited < milliseconds else { return false }
            try? await Task.sleep(for: .milliseconds(20))
            waited += 20
        }
        // A child that has ended stays in the table until somebody asks for its status.
        waitpid(id, nil, WNOHANG)
        return true
    }

    /// Starts this same program, in a session of its own, with nothing of this process but the words given here.
    ///
    /// - Parameters:
    ///   - environment: as `NAME=value`.
    ///   - log: the file to which stdout and stderr are added.
    static func start(_ arguments: [String], environment: [String], log: String) throws(CommandFailure) -> RunningProcess {
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(ownSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)))
        keepDescriptors()

        var words: [UnsafeMutablePointer<CChar>?] = (["trellis"] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, "/proc/self/exe", &actions, &attributes, &words, &variables)
        guard code == 0, let found = look(id) else {
            throw CommandFailure(code: "devnet.process", what: "no process can be started", why: String(cString: strerror(code)), next: "ls -l \(log)")
        }
        return RunningProcess(id: id, startTicks: found.startTicks)
    }

    /// `POSIX_SPAWN_SETSID`, which the system's headers hide from modules.
    private static let ownSession: Int32 = 0x80

    /// Sees to it that no file or socket of this process is passed on, whoever opened it.
    private static func keepDescriptors() {
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if let descriptor = Int32(name), descriptor > STDERR_FILENO { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    private static func look(_ id: Int32) -> (letter: Character, startTicks: UInt64)? {
        guard let file = fopen("/proc/\(id)/stat", "re") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        // The program's name is in parentheses, and may hold some itself.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let letter = fields[0].first, let ticks = UInt64(fields[19]) else { return nil }
        return (letter, ticks)
    }
}
