public import Execution

public struct InfrastructureDocumentResource: Resource {
    public let height: UInt64
    public let revision: DynamicValue
    public let document: DynamicValue
    public let data: Hex
    public let reads: [Hex]?
    public let proof: Hex?

    public init(height: UInt64, revision: DynamicValue, document: DynamicValue, data: Hex, reads: [Hex]? = nil, proof: Hex? = nil) {
        self.height = height
        self.revision = revision
        self.document = document
        self.data = data
        self.reads = reads
        self.proof = proof
    }

    public static let documentation = "The document of a revision, whole."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block this holds.",
            "revision": "Which revision, with its digest, author and reason.",
            "document": "Sections by their keywords, in each the values by their names. Decimals and negative numbers are text.",
            "data": "The same in BCS, exact: what the digest is of.",
            "reads": "With `proof=1`: the state keys that the answer depends on.",
            "proof": "With `proof=1`: a proof bundle in BCS of those keys.",
        ]
    }
}
