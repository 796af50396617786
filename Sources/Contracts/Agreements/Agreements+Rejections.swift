public import Execution

/// Why an agreement refuses.
public enum AgreementsRejection: UInt32, RejectionCode {
    case agreementUnknown = 100
    case phaseWrong = 101
    case notParty = 102
    case notConsumer = 103
    case notProvider = 104
    case notMonitor = 105
    case notArbiter = 106
    case notParticipant = 107
    case termsInvalid = 108
    case termsUsed = 109
    case partiesChanged = 110
    case expired = 111
    case digestDiffers = 112
    case acceptedAlready = 113
    case signatureInvalid = 114
    case periodsWrong = 115
    case valueWrong = 116
    case enlistedAlready = 117
    case monitorExpelled = 118
    case placeUnknown = 119
    case pageCrossed = 120
    case readingWrong = 121
    case sequenceStale = 122
    case measurementEarly = 123
    case measurementLate = 124
    case notDisputed = 125
    case notContradictory = 126
    case noticeShort = 127
    case maintenanceOverLimit = 128
    case exclusionsOverLimit = 129
    case stoppedAlready = 130
    case notStopped = 131
    case endsAlready = 132
    case nothingSealed = 133
    case nothingDue = 134
    case gapsPending = 135

    public var text: String {
        switch self {
        case .agreementUnknown: "There is no agreement of this number."
        case .phaseWrong: "The agreement is not where this can be done."
        case .notParty: "The caller is neither consumer nor provider."
        case .notConsumer: "The caller is not the consumer."
        case .notProvider: "The caller is no provider of the agreement."
        case .notMonitor: "The account is no monitor of the agreement."
        case .notArbiter: "The caller is not the arbiter."
        case .notParticipant: "Sender or receiver has nothing to do with the agreement."
        case .termsInvalid: "These terms cannot become an agreement."
        case .termsUsed: "The same terms have become an agreement before."
        case .partiesChanged: "A counter-offer cannot change consumer or providers."
        case .expired: "The terms have expired."
        case .digestDiffers: "Other terms are on the table."
        case .acceptedAlready: "The caller has accepted these terms."
        case .signatureInvalid: "A signature is missing or does not hold."
        case .periodsWrong: "Periods must be at least one, and not more than are still to be paid for."
        case .valueWrong: "The attached or asked value is not what it must be."
        case .enlistedAlready: "The monitor has accepted."
        case .monitorExpelled: "The monitor has contradicted itself and has no voice any more."
        case .placeUnknown: "There is no such metric, period, interval or provider, or the period is not paid for."
        case .pageCrossed: "A measurement must stay within one page of 64 intervals."
        case .readingWrong: "A reading does not suit the kind of its metric."
        case .sequenceStale: "The measurement is not newer than the monitor's last one."
        case .measurementEarly: "The interval has not settled yet."
        case .measurementLate: "The window of the interval is closed."
        case .notDisputed: "Monitors do not disagree about the interval."
        case .notContradictory: "The measurements do not say different things of one interval."
        case .noticeShort: "The intervals begin too soon to be excluded."
        case .maintenanceOverLimit: "There would be more maintenance in the period than agreed."
        case .exclusionsOverLimit: "Too many exclusions lie before the agreement."
        case .stoppedAlready: "The service is stopped."
        case .notStopped: "The service is not stopped."
        case .endsAlready: "The agreement ends then, or earlier."
        case .nothingSealed: "There is nothing of the caller's for this receiver."
        case .nothingDue: "Nothing is due yet."
        case .gapsPending: "The chain stood still too often since the agreement was last looked at."
        }
    }

    public var hint: String {
        switch self {
        case .agreementUnknown: "Ask agreements_of for the agreements of an account."
        case .phaseWrong: "Ask agreement for its phase."
        case .notParty, .notConsumer, .notProvider, .notMonitor, .notArbiter: "Use the account that the terms name."
        case .notParticipant: "Seal for parties, monitors and the arbiter."
        case .termsInvalid: "Change what the message names."
        case .termsUsed: "Choose another salt."
        case .partiesChanged: "Make a proposal of its own."
        case .expired: "Propose them again with a later expiry."
        case .digestDiffers: "Read them, and accept their digest if they suit."
        case .acceptedAlready: "Wait for the others."
        case .signatureInvalid: "Sign the bytes of the terms, or of the measurement, with the key of the account."
        case .periodsWrong: "Ask agreement for funded and ends."
        case .valueWrong: "The message says what is due."
        case .enlistedAlready, .notStopped, .endsAlready, .nothingSealed: "Nothing is left to do."
        case .monitorExpelled: "Nothing can be done."
        case .placeUnknown: "Count from 0, intervals within their period."
        case .pageCrossed: "Split it where the interval is a multiple of 64."
        case .readingWrong: "Give a state for binary metrics, a value for gauges, a count for counters."
        case .sequenceStale: "Count measurements upwards; agreement shows the last number."
        case .measurementEarly: "Wait until the settle delay behind its end is over."
        case .measurementLate: "Nothing can be done: closed intervals are final."
        case .notDisputed: "Ask verdicts for what is disputed."
        case .notContradictory: "Show two values for the same agreement, metric and interval."
        case .noticeShort: "Announce them earlier."
        case .maintenanceOverLimit: "Announce less."
        case .exclusionsOverLimit: "Wait until a period is closed."
        case .stoppedAlready: "Resume it first."
        case .nothingDue: "Ask agreement when the next step is due."
        case .gapsPending: "Call settle until it succeeds no more, then try again."
        }
    }
}
