public import Cryptography
import Foundation
public import Keystore
public import Ledger
import Primitives

/// The directory of a node:
///
///     genesis.bcs        the genesis document; its hash is the chain's identifier
///     node.json          what the operator has decided, see ``NodeConfiguration``
///     keys/ROLE.json     key files: node, and for a validator validator and vrf
///     data/              the chain, see `ChainStore`
///     store-made         that `data/` was made: should it be missing, what it held is lost
public struct NodeHome: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public var genesisPath: String { path + "/genesis.bcs" }
    public var configurationPath: String { path + "/node.json" }
    public var dataPath: String { path + "/data" }
    var storeMarkPath: String { path + "/store-made" }
    public func keyPath(_ role: KeyRole) -> String { "\(path)/keys/\(role).json" }

    /// Bytes of a genesis document; a larger file is not read.
    static let genesisBytesMax = 64 << 20

    public func readGenesis() throws(NodeError) -> Genesis {
        guard let file = FileHandle(forReadingAtPath: genesisPath) else {
            throw NodeError(.homeIncomplete, "\(genesisPath) is not there", remedy: "run `trellis init`, or copy the genesis document of the network there")
        }
        defer { try? file.close() }
        do {
            let bytes = try file.read(upToCount: Self.genesisBytesMax + 1) ?? Data()
            guard bytes.count <= Self.genesisBytesMax else { throw NodeError(.genesisInvalid, "\(genesisPath) is too large to be a genesis document") }
            return try Genesis(bcs: Array(bytes))
        } catch let error as NodeError { throw error } catch {
            throw NodeError(.genesisInvalid, "\(genesisPath) is no genesis document: \(error)", remedy: "copy the genesis document of the network there again")
        }
    }

    /// The key of a role; nil when there is no file.
    public func readKey(_ role: KeyRole, _ passphrase: Passphrase) throws(NodeError) -> RoleKey? {
        let path = keyPath(role)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do throws(KeystoreError) {
            let key = try KeyFile.read(path).open(passphrase)
            guard key.role == role else { throw KeystoreError(.damaged, "\(path) holds a \(key.role) key") }
            return key
        } catch {
            throw NodeError(.keyUnreadable, "\(path): \(error)", remedy: "check the file's owner, mode and passphrase; `trellis doctor` looks at all of them")
        }
    }
}

/// The keys of a running node.
public struct NodeKeys: Sendable {
    /// What peers know the node by.
    public let node: SigningKey
    /// What it votes with, if it votes.
    public let consensus: SigningKey?
    /// What it proves its randomness with; there exactly with ``consensus``.
    public let vrf: VRFKey?
    /// What it reports offences with, if it has an account.
    public let account: SigningKey?

    public init(node: SigningKey, consensus: SigningKey? = nil, vrf: VRFKey? = nil, account: SigningKey? = nil) {
        precondition((consensus == nil) == (vrf == nil))
        self.node = node
        self.consensus = consensus
        self.vrf = vrf
        self.account = account
    }

    /// The keys in `home`. A consensus key without a VRF key, or the reverse, is refused.
    public init(in home: NodeHome, _ passphrase: Passphrase) throws(NodeError) {
        guard let node = try home.readKey(.node, passphrase)?.signingKey else {
            throw NodeError(.homeIncomplete, "\(home.keyPath(.node)) is not there", remedy: "run `trellis init`")
        }
        let consensus = try home.readKey(.validator, passphrase)?.signingKey
        let vrf = try home.readKey(.vrf, passphrase)?.vrfKey
        guard (consensus == nil) == (vrf == nil) else {
            throw NodeError(.homeIncomplete, "a validator has a validator key and a vrf key, and \(home.path)/keys holds one of them", remedy: "restore the other one from its recovery phrase")
        }
        self.init(node: node, consensus: consensus, vrf: vrf, account: try home.readKey(.account, passphrase)?.signingKey)
    }
}

/// Why a node cannot start or go on.
public struct NodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Stable and never reused.
    @frozen public enum Code: String, Sendable {
        case homeIncomplete = "node.home"
        case keyUnreadable = "node.key"
        case genesisInvalid = "node.genesis"
        case configurationInvalid = "node.configuration"
        case storeFailed = "node.store"
        case networkFailed = "node.network"
        /// This node and the network disagree about the state.
        case diverged = "node.diverged"
        case executionFailed = "node.execution"
    }

    public let code: Code
    public let reason: String
    /// What the operator can do.
    public let remedy: String?

    public init(_ code: Code, _ reason: String, remedy: String? = nil) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    public var description: String { "\(code.rawValue): \(reason)\(remedy.map { ". \($0.prefix(1).uppercased())\($0.dropFirst())." } ?? "")" }
}
