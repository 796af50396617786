import Execution
import Ledger
import Primitives
import WorldState

/// A walk over the contract's keys. It knows where it stands and not what comes, so that what is written meanwhile is seen.
struct StorageIterator {
    let prefix: [UInt8]
    let direction: ScanDirection
    /// The next key is at or behind it when ascending, before it when descending.
    var bound: [UInt8]?
}

extension ContractHost {
    private static let absent = UInt64(UInt32.max)

    func answerFromStorage(_ function: HostFunction, _ request: borrowing Request) throws(CallError) -> UInt64? {
        switch function {
        case .storageRead:
            guard let value = try context.load(try key(0, request)) else { return Self.absent }
            return try give(value, at: 2, request)
        case .storageWrite:
            let key = try key(0, request)
            try context.store(key, try request.bytes(2, most: Limits.stateValueBytesMax))
        case .storageRemove: try context.store(try key(0, request), nil)
        case .storageHas: return try context.load(try key(0, request)) == nil ? 0 : 1
        case .iteratorOpen: return try open(request)
        case .iteratorNext: return try next(request)
        case .iteratorClose:
            _ = try iterator(request)
            iterators[Int(request.number(0))] = nil
        default: preconditionFailure("not a question to storage")
        }
        return nil
    }

    private func key(_ index: Int, _ request: borrowing Request) throws(CallError) -> [UInt8] {
        let key = try request.bytes(index, most: Limits.stateKeyBytesMax)
        guard key.count <= Limits.stateKeyBytesMax else { throw context.failure(.keyTooLong) }
        return key
    }

    /// Prefix, start (none when empty), and 1 to walk backwards from before it.
    private func open(_ request: borrowing Request) throws(CallError) -> UInt64 {
        guard let free = iterators.firstIndex(where: { $0 == nil }) else { throw context.trap(.iteratorsOverLimit) }
        guard request.number(4) < 2 else { throw context.trap(.flagUnknown) }
        let prefix = try key(0, request), start = try key(2, request)
        iterators[free] = StorageIterator(
            prefix: prefix, direction: request.number(4) == 1 ? .descending : .ascending, bound: start.isEmpty ? nil : start)
        return UInt64(free)
    }

    private func iterator(_ request: borrowing Request) throws(CallError) -> StorageIterator {
        guard request.number(0) < Self.iteratorsMax, let iterator = iterators[Int(request.number(0))] else {
            throw context.trap(.iteratorUnknown)
        }
        return iterator
    }

    /// The length of the key in the upper half and that of the value in the lower; -1 at the end.
    private func next(_ request: borrowing Request) throws(CallError) -> UInt64 {
        let iterator = try iterator(request)
        guard let key = try context.nextKey(prefix: iterator.prefix, from: iterator.bound, iterator.direction) else { return .max }
        guard let value = try context.load(key) else { preconditionFailure("a key that a walk found has a value") }
        // The least key behind this one is this one and a zero byte.
        iterators[Int(request.number(0))]?.bound = iterator.direction == .ascending ? key + [0] : key
        _ = try give(key, at: 1, request)
        _ = try give(value, at: 3, request)
        return UInt64(key.count) << 32 | UInt64(value.count)
    }
}
