public import Execution
public import Ledger
public import Primitives

public struct TransactionResource: Resource {
    public let id: FixedHex<TransactionID>
    public let envelopeHash: FixedHex<Digest>
    public let sender: AddressText
    public let nonce: UInt64
    public let validUntilHeight: UInt64
    public let gasLimit: UInt64
    public let gasPrice: AmountText
    public let calls: [CallResource]
    public let memo: String
    public let signatureCount: UInt32
    public let bytes: UInt64
    public let envelope: Hex?

    public init(
        id: FixedHex<TransactionID>, envelopeHash: FixedHex<Digest>, sender: AddressText, nonce: UInt64, validUntilHeight: UInt64, gasLimit: UInt64,
        gasPrice: AmountText, calls: [CallResource], memo: String, signatureCount: UInt32, bytes: UInt64, envelope: Hex? = nil
    ) {
        self.id = id
        self.envelopeHash = envelopeHash
        self.sender = sender
        self.nonce = nonce
        self.validUntilHeight = validUntilHeight
        self.gasLimit = gasLimit
        self.gasPrice = gasPrice
        self.calls = calls
        self.memo = memo
        self.signatureCount = signatureCount
        self.bytes = bytes
        self.envelope = envelope
    }

    public static let documentation = "A signed transaction."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "The hash of what was signed.",
            "envelopeHash": "The hash of the whole, signatures included.",
            "sender": "Who signed.",
            "nonce": "The sender's transactions before this one.",
            "validUntilHeight": "The last block that may contain it.",
            "gasLimit": "Gas that it may use.",
            "gasPrice": "Offered for each unit of gas.",
            "calls": "In order: all succeed, or all have no effect.",
            "memo": "A note.",
            "signatureCount": "One, or as many as a k-of-n account asks for.",
            "bytes": "The size of the whole.",
            "envelope": "The whole in BCS; only for a single transaction.",
        ]
    }
}

public struct CallResource: Resource {
    public let contract: AddressText
    public let contractName: String?
    public let method: String
    public let arguments: DynamicValue?
    public let data: Hex
    public let value: AmountText

    public init(contract: AddressText, contractName: String? = nil, method: String, arguments: DynamicValue? = nil, data: Hex, value: AmountText) {
        self.contract = contract
        self.contractName = contractName
        self.method = method
        self.arguments = arguments
        self.data = data
        self.value = value
    }

    public static let documentation = "One call of a contract."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "contract": "Who is called.",
            "contractName": "Its name, when its schema is known.",
            "method": "What is called.",
            "arguments": "Decoded by the contract's schema, when they fit it.",
            "data": "The arguments in BCS.",
            "value": "What goes with the call.",
        ]
    }
}

/// Where a transaction is.
public enum TransactionState: String, WordValue {
    case pending, committed, dropped
}

public struct TransactionReport: Resource {
    public let id: FixedHex<TransactionID>
    public let state: TransactionState
    public let height: UInt64?
    public let index: UInt32?
    public let blockHash: FixedHex<Digest>?
    public let time: TimeText?
    public let transaction: TransactionResource?
    public let receipt: ReceiptResource?
    public let pending: PendingResource?
    public let code: String?

    public init(
        id: FixedHex<TransactionID>, state: TransactionState, height: UInt64? = nil, index: UInt32? = nil, blockHash: FixedHex<Digest>? = nil,
        time: TimeText? = nil, transaction: TransactionResource? = nil, receipt: ReceiptResource? = nil, pending: PendingResource? = nil,
        code: String? = nil
    ) {
        self.id = id
        self.state = state
        self.height = height
        self.index = index
        self.blockHash = blockHash
        self.time = time
        self.transaction = transaction
        self.receipt = receipt
        self.pending = pending
        self.code = code
    }

    public static let documentation = "All that is known of a transaction."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "The hash of what was signed.",
            "state": "Where it is.",
            "height": "The block, when it is committed.",
            "index": "The place in the block.",
            "blockHash": "The block, when it is committed.",
            "time": "The time of the block.",
            "transaction": "The transaction, when it is committed.",
            "receipt": "What came of it.",
            "pending": "Where it waits.",
            "code": "Why it was dropped.",
        ]
    }
}

public struct PendingResource: Resource {
    public let id: FixedHex<TransactionID>
    public let nonce: UInt64
    public let gasPrice: AmountText
    public let isExecutable: Bool

    public init(id: FixedHex<TransactionID>, nonce: UInt64, gasPrice: AmountText, isExecutable: Bool) {
        self.id = id
        self.nonce = nonce
        self.gasPrice = gasPrice
        self.isExecutable = isExecutable
    }

    public static let documentation = "A transaction that waits."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "The hash of what was signed.",
            "nonce": "The sender's transactions before it.",
            "gasPrice": "Offered for each unit of gas.",
            "isExecutable": "Whether the next block could hold it; otherwise it waits for earlier nonces or for balance.",
        ]
    }
}

public struct SubmissionRequest: Resource {
    public let transaction: Hex

    public init(transaction: Hex) {
        self.transaction = transaction
    }

    public static let documentation = "A signed transaction to submit."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "transaction": "The signed transaction in BCS.",
        ]
    }
}

public struct SubmissionResource: Resource {
    public let id: FixedHex<TransactionID>

    public init(id: FixedHex<TransactionID>) {
        self.id = id
    }

    public static let documentation = "The transaction was taken. It is the same answer however often the same bytes are sent."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "Under which to ask for it, at `/v1/transactions/{id}`.",
        ]
    }
}

/// What became of one of many.
public enum SubmissionState: String, WordValue {
    case accepted, committed, refused, busy
}

public struct BatchItemResource: Resource {
    public let id: FixedHex<TransactionID>?
    public let state: SubmissionState
    public let code: String?
    public let detail: String?

    public init(id: FixedHex<TransactionID>? = nil, state: SubmissionState, code: String? = nil, detail: String? = nil) {
        self.id = id
        self.state = state
        self.code = code
        self.detail = detail
    }

    public static let documentation = "What became of one of many."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "Absent when the bytes are no transaction.",
            "state": "`busy`: send it again later.",
            "code": "Why it was refused.",
            "detail": "The same in words.",
        ]
    }
}

public struct BatchResource: Resource {
    public let items: [BatchItemResource]

    public init(items: [BatchItemResource]) {
        self.items = items
    }

    public static let documentation = "What became of many, one answer each, in their order."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "items": "One for each transaction.",
        ]
    }
}

public struct FeesResource: Resource {
    public let minimum: AmountText
    public let low: AmountText
    public let medium: AmountText
    public let high: AmountText

    public init(minimum: AmountText, low: AmountText, medium: AmountText, high: AmountText) {
        self.minimum = minimum
        self.low = low
        self.medium = medium
        self.high = high
    }

    public static let documentation = "What a unit of gas should be offered, in base units."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "minimum": "Less is refused.",
            "low": "For those who can wait.",
            "medium": "For the next blocks.",
            "high": "For the next block.",
        ]
    }
}
