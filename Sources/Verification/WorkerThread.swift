import Glibc

/// Threads of the operating system. The cooperative pool has one thread per core for everything that is asynchronous;
/// curve arithmetic there would delay all of it.
enum WorkerThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; `name` is what debuggers and `top` show, cut to 15 bytes by the kernel.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body {
            // The call that names a thread is hidden from Swift; the name is worth no more than an attempt.
            if let file = fopen("/proc/thread-self/comm", "w") {
                fputs(name, file)
                fclose(file)
            }
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
