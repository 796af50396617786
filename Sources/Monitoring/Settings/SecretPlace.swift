import Cryptography
import Foundation
import Primitives

/// Where a secret is kept: its value is read when it is used, and is in no description, log or journal.
public enum SecretPlace: Hashable, Sendable, CustomStringConvertible {
    case environment(String)
    case file(String)

    public var description: String {
        switch self {
        case .environment(let name): "the variable \(name)"
        case .file(let path): "the file \(path)"
        }
    }

    /// The secret without the line break that editors leave at the end of a file.
    func read() throws(SourceError) -> SecretBytes {
        var bytes: [UInt8]
        switch self {
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name] else { throw SourceError(.credentials, "\(self) is not set") }
            bytes = Array(value.utf8)
        case .file(let path):
            guard let handle = FileHandle(forReadingAtPath: path),
                  let data = try? handle.read(upToCount: MonitoringLimits.secretBytesMax + 1) else {
                throw SourceError(.credentials, "\(self) cannot be read")
            }
            bytes = Array(data)
        }
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        defer { SecretBytes.wipe(&bytes) }
        guard !bytes.isEmpty, bytes.count <= MonitoringLimits.secretBytesMax else {
            throw SourceError(.credentials, "\(self) holds nothing, or more than \(MonitoringLimits.secretBytesMax) bytes")
        }
        return SecretBytes(copying: bytes)
    }

    /// The secret as a part of a header: visible characters alone, so that it cannot end the header's line.
    func headerText() throws(SourceError) -> String {
        let secret = try read()
        guard let text = secret.withUnsafeBytes({ bytes in bytes.allSatisfy { (0x20...0x7e).contains($0) } ? String(decoding: bytes, as: UTF8.self) : nil })
        else { throw SourceError(.credentials, "\(self) holds characters that cannot be sent") }
        return text
    }
}

enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
