import Glibc
import Synchronization
public import WorldState

/// A segment opened for reading, with the places of its records.
struct SegmentReader: Sendable {
    let first: UInt64
    let file: SharedFile
    let offsets: [UInt32]

    /// A file that several readers use; reads give their own position, therefore they need no lock.
    final class SharedFile: Sendable {
        let file: File
        init(_ path: String) throws(StoreError) { file = try File(path, flags: O_RDONLY) }
    }
}

extension RecordLog {
    /// The record at `index`, or nil when it is not there: pruned, or not durable yet.
    public func read(_ index: UInt64) throws(StoreError) -> [UInt8]? {
        while true {
            let (segment, isLast, range) = files.state.withLock { catalogue -> (Segment?, Bool, Range<Int>) in
                guard let segment = catalogue.segment(holding: index) else { return (nil, false, 0..<0) }
                guard segment.first == catalogue.segments[catalogue.segments.count - 1].first else { return (segment, false, 0..<0) }
                return (segment, true, Self.range(of: index, segment, catalogue.offsets))
            }
            guard let segment else { return nil }
            let reader: SegmentReader
            do throws(StoreError) {
                reader = try self.reader(segment, isLast: isLast)
            } catch {
                // The segment may have been pruned since; then the record is no longer in bounds.
                if !bounds.contains(index) { continue }
                throw error
            }
            let place = isLast ? range : Self.range(of: index, segment, reader.offsets)
            let bytes = try reader.file.file.read(place.count, at: place.lowerBound)
            return try payload(bytes, index: index, segment: segment)
        }
    }

    /// Calls `body` with the durable records from `index` on, in order, until it returns false; segment by segment, for replay.
    public func scan(from index: UInt64, _ body: (UInt64, [UInt8]) throws(StoreError) -> Bool) throws(StoreError) {
        let end = bounds.upperBound
        var next = max(index, bounds.lowerBound)
        while next < end, let record = try read(next) {
            if try !body(next, record) { return }
            next += 1
        }
    }

    /// Reads every record of every segment and refuses the first damage. It reads the whole log; for operators.
    public func verify() throws(StoreError) {
        for segment in files.state.withLock({ $0.segments }) {
            let scan: SegmentScan
            do throws(StoreError) {
                scan = try SegmentScan(directory, first: segment.first)
            } catch {
                if !bounds.contains(segment.first) { continue }
                throw error
            }
            if let damage = scan.damage, damage.offset < segment.bytes {
                throw StoreError(
                    .corrupt, "\(directory.logPath(segment.first)): record \(damage.index) at offset \(damage.offset): \(damage.reason.explanation)")
            }
        }
    }

    private static func range(of index: UInt64, _ segment: Segment, _ offsets: [UInt32]) -> Range<Int> {
        let position = Int(index - segment.first)
        let end = position + 1 < offsets.count ? Int(offsets[position + 1]) : segment.bytes
        return Int(offsets[position])..<end
    }

    private func payload(_ bytes: [UInt8], index: UInt64, segment: Segment) throws(StoreError) -> [UInt8] {
        let reason: DamageReason
        switch bytes.withUnsafeBytes({ RecordFormat.parse($0, at: 0, seed: segment.seed) }) {
        case .success(let record) where record.index == index: return Array(bytes[record.payload])
        case .success: reason = .indexWrong
        case .failure(let found): reason = found
        }
        throw StoreError(.corrupt, "\(directory.logPath(segment.first)): record \(index): \(reason.explanation)")
    }

    /// A reader of the segment, from among those that are open. The places of records in the last segment are the catalogue's.
    private func reader(_ segment: Segment, isLast: Bool) throws(StoreError) -> SegmentReader {
        let known = readers.withLock { open -> SegmentReader? in
            guard let position = open.firstIndex(where: { $0.first == segment.first && (isLast || !$0.offsets.isEmpty) }) else { return nil }
            let reader = open.remove(at: position)
            open.append(reader)
            return reader
        }
        if let known { return known }
        let file = try SegmentReader.SharedFile(directory.logPath(segment.first))
        var offsets: [UInt32] = []
        if !isLast {
            if let indexed = directory.offsets(of: segment) { offsets = indexed } else { offsets = try rebuiltOffsets(segment) }
        }
        let reader = SegmentReader(first: segment.first, file: file, offsets: offsets)
        readers.withLock { open in
            open.removeAll { $0.first == segment.first }
            if open.count == Bounds.readersMax { open.removeFirst() }
            open.append(reader)
        }
        return reader
    }

    /// The places of a sealed segment's records, from the segment itself: its index file is missing or damaged.
    private func rebuiltOffsets(_ segment: Segment) throws(StoreError) -> [UInt32] {
        let scan = try SegmentScan(directory, first: segment.first)
        guard scan.segment.count == segment.count else {
            let reason = scan.damage?.reason ?? .headerCutShort
            throw StoreError(.corrupt, "\(directory.logPath(segment.first)): record \(scan.segment.end): \(reason.explanation)")
        }
        try directory.writeIndex(segment, offsets: scan.offsets)
        return scan.offsets
    }
}
