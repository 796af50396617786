import ChainKit
@testable import Consensus
import Contracts
import Execution
import Ledger
@testable import Node
import Primitives
import Testing
import WorldState

/// Agreement over real execution: what the replica decides is what the executor did, on every node.
@Suite struct ChainNetworkTests {
    private let alice = Person(1), bob = Person(2)

    private func transfer(_ network: ChainNetwork, _ nonce: UInt64, _ amount: UInt128) -> SignedTransaction {
        Transaction(
            chainID: network.genesis.chainID, sender: alice.address, nonce: Nonce(nonce), validUntilHeight: 1_000, gasLimit: 1_000_000,
            gasPrice: Amount(1), calls: [Accounts.transfer.reference.call(on: .accounts, bob.address, value: Amount(amount))])!.signed(by: alice.key)!
    }

    private func parameters(_ change: (inout NetworkParameters) -> Void = { _ in }) -> NetworkParameters {
        var parameters = NetworkParameters()
        parameters.heartbeatMilliseconds = 200
        change(&parameters)
        return parameters
    }

    @Test func paymentsAreAgreedOnAndExecutedTheSame() throws {
        let network = try ChainNetwork(parameters: parameters(), people: [alice, bob])
        for nonce in 0..<12 {
            try network.submit(transfer(network, UInt64(nonce), 100))
            try network.pass(milliseconds: 30)
        }
        try network.pass(milliseconds: 500)
        let paid = TestChain.fortune.adding(Amount(1_200))!
        for member in network.members {
            #expect(member.alarms.isEmpty)
            #expect(try member.chain.account(bob.address)?.balance == paid)
            #expect(member.receipts.filter { if case .transaction = $0.origin { true } else { false } }.count == 12)
            #expect(member.chain.committed == network.members[0].chain.committed)
        }
        // Each header says what its state is, and a proof against it shows an account.
        let chain = network.members[2].chain
        #expect(chain.committed.result.stateRoot == chain.committedView.root)
        #expect(chain.committed.height > 5)
    }

    @Test func epochsPassFromExecutionToConsensus() throws {
        let network = try ChainNetwork(parameters: parameters { $0.epochHeights = 4 }, people: [alice, bob])
        for nonce in 0..<20 {
            try network.submit(transfer(network, UInt64(nonce), 1))
            try network.pass(milliseconds: 25)
        }
        try network.pass(milliseconds: 400)
        for member in network.members {
            #expect(member.alarms.isEmpty)
            let height = member.chain.committed.height.rawValue
            #expect(height >= 12 && member.replica.position.epoch.epoch.rawValue == height / 4)
            #expect(try ChainRecords.validatorSet(of: member.replica.position.epoch.epoch, in: member.chain.committedView)
                == member.replica.position.epoch.validators)
        }
    }

    @Test func threeOfFourGoOnAndTheFourthCatchesUp() throws {
        let network = try ChainNetwork(parameters: parameters { $0.epochHeights = 5 }, people: [alice, bob])
        network.members[1].isUp = false
        for nonce in 0..<6 {
            try network.submit(transfer(network, UInt64(nonce), 5))
            try network.pass(milliseconds: 700)
        }
        #expect(network.members[0].chain.committed.height >= 6)
        network.members[1].isUp = true
        try network.pass(milliseconds: 3_000)
        let heights = network.members.map { $0.chain.committed.height.rawValue }
        #expect(heights.max()! - heights.min()! <= 1, "\(heights)")
        for member in network.members {
            #expect(member.alarms.isEmpty)
            #expect(try member.chain.account(bob.address)?.balance == TestChain.fortune.adding(Amount(30)))
        }
    }

    /// A certified result that is not this node's own is a failure with both in it, and blocks are taken in order only.
    @Test func aResultThatDiffersIsNotDelivered() throws {
        let network = try ChainNetwork(parameters: parameters(), people: [alice, bob])
        network.members[3].isUp = false
        let payment = transfer(network, 0, 5)
        try network.submit(payment)
        try network.pass(milliseconds: 1_500)
        let blocks = network.members[0].blocks, behind = network.members[3].chain
        #expect(throws: ChainExecutor.Failure.outOfOrder(committed: 0, block: 2)) { try behind.deliver(blocks[1], bodies: []) }
        let holding = try #require(blocks.firstIndex { !$0.payload.isEmpty })
        for block in blocks[..<holding] { _ = try behind.deliver(block, bodies: []) }
        let block = blocks[holding], result = block.header.result
        let other = HeaderResult(
            stateRoot: .zero, receiptsRoot: result.receiptsRoot, eventsRoot: result.eventsRoot, gasUsed: result.gasUsed,
            nextValidatorsHash: result.nextValidatorsHash)
        let forged = CertifiedBlock(header: Header(draft: block.header.draft, result: other), certificate: block.certificate, payload: block.payload)
        #expect(throws: ChainExecutor.Failure.diverged(certified: other, own: result)) { try behind.deliver(forged, bodies: [payment]) }
        // The true one still goes, and leads to the same state.
        let delivered = try behind.deliver(block, bodies: [payment])
        #expect(delivered.receipts[0].outcome.failure == nil && behind.committed == block.header)
    }

    /// A draft that lost its view is taken back, and its effects with it; what is flushed is only what is final.
    @Test func aSpeculativeBlockLeavesNothingBehind() throws {
        let chain = TestChain([Accounts.self], people: [alice, bob])
        let executor = try ChainExecutor(genesis: chain.genesis, definitions: [Accounts.self], state: WorldState(opening: MemoryStore().snapshot()))
        func request(_ transactions: [SignedTransaction]) -> (ExecutionRequest, CertifiedBlock) {
            let draft = chain.draft(transactions)
            let payload = transactions.map { Digest($0.envelopeHash.bytes)! }
            let proposal = Proposal(draft: draft, payload: payload)
            let block = try! chain.executor.execute(draft, transactions, on: chain.state.view)
            _ = try! chain.state.apply(block.changes, height: draft.height)
            let header = Header(draft: draft, result: block.result(stateRoot: chain.state.root))
            let certificate = CommitCertificate(
                statement: CommitStatement(epoch: 0, height: draft.height, view: 0, draftDigest: draft.digest, headerHash: header.digest), signatures: [])!
            return (ExecutionRequest(draftDigest: draft.digest, proposal: proposal, endsEpoch: false), CertifiedBlock(header: header, certificate: certificate, payload: payload))
        }
        let lost = chain.transaction(alice, [Accounts.transfer.reference.call(on: .accounts, bob.address, value: Amount(7))])
        let draft = chain.draft([lost])
        _ = try executor.execute(
            ExecutionRequest(draftDigest: draft.digest, proposal: Proposal(draft: draft, payload: [Digest(lost.envelopeHash.bytes)!]), endsEpoch: false),
            bodies: [lost])
        #expect(try executor.beginFlush() == nil && executor.account(bob.address)?.balance == TestChain.fortune)
        let (empty, block) = request([])
        let executed = try executor.execute(empty, bodies: [])
        #expect(executed.result == block.header.result)
        _ = try executor.deliver(block, bodies: [])
        #expect(try executor.account(bob.address)?.balance == TestChain.fortune && executor.beginFlush() != nil)
    }
}
