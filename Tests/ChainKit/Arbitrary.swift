import Cryptography
public import Execution
import Ledger
public import Primitives

/// Makes arguments for any method from its schema: mostly well-formed, with the numbers and accounts on which rules turn, and now
/// and then garbage.
public struct Arbitrary: Sendable {
    public var random: SeededGenerator
    /// Addresses, keys and texts that mean something to the chain under test.
    public var addresses: [Address]
    public var keys: [PublicKey]
    public var texts: [String]

    public init(seed: UInt64, addresses: [Address], keys: [PublicKey] = [], texts: [String] = []) {
        random = SeededGenerator(seed: seed)
        self.addresses = addresses
        self.keys = keys
        self.texts = texts + ["", "a", "name", "alice.trl", "0", "é", String(repeating: "x", count: 64)]
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    private mutating func chance(_ part: Int) -> Bool { below(part) == 0 }

    /// Arguments for `method`.
    public mutating func arguments(_ method: MethodSchema) -> [UInt8] {
        var encoder = BCSEncoder()
        for argument in method.arguments { encode(argument.type, into: &encoder, depth: 0) }
        guard chance(12) else { return encoder.bytes }
        // Garbage: a byte changed, cut off, or added.
        var bytes = encoder.bytes
        switch below(3) {
        case 0 where !bytes.isEmpty: bytes[below(bytes.count)] ^= UInt8(1 << below(8))
        case 1 where !bytes.isEmpty: bytes.removeLast(1 + below(bytes.count))
        default: bytes.append(UInt8(below(256)))
        }
        return bytes
    }

    /// An amount: often small, sometimes at the edge of what is possible.
    public mutating func amount() -> Amount {
        switch below(8) {
        case 0: .zero
        case 1: Amount(1)
        case 2: Amount(UInt128.max)
        case 3: Amount.supplyMax
        case 4, 5: Amount(UInt128(below(1_000_000)))
        default: Amount(UInt128(below(20_000)) * Amount.unitsPerToken)
        }
    }

    private mutating func number(bits: Int) -> UInt64 {
        let most = bits == 64 ? UInt64.max : (1 << UInt64(bits)) - 1
        return switch below(6) {
        case 0: 0
        case 1: most
        case 2: random.next() & most
        default: UInt64(below(12)) & most
        }
    }

    public mutating func encode(_ type: TypeSchema, into encoder: inout BCSEncoder, depth: Int) {
        switch type {
        case .scalar(let scalar): encode(scalar, into: &encoder)
        case .fixedBytes(let size): encoder.append(random.bytes(size))
        case .bytes(let max): encoder.encodeBytes(random.bytes(below(Swift.min(max, 300) + 1)))
        case .text(let max):
            let text = texts[below(texts.count)]
            encoder.encode(String(decoding: text.utf8.prefix(max), as: UTF8.self))
        case .option(let wrapped):
            let isPresent = chance(2)
            encoder.encode(isPresent)
            if isPresent { encode(wrapped, into: &encoder, depth: depth + 1) }
        case .list(let element, let max):
            let count = depth > 3 ? 0 : below(Swift.min(max, 4) + 1)
            encoder.encodeLength(count)
            for _ in 0..<count { encode(element, into: &encoder, depth: depth + 1) }
        case .record(_, let fields): for field in fields { encode(field.type, into: &encoder, depth: depth + 1) }
        case .choice(_, let cases):
            let index = below(cases.count)
            encoder.encodeVariant(index)
            if let value = cases[index].type { encode(value, into: &encoder, depth: depth + 1) }
        case .nothing: break
        }
    }

    private mutating func encode(_ scalar: TypeSchema.Scalar, into encoder: inout BCSEncoder) {
        switch scalar {
        case .bool: encoder.encode(chance(2))
        case .u8: encoder.encode(UInt8(number(bits: 8)))
        case .u16, .validatorIndex: encoder.encode(UInt16(number(bits: 16)))
        case .u32: encoder.encode(UInt32(number(bits: 32)))
        case .u64, .height, .epoch, .nonce, .gas, .timestamp: encoder.encode(number(bits: 64))
        case .u128: encoder.encode(UInt128(number(bits: 64)) << UInt128(below(65)))
        case .amount: encoder.encode(amount())
        case .address: encoder.encode(chance(6) ? Address(random.bytes(Address.byteCount))! : addresses[below(addresses.count)])
        case .publicKey where !keys.isEmpty && !chance(4): encoder.encode(keys[below(keys.count)])
        case .digest, .publicKey, .vrfPublicKey, .beacon, .transactionID, .chainID: encoder.append(random.bytes(32))
        case .signature: encoder.append(random.bytes(64))
        case .vrfProof: encoder.append(random.bytes(80))
        }
    }
}

/// Throws arbitrary calls at every contract of a chain, through blocks and epochs.
public struct ContractStorm {
    public let chain: TestChain
    public let people: [Person]
    private var arbitrary: Arbitrary
    private let methods: [(contract: Address, schema: MethodSchema)]

    public init(_ definitions: [any BuiltInContract.Type], seed: UInt64) {
        let founders = (0..<4).map { Founder($0) }
        people = (0..<5).map { Person($0 + 1) } + founders.map(\.person)
        // Short epochs and deadlines, so that everything that waits comes due.
        chain = TestChain(definitions, founders: founders, people: people) { parameters in
            parameters.epochHeights = 6
            parameters.epochMilliseconds = 20_000
            parameters.heartbeatMilliseconds = 10_000
            parameters.drawDelay = 2
            parameters.evidenceMilliseconds = 60_000
            parameters.trustingMilliseconds = 90_000
            parameters.unbondingMilliseconds = 120_000
            parameters.jailMilliseconds = 20_000
            parameters.votingMilliseconds = 20_000
            parameters.timeLockMilliseconds = 10_000
            parameters.proposalDeposit = Amount(1_000)
            parameters.issuancePerBlock = Amount(777)
        }
        methods = chain.executor.catalogue.schemas.flatMap { contract in contract.schema.methods.map { (contract.address, $0) } }
        let subaccounts = chain.executor.catalogue.addresses.flatMap { address in (0..<3).map { Address.subaccount($0, of: address) } }
        arbitrary = Arbitrary(
            seed: seed, addresses: people.map(\.address) + chain.executor.catalogue.addresses + subaccounts,
            keys: founders.map(\.consensus.publicKey) + people.map(\.key.publicKey))
    }

    /// One block with a few transactions of a few calls each. Returns what a contract must never do, or nil.
    public mutating func block() -> String? {
        let transactions = (0..<4).map { _ -> SignedTransaction in
            let person = people[Int(arbitrary.random.next() % UInt64(people.count))]
            let calls = (0...Int(arbitrary.random.next() % 2)).map { _ -> Call in
                let method = methods[Int(arbitrary.random.next() % UInt64(methods.count))]
                let attaches = method.schema.takesValue ? arbitrary.random.next() % 4 != 0 : arbitrary.random.next() % 20 == 0
                let value = attaches ? arbitrary.amount() : .zero
                return Call(contract: method.contract, method: MethodName(truncating: method.schema.name), arguments: arbitrary.arguments(method.schema),
                            value: value < Amount(50_000 * Amount.unitsPerToken) ? value : Amount(1))
            }
            let gas: UInt64 = arbitrary.random.next() % 10 == 0 ? 120_000 : 20_000_000
            return chain.transaction(person, calls, gasLimit: gas)
        }
        // Whoever cannot pay any more is left out by the rules of a block.
        let affordable = chain.executable(transactions)
        let jump = arbitrary.random.next() % 8 == 0 ? chain.parameters.epochMilliseconds : arbitrary.random.next() % 5_000 + 1
        let block = chain.advance(affordable, time: Timestamp(chain.time.rawValue + jump))
        for receipt in block.receipts {
            if receipt.outcome.receiptClass == 2 { return "a trap: \(receipt.outcome)" }
            if receipt.code == SystemRejection.stateMalformed.rawValue { return "malformed state: \(receipt.outcome)" }
            if case .hook = receipt.origin, receipt.outcome.failure != nil { return "a hook failed: \(receipt.outcome)" }
        }
        return nil
    }
}
