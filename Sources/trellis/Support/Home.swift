import Contracts
import Cryptography
import Execution
import Foundation
import Keystore
import Ledger
import Node
import Primitives

/// Where everything of a node or a user is.
struct Home {
    let path: String

    var keys: String { path + "/keys" }
    var genesis: String { path + "/genesis.bcs" }
    var settings: String { path + "/" + ConfigurationFile.name }
    var data: String { path + "/data" }

    /// The names of the keys that a node has, by role: also those of their files.
    static func keyName(_ role: KeyRole) -> KeyName {
        guard let name = KeyName(role.description) else { preconditionFailure("a role's name is a key's name") }
        return name
    }

    /// The genesis document of this home; nil when there is none.
    func genesisIfPresent() throws -> Genesis? {
        FileManager.default.fileExists(atPath: genesis) ? try GenesisFile.read(genesis) : nil
    }

    /// The kind of network, for the form of addresses: that of the genesis document, else development.
    var network: NetworkKind { ((try? genesisIfPresent()) ?? nil)?.charter.network ?? .development }
}

/// A genesis document as a file: its canonical encoding.
enum GenesisFile {
    /// The largest document: all validators, all allocations.
    private static let bytesMax = 8 << 20

    static func read(_ path: String) throws -> Genesis {
        let bytes = try Files.read(path, max: bytesMax)
        do throws(BCSError) { return try Genesis(bcs: bytes) } catch {
            throw CommandFailure(
                code: "genesis.malformed", what: "\(path) is not a genesis document", why: "\(error)",
                next: "Fetch the document again; its identifier is checked with trellis genesis id \(path)")
        }
    }

    /// Computes the first state and compares.
    static func check(_ genesis: Genesis, path: String) throws {
        let sealed: Genesis
        do throws(GenesisState.Failure) { sealed = try GenesisState.sealed(genesis, Catalogue.definitions) } catch {
            throw CommandFailure(code: "genesis.invalid", what: "\(path) makes no first state", why: "\(error)")
        }
        guard sealed.stateRoot == genesis.stateRoot else {
            throw CommandFailure(
                code: "genesis.state-root", what: "\(path) names a first state that it does not make",
                why: "the document says \(genesis.stateRoot), its content makes \(sealed.stateRoot)",
                next: "Ask for the document of the network's protocol version, or make it anew: trellis genesis new --help")
        }
    }
}

/// Finds the presets of networks.
enum PresetFile {
    /// A path when the name looks like one; else `Genesis/NAME.json` in the current directory and above, above the program, and where
    /// packages put it.
    static func read(_ name: String) throws -> GenesisPreset {
        let path = name.contains("/") || name.hasSuffix(".json") ? name : try find(name)
        return try GenesisPreset(json: Data(try Files.read(path, max: GenesisPreset.bytesMax + 1)))
    }

    private static func find(_ name: String) throws -> String {
        var folders: [String] = []
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        for start in [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), program] {
            var folder = start.standardizedFileURL
            for _ in 0..<16 {
                folders.append(folder.appendingPathComponent("Genesis").path)
                guard folder.path != "/" else { break }
                folder.deleteLastPathComponent()
            }
        }
        folders.append("/usr/share/trellis/Genesis")
        for folder in folders where FileManager.default.fileExists(atPath: "\(folder)/\(name).json") { return "\(folder)/\(name).json" }
        throw CommandFailure(
            code: "genesis.preset-not-found", what: "there is no preset \(name)",
            why: "looked for Genesis/\(name).json here, above, beside the program and in /usr/share/trellis",
            next: "Name one of single, devnet and testnet, or the path of a file.", status: .notFound)
    }
}
