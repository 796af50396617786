import Cryptography
@testable import Gossip
import Ledger
import Primitives

/// The boundary blocks of a chain with real keys, blocks and a state that are bytes with no meaning, and what a shell does with
/// them: serves them, and judges what comes.
final class TestChain {
    let genesis: Genesis
    let boundaries: [LightBlock]
    let epochLength: UInt64
    let top: UInt64
    /// Places of the state's values, ascending.
    let paths: [Digest]

    init(epochs: Int, epochLength: UInt64, top: UInt64, values: Int, seed: UInt64) {
        func key(_ epoch: Int) -> SigningKey { SigningKey(seed: SecretBytes(copying: [UInt8](repeating: UInt8(epoch + 1), count: 32))) }
        func vrf(_ epoch: Int) -> VRFKey { VRFKey(seed: SecretBytes(copying: [UInt8](repeating: UInt8(epoch + 101), count: 32))) }
        func validator(_ epoch: Int) -> Validator { Validator(consensusKey: key(epoch).publicKey, vrfKey: vrf(epoch).publicKey, weight: 10) }
        func set(_ epoch: Int) -> ValidatorSet { try! ValidatorSet(epoch: Epoch(UInt64(epoch)), validators: [validator(epoch)]) }
        let charter = GenesisCharter(chainName: "test", network: .development, time: 1_000_000, parameters: NetworkParameters())
        genesis = Genesis(
            charter: charter,
            validators: [GenesisValidator(
                account: Fixture.address(1), validator: validator(0), consensusPossession: key(0).provePossession(for: Fixture.address(1), chainID: charter.id),
                vrfPossession: vrf(0).provePossession(for: Fixture.address(1), chainID: charter.id))],
            allocations: [], stateRoot: .zero)
        var blocks: [LightBlock] = []
        for epoch in 0..<epochs {
            let height = UInt64(epoch + 1) * epochLength
            let header = Header(
                draft: HeaderDraft(
                    height: Height(height), epoch: Epoch(UInt64(epoch)), originView: 0, time: Timestamp(1_000_000 + height * 1_000), proposer: ValidatorIndex(0),
                    parentHash: .zero, transactionsRoot: .zero, validatorsHash: set(epoch).digest, vrfProof: VRFProof(), beacon: Beacon(), protocolVersion: 1,
                    parentVotes: ValidatorBitmap([ValidatorIndex(0)])),
                result: HeaderResult(stateRoot: .zero, receiptsRoot: .zero, eventsRoot: .zero, gasUsed: 0, nextValidatorsHash: set(epoch + 1).digest))
            let statement = CommitStatement(header: header, view: 0)
            let signature = CertificateSignature(signer: ValidatorIndex(0), signature: key(epoch).sign(statement, as: .commit, chainID: genesis.chainID))
            blocks.append(LightBlock(header: header, certificate: CommitCertificate(statement: statement, signatures: [signature])!, validators: set(epoch)))
        }
        boundaries = blocks
        self.epochLength = epochLength
        self.top = top
        var random = SeededGenerator(seed: seed)
        paths = (0..<values).map { _ in Digest(random.bytes(32))! }.sorted()
    }

    var trust: TrustGround { .header(try! TrustedHeader(genesis: genesis, chainID: genesis.chainID)) }
    var snapshot: UInt64 { boundaries.last?.height.rawValue ?? 0 }
    private var rules: LightClientRules {
        LightClientRules(chainID: genesis.chainID, now: Timestamp(1_000_000 + top * 1_000), trustingMilliseconds: 1 << 40, driftMilliseconds: 5_000)
    }

    func block(_ height: UInt64) -> [UInt8] { height.bcs + [UInt8](repeating: 5, count: 200) }

    static let chunkValues = 20

    func chunk(_ from: Digest) -> [UInt8] {
        let start = paths.firstIndex { $0 >= from } ?? paths.count
        let end = start + Self.chunkValues
        let through = end < paths.count ? paths[end].preceding! : Digest(repeating: 0xff)
        return from.bytes + through.bytes + [UInt8](repeating: 1, count: 64)
    }

    // ── Serving ──

    func serve(_ effect: GossipEffect, oldest: UInt64 = 1) -> [GossipInput] {
        switch effect {
        case .readBlocks(let heights, let link):
            let blocks = heights.lowerBound.rawValue < oldest ? [] : (heights.lowerBound.rawValue...heights.upperBound.rawValue).filter { $0 <= top }.map(block)
            return [.blocksRead(first: heights.lowerBound, blocks, for: link)]
        case .readLight(.boundaries(let above), let link): return [.lightRead(Array(boundaries.filter { $0.height > above }.prefix(3)), for: link)]
        case .readLight(.block(let height), let link): return [.lightRead(boundaries.filter { $0.height == height }, for: link)]
        case .readChunk(let request, let link): return [.chunkRead(request, request.height.rawValue == snapshot ? chunk(request.from) : nil, for: link)]
        default: return []
        }
    }

    // ── Judging ──

    /// The node that catches up, and how far it has come.
    final class Follower {
        var height: UInt64 = 0
        var judged: [UInt64] = []
        var covered: [ClosedRange<Digest>] = []
        var finished = 0
        var abandoned = 0
        var progress: [SyncProgress] = []
        var chunksFrom: Set<Link> = []
        var refused = 0
    }

    func follow(_ effect: GossipEffect, _ follower: Follower) -> [GossipInput] {
        func committed(_ height: UInt64) -> GossipInput {
            .committed(CommittedBlock(height: Height(height), proposer: nil, transactions: [], touched: [], parameters: Fixture.parameters()))
        }
        switch effect {
        case .judgeBlock(let height, let bytes, _):
            let isGood = bytes == block(height.rawValue) && height.rawValue == follower.height + 1
            if !isGood { follower.refused += 1 }
            guard isGood else { return [.blockJudged(height, accepted: false)] }
            follower.height += 1
            follower.judged.append(height.rawValue)
            return [.blockJudged(height, accepted: true), committed(height.rawValue)]
        case .judgeLight(let blocks, let ground, _):
            do throws(LightClientError) {
                var trusted: TrustedHeader
                var rest = blocks[...]
                switch ground {
                case .header(let header): trusted = header
                case .hash(let hash, _): trusted = try TrustedHeader(rest.removeFirst(), hash: hash, chainID: genesis.chainID)
                }
                for block in rest { trusted = try trusted.advanced(to: block, rules: rules) }
                return [.lightJudged(.advanced(trusted))]
            } catch {
                follower.refused += 1
                return [.lightJudged(.refused)]
            }
        case .openRestore: return [.restoreOpened(covered: follower.covered)]
        case .judgeChunk(let request, let bytes, let link):
            guard bytes == chunk(request.from), let through = Digest(bytes[32..<64]) else {
                follower.refused += 1
                return [.chunkJudged(request, covered: nil)]
            }
            follower.chunksFrom.insert(link)
            follower.covered.append(request.from...through)
            return [.chunkJudged(request, covered: request.from...through)]
        case .finishRestore(let header):
            follower.finished += 1
            follower.height = header.height.rawValue
            return [.moved(height: header.height, parameters: Fixture.parameters()), .restored(true)]
        case .abandonRestore:
            follower.abandoned += 1
            follower.covered = []
            return []
        case .progress(let progress):
            follower.progress.append(progress)
            return []
        default: return []
        }
    }
}
