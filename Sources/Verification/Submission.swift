import Synchronization

/// A batch of messages on its way through the pool, without the type of the messages: what the queue has to know.
class AnySubmission: @unchecked Sendable {
    let lane: VerificationPool.Lane
    /// Signatures in all.
    let cost: Int
    /// Consecutive ranges of the messages, each worked off by one thread.
    let pieces: [Range<Int>]
    let ticket: Ticket
    /// The next piece to be taken. Guarded by the mutex of the queue; that is why this class is sound to send.
    var nextPiece = 0
    private let piecesLeft: Atomic<Int>

    fileprivate init(lane: VerificationPool.Lane, costs: some Sequence<Int>, ticket: Ticket) {
        let pieceCost = lane == .consensus ? VerificationPool.consensusPieceCost : VerificationPool.bulkPieceCost
        var pieces: [Range<Int>] = []
        var total = 0, start = 0, end = 0, gathered = 0
        for cost in costs {
            // A sum of at most `submissionMessagesMax` numbers below 2³² does not overflow.
            let cost = min(max(1, cost), Int(UInt32.max))
            total += cost
            gathered += cost
            end += 1
            if gathered >= pieceCost {
                pieces.append(start..<end)
                (start, gathered) = (end, 0)
            }
        }
        if start < end { pieces.append(start..<end) }
        self.lane = lane
        self.cost = total
        self.pieces = pieces
        self.ticket = ticket
        piecesLeft = Atomic(pieces.count)
    }

    /// Finds the verdicts of one piece, all of them ``Verdict/cancelled`` if the pool is `closed`. True when it was the last
    /// unfinished piece, and ``deliver()`` is due.
    final func work(on piece: Range<Int>, closed: Bool) -> Bool {
        judge(piece, closed: closed)
        // Releases what this thread wrote, and acquires what all others wrote before the last one delivers.
        return piecesLeft.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Answers without the queue, for a submission that it did not take.
    final func cancelWhole() {
        for piece in pieces where work(on: piece, closed: true) { deliver() }
    }

    fileprivate func judge(_ piece: Range<Int>, closed: Bool) { preconditionFailure("abstract") }
    func deliver() { preconditionFailure("abstract") }
}

/// A batch of messages with its verdicts.
final class Submission<Message: Sendable, Failure: Error>: AnySubmission, @unchecked Sendable {
    private let messages: [Message]
    private let check: SignatureCheck<Message, Failure>
    private let receive: @Sendable ([Verdict<Message, Failure>]) -> Void
    /// One place per message. Pieces are disjoint and each is judged once, so every place is written once and by one thread;
    /// `piecesLeft` orders those writes before the one reading in ``deliver()``.
    private let verdicts: UnsafeMutablePointer<Verdict<Message, Failure>>

    init(
        _ messages: [Message], _ check: SignatureCheck<Message, Failure>, _ lane: VerificationPool.Lane, _ ticket: Ticket,
        _ receive: @escaping @Sendable ([Verdict<Message, Failure>]) -> Void
    ) {
        self.messages = messages
        self.check = check
        self.receive = receive
        verdicts = .allocate(capacity: messages.count)
        super.init(lane: lane, costs: messages.lazy.map(check.cost), ticket: ticket)
    }

    // A delivery has moved the verdicts out; a refused submission never had any.
    deinit { verdicts.deallocate() }

    override fileprivate func judge(_ piece: Range<Int>, closed: Bool) {
        for index in piece {
            let verdict: Verdict<Message, Failure>
            if closed || ticket.isCancelled {
                verdict = .cancelled
            } else {
                do throws(Failure) {
                    verdict = .verified(try check.verify(messages[index]))
                } catch {
                    verdict = .refused(error)
                }
            }
            (verdicts + index).initialize(to: verdict)
        }
    }

    override func deliver() {
        receive([Verdict<Message, Failure>](unsafeUninitializedCapacity: messages.count) { buffer, count in
            buffer.baseAddress!.moveInitialize(from: verdicts, count: messages.count)
            count = messages.count
        })
    }
}
