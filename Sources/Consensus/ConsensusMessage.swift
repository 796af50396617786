public import Primitives

/// Everything that replicas say to one another about consensus, in its wire encoding: version tag, kind, message.
public enum ConsensusMessage: Hashable, Sendable, BCSCodable {
    case viewChange(ViewChange)
    case newView(NewView)
    case prePrepare(PrePrepare)
    case prepare(Vote<PrepareStatement>)
    case commit(Commit)
    case status(Status)
    case complaint(Complaint)

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        switch self {
        case .viewChange(let message): encoder.encodeVariant(0); message.encode(into: &encoder)
        case .newView(let message): encoder.encodeVariant(1); message.encode(into: &encoder)
        case .prePrepare(let message): encoder.encodeVariant(2); message.encode(into: &encoder)
        case .prepare(let message): encoder.encodeVariant(3); message.encode(into: &encoder)
        case .commit(let message): encoder.encodeVariant(4); message.encode(into: &encoder)
        case .status(let message): encoder.encodeVariant(5); message.encode(into: &encoder)
        case .complaint(let message): encoder.encodeVariant(6); message.encode(into: &encoder)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        switch try decoder.decodeVariant(count: 7) {
        case 0: self = .viewChange(try decoder.decode(ViewChange.self))
        case 1: self = .newView(try decoder.decode(NewView.self))
        case 2: self = .prePrepare(try decoder.decode(PrePrepare.self))
        case 3: self = .prepare(try decoder.decode(Vote.self))
        case 4: self = .commit(try decoder.decode(Commit.self))
        case 5: self = .status(try decoder.decode(Status.self))
        default: self = .complaint(try decoder.decode(Complaint.self))
        }
    }

    public var signer: ValidatorIndex {
        switch self {
        case .viewChange(let message): message.signer
        case .newView(let message): message.signer
        case .prePrepare(let message): message.signer
        case .prepare(let message): message.signer
        case .commit(let message): message.signer
        case .status(let message): message.signer
        case .complaint(let message): message.signer
        }
    }

    public var epoch: Epoch {
        switch self {
        case .viewChange(let message): message.epoch
        case .newView(let message): message.epoch
        case .prePrepare(let message): message.epoch
        case .prepare(let message): message.epoch
        case .commit(let message): message.epoch
        case .status(let message): message.epoch
        case .complaint(let message): message.epoch
        }
    }

    public var height: Height {
        switch self {
        case .viewChange(let message): message.vote.statement.height
        case .newView(let message): message.vote.statement.height
        case .prePrepare(let message): message.vote.statement.height
        case .prepare(let message): message.statement.height
        case .commit(let message): message.vote.statement.height
        case .status(let message): message.statement.height
        case .complaint(let message): message.statement.height
        }
    }

    /// The vote inside, for evidence; nil for STATUS and COMPLAINT, which are none.
    public var vote: AnyVote? {
        switch self {
        case .viewChange(let message): .viewChange(message.vote)
        case .newView(let message): .newView(message.vote)
        case .prePrepare(let message): .prePrepare(message.vote)
        case .prepare(let message): .prepare(message)
        case .commit(let message): .commit(message.vote)
        case .status, .complaint: nil
        }
    }

    /// The message, once its signature and every signature inside it are verified. Which those are is said in one place, the
    /// message types' ``ValidatorSigned/verifyEmbedded(with:)``, for the node and the simulator alike.
    public func authenticated(by checker: some SignatureChecker) throws(SignatureError) -> AuthenticatedMessage {
        switch self {
        case .viewChange(let message): _ = try checker.verify(message)
        case .newView(let message): _ = try checker.verify(message)
        case .prePrepare(let message): _ = try checker.verify(message)
        case .prepare(let message): _ = try checker.verify(message)
        case .commit(let message): _ = try checker.verify(message)
        case .status(let message): _ = try checker.verify(message)
        case .complaint(let message): _ = try checker.verify(message)
        }
        return AuthenticatedMessage(self)
    }
}

/// A message all of whose signatures hold: its own, and those of every vote and certificate inside it, which also hold a
/// quorum. The only way to one is ``ConsensusMessage/authenticated(by:)``.
public struct AuthenticatedMessage: Hashable, Sendable {
    public let message: ConsensusMessage
    init(_ message: ConsensusMessage) { self.message = message }
}
