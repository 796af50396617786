import Primitives

/// The first thing that either side says under TLS: which chain it is on, what it speaks, and a number that the other has
/// never seen, over which validators sign.
struct Hello: Equatable, Sendable {
    static let agentBytesMax = 64

    var chainID: ChainID
    /// The versions of the protocol that the sender speaks, both included.
    var versionLowest: UInt16
    var versionHighest: UInt16
    /// Fresh for each connection.
    var nonce: Digest
    /// The highest final block; a hint, nothing is believed because of it.
    var height: Height
    /// Where the sender wants to be dialled, if at all; as it says.
    var listenAddress: NetworkAddress?
    /// The sender's program and version: printable ASCII, for people.
    var agent: String

    /// Both sides come to the same answer.
    func version(with own: Hello) -> UInt16? {
        let version = min(versionHighest, own.versionHighest)
        return version >= max(versionLowest, own.versionLowest) ? version : nil
    }

    static func isAgent(_ text: String) -> Bool {
        text.utf8.count <= agentBytesMax && text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
    }
}

extension Hello: BCSCodable {
    func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        encoder.encode(chainID)
        encoder.encode(versionLowest)
        encoder.encode(versionHighest)
        encoder.encode(nonce)
        encoder.encode(height)
        encoder.encode(listenAddress)
        encoder.encode(agent)
    }

    init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        chainID = try decoder.decode(ChainID.self)
        versionLowest = try decoder.decode(UInt16.self)
        versionHighest = try decoder.decode(UInt16.self)
        guard versionLowest <= versionHighest else { throw decoder.refuse("the versions are in the wrong order") }
        nonce = try decoder.decode(Digest.self)
        height = try decoder.decode(Height.self)
        listenAddress = try decoder.decodeOption(NetworkAddress.self)
        agent = try decoder.decodeText(limit: Self.agentBytesMax)
        guard Self.isAgent(agent) else { throw decoder.refuse("the agent's text is not printable ASCII") }
    }
}
