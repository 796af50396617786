public import Primitives

/// What a contract tells the world: a name and data that its schema describes. Bounded by ``Limits/eventNameBytesMax`` and
/// ``Limits/eventDataBytesMax``.
public struct Event: Hashable, Sendable, BCSCodable {
    public let contract: Address
    public let name: EventName
    public let data: [UInt8]

    /// nil when `data` is longer than ``Limits/eventDataBytesMax``.
    public init?(contract: Address, name: EventName, data: [UInt8]) {
        guard data.count <= Limits.eventDataBytesMax else { return nil }
        self.contract = contract
        self.name = name
        self.data = data
    }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encode(contract)
        encoder.encode(name)
        encoder.encodeBytes(data)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        contract = try decoder.decode(Address.self)
        name = try decoder.decode(EventName.self)
        data = try decoder.decodeBytes(limit: Limits.eventDataBytesMax)
    }
}

/// An event with where it came from: a leaf of the events tree. The origin is inside the leaf, so that a proof of the leaf also
/// proves which transaction emitted the event, and as its how-manyeth.
public struct EventRecord: Hashable, Sendable, BCSCodable {
    public let origin: Origin
    /// The place among the events of `origin`, from 0.
    public let index: UInt32
    public let event: Event

    public init(origin: Origin, index: UInt32, event: Event) {
        self.origin = origin
        self.index = index
        self.event = event
    }

    public var leaf: Digest { MerkleTree.leafHash(of: self) }

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(origin)
        encoder.encode(index)
        encoder.encode(event)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        origin = try decoder.decode(Origin.self)
        index = try decoder.decode(UInt32.self)
        event = try decoder.decode(Event.self)
    }
}

/// What made the network execute something: a transaction, or a contract's own hook at the border of a block or an epoch.
@frozen public enum Origin: Hashable, Sendable, BCSCodable {
    case transaction(TransactionID)
    case hook(contract: Address, method: MethodName)

    public func encode(into encoder: inout BCSEncoder) {
        switch self {
        case .transaction(let id):
            encoder.encodeVariant(0)
            encoder.encode(id)
        case .hook(let contract, let method):
            encoder.encodeVariant(1)
            encoder.encode(contract)
            encoder.encode(method)
        }
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        switch try decoder.decodeVariant(count: 2) {
        case 0: self = .transaction(try decoder.decode(TransactionID.self))
        default: self = .hook(contract: try decoder.decode(Address.self), method: try decoder.decode(MethodName.self))
        }
    }
}
