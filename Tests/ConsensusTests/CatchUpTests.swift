@testable import Consensus
import Cryptography
import Primitives
import Testing

@Suite struct CatchUpTests {
    /// A network in which node 3 slept while the others committed `blocks` blocks.
    private func sleeper(_ blocks: Int) -> Network {
        let network = Network()
        network.start()
        network.crash(3)
        for number in 1...blocks {
            network.submit(number)
            network.pass(ticks: 15)
        }
        #expect(network.heights[0] == UInt64(blocks))
        return network
    }

    @Test func aSleeperCatchesUp() {
        let network = sleeper(20)
        network.restart(3)
        network.pass(ticks: 30)
        #expect(network.heights == [20, 20, 20, 20])
        #expect(network.requests.allSatisfy {
            $0.heights.upperBound.rawValue - $0.heights.lowerBound.rawValue < UInt64(ConsensusLimits.blocksPerRequestMax)
        })
        network.submit(21)
        network.pass(ticks: 30)
        #expect(network.heights == [21, 21, 21, 21])
    }

    /// A peer that claims to be far ahead is asked once per deadline and believed never: the chain is committed meanwhile.
    @Test func aPeerThatLiesAboutItsHeightCostsADeadline() {
        let network = sleeper(10)
        network.restart(3)
        let liar = Peer(77)
        for _ in 0..<8 {
            network.input(3, .peerHeight(liar, Height(.max)))
            network.pass(ticks: 10)
        }
        #expect(network.heights == [10, 10, 10, 10])
        network.submit(11)
        network.pass(ticks: 20)
        #expect(network.heights == [11, 11, 11, 11], "hints stop nobody from voting")
    }

    /// A claim alone keeps nobody from changing the view of a dead primary.
    @Test func aLieDoesNotStopTimers() {
        let network = Network()
        network.start()
        let dead = network.primary()
        network.crash(dead)
        network.pending = [Fixture.transaction(1)]
        for _ in 0..<60 {
            for node in 0..<4 {
                network.input(node, .peerHeight(Peer(77), Height(1_000)))
                network.input(node, .work(hasExecutable: network.hasExecutable(node)))
            }
            network.pass(ticks: 1)
        }
        #expect(network.heights[(dead + 1) % 4] >= 1)
    }

    @Test func aSilentPeerIsPassedOver() {
        let network = sleeper(6)
        network.withholdsBlocks = [0, 1]
        network.restart(3)
        network.pass(ticks: 60)
        #expect(network.heights == [6, 6, 6, 6])
    }

    /// A peer that sends the same block of no use again and again, so that its deadline never comes, is passed over all the same.
    @Test func aPeerThatPlaysForTimeIsPassedOver() throws {
        let network = sleeper(20)
        network.withholdsBlocks = [0]
        let checker = TestChecker(chainID: Fixture.chainID, sets: network.genesis.validatorSets)
        let useless = try network.nodes[0].blocks[4].authenticated(by: checker)
        network.restart(3)
        for _ in 0..<60 {
            network.input(3, .block(useless, from: Peer(0)))
            network.pass(ticks: 1)
        }
        #expect(network.requests.first { $0.by == 3 }?.of == Peer(0))
        #expect(network.heights == [20, 20, 20, 20])
    }

    @Test func blocksInAnyOrderAreKeptWithinBounds() throws {
        let network = sleeper(8)
        network.withholdsBlocks = [0, 1, 2]
        network.restart(3)
        let checker = TestChecker(chainID: Fixture.chainID, sets: network.genesis.validatorSets)
        for block in network.nodes[0].blocks.reversed() {
            #expect(network.heights[3] == 0)
            network.input(3, .block(try block.authenticated(by: checker), from: Peer(0)))
        }
        #expect(network.heights[3] == 8)

        var catchUp = CatchUp()
        let block = try network.nodes[0].blocks[7].authenticated(by: checker)
        let isKept = [catchUp.keep(block, above: 8), catchUp.keep(block, above: 3), catchUp.keep(block, above: 3)]
        #expect(isKept == [false, true, false])
        #expect(catchUp.hasBlocks)
        #expect(catchUp.reach(from: 7) == 8 && catchUp.reach(from: 3) == 3)
    }

    @Test func notesOnPeersAreBounded() {
        var catchUp = CatchUp()
        for number in 0..<(3 * ConsensusLimits.peersMax) { catchUp.hint(Peer(UInt64(number)), height: Height(UInt64(number))) }
        #expect(catchUp.highestHint == Height(UInt64(3 * ConsensusLimits.peersMax - 1)))
        // The peers with the highest claims stayed; one of them is asked.
        let request = catchUp.ask(from: Height(UInt64(3 * ConsensusLimits.peersMax - 1)), at: 0, deadlineTicks: 5)
        #expect(request?.peer == Peer(UInt64(3 * ConsensusLimits.peersMax - 1)))
    }

    @Test func theNextHeightsMessagesAreBoundedPerSigner() {
        var buffer = NextHeightBuffer(validatorCount: 4)
        for view in 0..<100 {
            let statement = PrepareStatement(epoch: 0, height: 2, view: View(UInt64(view)), draftDigest: .zero)
            buffer.keep(
                NextHeightBuffer.Entry(message: .prepare(Fixture.vote(1, statement)), peer: nil, arrival: 0), unbounded: false)
        }
        let statement = PrepareStatement(epoch: 0, height: 2, view: 0, draftDigest: .zero)
        buffer.keep(NextHeightBuffer.Entry(message: .prepare(Fixture.vote(2, statement)), peer: nil, arrival: 0), unbounded: false)
        #expect(buffer.count == ConsensusLimits.nextHeightMessagesPerSignerMax + 1)
        #expect(buffer.takeAll(validatorCount: 4).last?.message.signer == 2)
        #expect(buffer.count == 0)
    }

    /// Neither copies of one message nor what a voter of the epoch before says takes a place in the buffer of the next height.
    @Test func theNextHeightsPlacesAreForItsVoters() {
        let network = Network(parameters: Fixture.parameters(epochBlocks: 2), observers: 4)
        network.nextEpoch = { position in
            NextEpoch(
                validators: Fixture.validators([1, 1, 1, 1], epoch: position.epoch.epoch.successor, firstKey: 4),
                parameters: position.epoch.parameters)
        }
        network.start()
        network.submit(1)
        network.submit(2)
        let position = network.nodes[4].replica.position
        #expect(position.epoch.epoch == 1 && position.height == 2)
        network.loses = { $0.to != 4 }
        for view in 0..<UInt64(10) {
            let old = PrepareStatement(epoch: 0, height: 4, view: View(view), draftDigest: .zero)
            network.inject(.prepare(Fixture.vote(1, old)), to: 4, from: 1)
        }
        #expect(network.nodes[4].replica.nextHeight.count == 0)
        let next = PrepareStatement(epoch: 1, height: 4, view: 0, draftDigest: .zero)
        let bytes = SigningDomain.prepare.signedBytes(next, chainID: Fixture.chainID)
        let vote = Vote(signer: 1, statement: next, signature: TestCryptography.signature(bytes, by: Fixture.key(5)))
        for _ in 0..<3 { network.inject(.prepare(vote), to: 4, from: 1) }
        #expect(network.nodes[4].replica.nextHeight.count == 1)
    }

    /// A block whose header is not the one the certificate names is not taken, and its sender is asked last from then on.
    @Test func aBlockMustBeThatOfItsCertificate() throws {
        let network = sleeper(2)
        network.withholdsBlocks = [0, 1, 2]
        network.restart(3)
        let checker = TestChecker(chainID: Fixture.chainID, sets: network.genesis.validatorSets)
        let (first, second) = (network.nodes[0].blocks[0], network.nodes[0].blocks[1])
        for wrong in [
            CertifiedBlock(header: second.header, certificate: first.certificate, payload: second.payload),
            CertifiedBlock(header: first.header, certificate: first.certificate, payload: second.payload),
        ] {
            network.input(3, .block(try wrong.authenticated(by: checker), from: Peer(0)))
        }
        #expect(network.nodes[3].replica.round.decision == nil && !network.nodes[3].replica.catchUp.hasBlocks)
    }

    /// A partition from the first moment: two and two. Nothing is decided until it heals, then everything is.
    @Test func aPartitionAtTheStartHeals() {
        let network = Network()
        network.loses = { ($0.from < 2) != ($0.to < 2) }
        network.start()
        network.submit(1, 2)
        network.pass(ticks: 150)
        #expect(network.heights == [0, 0, 0, 0])
        network.loses = { _ in false }
        network.pass(ticks: 200)
        #expect(Set(network.heights).count == 1 && network.heights[0] >= 1)
        #expect(network.nodes.allSatisfy { Set($0.blocks.flatMap(\.payload)) == Set(network.pending) })
        network.expectAgreement()
    }

    /// A node that has just caught up starts its patience anew and sends no view change, although there was work all along.
    @Test func noPrematureTimerAfterResync() {
        let network = sleeper(12)
        network.pending.append(Fixture.transaction(99))
        network.nodes[3].hasWork = true
        for node in 0..<3 { network.nodes[node].hasWork = false }
        let before = network.sent.count
        network.restart(3)
        network.pass(ticks: 9)
        #expect(network.heights[3] == 12)
        #expect(!network.sent[before...].contains { $0.from == 3 && $0.message.vote?.step == .viewChange })
    }
}
