/// How deployed code broke a rule of the machine; the code of a trapped receipt. Numbers from 50, apart from ``SystemRejection``, and
/// never reused.
public enum TrapCode: UInt32, RejectionCode {
    // ── The instructions of the code ──
    case unreachable = 50
    case memoryOutOfBounds = 51
    case tableOutOfBounds = 52
    case elementUndefined = 53
    case elementUninitialized = 54
    case signatureMismatch = 55
    case divisionByZero = 56
    case integerOverflow = 57
    case stackExhausted = 58

    // ── Its requests to the host ──
    case pointerOutOfBounds = 70
    case nameMalformed = 71
    case codeReserved = 72
    case flagUnknown = 73
    case iteratorsOverLimit = 74
    case iteratorUnknown = 75

    public var text: String {
        switch self {
        case .unreachable: "The contract gave up: it reached an instruction that it says cannot be reached."
        case .memoryOutOfBounds: "The contract used memory that it does not have."
        case .tableOutOfBounds: "The contract used a place behind the end of its table."
        case .elementUndefined: "The contract called a function at a place behind the end of its table."
        case .elementUninitialized: "The contract called a function at an empty place of its table."
        case .signatureMismatch: "The contract called a function by pointer with the wrong type."
        case .divisionByZero: "The contract divided by zero."
        case .integerOverflow: "The contract divided the smallest integer by minus one."
        case .stackExhausted: "The contract's functions call one another too deep, or keep too many values."
        case .pointerOutOfBounds: "The contract gave the host a pointer to memory that it does not have."
        case .nameMalformed: "The contract gave the host a name that is too long or not UTF-8."
        case .codeReserved: "The contract refused with a code below 100, which are the machine's."
        case .flagUnknown: "The contract gave the host a flag that does not exist."
        case .iteratorsOverLimit: "The contract opened more than 8 iterators."
        case .iteratorUnknown: "The contract used an iterator that is not open."
        }
    }

    public var hint: String {
        switch self {
        case .stackExhausted: "Call the contract directly, or with less to do at once."
        default: "This is a fault of the contract: tell its owner."
        }
    }
}
