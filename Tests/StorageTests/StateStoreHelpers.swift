import Primitives
import Storage
import WorldState

let chainA = ChainID([UInt8](repeating: 0xa1, count: 32))!
let chainB = ChainID([UInt8](repeating: 0xb2, count: 32))!

extension StateWriter {
    func put(_ table: StateTable, _ key: [UInt8], _ value: [UInt8]) throws(StoreError) {
        try key.withUnsafeBufferPointer { key throws(StoreError) in
            try put(table, UnsafeRawBufferPointer(key), size: value.count) { $0.copyBytes(from: value) }
        }
    }

    func remove(_ table: StateTable, _ key: [UInt8]) throws(StoreError) {
        try key.withUnsafeBufferPointer { key throws(StoreError) in try remove(table, UnsafeRawBufferPointer(key)) }
    }
}

extension StateSnapshot {
    func value(_ table: StateTable, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        try key.withUnsafeBufferPointer { key throws(StoreError) in
            try read(table, UnsafeRawBufferPointer(key)) { $0.map { [UInt8]($0) } }
        }
    }

    func entries(
        _ table: StateTable, _ direction: ScanDirection = .ascending, from key: [UInt8] = [], limit: Int = .max
    ) throws(StoreError) -> [[[UInt8]]] {
        var found: [[[UInt8]]] = []
        try key.withUnsafeBufferPointer { key throws(StoreError) in
            try scan(table, direction, from: UnsafeRawBufferPointer(key)) { key, value in
                found.append([[UInt8](key), [UInt8](value)])
                return found.count < limit
            }
        }
        return found
    }
}

/// What `body` refuses with, or nil when it does not.
func refusal(_ body: () throws -> Void) -> StoreError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
