/// What contracts of the protocol say at one height, with a proof if it is asked for. A `DynamicValue` has the form of a contract's schema;
/// another value is made of several answers.
public struct AnswerResource<Value: Codable & Hashable & Sendable>: Resource {
    public let height: UInt64
    public let value: Value
    public let reads: [Hex]?
    public let proof: Hex?

    public init(height: UInt64, value: Value, reads: [Hex]? = nil, proof: Hex? = nil) {
        self.height = height
        self.value = value
        self.reads = reads
        self.proof = proof
    }

    public static var resourceName: String {
        if let resource = Value.self as? any Resource.Type { "AnswerOf\(resource.resourceName)" } else { "Answer" }
    }

    public static var documentation: String { "What a contract of the protocol says." }
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "Behind which block this holds.",
            "value": "What it says.",
            "reads": "With `proof=1`: the state keys that the answer depends on.",
            "proof": "With `proof=1`: a proof bundle in BCS of those keys.",
        ]
    }
}
