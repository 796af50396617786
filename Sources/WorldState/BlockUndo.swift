public import Primitives

/// What a block replaced: the earlier value of every key that it changed, in the order of their paths. Kept as one record per
/// block beside the log, it leads back to the state before the block.
public struct BlockUndo: Equatable, Sendable {
    public let height: Height
    private var keys: [[UInt8]] = []
    private var values: [[UInt8]?] = []

    init(height: Height) { self.height = height }

    mutating func reserve(_ count: Int) {
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    mutating func append(key: [UInt8], value: [UInt8]?) {
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
            keys.append(key.bytes)
            values.append(try decoder.decode(Bool.self) ? try decoder.decodeBytes(limit: Limits.stateValueBytesMax) : nil)
        }
    }
}
