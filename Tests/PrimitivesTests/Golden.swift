import Foundation
import Primitives

/// The vectors of `Vectors/golden.json`, which `Vectors/make_golden.py` makes without any code of ours.
struct Golden: Decodable, Sendable {
    struct Fixed: Decodable, Sendable { let type, bytes: String }
    struct Counter: Decodable, Sendable { let value, bcs: String }
    struct Amount: Decodable, Sendable { let units, bcs: String }
    struct Bitmap: Decodable, Sendable { let indices: [UInt16], bcs: String }
    struct Validator: Decodable, Sendable { let consensusKey, vrfKey, weight: String }
    struct Validators: Decodable, Sendable {
        let epoch, totalWeight, bcs, hash: String
        let validators: [Validator]
    }
    struct Draft: Decodable, Sendable {
        let height, epoch, originView, time, parentHash, transactionsRoot, validatorsHash, vrfProof, beacon, bcs, hash: String
        let proposer: UInt16
        let protocolVersion: UInt32
        let parentVotes: [UInt16]
    }
    struct Result: Decodable, Sendable { let stateRoot, receiptsRoot, eventsRoot, gasUsed, nextValidatorsHash, bcs: String }
    struct Header: Decodable, Sendable {
        let draft: Draft
        let result: Result
        let bcs, hash: String
    }
    struct Statement: Decodable, Sendable { let epoch, height, view, draftDigest, headerHash, bcs: String }
    struct Signature: Decodable, Sendable {
        let signer: UInt16
        let signature, bcs: String
    }
    struct Certificate: Decodable, Sendable {
        let statement: Statement
        let signatures: [Signature]
        let bcs: String
    }
    struct Signed: Decodable, Sendable { let kind, chainID, bytes: String }
    struct Hashed: Decodable, Sendable { let kind, hash: String }
    struct Generator: Decodable, Sendable {
        let seed, bytes: String
        let next, bounds, below: [String]
    }

    let fixed: [Fixed]
    let counters: [Counter]
    let amounts: [Amount]
    let bitmaps: [Bitmap]
    let validatorSets: [Validators]
    let headers: [Header]
    let certificates: [Certificate]
    let signed: [Signed]
    let hashDomains: [Hashed]
    let generators: [Generator]

    static let vectors: Golden = {
        do { return try JSONDecoder().decode(Golden.self, from: Vectors.data("golden.json")) } catch {
            preconditionFailure("golden.json: \(error)")
        }
    }()
}

/// Files of the `Vectors` folder.
enum Vectors {
    static func url(_ name: String) -> URL { Bundle.module.resourceURL!.appending(path: "Vectors/\(name)") }
    static func data(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }
}

func bytes(_ hex: String) -> [UInt8] { [UInt8](hex: hex)! }

// Values of the node from the fields of a vector.

extension Golden.Validators {
    var value: ValidatorSet {
        get throws {
            try ValidatorSet(epoch: Epoch(UInt64(epoch)!), validators: validators.map {
                Validator(consensusKey: PublicKey(hex: $0.consensusKey)!, vrfKey: VRFPublicKey(hex: $0.vrfKey)!, weight: UInt64($0.weight)!)
            })
        }
    }
}

extension Golden.Draft {
    var value: HeaderDraft {
        HeaderDraft(
            height: Height(UInt64(height)!), epoch: Epoch(UInt64(epoch)!), originView: View(UInt64(originView)!),
            time: Timestamp(UInt64(time)!), proposer: ValidatorIndex(proposer), parentHash: Digest(hex: parentHash)!,
            transactionsRoot: Digest(hex: transactionsRoot)!, validatorsHash: Digest(hex: validatorsHash)!,
            vrfProof: VRFProof(hex: vrfProof)!, beacon: Beacon(hex: beacon)!, protocolVersion: protocolVersion,
            parentVotes: ValidatorBitmap(parentVotes.map(ValidatorIndex.init)))
    }
}

extension Golden.Result {
    var value: HeaderResult {
        HeaderResult(
            stateRoot: Digest(hex: stateRoot)!, receiptsRoot: Digest(hex: receiptsRoot)!, eventsRoot: Digest(hex: eventsRoot)!,
            gasUsed: Gas(UInt64(gasUsed)!), nextValidatorsHash: Digest(hex: nextValidatorsHash)!)
    }
}

extension Golden.Statement {
    var value: CommitStatement {
        CommitStatement(
            epoch: Epoch(UInt64(epoch)!), height: Height(UInt64(height)!), view: View(UInt64(view)!),
            draftDigest: Digest(hex: draftDigest)!, headerHash: Digest(hex: headerHash)!)
    }
}

extension Golden.Certificate {
    var value: CommitCertificate {
        CommitCertificate(statement: statement.value, signatures: signatures.map {
            CertificateSignature(signer: ValidatorIndex($0.signer), signature: Signature(hex: $0.signature)!)
        })!
    }
}
