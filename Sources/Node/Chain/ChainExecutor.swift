public import Consensus
public import Cryptography
public import Execution
public import Ledger
public import Primitives
public import WorldState

/// The execution side of a node: it owns the world state and answers what the replica asks about proposals.
///
/// At most one block above the newest committed one is applied at a time, the *speculative* one; a later view that proposes the same
/// draft finds it done, and another draft takes it back. One thread owns an executor.
///
/// Invariants: ``committed`` is the header of the newest delivered block, and `committedView` the state after it; the state's head is that
/// height, or the speculative block right above it.
public final class ChainExecutor {
    public let genesis: Genesis
    public let executor: BlockExecutor
    public private(set) var committed: Header
    /// The state after the newest delivered block; any thread may read it.
    public private(set) var committedView: StateView
    /// The parameters in force for the next block.
    public private(set) var parameters: NetworkParameters
    private let state: WorldState
    private var speculative: Speculation?

    private struct Speculation {
        let draftDigest: Digest
        let executed: ExecutedBlock
        let result: HeaderResult
        let undo: BlockUndo
    }

    /// What a delivered block brought.
    public struct Delivered: Sendable {
        public let header: Header
        public let receipts: [Receipt]
        public let events: [EventRecord]
        /// The accounts that the block touched, as they are now.
        public let accounts: [(address: Address, state: AccountState)]
        /// The parameters of the block above.
        public let parameters: NetworkParameters
    }

    /// Why the executor cannot go on; each is a fault of this node or its disk, or of more than a third of the validators.
    public enum Failure: Error, Equatable, Sendable {
        case execution(ExecutionFailure)
        case state(StoreError)
        /// This node computed another result than the certified one.
        case diverged(certified: HeaderResult, own: HeaderResult)
        /// The block does not follow the newest committed one.
        case outOfOrder(committed: Height, block: Height)
    }

    /// Starts at genesis in an empty `state`, or goes on behind `header`, the block whose state it holds.
    ///
    /// - Parameter loader: makes contracts of deployed code, and keeps what no result depends on.
    public init(
        genesis: Genesis, definitions: [any BuiltInContract.Type], state: WorldState, behind header: Header? = nil,
        loader: any ContractLoader = PreparedContracts()
    ) throws(GenesisState.Failure) {
        self.genesis = genesis
        self.state = state
        executor = BlockExecutor(catalogue: Catalogue(definitions, loader: loader), chainID: genesis.chainID)
        if let header {
            precondition(state.height == header.height)
            guard state.root == header.result.stateRoot else {
                throw .stateRootWrong(expected: header.result.stateRoot, actual: state.root)
            }
            committed = header
        } else {
            try GenesisState.apply(genesis, definitions, to: state)
            do { committed = try genesis.header() } catch { throw .document(.validators(error)) }
        }
        committedView = state.view
        do { parameters = try ChainRecords.parameters(in: committedView) } catch { throw .state(error) }
        setProofWindow()
    }

    /// The blocks that the network wants to be provable, and one more: a speculative block above them takes a place of its own.
    private func setProofWindow() { state.proofWindow = Int(parameters.proofWindow) + 1 }

    /// The rules for a transaction of the next block.
    public var rules: TransactionRules {
        TransactionRules(chainID: genesis.chainID, height: committed.height.successor, parameters: parameters)
    }

    /// The account in the newest committed state.
    public func account(_ address: Address) throws(StoreError) -> AccountState? {
        try AccountRecords.account(address, in: committedView)
    }

    // ── What the replica asks ──

    /// Judges a proposal whose bodies are there, in order, with signatures checked: the proof of randomness, each transaction at the
    /// parent state, the block's limits and the transactions root.
    public func check(_ question: ProposalCheck, bodies: [SignedTransaction]) throws(StoreError) -> ProposalVerdict {
        let draft = question.proposal.draft
        let beacon = BeaconStep.verify(
            draft.vrfProof, by: question.vrfKey, chainID: genesis.chainID, height: draft.height, previous: question.parentBeacon)
        guard let beacon else { return .invalid(reason: "the VRF proof does not hold") }
        guard draft.parentHash == committed.digest else { return .invalid(reason: "the parent is not the newest block") }
        var body = BlockBody(rules: rules)
        for transaction in bodies {
            let account = body.needsAccount(of: transaction.sender) ? try account(transaction.sender) : nil
            do { try body.append(transaction, account: account) } catch { return .invalid(reason: "a transaction or a limit breaks a rule") }
        }
        guard body.transactionsRoot == draft.transactionsRoot else { return .invalid(reason: "the transactions root is not that of the bodies") }
        return .valid(beacon: beacon)
    }

    /// Proves this node's randomness for a proposal of `transactions`, which ``check(_:bodies:)`` accepts.
    public func build(
        _ request: ProposalRequest, _ transactions: [SignedTransaction], with key: VRFKey, now: Timestamp
    ) -> BuiltProposal {
        let (proof, beacon) = BeaconStep.prove(with: key, chainID: genesis.chainID, height: request.height, previous: request.parentBeacon)
        return BuiltProposal(
            height: request.height, view: request.view, payload: transactions.map { Digest($0.envelopeHash.bytes)! }, vrfProof: proof,
            beacon: beacon, now: now)
    }

    /// Executes a proposal above the newest committed block, or finds that it has done so already.
    public func execute(_ request: ExecutionRequest, bodies: [SignedTransaction]) throws(Failure) -> ExecutedProposal {
        let draft = request.proposal.draft
        let done = try speculate(draft, request.draftDigest, bodies)
        precondition((done.executed.next != nil) == request.endsEpoch, "replica and executor disagree on where the epoch ends")
        return ExecutedProposal(
            draftDigest: request.draftDigest, result: done.result,
            next: done.executed.next.map { NextEpoch(validators: $0.validators, parameters: $0.parameters.consensus(protocolVersion: draft.protocolVersion)) })
    }

    /// Makes a final block part of the state. A node that did not execute it before does so now.
    public func deliver(_ block: CertifiedBlock, bodies: [SignedTransaction]) throws(Failure) -> Delivered {
        guard block.height == committed.height.successor else { throw .outOfOrder(committed: committed.height, block: block.height) }
        let done = try speculate(block.header.draft, block.header.draft.digest, bodies)
        guard done.result == block.header.result else { throw .diverged(certified: block.header.result, own: done.result) }
        committed = block.header
        committedView = state.view
        speculative = nil
        if let next = done.executed.next {
            parameters = next.parameters
            setProofWindow()
        }
        do {
            return Delivered(
                header: block.header, receipts: done.executed.receipts, events: done.executed.events,
                accounts: try AccountRecords.accounts(in: done.executed.changes), parameters: parameters)
        } catch { throw .state(error) }
    }

    private func speculate(_ draft: HeaderDraft, _ digest: Digest, _ bodies: [SignedTransaction]) throws(Failure) -> Speculation {
        if let done = speculative {
            if done.draftDigest == digest { return done }
            do { try state.revert(done.undo, to: committed.height) } catch { throw .state(error) }
            speculative = nil
        }
        let executed: ExecutedBlock
        do { executed = try executor.execute(draft, bodies, on: committedView) } catch { throw .execution(error) }
        do {
            let undo = try state.apply(executed.changes, height: draft.height)
            let done = Speculation(draftDigest: digest, executed: executed, result: executed.result(stateRoot: state.root), undo: undo)
            speculative = done
            return done
        } catch { throw .state(error) }
    }

    // ── Flushing ──

    /// Freezes what was committed since the last flush; nil when a speculative block is applied, which must not reach the store, or
    /// when there is nothing. The caller writes the group and gives it back to ``finishFlush(_:snapshot:)``.
    public func beginFlush() -> FlushGroup? { speculative == nil ? state.beginFlush() : nil }

    public func finishFlush(_ group: FlushGroup, snapshot: any KeyValueSnapshot) {
        state.finishFlush(group, snapshot: snapshot)
        if speculative == nil { committedView = state.view }
    }

    /// The state after a recent block, for proofs; nil outside the proof window.
    public func view(at height: Height) -> StateView? { isInWindow(height) ? state.view(at: height) : nil }

    /// Heights of ``view(at:)``, in ascending order.
    public var viewHeights: [Height] { state.viewHeights.filter(isInWindow) }

    private func isInWindow(_ height: Height) -> Bool {
        height <= committed.height && committed.height.rawValue - height.rawValue <= UInt64(parameters.proofWindow)
    }

    /// The oldest height whose state can be read: of the history if there is one, else of the proof window.
    public var oldestState: Height {
        let window = viewHeights.first ?? committed.height
        guard let first = (try? StateHistory(behind: committedView))?.heights?.lowerBound else { return window }
        return min(first, window)
    }

    public var flushedHeight: Height? { state.flushedHeight }
    public var pendingBytes: Int { state.pendingBytes }

    /// Whether so much waits to be flushed that no block should be proposed.
    public var mustWait: Bool { state.mustWait }
}

extension NetworkParameters {
    /// What consensus needs of the parameters.
    public func consensus(protocolVersion: UInt32) -> ConsensusParameters {
        ConsensusParameters(
            protocolVersion: protocolVersion, epochBlocks: epochHeights, epochMilliseconds: epochMilliseconds,
            heartbeatMilliseconds: heartbeatMilliseconds, blockIntervalMilliseconds: blockIntervalMilliseconds,
            precisionMilliseconds: precisionMilliseconds, messageDelayMilliseconds: messageDelayMilliseconds,
            evidenceMilliseconds: evidenceMilliseconds)
    }
}

/// SHA-256, RFC 6962 and Ed25519 for the replica.
public struct NodeCryptography: ReplicaCryptography {
    private let key: SigningKey?

    /// - Parameter key: the consensus key; nil for a node that only follows.
    public init(key: SigningKey?) { self.key = key }

    public func hash(_ domain: HashDomain, _ bytes: [UInt8]) -> Digest { SHA256.hash(domain, bytes) }

    public func transactionsRoot(of envelopeHashes: [Digest]) -> Digest {
        MerkleAccumulator.root(of: envelopeHashes.lazy.map { MerkleTree.leafHash($0.bytes) })
    }

    public func sign(_ bytes: [UInt8]) -> Signature {
        guard let key else { preconditionFailure("a node without a consensus key is asked for a vote") }
        return key.sign(bytes)
    }
}

extension ChainPosition {
    /// The position at the genesis block.
    public init(genesis: Genesis, cryptography: some ReplicaCryptography) throws(ValidatorSet.Failure) {
        let header = try genesis.header()
        let epoch = EpochState(
            validators: try genesis.initialValidators(),
            parameters: genesis.charter.parameters.consensus(protocolVersion: genesis.charter.protocolVersion), startHeight: 0,
            startTime: genesis.charter.time, startBeacon: header.draft.beacon, cryptography: cryptography)
        self.init(genesisHash: header.digest, time: header.draft.time, beacon: header.draft.beacon, epoch: epoch)
    }
}
