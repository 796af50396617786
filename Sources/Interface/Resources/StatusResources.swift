public import Primitives

/// What a node does for the chain.
public enum RoleWord: String, WordValue {
    case validator, candidate, full
}

public struct StatusResource: Resource {
    public let version: String
    public let chainID: FixedHex<ChainID>
    public let role: RoleWord
    public let nodeKey: FixedHex<PublicKey>
    public let consensusKey: FixedHex<PublicKey>?
    public let head: HeadResource
    public let epoch: UInt64
    public let isReady: Bool
    public let obstacles: [ObstacleResource]
    public let sync: SyncResource
    public let pool: PoolResource
    public let peerCount: UInt32
    public let consensus: ConsensusResource
    public let uptimeMilliseconds: UInt64

    public init(
        version: String, chainID: FixedHex<ChainID>, role: RoleWord, nodeKey: FixedHex<PublicKey>, consensusKey: FixedHex<PublicKey>? = nil,
        head: HeadResource, epoch: UInt64, isReady: Bool, obstacles: [ObstacleResource], sync: SyncResource, pool: PoolResource, peerCount: UInt32,
        consensus: ConsensusResource, uptimeMilliseconds: UInt64
    ) {
        self.version = version
        self.chainID = chainID
        self.role = role
        self.nodeKey = nodeKey
        self.consensusKey = consensusKey
        self.head = head
        self.epoch = epoch
        self.isReady = isReady
        self.obstacles = obstacles
        self.sync = sync
        self.pool = pool
        self.peerCount = peerCount
        self.consensus = consensus
        self.uptimeMilliseconds = uptimeMilliseconds
    }

    public static let documentation = "How the node is."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "version": "Of the program.",
            "chainID": "Its chain.",
            "role": "`validator` votes in this epoch, `candidate` has a consensus key that does not, `full` follows.",
            "nodeKey": "The key of its connections.",
            "consensusKey": "The key of its votes, when it has one.",
            "head": "The newest final block it has.",
            "epoch": "The epoch of its next block.",
            "isReady": "Whether it is ready to serve.",
            "obstacles": "Why it is not ready; empty when it is.",
            "sync": "What catching up does.",
            "pool": "Transactions that wait.",
            "peerCount": "Connected peers.",
            "consensus": "What agreement waits for, and for whom.",
            "uptimeMilliseconds": "Since the node began.",
        ]
    }
}

public struct ObstacleResource: Resource {
    public let code: String
    public let text: String

    public init(code: String, text: String) {
        self.code = code
        self.text = text
    }

    public static let documentation = "A reason why the node is not ready."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "code": "Stable, such as `sync.behind`.",
            "text": "The reason in words.",
        ]
    }
}

public struct SyncResource: Resource {
    public let phase: String
    public let have: UInt64
    public let total: UInt64

    public init(phase: String, have: UInt64, total: UInt64) {
        self.phase = phase
        self.have = have
        self.total = total
    }

    public static let documentation = "What catching up does."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "phase": "`idle`, `headers`, `snapshot` or `blocks`.",
            "have": "What is done.",
            "total": "What there is to do.",
        ]
    }
}

public struct PoolResource: Resource {
    public let count: UInt64
    public let bytes: UInt64

    public init(count: UInt64, bytes: UInt64) {
        self.count = count
        self.bytes = bytes
    }

    public static let documentation = "Transactions that wait."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "count": "How many.",
            "bytes": "Their size.",
        ]
    }
}

public struct ConsensusResource: Resource {
    public let height: UInt64
    public let view: UInt64
    public let progress: String
    public let awaiting: String
    public let primary: UInt16
    public let missing: [UInt16]
    public let since: TimeText
    public let refusal: String?
    public let alarm: String?
    public let validators: [VoterResource]

    public init(
        height: UInt64, view: UInt64, progress: String, awaiting: String, primary: UInt16, missing: [UInt16], since: TimeText,
        refusal: String? = nil, alarm: String? = nil, validators: [VoterResource]
    ) {
        self.height = height
        self.view = view
        self.progress = progress
        self.awaiting = awaiting
        self.primary = primary
        self.missing = missing
        self.since = since
        self.refusal = refusal
        self.alarm = alarm
        self.validators = validators
    }

    public static let documentation = "What agreement waits for, and for whom."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "height": "The height under way.",
            "view": "The attempt, from 0.",
            "progress": "How far this node is in it.",
            "awaiting": "What it waits for.",
            "primary": "The place of the proposer in the set.",
            "missing": "Places whose messages are missing.",
            "since": "When this last changed, by the node's clock.",
            "refusal": "Why the node has not voted for the newest proposal.",
            "alarm": "What an operator must decide.",
            "validators": "Who votes, in the order of places.",
        ]
    }
}

public struct VoterResource: Resource {
    public let consensusKey: FixedHex<PublicKey>
    public let weight: NumberText
    public let isMissing: Bool

    public init(consensusKey: FixedHex<PublicKey>, weight: NumberText, isMissing: Bool) {
        self.consensusKey = consensusKey
        self.weight = weight
        self.isMissing = isMissing
    }

    public static let documentation = "Somebody who votes."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "consensusKey": "The key of its votes.",
            "weight": "Its weight.",
            "isMissing": "Whether its message is waited for.",
        ]
    }
}

public struct ReadinessResource: Resource {
    public let isReady: Bool
    public let obstacles: [ObstacleResource]

    public init(isReady: Bool, obstacles: [ObstacleResource]) {
        self.isReady = isReady
        self.obstacles = obstacles
    }

    public static let documentation = "Whether the node is ready."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "isReady": "Whether it is.",
            "obstacles": "Why it is not.",
        ]
    }
}

public struct PeerResource: Resource {
    public let nodeKey: FixedHex<PublicKey>
    public let isInbound: Bool
    public let remoteAddress: String
    public let listenAddress: String?
    public let agent: String
    public let consensusKey: FixedHex<PublicKey>?
    public let roundTripMicroseconds: UInt64?

    public init(
        nodeKey: FixedHex<PublicKey>, isInbound: Bool, remoteAddress: String, listenAddress: String? = nil, agent: String,
        consensusKey: FixedHex<PublicKey>? = nil, roundTripMicroseconds: UInt64? = nil
    ) {
        self.nodeKey = nodeKey
        self.isInbound = isInbound
        self.remoteAddress = remoteAddress
        self.listenAddress = listenAddress
        self.agent = agent
        self.consensusKey = consensusKey
        self.roundTripMicroseconds = roundTripMicroseconds
    }

    public static let documentation = "A connected peer."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "nodeKey": "The key of its connections.",
            "isInbound": "Whether it dialled.",
            "remoteAddress": "Host and port of the connection.",
            "listenAddress": "Where it says that it listens.",
            "agent": "What it says it is.",
            "consensusKey": "When it has proved that it is a validator.",
            "roundTripMicroseconds": "Of the last ping.",
        ]
    }
}

public struct PeersResource: Resource {
    public let peers: [PeerResource]

    public init(peers: [PeerResource]) {
        self.peers = peers
    }

    public static let documentation = "Everybody who is connected."
    public static var meanings: KeyValuePairs<String, String> {
        [
            "peers": "In the order of their keys.",
        ]
    }
}
