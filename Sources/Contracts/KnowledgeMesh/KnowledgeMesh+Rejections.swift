public import Execution

/// Why the knowledge mesh refuses.
public enum KnowledgeMeshRejection: UInt32, RejectionCode {
    case listingUnknown = 100
    case notProvider = 101
    case offerInvalid = 102
    case depositWrong = 103

    public var text: String {
        switch self {
        case .listingUnknown: "There is no listing of this number."
        case .notProvider: "The listing is somebody else's."
        case .offerInvalid: "The offer cannot be published."
        case .depositWrong: "The attached value is not the deposit that is due."
        }
    }

    public var hint: String {
        switch self {
        case .listingUnknown: "Ask listings_of for the listings of a provider; it may have been withdrawn."
        case .notProvider: "Use the account that published it."
        case .offerInvalid: "Change what the message names; deposit_of says it beforehand."
        case .depositWrong: "Attach exactly what the message says; deposit_of says it beforehand."
        }
    }
}
