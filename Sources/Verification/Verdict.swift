public import Primitives
import Synchronization

/// The answer for one message of a submission.
public enum Verdict<Message: Sendable, Failure: Error>: Sendable {
    /// Every signature holds.
    case verified(Verified<Message>)
    /// A check failed; whether that costs the peer anything is the failure's to say.
    case refused(Failure)
    /// Nobody looked: the submission was cancelled or the pool closed. It says nothing about the message.
    case cancelled

    /// The verified message, if it is one.
    public var verified: Verified<Message>? {
        if case .verified(let message) = self { message } else { nil }
    }
}

extension Verdict: Equatable where Message: Equatable, Failure: Equatable {}

/// The handle of an accepted submission.
public final class Ticket: Sendable {
    private let flag = Atomic(false)

    /// Spares the work that has not been begun: its messages are answered with ``Verdict/cancelled`` when their turn comes.
    public func cancel() { flag.store(true, ordering: .relaxed) }

    public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
