import Execution
import Hummingbird
import Interface
import Ledger
import Primitives

/// What chain this is, how the node is, who is connected.
enum ChainRoutes {
    static let group = "Chain"

    static let all: [Route] = [
        Route("GET /v1/status", group, "How the node is, and what agreement waits for", answers: .resource(StatusResource.self)) { exchange in
            .json(StatusResource(await exchange.node.status, head: exchange.head, chainID: exchange.node.genesis.chainID))
        },
        Route("GET /v1/chain", group, "Which chain this is", answers: .resource(ChainResource.self)) { exchange in
            let charter = exchange.node.genesis.charter
            return .json(ChainResource(
                chainID: FixedHex(exchange.node.genesis.chainID), name: charter.chainName.text, network: NetworkWord(charter.network),
                addressPrefix: charter.network.addressPrefix, protocolVersion: exchange.head.header.draft.protocolVersion, genesisTime: TimeText(charter.time),
                decimals: UInt8(Amount.decimals), head: HeadResource(exchange.head)))
        },
        Route("GET /v1/chain/head", group, "The newest final block", answers: .resource(HeadResource.self)) { exchange in .json(HeadResource(exchange.head)) },
        Route("GET /v1/chain/genesis", group, "From what the chain began", answers: .resource(GenesisResource.self)) { exchange in
            let genesis = exchange.node.genesis
            let charter = genesis.charter
            return .json(GenesisResource(
                chainID: FixedHex(genesis.chainID), name: charter.chainName.text, network: NetworkWord(charter.network), time: TimeText(charter.time),
                protocolVersion: charter.protocolVersion, parameters: ParameterResource.all(charter.parameters),
                founders: genesis.validators.map {
                    FounderResource(account: AddressText($0.account, on: charter.network), validator: ValidatorResource($0.validator))
                },
                allocationCount: UInt64(genesis.allocations.count), allocated: AmountText(Amount.sum(genesis.allocations.lazy.map(\.balance)) ?? .supplyMax),
                stateRoot: FixedHex(genesis.stateRoot)))
        },
        Route(
            "GET /v1/chain/genesis/document", group, "The genesis document itself, from which anybody can begin to follow",
            answers: .other("application/octet-stream", "The document in BCS; its hash is the chain's identifier."), cost: 5
        ) { exchange in Reply(.ok, "application/octet-stream", .bytes(exchange.node.genesis.bcs)) },
        Route(
            "GET /v1/parameters", group, "The numbers that every node shares", keys: [.height], answers: .resource(ParametersResource.self),
            refuses: [.heightUnknown, .heightPruned]
        ) { exchange in
            let state = try await exchange.state()
            let parameters = try await exchange.backend.workers.read { try ChainRecords.parameters(in: state.reader) }
            return .json(
                ParametersResource(height: state.header.height.rawValue, parameters: ParameterResource.all(parameters)), at: Position(state))
        },
        Route("GET /v1/peers", group, "Everybody who is connected", answers: .resource(PeersResource.self)) { exchange in
            .json(PeersResource(peers: await exchange.node.peers.map { PeerResource($0) }))
        },
        Route(
            "GET /v1/validators", group, "Who votes", keys: [QueryKey("epoch", "Which epoch; that of the next block when absent.", .integer)],
            answers: .resource(ValidatorsResource.self), refuses: [.epochUnknown]
        ) { exchange in
            let epoch = try exchange.query.number(QueryKey("epoch", "", .integer)).map { Epoch($0) } ?? exchange.head.nextEpoch
            guard let set = try await exchange.node.validators(of: epoch) else {
                throw Problem(.epochUnknown, "The voters of epoch \(epoch) are not known.", at: "epoch")
            }
            return .json(ValidatorsResource(set))
        },
        Route(
            "GET /v1/beacon", group, "The random value of a block", keys: [.height], answers: .resource(BeaconResource.self),
            refuses: [.heightUnknown, .heightPruned]
        ) { exchange in
            let block = try await exchange.block(at: try exchange.query.height() ?? exchange.head.height)
            let draft = block.header.draft
            let proposer = try await exchange.node.validators(of: draft.epoch).flatMap { $0[draft.proposer] }
            return .json(
                BeaconResource(
                    height: draft.height.rawValue, beacon: FixedHex(draft.beacon), proposer: draft.proposer.rawValue,
                    vrfKey: proposer.map { FixedHex($0.vrfKey) }, vrfProof: FixedHex(draft.vrfProof)),
                at: Position(block))
        },
    ]
}
