public import Execution

/// Why a call about an application is refused.
public enum InfrastructureRejection: UInt32, RejectionCode {
    // ── Applications ──
    case applicationUnknown = 100
    case nameInvalid = 101
    case nameTaken = 102
    case settingsInvalid = 103
    case permissionInvalid = 104
    case notYours = 105

    // ── Documents ──
    case baseStale = 120
    case removedUnknown = 121
    case nothingChanged = 122
    case documentTooLarge = 123
    case contentIdentifierInvalid = 124
    case patternForbidden = 125
    case revisionUnknown = 126
    case draftUnknown = 127
    case draftsOverLimit = 129

    // ── Operators ──
    case operatorInvalid = 140
    case operatorKnown = 141
    case operatorUnknown = 142
    case operatorNameTaken = 143
    case credentialTaken = 144
    case stakeTooLow = 145
    case operatorsOverLimit = 146
    case reputationTooLow = 147
    case banned = 148
    case nothingToWithdraw = 149
    case withdrawalTooEarly = 150

    // ── Artifacts and instances ──
    case artifactInvalid = 160
    case artifactUnknown = 161
    case reportInvalid = 162
    case instanceUnknown = 163
    case slotUnknown = 164

    // ── The mapper ──
    case policyInvalid = 180
    case topologyEmpty = 181
    case mappingPending = 182
    case mappingUnknown = 183
    case mappingDone = 184
    case mappingTooLarge = 185
    case topologyInvalid = 186

    // ── Security ──
    case notBanned = 200
    case patternInvalid = 201
    case patternUnknown = 202
    case patternPermanent = 203
    case patternsOverLimit = 204
    case bansOverLimit = 205

    public var text: String {
        switch self {
        case .applicationUnknown: "There is no application of this name."
        case .nameInvalid: "A name has 1 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends."
        case .nameTaken: "There is an application of this name."
        case .settingsInvalid: "A setting is out of its bounds."
        case .permissionInvalid: "The permission is nobody's, or its module is the owner's."
        case .notYours: "The caller may not change this."
        case .baseStale: "The document has moved on since the change was made."
        case .removedUnknown: "A key that should go is not in the document."
        case .nothingChanged: "Nothing would change."
        case .documentTooLarge: "The document would be larger than a document may be."
        case .contentIdentifierInvalid: "A content identifier is none."
        case .patternForbidden: "An object is of a kind that is forbidden, whoever wants it."
        case .revisionUnknown: "There is no such revision of the document."
        case .draftUnknown: "There is no draft of this number or digest."
        case .draftsOverLimit: "As many drafts wait as may: 64, and 8 of one author."
        case .operatorInvalid: "The operator's name, region or provider is no token of letters, digits, dots, hyphens and underscores."
        case .operatorKnown: "The account is an operator of this application."
        case .operatorUnknown: "The account is no operator of this application."
        case .operatorNameTaken: "Another operator has this name."
        case .credentialTaken: "Another operator shows this credential."
        case .stakeTooLow: "The stake is below what the application asks for."
        case .operatorsOverLimit: "The application has as many operators as it takes."
        case .reputationTooLow: "The account's reputation is below what the application asks for."
        case .banned: "The account, node or credential is on the application's blacklist."
        case .nothingToWithdraw: "The caller has no stake here that it could take."
        case .withdrawalTooEarly: "The stake of an operator that left is held for an epoch of the application."
        case .artifactInvalid: "The artifact's name is no token, a text is not readable, or keys are distributed for something that is not encrypted."
        case .artifactUnknown: "There is no artifact of this name."
        case .reportInvalid: "The address is not readable, or the name of a measurement is no token."
        case .instanceUnknown: "Nothing was reported for this slot."
        case .slotUnknown: "The assignment has no such slot, or no operator for it."
        case .policyInvalid: "A share is above the whole, or a number that cannot be 0 is."
        case .topologyEmpty: "The document has no nodes to assign."
        case .mappingPending: "An assignment is frozen and not computed."
        case .mappingUnknown: "There is no such assignment."
        case .mappingDone: "The assignment has been computed."
        case .mappingTooLarge: "The gas does not cover the computation."
        case .topologyInvalid: "The document's nodes cannot be assigned: a count is no number from 1 to 10,000, or there are too many nodes, groups or names."
        case .notBanned: "It is not on the blacklist."
        case .patternInvalid: "A pattern needs a name and keys that are not empty."
        case .patternUnknown: "There is no pattern at this place."
        case .patternPermanent: "The pattern was made never to be taken back."
        case .patternsOverLimit: "The application has 32 patterns."
        case .bansOverLimit: "The application has 1,024 nodes on its blacklist."
        }
    }

    public var hint: String {
        switch self {
        case .applicationUnknown: "List applications to see the names, or create it."
        case .nameInvalid, .nameTaken: "Choose another name."
        case .settingsInvalid: "The unit stake is above 0, operators 1 to 5,000, the epoch 1 to 10,000,000 blocks, reputations up to 1,000,000."
        case .permissionInvalid: "Name an account, a group or the vote; the ownership itself is offered and accepted."
        case .notYours: "The view application shows who holds which permission."
        case .baseStale: "Read the newest revision, make the change on it, and send it again."
        case .removedUnknown: "Compare with the newest revision."
        case .nothingChanged: "Nothing needs to be done; an assignment can be drawn again when an epoch is over."
        case .documentTooLarge: "A document has up to 1,024 objects of together 256 KiB, and 48 bytes for each with their names up to 60,000; split the application."
        case .contentIdentifierInvalid: "Give version 0 or 1 as ipfs add prints it, with a hash of SHA-2, SHA-3 or BLAKE."
        case .patternForbidden: "The message names the object and the reason; the view patterns shows the rule."
        case .revisionUnknown: "The view history lists the revisions."
        case .draftUnknown: "The view drafts lists those that wait; one that was discarded can be written down again, word by word."
        case .draftsOverLimit: "Discard one; the owner and whoever may change the document discard any, and anyone those of an older revision."
        case .operatorInvalid: "Use a token, such as us-east-1."
        case .operatorKnown: "Add stake, or change where the machines are."
        case .operatorUnknown: "Join first, with the stake attached."
        case .operatorNameTaken: "Choose another name."
        case .credentialTaken: "Show a certificate of your own."
        case .stakeTooLow: "Attach more; the settings of the application say how much."
        case .operatorsOverLimit: "Wait until an operator leaves."
        case .reputationTooLow: "Ask those who rate accounts for this application."
        case .banned: "Ask the holder of the permission of security; the view bans says why."
        case .nothingToWithdraw: "Leave first."
        case .withdrawalTooEarly: "Try again at the block that the message names."
        case .artifactInvalid: "Name the algorithm where keys are distributed."
        case .artifactUnknown: "The view artifacts lists them."
        case .reportInvalid: "Give an address such as 203.0.113.7:8080, and names such as cpu_percent."
        case .instanceUnknown: "Let the operator report the node first."
        case .slotUnknown: "The view assignment lists the slots."
        case .policyInvalid: "Shares are parts of 1,000,000; leave out a rule that does not matter."
        case .topologyEmpty: "Describe nodes of a type derived from diac.nodes.Node, with counts."
        case .mappingPending: "Call map when its beacon exists."
        case .mappingUnknown: "Call freeze, wait for the beacon, and call map."
        case .mappingDone: "The view assignment shows it; freeze the next one when something changes."
        case .mappingTooLarge: "Send the call with more gas, up to the most that a transaction may have."
        case .topologyInvalid: "There may be 10,000 nodes, 256 groups, 64 templates in a shard, and 48 KiB of names, as often as copies need them; split the application."
        case .notBanned: "The view bans lists what is."
        case .patternInvalid: "Use * for any name or key."
        case .patternUnknown: "The view patterns lists them."
        case .patternPermanent: "Make another application, if it must be."
        case .patternsOverLimit: "Take one back that is not permanent."
        case .bansOverLimit: "Take nodes off it whose operators have left, or put the operator on it."
        }
    }
}
