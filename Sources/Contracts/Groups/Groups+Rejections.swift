public import Execution

/// Why a call about a group is refused.
public enum GroupsRejection: UInt32, RejectionCode {
    case groupUnknown = 100
    case notMember = 101
    case membersWrong = 102
    case thresholdWrong = 103
    case memberIsGroup = 104
    case proposalUnknown = 105
    case proposalNotOpen = 106
    case proposalExpired = 107
    case proposalSuperseded = 108
    case approvedAlready = 109
    case notApproved = 110
    case approvalsMissing = 111
    case expiryWrong = 112
    case openOverLimit = 113
    case actionEmpty = 114
    case actionTooLong = 115
    case callsItself = 116
    case notClosable = 117

    public var text: String {
        switch self {
        case .groupUnknown: "There is no group at this address."
        case .notMember: "The caller is no member of the group."
        case .membersWrong: "Members must be at least one, each once, and not the zero address."
        case .thresholdWrong: "The threshold must be from 1 to the number of members."
        case .memberIsGroup: "A group cannot be a member of a group, because it could never approve."
        case .proposalUnknown: "The group has no proposal of this number."
        case .proposalNotOpen: "The proposal has run or was closed."
        case .proposalExpired: "The proposal's time is over."
        case .proposalSuperseded: "The group has changed its settings since the proposal was made."
        case .approvedAlready: "The caller has approved the proposal."
        case .notApproved: "The caller has not approved the proposal."
        case .approvalsMissing: "Not enough members approve the proposal."
        case .expiryWrong: "A proposal must expire later than this block and within 90 days."
        case .openOverLimit: "The member has too many proposals open in this group."
        case .actionEmpty: "The proposal would do nothing."
        case .actionTooLong: "What the proposal would do is longer than 16 KiB."
        case .callsItself: "A call of the contract groups cannot run in a group's name."
        case .notClosable: "Only its proposer may close a proposal that can still run."
        }
    }

    public var hint: String {
        switch self {
        case .groupUnknown: "Ask groups_of for the groups of a member."
        case .notMember: "Use the account of a member; the group's record lists them."
        case .membersWrong: "List each member once."
        case .thresholdWrong: "Choose how many members must agree."
        case .memberIsGroup: "List the accounts of the other group's members instead."
        case .proposalUnknown: "Ask proposals for the group's proposals."
        case .proposalNotOpen: "Nothing is left to do; propose it again if it is still wanted."
        case .proposalExpired, .proposalSuperseded: "Propose it again."
        case .approvedAlready: "Wait for the others; if enough approve and it failed, call execute."
        case .notApproved: "There is nothing to take back."
        case .approvalsMissing: "Wait for the others."
        case .expiryWrong: "Give the expiry in milliseconds of block time."
        case .openOverLimit: "Close one of your own proposals first."
        case .actionEmpty: "Give at least one call."
        case .actionTooLong: "Split it over several proposals."
        case .callsItself: "To change members or threshold, propose settings."
        case .notClosable: "Take back your approval, or wait until it expires."
        }
    }
}
