import Primitives

/// What a frame is for. Each class has its own priority when sending, its own credit and quota when receiving, and its own
/// bounded queue, so that no class can delay or crowd out a more urgent one.
@frozen public enum TrafficClass: UInt8, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// Votes and proposals. Taken only from peers that have proved to be validators.
    case consensus = 1
    /// Blocks, snapshots and whatever else answers a request for history.
    case sync = 2
    case transactions = 3
    /// Addresses of peers.
    case discovery = 4

    public var description: String {
        switch self {
        case .consensus: "consensus"
        case .sync: "sync"
        case .transactions: "transactions"
        case .discovery: "discovery"
        }
    }

    /// Bytes of one frame. A body of a block or a new view may fill the largest; a batch of transactions holds at least one of
    /// any size.
    public var frameBytesMax: Int {
        switch self {
        case .consensus, .sync: Limits.frameBytesMax
        case .transactions: 1024 * 1024
        case .discovery: 64 * 1024
        }
    }

    /// What a peer may have under way: bytes that were sent and that the receiver's owner has not taken. It is part of the
    /// protocol, and holds at least one frame of any size, or that frame could never arrive.
    var windowBytes: Int { frameBytesMax + frameBytesMax / 16 + Frame.overheadBytes }

    /// What may wait to be sent to one peer.
    var queueBytesMax: Int { 2 * windowBytes }

    /// What happens when a frame finds its queue full.
    enum Overflow: Equatable {
        /// The frame goes in and the oldest that have not been begun go out: the newest says most, and what is lost is repaired
        /// by status messages or by announcing again.
        case dropOldest
        /// The frame is refused, and whoever asked can ask again.
        case refuse
    }

    var overflow: Overflow {
        switch self {
        case .consensus, .transactions: .dropOldest
        case .sync, .discovery: .refuse
        }
    }

    /// Chunks that the class may send before the next one has its turn. Consensus does not take turns.
    var chunksPerTurn: Int {
        switch self {
        case .consensus, .discovery: 1
        case .sync, .transactions: 4
        }
    }
}

/// One value per class.
public struct PerClass<Value: Sendable>: Sendable {
    public var consensus: Value, sync: Value, transactions: Value, discovery: Value

    public init(consensus: Value, sync: Value, transactions: Value, discovery: Value) {
        self.consensus = consensus
        self.sync = sync
        self.transactions = transactions
        self.discovery = discovery
    }

    public init(_ make: (TrafficClass) -> Value) {
        self.init(consensus: make(.consensus), sync: make(.sync), transactions: make(.transactions), discovery: make(.discovery))
    }

    public subscript(trafficClass: TrafficClass) -> Value {
        get {
            switch trafficClass {
            case .consensus: consensus
            case .sync: sync
            case .transactions: transactions
            case .discovery: discovery
            }
        }
        _modify {
            switch trafficClass {
            case .consensus: yield &consensus
            case .sync: yield &sync
            case .transactions: yield &transactions
            case .discovery: yield &discovery
            }
        }
    }
}

extension PerClass: Equatable where Value: Equatable {}
