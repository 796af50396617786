public import Ledger
public import Primitives

/// What nodes say to each other outside agreement. Everything is bounded by its decoder, and transactions arrive decoded:
/// bytes are parsed once, at the edge.
public enum GossipMessage: Hashable, Sendable {
    // ── Transactions ──
    /// Bodies: pushed by a validator to validators, or the answer to a pull.
    case transactions(TransactionBatch)
    /// Hashes of bodies that the sender has.
    case announcement([EnvelopeHash])
    /// Asks for bodies.
    case pull([EnvelopeHash])
    /// The answer about bodies that the sender does not have.
    case missing([EnvelopeHash])

    // ── Consensus ──
    /// A consensus message.
    case consensus(ConsensusEnvelope)

    // ── Catching up ──
    case status(ChainStatus)
    /// Asks for committed blocks from a height on.
    case blocksRequest(BlocksRequest)
    /// Encoded blocks of consecutive heights, possibly fewer than asked for; none when the first is not there.
    case blocks(BlocksAnswer)
    case lightRequest(LightRequest)
    /// In ascending order of heights; none when there is nothing to say.
    case light([LightBlock])
    case chunkRequest(ChunkRequest)
    case chunk(ChunkAnswer)

    // ── Peer exchange ──
    case addressesRequest
    case addresses([PeerAddress])

    /// Classes have their own priority and quota in the transport.
    @frozen public enum Class: Hashable, Sendable, CaseIterable { case consensus, sync, transactions, discovery }

    public var messageClass: Class {
        switch self {
        case .transactions, .announcement, .pull, .missing: .transactions
        case .consensus: .consensus
        case .status, .blocksRequest, .blocks, .lightRequest, .light, .chunkRequest, .chunk: .sync
        case .addressesRequest, .addresses: .discovery
        }
    }
}

/// Signed transactions in one message.
public struct TransactionBatch: Hashable, Sendable, BCSCodable {
    /// Whether the receiver should announce them to validators: set by an entry node that does not reach all of them.
    public let relay: Bool
    public let transactions: [SignedTransaction]

    public init(relay: Bool, transactions: [SignedTransaction]) {
        self.relay = relay
        self.transactions = transactions
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(relay)
        encoder.encode(transactions)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        relay = try decoder.decode(Bool.self)
        transactions = try decoder.decodeSequence(of: SignedTransaction.self, limit: GossipLimits.batchCountMax)
    }
}

/// An encoded consensus message, which this room does not read.
public struct ConsensusEnvelope: Hashable, Sendable, BCSCodable {
    /// Whether the receiver should pass it on: set by a validator that does not reach all others.
    public let relay: Bool
    public let bytes: [UInt8]

    public init(relay: Bool, bytes: [UInt8]) {
        self.relay = relay
        self.bytes = bytes
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(relay)
        encoder.encodeBytes(bytes)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        relay = try decoder.decode(Bool.self)
        bytes = try decoder.decodeBytes(limit: GossipLimits.consensusBytesMax)
    }
}

/// What a node can serve. It is a hint: it chooses whom to ask and is believed by nobody.
public struct ChainStatus: Hashable, Sendable, BCSCodable {
    /// The newest committed block.
    public let height: Height
    /// The oldest block that it can send with its body.
    public let oldestBlock: Height
    /// The height of its newest snapshot, an epoch boundary; 0 when there is none.
    public let snapshot: Height

    public init(height: Height, oldestBlock: Height, snapshot: Height) {
        self.height = height
        self.oldestBlock = oldestBlock
        self.snapshot = snapshot
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(height)
        encoder.encode(oldestBlock)
        encoder.encode(snapshot)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        height = try decoder.decode(Height.self)
        oldestBlock = try decoder.decode(Height.self)
        snapshot = try decoder.decode(Height.self)
    }
}

/// Asks for `count` blocks from `first` on.
///
/// Invariant: 1 … ``GossipLimits/blocksPerRequestMax`` blocks, and the last height is a number.
public struct BlocksRequest: Hashable, Sendable, BCSCodable {
    public let heights: ClosedRange<Height>

    public init?(_ heights: ClosedRange<Height>) {
        guard heights.upperBound.rawValue - heights.lowerBound.rawValue < UInt64(GossipLimits.blocksPerRequestMax) else { return nil }
        self.heights = heights
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(heights.lowerBound)
        encoder.encode(UInt8(heights.upperBound.rawValue - heights.lowerBound.rawValue + 1))
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        let first = try decoder.decode(Height.self)
        let count = try decoder.decode(UInt8.self)
        guard (1...GossipLimits.blocksPerRequestMax).contains(Int(count)), let last = first.advanced(by: UInt64(count) - 1) else {
            throw decoder.refuse("a request for no blocks or too many")
        }
        heights = first...last
    }
}

/// Blocks in their encoding (``Ledger/Block``): the shell decodes and judges them away from this room.
public struct BlocksAnswer: Hashable, Sendable, BCSCodable {
    public let first: Height
    public let blocks: [[UInt8]]

    /// Takes as many of `blocks` as a frame holds, at least one.
    public init(first: Height, blocks: [[UInt8]]) {
        self.first = first
        var left = GossipLimits.blocksBytesMax
        let fitting = blocks.prefix(GossipLimits.blocksPerRequestMax).prefix { block in
            left -= block.count + 8
            return left >= 0
        }
        self.blocks = Array(fitting)
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(first)
        encoder.encodeLength(blocks.count)
        for block in blocks { encoder.encodeBytes(block) }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        first = try decoder.decode(Height.self)
        let count = try decoder.decodeLength(limit: GossipLimits.blocksPerRequestMax)
        var blocks: [[UInt8]] = []
        var left = GossipLimits.blocksBytesMax
        for _ in 0..<count {
            let block = try decoder.decodeBytes(limit: left)
            left -= min(left, block.count + 8)
            blocks.append(block)
        }
        guard first.advanced(by: UInt64(count)) != nil else { throw decoder.refuse("heights beyond the last") }
        self.blocks = blocks
    }
}

/// Asks for headers with their certificates and sets.
@frozen public enum LightRequest: Hashable, Sendable, BCSCodable {
    /// The last blocks of the epochs behind the one with this boundary: the next above a height, in order.
    case boundaries(above: Height)
    case block(Height)

    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .boundaries(let height):
            encoder.encodeVariant(0)
            encoder.encode(height)
        case .block(let height):
            encoder.encodeVariant(1)
            encoder.encode(height)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 2) {
        case 0: self = .boundaries(above: try decoder.decode(Height.self))
        default: self = .block(try decoder.decode(Height.self))
        }
    }
}

/// Asks for the part of a snapshot that starts at `from`, a place in the order of paths.
public struct ChunkRequest: Hashable, Sendable, BCSCodable {
    public let height: Height
    public let from: Digest

    public init(height: Height, from: Digest) {
        self.height = height
        self.from = from
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(height)
        encoder.encode(from)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        height = try decoder.decode(Height.self)
        from = try decoder.decode(Digest.self)
    }
}

/// An encoded chunk, or that there is none to be had.
public struct ChunkAnswer: Hashable, Sendable, BCSCodable {
    public let request: ChunkRequest
    /// nil when the sender does not have the snapshot.
    public let chunk: [UInt8]?

    public init(request: ChunkRequest, chunk: [UInt8]?) {
        self.request = request
        self.chunk = chunk
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(request)
        encoder.encode(chunk != nil)
        if let chunk { encoder.encodeBytes(chunk) }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        request = try decoder.decode(ChunkRequest.self)
        chunk = try decoder.decode(Bool.self) ? try decoder.decodeBytes(limit: GossipLimits.chunkBytesMax) : nil
    }
}
