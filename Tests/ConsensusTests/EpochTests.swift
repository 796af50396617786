@testable import Consensus
import Cryptography
import Primitives
import Testing

@Suite struct EpochTests {
    /// The chain begins with four validators; from epoch 1 on there are five.
    private func growing(epochBlocks: UInt64 = 3) -> Network {
        let network = Network(parameters: Fixture.parameters(epochBlocks: epochBlocks), observers: 1)
        network.nextEpoch = { position in
            NextEpoch(
                validators: Fixture.validators([1, 1, 1, 1, 1], epoch: position.epoch.epoch.successor),
                parameters: position.epoch.parameters)
        }
        return network
    }

    @Test func theBoundaryBlockCommitsTheNextSet() {
        let network = growing()
        network.start()
        for number in 1...4 { network.submit(number) }
        let blocks = network.nodes[0].blocks
        #expect(blocks.map { $0.header.draft.epoch } == [0, 0, 0, 1])
        #expect(blocks[1].header.result.nextValidatorsHash == blocks[1].header.draft.validatorsHash)
        #expect(blocks[2].header.result.nextValidatorsHash == blocks[3].header.draft.validatorsHash)
        #expect(blocks[2].header.result.nextValidatorsHash != blocks[2].header.draft.validatorsHash)
        #expect(blocks[2].certificate.signatures.allSatisfy { $0.signer < 4 })
    }

    @Test func aNewValidatorVotes() {
        let network = growing()
        network.start()
        for number in 1...5 { network.submit(number) }
        #expect(network.heights == [5, 5, 5, 5, 5])
        #expect(network.sent.contains { $0.from == 4 && $0.message.vote?.step == .commit })
        #expect(!network.sent.contains { $0.from == 4 && ($0.message.vote?.place.height ?? 9) <= 3 })
    }

    @Test func aValidatorThatLeavesFollowsOn() {
        let network = Network(parameters: Fixture.parameters(epochBlocks: 2))
        network.nextEpoch = { position in
            NextEpoch(
                validators: Fixture.validators([1, 1, 1], epoch: position.epoch.epoch.successor), parameters: position.epoch.parameters)
        }
        network.start()
        for number in 1...4 { network.submit(number) }
        #expect(network.heights == [4, 4, 4, 4])
        #expect(!network.sent.contains { $0.from == 3 && ($0.message.vote?.place.height ?? 0) > 2 })
    }

    /// The set grows while the first primary of the new epoch is down; a quorum of five is four.
    @Test func theSetGrowsWhileThePrimaryIsDown() {
        let network = growing()
        network.start()
        for number in 1...3 { network.submit(number) }
        let dead = network.primary()
        network.crash(dead)
        network.submit(4)
        network.pass(ticks: 60)
        let alive = network.nodes.indices.filter { $0 != dead }
        #expect(alive.allSatisfy { network.heights[$0] == 4 })
        network.restart(dead)
        network.submit(5)
        network.pass(ticks: 60)
        #expect(Set(network.heights) == [5])
        network.expectAgreement()
    }

    @Test func anEpochEndsByTime() {
        let epoch = EpochState(
            validators: Fixture.validators([1]), parameters: Fixture.parameters(epochBlocks: 100), startHeight: 10, startTime: 1_000,
            startBeacon: Beacon(), cryptography: TestCryptography(key: Fixture.key(0)))
        #expect(!epoch.ends(at: 109, time: 1_000_000_999))
        #expect(epoch.ends(at: 110, time: 2_000))
        #expect(epoch.ends(at: 11, time: 1_000_001_000))
    }

    /// A node that slept through two epochs learns each set from the boundary block that names it.
    @Test func catchUpCrossesBoundaries() {
        let network = growing()
        network.start()
        network.crash(1)
        for number in 1...9 {
            network.submit(number)
            network.pass(ticks: 25)
        }
        network.restart(1)
        network.pass(ticks: 60)
        #expect(Set(network.heights) == [9])
        #expect(network.nodes[1].replica.position == network.nodes[0].replica.position)
    }

    /// The primary of the boundary height proposes twice, to different halves. Nobody forks, and it is reported.
    @Test func anEquivocatingPrimaryAtAnEpochEdge() {
        let network = growing(epochBlocks: 1)
        network.start()
        let primary = network.primary()
        network.crash(primary)
        for (number, backup) in (0..<4).filter({ $0 != primary }).enumerated() {
            let proposal = Fixture.proposal(by: primary, at: network.genesis, payload: [Fixture.transaction(number % 2)])
            network.inject(Fixture.prePrepare(proposal, by: primary, at: network.genesis), to: backup, from: primary)
        }
        network.pass(ticks: 120)
        network.submit(7)
        network.pass(ticks: 120)
        network.expectAgreement(except: [primary])
        #expect(network.nodes.enumerated().allSatisfy { $0.offset == primary || $0.element.replica.position.height >= 2 })
    }
}
