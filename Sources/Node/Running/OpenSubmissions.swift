import API
import Gossip
import Ledger
import Primitives

/// Clients that wait for the word about their transactions.
///
/// Invariant: every envelope that was given to gossip has its answer once: admitted, refused, or final.
struct OpenSubmissions {
    typealias Answer = @Sendable (SubmissionAnswer) -> Void

    private var waiting: [EnvelopeHash: (id: TransactionID, answers: [Answer])] = [:]

    var count: Int { waiting.count }

    /// True when gossip is to be asked; false when it has been, for another client.
    mutating func open(_ signed: SignedTransaction, _ answer: @escaping Answer) -> Bool {
        let isNew = waiting[signed.envelopeHash] == nil
        waiting[signed.envelopeHash, default: (signed.id, [])].answers.append(answer)
        return isNew
    }

    mutating func admitted(_ id: TransactionID, _ hash: EnvelopeHash) { answer(hash, .admitted(id)) }

    mutating func refused(_ id: TransactionID, _ hash: EnvelopeHash, _ rejection: MempoolRejection) {
        switch rejection {
        // In the pool, or in a block: either way the network has it.
        case .known: answer(hash, .admitted(id))
        case .busy: answer(hash, .busy(id))
        default: answer(hash, .refused(id, code: rejection.code, reason: rejection.text))
        }
    }

    mutating func committed(_ transactions: [SignedTransaction], at height: Height) {
        guard !waiting.isEmpty else { return }
        for (index, signed) in transactions.enumerated() where waiting[signed.envelopeHash] != nil {
            answer(signed.envelopeHash, .final(signed.id, TransactionPosition(height: height, index: UInt32(index))))
        }
    }

    /// The node ends.
    mutating func close() {
        for (hash, submission) in waiting { answer(hash, .busy(submission.id)) }
    }

    private mutating func answer(_ hash: EnvelopeHash, _ value: SubmissionAnswer) {
        for answer in waiting.removeValue(forKey: hash)?.answers ?? [] { answer(value) }
    }
}
