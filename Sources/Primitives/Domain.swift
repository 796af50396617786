/// The ASCII prefix that keeps the hashes of different kinds of value apart: `SHA-256(prefix || bytes)`.
///
/// No prefix is a prefix of another (each ends in `/1`), therefore `prefix || bytes` has one reading. RFC 6962 trees and the
/// state tree carry their own one-byte prefixes instead. A prefix is part of the protocol and never reused.
@frozen public enum HashDomain: String, CaseIterable, Sendable {
    case transaction = "trellis/transaction/1"
    case envelope = "trellis/envelope/1"
    case draft = "trellis/draft/1"
    case header = "trellis/header/1"
    case validators = "trellis/validators/1"
    case genesis = "trellis/genesis/1"
    case charter = "trellis/charter/1"
    case contract = "trellis/contract/1"
    case beacon = "trellis/beacon/1"
    case evidence = "trellis/evidence/1"
    case rotation = "trellis/rotation/1"
    case parameters = "trellis/parameters/1"
    case subaccount = "trellis/subaccount/1"
    case nameCommitment = "trellis/name-commitment/1"
    case document = "trellis/document/1"
    case documentObject = "trellis/document-object/1"
    case mapping = "trellis/mapping/1"

    public var prefix: [UInt8] { [UInt8](rawValue.utf8) }
}

/// What a signature says. The signed bytes are `trellis/<kind>/1 || chainID || BCS(body)`, so that a signature made for one
/// purpose or one network is worth nothing for another.
@frozen public enum SigningDomain: String, CaseIterable, Sendable {
    case transaction = "trellis/tx/1"
    case prePrepare = "trellis/pre-prepare/1"
    case prepare = "trellis/prepare/1"
    case commit = "trellis/commit/1"
    case viewChange = "trellis/view-change/1"
    case newView = "trellis/new-view/1"
    case status = "trellis/status/1"
    case complaint = "trellis/complaint/1"
    case hello = "trellis/hello/1"
    case measurement = "trellis/measurement/1"
    case terms = "trellis/terms/1"
    case attestation = "trellis/attestation/1"
    case keyPossession = "trellis/key-possession/1"
    case certificateBinding = "trellis/certificate-binding/1"

    public var prefix: [UInt8] { [UInt8](rawValue.utf8) }

    /// The bytes that are signed for `body` on the network `chainID`.
    public func signedBytes(_ body: some BCSCodable, chainID: ChainID) -> [UInt8] {
        var encoder = BCSEncoder(reserving: 256)
        encoder.append(prefix)
        chainID.encode(into: &encoder)
        body.encode(into: &encoder)
        return encoder.bytes
    }
}
