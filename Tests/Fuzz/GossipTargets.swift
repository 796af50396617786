import Gossip
import Ledger
import Primitives

extension FuzzTargets {
    static let gossip: [FuzzTarget] = [
        .canonical("gossip-message", GossipMessage.self, samples: Talk.messages),
        .canonical("peer-address", PeerAddress.self, samples: [Talk.address]),
        .canonical("address-record", AddressRecord.self, samples: [AddressRecord(address: Talk.address, wasReached: true)]),
        // Whatever decodes is taken by a node that is connected to its sender, and costs it no more than the connection.
        FuzzTarget(name: "gossip-step", samples: Talk.messages.map(\.bcs)) { input in
            guard let message = try? GossipMessage(bcs: input) else { return nil }
            let node = Talk.node()
            var effects: [GossipEffect] = []
            node.step(.message(message, from: Link(1)), into: &effects)
            for _ in 0..<60 { node.step(.tick, into: &effects) }
            return effects.count > 2_000 ? "one message made \(effects.count) effects" : nil
        },
    ]

    private enum Talk {
        static let address = PeerAddress(key: Sample.fixed(1), host: NetworkAddress(ipv4: 9, 8, 7, 6), port: 26_656)
        static let messages: [GossipMessage] = [
            .transactions(TransactionBatch(relay: true, transactions: [Chain.signed, Chain.signed])), .announcement([Sample.fixed(1), Sample.fixed(2)]),
            .pull([Sample.fixed(3)]), .missing([Sample.fixed(3)]), .consensus(ConsensusEnvelope(relay: false, bytes: [1, 2, 3])),
            .status(ChainStatus(height: 9, oldestBlock: 1, snapshot: 5)), .blocksRequest(BlocksRequest(3...7) ?? { preconditionFailure("five blocks are few") }()),
            .blocks(BlocksAnswer(first: 3, blocks: [[1, 2], [3]])), .lightRequest(.boundaries(above: 4)), .lightRequest(.block(4)), .light([Chain.light]),
            .chunkRequest(ChunkRequest(height: 5, from: Sample.fixed(4))), .chunk(ChunkAnswer(request: ChunkRequest(height: 5, from: Sample.fixed(4)), chunk: [1, 2])),
            .chunk(ChunkAnswer(request: ChunkRequest(height: 5, from: Sample.fixed(4)), chunk: nil)), .addressesRequest, .addresses([address]),
        ]

        static func node() -> GossipNode {
            let configuration = GossipConfiguration(
                policy: PeerPolicy(ownKey: Sample.fixed(50)), ownValidator: Sample.fixed(51), validators: [Sample.fixed(51), Sample.fixed(52)], seed: 1,
                height: 0, trust: .hash(Sample.fixed(60), at: 0))
            let rules = TransactionRules(chainID: Chain.id, height: 1, parameters: NetworkParameters())
            let node = GossipNode(configuration, rules: rules) { _ in AccountState(nonce: 0, balance: Amount(1 << 60)) }
            var effects: [GossipEffect] = []
            let peer = ConnectedPeer(key: Sample.fixed(1), listensAt: address, host: address.host, isOutbound: true, validator: Sample.fixed(52))
            node.step(.connected(Link(1), peer), into: &effects)
            return node
        }
    }
}
