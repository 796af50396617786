import Cryptography
import Ledger
import Primitives
import Testing

/// What makes a transaction acceptable, step by step, and what its codes are.
@Suite struct TransactionTests {
    private static let chain = ChainID([UInt8](repeating: 7, count: 32))!
    private static let key = SigningKey(number: 1)
    private static let rules = TransactionRules(chainID: chain, height: 10, parameters: NetworkParameters())

    /// A transaction that nothing is wrong with, apart from what the arguments say.
    private static func transaction(
        chainID: ChainID = chain, sender: Address? = nil, nonce: Nonce = 3, validUntil: Height = 10, gasLimit: Gas = 100_000,
        gasPrice: Amount = Amount(2), value: Amount = Amount(5), arguments: Int = 40, calls: Int = 1
    ) -> Transaction {
        let call = Call(
            contract: .builtIn("accounts"), method: "transfer", arguments: [UInt8](repeating: 1, count: arguments), value: value)
        return Transaction(
            chainID: chainID, sender: sender ?? Address(of: key.publicKey), nonce: nonce, validUntilHeight: validUntil,
            gasLimit: gasLimit, gasPrice: gasPrice, calls: [Call](repeating: call, count: calls))!
    }

    private func refusal(_ transaction: Transaction, _ rules: TransactionRules = rules) throws -> TransactionRejection? {
        let signed = try #require(transaction.signed(by: Self.key))
        do throws(TransactionRejection) {
            try rules.check(signed)
            return nil
        } catch { return error }
    }

    private func refusal(_ transaction: Transaction, account: AccountState?) throws -> TransactionRejection? {
        let signed = try #require(transaction.signed(by: Self.key))
        do throws(TransactionRejection) {
            try Self.rules.check(signed, against: account)
            return nil
        } catch { return error }
    }

    @Test func withoutState() throws {
        #expect(try refusal(Self.transaction()) == nil)
        let other = ChainID()
        #expect(try refusal(Self.transaction(chainID: other)) == .chainMismatch(expected: Self.chain, actual: other))
        #expect(try refusal(Self.transaction(validUntil: 9)) == .expired(validUntil: 9, height: 10))
        #expect(try refusal(Self.transaction(validUntil: Height(.max))) == nil)
        #expect(try refusal(Self.transaction(gasLimit: 100_000_000)) == nil)
        #expect(try refusal(Self.transaction(gasLimit: 100_000_001)) == .gasLimitOverLimit(100_000_001, limit: 100_000_000))
        #expect(try refusal(Self.transaction(gasPrice: .zero)) == .gasPriceTooLow(.zero, minimum: Amount(1)))
        #expect(try refusal(Self.transaction(gasPrice: Amount(.max))) == nil)
    }

    @Test func gasCoversTheEnvelope() throws {
        let signed = try #require(Self.transaction().signed(by: Self.key))
        let due = 50_000 + 20 * UInt64(signed.envelope.count)
        #expect(Self.rules.gasDue(of: signed) == Gas(due))
        #expect(try refusal(Self.transaction(gasLimit: Gas(due))) == nil)
        #expect(try refusal(Self.transaction(gasLimit: Gas(due - 1))) == .gasLimitTooLow(Gas(due - 1), required: Gas(due)))
    }

    @Test func bytesOfTheChain() throws {
        var parameters = NetworkParameters()
        parameters.transactionBytesMax = 2_000
        let rules = TransactionRules(chainID: Self.chain, height: 10, parameters: parameters)
        let empty = try #require(Self.transaction(arguments: 128).signed(by: Self.key)).envelope.count
        let room = 2_000 - empty + 128
        #expect(try refusal(Self.transaction(arguments: room), rules) == nil)
        #expect(try refusal(Self.transaction(arguments: room + 1), rules) == .bytesOverLimit(bytes: 2_001, limit: 2_000))
    }

    @Test func limitsOfTheEncoding() throws {
        let call = Call(contract: Address(), method: "", arguments: [])
        func make(_ calls: Int) -> Transaction? {
            Transaction(
                chainID: Self.chain, sender: Address(), nonce: 0, validUntilHeight: 1, gasLimit: 1, gasPrice: .zero,
                calls: [Call](repeating: call, count: calls))
        }
        #expect(make(0) == nil && make(65) == nil)
        let most = try #require(make(64))
        // The same bytes with other counts: 0 and 65 calls are refused when read as well.
        let callBytes = call.bcs
        let head = Array(most.bcs.prefix(1 + 32 + 20 + 24 + 16))
        #expect(try Transaction(bcs: head + [64] + (0..<64).flatMap { _ in callBytes } + [0]) == most)
        #expect(throws: BCSError.lengthOverLimit(offset: 93, length: 65, limit: 64)) {
            try Transaction(bcs: head + [65] + (0..<65).flatMap { _ in callBytes } + [0])
        }
        #expect(throws: BCSError.self) { try Transaction(bcs: head + [0, 0]) }
        // A later version of the protocol.
        #expect(throws: BCSError.variantUnknown(offset: 0, variant: 1)) { try Transaction(bcs: [1] + most.bcs.dropFirst()) }

        let big = Self.transaction(arguments: Limits.transactionBytesMax - 100)
        #expect(big.signed(by: Self.key) == nil)
        let room = Limits.transactionBytesMax - (try #require(Self.transaction(arguments: 20_000).signed(by: Self.key)).envelope.count - 20_000)
        let largest = try #require(Self.transaction(arguments: room).signed(by: Self.key))
        #expect(largest.envelope.count == Limits.transactionBytesMax)
        #expect(try SignedTransaction(bcs: largest.envelope) == largest)
        #expect(Self.transaction(arguments: room + 1).signed(by: Self.key) == nil)
        #expect(throws: BCSError.lengthOverLimit(offset: 0, length: largest.envelope.count + 1, limit: Limits.transactionBytesMax)) {
            try SignedTransaction(bcs: largest.envelope + [0])
        }
    }

    @Test func againstTheAccount() throws {
        let transaction = Self.transaction()
        #expect(transaction.feeMax == Amount(200_000))
        #expect(transaction.reserve == Amount(200_005))
        func account(_ nonce: Nonce, _ balance: UInt128 = 200_005) -> AccountState { AccountState(nonce: nonce, balance: Amount(balance)) }
        #expect(try refusal(transaction, account: nil) == .senderUnknown(transaction.sender))
        #expect(try refusal(transaction, account: account(3)) == nil)
        #expect(try refusal(transaction, account: account(4)) == .nonceUsed(3, next: 4))
        #expect(try refusal(Self.transaction(nonce: 19), account: account(3)) == nil)
        #expect(try refusal(Self.transaction(nonce: 20), account: account(3)) == .nonceTooFarAhead(20, next: 3))
        #expect(try refusal(transaction, account: account(3, 200_004))
            == .balanceTooLow(required: Amount(200_005), available: Amount(200_004)))
        for overflowing in [Self.transaction(gasPrice: Amount(.max)), Self.transaction(value: Amount(.max)),
                            Self.transaction(value: Amount(1 << 127), calls: 2)] {
            #expect(overflowing.reserve == nil)
            #expect(try refusal(overflowing, account: account(3, .max)) == .reserveOverflow)
        }
    }

    @Test func signatures() throws {
        let transaction = Self.transaction()
        let signed = try #require(transaction.signed(by: Self.key))
        #expect(try signed.checkedSignature(chainID: Self.chain).value == signed)
        let stranger = try #require(transaction.signed(by: SigningKey(number: 2)))
        #expect(throws: TransactionRejection.senderMismatch(
            expected: transaction.sender, actual: Address(of: SigningKey(number: 2).publicKey))
        ) { try stranger.checkedSignature(chainID: Self.chain) }
        let wrong = try #require(SignedTransaction(
            transaction, authenticator: .single(Self.key.publicKey, Self.key.sign([1, 2, 3]))))
        #expect(throws: TransactionRejection.signatureInvalid(.signatureInvalid(key: 0))) {
            try wrong.checkedSignature(chainID: Self.chain)
        }
        // The identifier is of what was signed; the envelope's hash tells the two copies apart.
        #expect(wrong.id == signed.id && wrong.envelopeHash != signed.envelopeHash && wrong != signed)
    }

    /// The first transaction of an account registers its keys, which must then be of prime order: this one is the neutral point.
    @Test func firstTransactionsRegisterKeys() throws {
        let key = PublicKey([1] + [UInt8](repeating: 0, count: 31))!
        for (nonce, expected): (Nonce, AuthenticationError) in [
            (0, .keyNotAcceptable(key: 0)), (1, .signatureInvalid(key: 0)),
        ] {
            let signed = try #require(SignedTransaction(
                Self.transaction(sender: Address(of: key), nonce: nonce), authenticator: .single(key, Signature())))
            #expect(throws: TransactionRejection.signatureInvalid(expected)) { try signed.checkedSignature(chainID: Self.chain) }
        }
    }

    /// A node that hears a transaction of another chain must not be led to believe it is of its own.
    @Test func signaturesAreForOneChain() throws {
        let signed = try #require(Self.transaction(chainID: ChainID()).signed(by: Self.key))
        #expect(throws: TransactionRejection.signatureInvalid(.signatureInvalid(key: 0))) {
            try signed.checkedSignature(chainID: Self.chain)
        }
    }

    /// No bit of an envelope can change without the transaction being refused.
    @Test func everyBitIsSigned() throws {
        let signed = try #require(Self.transaction(arguments: 4).signed(by: Self.key))
        for bit in 0..<signed.envelope.count * 8 {
            guard let mutant = try? SignedTransaction(bcs: signed.envelope.flipping(bit)) else { continue }
            #expect(throws: TransactionRejection.self) { try mutant.checkedSignature(chainID: Self.chain) }
            #expect(mutant.envelopeHash != signed.envelopeHash)
        }
    }

    @Test func codesAreStable() {
        let amount = Amount.zero
        let cases: [(TransactionRejection, String)] = [
            (.malformed(.trailingBytes(offset: 0, count: 1)), "tx.malformed"), (.bytesOverLimit(bytes: 1, limit: 0), "tx.too-large"),
            (.gasLimitOverLimit(1, limit: 0), "tx.gas-limit"), (.gasLimitTooLow(0, required: 1), "tx.gas-too-low"),
            (.chainMismatch(expected: ChainID(), actual: ChainID()), "tx.chain-mismatch"),
            (.expired(validUntil: 0, height: 1), "tx.expired"), (.senderUnknown(Address()), "tx.sender-unknown"),
            (.nonceUsed(0, next: 1), "tx.nonce-used"), (.nonceTooFarAhead(99, next: 1), "tx.nonce-too-far"),
            (.nonceNotConsecutive(0, expected: 1), "tx.nonce-gap"), (.reserveOverflow, "tx.reserve-overflow"),
            (.balanceTooLow(required: amount, available: amount), "tx.balance"),
            (.gasPriceTooLow(amount, minimum: amount), "tx.gas-price"),
            (.senderMismatch(expected: Address(), actual: Address()), "tx.sender-mismatch"),
            (.signatureInvalid(.signerUnknown), "tx.signature"),
        ]
        for (rejection, code) in cases { #expect(rejection.code == code) }
        #expect(Set(cases.map(\.1)).count == cases.count)
    }

    // ── Texts and addresses ──

    @Test func textsAreTheirBytes() throws {
        // Canonically equivalent to Swift's strings, different to us: é composed and decomposed, and the Kelvin sign.
        #expect(MethodName("\u{e9}") != MethodName("e\u{301}"))
        #expect(MethodName("\u{212a}") != MethodName("K"))
        #expect(Set([MethodName("\u{e9}"), MethodName("e\u{301}")]).count == 2)
        #expect(MethodName("a") < MethodName("b"))
        #expect(MethodName(String(repeating: "x", count: 64)) != nil && MethodName(String(repeating: "x", count: 65)) == nil)
        #expect(try MethodName(bcs: MethodName("e\u{301}").bcs).text.utf8.count == 3)
        #expect(throws: BCSError.lengthOverLimit(offset: 0, length: 65, limit: 64)) {
            try MethodName(bcs: [65] + [UInt8](repeating: 65, count: 65))
        }
        #expect(throws: BCSError.textNotUTF8(offset: 0)) { try MethodName(bcs: [1, 0xff]) }
    }

    @Test(arguments: [0, 1, 2, 3]) func longMessagesAreCutBetweenCharacters(_ offset: Int) {
        // 💶 is four bytes; the limit of 256 falls inside one for three of the offsets.
        let text = String(repeating: "x", count: offset) + String(repeating: "💶", count: 80)
        let message = ReceiptMessage(truncating: text)
        #expect(text.hasPrefix(message.text))
        #expect(message.text.utf8.count == (offset == 0 ? 256 : 252 + offset))
        #expect(ReceiptMessage(truncating: "short").text == "short")
    }

    @Test func resultsAreBoundedInAll() throws {
        #expect(CallResults([[UInt8](repeating: 0, count: 40_000), [UInt8](repeating: 0, count: 25_536)]) != nil)
        #expect(CallResults([[UInt8](repeating: 0, count: 40_000), [UInt8](repeating: 0, count: 25_537)]) == nil)
        #expect(CallResults([[UInt8]](repeating: [], count: 65)) == nil)
        let half = [0x80, 0x80, 0x02] + [UInt8](repeating: 0, count: 32_768)
        #expect(try CallResults(bcs: [2] + half + half).values.count == 2)
        #expect(throws: BCSError.lengthOverLimit(offset: 1 + 2 * 32_771, length: 1, limit: 0)) {
            try CallResults(bcs: [3] + half + half + [1, 0])
        }
    }
}
