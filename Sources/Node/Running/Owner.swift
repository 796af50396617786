import Dispatch
import Synchronization

/// A serial queue that owns a state: whatever touches it is posted here and done in order, one thing at a time. So the state needs
/// no locks, and none of its code waits for another owner.
///
/// A queue has no bound of its own; each poster has one. Peers' messages wait in the transport until their batch is done, answers
/// are to questions of which few are open, and clients wait for theirs.
final class Owner<State>: @unchecked Sendable {
    private let queue: DispatchQueue
    // Touched on `queue` alone, which is why this class is sound to send.
    private let state: State
    private let spent = Atomic<UInt64>(0)

    init(_ name: String, _ state: sending State) {
        queue = DispatchQueue(label: "trellis.\(name)", qos: .userInitiated)
        self.state = state
    }

    /// Seconds of CPU that what was posted has taken.
    var cpuSeconds: Double { Double(spent.load(ordering: .relaxed)) / 1e9 }

    func post(_ work: @escaping @Sendable (State) -> Void) {
        queue.async { self.run(work) }
    }

    private func run<Value>(_ work: (State) -> Value) -> Value {
        let start = ThreadTime.nanoseconds
        defer { spent.wrappingAdd(ThreadTime.nanoseconds &- start, ordering: .relaxed) }
        return work(state)
    }

    /// The answer to a question, when its turn has come.
    func ask<Value: Sendable>(_ question: @escaping @Sendable (State) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.run(question)) }
        }
    }

    /// Calls `work` every `milliseconds` until the timer is cancelled; what was missed is made up for by one call.
    func every(milliseconds: Int, _ work: @escaping @Sendable (State) -> Void) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { self.run(work) }
        timer.schedule(deadline: .now() + .milliseconds(milliseconds), repeating: .milliseconds(milliseconds), leeway: .microseconds(500))
        timer.activate()
        return timer
    }
}
