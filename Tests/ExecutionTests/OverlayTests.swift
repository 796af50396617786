@testable import Execution
import Primitives
import Testing
import WorldState

/// The overlay against a plain dictionary, through random writes, reads, walks, checkpoints and returns.
@Suite struct OverlayTests {
    private struct Below: StateReader {
        let values: [[UInt8]: [UInt8]]
        func value(_ key: StateKey) throws(StoreError) -> [UInt8]? { values[key.bytes] }
        func keys(prefix: [UInt8], from start: [UInt8]?, _ direction: ScanDirection, limit: Int) throws(StoreError) -> [StateKey] {
            OverlayTests.keys(values, prefix, start, direction, limit)
        }
    }

    private static func keys(
        _ values: [[UInt8]: [UInt8]], _ prefix: [UInt8], _ start: [UInt8]?, _ direction: ScanDirection, _ limit: Int
    ) -> [StateKey] {
        let sorted = values.keys.filter { $0.starts(with: prefix) }.sorted { $0.lexicographicallyPrecedes($1) }
        let range = switch direction {
        case .ascending: sorted.filter { key in start.map { !key.lexicographicallyPrecedes($0) } ?? true }
        case .descending: sorted.reversed().filter { key in start.map { key.lexicographicallyPrecedes($0) } ?? true }
        }
        return range.prefix(limit).map { StateKey($0)! }
    }

    @Test(arguments: 0..<60) func behavesAsADictionary(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let contract = Address([UInt8](repeating: 3, count: 20))!
        func key() -> StateKey {
            // Few different keys of different lengths, so that they meet and nest.
            StateKey(contract: contract, (0..<Int(random.next() % 4)).map { _ in UInt8(random.next() % 3) })!
        }
        var below: [[UInt8]: [UInt8]] = [:]
        for _ in 0..<25 { below[key().bytes] = random.bytes(Int(random.next() % 5)) }
        let overlay = Overlay(Below(values: below))
        var model = below
        var marks: [(Int, [[UInt8]: [UInt8]])] = []
        for _ in 0..<400 {
            switch random.next() % 8 {
            case 0...2:
                let key = key(), value: [UInt8]? = random.next() % 3 == 0 ? nil : random.bytes(Int(random.next() % 4))
                #expect(try overlay.write(key, value) == model[key.bytes])
                model[key.bytes] = value
            case 3:
                let key = key()
                #expect(try overlay.value(key) == model[key.bytes])
            case 4: marks.append((overlay.checkpoint, model))
            case 5:
                guard let (mark, then) = marks.popLast() else { continue }
                overlay.rollback(to: mark)
                model = then
            case 6 where marks.isEmpty: overlay.commit()
            default:
                let prefix = contract.bytes + (0..<Int(random.next() % 2)).map { _ in UInt8(random.next() % 3) }
                let start: [UInt8]? = random.next() % 2 == 0 ? nil : key().bytes
                let direction: ScanDirection = random.next() % 2 == 0 ? .ascending : .descending
                let limit = Int(random.next() % 12)
                let expected = Self.keys(model, prefix, start, direction, limit)
                #expect(try overlay.keys(prefix: prefix, from: start, direction, limit: limit) == expected)
                // A walk with too few steps has no result, one with just enough has the same.
                let walk = try #require(try overlay.walk(prefix: prefix, from: start, direction, limit: limit, stepsMax: .max))
                #expect(walk.steps >= expected.count)
                #expect(try overlay.walk(prefix: prefix, from: start, direction, limit: limit, stepsMax: walk.steps)?.keys == expected)
                if walk.steps > 0 { #expect(try overlay.walk(prefix: prefix, from: start, direction, limit: limit, stepsMax: walk.steps - 1) == nil) }
            }
        }
        // What is left to write makes the parent state into the model.
        var result = below
        for change in overlay.changes {
            #expect(below[change.key.bytes] != change.value)
            result[change.key.bytes] = change.value
        }
        #expect(result == model)
    }
}
