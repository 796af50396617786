public import Interface
public import Ledger

/// Why a client did not get what it asked for. ``code`` is for programs: that of the server where it gave one.
public enum ClientError: Error, Sendable, CustomStringConvertible {
    /// Not the URL of a node's interface.
    case endpointInvalid(String)
    /// No connection, or one that broke.
    case unreachable(String)
    /// Nothing came in time. What was submitted may still have arrived: send the same bytes again.
    case timedOut(String)
    /// The node answered, and refused.
    case refused(Problem)
    /// The node answered something that this library does not understand.
    case answerUnexpected(String)
    /// The calls would fail, with the same words as a receipt has.
    case wouldFail(FailureResource)
    /// The transaction left the pool without being committed; the code says why.
    case dropped(TransactionID, code: String)
    /// An answer whose proof does not hold: the node is wrong, or lies.
    case unproven(String)
    /// What was to be sent cannot be made: too many calls, too large.
    case transactionInvalid(String)

    public var code: String {
        switch self {
        case .endpointInvalid: "client.endpoint"
        case .unreachable: "client.unreachable"
        case .timedOut: "client.timeout"
        case .refused(let problem): problem.code
        case .answerUnexpected: "client.answer"
        case .wouldFail(let failure): "contract.\(failure.name ?? String(failure.code))"
        case .dropped(_, let code): code
        case .unproven: "client.unproven"
        case .transactionInvalid: "client.transaction"
        }
    }

    public var description: String {
        switch self {
        case .endpointInvalid(let text), .unreachable(let text), .timedOut(let text), .answerUnexpected(let text), .unproven(let text),
             .transactionInvalid(let text): "\(code): \(text)"
        case .refused(let problem): "\(code): \(problem.detail)"
        case .wouldFail(let failure): "\(code): \(failure.text ?? failure.message)"
        case .dropped(let id, _): "\(code): the transaction \(id) was dropped"
        }
    }

    /// Whether the same may succeed a little later.
    public var isPassing: Bool {
        switch self {
        case .unreachable, .timedOut: true
        case .refused(let problem): problem.status == 429 || problem.status == 503
        default: false
        }
    }
}
