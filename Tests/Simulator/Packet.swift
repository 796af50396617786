import Consensus
import Primitives

/// What travels between nodes. It is encoded and decoded once, when it is sent, and its signatures are checked once per set of
/// voters that receivers know, because all receivers of one epoch come to the same answer.
final class Packet {
    enum Content {
        case consensus(ConsensusMessage)
        case operations([Digest])
        case request(ClosedRange<Height>)
        case block(CertifiedBlock)
    }

    enum Answer {
        case message(AuthenticatedMessage)
        case block(AuthenticatedBlock)
        /// The signer's epoch is not known to the receiver.
        case ahead
        case refused
    }

    let content: Content
    let digest: UInt64
    let byteCount: Int
    private var judged: (by: Digest, previous: Epoch?, answer: Answer)?

    init(_ content: Content) {
        self.content = content
        let bytes: [UInt8] = switch content {
        case .consensus(let message): message.bcs
        case .operations(let operations): operations.flatMap(\.bytes)
        case .request(let heights): heights.lowerBound.bcs + heights.upperBound.bcs
        case .block(let block): block.bcs
        }
        digest = KeyedHash.mix(0, bytes)
        byteCount = bytes.count
        switch content {
        case .consensus(let message): precondition((try? ConsensusMessage(bcs: bytes)) == message, "a message is what it encodes to")
        case .block(let block): precondition((try? CertifiedBlock(bcs: bytes)) == block, "a block is what it encodes to")
        default: break
        }
    }

    /// What a receiver at `position` makes of it.
    func authenticated(at position: ChainPosition) -> Answer {
        let (hash, previous) = (position.epoch.validatorsHash, position.previousValidators?.epoch)
        if let judged, judged.by == hash, judged.previous == previous { return judged.answer }
        let checker = SimulatedChecker(sets: position.validatorSets)
        let answer: Answer
        do throws(SignatureError) {
            switch content {
            case .consensus(let message): answer = .message(try message.authenticated(by: checker))
            case .block(let block): do { answer = .block(try block.authenticated(by: checker)) } catch { throw .certificate(error) }
            case .operations, .request: answer = .refused
            }
        } catch {
            switch error {
            case .epochUnknown, .certificate(.epochUnknown): answer = .ahead
            default: answer = .refused
            }
        }
        judged = (hash, previous, answer)
        return answer
    }
}
