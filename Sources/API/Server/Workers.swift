import Interface
import NIOPosix
import Synchronization

/// Threads for what may wait for a disk or take long: reading state, running contracts. Tasks never do either themselves.
final class Workers: Sendable {
    private let threads: NIOThreadPool
    private let waitingMax: Int
    private let viewsMax: Int
    private let counts = Mutex((waiting: 0, views: 0))

    init(count: Int, waitingMax: Int, viewsMax: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        self.waitingMax = waitingMax
        self.viewsMax = viewsMax
        threads.start()
    }

    /// What is under way, for metrics.
    var load: (waiting: Int, views: Int) { counts.withLock { $0 } }

    /// A short read of state.
    func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard counts.withLock({ enter(&$0.waiting, waitingMax) }) else { throw Problem(.nodeBusy, "\(waitingMax) reads wait already.") }
        defer { counts.withLock { $0.waiting -= 1 } }
        return try await threads.runIfActive(body)
    }

    /// A contract's code, bounded by gas.
    func view<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        guard counts.withLock({ enter(&$0.views, viewsMax) }) else { throw Problem(.nodeBusy, "\(viewsMax) views run already.") }
        defer { counts.withLock { $0.views -= 1 } }
        return try await threads.runIfActive(body)
    }

    func stop() { threads.shutdownGracefully { _ in } }

    private func enter(_ count: inout Int, _ max: Int) -> Bool {
        guard count < max else { return false }
        count += 1
        return true
    }
}
