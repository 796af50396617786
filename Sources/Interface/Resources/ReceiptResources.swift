public import Execution
public import Ledger

/// How an execution ended.
public enum OutcomeWord: String, WordValue {
    case succeeded, reverted, trapped, outOfGas
}

public struct ReceiptResource: Resource {
    public let height: UInt64
    public let index: UInt32
    public let transaction: FixedHex<TransactionID>?
    public let hook: HookResource?
    public let outcome: OutcomeWord
    public let results: [ResultResource]
    public let failure: FailureResource?
    public let gasUsed: UInt64
    public let fee: AmountText
    public let eventCount: UInt32
    public let events: [EventResource]?

    public init(
        height: UInt64, index: UInt32, transaction: FixedHex<TransactionID>? = nil, hook: HookResource? = nil, outcome: OutcomeWord,
        results: [ResultResource], failure: FailureResource? = nil, gasUsed: UInt64, fee: AmountText, eventCount: UInt32,
        events: [EventResource]? = nil
    ) {
        self.height = height
        self.index = index
        self.transaction = transaction
        self.hook = hook
        self.outcome = outcome
        self.results = results
        self.failure = failure
        self.gasUsed = gasUsed
        self.fee = fee
        self.eventCount = eventCount
        self.events = events
    }

    public static let documentation = "What came of a transaction or a hook."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "The block.",
            "index": "The place in the block: transactions, then hooks.",
            "transaction": "Whose it is; absent for a hook.",
            "hook": "Whose it is, otherwise.",
            "outcome": "`reverted`: a contract refused; `trapped`: it broke a rule of the machine.",
            "results": "One for each call that returned; empty unless all succeeded.",
            "failure": "What failed.",
            "gasUsed": "Gas used.",
            "fee": "Paid by the sender.",
            "eventCount": "Events it emitted.",
            "events": "These; only for a single transaction.",
        ]
    }
}

public struct HookResource: Resource {
    public let contract: AddressText
    public let method: String

    public init(contract: AddressText, method: String) {
        self.contract = contract
        self.method = method
    }

    public static let documentation = "A contract's own call at the border of a block or an epoch."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "contract": "Whose.",
            "method": "Which.",
        ]
    }
}

public struct ResultResource: Resource {
    public let value: DynamicValue?
    public let data: Hex

    public init(value: DynamicValue? = nil, data: Hex) {
        self.value = value
        self.data = data
    }

    public static let documentation = "What a call returned."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "value": "Decoded by the contract's schema, when it fits.",
            "data": "The same in BCS.",
        ]
    }
}

public struct FailureResource: Resource {
    public let callIndex: UInt32
    public let contract: AddressText
    public let contractName: String?
    public let code: UInt32
    public let name: String?
    public let message: String
    public let text: String?
    public let hint: String?

    public init(
        callIndex: UInt32, contract: AddressText, contractName: String? = nil, code: UInt32, name: String? = nil, message: String,
        text: String? = nil, hint: String? = nil
    ) {
        self.callIndex = callIndex
        self.contract = contract
        self.contractName = contractName
        self.code = code
        self.name = name
        self.message = message
        self.text = text
        self.hint = hint
    }

    public static let documentation = "Which call failed, and why."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "callIndex": "The place of the call.",
            "contract": "The contract that failed; it may be one that the called contract called.",
            "contractName": "Its name, when its schema is known.",
            "code": "The code, from the schema of the contract or the machine's own; 0 for out of gas.",
            "name": "The name of the code.",
            "message": "What the contract said.",
            "text": "What the code means.",
            "hint": "What the caller can do about it.",
        ]
    }
}

public struct EventResource: Resource {
    public let id: String
    public let height: UInt64
    public let time: TimeText
    public let receiptIndex: UInt32
    public let index: UInt32
    public let transaction: FixedHex<TransactionID>?
    public let hook: HookResource?
    public let contract: AddressText
    public let contractName: String?
    public let name: String
    public let fields: DynamicValue?
    public let data: Hex

    public init(
        id: String, height: UInt64, time: TimeText, receiptIndex: UInt32, index: UInt32, transaction: FixedHex<TransactionID>? = nil,
        hook: HookResource? = nil, contract: AddressText, contractName: String? = nil, name: String, fields: DynamicValue? = nil, data: Hex
    ) {
        self.id = id
        self.height = height
        self.time = time
        self.receiptIndex = receiptIndex
        self.index = index
        self.transaction = transaction
        self.hook = hook
        self.contract = contract
        self.contractName = contractName
        self.name = name
        self.fields = fields
        self.data = data
    }

    public static let documentation = "What a contract told the world."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "id": "`height-receipt-event`, its place in the chain; where a stream goes on.",
            "height": "The block.",
            "time": "The block's time.",
            "receiptIndex": "The receipt in the block.",
            "index": "The place among the events of the receipt.",
            "transaction": "Who caused it; absent for a hook.",
            "hook": "Who caused it, otherwise.",
            "contract": "Who emitted it.",
            "contractName": "Its name, when its schema is known.",
            "name": "Its name.",
            "fields": "Decoded by the contract's schema, when they fit.",
            "data": "The same in BCS.",
        ]
    }
}

public struct LaggedResource: Resource {
    public let asked: UInt64
    public let oldest: UInt64

    public init(asked: UInt64, oldest: UInt64) {
        self.asked = asked
        self.oldest = oldest
    }

    public static let documentation = "A stream cannot show what it was asked for: fetch the state anew."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "asked": "The block that was to be next.",
            "oldest": "The oldest block that is kept: the stream goes on with it.",
        ]
    }
}
