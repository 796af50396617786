import API
import Consensus
import Cryptography
import Dispatch
public import Execution
import Gossip
public import Ledger
import Logging
import Networking
import Primitives
import Storage
import Synchronization
import Verification
import WorldState

/// A running node: everything wired together. ``start(_:keys:log:)`` opens its store, brings the state up to its log, and begins to
/// talk to peers; ``stop()`` ends it in good order. What applications see of it is its ``API/NodeView``.
public final class Node: Sendable {
    let configuration: NodeConfiguration
    let environment: CoreEnvironment
    public let executor: BlockExecutor
    let core: Owner<Core>
    let timer: TimerBox
    let pump: Task<Void, Never>
    private let ending: Ending
    /// The address that peers reach this node at; nil for a node that only dials.
    public let listens: String?
    let started = ContinuousClock.now

    init(
        configuration: NodeConfiguration, environment: CoreEnvironment, executor: BlockExecutor, core: Owner<Core>, timer: TimerBox,
        pump: Task<Void, Never>, ending: Ending, listens: String?
    ) {
        self.configuration = configuration
        self.environment = environment
        self.executor = executor
        self.core = core
        self.timer = timer
        self.pump = pump
        self.ending = ending
        self.listens = listens
    }

    public var genesis: Genesis { environment.genesis }

    /// How a node ends.
    public enum Outcome: Equatable, Sendable {
        /// It was told to.
        case stopped
        /// A snapshot has been restored beside its chain: started again, it goes on from there.
        case restored
        case failed(NodeError)
    }

    /// Returns when the node has ended, or can only go on after ``stop()`` and a new start.
    public func outcome() async -> Outcome { await ending.wait() }

    /// Ends the node: says goodbye to peers, writes what is decided, closes the store. What was acknowledged is safe in any case.
    public func stop() async {
        guard ending.beginStop() else { return }
        timer.cancel()
        await environment.transport.shutdown()
        await pump.value
        // What was posted before has been done when this question is answered.
        await core.ask { core in
            core.keepPeers(andAddresses: true)
            core.submissions.close()
        }
        for _ in 0..<500 {
            if await environment.keeper.ask({ $0.isSettled }) { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        if let group = await environment.keeper.ask({ $0.finalGroup() }) {
            do { _ = try await environment.stores.chain.flush(group) } catch { environment.log.warning("the last flush: \(error)") }
        }
        environment.published.end()
        environment.pool.close()
        // A signature that was being checked may have cost a peer its welcome.
        await withCheckedContinuation { written in core.post { $0.keepPeers(andAddresses: false) { written.resume() } } }
        environment.restorer.close()
        environment.snapshots.close()
        environment.stores.close()
        ending.finish(.stopped)
    }
}

/// A timer that may be cancelled from anywhere.
final class TimerBox: @unchecked Sendable {
    // Dispatch sources are safe to cancel from any thread.
    private let timer: any DispatchSourceTimer
    init(_ timer: any DispatchSourceTimer) { self.timer = timer }
    func cancel() { timer.cancel() }
}

/// Where a node's end is waited for.
final class Ending: Sendable {
    private struct State {
        var isStopping = false
        var result: Node.Outcome?
        var waiters: [CheckedContinuation<Node.Outcome, Never>] = []
    }

    private let state = Mutex(State())

    /// True for the first who asks.
    func beginStop() -> Bool {
        state.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
    }

    /// The first result counts.
    func finish(_ outcome: Node.Outcome) {
        let waiters = state.withLock { state in
            if state.result == nil { state.result = outcome }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    func wait() async -> Node.Outcome {
        await withCheckedContinuation { continuation in
            let result: Node.Outcome? = state.withLock { state in
                if state.result == nil { state.waiters.append(continuation) }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }
}
