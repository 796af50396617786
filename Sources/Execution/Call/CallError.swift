public import Ledger
public import Primitives
public import WorldState

/// Why a call ended without a result.
public struct CallError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// A contract refused; what was used is paid, and a caller may go on.
        case reverted
        /// A contract broke a rule of the machine; its gas is spent.
        case trapped
        /// The gas limit was reached.
        case outOfGas
        /// The state could not be read. No receipt says so: the node cannot go on with the block.
        case stateFailed(StoreError)
    }

    public let kind: Kind
    /// Which contract failed; it may be one that the called contract called.
    public let contract: Address
    /// One of the contract's own codes (100 and above) or of ``SystemRejection``; 0 for out of gas.
    public let code: UInt32
    public let message: ReceiptMessage

    public init(_ kind: Kind, contract: Address, code: UInt32, message: ReceiptMessage) {
        self.kind = kind
        self.contract = contract
        self.code = code
        self.message = message
    }

    /// As a receipt has it; nil when the state failed.
    func outcome(callIndex: UInt32) -> Outcome? {
        let failure = CallFailure(callIndex: callIndex, contract: contract, code: code, message: message)
        return switch kind {
        case .reverted: .reverted(failure)
        case .trapped: .trapped(failure)
        case .outOfGas: .outOfGas(failure)
        case .stateFailed: nil
        }
    }
}

/// A contract's own reasons to refuse a call: stable numbers from 100, never reused.
///
/// The name of a case is the error's name in the schema.
public protocol RejectionCode: RawRepresentable<UInt32>, CaseIterable, Equatable, Sendable {
    /// What happened, as a sentence.
    var text: String { get }
    /// What its caller can do about it.
    var hint: String { get }
}

/// Reasons that the machine gives, for every contract alike.
public enum SystemRejection: UInt32, RejectionCode {
    case contractUnknown = 1
    case methodUnknown = 2
    case argumentsMalformed = 3
    case valueNotAccepted = 4
    case balanceTooLow = 5
    case reentrancy = 6
    case depthExceeded = 7
    case readOnly = 8
    case keyTooLong = 9
    case valueTooLong = 10
    case eventsOverLimit = 11
    case eventTooLong = 12
    case resultTooLong = 13
    case paused = 14
    case drawTooEarly = 15
    case drawUnknown = 16
    case unauthorised = 17
    case stateMalformed = 18
    case supplyOverflow = 19
    case hookNotCallable = 20
    case drawPending = 21
    case codeOverLimit = 22

    public var text: String {
        switch self {
        case .contractUnknown: "There is no contract at this address."
        case .methodUnknown: "The contract has no method of this name."
        case .argumentsMalformed: "The arguments are not the encoding that the method's schema asks for."
        case .valueNotAccepted: "The method takes no value, but some was attached."
        case .balanceTooLow: "The account's balance does not cover the amount."
        case .reentrancy: "The contract is already being called."
        case .depthExceeded: "Calls are nested too deep."
        case .readOnly: "A view tried to change something."
        case .keyTooLong: "A storage key is longer than 256 bytes."
        case .valueTooLong: "A stored value is longer than 64 KiB."
        case .eventsOverLimit: "The transaction emits more than 256 events."
        case .eventTooLong: "An event's data are longer than 16 KiB."
        case .resultTooLong: "The calls of the transaction return more than 64 KiB."
        case .paused: "The contract is paused by an emergency decision."
        case .drawTooEarly: "The beacon that answers the draw does not exist yet."
        case .drawUnknown: "No draw was requested under this number, or its beacon is no longer kept."
        case .unauthorised: "Only another contract may do this."
        case .stateMalformed: "A stored value is not what the contract's schema says."
        case .supplyOverflow: "The total supply would pass its limit."
        case .hookNotCallable: "The method is called by the network itself only."
        case .codeOverLimit: "The transaction calls or deploys more than 2 MiB of code, which ends it."
        case .drawPending: "A draw under this number has been requested and not closed."
        }
    }

    public var hint: String {
        switch self {
        case .contractUnknown: "Check the address and the network; a plain payment is a call of accounts.transfer."
        case .methodUnknown: "Ask for the contract's schema; names are case-sensitive."
        case .argumentsMalformed: "Encode the arguments in the order of the schema."
        case .valueNotAccepted: "Send the call without a value."
        case .balanceTooLow: "Attach more, or ask for less."
        case .reentrancy: "Make two transactions of it, or let the contract call back later."
        case .depthExceeded: "Call the inner contract directly."
        case .readOnly: "Send the call as a transaction."
        case .keyTooLong: "Hash the key."
        case .valueTooLong: "Split the value over several keys."
        case .eventsOverLimit, .resultTooLong, .codeOverLimit: "Split the work over several transactions."
        case .eventTooLong: "Store the data and emit their hash."
        case .paused: "Wait until the pause ends; governance.pauses shows when."
        case .drawTooEarly: "Try again after drawDelay blocks."
        case .drawUnknown: "Request a draw first."
        case .unauthorised: "Check which account or contract holds the permission."
        case .stateMalformed: "This is a fault of the contract: tell its owner."
        case .supplyOverflow: "This is a fault of the parameters: tell the validators."
        case .drawPending: "Use the draw that was requested: nobody may draw again until the result suits."
        case .hookNotCallable: "Nothing needs to be done: the network calls it at the border of blocks or epochs."
        }
    }
}
