public import Execution
public import Ledger
public import Primitives

/// A payment was made.
public struct Transferred: Hashable, ContractEvent {
    public static let name: EventName = "Transferred"
    public static let documentation: StaticString = "A payment was made."
    public let from: Address
    public let to: Address
    public let amount: Amount

    public init(from: Address, to: Address, amount: Amount) {
        self.from = from
        self.to = to
        self.amount = amount
    }

    public static let fields = Fields(
        Field("from", "Who paid.") { $0.from }, Field("to", "Who received.") { $0.to },
        Field("amount", "Base units.") { $0.amount }, make: Transferred.init)
}

/// Base units were destroyed by their owner.
public struct Burned: Hashable, ContractEvent {
    public static let name: EventName = "Burned"
    public static let documentation: StaticString = "Base units were destroyed by their owner."
    public let account: Address
    public let amount: Amount

    public init(account: Address, amount: Amount) {
        self.account = account
        self.amount = amount
    }

    public static let fields = Fields(
        Field("account", "Whose they were.") { $0.account }, Field("amount", "Base units.") { $0.amount }, make: Burned.init)
}
