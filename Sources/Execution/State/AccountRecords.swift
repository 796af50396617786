public import Ledger
public import Primitives
public import WorldState

/// The records of the accounts contract that the machine itself keeps: every transaction changes them.
public enum AccountRecords {
    public static let accounts = StoredMap(
        0, "accounts", "Balance and nonce of each account and contract that has any.", Address.self, AccountState.self)
    public static let supply = StoredValue(1, "supply", "The sum of all balances, in base units.", Amount.self)

    public static func key(_ account: Address) -> StateKey { StateKey(contract: .accounts, accounts.key(account))! }

    /// Whose record lies at `key`; nil when it is another kind of key.
    static func account(at key: StateKey) -> Address? {
        guard key.bytes.count == region.count + Address.byteCount, key.bytes.starts(with: region) else { return nil }
        return Address(key.bytes[region.count...])
    }

    private static let region = Address.accounts.bytes + [accounts.tag]

    static let supplyKey = StateKey(contract: .accounts, supply.key)!

    /// The accounts that `changes` touch, as they are afterwards.
    public static func accounts(in changes: [StateChange]) throws(StoreError) -> [(address: Address, state: AccountState)] {
        var found: [(address: Address, state: AccountState)] = []
        for change in changes {
            guard let address = account(at: change.key) else { continue }
            found.append((address, try change.value.map { bytes throws(StoreError) in try decode(bytes, address) } ?? AccountState(nonce: 0, balance: .zero)))
        }
        return found
    }

    /// The account's record in `state`; nil when it has none.
    public static func account(_ account: Address, in state: some StateReader) throws(StoreError) -> AccountState? {
        guard let bytes = try state.value(key(account)) else { return nil }
        return try decode(bytes, account)
    }

    /// The sum of all balances in `state`.
    public static func supply(in state: some StateReader) throws(StoreError) -> Amount {
        try ChainRecords.read(supplyKey, in: state) ?? .zero
    }

    static func decode(_ bytes: [UInt8], _ account: Address) throws(StoreError) -> AccountState {
        do { return try AccountState(bcs: bytes) } catch { throw StoreError(.corrupt, "the record of account \(account): \(error)") }
    }

}

extension AccountState: SchemaValue {
    public func encode(into encoder: inout BCSEncoder) {
        nonce.encode(into: &encoder)
        balance.encode(into: &encoder)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        self.init(nonce: try decoder.decode(Nonce.self), balance: try decoder.decode(Amount.self))
    }

    public static var schema: TypeSchema {
        .record(name: "AccountState", [
            FieldSchema(name: "nonce", documentation: "The nonce of the account's next transaction.", type: Nonce.schema),
            FieldSchema(name: "balance", documentation: "Base units.", type: Amount.schema),
        ])
    }
}
