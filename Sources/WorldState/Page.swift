import Primitives

/// Four levels of the binary tree: sixteen slots, the fourteen hashes between, and the page's own.
///
/// A slot is empty, or a *bottom* of at most ``Bottom/capacity`` leaves in four cells, or a page one nibble further down. What
/// has not been touched since it was written stays in the store and is known here by its hash alone. The hashes of a bottom's cells
/// are known while the page stays in memory; they are not stored, because that would triple the pages written.
///
/// Pages on disk are not canonical: when exactly a bottom becomes a page depends on history. The hashes are.
final class Page: @unchecked Sendable {
    // Sound: `body` changes only while `version` is the version being applied, before the page is published; afterwards it is
    // read only.
    let version: UInt64
    var body: PageBody

    init(version: UInt64, body: PageBody) {
        self.version = version
        self.body = body
    }

    /// The page itself when it belongs to `version`, otherwise a copy that does.
    func owned(by version: UInt64) -> Page { self.version == version ? self : Page(version: version, body: body) }
}

/// Where the content of a slot is.
enum Slot: Sendable {
    /// In the store, or nowhere when the slot is empty.
    case stored
    case bottom(Bottom)
    case page(Page)
}

struct PageBody: Sendable {
    /// The count that marks a slot as a page.
    static let pageMark: UInt8 = 255

    /// A heap: 1 is the page, `2i` and `2i + 1` are the children of `i`, 16 … 31 are the slots.
    private(set) var hashes = InlineArray<32, Digest>(repeating: .zero)
    /// Leaves of each slot, or ``pageMark``.
    private(set) var counts = InlineArray<16, UInt8>(repeating: 0)
    private(set) var slots = InlineArray<16, Slot>(repeating: .stored)

    /// The hash of the whole subtree, unless a single leaf is lifted out of it.
    var hash: Digest { hashes[1] }

    /// Leaves under heap position `index`, counted up to two: none, one that is lifted, or a real subtree.
    func multiplicity(_ index: Int) -> Int {
        if index >= 16 { return min(Int(counts[index - 16]), 2) }
        var total = 0
        let width = 16 >> (Int.bitWidth - 1 - index.leadingZeroBitCount)
        let first = index * width - 16
        for slot in first..<first + width {
            total += Int(counts[slot])
            if total >= 2 { return 2 }
        }
        return total
    }

    /// The number of leaves, when all of them are in bottoms and there are at most `limit`.
    func leafCount(upTo limit: Int) -> Int? {
        var total = 0
        for slot in 0..<16 {
            total += Int(counts[slot])
            if total > limit { return nil }
        }
        return total
    }

    mutating func setPage(_ slot: Int, _ page: Page?, hash: Digest) {
        slots[slot] = page.map(Slot.page) ?? .stored
        counts[slot] = Self.pageMark
        hashes[16 + slot] = hash
    }

    /// A bottom of `count` leaves; without `bottom`, as the store has it.
    mutating func setBottom(_ slot: Int, _ bottom: Bottom?, count: Int, hash: Digest) {
        slots[slot] = bottom.map(Slot.bottom) ?? .stored
        counts[slot] = UInt8(count)
        hashes[16 + slot] = hash
    }

    mutating func clear(_ slot: Int) {
        slots[slot] = .stored
        counts[slot] = 0
        hashes[16 + slot] = .zero
    }

    /// Lets go of what the store holds by now; nothing that is hashed changes.
    mutating func replace(_ slot: Int, _ content: Slot) { slots[slot] = content }

    /// Computes the inner hashes above the slots whose bits are set in `dirty` (bit `i` for slot `i`), and returns how many.
    @discardableResult
    mutating func rehash(_ dirty: UInt16) -> Int {
        var made = 0
        var marks = UInt32(dirty) << 16
        var index = 15
        while index >= 1 {
            if marks >> UInt32(2 * index) & 3 != 0 {
                marks |= 1 << UInt32(index)
                let left = hashes[2 * index], right = hashes[2 * index + 1]
                if left != .zero && right != .zero {
                    hashes[index] = TreeHash.inner(left, right)
                    made += 1
                } else {
                    hashes[index] = Bottom.combine(left, multiplicity(2 * index), right, multiplicity(2 * index + 1), &made).hash
                }
            }
            index -= 1
        }
        return made
    }
}

/// The first bits of a path: where a page (a multiple of four bits) or a cell stands in the tree.
struct TreePosition: Hashable, Sendable {
    let bits: Int
    /// The path, zero behind the first `bits`.
    let prefix: Digest

    static let root = TreePosition(bits: 0, prefix: .zero)

    /// The nibbles above a page.
    var depth: Int { bits / 4 }

    /// The slot of a page.
    func child(_ slot: Int) -> TreePosition { extended(by: 4, slot) }

    /// The cell of a bottom.
    func cell(_ cell: Int) -> TreePosition { extended(by: 2, cell) }

    private func extended(by count: Int, _ value: Int) -> TreePosition {
        var prefix = prefix
        withUnsafeMutableBytes(of: &prefix) { $0[bits >> 3] |= UInt8(value << (8 - bits & 7 - count)) }
        return TreePosition(bits: bits + count, prefix: prefix)
    }

    /// Whether `path` starts with these bits.
    func contains(_ path: Digest) -> Bool { path.commonPrefixLength(with: prefix) >= bits }

    /// The key of a page in the store: one byte of depth, then the nibbles packed. Pages of one depth lie together.
    func withKey<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var key = (UInt8(depth), prefix)
        let count = 1 + (depth + 1) / 2
        var result: Swift.Result<Result, Failure>?
        withUnsafeMutableBytes(of: &key) { raw in
            // The tuple may hold padding between its parts; the packed form has none.
            raw.storeBytes(of: prefix, toByteOffset: 1, as: Digest.self)
            do throws(Failure) { result = .success(try body(UnsafeRawBufferPointer(raw).prefix(count).rebased)) } catch {
                result = .failure(error)
            }
        }
        return try result!.get()
    }
}

extension Slice<UnsafeRawBufferPointer> {
    var rebased: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}

extension Digest {
    /// The nibble at `depth`, 0 … 15.
    @inline(__always) func nibble(_ depth: Int) -> Int {
        withUnsafeBytes(of: self) { depth & 1 == 0 ? Int($0[depth >> 1] >> 4) : Int($0[depth >> 1] & 15) }
    }

    /// The two bits behind the first `bits`, which are even in number.
    @inline(__always) func cell(_ bits: Int) -> Int {
        withUnsafeBytes(of: self) { Int($0[bits >> 3] >> UInt8(6 - bits & 7) & 3) }
    }

    /// The next path in order, or nil behind the last.
    var next: Digest? {
        var result = self
        let carried = withUnsafeMutableBytes(of: &result) { bytes in
            for index in (0..<32).reversed() {
                bytes[index] &+= 1
                if bytes[index] != 0 { return false }
            }
            return true
        }
        return carried ? nil : result
    }

    /// 32 bytes of 0xff: the last path.
    static let last = Digest([UInt8](repeating: 0xff, count: 32))!
}
