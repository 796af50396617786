public struct AccountResource: Resource {
    public let address: AddressText
    public let height: UInt64
    public let exists: Bool
    public let balance: AmountText
    public let nonce: UInt64
    public let nextNonce: UInt64
    public let proof: Hex?

    public init(address: AddressText, height: UInt64, exists: Bool, balance: AmountText, nonce: UInt64, nextNonce: UInt64, proof: Hex? = nil) {
        self.address = address
        self.height = height
        self.exists = exists
        self.balance = balance
        self.nonce = nonce
        self.nextNonce = nextNonce
        self.proof = proof
    }

    public static let documentation = "An account."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "address": "Its address.",
            "height": "Behind which block this holds.",
            "exists": "Whether it ever had anything.",
            "balance": "What it has.",
            "nonce": "Its transactions so far.",
            "nextNonce": "The nonce for its next transaction, behind those that wait; of now, whatever the height.",
            "proof": "With `proof=1`: a proof bundle in BCS of the account's record.",
        ]
    }
}

public struct PendingListResource: Resource {
    public let address: AddressText
    public let nextNonce: UInt64
    public let items: [PendingResource]

    public init(address: AddressText, nextNonce: UInt64, items: [PendingResource]) {
        self.address = address
        self.nextNonce = nextNonce
        self.items = items
    }

    public static let documentation = "Transactions of an account that wait."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "address": "Whose.",
            "nextNonce": "The nonce behind them.",
            "items": "In the order of nonces.",
        ]
    }
}
