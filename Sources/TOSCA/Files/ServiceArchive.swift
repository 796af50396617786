/// A Cloud Service Archive (TOSCA 1.3, chapter 6): a ZIP file with or without `TOSCA-Metadata/TOSCA.meta`.
public struct ServiceArchive: FileSource {
    /// The service template that the archive is about.
    public let entry: FilePath
    private let archive: ZipArchive

    /// Whether bytes begin like an archive.
    public static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) }

    /// Every file of the archive.
    public var names: [String] { archive.names }

    public init(_ bytes: [UInt8], name: String) throws(Problem) {
        archive = try ZipArchive(bytes, file: name)
        entry = try Self.entry(archive, name)
    }

    public func bytes(of path: FilePath) throws(Problem) -> [UInt8]? {
        guard let entry = archive.entries[path.description] else { return nil }
        return try archive.unpack(entry)
    }

    public func contains(_ path: FilePath) -> Bool { archive.entries[path.description] != nil }

    private static func entry(_ archive: ZipArchive, _ name: String) throws(Problem) -> FilePath {
        func refused(_ what: String, _ remedy: String) -> Problem { Problem(.archiveRefused, what, remedy: remedy, place: Place(file: name)) }
        guard let meta = archive.entries["TOSCA-Metadata/TOSCA.meta"] else {
            // Without metadata there is one template in the root (section 6.3).
            let roots = archive.names.filter { !$0.contains("/") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
            guard roots.count == 1, let path = FilePath(roots[0]) else {
                throw refused("an archive without TOSCA-Metadata has one YAML file in its root; this one has \(roots.count)",
                              "add TOSCA-Metadata/TOSCA.meta with Entry-Definitions, or keep one YAML file in the root")
            }
            return path
        }
        guard meta.size <= 64 << 10, let text = String(validating: try archive.unpack(meta), as: UTF8.self) else {
            throw refused("TOSCA-Metadata/TOSCA.meta is not a text", "write it as UTF-8, below 64 KiB")
        }
        // The first block of name and value pairs is about the archive.
        var fields: [String: String] = [:]
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.allSatisfy(\.isWhitespace) { if fields.isEmpty { continue } else { break } }
            guard let colon = line.firstIndex(of: ":") else { throw refused("TOSCA.meta has a line without a colon", "write `Name: value` lines") }
            let key = String(line[..<colon]), value = line[line.index(after: colon)...].trimmingPrefix(while: \.isWhitespace)
            guard fields.updateValue(String(value.reversed().drop(while: \.isWhitespace).reversed()), forKey: key) == nil else {
                throw refused("TOSCA.meta names \(key.prefix(80)) twice", "keep one of them")
            }
        }
        // Version 1.0 is that of TOSCA 1.0 to 1.2, 1.1 that of 1.3.
        guard let version = fields["TOSCA-Meta-File-Version"] ?? fields["TOSCA-Meta-Version"], ["1.0", "1.1"].contains(version) else {
            throw refused("TOSCA.meta has no TOSCA-Meta-File-Version that is known", "write `TOSCA-Meta-File-Version: 1.1`")
        }
        guard let definitions = fields["Entry-Definitions"], let path = FilePath(definitions), archive.entries[path.description] != nil else {
            throw refused("TOSCA.meta names no Entry-Definitions that are in the archive", "write `Entry-Definitions: FILE`")
        }
        return path
    }
}
