import Consensus
import Cryptography
import Execution
import Keystore
import Ledger
import Primitives
import Storage
import WorldState

/// With what a node goes on: the fold of its journal, and what the journal holds beyond the block log.
struct Resumption {
    struct Decided {
        let block: CertifiedBlock
        let transactions: [SignedTransaction]
    }

    private(set) var state: ReplicaState
    private(set) var mode = StartMode.journalIntact
    /// Decided blocks that the block log does not have yet, in ascending order.
    private(set) var undelivered: [Decided] = []
    /// Bodies of proposals of the height in flight, by draft digest.
    var bodies: [Digest: Core.Bodies] = [:]

    init(
        genesis: Genesis, stores: NodeStores, chain: ChainExecutor, cryptography: NodeCryptography, overrides: Bool
    ) throws(NodeError) {
        let first: ChainPosition
        do { first = try ChainPosition(genesis: genesis, cryptography: cryptography) } catch { throw NodeError(.genesisInvalid, "\(error)") }
        state = ReplicaState(position: first)
        let store = stores.chain, lacksJournal = stores.lacksJournal
        var isLost = false
        var isEmpty = true
        var decided: [Decided] = []
        var found: [Digest: Core.Bodies] = [:]
        do {
            guard let journal = store.journal else { throw StoreError(.closed, "there is no journal") }
            var damage: BCSError?
            try journal.replay(above: nil) { (_, bytes) throws(StoreError) in
                isEmpty = false
                let entry: JournalEntry
                do throws(BCSError) { entry = try JournalEntry(bytes) } catch {
                    damage = error
                    return
                }
                switch entry {
                case .lost: isLost = true
                case .checkpoint(let checkpoint): state = checkpoint
                case .record(let record, let bodies):
                    state.apply(record)
                    if let proposal = record.proposal, !bodies.isEmpty || proposal.payload.isEmpty {
                        found[proposal.draft.digest] = Core.Bodies(height: proposal.draft.height, transactions: bodies)
                    }
                    if case .floor = record { isLost = false }
                    if case .committed(let committed) = record, committed.block.height >= store.blocks.next {
                        let digest = committed.block.header.draft.digest
                        decided.removeAll { $0.block.height >= committed.block.height }
                        decided.append(Decided(block: committed.block, transactions: found[digest]?.transactions ?? []))
                    }
                }
            }
            if let damage { throw StoreError(.corrupt, "a record of the journal: \(damage)") }
        } catch { throw NodeError(.storeFailed, "\(error)") }

        let logged = chain.committed.height
        // An empty journal under a chain that has no block yet is as `init` made it: nothing has been signed.
        if lacksJournal || isEmpty && logged > 0 { isLost = true }
        if state.position.height < logged {
            // The journal does not know of blocks that the chain has: it was lost, or a snapshot was restored since.
            state.move(to: try Self.position(at: logged, first, genesis, stores, chain, cryptography))
        }
        undelivered = decided.filter { $0.block.height > logged && $0.block.height <= state.position.height }
        bodies = found.filter { $0.value.height == state.position.height.successor }
        if isLost { mode = overrides ? .journalLostOverridden : .journalLost(challenge: Self.challenge()) }
    }

    private static func challenge() -> UInt64 {
        max(1, Entropy.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// The position at the newest block of the log, from the boundary below it on.
    private static func position(
        at height: Height, _ first: ChainPosition, _ genesis: Genesis, _ stores: NodeStores, _ chain: ChainExecutor, _ cryptography: NodeCryptography
    ) throws(NodeError) -> ChainPosition {
        do {
            func block(_ height: Height) throws -> StoredBlock {
                guard let record = try stores.chain.blocks.read(height) else { throw StoreError(.corrupt, "block \(height) is not in the log") }
                return try StoredBlock(record)
            }
            let view = chain.committedView
            let (number, start) = try ChainRecords.epoch(in: view)
            var position = first
            if start.height > 0 {
                guard let boundary = try stores.boundaries.block(at: start.height), let voters = try ChainRecords.validatorSet(of: number, in: view) else {
                    throw StoreError(.corrupt, "the beginning of epoch \(number) at block \(start.height) is not kept")
                }
                let verifier = SignatureVerifier(chainID: genesis.chainID, validatorSets: [boundary.validators])
                let parameters = try ChainRecords.parameters(in: view).consensus(protocolVersion: genesis.charter.protocolVersion)
                let epoch = EpochState(
                    validators: voters, parameters: parameters, startHeight: start.height, startTime: boundary.header.draft.time,
                    startBeacon: boundary.header.draft.beacon, cryptography: cryptography)
                position = ChainPosition(
                    boundary: boundary.header, certificate: Proven(try verifier.verify(boundary.certificate)), epoch: epoch, previousValidators: boundary.validators)
            }
            while position.height < height {
                guard let certified = try block(position.height.successor).certified, position.follow(certified, next: nil) else {
                    throw StoreError(.corrupt, "block \(position.height.successor) does not follow")
                }
            }
            return position
        } catch { throw NodeError(.storeFailed, "finding the position at block \(height): \(error)") }
    }
}
