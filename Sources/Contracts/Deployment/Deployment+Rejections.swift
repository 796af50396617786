public import Execution

/// Why a deployment or an upgrade is refused.
public enum DeploymentRejection: UInt32, RejectionCode {
    case codeRefused = 100
    case setupMissing = 101
    case contractUnknown = 102
    case notOwner = 103
    case upgradeMissing = 104
    case upgradeTooEarly = 105
    case ownerMalformed = 106
    case offerMissing = 107
    case upgradeExpired = 108

    public var text: String {
        switch self {
        case .codeRefused: "The code is no contract of this network."
        case .setupMissing: "Arguments or a value were given, but the code has no method that takes them."
        case .contractUnknown: "No contract was deployed at this address."
        case .notOwner: "The caller is not the owner of the contract."
        case .upgradeMissing: "No upgrade of the contract is announced."
        case .upgradeTooEarly: "The delay of the announced upgrade has not passed."
        case .ownerMalformed: "The owner is the zero address, or the delay is longer than a year."
        case .offerMissing: "The contract was not offered to the caller."
        case .upgradeExpired: "The announced upgrade was not applied within thirty days."
        }
    }

    public var hint: String {
        switch self {
        case .codeRefused: "The message names the function and the byte: build again for the features that contracts may use."
        case .setupMissing: "Leave arguments and value out, or export and declare init (for an upgrade, migrate)."
        case .contractUnknown: "Ask list for the contracts there are; built-in contracts change with the protocol."
        case .notOwner: "Ask show who the owner is; an immutable contract has none."
        case .upgradeMissing: "The owner announces one with upgrade."
        case .upgradeTooEarly: "Ask pending_upgrade for the time from which it can be applied."
        case .ownerMalformed: "For a contract that nobody may change, choose immutable."
        case .offerMissing: "The owner offers it with offer_ownership."
        case .upgradeExpired: "The owner announces it again with upgrade."
        }
    }
}
