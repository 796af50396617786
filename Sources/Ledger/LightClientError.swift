public import Primitives

/// Why a light client does not believe a block.
public enum LightClientError: Error, Equatable, Sendable {
    /// A genesis document of another chain.
    case chainMismatch(expected: ChainID, actual: ChainID)
    /// A genesis document whose validators are no set.
    case genesisInvalid(ValidatorSet.Failure)
    /// The trusted header is older than the trusting period: its validators may have left with their stake and say anything.
    case trustExpired(trusted: Timestamp, now: Timestamp)
    /// Not above the trusted header.
    case heightNotAbove(trusted: Height, actual: Height)
    case timeNotAfter(trusted: Timestamp, actual: Timestamp)
    /// Later than now and the tolerated drift of clocks.
    case timeInFuture(now: Timestamp, actual: Timestamp)
    /// The set is of another epoch than the header.
    case validatorsOfOtherEpoch(expected: Epoch, actual: Epoch)
    /// The set is not the one that the header, or the trusted header before it, names.
    case validatorsHashWrong(expected: Digest, actual: Digest)
    /// The epoch goes back, or one that the trusted header has ended goes on.
    case epochWrong(trusted: Epoch, actual: Epoch)
    /// A header, or the parent that a header names, is not the one that is known.
    case headerHashWrong(expected: Digest, actual: Digest)
    /// The certificate speaks of another block.
    case block(BlockRejection)
    case certificate(CertificateError)
    /// Too little of the trusted set signed to skip this far: `weight` of `total`, not more than a third. Try something closer.
    case overlapTooSmall(weight: UInt64, total: UInt64)
    /// A block other than the trusted one is certified at its height: the chain has forked.
    case fork(ForkEvidence)
    /// A block of another height than the one asked for.
    case heightNotAsked(expected: Height, actual: Height)
}
