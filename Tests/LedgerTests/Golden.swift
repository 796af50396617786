import Cryptography
import Foundation
import Ledger
import Primitives
import Testing

/// The vectors of `Vectors/golden.json`, which `Vectors/make_golden.py` makes without any code of ours.
struct Golden: Decodable, Sendable {
    struct BuiltIn: Decodable, Sendable { let name, address: String }
    struct Deployed: Decodable, Sendable {
        let deployer, nonce, address: String
        let callIndex: UInt32
    }
    struct Call: Decodable, Sendable { let contract, method, arguments, value: String }
    struct Transaction: Decodable, Sendable {
        let chainID, sender, nonce, validUntilHeight, gasLimit, gasPrice, memo, bcs, id, signedBytes: String
        let calls: [Call]
    }
    struct Signed: Decodable, Sendable {
        let transaction: Transaction
        let envelope, envelopeHash, leaf: String
        /// Of the signers; `keys` and `threshold` only for k-of-n accounts.
        let seeds, keys: [String]
        let threshold: Int
    }
    struct Origin: Decodable, Sendable { let transaction, contract, method: String? }
    struct Receipt: Decodable, Sendable {
        let origin: Origin
        let `class`: UInt8
        let values: [String]?
        let callIndex, code: UInt32?
        let contract, message: String?
        let gasUsed, fee, bcs, leaf: String
        let eventCount: UInt32
    }
    struct Event: Decodable, Sendable {
        let origin: Origin
        let index: UInt32
        let contract, name, data, bcs, leaf: String
    }
    struct Inclusion: Decodable, Sendable {
        let index: Int
        let path: [String]
        let bcs, merklePath: String
    }
    struct Consistency: Decodable, Sendable {
        let size: Int
        let path: [String]
        let bcs: String
    }
    struct Tree: Decodable, Sendable {
        let leaves: [String]
        let root: String
        let inclusion: [Inclusion]
        let consistency: [Consistency]
    }
    struct Parameters: Decodable, Sendable {
        let values: [String: String]
        let bcs, hash: String
    }
    struct Founder: Decodable, Sendable {
        let account, consensusKey, vrfKey, weight, consensusPossession, vrfPossession: String
    }
    struct Allocation: Decodable, Sendable { let account, balance: String }
    struct Genesis: Decodable, Sendable {
        let chainName, time, parameters, charterID, stateRoot, bcs, chainID, header, headerHash, epochStart: String
        let network: Int
        let protocolVersion: UInt32
        let validators: [Founder]
        let allocations: [Allocation]
    }
    struct Block: Decodable, Sendable {
        let header, certificate, bcs: String
        let envelopes: [String]
    }
    struct Proof: Decodable, Sendable { let kind, content, bcs: String }
    struct Proofs: Decodable, Sendable {
        struct Claim: Decodable, Sendable {
            let key: String
            let value: String?
        }
        let light, path, stateProof, state: String
        let claims: [Claim]
        let bundles: [Proof]
    }

    let builtIns: [BuiltIn]
    let deployed: [Deployed]
    let transactions: [Signed]
    let receipts: [Receipt]
    let events: [Event]
    let trees: [Tree]
    let parameters: [Parameters]
    let genesis: [Genesis]
    let blocks: [Block]
    let proofs: [Proofs]

    static let vectors: Golden = {
        do { return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url)) } catch {
            preconditionFailure("golden.json: \(error)")
        }
    }()

    static let url = Bundle.module.resourceURL!.appending(path: "Vectors/golden.json")
}

func bytes(_ hex: String) -> [UInt8] { [UInt8](hex: hex)! }

// Values of the node from the fields of a vector.

extension Golden.Call {
    var call: Call {
        Call(contract: Address(hex: contract)!, method: MethodName(method)!, arguments: bytes(arguments),
             value: Amount(UInt128(value)!))
    }
}

extension Golden.Transaction {
    var value: Transaction {
        Transaction(
            chainID: ChainID(hex: chainID)!, sender: Address(hex: sender)!, nonce: Nonce(UInt64(nonce)!),
            validUntilHeight: Height(UInt64(validUntilHeight)!), gasLimit: Gas(UInt64(gasLimit)!),
            gasPrice: Amount(UInt128(gasPrice)!), calls: calls.map(\.call), memo: Memo(memo)!)!
    }
}

extension Golden.Signed {
    var value: SignedTransaction {
        let signers = seeds.map { SigningKey(seed: SecretBytes(copying: bytes($0))) }
        guard let keys = MultisigKeys(threshold: threshold, keys: keys.map { PublicKey(hex: $0)! }) else {
            return transaction.value.signed(by: signers[0])!
        }
        return transaction.value.signed(by: signers, of: keys)!
    }
}

extension Golden.Origin {
    var value: Origin {
        if let transaction { return .transaction(TransactionID(hex: transaction)!) }
        return .hook(contract: Address(hex: contract!)!, method: MethodName(method!)!)
    }
}

extension Golden.Receipt {
    var value: Receipt {
        let outcome: Outcome
        if let values {
            outcome = .succeeded(CallResults(values.map(bytes))!)
        } else {
            let failure = CallFailure(
                callIndex: callIndex!, contract: Address(hex: contract!)!, code: code!, message: ReceiptMessage(message!)!)
            outcome = [1: .reverted(failure), 2: .trapped(failure), 3: .outOfGas(failure)][self.class]!
        }
        return Receipt(
            origin: origin.value, outcome: outcome, gasUsed: Gas(UInt64(gasUsed)!), fee: Amount(UInt128(fee)!), eventCount: eventCount)
    }
}

extension Golden.Event {
    var value: EventRecord {
        EventRecord(
            origin: origin.value, index: index,
            event: Event(contract: Address(hex: contract)!, name: EventName(name)!, data: bytes(data))!)
    }
}

extension Golden.Parameters {
    var value: NetworkParameters {
        // Each field by its name, so that the table and the vectors must agree on names, order and widths.
        var result = NetworkParameters()
        for field in NetworkParameters.fields {
            precondition(field.set(&result, UInt128(values[field.name.description]!)!))
        }
        return result
    }
}

extension Golden.Genesis {
    var value: Genesis {
        get throws {
            Genesis(
                charter: GenesisCharter(
                    chainName: ChainName(chainName)!, network: network == 0 ? .main : .development,
                    time: Timestamp(UInt64(time)!), protocolVersion: protocolVersion,
                    parameters: try NetworkParameters(bcs: bytes(parameters))),
                validators: validators.map {
                    GenesisValidator(
                        account: Address(hex: $0.account)!,
                        validator: Validator(
                            consensusKey: PublicKey(hex: $0.consensusKey)!, vrfKey: VRFPublicKey(hex: $0.vrfKey)!,
                            weight: UInt64($0.weight)!),
                        consensusPossession: Signature(hex: $0.consensusPossession)!,
                        vrfPossession: VRFProof(hex: $0.vrfPossession)!)
                },
                allocations: allocations.map {
                    GenesisAllocation(account: Address(hex: $0.account)!, balance: Amount(UInt128($0.balance)!))
                },
                stateRoot: Digest(hex: stateRoot)!)
        }
    }
}

extension Golden.Tree: CustomTestStringConvertible {
    var testDescription: String { "\(leaves.count) leaves" }
}
