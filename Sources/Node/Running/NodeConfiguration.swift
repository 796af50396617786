public import Logging
public import Networking
public import Primitives
import Storage

/// What a node is told by its operator. Defaults suit a public full node; nothing here influences the content of a block.
public struct NodeConfiguration: Sendable {
    /// Where everything of the node is: `genesis.bcs`, `keys/`, `data/`.
    public var home: String
    public var network = NetworkSettings()
    public var consensus = ConsensusSettings()
    public var storage = StorageSettings()
    /// Threads that check signatures: the cores divided by the validators on this host.
    public var verificationThreads = 1
    public var sync = SyncSettings()
    public var api = APISettings()
    public var log = LogSettings()

    public init(home: String) { self.home = home }

    public struct NetworkSettings: Sendable {
        /// Where to listen; nil for a node that only dials.
        public var listen: ListenAddress? = ListenAddress(host: "0.0.0.0", port: 26_650)
        /// Where others reach this node, if that is not where it listens.
        public var external: NetworkAddress?
        /// Always dialled, never banned.
        public var persistentPeers: [PeerAddress] = []
        /// Asked for addresses while few are known.
        public var seeds: [PeerAddress] = []
        /// Keys whose addresses are told to nobody.
        public var privatePeers: [PublicKey] = []
        /// Whether addresses of this machine and of private networks count: for local test networks.
        public var allowsLocal = false
        public var inboundMax = 32
        public var outboundMax = 16

        public init() {}
    }

    public struct ConsensusSettings: Sendable {
        /// How long a view waits before it is given up; at least three times the worst execution of a block. Doubles with each view.
        public var viewTimeoutMilliseconds: UInt64 = 3_000
        public var viewTimeoutMillisecondsMax: UInt64 = 60_000
        /// The operator's word that a lost journal is to be taken for an empty one. It risks the stake: see the manual.
        public var overridesLostJournal = false

        public init() {}
    }

    public struct SyncSettings: Sendable {
        /// How many heights a snapshot must be ahead to be worth more than its blocks.
        public var snapshotGap: UInt64 = 20_000
        /// A block that the operator knows from elsewhere: catching up begins with it instead of genesis.
        public var trusted: TrustedBlock?

        public init() {}
    }

    /// The hash of a block, written `height:hash`.
    public struct TrustedBlock: Hashable, Sendable, CustomStringConvertible {
        public let height: Height
        public let hash: Digest

        public init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let height = UInt64(parts[0]), height > 0 else { return nil }
            guard let hash = Digest(hex: parts[1].hasPrefix("0x") ? String(parts[1].dropFirst(2)) : String(parts[1])) else { return nil }
            self.height = Height(height)
            self.hash = hash
        }

        public var description: String { "\(height):\(hash)" }
    }

    public struct StorageSettings: Sendable {
        /// Blocks that are kept with their bodies, behind the head; nil keeps all.
        public var retainedBlocks: UInt64?
        /// Heights whose states can be read; nil keeps all.
        public var retainedStates: UInt64? = 10_000
        /// How far apart in time the states are that are served to nodes which catch up; equal on all nodes of a network.
        public var snapshotMilliseconds = SnapshotSchedule.milliseconds
        /// For tests to be small: blocks between two flushes of the state at least, if they change little; blocks between two looks at what can be
        /// pruned, and bytes of a file of blocks, which goes as a whole.
        var flushBlocks: UInt64 = 256
        var pruneBlocks: UInt64 = 1_000
        var blockFileBytes = ChainStore.Options().blockSegmentBytes
        /// Whether damage to blocks that were acknowledged is cut off, to be fetched from peers again; else the node does not start.
        public var discardsDamage = false

        public init() {}
    }

    /// What the HTTP interface is told. The node itself does not read it: the program hands it to the interface.
    public struct APISettings: Sendable {
        /// nil for no interface. Anybody who reaches it can read the chain and send transactions; it has no other powers.
        public var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 26_651)
        /// Requests that one address may make in the long run.
        public var requestsPerSecond = 500
        /// Requests that one address may make at once.
        public var requestBurst = 1_000
        /// Names under which the interface may be asked for beside the address it is bound to, such as that of a proxy.
        public var hostNames: [String] = []
        /// Pages from these origins may read answers.
        public var origins: [String] = []

        public init() {}
    }

    public struct LogSettings: Sendable {
        public enum Format: String, CaseIterable, Sendable {
            /// A line for people.
            case text
            /// A JSON object per line.
            case json
        }

        public var level = Logger.Level.info
        public var format = Format.text

        public init() {}
    }
}

/// A numeric address of this machine and a port, written `host:port` or `[host]:port`; port 0 lets the system choose.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        // With any other port it is an address like every other.
        guard let address = NetworkAddress("\(text[..<colon]):\(max(port, 1))") else { return nil }
        self.init(host: address.host, port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
