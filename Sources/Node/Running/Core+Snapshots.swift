import Dispatch
import Gossip
import Ledger
import Logging
import Primitives
import Storage
import WorldState

/// Headers of epochs' ends and chunks of state, for others and from others.
extension Core {
    /// How far ahead of this node's clock a header may be.
    private static let driftMilliseconds: UInt64 = 10_000

    // ── For others ──

    func readLight(_ request: LightRequest, for link: Link) {
        let stores = environment.stores, view = environment.published.newest.view, owner = owner!, log = environment.log
        Self.reading.async {
            var found: [LightBlock] = []
            do {
                found = try stores.boundaries.answer(request) { height throws(StoreError) in try stores.lightBlock(at: height, view) }
            } catch { log.error("reading headers for a peer: \(error)") }
            owner.post { [found] in $0.give(.lightRead(found, for: link)) }
        }
    }

    func readChunk(_ request: ChunkRequest, for link: Link) {
        let server = environment.snapshots, owner = owner!
        Task {
            let chunk = await server.chunk(at: request.height, from: request.from, for: link.rawValue)
            owner.post { $0.give(.chunkRead(request, chunk, for: link)) }
        }
    }

    // ── From others ──

    func judgeLight(_ blocks: [LightBlock], by ground: TrustGround) {
        let rules = LightClientRules(
            chainID: environment.chainID, now: .now, trustingMilliseconds: environment.published.newest.parameters.trustingMilliseconds,
            driftMilliseconds: Self.driftMilliseconds)
        let owner = owner!, stores = environment.stores, log = environment.log
        Task {
            let judgement = LightJudge.judge(blocks, by: ground, rules: rules)
            if let refusal = judgement.refusal { log.debug("headers of a peer are refused: \(refusal)") }
            do {
                for block in judgement.boundaries { try await stores.boundaries.append(block) }
            } catch { log.error("keeping headers: \(error)") }
            owner.post { $0.give(.lightJudged(judgement.verdict)) }
        }
    }

    func openRestore(_ header: TrustedHeader) {
        let restorer = environment.restorer, owner = owner!, log = environment.log
        log.notice("restoring the state of a snapshot", metadata: ["height": "\(header.height)"])
        Task {
            guard let covered = await Patience.untilDiskServes(log, { try await restorer.open(height: header.height, root: header.header.result.stateRoot) }) else { return }
            owner.post { $0.give(.restoreOpened(covered: covered)) }
        }
    }

    func judgeChunk(_ request: ChunkRequest, _ bytes: [UInt8]) {
        let restorer = environment.restorer, owner = owner!, log = environment.log
        Task {
            guard let covered = await Patience.untilDiskServes(log, { try await restorer.judge(height: request.height, from: request.from, bytes) }) else { return }
            owner.post { $0.give(.chunkJudged(request, covered: covered)) }
        }
    }

    func finishRestore(_ header: TrustedHeader) {
        let environment = environment, owner = owner!
        Task {
            guard let isDecided = await Patience.untilDiskServes(environment.log, { try await environment.restorer.finish() }) else { return }
            guard isDecided else { return owner.post { $0.give(.restored(false)) } }
            environment.log.notice("the snapshot is complete; the node begins again with it", metadata: ["height": "\(header.height)"])
            environment.restored()
        }
    }

    func abandonRestore() {
        let restorer = environment.restorer, log = environment.log
        Task { await Patience.untilDiskServes(log) { try await restorer.abandon() } }
    }
}

/// Nobody is to blame for this node's disk.
enum Patience {
    private static let pause = Duration.seconds(1)

    /// Tries again what the disk refuses; nil when the store is closed.
    @discardableResult
    static func untilDiskServes<Value: Sendable>(_ log: Logger, _ work: @Sendable () async throws -> Value) async -> Value? {
        while true {
            do { return try await work() } catch {
                if (error as? StoreError)?.code == .closed { return nil }
                log.error("restoring a snapshot: \(error)")
                try? await Task.sleep(for: pause)
            }
        }
    }
}
