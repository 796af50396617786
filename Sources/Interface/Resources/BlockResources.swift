public import Primitives

public struct BlockResource: Resource {
    public let height: UInt64
    public let hash: FixedHex<Digest>
    public let time: TimeText
    public let epoch: UInt64
    public let view: UInt64
    public let proposer: UInt16
    public let parentHash: FixedHex<Digest>
    public let transactionsRoot: FixedHex<Digest>
    public let stateRoot: FixedHex<Digest>
    public let receiptsRoot: FixedHex<Digest>
    public let eventsRoot: FixedHex<Digest>
    public let validatorsHash: FixedHex<Digest>
    public let nextValidatorsHash: FixedHex<Digest>
    public let beacon: FixedHex<Beacon>
    public let protocolVersion: UInt32
    public let gasUsed: UInt64
    public let transactionCount: UInt32
    public let receiptCount: UInt32
    public let eventCount: UInt32
    public let parentVotes: [UInt16]
    public let signers: [UInt16]?
    public let certificate: Hex?
    public let header: Hex?

    public init(
        height: UInt64, hash: FixedHex<Digest>, time: TimeText, epoch: UInt64, view: UInt64, proposer: UInt16, parentHash: FixedHex<Digest>,
        transactionsRoot: FixedHex<Digest>, stateRoot: FixedHex<Digest>, receiptsRoot: FixedHex<Digest>, eventsRoot: FixedHex<Digest>,
        validatorsHash: FixedHex<Digest>, nextValidatorsHash: FixedHex<Digest>, beacon: FixedHex<Beacon>, protocolVersion: UInt32, gasUsed: UInt64,
        transactionCount: UInt32, receiptCount: UInt32, eventCount: UInt32, parentVotes: [UInt16], signers: [UInt16]? = nil, certificate: Hex? = nil,
        header: Hex? = nil
    ) {
        self.height = height
        self.hash = hash
        self.time = time
        self.epoch = epoch
        self.view = view
        self.proposer = proposer
        self.parentHash = parentHash
        self.transactionsRoot = transactionsRoot
        self.stateRoot = stateRoot
        self.receiptsRoot = receiptsRoot
        self.eventsRoot = eventsRoot
        self.validatorsHash = validatorsHash
        self.nextValidatorsHash = nextValidatorsHash
        self.beacon = beacon
        self.protocolVersion = protocolVersion
        self.gasUsed = gasUsed
        self.transactionCount = transactionCount
        self.receiptCount = receiptCount
        self.eventCount = eventCount
        self.parentVotes = parentVotes
        self.signers = signers
        self.certificate = certificate
        self.header = header
    }

    public static let documentation = "A final block."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Its height.",
            "hash": "The hash of its header.",
            "time": "Its time.",
            "epoch": "Its epoch.",
            "view": "The attempt in which it was proposed.",
            "proposer": "The place of its proposer in the set.",
            "parentHash": "The block below; zeros at height 0.",
            "transactionsRoot": "The Merkle root of its transactions.",
            "stateRoot": "The authenticated state behind it.",
            "receiptsRoot": "The Merkle root of its receipts.",
            "eventsRoot": "The Merkle root of its events.",
            "validatorsHash": "The set that signed it.",
            "nextValidatorsHash": "The set that signs the next block.",
            "beacon": "Its random value.",
            "protocolVersion": "The rules it follows.",
            "gasUsed": "The sum over its receipts.",
            "transactionCount": "Transactions in it.",
            "receiptCount": "Receipts: those of the transactions, then those of hooks.",
            "eventCount": "Events in it.",
            "parentVotes": "Places of those who signed the block below, as this proposer saw it.",
            "signers": "Places of those whose signatures the certificate has; absent at height 0.",
            "certificate": "The certificate in BCS; only for a single block.",
            "header": "The header in BCS; only for a single block.",
        ]
    }
}

public struct BeaconResource: Resource {
    public let height: UInt64
    public let beacon: FixedHex<Beacon>
    public let proposer: UInt16
    public let vrfKey: FixedHex<VRFPublicKey>?
    public let vrfProof: FixedHex<VRFProof>

    public init(height: UInt64, beacon: FixedHex<Beacon>, proposer: UInt16, vrfKey: FixedHex<VRFPublicKey>? = nil, vrfProof: FixedHex<VRFProof>) {
        self.height = height
        self.beacon = beacon
        self.proposer = proposer
        self.vrfKey = vrfKey
        self.vrfProof = vrfProof
    }

    public static let documentation = "The random value of a block, and how it was made."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "The block.",
            "beacon": "The value.",
            "proposer": "The place of its maker in the set.",
            "vrfKey": "The key that proves it, when the set is still known.",
            "vrfProof": "The proof, RFC 9381.",
        ]
    }
}
