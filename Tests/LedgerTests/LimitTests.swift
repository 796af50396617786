import Cryptography
import Ledger
import Primitives
import Testing

/// Every field has a limit, at which it is read and one above which it is refused, whoever wrote it.
@Suite struct LimitTests {
    private static let id = TransactionID(hex: String(repeating: "11", count: 32))!

    private func text(_ count: Int) -> [UInt8] {
        var encoder = BCSEncoder()
        encoder.encodeBytes([UInt8](repeating: 0x61, count: count))
        return encoder.bytes
    }

    /// `make` gives the encoding of a value whose field has this length; only lengths up to `limit` may be read.
    private func check<Value: BCSCodable>(
        _: Value.Type, limit: Int, sourceLocation: SourceLocation = #_sourceLocation, _ make: (Int) -> [UInt8]
    ) {
        #expect(throws: Never.self, sourceLocation: sourceLocation) { try Value(bcs: make(limit)) }
        #expect(throws: BCSError.self, sourceLocation: sourceLocation) { try Value(bcs: make(limit + 1)) }
    }

    @Test func eventsAndReceipts() {
        let origin = Origin.transaction(Self.id).bcs
        let contract = Address.builtIn("accounts").bcs
        check(EventRecord.self, limit: 64) { [0] + origin + UInt32(0).bcs + contract + text($0) + text(0) }
        check(EventRecord.self, limit: 16 * 1024) { [0] + origin + UInt32(0).bcs + contract + text(0) + text($0) }
        check(EventRecord.self, limit: 64) { [0, 1] + contract + text($0) + UInt32(0).bcs + contract + text(0) + text(0) }
        let data = [UInt8](repeating: 1, count: 16 * 1024)
        #expect(Event(contract: .builtIn("accounts"), name: "n", data: data) != nil)
        #expect(Event(contract: .builtIn("accounts"), name: "n", data: data + [1]) == nil)

        let rest = UInt64(1).bcs + UInt128(2).bcs
        check(Receipt.self, limit: 256) { [0] + origin + [0, 0] + rest + UInt32($0).bcs }
        check(Receipt.self, limit: 256) { [0] + origin + [1] + UInt32(0).bcs + contract + UInt32(1).bcs + text($0) + rest + UInt32(0).bcs }
        check(Receipt.self, limit: 64) { [0] + origin + [0, UInt8($0)] + [UInt8](repeating: 0, count: $0) + rest + UInt32(0).bcs }
    }

    @Test func transactions() throws {
        let key = SigningKey(number: 1)
        let call = Call(contract: .builtIn("accounts"), method: "m", arguments: [])
        let made = try #require(Transaction(
            chainID: ChainID(), sender: Address(of: key.publicKey), nonce: 0, validUntilHeight: 1, gasLimit: 1, gasPrice: .zero, calls: [call]))
        let head = made.bcs.dropLast()
        check(Transaction.self, limit: 256) { head + text($0) }
        check(Call.self, limit: 64) { Address.builtIn("accounts").bcs + text($0) + text(0) + UInt128(0).bcs }
        check(Call.self, limit: 640 * 1024) { Address.builtIn("accounts").bcs + text(0) + text($0) + UInt128(0).bcs }

        // Inside another value, where the whole envelope's length is known only behind it.
        func signed(_ arguments: Int) -> [UInt8] {
            let call = Call(contract: .builtIn("accounts"), method: "m", arguments: [UInt8](repeating: 1, count: arguments))
            let large = Transaction(
                chainID: ChainID(), sender: Address(of: key.publicKey), nonce: 0, validUntilHeight: 1, gasLimit: 1, gasPrice: .zero,
                calls: [call])!
            return [0] + large.bcs + Authenticator.single(key.publicKey, Signature()).bcs
        }
        let overhead = signed(20_000).count - 20_000
        for (excess, accepted) in [(0, true), (1, false)] {
            let encoded = signed(640 * 1024 - overhead + excess)
            #expect(encoded.count == 640 * 1024 + excess)
            var decoder = BCSDecoder([7] + encoded)
            _ = try decoder.decode(UInt8.self)
            #expect(((try? decoder.decode(SignedTransaction.self)) != nil) == accepted)
        }
    }

    @Test func genesisDocuments() {
        let charter = GenesisCharter(chainName: "test", network: .main, time: 1, parameters: NetworkParameters())
        let prefix = charter.bcs.prefix(1)
        check(GenesisCharter.self, limit: 64) { prefix + text($0) + charter.bcs.dropFirst(1 + 5) }
        let founder = Member(1).founder(of: charter).bcs
        func list(_ count: Int, _ element: [UInt8]) -> [UInt8] {
            var encoder = BCSEncoder()
            encoder.encodeLength(count)
            for _ in 0..<count { encoder.append(element) }
            return encoder.bytes
        }
        check(Genesis.self, limit: 1_024) { [0] + charter.bcs + list($0, founder) + [0] + Digest.zero.bcs }
        let allocation = GenesisAllocation(account: Address(), balance: Amount(1)).bcs
        check(Genesis.self, limit: 100_000) { [0] + charter.bcs + [0] + list($0, allocation) + Digest.zero.bcs }
    }

    @Test func proofs() {
        func path(_ count: Int) -> [UInt8] { [UInt8(count)] + [UInt8](repeating: 3, count: 32 * count) }
        check(MerklePath.self, limit: 64) { path($0) + UInt64(0).bcs }
        check(InclusionProof.self, limit: 64) { UInt64(0).bcs + UInt64(1).bcs + path($0) }
        check(ConsistencyProof.self, limit: 65) { UInt64(1).bcs + UInt64(1).bcs + path($0) }
    }
}
