import Glibc

/// One thread that works off a bounded mailbox, everything that waits at once: the owner of a file or a database. Blocking
/// system calls belong here, never on an event loop or the cooperative pool.
final class WriterThread<Message: Sendable>: Sendable {
    /// What became of a message that was offered.
    enum Reception { case accepted, full, closed }

    private struct Mailbox {
        var messages: [Message] = []
        var weight = 0
        var isClosed = false
        var hasEnded = false
        /// Tasks that wait for room, one continuation each; they are suspended, therefore they cannot offer more.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let mailbox = Monitor(Mailbox())
    private let weightMax: Int

    /// `work` gets what has been posted since its last call, in order. The mailbox holds messages up to a total weight of
    /// `weightMax`, and always at least one. `end` runs on the thread when it has been closed and everything is done.
    init(
        name: String, weightMax: Int, work: @escaping @Sendable ([Message]) -> Void, end: @escaping @Sendable () -> Void = {}
    ) {
        self.weightMax = weightMax
        let mailbox = mailbox
        Thread.start(name: name) {
            while true {
                let (messages, waiting, ends) = mailbox.when({ !$0.messages.isEmpty || $0.isClosed }) { box in
                    let taken = (box.messages, box.waiting, box.messages.isEmpty)
                    box.messages = []
                    box.weight = 0
                    box.waiting = []
                    return taken
                }
                for task in waiting { task.resume() }
                if ends { break }
                work(messages)
            }
            end()
            mailbox.withLock { $0.hasEnded = true }
        }
    }

    deinit { mailbox.withLock { $0.isClosed = true } }

    /// Hands over a message without waiting.
    func post(_ message: Message, weight: Int) -> Reception {
        mailbox.withLock { box in
            if box.isClosed { return .closed }
            guard box.messages.isEmpty || box.weight + weight <= weightMax else { return .full }
            box.messages.append(message)
            box.weight += weight
            return .accepted
        }
    }

    /// Hands over a message, suspending while the mailbox is full. False when the thread has been closed.
    func send(_ message: Message, weight: Int) async -> Bool {
        while true {
            switch post(message, weight: weight) {
            case .accepted: return true
            case .closed: return false
            case .full:
                await withCheckedContinuation { task in
                    let resumesNow = mailbox.withLock { box in
                        if box.messages.isEmpty || box.isClosed { return true }
                        box.waiting.append(task)
                        return false
                    }
                    if resumesNow { task.resume() }
                }
            }
        }
    }

    /// Accepts nothing more, and returns when everything accepted has been worked off. Must not be called by `work`.
    func close() {
        mailbox.withLock { $0.isClosed = true }
        mailbox.when({ $0.hasEnded }) { _ in }
    }
}

/// Threads of the operating system.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; `name` is what debuggers and `top` show, cut to 15 bytes by the kernel.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body {
            // pthread_setname_np is hidden from Swift, and the name is worth no more than an attempt.
            try? File("/proc/thread-self/comm", flags: O_WRONLY).write(Array(name.utf8), at: 0)
            run()
        })
        let code = pthread_create(&thread, nil, { argument in
            Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, body.toOpaque())
        precondition(code == 0, "the system refuses a thread: \(code)")
        pthread_detach(thread)
    }
}
