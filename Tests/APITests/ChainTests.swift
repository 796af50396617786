import API
import ChainKit
import Contracts
import Cryptography
import Execution
import Foundation
import Interface
import Ledger
import Primitives
import Testing

extension TestNode {
    /// A payment in base units.
    func payment(_ from: Int, _ to: Int, _ units: UInt128) -> SignedTransaction {
        transaction(people[from], [Accounts.transfer.reference.call(on: .accounts, people[to].address, value: Amount(units))])
    }

    func text(_ person: Int) -> String { people[person].address.text(on: .development) }
}

@Suite struct ChainTests {
    @Test func whichChain() async throws {
        try await Served.run { api in
            api.node.advance(by: 2)
            let chain = try await api.get("/v1/chain").resource(ChainResource.self)
            #expect(chain.chainID.value == api.node.genesis.chainID)
            #expect(chain.network == .development && chain.addressPrefix == "ttrl" && chain.decimals == 6)
            #expect(chain.head.height == 2 && chain.head.hash.value == api.node.head.hash)
            #expect(try await api.get("/v1/chain/head").resource(HeadResource.self) == chain.head)

            let genesis = try await api.get("/v1/chain/genesis").resource(GenesisResource.self)
            #expect(genesis.founders.count == 4 && genesis.allocationCount == 4)
            #expect(genesis.allocated.value.units == 4_000_000 * Amount.unitsPerToken)
            let document = try await api.get("/v1/chain/genesis/document")
            #expect(try Genesis(bcs: document.body).chainID == chain.chainID.value)
            #expect(document.headers["content-type"] == "application/octet-stream")
        }
    }

    @Test func statusAndReadiness() async throws {
        try await Served.run { api in
            let status = try await api.get("/v1/status").resource(StatusResource.self)
            #expect(status.isReady && status.role == .validator && status.head.height == 0)
            #expect(status.consensus.missing == [1] && status.consensus.awaiting == "proposal" && status.consensus.refusal == "untimely(millisecondsLate: 7)")
            #expect(status.consensus.validators.map(\.isMissing) == [false, true, false, false])
            #expect(try await api.get("/livez").status == 200)
            #expect(try await api.get("/healthz").status == 200)
            #expect(try await api.get("/readyz").status == 200)
            api.node.obstacles = [NodeStatus.Obstacle(code: "sync.behind", text: "Nine blocks behind.")]
            let ready = try await api.get("/readyz")
            #expect(ready.status == 503)
            #expect(try ready.resource(ReadinessResource.self).obstacles == [ObstacleResource(code: "sync.behind", text: "Nine blocks behind.")])
            #expect(try await api.get("/livez").status == 200)
        }
    }

    @Test func everyAnswerTellsItsBlock() async throws {
        try await Served.run { api in
            api.node.advance(by: 5)
            api.node.prune(below: 2)
            for target in ["/v1/status", "/v1/nothing", "/livez", "/openapi.json"] {
                let answer = try await api.get(target)
                #expect(answer.headers["x-chain-id"] == "0x" + api.node.genesis.chainID.hex, "\(target)")
                #expect(answer.headers["x-height"] == "5")
                #expect(answer.headers["x-block-hash"] == "0x" + api.node.head.hash.hex)
                #expect(answer.headers["x-oldest-height"] == "2")
                #expect(answer.headers["x-content-type-options"] == "nosniff")
            }
            let old = try await api.get("/v1/parameters?height=3")
            #expect(old.headers["x-height"] == "3")
            let hash = try #require(try await api.node.block(at: 3)?.hash)
            #expect(old.headers["x-block-hash"] == "0x" + hash.hex)
        }
    }

    @Test func parametersValidatorsBeaconPeers() async throws {
        try await Served.run { api in
            api.node.advance(by: 3)
            let parameters = try await api.get("/v1/parameters").resource(ParametersResource.self)
            #expect(parameters.parameters.count == NetworkParameters.fields.count)
            #expect(parameters.parameters.first { $0.name == "proofWindow" }?.value.text == "64")
            let validators = try await api.get("/v1/validators").resource(ValidatorsResource.self)
            #expect(validators.validators.count == 4 && validators.totalWeight.text == "40000")
            #expect(validators.hash.value == api.node.head.header.draft.validatorsHash)
            #expect(try await api.get("/v1/validators?epoch=0").resource(ValidatorsResource.self) == validators)
            #expect(try await api.get("/v1/validators?epoch=77").problem.code == "epoch.unknown")
            let beacon = try await api.get("/v1/beacon?height=2").resource(BeaconResource.self)
            let draft = try #require(try await api.node.block(at: 2)).header.draft
            #expect(beacon.beacon.value == draft.beacon && beacon.vrfProof.value == draft.vrfProof)
            #expect(beacon.vrfKey?.value == api.node.founders[Int(draft.proposer.rawValue)].vrf.publicKey)
            let peers = try await api.get("/v1/peers").resource(PeersResource.self).peers
            #expect(peers.count == 1 && peers[0].agent == "test \"quoted\"" && peers[0].listenAddress == nil)
        }
    }

    @Test func metrics() async throws {
        try await Served.run { api in
            _ = try await api.get("/v1/chain")
            _ = try await api.get("/v1/nothing/at/all")
            let answer = try await api.get("/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = answer.text.split(separator: "\n").map(String.init)
            #expect(lines.contains("# HELP trellis_height The newest block.\\nOf all."))
            #expect(lines.contains("trellis_height 0"))
            #expect(lines.contains(#"trellis_peers{name="a\"b\\c\nd"} NaN"#))
            #expect(lines.contains(#"trellis_api_requests_total{method="GET",route="/v1/chain",status="200"} 1"#))
            #expect(lines.contains(#"trellis_api_requests_total{method="GET",route="",status="404"} 1"#))
        }
    }
}
