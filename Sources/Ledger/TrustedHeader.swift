public import Primitives

/// A header that a light client believes, with the set that signed it: the ground for believing later ones.
public struct TrustedHeader: Hashable, Sendable {
    public let header: Header
    /// The set of the header's epoch; its hash is in the header.
    public let validators: ValidatorSet
    /// Nil for genesis alone.
    public let certificate: CommitCertificate?

    private init(_ block: LightBlock) {
        header = block.header
        validators = block.validators
        certificate = block.certificate
    }

    /// Trust in a genesis document, which the user knows by the chain identifier: the document may come from anyone, and the
    /// validators of a wrong one would sign for any chain.
    public init(genesis: Genesis, chainID: ChainID) throws(LightClientError) {
        let actual = genesis.chainID
        guard actual == chainID else { throw .chainMismatch(expected: chainID, actual: actual) }
        do {
            header = try genesis.header()
            validators = try genesis.initialValidators()
        } catch { throw .genesisInvalid(error) }
        certificate = nil
    }

    /// Trust in a block whose hash the user knows from elsewhere.
    public init(_ block: LightBlock, hash: Digest, chainID: ChainID) throws(LightClientError) {
        let actual = block.header.digest
        guard actual == hash else { throw .headerHashWrong(expected: hash, actual: actual) }
        try block.checkCertified(chainID: chainID)
        self.init(block)
    }

    public var height: Height { header.height }

    /// Believes `block` on the ground of this header, or says why not.
    ///
    /// A block signed by the set that this header names as next is linked: a quorum of that set suffices. Any other needs, beside
    /// the quorum of its own set, signatures of more than a third of this header's set, one of whom is then honest.
    public func advanced(to block: LightBlock, rules: LightClientRules) throws(LightClientError) -> TrustedHeader {
        let trusted = header.draft
        let draft = block.header.draft
        try checkFresh(rules)
        if draft.height == trusted.height { try compare(with: block, chainID: rules.chainID) }
        guard draft.height > trusted.height else {
            throw .heightNotAbove(trusted: trusted.height, actual: draft.height)
        }
        guard draft.time > trusted.time else { throw .timeNotAfter(trusted: trusted.time, actual: draft.time) }
        guard let latest = rules.now.advanced(by: rules.driftMilliseconds), draft.time <= latest else {
            throw .timeInFuture(now: rules.now, actual: draft.time)
        }
        let isLinked = try checkLink(of: block)
        if !isLinked {
            // Counted before signatures are checked: it costs little, and bisection asks it often.
            let weight = block.signedWeight(in: validators)
            guard validators.isWeakQuorum(weight) else {
                throw .overlapTooSmall(weight: weight, total: validators.totalWeight)
            }
        }
        try block.checkCertified(chainID: rules.chainID)
        return TrustedHeader(block)
    }

    /// Checks a copy of the block of this very header, with whatever quorum of its set: no step, and as strict as one.
    func confirm(_ block: LightBlock, rules: LightClientRules) throws(LightClientError) {
        try checkFresh(rules)
        guard block.header == header else { throw .headerHashWrong(expected: header.digest, actual: block.header.digest) }
        try block.checkCertified(chainID: rules.chainID)
    }

    private func checkFresh(_ rules: LightClientRules) throws(LightClientError) {
        let time = header.draft.time
        guard let expiry = time.advanced(by: rules.trustingMilliseconds), expiry > rules.now else {
            throw .trustExpired(trusted: time, now: rules.now)
        }
    }

    /// Whether `block` is of the epoch whose set this header names as next. One epoch has one set, therefore such a block must
    /// name that set; and the very next block must be of that epoch and name this header as its parent.
    private func checkLink(of block: LightBlock) throws(LightClientError) -> Bool {
        let draft = block.header.draft
        let epoch = header.draft.epoch
        let isNext = height.advanced(by: 1) == draft.height
        let linked = header.endsEpoch ? epoch.advanced(by: 1) : epoch
        guard let linked, draft.epoch >= linked, !isNext || draft.epoch == linked else {
            throw .epochWrong(trusted: epoch, actual: draft.epoch)
        }
        guard draft.epoch == linked else { return false }
        let named = header.result.nextValidatorsHash
        guard draft.validatorsHash == named else {
            throw .validatorsHashWrong(expected: named, actual: draft.validatorsHash)
        }
        if isNext {
            let hash = header.digest
            guard draft.parentHash == hash else { throw .headerHashWrong(expected: hash, actual: draft.parentHash) }
        }
        return true
    }

    /// Holds what another source says about this height against this header. Returns when they agree; throws
    /// ``LightClientError/fork(_:)`` with the evidence when the same set certified both.
    public func compare(with block: LightBlock, chainID: ChainID) throws(LightClientError) {
        guard block.height == height else { throw .heightNotAsked(expected: height, actual: block.height) }
        guard block.header != header else { return }
        guard block.header.draft.validatorsHash == header.draft.validatorsHash else {
            throw .validatorsHashWrong(expected: header.draft.validatorsHash, actual: block.header.draft.validatorsHash)
        }
        try block.checkCertified(chainID: chainID)
        // Genesis follows from the chain identifier; whoever certifies another block at its height contradicts that.
        guard let certificate else { throw .headerHashWrong(expected: header.digest, actual: block.header.digest) }
        let own = LightBlock(header: header, certificate: certificate, validators: validators)
        guard let evidence = ForkEvidence(own, block) else { preconditionFailure("heights agree and headers differ") }
        throw .fork(evidence)
    }
}

/// What a light client takes into account beside the headers. It has no clock: the caller says what time it is.
public struct LightClientRules: Sendable {
    public let chainID: ChainID
    public let now: Timestamp
    /// How old a trusted header may be; shorter than the unbonding period of the chain.
    public let trustingMilliseconds: UInt64
    /// How far ahead of `now` a header may be.
    public let driftMilliseconds: UInt64

    public init(chainID: ChainID, now: Timestamp, trustingMilliseconds: UInt64, driftMilliseconds: UInt64) {
        self.chainID = chainID
        self.now = now
        self.trustingMilliseconds = trustingMilliseconds
        self.driftMilliseconds = driftMilliseconds
    }
}
