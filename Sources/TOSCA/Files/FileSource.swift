/// Where the files of a document come from: a directory, an archive, or memory. Names are relative to its root and use `/`; whatever a
/// document asks for, nothing outside the root is ever read.
public protocol FileSource {
    /// The bytes of a file; nil when there is none. Throws when it is there but refused.
    func bytes(of path: FilePath) throws(Problem) -> [UInt8]?
    /// Whether there is such a file; cheaper than its bytes.
    func contains(_ path: FilePath) -> Bool
}

/// The name of a file below a root: parts without tricks.
public struct FilePath: Hashable, Sendable, CustomStringConvertible {
    public let parts: [String]

    /// `name` as written in a file of `directory`; nil when it is empty, absolute, leaves the root, or holds what no name of a file should
    /// hold: backslashes, colons, control characters, `~` in front.
    public init?(_ name: String, in directory: String = "") {
        guard !name.isEmpty, name.utf8.count <= 1_024, !name.hasPrefix("/"), !name.hasPrefix("~"),
              !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f || $0 == "\\" || $0 == ":" || $0 == "\u{fffd}" }) else { return nil }
        var parts = directory.split(separator: "/").map(String.init)
        for part in name.split(separator: "/", omittingEmptySubsequences: true) {
            switch part {
            case ".": continue
            case "..": if parts.popLast() == nil { return nil }
            default: parts.append(String(part))
            }
        }
        guard !parts.isEmpty, parts.allSatisfy({ $0.utf8.count <= 255 }), parts.count <= 32 else { return nil }
        self.parts = parts
    }

    public var description: String { parts.joined(separator: "/") }
    var directory: String { parts.dropLast().joined(separator: "/") }
}

/// Files in memory: what tests, archives and programs hold.
public struct MemoryFiles: FileSource, Sendable {
    public let files: [String: [UInt8]]

    public init(_ files: [String: [UInt8]]) { self.files = files }
    public init(texts: [String: String]) { files = texts.mapValues { Array($0.utf8) } }

    public func bytes(of path: FilePath) throws(Problem) -> [UInt8]? { files[path.description] }
    public func contains(_ path: FilePath) -> Bool { files[path.description] != nil }
}
