import Gossip
import Ledger
import Primitives
import Testing

/// The bytes on the wire, written out: a change here is a change of the protocol.
struct WireTests {
    private static let hash = EnvelopeHash(Array(repeating: 0xab, count: 32))!
    private static let digest = Digest(Array(repeating: 0xcd, count: 32))!
    private static let address = PeerAddress(key: PublicKey(Array(repeating: 0x11, count: 32))!, host: NetworkAddress(ipv4: 9, 8, 7, 6), port: 0x1234)

    private static let ab = Array(repeating: UInt8(0xab), count: 32), cd = Array(repeating: UInt8(0xcd), count: 32)
    private static let golden: [(GossipMessage, [UInt8])] = [
        (.transactions(TransactionBatch(relay: true, transactions: [])), [0, 0, 1, 0]),
        (.announcement([hash]), [0, 1, 1] + ab),
        (.pull([hash, hash]), [0, 2, 2] + ab + ab),
        (.missing([]), [0, 3, 0]),
        (.consensus(ConsensusEnvelope(relay: false, bytes: [7, 8])), [0, 4, 0, 2, 7, 8]),
        (.status(ChainStatus(height: 1, oldestBlock: 2, snapshot: 0x0102)), [0, 5, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]),
        (.blocksRequest(BlocksRequest(3...6)!), [0, 6, 3, 0, 0, 0, 0, 0, 0, 0, 4]),
        (.blocks(BlocksAnswer(first: 3, blocks: [[9], []])), [0, 7, 3, 0, 0, 0, 0, 0, 0, 0, 2, 1, 9, 0]),
        (.lightRequest(.boundaries(above: 5)), [0, 8, 0, 5, 0, 0, 0, 0, 0, 0, 0]),
        (.lightRequest(.block(5)), [0, 8, 1, 5, 0, 0, 0, 0, 0, 0, 0]),
        (.light([]), [0, 9, 0]),
        (.chunkRequest(ChunkRequest(height: 6, from: digest)), [0, 10, 6, 0, 0, 0, 0, 0, 0, 0] + cd),
        (.chunk(ChunkAnswer(request: ChunkRequest(height: 6, from: digest), chunk: [1])), [0, 11, 6, 0, 0, 0, 0, 0, 0, 0] + cd + [1, 1, 1]),
        (.chunk(ChunkAnswer(request: ChunkRequest(height: 6, from: digest), chunk: nil)), [0, 11, 6, 0, 0, 0, 0, 0, 0, 0] + cd + [0]),
        (.addressesRequest, [0, 12]),
        (.addresses([address]), [0, 13, 1] + Array(repeating: 0x11, count: 32) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 9, 8, 7, 6, 0x34, 0x12]),
    ]

    @Test func messagesHaveTheseBytes() throws {
        for (message, bytes) in Self.golden {
            #expect(message.bcs == bytes, "\(message)")
            #expect(try GossipMessage(bcs: bytes) == message)
        }
        let signed = Fixture.transaction(sender: 1, nonce: 2)
        let batch = GossipMessage.transactions(TransactionBatch(relay: false, transactions: [signed]))
        #expect(batch.bcs == [0, 0, 0, 1] + signed.envelope)
        #expect(try GossipMessage(bcs: batch.bcs) == batch)
    }

    @Test func boundsAreTheDecoders() {
        func refuses(_ bytes: [UInt8]) -> Bool { (try? GossipMessage(bcs: bytes)) == nil }
        // One hash too many, requests for nothing and for too much, heights beyond the last, another version, an unknown case.
        #expect(refuses([0, 1] + [0x81, 0x08] + Array(repeating: 0, count: 1_025 * 32)))
        #expect(refuses([0, 2] + [0x81, 0x04] + Array(repeating: 0, count: 513 * 32)))
        #expect(refuses([0, 6, 3, 0, 0, 0, 0, 0, 0, 0, 0]) && refuses([0, 6, 3, 0, 0, 0, 0, 0, 0, 0, 17]))
        #expect(refuses([0, 6] + Array(repeating: 0xff, count: 8) + [2]) && refuses([0, 7] + Array(repeating: 0xff, count: 8) + [1, 0]))
        #expect(refuses([1, 12]) && refuses([0, 14]) && refuses([0, 12, 0]))
        #expect(BlocksRequest(1...17) == nil)
    }

    @Test func everyMessageFitsAFrame() {
        let block = [UInt8](repeating: 1, count: 1 << 20)
        let answer = BlocksAnswer(first: 1, blocks: Array(repeating: block, count: 9))
        #expect(answer.blocks.count == 3)
        #expect(GossipMessage.blocks(answer).bcs.count <= Limits.frameBytesMax)
        #expect(GossipLimits.batchBytesMax + Limits.transactionBytesMax + 16 <= Limits.frameBytesMax)
        #expect(GossipLimits.chunkBytesMax + 64 <= Limits.frameBytesMax && GossipLimits.consensusBytesMax + 16 <= Limits.frameBytesMax)
        // A largest block with a largest certificate is an answer of its own.
        #expect(Limits.blockBodyBytesMax + 4 * Limits.blockTransactionsMax + 66 * Limits.validatorsMax + 4_096 <= GossipLimits.blocksBytesMax)
        let classes = Set(Self.golden.map(\.0.messageClass))
        #expect(classes == Set(GossipMessage.Class.allCases))
    }
}
