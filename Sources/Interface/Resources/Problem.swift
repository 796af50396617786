public struct Problem: Resource, Error {
    public let type: String
    public let title: String
    public let status: UInt16
    public let code: String
    public let detail: String
    public let hint: String?
    public let location: String?
    public let oldestHeight: UInt64?

    public init(
        type: String, title: String, status: UInt16, code: String, detail: String, hint: String? = nil, location: String? = nil,
        oldestHeight: UInt64? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.location = location
        self.oldestHeight = oldestHeight
    }

    public static let documentation = "What went wrong, as RFC 9457 has it, with a stable code."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "type": "A page about the code: `about:blank` when the code says it all.",
            "title": "What happened, the same for every problem of the code.",
            "status": "The status of the answer.",
            "code": "Stable, such as `tx.nonce-used`: what programs look at.",
            "detail": "What happened here.",
            "hint": "What can be done about it.",
            "location": "Where in the request it is: a field such as `payments[2].amount`, a query key, or a byte.",
            "oldestHeight": "For `height.pruned`: the oldest height that can be asked for.",
        ]
    }
}
