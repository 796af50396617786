/// Threads that do nothing but check signatures, so that neither an event loop nor the owner of consensus nor the
/// cooperative pool ever waits for curve arithmetic.
///
/// A submission is a batch of messages of one type; its verdicts come back at once, in the order of the messages, exactly one
/// per message, whatever happens in between: a wrong signature, a cancellation, the end of the pool. Large submissions are
/// worked off in pieces by several threads. Different submissions may finish in any order.
///
/// ``Lane/consensus`` overtakes ``Lane/bulk`` at the next piece, and bulk still gets one piece after every
/// ``consensusPiecesInARowMax`` of consensus, about a fifth of the work, so that a flood of votes slows transactions down
/// but cannot stop them.
public final class VerificationPool: Sendable {
    /// What kind of haste a submission has.
    public enum Lane: Sendable, CaseIterable {
        /// Votes, proposals and certificates of the height in flight: a late one delays a block.
        case consensus
        /// Client transactions, block bodies, catch-up.
        case bulk
    }

    /// What became of a submission that was offered.
    public enum Reception: Sendable {
        /// The verdicts will be delivered.
        case accepted(Ticket)
        /// The lane holds as much as it may; nothing will be delivered. Try again later, or make the peer wait.
        case full
        /// The pool has been closed; nothing will be delivered.
        case closed
    }

    /// The number of threads.
    public let workers: Int
    private let queue: WorkQueue

    /// One thread per core is of use; more than this is a mistake of the configuration.
    public static let workersMax = 64
    /// Messages of one submission: a block's transactions, with room to spare.
    public static let submissionMessagesMax = 8_192
    /// Signatures that wait in the consensus lane: half a second of one core.
    public static let consensusCostMax = 8_192
    /// Signatures that wait in the bulk lane: a second of one core, three full blocks. More would only grow old.
    public static let bulkCostMax = 16_384
    /// Signatures that a thread takes at once: a few lock operations per piece are nothing beside 62 µs per signature, and a
    /// vote waits half a millisecond at most for a thread to become free.
    public static let bulkPieceCost = 8
    /// Votes mostly come in small numbers, which several threads should share.
    public static let consensusPieceCost = 2
    /// Pieces of consensus in a row while bulk waits: 32 signatures against 8.
    public static let consensusPiecesInARowMax = 16

    /// Starts `workers` threads, 1 … ``workersMax``: the cores divided by the validators on this host.
    public convenience init(workers: Int) {
        self.init(workers: workers, consensusCostMax: Self.consensusCostMax, bulkCostMax: Self.bulkCostMax)
    }

    init(workers: Int, consensusCostMax: Int, bulkCostMax: Int) {
        precondition((1...Self.workersMax).contains(workers))
        self.workers = workers
        let queue = WorkQueue(workers: workers, consensusCostMax: consensusCostMax, bulkCostMax: bulkCostMax)
        self.queue = queue
        for number in 0..<workers { WorkerThread.start(name: "verify-\(number)") { queue.work() } }
    }

    /// Without ``close()``, what waits is answered with ``Verdict/cancelled`` and the threads end by themselves.
    deinit { queue.close() }

    /// Offers `messages` without waiting.
    ///
    /// A lane takes a submission while its cost fits below the lane's bound; an empty lane takes any. When accepted, `deliver`
    /// is called once with one verdict per message. It runs on a thread of the pool, or on the caller's when `messages` is
    /// empty, and should only hand the verdicts on: while it runs, that thread verifies nothing.
    public func submit<Message, Failure>(
        _ messages: [Message], as check: SignatureCheck<Message, Failure>, lane: Lane,
        deliver: @escaping @Sendable ([Verdict<Message, Failure>]) -> Void
    ) -> Reception {
        precondition(messages.count <= Self.submissionMessagesMax)
        let ticket = Ticket()
        if messages.isEmpty {
            if queue.isClosed { return .closed }
            deliver([])
            return .accepted(ticket)
        }
        switch queue.offer(Submission(messages, check, lane, ticket, deliver)) {
        case .accepted: return .accepted(ticket)
        case .full: return .full
        case .closed: return .closed
        }
    }

    /// The verdicts for `messages`, in their order. Suspends first while the lane is full, in the order of arrival, then until
    /// everything is checked. When the task is cancelled, or the pool closed, what has not been begun is answered with
    /// ``Verdict/cancelled`` as soon as its turn comes.
    public func verify<Message, Failure>(
        _ messages: [Message], as check: SignatureCheck<Message, Failure>, lane: Lane
    ) async -> [Verdict<Message, Failure>] {
        precondition(messages.count <= Self.submissionMessagesMax)
        if messages.isEmpty { return [] }
        let ticket = Ticket()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let submission = Submission(messages, check, lane, ticket) { continuation.resume(returning: $0) }
                if !queue.enlist(submission) { submission.cancelWhole() }
            }
        } onCancel: {
            ticket.cancel()
        }
    }

    /// Accepts nothing more, lets the pieces in progress finish, answers everything else with ``Verdict/cancelled``, and
    /// returns when all verdicts have been delivered and the threads have ended. Must not be called from `deliver`.
    public func close() {
        queue.close()
        queue.waitForWorkers()
    }
}
