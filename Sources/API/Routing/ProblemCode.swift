import HTTPTypes
import Interface

/// Why the interface refuses a request. Codes are stable and never reused; those of refused transactions, `tx.…`, are the ledger's.
enum ProblemCode: String, CaseIterable, Sendable {
    case requestMalformed = "request.malformed"
    case requestPath = "request.path"
    case requestQuery = "request.query"
    case requestHost = "request.host"
    case requestBodyTooLarge = "request.too-large"
    case requestTargetTooLong = "request.target-too-long"
    case requestMediaType = "request.media-type"
    case routeUnknown = "route.unknown"
    case methodNotAllowed = "route.method"
    case cursorMalformed = "cursor.malformed"
    case heightUnknown = "height.unknown"
    case heightPruned = "height.pruned"
    case blockUnknown = "block.unknown"
    case transactionUnknown = "tx.unknown"
    case transactionRefused = "tx.refused"
    case contractUnknown = "contract.unknown"
    case methodUnknown = "contract.method-unknown"
    case epochUnknown = "epoch.unknown"
    case eventUnknown = "event.unknown"
    case infrastructureUnknown = "infrastructure.unknown"
    case offerUnknown = "offer.unknown"
    case agreementUnknown = "agreement.unknown"
    case proofUnavailable = "proof.unavailable"
    case proofTooLarge = "proof.too-large"
    case stateOutOfReach = "state.out-of-reach"
    case rateLimited = "rate.limited"
    case nodeBusy = "node.busy"
    case nodeStopping = "node.stopping"
    case nodeStorage = "node.storage"
    case internalFault = "node.fault"

    var status: HTTPResponse.Status {
        switch self {
        case .requestMalformed, .requestPath, .requestQuery, .cursorMalformed: .badRequest
        case .requestHost: .misdirectedRequest
        case .requestBodyTooLarge: .contentTooLarge
        case .requestTargetTooLong: .uriTooLong
        case .requestMediaType: .unsupportedMediaType
        case .routeUnknown, .heightUnknown, .blockUnknown, .transactionUnknown, .contractUnknown, .methodUnknown, .epochUnknown, .eventUnknown,
             .infrastructureUnknown, .offerUnknown, .agreementUnknown:
            .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .heightPruned: .gone
        case .transactionRefused: .unprocessableContent
        case .proofUnavailable, .stateOutOfReach: .conflict
        case .proofTooLarge: .unprocessableContent
        case .rateLimited, .nodeBusy: .tooManyRequests
        case .nodeStopping: .serviceUnavailable
        case .nodeStorage, .internalFault: .internalServerError
        }
    }

    var title: String {
        switch self {
        case .requestMalformed: "The body is not what the route takes."
        case .requestPath: "A part of the path is not what the route takes."
        case .requestQuery: "The query is not what the route takes."
        case .requestHost: "This server does not answer under that name."
        case .requestBodyTooLarge: "The body is too large."
        case .requestTargetTooLong: "The address of the request is too long."
        case .requestMediaType: "The route does not take this kind of body."
        case .routeUnknown: "There is nothing at this path."
        case .methodNotAllowed: "The path does not know this method."
        case .cursorMalformed: "The cursor does not belong to this list."
        case .heightUnknown: "The chain has not come so far."
        case .heightPruned: "The height is no longer kept."
        case .blockUnknown: "There is no such block, or it is no longer kept."
        case .transactionUnknown: "Nothing is known of this transaction."
        case .transactionRefused: "The transaction was refused."
        case .contractUnknown: "There is no contract of this address or name."
        case .methodUnknown: "The contract has no such method."
        case .epochUnknown: "The voters of this epoch are not known."
        case .eventUnknown: "There is no such event, or it is no longer kept."
        case .infrastructureUnknown: "There is no such application, or nothing of this number in it."
        case .offerUnknown: "There is no such offer."
        case .agreementUnknown: "There is no such agreement, or nothing of this number in it."
        case .proofUnavailable: "There is no proof for this height."
        case .proofTooLarge: "The proof would cover too many keys."
        case .stateOutOfReach: "The state of this height answers for single values alone."
        case .rateLimited: "Too many requests from this address."
        case .nodeBusy: "The node takes no more for now."
        case .nodeStopping: "The node is stopping."
        case .nodeStorage: "The node could not read what it keeps."
        case .internalFault: "The node made a mistake."
        }
    }

    var hint: String? {
        switch self {
        case .requestMalformed, .requestPath, .requestQuery, .requestMediaType, .methodNotAllowed: "See /docs for what the route takes."
        case .requestHost: "Ask by the address that the server is bound to, or let its operator configure the name."
        case .requestBodyTooLarge: "At most 1 MiB; split a batch."
        case .requestTargetTooLong: "At most 8 KiB."
        case .routeUnknown: "See /docs for all routes."
        case .cursorMalformed: "Begin again without a cursor."
        case .heightUnknown: "Ask without a height for the newest, or wait."
        case .heightPruned: "Ask for the oldest height or a later one, or ask an archive."
        case .blockUnknown, .eventUnknown: "X-Oldest-Height tells how far back this node goes."
        case .transactionUnknown: "It may never have arrived, or be older than what is kept: send it again, the answer is the same."
        case .transactionRefused: nil
        case .contractUnknown: "/v1/contracts lists those of the protocol; others have an address."
        case .methodUnknown: "The contract's schema lists its methods."
        case .epochUnknown: "Recent epochs, the current and the next one are known."
        case .infrastructureUnknown: "/v1/infrastructures lists the applications."
        case .offerUnknown: "/v1/offers lists them; it may have been withdrawn."
        case .agreementUnknown: "/v1/agreements lists the agreements."
        case .proofUnavailable: "Proofs exist for heights of the proof window, above block 0: ask without a height."
        case .proofTooLarge: "Ask for fewer keys."
        case .stateOutOfReach: "Ask without a height."
        case .rateLimited, .nodeBusy: "Try again after the time in Retry-After."
        case .nodeStopping: "Ask another node."
        case .nodeStorage, .internalFault: "Tell the node's operator; its log says more."
        }
    }
}

extension Problem {
    init(_ code: ProblemCode, _ detail: String, at location: String? = nil, oldestHeight: UInt64? = nil) {
        self.init(
            type: "about:blank", title: code.title, status: UInt16(code.status.code), code: code.rawValue, detail: detail, hint: code.hint,
            location: location, oldestHeight: oldestHeight)
    }

    /// A transaction that the ledger or the pool refuses, under the code that they give.
    init(transaction code: String, reason: String) {
        let status: HTTPResponse.Status = switch code {
        case "tx.malformed": .badRequest
        case "tx.too-large": .contentTooLarge
        default: .unprocessableContent
        }
        self.init(
            type: "about:blank", title: ProblemCode.transactionRefused.title, status: UInt16(status.code), code: code, detail: reason)
    }

    init(_ error: NodeViewError) {
        switch error {
        case .shuttingDown: self.init(.nodeStopping, "The node is stopping.")
        // What failed is for the operator's log.
        case .storage: self.init(.nodeStorage, "Reading failed.")
        }
    }
}
