public import Execution

/// Why staking refuses a call.
public enum StakingRejection: UInt32, RejectionCode {
    case validatorUnknown = 100
    case alreadyRegistered = 101
    case commissionTooHigh = 102
    case commissionRisesTooFast = 103
    case selfBondTooLow = 104
    case consensusKeyTaken = 105
    case vrfKeyTaken = 106
    case consensusKeyRefused = 107
    case vrfKeyRefused = 108
    case validatorTombstoned = 109
    case notActive = 110
    case alreadyActive = 111
    case stillJailed = 112
    case amountBelowMin = 113
    case remainderBelowMin = 114
    case stakeTooLow = 115
    case stakeExposed = 116
    case delegationUnknown = 117
    case delegationsFull = 118
    case exposuresFull = 119
    case unbondingsFull = 120
    case validatorSame = 121
    case nothingMatured = 122
    case nothingUnbonding = 123
    case stakeOverLimit = 124
    case poolWorthless = 125
    case evidenceMalformed = 126
    case evidenceUnordered = 127
    case evidenceTooOld = 128
    case evidenceUnproven = 129
    case alreadyTombstoned = 130
    case epochUnknown = 131

    public var text: String {
        switch self {
        case .validatorUnknown: "The account is not a validator."
        case .alreadyRegistered: "The account is or was a validator."
        case .commissionTooHigh: "A commission is above the whole."
        case .commissionRisesTooFast: "The commission would rise faster than the parameters allow."
        case .selfBondTooLow: "The validator's own bond is below selfBondMin."
        case .consensusKeyTaken: "The consensus key is or was a validator's."
        case .vrfKeyTaken: "The VRF key is or was a validator's."
        case .consensusKeyRefused: "The consensus key or the proof of its possession is not acceptable."
        case .vrfKeyRefused: "The VRF key or the proof of its possession is not acceptable."
        case .validatorTombstoned: "The validator contradicted itself and is out for ever."
        case .notActive: "The validator is no candidate."
        case .alreadyActive: "The validator is a candidate already."
        case .stillJailed: "The validator's time in jail is not over."
        case .amountBelowMin: "The amount is below the smallest that is allowed."
        case .remainderBelowMin: "What stays would be below the smallest delegation."
        case .stakeTooLow: "The delegation is worth less than the amount."
        case .stakeExposed: "Stake that was redelegated cannot leave yet: it answers for its former validator."
        case .delegationUnknown: "The account has no stake at this validator."
        case .delegationsFull: "The account delegates to as many validators as an account can."
        case .exposuresFull: "Too many redelegations into this delegation still answer for former validators."
        case .unbondingsFull: "Too many requests of the account wait at this validator."
        case .validatorSame: "Both validators are the same."
        case .nothingMatured: "No stake of the account at this validator is due."
        case .nothingUnbonding: "No stake of this validator was asked back in this epoch."
        case .stakeOverLimit: "All stake together would pass what the weights of a set can be."
        case .poolWorthless: "Slashes left a share of the validator's pool worth so little that no more can be added."
        case .evidenceMalformed: "The bytes are not two votes that prove an offence."
        case .evidenceUnordered: "The two votes are not in order."
        case .evidenceTooOld: "The offence is older than evidenceMilliseconds, or of an epoch that has not begun."
        case .evidenceUnproven: "A signature of the evidence does not hold."
        case .alreadyTombstoned: "The validator has been punished for contradicting itself."
        case .epochUnknown: "The epoch has not begun, or is so old that nobody keeps what was then."
        }
    }

    public var hint: String {
        switch self {
        case .validatorUnknown: "Check the address; staking.validators lists them all."
        case .alreadyRegistered: "An account can be one validator for ever; register from another account, or call unjail to come back."
        case .commissionTooHigh: "Give at most 1,000,000 parts per million."
        case .commissionRisesTooFast: "Rise by at most commissionRisePartsPerMillionMax above the rate in force."
        case .selfBondTooLow: "Attach more, or delegate to yourself first."
        case .consensusKeyTaken: "Make a new key; a key is never free again."
        case .vrfKeyTaken: "Make a new key; a key is never free again."
        case .consensusKeyRefused: "Make the proof for this network and for the account that sends the call."
        case .vrfKeyRefused: "Make the proof for this network and for the account that sends the call."
        case .validatorTombstoned: "Choose another validator; stake that is left can be asked back."
        case .notActive: "Nothing needs to be done; call unjail to come back."
        case .alreadyActive: "If it is not chosen, it needs more stake or more of its own."
        case .stillJailed: "Try again at the block time that staking.validator shows."
        case .amountBelowMin: "Attach or ask for at least delegationMin."
        case .remainderBelowMin: "Leave at least delegationMin, or take all."
        case .stakeTooLow: "Ask for less, or for all without naming an amount."
        case .stakeExposed: "Wait until evidence of that time no longer counts; staking.delegation shows how much may leave."
        case .delegationUnknown: "staking.delegations lists where an account has stake."
        case .delegationsFull: "Use another account, or wait: a validator that was left counts for as long as votes on old epochs do."
        case .exposuresFull: "Wait until the first is over."
        case .unbondingsFull: "Withdraw what is due, or wait until the first request is."
        case .validatorSame: "Name another one."
        case .nothingMatured: "staking.unbonding shows when it is."
        case .nothingUnbonding: "staking.unbonding shows the epochs of an account's requests."
        case .stakeOverLimit: "Bond less."
        case .poolWorthless: "Choose another validator."
        case .evidenceMalformed: "Hand in the evidence as a node exports it."
        case .evidenceUnordered: "Hand in the evidence as a node exports it."
        case .evidenceTooOld: "Nothing can be done."
        case .evidenceUnproven: "Hand in the evidence as a node exports it."
        case .alreadyTombstoned: "Nothing needs to be done."
        case .epochUnknown: "Ask for an epoch that began within unbondingMilliseconds."
        }
    }
}
