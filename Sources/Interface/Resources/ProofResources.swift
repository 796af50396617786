public import Primitives

/// What is proved.
public enum ProofKind: String, WordValue {
    case state, transaction, receipt, event
}

public struct ProofRequest: Resource {
    public let keys: [Hex]

    public init(keys: [Hex]) {
        self.keys = keys
    }

    public static let documentation = "State keys to prove."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "keys": "Each the contract's address, 20 bytes, and the key within it; at most 512.",
        ]
    }
}

public struct ProofResource: Resource {
    public let kind: ProofKind
    public let height: UInt64
    public let blockHash: FixedHex<Digest>
    public let bundle: Hex

    public init(kind: ProofKind, height: UInt64, blockHash: FixedHex<Digest>, bundle: Hex) {
        self.kind = kind
        self.height = height
        self.blockHash = blockHash
        self.bundle = bundle
    }

    public static let documentation = "A proof bundle: `Tests/ProofVerifier/verify.py` and any light client can check it."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "kind": "What is proved.",
            "height": "Of which block.",
            "blockHash": "Of which block.",
            "bundle": "The bundle in BCS.",
        ]
    }
}
