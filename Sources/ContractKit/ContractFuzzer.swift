import Execution
import Ledger
import Primitives

/// Calls a contract by chance: anybody, any method, values at the edges of their types, and arguments that are none.
///
/// A finding is a call that traps, runs out of a transaction's largest gas, refuses with a code that the schema does not have, or answers or
/// emits what the schema does not say; and a view `invariant_…` that is not true after a call. A refusal with a declared code is none.
public struct ContractFuzzer {
    public struct Finding: Sendable {
        /// The calls that lead there on a new chain, the last one last; of the seed.
        public let calls: [String]
        public let reason: String
        public let trace: String
    }

    static let people = ["alice", "bob", "carol", "dave"]
    /// Calls on one chain.
    private static let callsMax = 60

    private let schema: ContractSchema
    private var random: SeededGenerator

    init(_ schema: ContractSchema, seed: UInt64) {
        self.schema = schema
        random = SeededGenerator(seed: seed)
    }

    mutating func run(count: Int, _ makeSession: () throws(KitError) -> Session) throws(KitError) -> Finding? {
        let methods = schema.methods.filter { $0.name != "init" && $0.name != "migrate" }
        guard !methods.isEmpty else { return nil }
        let invariants = schema.methods.filter { $0.name.hasPrefix("invariant_") && $0.arguments.isEmpty && $0.result == .scalar(.bool) }
        var left = count
        while left > 0 {
            let session = try makeSession()
            var calls: [String] = []
            for _ in 0..<min(left, Self.callsMax) {
                left -= 1
                let method = methods[random.below(methods.count)]
                let isTorn = random.below(8) == 0
                var bytes: [UInt8] = []
                var texts: [String] = []
                for field in method.arguments {
                    let (encoded, text) = value(field.type, session)
                    bytes += encoded
                    texts.append("\(field.name)=\(text)")
                }
                if isTorn { bytes = torn(bytes) }
                let who = Self.people[random.below(4)], amount = method.takesValue ? amountAtEdge() : .zero
                calls.append(
                    "\(who) \(method.name) " + (isTorn ? "data \(bytes.hex)" : texts.joined(separator: " ")) + (amount == .zero ? "" : " with \(amount.tokens)"))
                guard let name = MethodName(method.name) else { continue }
                let call = Call(contract: session.address, method: name, arguments: bytes, value: amount)
                var reason = try problem(session, who, call, method, isTorn: isTorn)
                let trace = session.traceText
                for invariant in invariants where reason == nil {
                    guard let name = MethodName(invariant.name) else { continue }
                    let outcome = try outcome(session, nil, Call(contract: session.address, method: name, arguments: [], value: .zero))
                    guard case .succeeded(let results) = outcome, results.values == [[1]] else {
                        reason = "\(invariant.name) is not true any more"
                        break
                    }
                }
                if let reason { return Finding(calls: calls, reason: reason, trace: trace) }
                // A little or much time.
                if random.below(6) == 0 { try? session.perform(.pass(random.below(2) == 0 ? 1 : 700_000)) }
            }
        }
        return nil
    }

    private func outcome(_ session: Session, _ who: String?, _ call: Call) throws(KitError) -> Outcome {
        do throws(Session.Mismatch) { return try session.run(who, call, counts: false) } catch { throw KitError(.scenarioMalformed, error.reason) }
    }

    private func problem(_ session: Session, _ who: String, _ call: Call, _ method: MethodSchema, isTorn: Bool) throws(KitError) -> String? {
        switch try outcome(session, who, call) {
        case .succeeded(let results):
            if isTorn, (try? SchemaCodec(network: .development).decode(call.arguments, as: method.arguments)) == nil {
                return "arguments that are not what the schema asks for were taken"
            }
            guard (try? SchemaCodec(network: .development).decode(results.values[0], as: method.result)) != nil else {
                return "the result \(results.values[0].hex) is not what the schema says"
            }
            return session.malformedEvents.first.map { "an event is not what the schema says: \($0)" }
        case .reverted(let failure):
            guard failure.contract == session.address, failure.code >= 100, !schema.errors.contains(where: { $0.code == failure.code }) else { return nil }
            return "it refuses with \(failure.code), which the schema does not have"
        case .trapped(let failure): return "it traps: \(session.name(of: failure)), \(failure.message.text)"
        case .outOfGas: return "it uses more gas than a transaction can have"
        }
    }

    // ── Values ──

    private mutating func amountAtEdge() -> Amount {
        switch random.below(6) {
        case 0: .zero
        case 1: Amount(1)
        case 2: LocalChain.fortune
        default: Amount(UInt128(random.below(10_000_000)))
        }
    }

    /// An encoding of the type, and how a test would write it.
    private mutating func value(_ type: TypeSchema, _ session: Session) -> (bytes: [UInt8], text: String) {
        switch type {
        case .scalar(.bool):
            let flag = random.below(2) == 0
            return ([flag ? 1 : 0], String(flag))
        case .scalar(.address):
            let choice = random.below(6)
            if choice == 0 { return (Address().bytes, Address().text(on: .development)) }
            if choice == 1 { return (session.address.bytes, "@contract") }
            let name = Self.people[random.below(4)]
            return (LocalChain.address(name).bytes, "@\(name)")
        case .scalar(let scalar):
            let size = ValueForm.size(type)
            if ValueForm.isNumber(type) || scalar == .u128 || scalar == .amount {
                let bytes = number(size)
                let number = bytes.reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
                return (bytes, scalar == .amount ? Amount(number).tokens : String(number))
            }
            let bytes = random.bytes(size)
            return (bytes, bytes.hex)
        case .bytes(let most):
            let bytes = random.bytes(length(most))
            return (BCSEncoder.bytes(bytes), bytes.hex)
        case .text(let most):
            let text = String(String.UnicodeScalarView((0..<length(most)).map { _ in Unicode.Scalar(UInt8(97 + random.below(26))) }))
            return (BCSEncoder.bytes(Array(text.utf8)), "\"\(text)\"")
        default: return ([], "")
        }
    }

    private mutating func length(_ most: Int) -> Int {
        switch random.below(4) {
        case 0: 0
        case 1: most
        default: random.below(min(most, 24) + 1)
        }
    }

    /// Small, large, at the ends of the range, and around powers of two.
    private mutating func number(_ size: Int) -> [UInt8] {
        let all = size == 16 ? UInt128.max : (UInt128(1) << (8 * size)) - 1
        let value: UInt128 = switch random.below(7) {
        case 0: 0
        case 1: all
        case 2: all - UInt128(random.below(3))
        case 3: (UInt128(1) << random.below(8 * size)) - UInt128(random.below(2))
        // Times near those of the chain.
        case 4 where size == 8: UInt128(LocalChain.start.rawValue + UInt64(random.below(2_000_000)))
        default: UInt128(random.below(20))
        }
        return (0..<size).map { UInt8(truncatingIfNeeded: min(value, all) >> (8 * $0)) }
    }

    private mutating func torn(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        switch random.below(3) {
        case 0: bytes.append(UInt8(truncatingIfNeeded: random.next()))
        case 1: if !bytes.isEmpty { bytes.removeLast(1 + random.below(bytes.count)) }
        default: if !bytes.isEmpty { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
        }
        return bytes
    }
}

extension BCSEncoder {
    fileprivate static func bytes(_ bytes: [UInt8]) -> [UInt8] {
        var encoder = BCSEncoder()
        encoder.encodeBytes(bytes)
        return encoder.bytes
    }
}
