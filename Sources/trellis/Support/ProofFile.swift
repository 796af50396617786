import Execution
import Interface
import Ledger
import Primitives
import WorldState

/// A proof bundle as people keep it, and what is said about it.
enum ProofFile {
    /// The bundle in BCS, or JSON that has it as `bundle` or `proof`: a node's answer, or this program's document around one.
    static func read(_ path: String) throws -> ProofBundle {
        let bytes = try Files.read(path)
        let encoded: [UInt8]
        if let json = try? JSONReader.value(bytes) {
            let inner = json["data"] ?? json
            guard case .text(let text)? = inner["bundle"] ?? inner["proof"] ?? (inner == json ? nil : inner), let found = [UInt8](hex: text) else {
                throw CommandFailure(code: "proof.missing", what: "\(path) is JSON without a proof", why: "a proof is the member bundle or proof, in hexadecimal")
            }
            encoded = found
        } else {
            encoded = bytes
        }
        do throws(BCSError) { return try ProofBundle(bcs: encoded) } catch {
            throw CommandFailure(code: "proof.malformed", what: "\(path) is not a proof bundle", why: "\(error)")
        }
    }

    static func failure(_ error: any Error) -> CommandFailure {
        let (code, next): (String, String?) = switch error as? ProofBundleError {
        case .validatorsHashWrong: ("proof.validators", "Find out the set of that height: trellis block show, from a node that you trust.")
        case .block(.overlapTooSmall), .block(.validatorsHashWrong), .block(.epochWrong):
            ("proof.out-of-reach", "The validators have changed since genesis: give --chain-id and --validators-hash of that height.")
        case .block(.trustExpired): ("proof.trust-expired", "Give --chain-id and --validators-hash, from a source that you trust now.")
        case .block(.timeInFuture): ("proof.from-the-future", "Check this machine's clock.")
        case .block: ("proof.block-invalid", nil)
        case .claimCount, .state, .rootWrong: ("proof.content-invalid", nil)
        case nil: ("proof.block-invalid", nil)
        }
        return CommandFailure(code: code, what: "the proof does not hold", why: "\(error)", next: next)
    }

    /// What a bundle that holds says.
    static func output(_ bundle: ProofBundle, chain: ChainID, network: NetworkKind) -> CommandOutput {
        let header = bundle.block.header
        var fields: [(String, DynamicValue?)] = [
            ("valid", .bool(true)), ("chainID", .text("0x" + chain.hex)), ("height", .text(header.height.description)),
            ("blockHash", .text("0x" + header.digest.hex)), ("time", .text(TimeText(header.draft.time).text)),
            ("signers", .number(UInt64(bundle.block.certificate.signatures.count))), ("validators", .number(UInt64(bundle.block.validators.validators.count))),
        ]
        switch bundle.content {
        case .state(let claims, _):
            fields.append(("kind", .text("state")))
            fields.append(("claims", .list(claims.map { claim in
                .fields([("key", .text("0x" + claim.key.bytes.hex)), ("value", claim.value.map { .text("0x" + $0.hex) } ?? .null)])
            })))
        case .transaction(let transaction, _):
            fields.append(("kind", .text("transaction")))
            fields.append(("transaction", .text("0x" + transaction.id.hex)))
            fields.append(("sender", .text(transaction.sender.text(on: network))))
        case .receipt(let receipt, _):
            fields.append(("kind", .text("receipt")))
            fields += origin(receipt.origin, network)
            fields.append(("succeeded", .bool(receipt.outcome.failure == nil)))
            fields.append(("gasUsed", .text(receipt.gasUsed.description)))
        case .event(let event, _):
            fields.append(("kind", .text("event")))
            fields += origin(event.origin, network)
            fields.append(("contract", .text(event.event.contract.text(on: network))))
            fields.append(("event", .text(event.event.name.text)))
            fields.append(("data", .text("0x" + event.event.data.hex)))
        }
        return .fields(fields, name: "valid")
    }

    private static func origin(_ origin: Origin, _ network: NetworkKind) -> [(String, DynamicValue?)] {
        switch origin {
        case .transaction(let id): [("transaction", .text("0x" + id.hex))]
        case .hook(let contract, let method): [("hook", .text("\(contract.text(on: network)).\(method)"))]
        }
    }
}
