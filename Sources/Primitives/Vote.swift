/// The five kinds of consensus message that the durable guard orders within one (height, view). The raw value is the order.
@frozen public enum Step: UInt8, Comparable, CaseIterable, Sendable {
    case viewChange, newView, prePrepare, prepare, commit

    @inlinable public static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
}

/// What one consensus message says under its signature. A correct validator signs at most one statement per
/// (epoch, height, view, step); two different ones are evidence.
public protocol ConsensusStatement: BCSCodable, Hashable {
    static var step: Step { get }
    static var signingDomain: SigningDomain { get }
    var epoch: Epoch { get }
    var height: Height { get }
    var view: View { get }
}

extension CommitStatement: ConsensusStatement {
    public static var step: Step { .commit }
    public static var signingDomain: SigningDomain { .commit }
}

/// What PRE-PREPARE says: the primary of `view` proposes the draft with this digest. It is not a vote.
public struct PrePrepareStatement: ConsensusStatement {
    public static var step: Step { .prePrepare }
    public static var signingDomain: SigningDomain { .prePrepare }
    public let epoch: Epoch
    public let height: Height
    public let view: View
    public let draftDigest: Digest

    public init(epoch: Epoch, height: Height, view: View, draftDigest: Digest) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.draftDigest = draftDigest
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        draftDigest.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        draftDigest = try decoder.decode(Digest.self)
    }
}

/// What PREPARE says: the voter holds the draft with this digest and its bodies durably, and found them valid.
public struct PrepareStatement: ConsensusStatement {
    public static var step: Step { .prepare }
    public static var signingDomain: SigningDomain { .prepare }
    public let epoch: Epoch
    public let height: Height
    public let view: View
    public let draftDigest: Digest

    public init(epoch: Epoch, height: Height, view: View, draftDigest: Digest) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.draftDigest = draftDigest
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        draftDigest.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        draftDigest = try decoder.decode(Digest.self)
    }
}

/// The newest prepared certificate that a replica claims to hold when it changes the view.
public struct PreparedClaim: Hashable, Sendable, BCSCodable {
    public let view: View
    public let draftDigest: Digest

    public init(view: View, draftDigest: Digest) {
        self.view = view
        self.draftDigest = draftDigest
    }

    public func encode(into encoder: inout BCSEncoder) {
        view.encode(into: &encoder)
        draftDigest.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        view = try decoder.decode(View.self)
        draftDigest = try decoder.decode(Digest.self)
    }
}

/// What VIEW-CHANGE says: the replica leaves every view below `view` for good. `prepared` is one option of a pair, so that a
/// view without a digest has no encoding.
public struct ViewChangeStatement: ConsensusStatement {
    public static var step: Step { .viewChange }
    public static var signingDomain: SigningDomain { .viewChange }
    public let epoch: Epoch
    public let height: Height
    /// The view that the replica wants to enter.
    public let view: View
    /// The header hash of the block below.
    public let parentHash: Digest
    public let prepared: PreparedClaim?

    public init(epoch: Epoch, height: Height, view: View, parentHash: Digest, prepared: PreparedClaim?) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.parentHash = parentHash
        self.prepared = prepared
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        parentHash.encode(into: &encoder)
        encoder.encode(prepared)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        parentHash = try decoder.decode(Digest.self)
        prepared = try decoder.decodeOption(PreparedClaim.self)
    }
}

/// What NEW-VIEW says: the primary of `view` starts it with the highest claim of a quorum of view changes, or with none.
public struct NewViewStatement: ConsensusStatement {
    public static var step: Step { .newView }
    public static var signingDomain: SigningDomain { .newView }
    public let epoch: Epoch
    public let height: Height
    public let view: View
    public let parentHash: Digest
    /// The claim whose draft is proposed again; nil announces a fresh proposal.
    public let prepared: PreparedClaim?

    public init(epoch: Epoch, height: Height, view: View, parentHash: Digest, prepared: PreparedClaim?) {
        self.epoch = epoch
        self.height = height
        self.view = view
        self.parentHash = parentHash
        self.prepared = prepared
    }

    public func encode(into encoder: inout BCSEncoder) {
        epoch.encode(into: &encoder)
        height.encode(into: &encoder)
        view.encode(into: &encoder)
        parentHash.encode(into: &encoder)
        encoder.encode(prepared)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        epoch = try decoder.decode(Epoch.self)
        height = try decoder.decode(Height.self)
        view = try decoder.decode(View.self)
        parentHash = try decoder.decode(Digest.self)
        prepared = try decoder.decodeOption(PreparedClaim.self)
    }
}

/// A consensus statement with the signature of one validator of its epoch.
public struct Vote<Statement: ConsensusStatement>: Hashable, ValidatorSigned, BCSCodable {
    public let signer: ValidatorIndex
    public let statement: Statement
    public let signature: Signature

    public init(signer: ValidatorIndex, statement: Statement, signature: Signature) {
        self.signer = signer
        self.statement = statement
        self.signature = signature
    }

    public var epoch: Epoch { statement.epoch }
    public var signingDomain: SigningDomain { Statement.signingDomain }
    public var signedBody: Statement { statement }

    public func encode(into encoder: inout BCSEncoder) {
        signer.encode(into: &encoder)
        statement.encode(into: &encoder)
        signature.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        signer = try decoder.decode(ValidatorIndex.self)
        statement = try decoder.decode(Statement.self)
        signature = try decoder.decode(Signature.self)
    }
}
