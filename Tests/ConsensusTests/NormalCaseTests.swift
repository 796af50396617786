@testable import Consensus
import Primitives
import Testing

@Suite struct NormalCaseTests {
    @Test func aTransactionIsCommittedByAll() {
        let network = Network()
        network.start()
        #expect(network.heights == [0, 0, 0, 0])
        network.submit(1)
        #expect(network.heights == [1, 1, 1, 1])
        #expect(network.nodes[0].blocks[0].payload == [Fixture.transaction(1)])
        network.submit(2, 3)
        #expect(network.heights == [2, 2, 2, 2])
        network.expectAgreement()
    }

    @Test func aSingleValidatorDecidesAlone() {
        let network = Network(weights: [5])
        network.start()
        network.submit(1)
        #expect(network.heights == [1])
    }

    @Test func primariesTakeTurns() {
        let network = Network()
        network.start()
        for number in 1...8 { network.submit(number) }
        let proposers = network.nodes[0].blocks.map { $0.header.draft.proposer.rawValue }
        #expect(Set(proposers[0..<4]) == [0, 1, 2, 3])
        #expect(Array(proposers[0..<4]) == Array(proposers[4..<8]))
    }

    @Test func threeOfFourSuffice() {
        let network = Network()
        network.start()
        let idle = (0..<4).first { $0 != network.primary() }!
        network.crash(idle)
        network.submit(1)
        #expect(network.heights.enumerated().allSatisfy { $0.offset == idle || $0.element == 1 })
    }

    /// Weights 3, 3, 3, 1: a quorum is more than 20/3, so the three large ones need no fourth and two of them need more than the small one.
    @Test func weightsCountNotHeads() {
        let network = Network(weights: [3, 3, 3, 1])
        network.start()
        network.crash(3)
        network.submit(1)
        network.pass(ticks: 60)
        #expect(network.heights[0] == 1)
        network.crash(2)
        network.submit(2)
        network.pass(ticks: 200)
        #expect(network.heights[0] == 1)
    }

    @Test func noWorkMeansNoBlocksAndNoTimers() {
        let network = Network()
        network.start()
        network.pass(ticks: 500)
        #expect(network.heights == [0, 0, 0, 0])
        #expect(network.nodes.allSatisfy { $0.replica.view == 0 && !$0.replica.timer.isRunning })
        #expect(network.nodes[0].replica.report.awaiting == .work)
    }

    @Test func anIdleChainMakesHeartbeats() {
        let network = Network(parameters: Fixture.parameters(heartbeat: 5_000))
        network.start()
        network.pass(ticks: 170, milliseconds: 100)
        #expect(network.heights == [3, 3, 3, 3])
        #expect(network.nodes[0].blocks.allSatisfy { $0.payload.isEmpty })
    }

    @Test func anObserverFollowsAndNeverSigns() {
        let network = Network(observers: 1)
        network.start()
        network.submit(1)
        network.submit(2)
        #expect(network.heights == [2, 2, 2, 2, 2])
        #expect(!network.sent.contains { $0.from == 4 })
    }

    /// Nothing leaves a node before its record is durable, and effects of one step come in order.
    @Test func nothingIsSentBeforeItIsDurable() {
        let network = Network()
        network.start()
        let backup = (0..<4).first { $0 != network.primary() }!
        network.nodes[backup].stalled = []
        network.submit(1)
        #expect(!network.sent.contains { $0.from == backup && $0.message.vote != nil })
        #expect(network.nodes[backup].blocks.isEmpty)
        network.unstall(backup)
        network.pass(ticks: 20)
        #expect(network.heights == [1, 1, 1, 1])
        #expect(network.nodes[backup].blocks.count == 1)
    }

    /// Behind a block of n < 512 transactions others gather for n/512 of the block interval, and behind a larger one for all of it.
    @Test(arguments: [(0, 1), (1, 2), (16, 32), (511, 1_022), (512, 1_024), (5_000, 1_024)] as [(Int, UInt64)])
    func transactionsGatherLongerBehindALargerBlock(_ count: Int, _ pause: UInt64) {
        let whole = Fixture.parameters()
        let parameters = ConsensusParameters(
            protocolVersion: whole.protocolVersion, epochBlocks: whole.epochBlocks, epochMilliseconds: whole.epochMilliseconds,
            heartbeatMilliseconds: whole.heartbeatMilliseconds, blockIntervalMilliseconds: 1_024, precisionMilliseconds: whole.precisionMilliseconds,
            messageDelayMilliseconds: whole.messageDelayMilliseconds, evidenceMilliseconds: whole.evidenceMilliseconds)
        func asks(after milliseconds: UInt64) -> Bool {
            var replica = Network(weights: [5]).replica(0, state: ReplicaState(position: Fixture.genesis(Fixture.validators([5]), parameters)))
            replica.newestCount = count
            var effects: [Effect] = []
            replica.step(.start(.journalIntact, now: Timestamp(Fixture.genesisTime.rawValue + milliseconds)), into: &effects)
            replica.step(.work(hasExecutable: true), into: &effects)
            return effects.contains { if case .build = $0 { true } else { false } }
        }
        #expect(!asks(after: pause - 1) && asks(after: pause))
    }

    @Test func aReplicaKnowsHowLargeTheNewestBlockIs() {
        let network = Network()
        network.start()
        network.submit(1)
        network.pass(ticks: 5)
        #expect(network.heights == [1, 1, 1, 1] && network.nodes.allSatisfy { $0.replica.newestCount == 1 })
    }

    @Test func effectsComeInOrder() throws {
        var replica = Network(weights: [5]).replica(0, state: ReplicaState(position: Fixture.genesis(Fixture.validators([5]), Fixture.parameters())))
        var effects: [Effect] = []
        replica.step(.start(.journalIntact, now: 1_000_500), into: &effects)
        replica.step(.work(hasExecutable: true), into: &effects)
        let requests = effects.compactMap { effect in if case .build(let request) = effect { request } else { nil } }
        let request = try #require(requests.first)
        for input: Input in [
            .proposalBuilt(BuiltProposal(
                height: 1, view: 0, payload: [], vrfProof: VRFProof(), beacon: Fixture.beacon(after: request.parentBeacon), now: 1_000_600)),
            .persisted(through: 1), .persisted(through: 2),
        ] {
            effects = []
            replica.step(input, into: &effects)
            #expect(effects.map(\.phase) == effects.map(\.phase).sorted())
            #expect(!effects.isEmpty)
        }
    }

    @Test func theStepIsAFunctionOfItsInputs() {
        func trace() -> [[UInt8]] {
            let network = Network()
            network.start()
            for number in 1...3 { network.submit(number) }
            network.crash(1)
            network.submit(4)
            network.pass(ticks: 40)
            return network.sent.map { $0.message.bcs }
        }
        #expect(trace() == trace())
    }
}
