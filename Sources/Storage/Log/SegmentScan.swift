import Glibc
import WorldState

/// A segment read from its first byte to its last: its good records, and the damage that ends them.
struct SegmentScan {
    var segment: Segment
    /// Where each record begins.
    var offsets: [UInt32] = []
    var damage: Damage?

    struct Damage {
        let offset: Int
        let index: UInt64
        let reason: DamageReason
        /// Good records of this segment behind the bad one.
        var recordsBehind = 0
        /// True when one of them was written after the bad one had been made durable.
        var wasAcknowledged = false
    }

    init(_ directory: SegmentDirectory, first: UInt64) throws(StoreError) {
        let file = try File(directory.logPath(first), flags: O_RDONLY)
        let seed = try directory.seed(first, file)
        let contents = try FileContents(file)
        self.init(contents.bytes, first: first, seed: seed)
    }

    init(_ bytes: UnsafeRawBufferPointer, first: UInt64, seed: UInt32) {
        segment = Segment(first: first, seed: seed)
        while segment.bytes < bytes.count && damage == nil {
            switch RecordFormat.parse(bytes, at: segment.bytes, seed: seed) {
            case .success(let record) where record.index == segment.end && record.groupFirst >= first:
                offsets.append(UInt32(segment.bytes))
                segment.count += 1
                segment.bytes = record.payload.upperBound
            case .success: damaged(.indexWrong, bytes)
            case .failure(let reason): damaged(reason, bytes)
            }
        }
    }

    /// Records the damage at the current end, and looks for good records behind it.
    private mutating func damaged(_ reason: DamageReason, _ bytes: UnsafeRawBufferPointer) {
        let start = segment.bytes, index = segment.end, seed = segment.seed
        let isZero = bytes[start...].allSatisfy { $0 == 0 }
        var damage = Damage(offset: start, index: index, reason: isZero ? .zeros : reason)
        var position = start + 1
        while let mark = RecordFormat.nextMark(bytes, seed: seed, from: position) {
            guard case .success(let record) = RecordFormat.parse(bytes, at: mark, seed: seed), record.index >= index else {
                position = mark + 1
                continue
            }
            damage.recordsBehind += 1
            if record.groupFirst > index { damage.wasAcknowledged = true }
            position = record.payload.upperBound
        }
        self.damage = damage
    }
}

/// The bytes of a file, read whole.
struct FileContents: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private let count: Int

    init(_ file: borrowing File) throws(StoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: try file.size, alignment: 16)
        do throws(StoreError) {
            count = try file.read(into: buffer, at: 0)
        } catch {
            buffer.deallocate()
            throw error
        }
        self.buffer = buffer
    }

    deinit { buffer.deallocate() }

    /// Valid while the value lives.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
}
