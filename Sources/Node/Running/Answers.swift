import API
import Synchronization

/// The answers to a batch, which come one by one from several places, in the order of the questions.
final class Answers: Sendable {
    fileprivate struct State {
        var answers: [SubmissionAnswer?]
        var missing: Int
        var whenComplete: (@Sendable ([SubmissionAnswer]) -> Void)?
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(answers: Array(repeating: nil, count: count), missing: count)) }

    /// The first answer to a question counts.
    func set(_ index: Int, _ answer: SubmissionAnswer) {
        let complete: (@Sendable () -> Void)? = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.answers[index] == nil else { return nil }
            state.answers[index] = answer
            state.missing -= 1
            return state.takeWhenComplete()
        }
        complete?()
    }

    func whenComplete(_ body: @escaping @Sendable ([SubmissionAnswer]) -> Void) {
        let complete: (@Sendable () -> Void)? = state.withLock { state in
            state.whenComplete = body
            return state.takeWhenComplete()
        }
        complete?()
    }
}

fileprivate extension Answers.State {
    mutating func takeWhenComplete() -> (@Sendable () -> Void)? {
        guard missing == 0, let body = whenComplete else { return nil }
        whenComplete = nil
        let complete = answers.compactMap { $0 }
        return { body(complete) }
    }
}
