public import Execution

/// Why a payment is refused.
public enum AccountsRejection: UInt32, RejectionCode {
    case amountZero = 100
    case receiverNobody = 101
    case sumMismatch = 102

    public var text: String {
        switch self {
        case .amountZero: "Nothing is attached."
        case .receiverNobody: "The receiver is the zero address, which is nobody's."
        case .sumMismatch: "The parts do not add up to the attached value."
        }
    }

    public var hint: String {
        switch self {
        case .amountZero: "Attach the amount to the call as its value."
        case .receiverNobody: "Give the receiver's address; to destroy money, call burn."
        case .sumMismatch: "Attach exactly the sum of all parts."
        }
    }
}
