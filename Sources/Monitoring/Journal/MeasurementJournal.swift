import Dispatch
import Glibc
import Primitives
import Synchronization

/// What a monitor must not forget, in a file: every interval that it has decided, and every report, before it is told.
///
/// A monitor that says two things of one interval loses its bond. Therefore a value is durable before it leaves the machine, and what was
/// not acknowledged is told again in the very same words.
public final class MeasurementJournal: Sendable {
    static let magic = Array("trellis-monitor-journal/1\n".utf8)

    private struct Inside {
        var state: JournalState
        /// Bytes that belong to whole records.
        var size: Int
        /// Why nothing more is written.
        var failure: JournalError?
        /// Of the file, which is another one after it was written anew.
        var descriptor: Int32
        /// Bytes above which the file is written anew: at least twice what is known takes.
        var renewalBytes = MonitoringLimits.journalBytesMax
    }

    private let directory: String
    private let lock: Int32
    private let inside: Mutex<Inside>
    /// Waiting for a disk blocks a thread, and those of tasks are few.
    private let queue = DispatchQueue(label: "trellis.monitor.journal")

    /// Opens the journal in `directory`, or makes one where nothing is. A record that was being written when the machine stopped is cut off.
    public init(directory: String) throws(JournalError) {
        self.directory = directory
        try JournalFile.makeDirectory(directory)
        lock = try JournalFile.lock(directory)
        do throws(JournalError) {
            let path = directory + "/journal"
            if access(path, F_OK) != 0 { try JournalFile.replace(path, with: Self.magic) }
            let bytes = try JournalFile.read(path, max: MonitoringLimits.journalBytesMax * 64)
            let (state, size) = try Self.replay(bytes, path)
            let descriptor = try JournalFile.open(path)
            if size < bytes.count { try JournalFile.cut(descriptor, to: size) }
            inside = Mutex(Inside(state: state, size: size, failure: nil, descriptor: descriptor))
        } catch {
            close(lock)
            throw error
        }
    }

    deinit {
        close(inside.withLock { $0.descriptor })
        close(lock)
    }

    private static func replay(_ bytes: [UInt8], _ path: String) throws(JournalError) -> (JournalState, size: Int) {
        guard bytes.starts(with: magic) else { throw JournalError(.corrupt, "\(path) is not the journal of a monitor") }
        var state = JournalState(), position = magic.count
        while position < bytes.count {
            guard let (record, end) = JournalRecord.read(bytes, at: position) else {
                guard isTorn(bytes, at: position) else { throw JournalError(.corrupt, "\(path) is damaged at byte \(position)") }
                break
            }
            guard state.apply(record) else { throw JournalError(.corrupt, "\(path) contradicts itself at byte \(position)") }
            position = end
        }
        return (state, position)
    }

    /// Whether what cannot be read is the last record, which was never acknowledged. Before a record that is whole it is damage: what is
    /// broken there was acknowledged once.
    private static func isTorn(_ bytes: [UInt8], at position: Int) -> Bool {
        !((position + 1)..<max(bytes.count, position + 1)).contains { JournalRecord.read(bytes, at: $0) != nil }
    }

    // ── What is known ──

    /// Measurements that are not told yet.
    public var waiting: Int { inside.withLock { inside in inside.state.pendingCount + inside.state.sealed.reduce(0) { $0 + $1.measurements.count } } }

    /// Reports that are sealed and not told, in the order of their numbers.
    public var sealed: [Report] { inside.withLock { $0.state.sealed } }

    /// The first interval that is not decided; nil for a watch that was never opened.
    public func next(_ key: WatchKey) -> UInt64? { inside.withLock { $0.state.watches[key]?.next } }

    /// Whether all `count` intervals of a watch are decided, and those in reports.
    func isDone(_ key: WatchKey, _ count: UInt64) -> Bool {
        inside.withLock { inside in inside.state.watches[key].map { $0.next >= count && $0.pending.isEmpty } ?? false }
    }

    // ── What is written ──

    /// Begins or resumes a watch, and returns its first interval that is not decided.
    func open(_ key: WatchKey, _ schedule: Digest, from first: UInt64 = 0) async throws(JournalError) -> UInt64 {
        try await change { state throws(JournalError) in
            guard let watch = state.watches[key] else { return [.opened(key, schedule: schedule, next: first)] }
            guard watch.schedule == schedule else {
                throw JournalError(.schedule, "agreement \(key.agreement) was watched with other intervals before: its schedule does not change")
            }
            return []
        }
        return next(key) ?? first
    }

    func decide(_ measurements: [IntervalMeasurement], next: UInt64) async throws(JournalError) {
        try await change { _ in [.decided(measurements, next: next)] }
    }

    func advance(_ key: WatchKey, to next: UInt64) async throws(JournalError) { try await change { _ in [.advanced(key, next: next)] } }

    /// Makes reports of what waits, by `plan`, which sees the state and returns records.
    func seal(_ plan: @escaping @Sendable (JournalState) -> [JournalRecord]) async throws(JournalError) { try await change(plan) }

    /// The first `count` reports are done with. That this is forgotten in a crash costs a repetition alone; it is not waited for.
    func told(_ count: Int) async throws(JournalError) { try await change(durably: false) { _ in [.told(UInt32(count))] } }

    /// Applies records and writes them; returns when they are durable.
    private func change(
        durably: Bool = true, _ records: @escaping @Sendable (JournalState) throws(JournalError) -> [JournalRecord]
    ) async throws(JournalError) {
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(JournalError) in
                    try self.changeNow(durably: durably, records)
                })
            }
        }
        try result.get()
    }

    private func changeNow(durably: Bool, _ records: (JournalState) throws(JournalError) -> [JournalRecord]) throws(JournalError) {
        // The file is written outside of the lock, so that nobody waits for a disk to learn what is known; the queue is the only writer.
        let (before, size, descriptor, renewalBytes) = try inside.withLock { inside throws(JournalError) in
            if let failure = inside.failure { throw failure }
            return (inside.state, inside.size, inside.descriptor, inside.renewalBytes)
        }
        let added = try records(before)
        guard !added.isEmpty else { return }
        var after = before
        for record in added {
            precondition(after.apply(record), "a record that cannot follow")
        }
        let frames = added.flatMap(\.frame)
        do throws(JournalError) {
            try JournalFile.write(descriptor, frames, at: size)
            if durably { try JournalFile.synchronize(descriptor) }
        } catch {
            if error.code == .io { inside.withLock { $0.failure = error } } else { try JournalFile.cut(descriptor, to: size) }
            throw error
        }
        let ready = after
        inside.withLock {
            $0.state = ready
            $0.size = size + frames.count
        }
        if size + frames.count > renewalBytes { try renew(ready, size + frames.count) }
    }

    /// Writes the journal anew when that makes it shorter by more than half.
    private func renew(_ state: JournalState, _ size: Int) throws(JournalError) {
        let bytes = Self.magic + state.records.flatMap(\.frame)
        let renewalBytes = max(2 * bytes.count, MonitoringLimits.journalBytesMax)
        inside.withLock { $0.renewalBytes = renewalBytes }
        guard size > renewalBytes else { return }
        let path = directory + "/journal"
        do throws(JournalError) {
            try JournalFile.replace(path, with: bytes)
        } catch {
            // A full disk has no room for a second file; the one that is there is whole.
            if error.code == .full { return }
            inside.withLock { $0.failure = error }
            throw error
        }
        let descriptor = try JournalFile.open(path)
        let old = inside.withLock { inside in
            defer {
                inside.descriptor = descriptor
                inside.size = bytes.count
            }
            return inside.descriptor
        }
        close(old)
    }
}
