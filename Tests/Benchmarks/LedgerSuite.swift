import Cryptography
import Ledger
import Primitives

extension Suite {
    /// What each stage of a transaction's way costs beside its signature: decoding with both hashes, admission, a place in a block,
    /// its leaf, its receipt.
    static let ledger = Suite(name: "ledger", summary: "Decode, hash, admit and place a transfer; roots of blocks; a signature beside them") { report, quick in
        let count = quick ? 400 : 4_000
        let keys = (0..<50).map { number in
            SigningKey(seed: SecretBytes(copying: SHA256.hash([UInt8(number)]).bytes))
        }
        let chainID = ChainID()
        let accounts = Address.builtIn("accounts")
        let arguments = Address(of: keys[0].publicKey).bytes + Amount(12_500_000).bcs
        let signed = (0..<count).map { number in
            let key = keys[number % keys.count]
            let transaction = Transaction(
                chainID: chainID, sender: Address(of: key.publicKey), nonce: Nonce(UInt64(number / keys.count)), validUntilHeight: 1_000,
                gasLimit: 100_000, gasPrice: Amount(1), calls: [Call(contract: accounts, method: "transfer", arguments: arguments)])!
            return transaction.signed(by: key)!
        }
        let envelopes = signed.map(\.envelope)
        let rules = TransactionRules(chainID: chainID, height: 10, parameters: NetworkParameters())
        let account = AccountState(nonce: 0, balance: Amount(1 << 90))
        let leaves = signed.map(\.envelopeHash.leaf)
        let receipts = signed.map {
            Receipt(origin: .transaction($0.id), outcome: .succeeded(CallResults([[]])!), gasUsed: 80_000, fee: Amount(80_000), eventCount: 1)
        }

        func measure(_ name: String, per operations: Int, _ body: () throws -> Void) {
            var samples: [Double] = []
            for _ in 0..<11 {
                let watch = Stopwatch()
                do { try body() } catch { preconditionFailure("\(error)") }
                samples.append(watch.threadCPU / Double(operations) * 1e6)
            }
            report.add(name, samples, unit: "us")
        }

        report.add("envelope_bytes", [Double(envelopes[0].count)], unit: "bytes")
        measure("decode_and_hash_us", per: count) { for envelope in envelopes { consume(try SignedTransaction(bcs: envelope).envelopeHash) } }
        measure("admission_us", per: count) {
            for transaction in signed {
                try rules.check(transaction)
                if transaction.transaction.nonce == 0 { try rules.check(transaction, against: account) }
            }
        }
        measure("block_body_us", per: count) {
            var body = BlockBody(rules: rules)
            for transaction in signed { try body.append(transaction, account: account) }
            consume(body.transactionsRoot)
        }
        measure("transactions_root_us", per: count) { consume(MerkleAccumulator.root(of: leaves)) }
        measure("receipts_root_us", per: count) { consume(MerkleAccumulator.root(of: receipts.lazy.map(\.leaf))) }
        measure("signature_us", per: count / 10) { for transaction in signed.prefix(count / 10) { consume(try transaction.checkedSignature(chainID: chainID)) } }
    }
}
