public import Primitives

/// Which kind of network.
public enum NetworkWord: String, WordValue {
    case main, development
}

public struct HeadResource: Resource {
    public let height: UInt64
    public let hash: FixedHex<Digest>
    public let time: TimeText
    public let epoch: UInt64
    public let stateRoot: FixedHex<Digest>
    public let oldestBlock: UInt64
    public let oldestState: UInt64

    public init(
        height: UInt64, hash: FixedHex<Digest>, time: TimeText, epoch: UInt64, stateRoot: FixedHex<Digest>, oldestBlock: UInt64, oldestState: UInt64
    ) {
        self.height = height
        self.hash = hash
        self.time = time
        self.epoch = epoch
        self.stateRoot = stateRoot
        self.oldestBlock = oldestBlock
        self.oldestState = oldestState
    }

    public static let documentation = "The newest final block."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Its height.",
            "hash": "Its hash.",
            "time": "Its time.",
            "epoch": "Its epoch.",
            "stateRoot": "The authenticated state behind it.",
            "oldestBlock": "The oldest block that is kept with its body.",
            "oldestState": "The oldest height whose state can be read.",
        ]
    }
}

public struct ChainResource: Resource {
    public let chainID: FixedHex<ChainID>
    public let name: String
    public let network: NetworkWord
    public let addressPrefix: String
    public let protocolVersion: UInt32
    public let genesisTime: TimeText
    public let decimals: UInt8
    public let head: HeadResource

    public init(
        chainID: FixedHex<ChainID>, name: String, network: NetworkWord, addressPrefix: String, protocolVersion: UInt32, genesisTime: TimeText,
        decimals: UInt8, head: HeadResource
    ) {
        self.chainID = chainID
        self.name = name
        self.network = network
        self.addressPrefix = addressPrefix
        self.protocolVersion = protocolVersion
        self.genesisTime = genesisTime
        self.decimals = decimals
        self.head = head
    }

    public static let documentation = "Which chain this is."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "chainID": "The hash of the genesis document.",
            "name": "What people call it.",
            "network": "The kind of network.",
            "addressPrefix": "How addresses begin, before `1`.",
            "protocolVersion": "Of the newest block.",
            "genesisTime": "The time of block 0.",
            "decimals": "One TRL is ten to this power of base units.",
            "head": "The newest final block.",
        ]
    }
}

public struct GenesisResource: Resource {
    public let chainID: FixedHex<ChainID>
    public let name: String
    public let network: NetworkWord
    public let time: TimeText
    public let protocolVersion: UInt32
    public let parameters: [ParameterResource]
    public let founders: [FounderResource]
    public let allocationCount: UInt64
    public let allocated: AmountText
    public let stateRoot: FixedHex<Digest>

    public init(
        chainID: FixedHex<ChainID>, name: String, network: NetworkWord, time: TimeText, protocolVersion: UInt32, parameters: [ParameterResource],
        founders: [FounderResource], allocationCount: UInt64, allocated: AmountText, stateRoot: FixedHex<Digest>
    ) {
        self.chainID = chainID
        self.name = name
        self.network = network
        self.time = time
        self.protocolVersion = protocolVersion
        self.parameters = parameters
        self.founders = founders
        self.allocationCount = allocationCount
        self.allocated = allocated
        self.stateRoot = stateRoot
    }

    public static let documentation = "From what the chain began. The document itself is at `/v1/chain/genesis/document`."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "chainID": "The hash of the document.",
            "name": "What people call the chain.",
            "network": "The kind of network.",
            "time": "The time of block 0.",
            "protocolVersion": "With which the chain began.",
            "parameters": "With which the chain began.",
            "founders": "The validators of epoch 0.",
            "allocationCount": "Accounts that began with a balance.",
            "allocated": "The sum of their balances.",
            "stateRoot": "The first authenticated state.",
        ]
    }
}

public struct FounderResource: Resource {
    public let account: AddressText
    public let validator: ValidatorResource

    public init(account: AddressText, validator: ValidatorResource) {
        self.account = account
        self.validator = validator
    }

    public static let documentation = "A validator of epoch 0."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "account": "Who bonded the stake.",
            "validator": "Its keys and weight.",
        ]
    }
}

public struct ParametersResource: Resource {
    public let height: UInt64
    public let parameters: [ParameterResource]

    public init(height: UInt64, parameters: [ParameterResource]) {
        self.height = height
        self.parameters = parameters
    }

    public static let documentation = "The numbers that every node shares."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block they hold.",
            "parameters": "In the order of their encoding.",
        ]
    }
}

public struct ParameterResource: Resource {
    public let name: String
    public let value: NumberText
    public let meaning: String

    public init(name: String, value: NumberText, meaning: String) {
        self.name = name
        self.value = value
        self.meaning = meaning
    }

    public static let documentation = "One number that every node shares."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "name": "As in genesis documents and proposals.",
            "value": "In the unit of its name; amounts in base units.",
            "meaning": "What it bounds or sets.",
        ]
    }
}
