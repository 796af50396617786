public import Ledger
public import Primitives

/// The version tag, then the case.
extension GossipMessage: BCSCodable {
    private static let cases = 14

    public func encode(into encoder: inout BCSEncoder) {
        encoder.encodeVariant(0)
        switch self {
        case .transactions(let batch): tagged(0, batch, &encoder)
        case .announcement(let hashes): list(1, hashes, &encoder)
        case .pull(let hashes): list(2, hashes, &encoder)
        case .missing(let hashes): list(3, hashes, &encoder)
        case .consensus(let envelope): tagged(4, envelope, &encoder)
        case .status(let status): tagged(5, status, &encoder)
        case .blocksRequest(let request): tagged(6, request, &encoder)
        case .blocks(let answer): tagged(7, answer, &encoder)
        case .lightRequest(let request): tagged(8, request, &encoder)
        case .light(let blocks): list(9, blocks, &encoder)
        case .chunkRequest(let request): tagged(10, request, &encoder)
        case .chunk(let answer): tagged(11, answer, &encoder)
        case .addressesRequest: encoder.encodeVariant(12)
        case .addresses(let addresses): list(13, addresses, &encoder)
        }
    }

    private func tagged(_ tag: Int, _ value: some BCSCodable, _ encoder: inout BCSEncoder) {
        encoder.encodeVariant(tag)
        encoder.encode(value)
    }

    private func list<Element: BCSCodable>(_ tag: Int, _ values: [Element], _ encoder: inout BCSEncoder) {
        encoder.encodeVariant(tag)
        encoder.encode(values)
    }

    public init(from decoder: inout BCSDecoder) throws(BCSError) {
        _ = try decoder.decodeVariant(count: 1)
        switch try decoder.decodeVariant(count: Self.cases) {
        case 0: self = .transactions(try decoder.decode(TransactionBatch.self))
        case 1: self = .announcement(try decoder.decodeSequence(of: EnvelopeHash.self, limit: GossipLimits.announcementMax))
        case 2: self = .pull(try decoder.decodeSequence(of: EnvelopeHash.self, limit: GossipLimits.pullMax))
        case 3: self = .missing(try decoder.decodeSequence(of: EnvelopeHash.self, limit: GossipLimits.pullMax))
        case 4: self = .consensus(try decoder.decode(ConsensusEnvelope.self))
        case 5: self = .status(try decoder.decode(ChainStatus.self))
        case 6: self = .blocksRequest(try decoder.decode(BlocksRequest.self))
        case 7: self = .blocks(try decoder.decode(BlocksAnswer.self))
        case 8: self = .lightRequest(try decoder.decode(LightRequest.self))
        case 9: self = .light(try decoder.decodeSequence(of: LightBlock.self, limit: GossipLimits.lightBlocksMax))
        case 10: self = .chunkRequest(try decoder.decode(ChunkRequest.self))
        case 11: self = .chunk(try decoder.decode(ChunkAnswer.self))
        case 12: self = .addressesRequest
        default: self = .addresses(try decoder.decodeSequence(of: PeerAddress.self, limit: GossipLimits.addressesMax))
        }
    }
}

extension EnvelopeHash {
    /// The hash as a proposal names it.
    public init(payload: Digest) {
        self.init()
        words = payload.words
    }

    public var digest: Digest {
        var digest = Digest()
        digest.words = words
        return digest
    }
}
