public import Execution

public struct ContractSummaryResource: Resource {
    public let address: AddressText
    public let name: String
    public let documentation: String
    public let methodCount: UInt32

    public init(address: AddressText, name: String, documentation: String, methodCount: UInt32) {
        self.address = address
        self.name = name
        self.documentation = documentation
        self.methodCount = methodCount
    }

    public static let documentation = "A contract of the protocol."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "address": "Where it is.",
            "name": "Its name; it serves wherever an address is asked for.",
            "documentation": "What it does.",
            "methodCount": "Methods it has.",
        ]
    }
}

public struct ContractListResource: Resource {
    public let contracts: [ContractSummaryResource]

    public init(contracts: [ContractSummaryResource]) {
        self.contracts = contracts
    }

    public static let documentation = "The contracts of the protocol."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "contracts": "In the order of their hooks.",
        ]
    }
}

public struct ContractResource: Resource {
    public let address: AddressText
    public let name: String
    public let isBuiltIn: Bool
    public let height: UInt64
    public let schema: ContractSchema

    public init(address: AddressText, name: String, isBuiltIn: Bool, height: UInt64, schema: ContractSchema) {
        self.address = address
        self.name = name
        self.isBuiltIn = isBuiltIn
        self.height = height
        self.schema = schema
    }

    public static let documentation = "A contract and its schema."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "address": "Where it is.",
            "name": "Its name.",
            "isBuiltIn": "Whether the protocol contains it; otherwise somebody deployed it.",
            "height": "Behind which block this holds.",
            "schema": "All that a caller must know.",
        ]
    }
}

public struct ViewRequest: Resource {
    public let method: String
    public let arguments: DynamicValue?
    public let data: Hex?
    public let caller: AddressText?
    public let gasLimit: UInt64?

    public init(method: String, arguments: DynamicValue? = nil, data: Hex? = nil, caller: AddressText? = nil, gasLimit: UInt64? = nil) {
        self.method = method
        self.arguments = arguments
        self.data = data
        self.caller = caller
        self.gasLimit = gasLimit
    }

    public static let documentation = "A question to a contract."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "method": "A method of the kind `view`.",
            "arguments": "An object with every argument, in the form of the schema.",
            "data": "The arguments in BCS, instead.",
            "caller": "In whose name; nobody's when absent.",
            "gasLimit": "At most 100,000,000, which is used when absent.",
        ]
    }
}

public struct ViewResource: Resource {
    public let height: UInt64
    public let outcome: OutcomeWord
    public let result: ResultResource?
    public let failure: FailureResource?
    public let gasUsed: UInt64
    public let reads: [Hex]?
    public let proof: Hex?

    public init(
        height: UInt64, outcome: OutcomeWord, result: ResultResource? = nil, failure: FailureResource? = nil, gasUsed: UInt64, reads: [Hex]? = nil,
        proof: Hex? = nil
    ) {
        self.height = height
        self.outcome = outcome
        self.result = result
        self.failure = failure
        self.gasUsed = gasUsed
        self.reads = reads
        self.proof = proof
    }

    public static let documentation = "A contract's answer."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block this holds.",
            "outcome": "How it ended.",
            "result": "The answer.",
            "failure": "Why there is none.",
            "gasUsed": "What it took.",
            "reads": "With `proof=1`: the state keys that the answer depends on.",
            "proof": "With `proof=1`: a proof bundle in BCS of those keys.",
        ]
    }
}

public struct StateEntryResource: Resource {
    public let height: UInt64
    public let contract: AddressText
    public let key: Hex
    public let region: String?
    public let value: DynamicValue?
    public let data: Hex?
    public let proof: Hex?

    public init(
        height: UInt64, contract: AddressText, key: Hex, region: String? = nil, value: DynamicValue? = nil, data: Hex? = nil, proof: Hex? = nil
    ) {
        self.height = height
        self.contract = contract
        self.key = key
        self.region = region
        self.value = value
        self.data = data
        self.proof = proof
    }

    public static let documentation = "A value of a contract's storage."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block this holds.",
            "contract": "Whose storage.",
            "key": "The key within it.",
            "region": "The region of the schema that the key lies in.",
            "value": "Decoded by the schema.",
            "data": "The stored bytes; absent when there is no such key.",
            "proof": "With `proof=1`: a proof bundle in BCS.",
        ]
    }
}

public struct SimulationRequest: Resource {
    public let transaction: Hex?
    public let sender: AddressText?
    public let calls: [SimulatedCall]?
    public let gasLimit: UInt64?
    public let gasPrice: AmountText?
    public let signatureCount: UInt32?

    public init(
        transaction: Hex? = nil, sender: AddressText? = nil, calls: [SimulatedCall]? = nil, gasLimit: UInt64? = nil, gasPrice: AmountText? = nil,
        signatureCount: UInt32? = nil
    ) {
        self.transaction = transaction
        self.sender = sender
        self.calls = calls
        self.gasLimit = gasLimit
        self.gasPrice = gasPrice
        self.signatureCount = signatureCount
    }

    public static let documentation = "Calls to try out."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "transaction": "An unsigned transaction in BCS; or the fields below.",
            "sender": "Who would sign.",
            "calls": "In order.",
            "gasLimit": "Gas that the calls may use; the network's limit when absent.",
            "gasPrice": "Offered for each unit; the lowest price when absent.",
            "signatureCount": "Signatures it would have; 1 when absent.",
        ]
    }
}

public struct SimulatedCall: Resource {
    public let contract: String
    public let method: String
    public let arguments: DynamicValue?
    public let data: Hex?
    public let value: AmountText?

    public init(contract: String, method: String, arguments: DynamicValue? = nil, data: Hex? = nil, value: AmountText? = nil) {
        self.contract = contract
        self.method = method
        self.arguments = arguments
        self.data = data
        self.value = value
    }

    public static let documentation = "A call to try out."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "contract": "An address, or the name of a contract of the protocol.",
            "method": "What to call.",
            "arguments": "An object with every argument, in the form of the schema.",
            "data": "The arguments in BCS, instead.",
            "value": "What goes with the call; nothing when absent.",
        ]
    }
}

public struct SimulationResource: Resource {
    public let height: UInt64
    public let outcome: OutcomeWord
    public let results: [ResultResource]
    public let failure: FailureResource?
    public let events: [SimulatedEvent]
    public let gasUsed: UInt64
    public let gasLimitSuggested: UInt64
    public let fee: AmountText
    public let calls: [CallResource]

    public init(
        height: UInt64, outcome: OutcomeWord, results: [ResultResource], failure: FailureResource? = nil, events: [SimulatedEvent], gasUsed: UInt64,
        gasLimitSuggested: UInt64, fee: AmountText, calls: [CallResource]
    ) {
        self.height = height
        self.outcome = outcome
        self.results = results
        self.failure = failure
        self.events = events
        self.gasUsed = gasUsed
        self.gasLimitSuggested = gasLimitSuggested
        self.fee = fee
        self.calls = calls
    }

    public static let documentation = "What a transaction would do."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block it was tried.",
            "outcome": "How it would end.",
            "results": "One for each call, if all succeed.",
            "failure": "What would fail.",
            "events": "What it would emit.",
            "gasUsed": "What it would use.",
            "gasLimitSuggested": "With room for a state that has moved on.",
            "fee": "What it would cost.",
            "calls": "The calls, with their encoding.",
        ]
    }
}

public struct SimulatedEvent: Resource {
    public let contract: AddressText
    public let contractName: String?
    public let name: String
    public let fields: DynamicValue?
    public let data: Hex

    public init(contract: AddressText, contractName: String? = nil, name: String, fields: DynamicValue? = nil, data: Hex) {
        self.contract = contract
        self.contractName = contractName
        self.name = name
        self.fields = fields
        self.data = data
    }

    public static let documentation = "An event that would be emitted."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "contract": "Who would emit it.",
            "contractName": "Its name, when its schema is known.",
            "name": "Its name.",
            "fields": "Decoded by the contract's schema, when they fit.",
            "data": "The same in BCS.",
        ]
    }
}
