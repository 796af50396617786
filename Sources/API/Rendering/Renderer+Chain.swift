import Interface
import Ledger
import Primitives

// Resources that need no schemas.

extension HeadResource {
    init(_ head: ChainHead) {
        self.init(
            height: head.height.rawValue, hash: FixedHex(head.hash), time: TimeText(head.header.draft.time), epoch: head.header.draft.epoch.rawValue,
            stateRoot: FixedHex(head.header.result.stateRoot), oldestBlock: head.oldestBlock.rawValue, oldestState: head.oldestState.rawValue)
    }
}

extension BlockResource {
    /// - Parameter isAlone: with the header and the certificate as bytes.
    init(_ block: FinalBlock, isAlone: Bool) {
        let draft = block.header.draft
        let result = block.header.result
        self.init(
            height: draft.height.rawValue, hash: FixedHex(block.hash), time: TimeText(draft.time), epoch: draft.epoch.rawValue,
            view: draft.originView.rawValue, proposer: draft.proposer.rawValue, parentHash: FixedHex(draft.parentHash),
            transactionsRoot: FixedHex(draft.transactionsRoot), stateRoot: FixedHex(result.stateRoot), receiptsRoot: FixedHex(result.receiptsRoot),
            eventsRoot: FixedHex(result.eventsRoot), validatorsHash: FixedHex(draft.validatorsHash), nextValidatorsHash: FixedHex(result.nextValidatorsHash),
            beacon: FixedHex(draft.beacon), protocolVersion: draft.protocolVersion, gasUsed: result.gasUsed.rawValue,
            transactionCount: UInt32(block.transactions.count), receiptCount: UInt32(block.receipts.count), eventCount: UInt32(block.events.count),
            parentVotes: draft.parentVotes.indices.map(\.rawValue), signers: block.certificate?.signatures.map(\.signer.rawValue),
            certificate: isAlone ? block.certificate.map { Hex($0.bcs) } : nil, header: isAlone ? Hex(block.header.bcs) : nil)
    }
}

extension ParameterResource {
    static func all(_ parameters: NetworkParameters) -> [ParameterResource] {
        NetworkParameters.fields.map { ParameterResource(name: $0.name.description, value: NumberText($0.get(parameters)), meaning: $0.meaning.description) }
    }
}

extension ValidatorResource {
    init(_ validator: Validator) {
        self.init(consensusKey: FixedHex(validator.consensusKey), vrfKey: FixedHex(validator.vrfKey), weight: NumberText(validator.weight))
    }
}

extension ValidatorsResource {
    init(_ set: ValidatorSet) {
        self.init(
            epoch: set.epoch.rawValue, hash: FixedHex(set.digest), totalWeight: NumberText(set.totalWeight),
            validators: set.validators.map { ValidatorResource($0) })
    }
}

extension PendingResource {
    init(_ pending: PendingTransaction) {
        self.init(id: FixedHex(pending.id), nonce: pending.nonce.rawValue, gasPrice: AmountText(pending.gasPrice), isExecutable: pending.isExecutable)
    }
}

extension NetworkWord {
    init(_ kind: NetworkKind) {
        self = switch kind {
        case .main: .main
        case .development: .development
        }
    }
}

extension ChainHead {
    /// The epoch of the next block.
    var nextEpoch: Epoch { header.endsEpoch ? header.draft.epoch.successor : header.draft.epoch }
}
