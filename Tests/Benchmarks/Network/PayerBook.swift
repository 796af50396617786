import Synchronization

/// Payers, shared out among submitters; what a load has numbered is known to the next one.
final class PayerBook: Sendable {
    private let parts: [PayerPart]

    private final class PayerPart: Sendable {
        let payers = Mutex<[Payer]>([])
    }

    init(_ payers: [Payer], parts count: Int) {
        parts = (0..<count).map { _ in PayerPart() }
        add(payers)
    }

    func add(_ payers: [Payer]) {
        let share = payers.count / parts.count
        for (index, part) in parts.enumerated() { part.payers.withLock { $0 += payers[(index * share)..<((index + 1) * share)] } }
    }

    func take(_ part: Int) -> [Payer] { parts[part].payers.withLock { payers in defer { payers = [] }; return payers } }
    func give(back payers: [Payer], _ part: Int) { parts[part].payers.withLock { $0 = payers } }
}
