@testable import Execution
import Primitives
import Testing

/// Who votes next, against the words of the rule.
@Suite struct EpochTransitionTests {
    private func validator(_ number: UInt8, _ weight: UInt64) -> Validator {
        Validator(consensusKey: PublicKey([UInt8](repeating: number, count: 32))!, vrfKey: VRFPublicKey([UInt8](repeating: number, count: 32))!, weight: weight)
    }
    private func set(_ weights: [UInt64], epoch: UInt64) throws -> ValidatorSet {
        try ValidatorSet(epoch: Epoch(epoch), validators: weights.enumerated().map { validator(UInt8($0.offset + 1), $0.element) })
    }
    private func numbers(_ set: ValidatorSet?) -> [UInt8]? { set?.validators.map { $0.consensusKey.bytes[0] } }

    @Test func withoutADecisionTheSetGoesOn() throws {
        let current = try set([1, 2, 3], epoch: 4)
        let transition = EpochTransition(current: current, planned: current, schedule: nil)
        #expect(transition.next == (try set([1, 2, 3], epoch: 5)) && transition.following == nil)
    }

    @Test func aPlannedSetComesAndAChosenOneIsPlanned() throws {
        let schedule = ValidatorSchedule(candidates: [validator(7, 9), validator(1, 3)], removed: [])
        let transition = EpochTransition(current: try set([5, 5], epoch: 1), planned: try set([5, 5, 5], epoch: 2), schedule: schedule)
        #expect(numbers(transition.next) == [1, 2, 3] && numbers(transition.following) == [7, 1])
        #expect(transition.next.epoch == 2 && transition.following?.epoch == 3)
    }

    @Test func removalsOfUpToAThirdAreDone() throws {
        let planned = try set([10, 10, 10], epoch: 2)
        let out = ValidatorSchedule(candidates: [validator(1, 1), validator(3, 1)], removed: [validator(3, 1).consensusKey])
        let transition = EpochTransition(current: planned, planned: planned, schedule: out)
        #expect(numbers(transition.next) == [1, 2] && numbers(transition.following) == [1])
    }

    @Test func removalsOfMoreThanAThirdAreNot() throws {
        let planned = try set([10, 10, 11], epoch: 2)
        let out = ValidatorSchedule(candidates: [], removed: [validator(3, 1).consensusKey])
        let transition = EpochTransition(current: planned, planned: planned, schedule: out)
        #expect(numbers(transition.next) == [1, 2, 3])
        // An empty choice keeps the set, too.
        #expect(numbers(transition.following) == [1, 2, 3])
        // The set that ends can stand in when it loses less.
        let current = try set([100, 10, 10], epoch: 1)
        #expect(numbers(EpochTransition(current: current, planned: planned, schedule: out).next) == [1, 2])
    }

    @Test func aChoiceThatIsNoSetIsNotPlanned() throws {
        let current = try set([1], epoch: 0)
        for bad in [[validator(1, 0)], [validator(1, 1), validator(1, 1)], [validator(1, .max), validator(2, .max)]] {
            let transition = EpochTransition(current: current, planned: current, schedule: ValidatorSchedule(candidates: bad, removed: []))
            #expect(numbers(transition.following) == [1])
        }
    }
}
