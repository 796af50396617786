public import Execution

/// Why a call about a proposal is refused, or why an accepted one could not be executed.
public enum GovernanceRejection: UInt32, RejectionCode {
    case proposalUnknown = 100
    case votingEnded = 101
    case powerMissing = 102
    case snapshotMissing = 103
    case powerInconsistent = 104
    case depositWrong = 105
    case openOverLimit = 106
    case openPerAccountOverLimit = 107
    case titleEmpty = 108
    case contentTooLong = 109
    case actionEmpty = 110
    case parameterUnknown = 111
    case parameterTwice = 112
    case parameterInvalid = 113
    case callsItself = 114
    case contractProtected = 115
    case contractTwice = 116
    case pauseTooLong = 117
    case pausesOverLimit = 118
    case notCancellable = 119
    case nothingDue = 120
    case executeAlone = 121
    case gasTooLow = 122

    public var text: String {
        switch self {
        case .proposalUnknown: "There is no proposal of this number."
        case .votingEnded: "The proposal can no longer be voted on."
        case .powerMissing: "The account had no stake at the beginning of the epoch in which the proposal was made."
        case .snapshotMissing: "The staking contract keeps no stakes of that epoch."
        case .powerInconsistent: "The stakes of the epoch do not add up."
        case .depositWrong: "The attached value is not the deposit."
        case .openOverLimit: "Too many proposals are being voted on."
        case .openPerAccountOverLimit: "The account has too many proposals that are being voted on."
        case .titleEmpty: "The proposal has no title."
        case .contentTooLong: "Title, text and action are longer than 32 KiB."
        case .actionEmpty: "The proposal would do nothing."
        case .parameterUnknown: "There is no parameter of this name."
        case .parameterTwice: "A parameter is named twice."
        case .parameterInvalid: "The parameters would not work together."
        case .callsItself: "Governance cannot call itself."
        case .contractProtected: "Accounts, staking and governance are never paused."
        case .contractTwice: "A contract is named twice."
        case .pauseTooLong: "The pause is empty or longer than pauseMillisecondsMax."
        case .pausesOverLimit: "More than 16 contracts would be paused."
        case .notCancellable: "The caller may not cancel the proposal, or not at this stage."
        case .nothingDue: "Neither have the votes ended nor is the time lock over."
        case .executeAlone: "A proposal is executed by a transaction that does nothing before it."
        case .gasTooLow: "Too little gas is left for what a proposal may use."
        }
    }

    public var hint: String {
        switch self {
        case .proposalUnknown: "Ask proposals for those at some stage."
        case .votingEnded: "Ask proposal for what was decided."
        case .powerMissing: "Stake bonded now counts for proposals from the next epoch on."
        case .snapshotMissing: "Nothing can be voted on with stakes that are no longer kept; propose it again."
        case .powerInconsistent: "This is a fault of the staking contract: tell the validators."
        case .depositWrong: "Attach exactly the parameter proposalDeposit."
        case .openOverLimit: "Wait until votes have ended."
        case .openPerAccountOverLimit: "Wait until votes have ended, or cancel one of your own proposals."
        case .titleEmpty: "Say in a few words what it is about."
        case .contentTooLong: "Shorten the text, or make several proposals of it."
        case .actionEmpty: "Give at least one change, call or contract; for an opinion, propose a text."
        case .parameterUnknown: "Ask parameters for the names."
        case .parameterTwice, .contractTwice: "Name each once."
        case .parameterInvalid: "Read the message: it names the parameter and the rule."
        case .callsItself: "Its own affairs are kinds of proposals."
        case .contractProtected: "Pause the contracts that are at fault."
        case .pauseTooLong: "Choose from 1 ms to pauseMillisecondsMax; a longer pause takes another decision."
        case .pausesOverLimit: "End other pauses first."
        case .notCancellable: "Proposers cancel while votes are cast; the guardian also in the time lock, but no emergency and no change of guardian."
        case .nothingDue: "Wait; the network does it by itself."
        case .executeAlone: "Send it alone, from an account."
        case .gasTooLow: "Use a gas limit of 32,000,000 for execute, or 4,000,000 for a vote that decides an emergency."
        }
    }
}
