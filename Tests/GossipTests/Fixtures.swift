import Cryptography
import Gossip
import Ledger
@_spi(Verification) import Primitives

/// Transactions that nobody signed: a test says which are good, and no signature costs a test its time.
enum Fixture {
    static let chainID = ChainID(Array(repeating: 7, count: 32))!

    static func address(_ number: Int) -> Address { Address(truncating: SHA256.hash(UInt64(number).bcs)) }

    static func parameters(_ change: (inout NetworkParameters) -> Void = { _ in }) -> NetworkParameters {
        var parameters = NetworkParameters()
        parameters.transactionGasBase = 10
        parameters.transactionGasPerByte = 0
        change(&parameters)
        return parameters
    }

    static func rules(height: Height = 1, _ change: (inout NetworkParameters) -> Void = { _ in }) -> TransactionRules {
        TransactionRules(chainID: chainID, height: height, parameters: parameters(change))
    }

    /// `salt` makes other bytes of the same price and nonce; the last byte of the signature says whether it holds.
    static func transaction(
        sender: Int, nonce: UInt64, price: UInt64 = 10, gas: UInt64 = 100, validUntil: UInt64 = 1_000_000, size: Int = 0, salt: UInt64 = 0,
        isGood: Bool = true
    ) -> SignedTransaction {
        let call = Call(contract: .builtIn("accounts"), method: "transfer", arguments: [UInt8](repeating: 1, count: size) + salt.bcs)
        let transaction = Transaction(
            chainID: chainID, sender: address(sender), nonce: Nonce(nonce), validUntilHeight: Height(validUntil), gasLimit: Gas(gas),
            gasPrice: Amount(UInt128(price)), calls: [call])!
        var signature = Array(repeating: UInt8(0), count: 64)
        signature[63] = isGood ? 1 : 0
        return SignedTransaction(transaction, authenticator: .single(PublicKey(), Signature(signature)!))!
    }

    static func isGood(_ signed: SignedTransaction) -> Bool {
        guard case .single(_, let signature) = signed.authenticator else { return false }
        return signature.bytes[63] == 1
    }

    static func verified(_ signed: SignedTransaction) -> Verified<SignedTransaction> { Verified(checked: signed) }
}
