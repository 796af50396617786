public import WorldState

/// The thread that writes the database, one piece of work after the other. It is its own, so that a slow commit delays neither
/// a vote nor the cooperative pool.
public final class FlushThread: Sendable {
    /// Pieces of work that wait. A group is flushed while the next one gathers; more than a few mean that the disk is too slow.
    private static let waitingMax = 16

    private let thread: WriterThread<@Sendable () -> Void>

    public init(name: String = "flush") {
        thread = WriterThread(name: name, weightMax: Self.waitingMax, work: { for work in $0 { work() } })
    }

    /// Runs `work` on the thread; suspends while too much waits.
    public func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let message: @Sendable () -> Void = {
                continuation.resume(returning: Result { () throws(StoreError) in try work() })
            }
            let closed = StoreError(.closed, "the flush thread has ended")
            switch thread.post(message, weight: 1) {
            case .accepted: return
            case .closed: continuation.resume(returning: .failure(closed))
            case .full:
                Task { if await !thread.send(message, weight: 1) { continuation.resume(returning: .failure(closed)) } }
            }
        }
        return try result.get()
    }

    /// Accepts nothing more, and returns when everything accepted has been done.
    public func close() { thread.close() }
}
