import Cryptography
public import Primitives

/// Why no network can start from a genesis document.
public enum GenesisFailure: Error, Equatable, Sendable {
    case chainNameEmpty
    case parameters(ParameterFailure)
    case validators(ValidatorSet.Failure)
    /// A consensus key that is not of prime order, or a proof of possession that does not hold.
    case consensusKeyRefused(ValidatorIndex)
    case vrfKeyRefused(ValidatorIndex)
    /// The first account that is not above the one before it.
    case allocationsNotAscending(Address)
    case allocationZero(Address)
    case allocationsOverLimit(count: Int, limit: Int)
    /// Balances and bonded stake reach ``Amount/supplyMax``.
    case supplyOverLimit
}

extension Genesis {
    /// Checks everything except that ``stateRoot`` is the state that the document makes.
    public func validate() throws(GenesisFailure) {
        if charter.chainName.text.isEmpty { throw .chainNameEmpty }
        do { try charter.parameters.validate() } catch { throw .parameters(error) }
        do { _ = try initialValidators() } catch { throw .validators(error) }
        for (position, founder) in validators.enumerated() {
            let index = ValidatorIndex(UInt16(position))
            guard Ed25519.isRegistrable(
                founder.validator.consensusKey, for: founder.account, possession: founder.consensusPossession, chainID: charter.id
            ) else { throw .consensusKeyRefused(index) }
            guard ECVRF.isRegistrable(
                founder.validator.vrfKey, for: founder.account, possession: founder.vrfPossession, chainID: charter.id
            ) else { throw .vrfKeyRefused(index) }
        }
        guard allocations.count <= Genesis.allocationsMax else {
            throw .allocationsOverLimit(count: allocations.count, limit: Genesis.allocationsMax)
        }
        for (allocation, next) in zip(allocations, allocations.dropFirst()) where allocation.account >= next.account {
            throw .allocationsNotAscending(next.account)
        }
        for allocation in allocations where allocation.balance == .zero { throw .allocationZero(allocation.account) }
        guard let supply, supply < Amount.supplyMax else { throw .supplyOverLimit }
    }

    /// Balances and bonded stake in base units; nil on overflow.
    public var supply: Amount? {
        guard let bonded else { return nil }
        return Amount.sum(allocations.map(\.balance) + [bonded])
    }

    /// The founders' stakes in base units; nil on overflow.
    public var bonded: Amount? {
        // A weight is a whole number of tokens; 2^64 of them are below 2^84 base units.
        Amount.sum(validators.map { Amount(UInt128($0.validator.weight) * Amount.unitsPerToken) })
    }

    /// The set of epoch 0.
    public func initialValidators() throws(ValidatorSet.Failure) -> ValidatorSet {
        try ValidatorSet(epoch: 0, validators: validators.map(\.validator))
    }

    /// The header of height 0. Nobody signs it: it follows from the document, as the chain identifier does.
    ///
    /// Its beacon is `SHA-256("trellis/beacon/1" || chainID)`; both roots of its body are those of empty trees, its proof is
    /// zero, and the set of epoch 0 signs the block above it.
    public func header() throws(ValidatorSet.Failure) -> Header {
        let validatorsHash = try initialValidators().digest
        var beacon = Beacon()
        beacon.words = SHA256.hash(.beacon, of: chainID).words
        return Header(
            draft: HeaderDraft(
                height: 0, epoch: 0, originView: 0, time: charter.time, proposer: ValidatorIndex(0), parentHash: .zero,
                transactionsRoot: MerkleTree.emptyRoot, validatorsHash: validatorsHash, vrfProof: VRFProof(),
                beacon: beacon, protocolVersion: charter.protocolVersion, parentVotes: ValidatorBitmap()),
            result: HeaderResult(
                stateRoot: stateRoot, receiptsRoot: MerkleTree.emptyRoot, eventsRoot: MerkleTree.emptyRoot, gasUsed: 0,
                nextValidatorsHash: validatorsHash))
    }
}
