public import Primitives

public struct ValidatorResource: Resource {
    public let consensusKey: FixedHex<PublicKey>
    public let vrfKey: FixedHex<VRFPublicKey>
    public let weight: NumberText

    public init(consensusKey: FixedHex<PublicKey>, vrfKey: FixedHex<VRFPublicKey>, weight: NumberText) {
        self.consensusKey = consensusKey
        self.vrfKey = vrfKey
        self.weight = weight
    }

    public static let documentation = "A voter."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "consensusKey": "Signs votes.",
            "vrfKey": "Proves random values.",
            "weight": "Its weight: whole tokens of stake.",
        ]
    }
}

public struct ValidatorsResource: Resource {
    public let epoch: UInt64
    public let hash: FixedHex<Digest>
    public let totalWeight: NumberText
    public let validators: [ValidatorResource]

    public init(epoch: UInt64, hash: FixedHex<Digest>, totalWeight: NumberText, validators: [ValidatorResource]) {
        self.epoch = epoch
        self.hash = hash
        self.totalWeight = totalWeight
        self.validators = validators
    }

    public static let documentation = "The voters of an epoch."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "epoch": "Which.",
            "hash": "The hash of the set, as headers name it.",
            "totalWeight": "The sum of weights: more than two thirds decide.",
            "validators": "In the order of their places.",
        ]
    }
}
