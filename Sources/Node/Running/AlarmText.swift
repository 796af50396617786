import Consensus
import Gossip
import Ledger
import Primitives

extension Alarm {
    /// Stable and never reused.
    var code: String {
        switch self {
        case .diverged: "consensus.diverged"
        case .certifiedInvalid: "consensus.certified-invalid"
        case .resultsDiffer: "consensus.results-differ"
        case .forked: "consensus.forked"
        case .ownKeyElsewhere: "consensus.own-key-elsewhere"
        case .journalLossOverridden: "consensus.journal-loss-overridden"
        case .journalLossResolved: "consensus.journal-loss-resolved"
        }
    }

    /// What it means and what to do.
    var text: String {
        switch self {
        case .diverged(let height, let own, let certified):
            "block \(height): the network certified \(certified), this node computed \(own). It votes no more; restore its state from a snapshot"
        case .certifiedInvalid(let height, _):
            "block \(height) is certified and this node holds it for invalid. It votes no more; restore its state from a snapshot"
        case .resultsDiffer(let height, let groups):
            "block \(height): validators computed \(groups.count) different results, and none can have a quorum. The chain halts until they agree"
        case .forked(let first, let second):
            "block \(first.statement.height) is certified twice, as \(first.statement.headerHash) and \(second.statement.headerHash): more than a third of the weight is faulty. This node votes no more"
        case .ownKeyElsewhere: "votes with this node's key come from elsewhere: a second copy of it runs, or its key is stolen. Stop one of them at once"
        case .journalLossOverridden(let floor): "the lost journal was overridden; nothing is signed at height \(floor) or below"
        case .journalLossResolved(let floor): "a quorum has told this node how far it may have voted; it votes again above height \(floor)"
        }
    }
}

extension MempoolRejection {
    /// What is wrong, in the numbers of the case.
    var text: String {
        switch self {
        case .known: "this very transaction is here already"
        case .transaction(let rejection): rejection.text
        case .replacementUnderpriced(let required): "another transaction has this nonce; to replace it, offer a gas price of at least \(required.units) base units"
        case .senderFull(let bytes, let limit): "the sender would have \(bytes) bytes in the pool; one may have \(limit)"
        case .poolFull: "the pool is full of transactions that pay at least as much; offer a higher gas price, or wait"
        case .busy: "too many signatures wait for their check; send it again in a moment"
        }
    }
}

extension TransactionRejection {
    var text: String {
        switch self {
        case .malformed(let error): "the bytes are no signed transaction: \(error)"
        case .bytesOverLimit(let bytes, let limit): "it has \(bytes) bytes; one may have \(limit)"
        case .gasLimitOverLimit(let gas, let limit): "its gas limit \(gas.rawValue) is above \(limit.rawValue)"
        case .gasLimitTooLow(let gas, let required): "its gas limit \(gas.rawValue) does not cover the \(required.rawValue) due before the first call"
        case .chainMismatch(let expected, let actual): "it is for the chain \(actual), and this is \(expected)"
        case .expired(let until, let height): "it may be in blocks up to \(until), and the next one is \(height)"
        case .senderUnknown(let address): "the account \(address.bytes.hex) has never had a balance here"
        case .nonceUsed(let nonce, let next): "its nonce \(nonce.rawValue) is used; the account's next is \(next.rawValue)"
        case .nonceTooFarAhead(let nonce, let next): "its nonce \(nonce.rawValue) is too far ahead of the account's next, \(next.rawValue)"
        case .nonceNotConsecutive(let nonce, let expected): "its nonce is \(nonce.rawValue), and \(expected.rawValue) would follow"
        case .reserveOverflow: "fee and values overflow; no balance covers them"
        case .balanceTooLow(let required, let available): "it needs \(required.units) base units set aside, and the account has \(available.units)"
        case .gasPriceTooLow(let price, let minimum): "its gas price \(price.units) is below the network's minimum of \(minimum.units)"
        case .senderMismatch: "its keys are not those of its sender"
        case .signatureInvalid: "a signature does not hold, or a key may not be used"
        }
    }
}
