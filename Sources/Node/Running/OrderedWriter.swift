import WorldState

/// Writes items to a log in their order, one group at a time, and a group that found the disk full again until it fits. Nothing
/// behind an item becomes durable before it. Used on one owner's queue alone.
final class OrderedWriter<Item: Sendable> {
    private let countMax: Int
    /// Hands a group to the log; the answer comes to ``finished(_:)``. False when the log takes nothing now.
    private let submit: ([Item]) -> Bool
    private var waiting: [Item] = []
    private var writing: [Item] = []
    private(set) var isStalled = false

    init(groupMax: Int, submit: @escaping ([Item]) -> Bool) {
        countMax = groupMax
        self.submit = submit
    }

    var isIdle: Bool { waiting.isEmpty && writing.isEmpty }

    func append(_ item: Item) {
        waiting.append(item)
        if !isStalled { next() }
    }

    /// The answer about the group that was submitted. Returns its items when they are durable; throws what time does not heal.
    func finished(_ result: Result<Void, StoreError>) throws(StoreError) -> [Item] {
        let group = writing
        writing = []
        switch result {
        case .success:
            isStalled = false
            next()
            return group
        case .failure(let error) where error.code == .full:
            waiting.insert(contentsOf: group, at: 0)
            isStalled = true
            return []
        case .failure(let error): throw error
        }
    }

    /// Tries again what the log did not take, or had no space for.
    func retry() { next() }

    private func next() {
        guard writing.isEmpty, !waiting.isEmpty else { return }
        let group = Array(waiting.prefix(countMax))
        // The answer may come before `submit` returns, though on another queue: it is handled later.
        writing = group
        if submit(group) {
            waiting.removeFirst(group.count)
        } else {
            writing = []
            isStalled = true
        }
    }
}
