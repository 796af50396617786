import Glibc

/// What waits for the threads of a pool, and the rules by which they take it: one mutex, one condition variable.
///
/// Invariants, per lane: `cost` is the sum over the submissions that have been accepted and not finished;
/// `cost <= costMax`, or a single submission makes it up; nothing is `enlisted` behind the bound while the lane is empty.
///
/// Sound to send: everything mutable is inside the mutex.
final class WorkQueue: @unchecked Sendable {
    enum Reception { case accepted, full, closed }

    private struct LaneQueue {
        let costMax: Int
        var cost = 0
        /// Submissions with pieces that nobody has taken. The sum of their costs is bounded, and each costs at least one.
        var ready = Fifo<AnySubmission>()
        /// Submissions of suspended tasks, which wait for room. Their number is that of the tasks, and those cannot offer more
        /// while they wait.
        var enlisted = Fifo<AnySubmission>()

        func hasRoom(for submission: AnySubmission) -> Bool { cost == 0 || cost + submission.cost <= costMax }

        mutating func accept(_ submission: AnySubmission) {
            cost += submission.cost
            ready.append(submission)
        }

        /// Lets in whatever fits now, in the order of arrival.
        mutating func admit() {
            while let first = enlisted.first, hasRoom(for: first) { accept(enlisted.removeFirst()) }
        }

        mutating func takePiece() -> (AnySubmission, Range<Int>) {
            let submission = ready.first!
            let piece = submission.pieces[submission.nextPiece]
            submission.nextPiece += 1
            if submission.nextPiece == submission.pieces.count { _ = ready.removeFirst() }
            return (submission, piece)
        }
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private let ended: UnsafeMutablePointer<pthread_cond_t>
    private var consensus: LaneQueue
    private var bulk: LaneQueue
    /// Pieces of consensus taken since the last one of bulk, while bulk waited.
    private var consensusPiecesInARow = 0
    private var closed = false
    private var idleWorkers = 0
    private var runningWorkers: Int
    private var workerThreads: [pthread_t] = []

    init(workers: Int, consensusCostMax: Int, bulkCostMax: Int) {
        consensus = LaneQueue(costMax: consensusCostMax)
        bulk = LaneQueue(costMax: bulkCostMax)
        runningWorkers = workers
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        ended = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        pthread_cond_init(ended, nil)
    }

    deinit {
        pthread_cond_destroy(ended)
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        ended.deallocate()
        changed.deallocate()
        mutex.deallocate()
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Changes one lane; the caller holds the mutex.
    private func change<Result>(_ lane: VerificationPool.Lane, _ body: (inout LaneQueue) -> Result) -> Result {
        switch lane {
        case .consensus: body(&consensus)
        case .bulk: body(&bulk)
        }
    }

    // MARK: For those who submit

    var isClosed: Bool { withLock { closed } }

    /// Takes the submission if its lane has room and nobody waits for that room already.
    func offer(_ submission: AnySubmission) -> Reception {
        withLock {
            if closed { return .closed }
            let taken = change(submission.lane) { lane in
                guard lane.enlisted.isEmpty, lane.hasRoom(for: submission) else { return false }
                lane.accept(submission)
                return true
            }
            if taken { wake() }
            return taken ? .accepted : .full
        }
    }

    /// Takes the submission now or as soon as its lane has room. False when the queue is closed.
    func enlist(_ submission: AnySubmission) -> Bool {
        withLock {
            if closed { return false }
            change(submission.lane) { lane in
                lane.enlisted.append(submission)
                lane.admit()
            }
            wake()
            return true
        }
    }

    /// Accepts nothing more. What is there is answered by the workers, which then end.
    func close() {
        withLock {
            closed = true
            for lane in VerificationPool.Lane.allCases {
                change(lane) { lane in
                    while !lane.enlisted.isEmpty { lane.accept(lane.enlisted.removeFirst()) }
                }
            }
            pthread_cond_broadcast(changed)
        }
    }

    /// Returns when the workers have ended after ``close()``.
    func waitForWorkers() {
        withLock {
            precondition(!workerThreads.contains { pthread_equal($0, pthread_self()) != 0 }, "a worker cannot wait for itself")
            while runningWorkers > 0 { pthread_cond_wait(ended, mutex) }
        }
    }

    /// One idle worker is enough: whoever takes a piece and leaves some wakes the next. The caller holds the mutex.
    private func wake() {
        if idleWorkers > 0, !(consensus.ready.isEmpty && bulk.ready.isEmpty) { pthread_cond_signal(changed) }
    }

    // MARK: For the workers

    /// The life of a worker: pieces until the queue is closed and empty.
    func work() {
        withLock { workerThreads.append(pthread_self()) }
        while let (submission, piece, closed) = take() {
            guard submission.work(on: piece, closed: closed) else { continue }
            // The room is given back first, so that a receiver may submit the next batch at once.
            withLock {
                change(submission.lane) { lane in
                    lane.cost -= submission.cost
                    lane.admit()
                }
                wake()
            }
            submission.deliver()
        }
        withLock {
            runningWorkers -= 1
            pthread_cond_broadcast(ended)
        }
    }

    private func take() -> (AnySubmission, Range<Int>, closed: Bool)? {
        withLock {
            while consensus.ready.isEmpty, bulk.ready.isEmpty {
                if closed { return nil }
                idleWorkers += 1
                pthread_cond_wait(changed, mutex)
                idleWorkers -= 1
            }
            let bulkWaits = !bulk.ready.isEmpty
            let bulkIsDue = bulkWaits && consensusPiecesInARow >= VerificationPool.consensusPiecesInARowMax
            let taken: (AnySubmission, Range<Int>)
            if !consensus.ready.isEmpty, !bulkIsDue {
                taken = consensus.takePiece()
                consensusPiecesInARow = bulkWaits ? consensusPiecesInARow + 1 : 0
            } else {
                taken = bulk.takePiece()
                consensusPiecesInARow = 0
            }
            wake()
            return (taken.0, taken.1, closed)
        }
    }
}

/// First in, first out, with constant cost on average.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    /// The queue must not be empty.
    mutating func removeFirst() -> Element {
        let element = elements[head]!
        elements[head] = nil
        head += 1
        if 2 * head >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
