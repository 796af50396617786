public import Execution

/// Balances and payments. The machine keeps the records, because every transaction changes them; this contract is how people and
/// other contracts reach them.
///
/// A sender's balance falls only by fees and by values that it attaches to calls. That is why a payment is a call *with* the
/// amount attached, and why a block can be checked for coverage before it is executed.
public enum Accounts: BuiltInContract {
    public static let name: StaticString = "accounts"
    public static let documentation: StaticString = "Balances, nonces and payments."
    public typealias Rejections = AccountsRejection
    public static var methods: [any ContractMethod] { [transfer, transferMany, burn, account, balance, supply] }
    public static var events: [any ContractEvent.Type] { [Transferred.self, Burned.self] }
    public static var storage: [any StorageDeclaration] { [AccountRecords.accounts, AccountRecords.supply] }
}
