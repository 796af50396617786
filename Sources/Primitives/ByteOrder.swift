extension [UInt8] {
    /// Whether these bytes come before `other` in lexicographic order; as `lexicographicallyPrecedes`, eight bytes at a time.
    @inlinable public func precedes(_ other: [UInt8]) -> Bool {
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                let common = Swift.min(left.count, right.count)
                var offset = 0
                while offset + 8 <= common {
                    let a = left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    let b = right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    if a != b { return UInt64(bigEndian: a) < UInt64(bigEndian: b) }
                    offset += 8
                }
                while offset < common {
                    if left[offset] != right[offset] { return left[offset] < right[offset] }
                    offset += 1
                }
                return left.count < right.count
            }
        }
    }
}
