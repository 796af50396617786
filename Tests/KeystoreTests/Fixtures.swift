import Cryptography
import Foundation
import Keystore
import Primitives
import Testing

/// The published vectors beside this file; `Vectors/README.md` names their sources.
enum Vectors {
    private struct File<Vector: Decodable>: Decodable { let vectors: [Vector] }

    static func load<Value: Decodable>(_ name: String, as _: Value.Type = Value.self) throws -> Value {
        let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/\(name).json")
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
    }

    static func list<Vector: Decodable>(_ name: String, of _: Vector.Type = Vector.self) throws -> [Vector] {
        try load(name, as: File<Vector>.self).vectors
    }
}

/// A directory that goes with its owner.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array((FileManager.default.temporaryDirectory.path + "/trellis-keystore-XXXXXX").utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

extension SecretBytes {
    convenience init(text: String) { self.init(copying: Array(text.utf8)) }
    convenience init(hex: String) { self.init(copying: [UInt8](hex: hex)!) }
    var hex: String { withUnsafeBytes { Array($0).hex } }
    var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension Passphrase {
    init(text: String) throws {
        var bytes = Array(text.utf8)
        try self.init(wiping: &bytes)
    }
}

extension Argon2id.Parameters {
    /// The least there is: what is tested here is not how long guessing takes.
    static let cheap = Argon2id.Parameters(passes: 1, memoryBytes: Argon2id.memoryBytesMin)!
}

/// The code of the error that `body` throws, or nil when it throws none.
func code(_ body: () throws -> Void) -> KeystoreError.Code? {
    do {
        try body()
        return nil
    } catch let error as KeystoreError { return error.code } catch {
        Issue.record("another kind of error: \(error)")
        return nil
    }
}
