import Contracts
import Cryptography
import Execution
import Interface
import Ledger
import Primitives

/// Transactions as files: JSON with `transaction` (unsigned) or `envelope` (signed) in hexadecimal, this program's document around it,
/// or the bytes themselves, also in hexadecimal.
enum TransactionFile {
    static func unsigned(_ transaction: Transaction, network: NetworkKind) -> DynamicValue {
        .fields([("id", .text("0x" + transaction.id.hex)), ("transaction", .text("0x" + transaction.bcs.hex))] + summary(transaction, network))
    }

    static func signed(_ signed: SignedTransaction, network: NetworkKind) -> DynamicValue {
        .fields([("id", .text("0x" + signed.id.hex)), ("envelope", .text("0x" + signed.envelope.hex))] + summary(signed.transaction, network))
    }

    private static func summary(_ transaction: Transaction, _ network: NetworkKind) -> [(String, DynamicValue?)] {
        [
            ("sender", .text(transaction.sender.text(on: network))), ("nonce", .text(transaction.nonce.description)),
            ("validUntilHeight", .text(transaction.validUntilHeight.description)), ("gasLimit", .text(transaction.gasLimit.description)),
            ("gasPrice", .text(transaction.gasPrice.description)), ("feeMax", transaction.feeMax.map { .text($0.description) }),
            ("memo", transaction.memo.text.isEmpty ? nil : .text(transaction.memo.text)), ("calls", .list(transaction.calls.map { call($0, network) })),
        ]
    }

    /// A call, decoded where the contract is one of the protocol.
    private static func call(_ call: Call, _ network: NetworkKind) -> DynamicValue {
        let schema = Catalogue.standard.contract(at: call.contract)?.schema
        let method = schema?.methods.first { $0.name == call.method.text }
        let arguments = method.flatMap { try? SchemaCodec(network: network, for: .programs).decode(call.arguments, as: $0.arguments) }
        return .fields([
            ("contract", .text(schema?.name ?? call.contract.text(on: network))), ("method", .text(call.method.text)), ("arguments", arguments),
            ("data", arguments == nil ? .text("0x" + call.arguments.hex) : nil), ("value", .text(call.value.description)),
        ])
    }

    enum Content {
        case unsigned(Transaction)
        case signed(SignedTransaction)

        var transaction: Transaction {
            switch self {
            case .unsigned(let transaction): transaction
            case .signed(let signed): signed.transaction
            }
        }
    }

    static func read(_ path: String) throws -> Content {
        let bytes = try Files.read(path, max: 4 << 20)
        if let json = try? JSONReader.value(bytes), case .object = json {
            let inner = json["data"] ?? json
            if case .text(let text)? = inner["envelope"], let envelope = [UInt8](hex: text) { return .signed(try signed(envelope, path)) }
            if case .text(let text)? = inner["transaction"], let unsigned = [UInt8](hex: text) { return .unsigned(try Transaction(bcs: unsigned)) }
            throw malformed(path, "a transaction is the member transaction or envelope, in hexadecimal")
        }
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        let encoded = [UInt8](hex: text) ?? bytes
        if let signed = try? SignedTransaction(bcs: encoded) { return .signed(signed) }
        if let transaction = try? Transaction(bcs: encoded) { return .unsigned(transaction) }
        throw malformed(path, "neither a signed nor an unsigned transaction")
    }

    private static func signed(_ envelope: [UInt8], _ path: String) throws -> SignedTransaction {
        do throws(BCSError) { return try SignedTransaction(bcs: envelope) } catch { throw malformed(path, "\(error)") }
    }

    private static func malformed(_ path: String, _ why: String) -> CommandFailure {
        CommandFailure(code: "tx.file-malformed", what: "\(path) holds no transaction", why: why, next: "trellis tx build --help")
    }
}
