/// A vote of any step, as evidence carries it. The order of the cases is the order of ``Step``.
public enum AnyVote: Hashable, Sendable, BCSCodable {
    case viewChange(Vote<ViewChangeStatement>)
    case newView(Vote<NewViewStatement>)
    case prePrepare(Vote<PrePrepareStatement>)
    case prepare(Vote<PrepareStatement>)
    case commit(Vote<CommitStatement>)

    public var step: Step {
        switch self {
        case .viewChange: .viewChange
        case .newView: .newView
        case .prePrepare: .prePrepare
        case .prepare: .prepare
        case .commit: .commit
        }
    }

    public var signer: ValidatorIndex {
        switch self {
        case .viewChange(let vote): vote.signer
        case .newView(let vote): vote.signer
        case .prePrepare(let vote): vote.signer
        case .prepare(let vote): vote.signer
        case .commit(let vote): vote.signer
        }
    }

    /// Where the vote stands: two different votes at one place are an offence.
    public var place: (epoch: Epoch, height: Height, view: View) {
        func place(_ statement: some ConsensusStatement) -> (epoch: Epoch, height: Height, view: View) {
            (statement.epoch, statement.height, statement.view)
        }
        return switch self {
        case .viewChange(let vote): place(vote.statement)
        case .newView(let vote): place(vote.statement)
        case .prePrepare(let vote): place(vote.statement)
        case .prepare(let vote): place(vote.statement)
        case .commit(let vote): place(vote.statement)
        }
    }

    /// The bytes under the signature. Votes are compared by them, never by signature bytes, which a signer can vary.
    public func signedBytes(chainID: ChainID) -> [UInt8] {
        func bytes<Statement>(_ vote: Vote<Statement>) -> [UInt8] {
            Statement.signingDomain.signedBytes(vote.statement, chainID: chainID)
        }
        return switch self {
        case .viewChange(let vote): bytes(vote)
        case .newView(let vote): bytes(vote)
        case .prePrepare(let vote): bytes(vote)
        case .prepare(let vote): bytes(vote)
        case .commit(let vote): bytes(vote)
        }
    }

    func verify(with checker: some SignatureChecker) throws(SignatureError) {
        switch self {
        case .viewChange(let vote): _ = try checker.verify(vote)
        case .newView(let vote): _ = try checker.verify(vote)
        case .prePrepare(let vote): _ = try checker.verify(vote)
        case .prepare(let vote): _ = try checker.verify(vote)
        case .commit(let vote): _ = try checker.verify(vote)
        }
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(Int(step.rawValue))
        switch self {
        case .viewChange(let vote): vote.encode(into: &encoder)
        case .newView(let vote): vote.encode(into: &encoder)
        case .prePrepare(let vote): vote.encode(into: &encoder)
        case .prepare(let vote): vote.encode(into: &encoder)
        case .commit(let vote): vote.encode(into: &encoder)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 5) {
        case 0: self = .viewChange(try decoder.decode(Vote.self))
        case 1: self = .newView(try decoder.decode(Vote.self))
        case 2: self = .prePrepare(try decoder.decode(Vote.self))
        case 3: self = .prepare(try decoder.decode(Vote.self))
        default: self = .commit(try decoder.decode(Vote.self))
        }
    }
}

/// What a validator did that only a faulty one does.
@frozen public enum Offence: UInt8, Comparable, Sendable {
    /// Two different statements for one (epoch, height, view, step).
    case doubleSigning
    /// A COMMIT in a view, and a VIEW-CHANGE to a later view of that height which claims no prepared certificate of that
    /// view or a later one. A correct replica never forgets what it committed to.
    case forgottenCommit

    @inlinable public static func < (left: Offence, right: Offence) -> Bool { left.rawValue < right.rawValue }
}

/// Two signed votes of one validator that no correct validator signs both. Whoever holds one needs nothing else to prove
/// the offence.
///
/// Invariants: the pair proves an ``Offence``; the pair is ordered by `SHA-256("trellis/evidence/1" || signed bytes)`, so that
/// one offence has one encoding up to the signatures.
public struct Evidence: Hashable, Sendable, BCSCodable {
    public let first: AnyVote
    public let second: AnyVote
    public let offence: Offence

    public var signer: ValidatorIndex { first.signer }
    public var epoch: Epoch { first.place.epoch }
    public var height: Height { first.place.height }

    /// Evidence from two votes in either order, or nil when they prove nothing. Signatures are not checked here.
    public init?(_ one: AnyVote, _ other: AnyVote, chainID: ChainID, hash: (HashDomain, [UInt8]) -> Digest) {
        guard let offence = Evidence.offence(one, other) else { return nil }
        let left = hash(.evidence, one.signedBytes(chainID: chainID))
        let right = hash(.evidence, other.signedBytes(chainID: chainID))
        (first, second) = left < right ? (one, other) : (other, one)
        self.offence = offence
    }

    /// What the pair proves if both signatures hold.
    public static func offence(_ one: AnyVote, _ other: AnyVote) -> Offence? {
        guard one.signer == other.signer, one.place.epoch == other.place.epoch, one.place.height == other.place.height else {
            return nil
        }
        if one.step == other.step, one.place.view == other.place.view {
            return one.hasSameStatement(as: other) ? nil : .doubleSigning
        }
        switch (one, other) {
        case (.commit(let commit), .viewChange(let change)), (.viewChange(let change), .commit(let commit)):
            guard commit.statement.view < change.statement.view else { return nil }
            guard let claim = change.statement.prepared else { return .forgottenCommit }
            return claim.view < commit.statement.view ? .forgottenCommit : nil
        default: return nil
        }
    }

    /// Checks both signatures.
    public func verify(with checker: some SignatureChecker) throws(SignatureError) {
        try first.verify(with: checker)
        try second.verify(with: checker)
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        first.encode(into: &encoder)
        second.encode(into: &encoder)
    }

    /// The order of the pair needs a hash and is therefore checked by ``isOrdered(chainID:hash:)``, not here.
    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        first = try decoder.decode(AnyVote.self)
        second = try decoder.decode(AnyVote.self)
        guard let offence = Evidence.offence(first, second) else { throw decoder.refuse("the two votes prove no offence") }
        self.offence = offence
    }

    /// Whether the pair is in its one order; a judge refuses evidence that is not.
    public func isOrdered(chainID: ChainID, hash: (HashDomain, [UInt8]) -> Digest) -> Bool {
        hash(.evidence, first.signedBytes(chainID: chainID)) < hash(.evidence, second.signedBytes(chainID: chainID))
    }
}

extension AnyVote {
    /// Whether both say the same, whatever their signature bytes.
    public func hasSameStatement(as other: AnyVote) -> Bool {
        switch (self, other) {
        case (.viewChange(let a), .viewChange(let b)): a.statement == b.statement
        case (.newView(let a), .newView(let b)): a.statement == b.statement
        case (.prePrepare(let a), .prePrepare(let b)): a.statement == b.statement
        case (.prepare(let a), .prepare(let b)): a.statement == b.statement
        case (.commit(let a), .commit(let b)): a.statement == b.statement
        default: false
        }
    }
}
