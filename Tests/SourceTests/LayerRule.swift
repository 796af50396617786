/// Which module a room may import: the picture of the house, as a table. An arrow that is missing here is an import that
/// fails; adding one is a decision about the architecture and deserves the same thought.
enum LayerRule {
    /// Rooms below the glass line and what each may import.
    static let core: [String: Set<String>] = [
        "Primitives": [],
        "Cryptography": ["Primitives", "CSodium", "COpenSSL"],
        "Consensus": ["Primitives"],
        "Gossip": ["Primitives", "Cryptography", "Ledger"],
        // Light-client verification follows a value from a state proof to a certified header.
        "Ledger": ["Primitives", "Cryptography", "WorldState"],
        "WorldState": ["Primitives", "Cryptography"],
        "Execution": ["Primitives", "Cryptography", "Ledger", "WorldState"],
        "ContractVM": ["Primitives", "Cryptography", "Ledger", "WorldState", "Execution", "CInterpreter"],
        "Contracts": ["Primitives", "Cryptography", "Ledger", "WorldState", "Execution"],
    ]

    /// Rooms of the shell, and what each may import beside the core and the platform. No shell room sees another one,
    /// except through protocols of its own.
    static let shell: [String: Set<String>] = [
        // Not `Network`: libraries import a module of that name where there is one, and mean Apple's.
        "Storage": ["CLMDB", "CChecksum"],
        "Verification": [],
        "Keystore": ["CSodium"],
        "Networking": ["NIOCore", "NIOPosix", "NIOTLS", "NIOSSL"],
        "ContractKit": [],
        "Interface": [],
        "API": ["Interface", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTPTypes", "ServiceLifecycle"],
        "TOSCA": ["CYaml", "CZlib"],
        "Client": ["Interface", "AsyncHTTPClient", "NIOCore", "NIOHTTP1"],
        "Monitoring": ["Client", "Interface", "AsyncHTTPClient", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "Yams"],
        "Roles": ["Client", "TOSCA"],
    ]

    /// What sees every room: the composition root and the program.
    static let everything: Set<String> = ["Node", "trellis"]

    static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Dispatch", "Logging", "ArgumentParser",
    ]

    static func violations(_ files: [SourceFile]) -> [Violation] {
        files.flatMap { file -> [Violation] in
            guard let room = file.room, !everything.contains(room) else { return [] }
            let allowed: Set<String>
            if let row = core[room] {
                allowed = row
            } else if let row = shell[room] {
                allowed = row.union(core.keys).union(platform)
            } else {
                return [Violation(file, "the room \(room) has no row in the layer table of Tests/SourceTests/LayerRule.swift")]
            }
            return imports(of: file).filter { !allowed.contains($0.module) }.map {
                Violation(file, line: $0.line, "\(room) must not import \($0.module)")
            }
        }
    }

    /// The modules that a file imports, in whatever form the import is written.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        return file.codeLines.compactMap { number, line in
            let words = line.split(whereSeparator: { " \t;".contains($0) })
            guard let keyword = words.firstIndex(of: "import"),
                  words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains($0) }),
                  var module = words[(keyword + 1)...].first else { return nil }
            if kinds.contains(String(module)), let next = words[(keyword + 1)...].dropFirst().first { module = next }
            return (String(module.split(separator: ".").first ?? module), number)
        }
    }
}
