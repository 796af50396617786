public import Primitives

/// What a block replaced: the earlier value of every key that it changed, in the order of their paths. Kept as one record per
/// block beside the log, it leads back to the state before the block.
public struct BlockUndo: Equatable, Sendable {
    public let height: Height
    /// Ascending.
    private var paths: [Digest] = []
    private var keys: [[UInt8]] = []
    private var values: [[UInt8]?] = []

    init(height: Height) { self.height = height }

    mutating func reserve(_ count: Int) {
        paths.reserveCapacity(count)
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    mutating func append(path: Digest, key: [UInt8], value: [UInt8]?) {
        paths.append(path)
        keys.append(key)
        values.append(value)
    }

    public var count: Int { keys.count }

    /// The changes that lead back.
    public var inverse: [StateChange] {
        zip(keys, values).map { key, value in
            StateChange(key: StateKey(key)!, value: value)
        }
    }

    /// Bytes of keys and values.
    var byteCount: Int { entries.reduce(0) { $0 + $1.0.count + ($1.1?.count ?? 0) } }

    /// Keys with the value before the block.
    var entries: Zip2Sequence<[[UInt8]], [[UInt8]?]> { zip(keys, values) }

    /// Paths with the value before the block.
    var records: Zip2Sequence<[Digest], [[UInt8]?]> { zip(paths, values) }

    /// The value at `path` before the block, nil when there was none; nil when the block did not change it.
    func value(at path: Digest) -> [UInt8]?? {
        var low = 0, high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle] < path { low = middle + 1 } else { high = middle }
        }
        guard low < paths.count, paths[low] == path else { return nil }
        return .some(values[low])
    }
}

extension BlockUndo: BCSCodable {
    /// Changes of one block; far above what its gas pays for.
    public static let countMax = 1 << 20

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        height.encode(into: &encoder)
        encoder.encodeLength(keys.count)
        for (key, value) in entries {
            encoder.encodeBytes(key)
            encoder.encode(value != nil)
            if let value { encoder.encodeBytes(value) }
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        height = try decoder.decode(Height.self)
        var last: Digest?
        for _ in 0..<(try decoder.decodeLength(limit: Self.countMax)) {
            let key = try decoder.decode(StateKey.self)
            // A key that stood here twice would have two values to go back to.
            let path = key.path
            guard last.map({ $0 < path }) ?? true else { throw decoder.refuse("keys are not in ascending order of their paths") }
            last = path
            append(path: path, key: key.bytes, value: try decoder.decode(Bool.self) ? try decoder.decodeBytes(limit: Limits.stateValueBytesMax) : nil)
        }
    }
}
