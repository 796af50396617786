@testable import Consensus
import Primitives
import Testing

@Suite struct RotationTests {
    private func rotation(_ weights: [UInt64]) -> (Rotation, EpochState) {
        let epoch = Fixture.genesis(Fixture.validators(weights), Fixture.parameters()).epoch
        return (Rotation(validators: epoch.validators, order: epoch.order), epoch)
    }

    @Test func equalsTakeTurns() {
        let (rotation, epoch) = rotation([5, 5, 5, 5])
        #expect(Array(rotation.cycle.prefix(4)) == epoch.order)
        #expect(rotation.cycle.count % 4 == 0)
        for start in stride(from: 0, to: rotation.cycle.count, by: 4) {
            #expect(Array(rotation.cycle[start..<start + 4]) == epoch.order)
        }
    }

    /// Slots in proportion to the weights, to within one slot, and spread: the largest never takes three in a row here.
    @Test func slotsFollowTheStake() {
        let (rotation, _) = rotation([6, 3, 2, 1])
        #expect(rotation.cycle.count == 16 - 1 || rotation.cycle.count == 16 - 2 || rotation.cycle.count == 16)
        let counts = (0..<4).map { index in rotation.cycle.count { Int($0.rawValue) == index } }
        #expect(counts == [8, 4, 2, 1])
        for (a, b, c) in zip(zip(rotation.cycle, rotation.cycle.dropFirst()), rotation.cycle.dropFirst(2)).map({ ($0.0, $0.1, $1) }) {
            #expect(!(a == b && b == c))
        }
    }

    @Test func theSmallestStakeStillHasATurn() {
        let (rotation, _) = rotation([1 << 50, 1, 1 << 40])
        #expect(Set(rotation.cycle.map(\.rawValue)) == [0, 1, 2])
    }

    @Test func everyViewOfAHeightHasAnotherPrimary() {
        let (rotation, _) = rotation([6, 3, 2, 1])
        for height in 1...20 {
            let primaries = rotation.primaries(at: Height(UInt64(height)), epochStart: 0, skipping: SkipList())
            #expect(Set(primaries).count == 4 && primaries.count == 4)
            #expect(primaries[0] == rotation.cycle[(height - 1) % rotation.cycle.count])
        }
    }

    @Test func lostTurnsDoubleTheSkip() {
        let validators = Fixture.validators(Array(repeating: 1, count: 10))
        var skips = SkipList()
        let lazy = ValidatorIndex(3)
        var height: Height = 10
        for lost in 1...10 {
            skips.committed(height: height, losers: [lazy], proposer: 0, in: validators)
            let length = UInt64(1) << UInt64(min(lost, 8))
            #expect(!skips.isSkipped(lazy, at: height))
            #expect(skips.isSkipped(lazy, at: height.successor))
            #expect(skips.isSkipped(lazy, at: Height(height.rawValue + length)))
            #expect(!skips.isSkipped(lazy, at: Height(height.rawValue + length + 1)))
            height = Height(height.rawValue + length + 1)
        }
        // Making a block ends the row.
        skips.committed(height: height, losers: [], proposer: lazy, in: validators)
        skips.committed(height: height.successor, losers: [lazy], proposer: 0, in: validators)
        #expect(!skips.isSkipped(lazy, at: Height(height.rawValue + 4)))
    }

    @Test func atMostAThirdIsSkippedAndTheOldestReturnsFirst() {
        let validators = Fixture.validators(Array(repeating: 1, count: 9))
        var skips = SkipList()
        func skipped(at height: Height) -> [UInt16] {
            (0..<9).filter { skips.isSkipped(ValidatorIndex($0), at: height) }
        }
        // A long row first, so that its skip would outlast the others.
        for height in 1...5 { skips.committed(height: Height(UInt64(height)), losers: [1], proposer: 0, in: validators) }
        skips.committed(height: 6, losers: [2], proposer: 0, in: validators)
        skips.committed(height: 7, losers: [3], proposer: 0, in: validators)
        #expect(skipped(at: 8) == [1, 2, 3])
        skips.committed(height: 7, losers: [4], proposer: 0, in: validators)
        #expect(skipped(at: 8) == [2, 3, 4])
        skips.committed(height: 7, losers: [5, 6, 7, 8], proposer: 0, in: validators)
        #expect(skipped(at: 8).count == 3)
    }

    @Test func aHeavyValidatorIsNeverSkipped() {
        let validators = Fixture.validators([5, 1, 1, 1])
        var skips = SkipList()
        skips.committed(height: 1, losers: [0, 1], proposer: 2, in: validators)
        #expect(!skips.isSkipped(0, at: 2))
    }

    /// Over a run with a dead validator its turns become rare: without skips it would cost a view change every fourth block.
    @Test func aDeadPrimaryIsSkipped() {
        let network = Network(weights: Array(repeating: 1, count: 7))
        network.start()
        network.crash(3)
        for number in 1...28 {
            network.submit(number)
            network.pass(ticks: 15)
        }
        let blocks = network.nodes[0].blocks
        #expect(blocks.count >= 25)
        let changes = blocks.count { $0.header.draft.originView > 0 }
        #expect(changes >= 1 && changes <= 3)
        #expect(network.nodes.enumerated().allSatisfy { $0.offset == 3 || $0.element.replica.position.skips == network.nodes[0].replica.position.skips })
    }
}
