public import Execution
public import Primitives

/// Sees what contracts ask of their host, for those who test one. A node has none.
public protocol HostObserver: AnyObject, Sendable {
    /// Called when a question was answered or refused, on the thread that runs the contract.
    func asked(_ question: HostQuestion)
}

/// One request of a contract, answered or refused.
public struct HostQuestion: Sendable {
    /// Bytes of each input that are shown; of a longer one there is one more.
    public static let inputBytesMax = 48

    public let contract: Address
    /// Contracts above this one on the stack of calls.
    public let depth: Int
    public let function: String
    /// What the request's pointers lead to: keys, values, names, texts, addresses.
    public let inputs: [[UInt8]]
    public let result: UInt64?
    /// Gas that the answer took, that of a callee included.
    public let gas: UInt64
    public let failure: CallError?
}

extension HostFunction {
    /// The arguments that lead to bytes whose count is the next argument.
    var inputs: [Int] {
        switch self {
        case .output, .debug, .storageRead, .storageRemove, .storageHas, .sha256: [0]
        case .storageWrite, .iteratorOpen, .emit: [0, 2]
        case .revert: [1]
        case .call: [1, 3]
        case .verifySignature, .verifyProof: [2]
        default: []
        }
    }

    /// Whether the first argument leads to an address.
    var namesAddress: Bool { self == .call || self == .transfer || self == .balance }
}
