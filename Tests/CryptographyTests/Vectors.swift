import Foundation
import Primitives

/// The published vectors beside this file; `Vectors/README.md` names their sources.
enum Vectors {
    struct File<Vector: Decodable>: Decodable { let vectors: [Vector] }

    static func load<Value: Decodable>(_ name: String, as _: Value.Type = Value.self) throws -> Value {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/\(name).json")
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
    }

    static func list<Vector: Decodable>(_ name: String, of _: Vector.Type = Vector.self) throws -> [Vector] {
        try load(name, as: File<Vector>.self).vectors
    }
}

/// A byte string that a vector file writes in hexadecimal.
struct Hex: Decodable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let bytes = [UInt8](hex: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal: \(text)")
        }
        self.bytes = bytes
    }
}

extension FixedBytes {
    /// The vector's bytes, which must have the right length.
    init(_ hex: Hex) { self.init(hex.bytes)! }
}
