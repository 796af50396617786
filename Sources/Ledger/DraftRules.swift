import Cryptography
public import Primitives

/// What the draft of a block must say, given its parent. A replica checks it before PREPARE; whoever catches up checks it
/// before execution.
public struct DraftRules: Sendable {
    public let chainID: ChainID
    public let parent: Header
    /// The set that signed the parent.
    public let parentValidators: ValidatorSet
    /// The set that signs this block; it is `parentValidators` unless the parent ended its epoch.
    public let validators: ValidatorSet
    public let protocolVersion: UInt32

    public init(
        chainID: ChainID, parent: Header, parentValidators: ValidatorSet, validators: ValidatorSet, protocolVersion: UInt32
    ) {
        self.chainID = chainID
        self.parent = parent
        self.parentValidators = parentValidators
        self.validators = validators
        self.protocolVersion = protocolVersion
    }

    /// Checks height, parent, time, epoch, set, version, parent votes, proposer and, last because it costs most, the beacon
    /// step. The body is ``BlockBody``'s matter.
    public func check(_ draft: HeaderDraft) throws(BlockRejection) {
        try checkLink(draft)
        try checkParentVotes(draft.parentVotes)
        try checkBeacon(draft)
    }

    private func checkLink(_ draft: HeaderDraft) throws(BlockRejection) {
        guard let height = parent.height.advanced(by: 1), draft.height == height else {
            throw .heightWrong(expected: Height(parent.height.rawValue &+ 1), actual: draft.height)
        }
        let parentHash = parent.digest
        guard draft.parentHash == parentHash else {
            throw .parentHashWrong(expected: parentHash, actual: draft.parentHash)
        }
        guard draft.time > parent.draft.time else {
            throw .timeNotAfterParent(parent: parent.draft.time, actual: draft.time)
        }
        let epoch = parent.endsEpoch ? Epoch(parent.draft.epoch.rawValue &+ 1) : parent.draft.epoch
        guard draft.epoch == epoch else { throw .epochWrong(expected: epoch, actual: draft.epoch) }
        let validatorsHash = parent.result.nextValidatorsHash
        guard draft.validatorsHash == validatorsHash else {
            throw .validatorsHashWrong(expected: validatorsHash, actual: draft.validatorsHash)
        }
        guard draft.protocolVersion == protocolVersion else {
            throw .protocolVersionWrong(expected: protocolVersion, actual: draft.protocolVersion)
        }
    }

    /// The bitmap must be a quorum of the set that signed the parent. A replica that holds the very certificate of the
    /// proposal also compares its signers; one that catches up cannot, as certificates of one block may differ.
    private func checkParentVotes(_ votes: ValidatorBitmap) throws(BlockRejection) {
        if parent.height == 0 {
            guard votes.count == 0 else { throw .parentVotesOfGenesis }
            return
        }
        var weight: UInt64 = 0
        for index in votes.indices {
            guard let validator = parentValidators[index] else { throw .parentVoterUnknown(index) }
            weight += validator.weight
        }
        guard parentValidators.isQuorum(weight) else {
            throw .parentVotesTooFew(weight: weight, total: parentValidators.totalWeight)
        }
    }

    private func checkBeacon(_ draft: HeaderDraft) throws(BlockRejection) {
        guard let proposer = validators[draft.proposer] else { throw .proposerUnknown(draft.proposer) }
        let beacon = BeaconStep.verify(
            draft.vrfProof, by: proposer.vrfKey, chainID: chainID, height: draft.height, previous: parent.draft.beacon)
        guard let beacon else { throw .vrfProofInvalid }
        guard draft.beacon == beacon else { throw .beaconWrong(expected: beacon, actual: draft.beacon) }
    }
}
