import Primitives

/// One decoder under test: bytes of anybody go in, and whatever comes out must keep the decoder's promises.
struct FuzzTarget: Sendable {
    let name: String
    /// Encodings to start from; a mutated good input reaches deeper than a random one.
    let samples: [[UInt8]]
    /// Which promise the input broke, or nil. Traps and endless loops speak for themselves.
    let check: @Sendable ([UInt8]) -> String?

    /// A canonical encoding: what decodes must encode to the same bytes.
    static func canonical<Value: BCSCodable>(_ name: String, _: Value.Type, samples: [Value]) -> FuzzTarget {
        roundTrip(name, samples: samples.map(\.bcs)) { (input: [UInt8]) throws(BCSError) in try Value(bcs: input).bcs }
    }

    /// Any other format with one encoding per value: `again` decodes and encodes, or throws.
    static func roundTrip<Failure: Error>(
        _ name: String, samples: [[UInt8]], _ again: @escaping @Sendable ([UInt8]) throws(Failure) -> [UInt8]
    ) -> FuzzTarget {
        FuzzTarget(name: name, samples: samples) { input in
            guard let output = try? again(input), output != input else { return nil }
            return "decodes, but encodes as \(output.hex)"
        }
    }

    /// A text: `broken` says which promise a text breaks. Bytes that are not UTF-8 are left out.
    static func text(_ name: String, samples: [String], _ broken: @escaping @Sendable (String) -> String?) -> FuzzTarget {
        FuzzTarget(name: name, samples: samples.map { Array($0.utf8) }) { input in
            String(validating: input, as: UTF8.self).flatMap(broken)
        }
    }
}
