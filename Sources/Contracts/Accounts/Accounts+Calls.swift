public import Execution
public import Ledger
public import Primitives

extension Accounts {
    public static let transfer = Method(
        "transfer", "Pays the attached value to an account.", takesValue: true,
        Argument("to", "Who receives it.", Address.self)
    ) { context, to throws(CallError) in
        try pay(context, to, context.value)
        return Nothing()
    }

    public static let transferMany = Method(
        "transfer_many", "Pays the attached value to several accounts; the parts must add up to it.", takesValue: true,
        Argument("payments", "Who receives how much.", Bounded<256, Payment>.self)
    ) { context, payments throws(CallError) in
        guard let total = Amount.sum(payments.lazy.map(\.amount)), total == context.value else {
            throw context.rejection(AccountsRejection.sumMismatch, "\(context.value) is attached")
        }
        for payment in payments { try pay(context, payment.to, payment.amount) }
        return Nothing()
    }

    public static let burn = Method("burn", "Destroys the attached value.", takesValue: true) { context throws(CallError) in
        try context.require(context.value != .zero, AccountsRejection.amountZero)
        try context.burn(context.value)
        try context.emit(Burned(account: context.caller, amount: context.value))
        return Nothing()
    }

    public static let account = Method(
        "account", "The record of an account; none when it never had anything.", kind: .view,
        Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        try context.read(AccountRecords.accounts, account)
    }

    public static let balance = Method(
        "balance", "The balance of an account, in base units.", kind: .view, Argument("account", "Whose.", Address.self)
    ) { context, account throws(CallError) in
        try context.balance(of: account)
    }

    public static let supply = Method("supply", "The sum of all balances, in base units.", kind: .view) { context throws(CallError) in
        try context.read(AccountRecords.supply) ?? .zero
    }

    private static func pay(_ context: CallContext, _ to: Address, _ amount: Amount) throws(CallError) {
        try context.require(amount != .zero, AccountsRejection.amountZero)
        try context.require(to != Address(), AccountsRejection.receiverNobody)
        try context.transfer(amount, to: to)
        try context.emit(Transferred(from: context.caller, to: to, amount: amount))
    }
}

/// One payment of several.
public struct Payment: Hashable, Record {
    public let to: Address
    public let amount: Amount

    public init(to: Address, amount: Amount) {
        self.to = to
        self.amount = amount
    }

    public static let fields = Fields(
        Field("to", "Who receives it.") { $0.to }, Field("amount", "Base units.") { $0.amount }, make: Payment.init)
}
