import Cryptography
import Ledger
public import Primitives

/// Base units: a contract moves what is its own, and nothing else.
extension CallContext {
    public func balance(of account: Address) throws(CallError) -> Amount {
        try charge(GasSchedule.read)
        return try machine.account(account)?.balance ?? .zero
    }

    /// Moves base units from the contract's account, or from one of its ``subaccount(_:)``s, to `receiver`. No code runs there.
    public func transfer(_ amount: Amount, to receiver: Address, from subaccount: UInt64? = nil) throws(CallError) {
        // A contract may go on when this is refused, so that it is paid before.
        try charge(GasSchedule.transfer)
        try requireWritable()
        let payer = subaccount.map { self.subaccount($0) } ?? contract
        try machine.move(amount, from: payer, to: receiver, context: self)
    }

    /// Destroys base units of the contract's account.
    public func burn(_ amount: Amount) throws(CallError) {
        try requireWritable()
        try charge(GasSchedule.transfer)
        try machine.burn(amount, of: contract, context: self)
    }

    /// Makes base units in the contract's account. Only the staking contract may.
    public func mint(_ amount: Amount) throws(CallError) {
        try requireWritable()
        guard contract == .staking else { throw failure(.unauthorised) }
        try charge(GasSchedule.transfer)
        try machine.mint(amount, to: contract, context: self)
    }

    /// An account that is the contract's and has no key: money that must not mix, or a caller of its own. It is the first 20 bytes
    /// of `SHA-256("trellis/subaccount/1" || contract || le64 number)`.
    public func subaccount(_ number: UInt64) -> Address { Address.subaccount(number, of: contract) }
}

extension Address {
    /// See ``CallContext/subaccount(_:)``.
    public static func subaccount(_ number: UInt64, of contract: Address) -> Address {
        var encoder = BCSEncoder()
        encoder.encode(contract)
        encoder.encode(number)
        return Address(truncating: SHA256.hash(.subaccount, encoder.bytes))
    }
}
