public import Consensus
public import Execution
public import Ledger
public import Primitives
public import WorldState

/// What the interface sees of a node: declared here, implemented by the node. Any task may call any of it at any time.
///
/// Everything it tells is final: a block that is not decided yet is not seen.
public protocol NodeView: Sendable {
    /// The chain and its first block; its identifier is `genesis.chainID`.
    var genesis: Genesis { get }
    /// Views, simulation and schemas, as functions of a state.
    var executor: BlockExecutor { get }
    /// The newest final block and what is kept of older ones.
    var head: ChainHead { get }
    /// When the next block would be if it were made now.
    var nextTime: Timestamp { get }
    /// How the node is, for people and probes.
    var status: NodeStatus { get async }
    /// Everybody who is connected, in the order of their keys.
    var peers: [PeerReport] { get async }
    /// Numbers for Prometheus.
    var metrics: [MetricFamily] { get async }

    /// Returns the newest height as soon as it is above `height`; `height` itself when the task is cancelled or the node stops.
    func height(above height: Height) async -> Height
    /// Returns as soon as a transaction that was pending is final or dropped; also when the task is cancelled or the node stops.
    func settled(_ id: TransactionID) async

    /// The final block of a height; nil when it is above the head or pruned.
    func block(at height: Height) async throws(NodeViewError) -> FinalBlock?
    /// The height of a final block; nil when there is none of this hash, or it is pruned.
    func height(ofBlock hash: Digest) async throws(NodeViewError) -> Height?
    /// The state after a block; nil when it is not kept.
    func state(at height: Height) async throws(NodeViewError) -> StateAtHeight?
    /// The voters of an epoch; nil when they are not kept.
    func validators(of epoch: Epoch) async throws(NodeViewError) -> ValidatorSet?

    /// What is known of a transaction; nil when nothing is.
    func transaction(_ id: TransactionID) async throws(NodeViewError) -> TransactionWhereabouts?
    /// Final transactions that an account sent, that transferred to it, or that told of the agreement whose escrow it is, newest first, below `position`; at most `limit`.
    func transactions(of account: Address, below position: TransactionPosition?, limit: Int) async throws(NodeViewError) -> [TransactionPosition]
    /// The nonce for the account's next transaction, behind those that wait in the pool.
    func nextNonce(of account: Address) async -> Nonce
    /// The transactions of an account that wait in the pool, in the order of nonces.
    func pending(of account: Address) async -> [PendingTransaction]
    func fees() async -> FeeLevels
    /// Offers transactions to the pool, and returns one answer each, in their order, when signatures are checked. Never throws a
    /// whole batch away: what was admitted stays admitted.
    func submit(_ transactions: [SignedTransaction]) async -> [SubmissionAnswer]
}

/// Why the node cannot answer although the question is right.
public enum NodeViewError: Error, Equatable, Sendable {
    /// The store failed; the text is for the log and for operators.
    case storage(String)
    case shuttingDown
}

/// The newest final block, and how far back answers go.
public struct ChainHead: Sendable {
    public let header: Header
    /// The header's hash.
    public let hash: Digest
    /// The oldest block that is kept with its body.
    public let oldestBlock: Height
    /// The oldest height whose state can be read.
    public let oldestState: Height

    public init(header: Header, hash: Digest, oldestBlock: Height, oldestState: Height) {
        self.header = header
        self.hash = hash
        self.oldestBlock = oldestBlock
        self.oldestState = oldestState
    }

    public var height: Height { header.height }
}

/// A final block with what came of it. The genesis block has no certificate, no transactions and no receipts.
public struct FinalBlock: Sendable {
    public let header: Header
    public let hash: Digest
    public let certificate: CommitCertificate?
    public let transactions: [SignedTransaction]
    /// Those of the transactions, in their order, then those of hooks.
    public let receipts: [Receipt]
    public let events: [EventRecord]

    public init(
        header: Header, hash: Digest, certificate: CommitCertificate?, transactions: [SignedTransaction], receipts: [Receipt], events: [EventRecord]
    ) {
        self.header = header
        self.hash = hash
        self.certificate = certificate
        self.transactions = transactions
        self.receipts = receipts
        self.events = events
    }
}

/// A state that can be read and, within the proof window, proved.
public struct StateAtHeight: Sendable {
    public let header: Header
    /// Header, certificate and voters, for proofs; nil at genesis.
    public let lightBlock: LightBlock?
    public let reader: any StateReader & Sendable
    /// Proves values; nil outside the proof window.
    public let provable: StateView?

    public init(header: Header, lightBlock: LightBlock?, reader: any StateReader & Sendable, provable: StateView?) {
        self.header = header
        self.lightBlock = lightBlock
        self.reader = reader
        self.provable = provable
    }
}

/// The place of a final transaction.
public struct TransactionPosition: Hashable, Comparable, Sendable {
    public let height: Height
    /// From 0, in the block.
    public let index: UInt32

    public init(height: Height, index: UInt32) {
        self.height = height
        self.index = index
    }

    public static func < (left: TransactionPosition, right: TransactionPosition) -> Bool {
        (left.height, left.index) < (right.height, right.index)
    }
}

public enum TransactionWhereabouts: Equatable, Sendable {
    case final(TransactionPosition)
    case pending(PendingTransaction)
    /// It left the pool without being committed, lately; the code says why.
    case dropped(code: String)
}

/// A transaction in the pool.
public struct PendingTransaction: Equatable, Sendable {
    public let id: TransactionID
    public let nonce: Nonce
    public let gasPrice: Amount
    /// Whether the next block could hold it; otherwise it waits for earlier nonces or for balance.
    public let isExecutable: Bool

    public init(id: TransactionID, nonce: Nonce, gasPrice: Amount, isExecutable: Bool) {
        self.id = id
        self.nonce = nonce
        self.gasPrice = gasPrice
        self.isExecutable = isExecutable
    }
}

/// What a unit of gas should be offered, in base units.
public struct FeeLevels: Equatable, Sendable {
    public let minimum: Amount
    public let low: Amount
    public let medium: Amount
    public let high: Amount

    public init(minimum: Amount, low: Amount, medium: Amount, high: Amount) {
        self.minimum = minimum
        self.low = low
        self.medium = medium
        self.high = high
    }
}

public enum SubmissionAnswer: Equatable, Sendable {
    /// It is in the pool, or was already.
    case admitted(TransactionID)
    /// It is in a block already.
    case final(TransactionID, TransactionPosition)
    /// A stable code, and what it means here.
    case refused(TransactionID, code: String, reason: String)
    /// The node takes no more for now; the same bytes may be sent again.
    case busy(TransactionID)
}

/// How the node is.
public struct NodeStatus: Sendable {
    public enum Role: String, Sendable, Codable {
        /// It votes in this epoch.
        case validator
        /// It has a consensus key that does not vote in this epoch.
        case candidate
        /// It follows.
        case full
    }

    /// A reason why the node is not ready, in stable words.
    public struct Obstacle: Hashable, Sendable, Codable {
        /// Like `sync.behind`.
        public let code: String
        public let text: String

        public init(code: String, text: String) {
            self.code = code
            self.text = text
        }
    }

    public let version: String
    public let nodeKey: PublicKey
    public let role: Role
    /// nil when the node has no consensus key.
    public let consensusKey: PublicKey?
    public let epoch: Epoch
    /// Why the node is not ready to serve; empty when it is.
    public let obstacles: [Obstacle]
    /// What catching up does now: `idle`, `headers`, `snapshot` or `blocks`, and how far it is.
    public let sync: SyncReport
    public let poolCount: Int
    public let poolBytes: Int
    public let peerCount: Int
    /// What consensus waits for, and for whom.
    public let consensus: StallReport
    public let voters: ValidatorSet
    /// Milliseconds since the node began.
    public let uptimeMilliseconds: UInt64

    public init(
        version: String, nodeKey: PublicKey, role: Role, consensusKey: PublicKey?, epoch: Epoch, obstacles: [Obstacle], sync: SyncReport,
        poolCount: Int, poolBytes: Int, peerCount: Int, consensus: StallReport, voters: ValidatorSet, uptimeMilliseconds: UInt64
    ) {
        self.version = version
        self.nodeKey = nodeKey
        self.role = role
        self.consensusKey = consensusKey
        self.epoch = epoch
        self.obstacles = obstacles
        self.sync = sync
        self.poolCount = poolCount
        self.poolBytes = poolBytes
        self.peerCount = peerCount
        self.consensus = consensus
        self.voters = voters
        self.uptimeMilliseconds = uptimeMilliseconds
    }
}

public struct SyncReport: Equatable, Sendable {
    public let phase: String
    public let have: UInt64
    public let of: UInt64

    public init(phase: String, have: UInt64, of: UInt64) {
        self.phase = phase
        self.have = have
        self.of = of
    }
}

/// A connected peer.
public struct PeerReport: Sendable {
    public let key: PublicKey
    public let isInbound: Bool
    /// `host:port` of the connection.
    public let remoteAddress: String
    /// Where it says that it listens.
    public let listenAddress: String?
    public let agent: String
    /// Its consensus key, when it has proved that it is a validator.
    public let validator: PublicKey?
    public let roundTripMicroseconds: UInt64?

    public init(
        key: PublicKey, isInbound: Bool, remoteAddress: String, listenAddress: String?, agent: String, validator: PublicKey?, roundTripMicroseconds: UInt64?
    ) {
        self.key = key
        self.isInbound = isInbound
        self.remoteAddress = remoteAddress
        self.listenAddress = listenAddress
        self.agent = agent
        self.validator = validator
        self.roundTripMicroseconds = roundTripMicroseconds
    }
}

/// A metric with all its samples, in Prometheus' terms.
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable { case counter, gauge }

    public struct Sample: Sendable {
        /// Names and values, in the order in which they are printed.
        public let labels: [(name: String, value: String)]
        public let value: Double

        public init(_ value: Double, labels: [(name: String, value: String)] = []) {
            self.value = value
            self.labels = labels
        }
    }

    public let name: String
    public let help: String
    public let kind: Kind
    public let samples: [Sample]

    public init(_ name: String, _ kind: Kind, help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }
}
