import Consensus
import Ledger
import Primitives

/// What the node writes to its consensus journal.
enum JournalEntry: Sendable {
    /// A record of the replica. With one that names a proposal come its bodies, unless an earlier record of the height brought them.
    case record(JournalRecord, bodies: [SignedTransaction])
    /// What all records before amount to. A journal is read from its newest checkpoint on.
    case checkpoint(ReplicaState)
    /// The journal was begun after a loss: until a floor is known, this node may have signed what it does not remember.
    case lost

    var bytes: [UInt8] {
        var encoder = BCSEncoder(reserving: 1024)
        encoder.encodeVariant(0)
        switch self {
        case .record(let record, let bodies):
            encoder.encodeVariant(0)
            encoder.encode(record)
            Envelopes.encode(bodies, into: &encoder)
        case .checkpoint(let state):
            encoder.encodeVariant(1)
            encoder.encode(state)
        case .lost: encoder.encodeVariant(2)
        }
        return encoder.bytes
    }

    init(_ bytes: [UInt8]) throws(BCSError) {
        var decoder = BCSDecoder(bytes)
        _ = try decoder.decodeVariant(count: 1)
        switch try decoder.decodeVariant(count: 3) {
        case 0: self = .record(try decoder.decode(JournalRecord.self), bodies: try Envelopes.decode(from: &decoder))
        case 1: self = .checkpoint(try decoder.decode(ReplicaState.self))
        default: self = .lost
        }
        try decoder.finish()
    }
}

extension JournalRecord {
    /// The proposal whose bodies must be durable with this record.
    var proposal: Proposal? {
        switch self {
        case .vote(_, let proposal): proposal
        case .prepared(let prepared): prepared.proposal
        case .committed(let record): record.block.proposal
        case .evidence, .floor: nil
        }
    }
}
