public import Primitives
import Synchronization
public import WorldState

/// Serves chunks of the states at epoch boundaries to nodes that restore one, on a thread of its own. Each chunk is cut once and kept for
/// the next who asks: restorations start in the same places.
///
/// A state that is served is pinned: its pages in the database are not reused meanwhile. Two are kept, so that whoever has begun
/// with one can go on when there is a newer one.
public final class SnapshotServer: Sendable {
    public enum Bounds {
        /// States that are served at once.
        public static let statesMax = 2
        /// Requests of one peer that wait.
        public static let waitingPerPeerMax = 4
        /// Requests that wait in all: at some 20 ms a chunk, what is answered before those who asked give up.
        public static let waitingMax = 128
        /// Bytes of chunks that are kept.
        public static let cacheBytesMax = 32 << 20
    }

    fileprivate struct State {
        /// Ascending heights.
        var views: [StateView] = []
        var waiting: [UInt64: Int] = [:]
        var waitingCount = 0
        /// The least recently used first.
        var chunks: [Chunk] = []
        var chunkBytes = 0
    }

    fileprivate struct Chunk {
        let height: Height
        let from: Digest
        let bytes: [UInt8]
    }

    private let state = Mutex(State())
    private let thread = FlushThread(name: "snapshots")
    private let chunkBytes: Int
    private let report: @Sendable (StoreError) -> Void

    /// `report` hears of a state that cannot be read; those who asked get nothing.
    public init(chunkBytes: Int = StateChunk.byteCountMax, report: @escaping @Sendable (StoreError) -> Void = { _ in }) {
        self.chunkBytes = chunkBytes
        self.report = report
    }

    /// Serves the state of `view`, that of a boundary, from now on; the oldest one goes. A view right behind a flush pins the least.
    public func offer(_ view: StateView) {
        let dropped = state.withLock { state -> [StateView] in
            guard state.views.last.map({ $0.height < view.height }) ?? true else { return [] }
            state.views.append(view)
            guard state.views.count > Bounds.statesMax else { return [] }
            let oldest = state.views.removeFirst()
            state.removeChunks { $0.height == oldest.height }
            return [oldest]
        }
        // Let go outside the lock: the last reference closes a transaction.
        _ = dropped
    }

    /// Serves nothing any more, until the next one: the chain has been replaced.
    public func withdraw() {
        let dropped = state.withLock { state -> [StateView] in
            defer { state.views = [] }
            state.removeChunks { _ in true }
            return state.views
        }
        _ = dropped
    }

    /// The newest state that is served: what to tell peers.
    public var height: Height? { state.withLock { $0.views.last?.height } }

    /// The encoded chunk of the state at `height` that starts at path `from`. Nil when that state is not served, when `peer` asks for
    /// too much at once, or when the state cannot be read.
    public func chunk(at height: Height, from: Digest, for peer: UInt64) async -> [UInt8]? {
        let admitted = state.withLock { state -> Admission in
            guard let view = state.views.first(where: { $0.height == height }) else { return .refused }
            if let bytes = state.cached(height, from) { return .known(bytes) }
            guard state.waitingCount < Bounds.waitingMax, state.waiting[peer, default: 0] < Bounds.waitingPerPeerMax else { return .refused }
            state.waiting[peer, default: 0] += 1
            state.waitingCount += 1
            return .admitted(view)
        }
        let view: StateView
        switch admitted {
        case .refused: return nil
        case .known(let bytes): return bytes
        case .admitted(let found): view = found
        }
        let answer: [UInt8]?
        do throws(StoreError) {
            answer = try await thread.run { () throws(StoreError) in try self.cut(view, from) }
        } catch {
            if error.code != .closed { report(error) }
            answer = nil
        }
        state.withLock { state in
            state.waitingCount -= 1
            let left = state.waiting[peer, default: 1] - 1
            state.waiting[peer] = left == 0 ? nil : left
        }
        return answer
    }

    private enum Admission {
        case refused, known([UInt8]), admitted(StateView)
    }

    private func cut(_ view: StateView, _ from: Digest) throws(StoreError) -> [UInt8] {
        // Another one may have asked for the same meanwhile.
        if let bytes = state.withLock({ $0.cached(view.height, from) }) { return bytes }
        let bytes = try view.chunk(from: from, byteCount: chunkBytes).bcs
        state.withLock { state in
            guard state.views.contains(where: { $0.height == view.height }) else { return }
            state.chunks.append(Chunk(height: view.height, from: from, bytes: bytes))
            state.chunkBytes += bytes.count
            while state.chunkBytes > Bounds.cacheBytesMax { state.chunkBytes -= state.chunks.removeFirst().bytes.count }
        }
        return bytes
    }

    /// Ends the thread after what it has accepted.
    public func close() { thread.close() }
}

extension SnapshotServer.State {
    fileprivate mutating func cached(_ height: Height, _ from: Digest) -> [UInt8]? {
        guard let index = chunks.firstIndex(where: { $0.height == height && $0.from == from }) else { return nil }
        let chunk = chunks.remove(at: index)
        chunks.append(chunk)
        return chunk.bytes
    }

    fileprivate mutating func removeChunks(where isGone: (SnapshotServer.Chunk) -> Bool) {
        chunks.removeAll(where: isGone)
        chunkBytes = chunks.reduce(0) { $0 + $1.bytes.count }
    }
}
