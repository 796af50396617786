public import Gossip
public import Ledger
import Primitives

/// Judges the boundary headers that a peer sent: the walk from what a node trusts to the state that it will restore.
///
/// It goes from each epoch's last block to that of the next, and skips none: so everything that is believed can be served to others
/// who have to walk the same way. It checks a quorum of signatures for each block; not for a thread that others wait for.
public enum LightJudge {
    public struct Judgement: Sendable {
        public let verdict: LightVerdict
        /// Boundaries that are believed, in order: to be appended to the node's own.
        public let boundaries: [LightBlock]
        /// Why the first block that is not believed is not; for the log.
        public let refusal: Refusal?
    }

    public enum Refusal: Error, Equatable, Sendable {
        case light(LightClientError)
        /// It is not the last block of the epoch that comes next.
        case notTheNextBoundary
        case empty
    }

    /// All of `blocks` must be good: whoever sends one that is not has sent nothing.
    public static func judge(_ blocks: [LightBlock], by ground: TrustGround, rules: LightClientRules) -> Judgement {
        guard let first = blocks.first else { return Judgement(verdict: .refused, boundaries: [], refusal: .empty) }
        do throws(Refusal) {
            switch ground {
            case .hash(let hash, let height):
                guard first.height == height, blocks.count == 1 else { throw .notTheNextBoundary }
                let trusted: TrustedHeader
                do { trusted = try TrustedHeader(first, hash: hash, chainID: rules.chainID) } catch { throw .light(error) }
                return Judgement(verdict: .advanced(trusted), boundaries: first.header.endsEpoch ? [first] : [], refusal: nil)
            case .header(var trusted):
                for block in blocks { trusted = try step(trusted, to: block, rules) }
                return Judgement(verdict: .advanced(trusted), boundaries: blocks, refusal: nil)
            }
        } catch {
            if case .light(.trustExpired) = error { return Judgement(verdict: .trustExpired, boundaries: [], refusal: error) }
            return Judgement(verdict: .refused, boundaries: [], refusal: error)
        }
    }

    private static func step(_ trusted: TrustedHeader, to block: LightBlock, _ rules: LightClientRules) throws(Refusal) -> TrustedHeader {
        let epoch = trusted.header.draft.epoch
        let next = trusted.header.endsEpoch ? epoch.advanced(by: 1) : epoch
        guard block.header.endsEpoch, block.header.draft.epoch == next else { throw .notTheNextBoundary }
        do { return try trusted.advanced(to: block, rules: rules) } catch { throw .light(error) }
    }
}
